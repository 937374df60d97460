"""What goes wrong inside a stream: the video goes on, the person is told, and the log says it once."""

import logging
from pathlib import Path

import numpy as np
import pytest
from av import VideoFrame

from benchmarks.footage import stamped
from signcore.dashboard.camera import CameraProcessor
from signcore.dashboard.live_recorder import LiveRecorder
from signcore.errors import LandmarkError
from signcore.features import FloatArray
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer, Snapshot
from signcore.settings import Settings
from signcore.store import Store
from tests.robustness.stream import film
from tests.videos import write_video


class Failing(SequencePredictor):
    """The shipped model, until it is told to fail."""

    fails = False

    def predict_batch(self, windows: FloatArray) -> FloatArray:
        if self.fails:
            raise RuntimeError("the model broke")
        return super().predict_batch(windows)


def feed(processor: CameraProcessor, frames: list[VideoFrame], first: int, last: int, fps: float = 30.0) -> None:
    for number in range(first, last):
        answer = processor.recv(stamped(frames[number % len(frames)], number / fps))
        assert (answer.width, answer.height) == (frames[0].width, frames[0].height)


def test_a_model_that_fails_is_told_and_forgiven(
    media_dir: Path, hand_model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    frames, predictor = film(media_dir / "B.mp4", last=40), Failing()
    processor = CameraProcessor(Recognizer(predictor, Settings(hand_model=hand_model)), mirrored=True, sends_back=True)
    with caplog.at_level(logging.ERROR):
        predictor.fails = True
        feed(processor, frames, 0, 90)
    assert processor.problem == "This picture could not be read."
    assert len(caplog.records) == 1
    predictor.fails = False
    feed(processor, frames, 90, 130)
    assert processor.problem is None
    processor.on_ended()


@pytest.mark.parametrize("error", [RuntimeError("odd"), LandmarkError("expected, found"), OSError(28, "No space left")])
def test_whoever_listens_may_fail(
    media_dir: Path, hand_model: Path, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def listener(_: Snapshot) -> None:
        raise error

    recognizer = Recognizer(SequencePredictor(), Settings(hand_model=hand_model))
    processor = CameraProcessor(recognizer, mirrored=False, sends_back=True, on_snapshot=listener)
    with caplog.at_level(logging.ERROR):
        feed(processor, film(media_dir / "V.mp4", last=40), 0, 60)
    assert len(caplog.records) == 1
    assert processor.problem
    assert recognizer.snapshot.letter == "V", "reading itself goes on"
    processor.on_ended()


@pytest.mark.parametrize("damage", ["gone", "overwritten"])
def test_the_database_may_go_while_somebody_records(
    media_dir: Path, hand_model: Path, tmp_path: Path, damage: str
) -> None:
    settings = Settings(hand_model=hand_model, data_dir=tmp_path)
    recognizer = Recognizer(SequencePredictor(), settings)
    recorder = LiveRecorder(recognizer)
    processor = CameraProcessor(recognizer, mirrored=True, sends_back=True, on_snapshot=recorder.add)
    frames = film(media_dir / "Y.mp4", last=40)
    store = Store.open(settings)
    recorder.begin(store, "Ada", settings)
    feed(processor, frames, 0, 45)
    for path in tmp_path.glob("*.sqlite*"):
        if damage == "gone":
            path.unlink()
        else:
            path.write_bytes(b"no database")
    feed(processor, frames, 45, 75)
    recorder.end()
    store.close()
    assert processor.problem is None
    assert recognizer.snapshot.letter == "Y"
    assert recorder.said
    processor.on_ended()


@pytest.mark.parametrize("fps", [5.0, 10.0, 24.0, 60.0])
def test_any_frame_rate_reads_the_same_letter(
    predictor: SequencePredictor, media_dir: Path, hand_model: Path, fps: float
) -> None:
    recognizer = Recognizer(predictor, Settings(hand_model=hand_model))
    processor = CameraProcessor(recognizer, mirrored=True, sends_back=True)
    frames = film(media_dir / "L.mp4", every=2)
    feed(processor, [*frames, *frames[::-1]], 0, round(3 * fps), fps)
    assert recognizer.snapshot.text == "L"
    processor.on_ended()


@pytest.mark.parametrize("turned", [90, -90, 180])
def test_a_picture_that_is_turned_on_the_way_is_read_and_shown_upright(
    predictor: SequencePredictor, media_dir: Path, hand_model: Path, tmp_path: Path, turned: int
) -> None:
    recognizer = Recognizer(predictor, Settings(hand_model=hand_model))
    processor = CameraProcessor(recognizer, mirrored=True, sends_back=True)
    upright = film(media_dir / "L.mp4", last=40)
    stored = [np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24"), -turned // 90)) for frame in upright]
    turned_film = film(write_video(tmp_path / "turned.mp4", stored, turned=turned))
    feed(processor, upright, 0, 45)
    for number in range(45, 90):
        answer = processor.recv(stamped(turned_film[number % 40], number / 30))
        assert (answer.width, answer.height) == (640, 480)
    assert set(recognizer.snapshot.text) == {"L"}
    processor.on_ended()

import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from signcore.calibration import Calibration
from signcore.dashboard.review_reading import Progress, Reading, read_again, read_hands, read_video, settings_of
from signcore.errors import FrameError, SignError, VideoError
from signcore.labels import LABELS, char_to_index
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.recorder import RecordingWriter, read_part
from signcore.recording import Recording
from signcore.samples import spell
from signcore.settings import Settings
from signcore.transcript import EventKind, Reason
from tests.recordings import make_event
from tests.videos import picture, write_video

LONGEST_S = 60.0


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go, so that what is left of them can be seen."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(scope="module")
def settings(hand_model: Path) -> Settings:
    return Settings(hand_model=hand_model)


def upload(path: Path) -> BytesIO:
    content = BytesIO(path.read_bytes())
    content.name = path.name
    return content


def wait(reading: Reading) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not reading.finished:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def spelled(predictor: SequencePredictor, settings: Settings, word: str = "QUICK") -> Recording:
    return read_hands(spell(word), predictor, settings, Progress())


def test_a_sample_is_read(predictor: SequencePredictor, settings: Settings, scratch: Path) -> None:
    progress = Progress()
    recording = read_hands(spell("QUICK"), predictor, settings, progress)
    assert recording.text == "QUICK"
    assert progress.done == progress.expected == len(recording) == len(spell("QUICK"))
    assert list(scratch.iterdir()) == []


def test_a_video_is_read_on_its_own_clock(
    predictor: SequencePredictor, settings: Settings, media_dir: Path, scratch: Path
) -> None:
    progress = Progress()
    recording = read_video(upload(media_dir / "U.mp4"), predictor, settings, progress)
    assert recording.text.strip() == "U"
    assert progress.remark is None
    assert progress.done == progress.expected
    assert recording.seconds == pytest.approx(progress.done / 30, abs=0.15)
    assert 0.0 <= recording.events[0].end_ms <= 1000.0
    assert recording.buffered[0] == recording.manifest.window
    assert list(scratch.iterdir()) == []


def test_reading_again_with_the_same_settings_changes_nothing(predictor: SequencePredictor, settings: Settings) -> None:
    recording = spelled(predictor, settings)
    again = read_again(recording, predictor, settings, Progress())
    assert again.text == recording.text
    assert again.events == recording.events
    np.testing.assert_array_equal(again.probabilities, recording.probabilities)


def test_reading_a_video_again_starts_with_a_window_as_full_as_then(
    predictor: SequencePredictor, settings: Settings
) -> None:
    recording = read_hands(spell("U"), predictor, settings, Progress(), filled=True)
    again = read_again(recording, predictor, settings, Progress())
    assert again.buffered[0] == predictor.window
    assert again.text == recording.text == "U"


def test_what_was_clicked_is_clicked_again(predictor: SequencePredictor, settings: Settings, tmp_path: Path) -> None:
    recognizer = Recognizer(predictor, settings)
    writer = RecordingWriter(tmp_path / "clicks", settings, "a model")
    for word, click in (
        ("OLD", recognizer.clear),
        ("HELO", lambda: recognizer.take("HELLO")),
        ("BOB", recognizer.undo),
        ("C", recognizer.space),
    ):
        begin_ms = recognizer.snapshot.t_ms + 40.0
        for hand, t_ms in spell(word):
            writer.add(recognizer.step_hand(hand, begin_ms + t_ms))
        click()
        writer.add(recognizer.snapshot)
    writer.close()
    recording = read_part(writer.part)
    assert recording.text == "HELLO BOC "
    again = read_again(recording, predictor, settings, Progress())
    assert again.events == recording.events
    assert again.manifest.created == recording.manifest.created


def test_a_file_with_clicks_without_end_is_read_to_its_end(predictor: SequencePredictor, settings: Settings) -> None:
    click = make_event("", 0.0, kind=EventKind.SPACE, reason=Reason.CLICKED, label=None)
    recording = replace(spelled(predictor, settings, "U"), events=(click,) * 1_000_000)
    began = time.monotonic()
    again = read_again(recording, predictor, settings, Progress())
    assert 0 < len(again.text) < 10_000
    assert time.monotonic() - began < LONGEST_S


def test_a_hand_that_was_known_is_known_again(predictor: SequencePredictor, settings: Settings) -> None:
    size = len(LABELS)
    bias = np.zeros(size, dtype=np.float32)
    # Somebody whose U is read as V.
    bias[[char_to_index("U"), char_to_index("V")]] = 5.0, -5.0
    calibration = Calibration(np.zeros((size, size), dtype=np.float32), bias, ("U", "V"), predictor.fingerprint)
    recording = read_hands(spell("QVICK"), predictor, settings, Progress(), calibration=calibration)
    assert recording.text == "QUICK"
    assert recording.manifest.calibrated
    again = read_again(recording, predictor, settings, Progress(), calibration)
    assert again.events == recording.events
    without = read_again(recording, predictor, settings, Progress())
    assert (without.text, without.manifest.calibrated) == ("QVICK", False)


def test_the_settings_of_a_recording_are_its_own_where_they_can_be(
    predictor: SequencePredictor, settings: Settings
) -> None:
    slow = settings.model_copy(update={"hold_s": 0.6, "pause_s": 0.0})
    recording = spelled(predictor, slow, "U")
    assert settings_of(recording, settings) == slow
    strange = replace(recording.manifest, settings={"hold_s": -5.0, "window": 7.0, "of_old": 1.0})
    assert settings_of(replace(recording, manifest=strange), settings) == settings


def test_other_settings_are_kept_in_the_new_recording(predictor: SequencePredictor, settings: Settings) -> None:
    strict = settings.model_copy(update={"hold_s": 1.0, "threshold": 0.999})
    again = read_again(spelled(predictor, settings), predictor, strict, Progress())
    assert again.manifest.settings["hold_s"] == 1.0
    assert len(again.text) < len("QUICK")


@pytest.mark.parametrize(
    ("make", "error"),
    [
        pytest.param(lambda path: path.write_text("this is no video " * 99), VideoError, id="text"),
        pytest.param(lambda path: path.write_bytes(b""), VideoError, id="empty"),
        pytest.param(lambda path: write_video(path, [picture(width=8, height=8)] * 3), FrameError, id="tiny"),
        pytest.param(lambda path: write_video(path, [picture(width=4098, height=2306)]), VideoError, id="large"),
    ],
)
def test_a_bad_video_is_one_sentence_and_leaves_nothing(
    predictor: SequencePredictor,
    settings: Settings,
    tmp_path: Path,
    scratch: Path,
    make: Callable[[Path], object],
    error: type[SignError],
) -> None:
    path = tmp_path / "clip.mp4"
    make(path)
    with BytesIO(path.read_bytes()) as content, pytest.raises(error) as caught:
        read_video(content, predictor, settings, Progress())
    assert "\n" not in str(caught.value)
    assert list(scratch.iterdir()) == []


def test_a_video_that_breaks_off_is_read_as_far_as_it_goes(
    predictor: SequencePredictor, settings: Settings, tmp_path: Path
) -> None:
    path = write_video(
        tmp_path / "clip.mp4", (picture(i % 40) for i in range(60)), options={"movflags": "frag_keyframe+empty_moov"}
    )
    content = BytesIO(path.read_bytes()[: path.stat().st_size // 2])
    progress = Progress()
    recording = read_video(content, predictor, settings, progress)
    assert 1 <= len(recording) <= 61


def test_the_thread_reads_and_says_how_far_it_is(predictor: SequencePredictor, settings: Settings) -> None:
    reading = Reading("QUICK", lambda progress: read_hands(spell("QUICK"), predictor, settings, progress))
    wait(reading)
    assert reading.result.text == "QUICK"
    assert reading.progress.done == reading.progress.expected


def test_what_went_wrong_in_the_thread_is_raised_by_its_result(
    predictor: SequencePredictor, settings: Settings
) -> None:
    reading = Reading("a text", lambda progress: read_video(BytesIO(b"text"), predictor, settings, progress))
    wait(reading)
    with pytest.raises(VideoError):
        _ = reading.result


def test_cancelling_stops_in_the_middle_and_leaves_nothing(
    predictor: SequencePredictor, settings: Settings, media_dir: Path, scratch: Path
) -> None:
    content = upload(media_dir / "word_QUICK.mp4")
    reading = Reading("QUICK", lambda progress: read_video(content, predictor, settings, progress))
    deadline = time.monotonic() + LONGEST_S
    while reading.progress.done < 3:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    reading.cancel()
    assert reading.finished
    assert reading.progress.done < (reading.progress.expected or 0)
    with pytest.raises(SignError, match="not read to its end"):
        _ = reading.result
    assert list(scratch.iterdir()) == []


def test_dropping_a_reading_cancels_it(predictor: SequencePredictor, settings: Settings) -> None:
    frames = spell("QUICK")
    reading = Reading("QUICK", lambda progress: read_hands(frames, predictor, settings, progress))
    progress = reading.progress
    del reading
    assert progress.cancelled.is_set()


def test_one_that_waits_for_its_turn_can_be_cancelled(predictor: SequencePredictor, settings: Settings) -> None:
    began, held = threading.Event(), threading.Event()

    def slow(progress: Progress) -> Recording:
        began.set()
        assert held.wait(LONGEST_S)
        return read_hands(spell("U"), predictor, settings, progress)

    first = Reading("first", slow)
    assert began.wait(LONGEST_S)
    second = Reading("second", slow)
    second.cancel()
    assert second.finished
    assert not first.finished
    held.set()
    wait(first)
    assert first.result.text == "U"

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signcore.buffer import FRAME_MS
from signcore.errors import FrameError
from signcore.hand import HandFrame, ImageArray
from signcore.labels import LABELS
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer, Snapshot, Status
from signcore.samples import load_samples
from signcore.spelling import join_letters
from tests.hands import make_hand
from tests.onnx_models import write_model


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> SequencePredictor:
    return SequencePredictor(write_model(tmp_path_factory.mktemp("model") / "tiny.onnx"))


def feed(recognizer: Recognizer, seen: Iterable[bool], start_ms: float = 0.0) -> list[Snapshot]:
    times = (start_ms + FRAME_MS * frame for frame in range(10**9))
    return [
        recognizer.step_hand(make_hand(t_ms) if there else None, t_ms) for there, t_ms in zip(seen, times, strict=False)
    ]


def pictures(video: Path) -> list[ImageArray]:
    with av.open(str(video)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def read(predictor: SequencePredictor, images: Iterable[ImageArray]) -> Snapshot:
    recognizer = Recognizer(predictor)
    for frame, image in enumerate(images):
        recognizer.step(image, FRAME_MS * frame)
    recognizer.close()
    return recognizer.snapshot


def test_it_collects_then_reads_then_has_no_hand(tiny: SequencePredictor) -> None:
    recognizer = Recognizer(tiny)
    assert recognizer.snapshot.status is Status.NO_HAND
    snapshots = feed(recognizer, [True] * 40 + [False] * 10)
    assert [s.status for s in snapshots[:31]] == [Status.COLLECTING] * 31
    assert [s.buffered for s in snapshots[:33]] == [*range(1, 33), 32]
    assert [s.status for s in snapshots[31:46]] == [Status.READING] * 15, "the tracker may lose a hand for 0.2 s"
    assert [s.status for s in snapshots[46:]] == [Status.NO_HAND] * 4
    assert snapshots[-1].hand is None


@settings(max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.floats(-50, 900)), max_size=90))
def test_a_letter_is_named_only_while_reading(tiny: SequencePredictor, frames: list[tuple[bool, float]]) -> None:
    recognizer = Recognizer(tiny)
    t_ms = 100.0
    for seen, step in frames:
        t_ms += step
        before = recognizer.snapshot
        snapshot = recognizer.step_hand(make_hand(t_ms) if seen else None, t_ms)
        assert snapshot is recognizer.snapshot
        assert snapshot.t_ms >= before.t_ms
        assert (snapshot.status is Status.READING) == (snapshot.probabilities is not None)
        if snapshot.status is not Status.READING:
            assert (snapshot.letter, snapshot.runner_up, snapshot.confidence) == (None, None, 0.0)
            assert not snapshot.sure
        elif snapshot.letter is not None:
            assert snapshot.probabilities is not None
            assert snapshot.letter == LABELS[snapshot.probabilities.argmax()]
            assert snapshot.runner_up not in (None, snapshot.letter)
        if snapshot.status is Status.COLLECTING:
            assert snapshot.buffered < snapshot.window


def test_a_clock_that_runs_back_begins_a_new_stream_and_keeps_the_text(tiny: SequencePredictor) -> None:
    recognizer = Recognizer(tiny)
    feed(recognizer, [True] * 60)
    text, t_ms = recognizer.snapshot.text, recognizer.snapshot.t_ms
    assert text, "the made-up hand reads as some letter"
    snapshots = feed(recognizer, [True] * 40)
    assert (snapshots[0].status, snapshots[0].buffered) == (Status.COLLECTING, 1)
    assert snapshots[0].t_ms > t_ms
    assert snapshots[-1].text.startswith(text)
    assert np.diff([s.t_ms for s in snapshots]) == pytest.approx(FRAME_MS)


def test_a_long_gap_collects_anew(tiny: SequencePredictor) -> None:
    recognizer = Recognizer(tiny)
    feed(recognizer, [True] * 40)
    assert feed(recognizer, [True], start_ms=40 * FRAME_MS + 600)[0].status is Status.COLLECTING


def test_clicks_change_the_text_with_no_camera(tiny: SequencePredictor) -> None:
    recognizer = Recognizer(tiny)
    feed(recognizer, [True] * 60)
    text = recognizer.snapshot.text
    recognizer.space()
    assert recognizer.snapshot.text == text + " "
    recognizer.clear()
    assert recognizer.snapshot.text == ""
    recognizer.undo()
    recognizer.undo()
    assert recognizer.snapshot.text == text
    assert [event.kind for event in recognizer.snapshot.events][-4:] == ["space", "clear", "undo", "undo"]


def test_clicks_from_another_thread_lose_nothing(tiny: SequencePredictor) -> None:
    recognizer = Recognizer(tiny)
    with ThreadPoolExecutor(4) as pool:
        clicks = [pool.submit(recognizer.space) for _ in range(200)]
        feed(recognizer, [True] * 100)
        for click in clicks:
            click.result()
    assert recognizer.snapshot.text.count(" ") >= 200
    assert recognizer.snapshot.text == recognizer.snapshot.events[-1].text


def test_frame_rate_is_the_last_seconds(tiny: SequencePredictor) -> None:
    recognizer = Recognizer(tiny)
    assert feed(recognizer, [True])[0].fps == 0.0
    assert feed(recognizer, [True] * 100)[-1].fps == pytest.approx(30.0, rel=0.02)


@pytest.mark.parametrize("t_ms", [float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused_and_nothing_changes(tiny: SequencePredictor, t_ms: float) -> None:
    recognizer = Recognizer(tiny)
    before = recognizer.snapshot
    with pytest.raises(FrameError, match="expected milliseconds"):
        recognizer.step_hand(make_hand(), t_ms)
    assert recognizer.snapshot is before


def test_a_bad_picture_is_refused_and_reading_goes_on(tiny: SequencePredictor, media_dir: Path) -> None:
    recognizer = Recognizer(tiny)
    for frame, image in enumerate(pictures(media_dir / "A.mp4")[:45]):
        if frame == 40:
            with pytest.raises(FrameError):
                recognizer.step(image[:, :, 0], FRAME_MS * frame)
        else:
            snapshot = recognizer.step(image, FRAME_MS * frame)
    assert snapshot.status is Status.READING
    recognizer.close()
    recognizer.close()


# The one slow test of reading real hands: every photograph's letter, as it is and mirrored, is in the browser's and the
# command line's tests; here the two must agree.
@pytest.mark.parametrize("letter", ["A", "B", "L", "V", "W", "Y"])
def test_a_mirrored_picture_gives_the_same_letter(predictor: SequencePredictor, media_dir: Path, letter: str) -> None:
    images = pictures(media_dir / f"{letter}.mp4")[:50]
    assert read(predictor, images).letter == letter
    assert read(predictor, [image[:, ::-1] for image in images]).letter == letter


def test_two_sessions_at_once_do_not_mix(predictor: SequencePredictor, media_dir: Path) -> None:
    letters = ["B", "Y"]
    videos = [pictures(media_dir / f"{letter}.mp4")[:60] for letter in letters]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda images: read(predictor, images), videos))
    assert [snapshot.text for snapshot in together] == letters


@pytest.mark.parametrize("mirrored", [False, True], ids=["right hand", "left hand"])
@pytest.mark.parametrize("every", [1, 2, 3], ids=["30 fps", "15 fps", "10 fps"])
@pytest.mark.parametrize("word", ["Z", "ZZ", "JAZZ", "HELLO", "COFFEE"])
def test_double_letters_are_read_of_either_hand_at_any_frame_rate(
    word: str, every: int, mirrored: bool, predictor: SequencePredictor
) -> None:
    """Two letters a second, so that a second Z follows the first without a rest."""
    clips = {letter: sample.frames for letter, sample in load_samples().items()}
    frames = join_letters(word, clips, 2)
    if mirrored:
        frames = frames * np.float32([-1, 1, 1]) + np.float32([4 / 3, 0, 0])
    recognizer = Recognizer(predictor)
    for index in range(0, len(frames), every):
        t_ms = FRAME_MS * index
        side = "Left" if mirrored else "Right"
        hand = None if np.isnan(frames[index]).any() else HandFrame(frames[index], side, 1.0, t_ms)
        recognizer.step_hand(hand, t_ms)
    assert recognizer.snapshot.text.strip() == word


def test_two_pictures_at_nearly_the_same_time_are_no_impossible_rate(predictor: SequencePredictor) -> None:
    recognizer = Recognizer(predictor)
    for t_ms in (0.0, 1500.0, 1500.011):
        snapshot = recognizer.step_hand(None, t_ms)
    assert 0 < snapshot.fps <= 1000

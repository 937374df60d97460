from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from signcore.buffer import FRAME_MS
from signcore.clips import Clips, read_clips
from signcore.errors import ClipFileError
from signcore.evaluation import evaluate, predict_clips, select_clips
from signcore.features import FloatArray
from signcore.hand import HandFrame
from signcore.labels import LABELS
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.samples import load_samples
from signcore.settings import Settings
from signcore.windows import interpolate
from tests.clip_files import clip_arrays, write_clips
from tests.hands import make_landmarks
from tests.onnx_models import write_model


@pytest.fixture
def tiny(tmp_path: Path) -> SequencePredictor:
    return SequencePredictor(write_model(tmp_path / "tiny.onnx"))


@pytest.fixture
def clips(tmp_path: Path) -> Clips:
    """Recorded letters as clips of 1, 32 and 40 frames from two sources, every fifth of them suspect."""
    names = [name for name in load_samples() for _ in range(3)]
    recorded = [load_samples()[name].frames for name in names]
    lengths = [(1, 32, 40)[number % 3] for number in range(len(names))]
    frames = [
        interpolate(clip, np.linspace(0, len(clip) - 1, length)) for clip, length in zip(recorded, lengths, strict=True)
    ]
    arrays = clip_arrays(
        frames,
        names,
        sources=["anna" if number % 2 else "ben" for number in range(len(names))],
        suspect=[number % 5 == 0 for number in range(len(names))],
    )
    return read_clips(write_clips(tmp_path / "clips.npz", arrays))


HAND = make_landmarks()
TREMBLE = 0.04


class Watcher(SequencePredictor):
    """Says A where a hand that trembles sideways from frame to frame came to it under one condition, else B."""

    condition: str

    def predict_batch(self, windows: FloatArray) -> FloatArray:
        letters = [0 if self._condition(window) == self.condition else 1 for window in windows]
        return np.eye(len(LABELS), dtype=np.float32)[letters]

    def _condition(self, window: FloatArray) -> str:
        hands = window - window[:, :1]
        if not np.allclose(hands, hands[0], atol=1e-4):
            return "noise"
        if (hands[0] * (HAND - HAND[:1]))[:, 0].sum() < 0:
            return "mirrored"
        # Before the first frame that a slow camera saw there is nothing to go from.
        steps = np.abs(np.diff(window[2:, 0, 0]))
        for condition, step in (("as recorded", TREMBLE), ("15 fps", 0), ("10 fps", TREMBLE / 3)):
            if np.allclose(steps, step, atol=1e-4):
                return condition
        return "dropped"


def step_through(predictor: SequencePredictor, frames: FloatArray) -> FloatArray:
    """The probabilities after a live session has seen every frame, without smoothing."""
    recognizer = Recognizer(predictor, Settings(smoothing_s=0.0))
    for number, landmarks in enumerate(frames):
        t_ms = number * FRAME_MS
        missing = np.isnan(landmarks).any()
        hand = None if missing else HandFrame(landmarks, "Right", 1.0, t_ms)
        probabilities = recognizer.step_hand(hand, t_ms).probabilities
    assert probabilities is not None
    return probabilities


@pytest.mark.parametrize("letter", ["A", "J", "R", "Z"])
@pytest.mark.parametrize("missing", [[], [10, 11]])
def test_a_clip_is_judged_as_a_live_session_reads_it(
    predictor: SequencePredictor, tmp_path: Path, letter: str, missing: list[int]
) -> None:
    recorded = load_samples()[letter].frames
    frames = interpolate(recorded, np.linspace(0, len(recorded) - 1, 32))
    frames[missing] = np.nan
    clips = read_clips(write_clips(tmp_path / "one.npz", clip_arrays([frames], [letter])))
    [judged] = predict_clips(predictor, clips, np.array([0]))
    assert_allclose(judged, step_through(predictor, clips.clip(0)), atol=1e-4)


def test_a_long_clip_is_judged_by_the_mean_of_its_windows(tiny: SequencePredictor, clips: Clips) -> None:
    long = int(np.flatnonzero(np.diff(clips.offsets) == 40)[0])
    frames = clips.clip(long)
    windows = np.stack([tiny.predict_sequence_distribution(frames[start : start + 32]) for start in range(9)])
    assert_allclose(predict_clips(tiny, clips, np.array([long]))[0], windows.mean(axis=0), atol=1e-6)


def test_points_that_are_already_relative_are_read_alike(tiny: SequencePredictor, tmp_path: Path) -> None:
    """Some sources store a hand from its wrist and scaled; where and how large it is must not matter."""
    seen = make_landmarks(x=0.8, size=0.2)[None]
    stored = (seen - seen[:, :1]) / 0.25
    clips = [
        read_clips(write_clips(tmp_path / f"{aspect}.npz", clip_arrays([hand], ["B"], aspect=aspect)))
        for hand, aspect in ((seen, 4 / 3), (stored, 0.0))
    ]
    first, second = (predict_clips(tiny, one, np.array([0]))[0] for one in clips)
    assert_allclose(first, second, atol=5e-3)


def test_suspect_clips_are_left_out_unless_wanted(clips: Clips) -> None:
    assert_array_equal(select_clips(clips), np.flatnonzero(~clips.suspect))
    assert_array_equal(select_clips(clips, include_suspect=True), np.arange(len(clips)))


def test_sources_are_chosen_by_how_their_names_begin(clips: Clips) -> None:
    chosen = select_clips(clips, include_suspect=True, sources=["an"])
    assert {clips.source_names[source] for source in clips.source[chosen]} == {"anna"}
    assert len(select_clips(clips, include_suspect=True, sources=["an", "ben"])) == len(clips)
    with pytest.raises(ClipFileError, match="expected one of anna, ben; found carl"):
        select_clips(clips, sources=["anna", "carl"])


def test_a_file_of_suspect_clips_alone_is_refused(tmp_path: Path) -> None:
    arrays = clip_arrays([make_landmarks()[None]], ["A"], suspect=[True])
    with pytest.raises(ClipFileError, match="none that are not suspect"):
        select_clips(read_clips(write_clips(tmp_path / "c.npz", arrays)))


def test_a_file_without_a_hand_is_refused_unless_it_shows_nothing(tmp_path: Path) -> None:
    gone = np.full((2, 21, 3), np.nan)
    clips = read_clips(write_clips(tmp_path / "c.npz", clip_arrays([gone, gone], ["A", "B"])))
    with pytest.raises(ClipFileError, match="none in which a hand is to be seen"):
        select_clips(clips)
    clips = read_clips(write_clips(tmp_path / "c.npz", clip_arrays([gone, gone], ["NOTHING", "B"])))
    assert len(select_clips(clips)) == 2


def test_the_parts_of_a_result_agree(tiny: SequencePredictor, clips: Clips) -> None:
    chosen = select_clips(clips)
    result = evaluate(tiny, clips, chosen)
    confusion = np.array(result.confusion)
    assert confusion.sum() == result.score.clips == len(chosen)
    assert sum(letter.clips for letter in result.per_letter.values()) == len(chosen)
    assert sum(source.score.clips for source in result.per_source.values()) == len(chosen)
    assert sum(bin_.clips for bin_ in result.reliability) == len(chosen)
    assert list(result.per_source) == ["anna", "ben"]
    moving = int((np.diff(clips.offsets)[chosen] > 1).sum())
    assert {fps: found.clips for fps, found in result.fps.items()} == {"30": moving, "15": moving, "10": moving}
    assert result.dropped is not None
    assert (result.mirrored.clips, result.noise.clips, result.dropped.clips) == (len(chosen), len(chosen), moving)
    macros = [source.score.macro for source in result.per_source.values()]
    assert result.macro_of_sources == pytest.approx(np.mean([macro for macro in macros if macro is not None]))


@pytest.mark.parametrize("condition", ["as recorded", "mirrored", "15 fps", "10 fps", "noise", "dropped"])
def test_each_condition_is_what_its_name_says(tmp_path: Path, condition: str) -> None:
    watcher = Watcher(write_model(tmp_path / "tiny.onnx"))
    watcher.condition = condition
    clip = np.stack([make_landmarks(x=0.5 + TREMBLE * (number % 2)) for number in range(32)])
    clips = read_clips(write_clips(tmp_path / "c.npz", clip_arrays([clip] * 3, ["A"] * 3)))
    result = evaluate(watcher, clips, np.arange(3))
    assert result.dropped is not None
    found = {
        "as recorded": result.score.macro,
        "30 fps": result.fps["30"].macro,
        "15 fps": result.fps["15"].macro,
        "10 fps": result.fps["10"].macro,
        "mirrored": result.mirrored.macro,
        "noise": result.noise.macro,
        "dropped": result.dropped.macro,
    }
    expected = {name: float(name == condition) for name in found}
    assert found == expected | {"30 fps": expected["as recorded"]}


def test_of_the_answers_that_are_accepted_99_in_100_are_right(
    tiny: SequencePredictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty answers, each less sure than the one before; the eleventh is wrong: 95 in 100 are right of all of them."""
    sure = np.linspace(0.9, 0.5, 20, dtype=np.float32)
    answers = np.zeros((20, len(LABELS)), dtype=np.float32)
    answers[:, 0], answers[:, 1] = sure, 1 - sure - 0.01
    answers[10, [0, 1]] = answers[10, [1, 0]]
    monkeypatch.setattr(tiny, "predict_batch", lambda windows: answers[: len(windows)])
    clips = read_clips(write_clips(tmp_path / "c.npz", clip_arrays([make_landmarks()[None]] * 20, ["A"] * 20)))
    result = evaluate(tiny, clips, np.arange(20))
    for accepted in (result.at_99, result.per_source["someone"].at_99):
        assert (accepted.coverage, accepted.precision) == (0.5, 1.0)


def test_the_same_clips_give_the_same_result(tiny: SequencePredictor, clips: Clips) -> None:
    chosen = select_clips(clips)
    assert evaluate(tiny, clips, chosen) == evaluate(tiny, clips, chosen)


def test_the_order_of_clips_does_not_matter_to_what_is_read(tiny: SequencePredictor, clips: Clips) -> None:
    forwards = predict_clips(tiny, clips, np.arange(len(clips)))
    backwards = predict_clips(tiny, clips, np.arange(len(clips))[::-1])
    assert_allclose(forwards, backwards[::-1], atol=1e-6)


def test_stills_alone_have_no_frame_rate(tiny: SequencePredictor, tmp_path: Path) -> None:
    clips = read_clips(write_clips(tmp_path / "c.npz", clip_arrays([make_landmarks()[None]] * 3, ["A", "B", "SPACE"])))
    result = evaluate(tiny, clips, np.arange(3))
    assert result.fps == {}
    assert result.dropped is None
    assert list(result.per_letter) == ["A", "B", "SPACE"]


def test_the_older_kind_of_model_is_judged_too(tmp_path: Path, clips: Clips) -> None:
    older = SequencePredictor(write_model(tmp_path / "older.onnx", classes=26, frames=1, metadata=None))
    result = evaluate(older, clips, select_clips(clips))
    assert result.score.clips == len(select_clips(clips))


def test_the_shipped_recogniser_reads_the_recorded_letters(predictor: SequencePredictor, clips: Clips) -> None:
    result = evaluate(predictor, clips, select_clips(clips, include_suspect=True))
    assert result.score.macro_still == pytest.approx(1.0, abs=0.05)
    assert result.mirrored.macro_still == pytest.approx(result.score.macro_still, abs=0.05)

"""Gathering the samples of a personal calibration, with the recorded hands that come with the project."""

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from signcore.buffer import FRAME_MS
from signcore.calibration import SAMPLES
from signcore.calibrator import NEXT_MS, Calibrator
from signcore.errors import CalibrationError
from signcore.features import FloatArray
from signcore.hand import HandFrame
from signcore.labels import STILL_LETTERS
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.samples import load_samples


def hands(seconds: float, hand: FloatArray, other: FloatArray) -> Iterator[FloatArray]:
    """A hand that is held, opens and comes back, again and again."""
    for step in range(round(seconds * 30)):
        away = 2 * max(0.0, np.sin(step * 2 * np.pi / 45) - 0.6)
        yield hand + (other - hand) * np.float32(away)


@pytest.fixture(scope="module")
def gathered(predictor: SequencePredictor) -> Calibrator:
    recognizer, calibrator = Recognizer(predictor), Calibrator()
    samples, step = load_samples(), 0
    while calibrator.moment.letter is not None:
        hand = samples[calibrator.moment.letter].frames[-1]
        before = calibrator.moment.done
        for shown in hands(12.0, hand, samples["B"].frames[-1] + np.float32(0.2)):
            calibrator.step(recognizer.step_hand(HandFrame(shown, "Right", 1.0, step * FRAME_MS), step * FRAME_MS))
            step += 1
            if calibrator.moment.done > before:
                break
        assert calibrator.moment.done == before + 1, calibrator.moment
    assert step / 30 < 3.5 * len(STILL_LETTERS) + 60
    return calibrator


def test_every_still_letter_is_asked_for_and_kept(gathered: Calibrator) -> None:
    assert gathered.moment.sentence == "That is all."
    calibration = gathered.finish("a model")
    assert calibration.letters == STILL_LETTERS
    assert calibration.held_out is not None
    before, after = calibration.held_out
    assert 0.9 <= before <= after <= 1.0


def test_a_moving_hand_and_no_hand_are_no_samples(predictor: SequencePredictor) -> None:
    recognizer, calibrator = Recognizer(predictor), Calibrator()
    hand = load_samples()["A"].frames[-1]
    for step in range(120):
        moving = hand + np.float32(0.02 * step % 0.4)
        calibrator.step(recognizer.step_hand(HandFrame(moving, "Right", 1.0, step * FRAME_MS), step * FRAME_MS))
    assert calibrator.moment.taken == 0
    calibrator.step(recognizer.step_hand(None, 120 * FRAME_MS))
    assert calibrator.moment.sentence == "Show one hand to the camera."


def test_a_hand_that_never_moves_is_one_sample(predictor: SequencePredictor) -> None:
    recognizer, calibrator = Recognizer(predictor), Calibrator()
    hand = load_samples()["A"].frames[-1]
    rng = np.random.default_rng(0)
    for step in range(600):
        trembling = hand + rng.normal(0, 0.002, hand.shape).astype(np.float32)
        calibrator.step(recognizer.step_hand(HandFrame(trembling, "Right", 1.0, step * FRAME_MS), step * FRAME_MS))
    assert calibrator.moment.taken == 1
    assert "Open the hand" in calibrator.moment.sentence


def test_skipping_leaves_a_letter_out() -> None:
    calibrator = Calibrator()
    calibrator.skip()
    assert calibrator.moment.letter == STILL_LETTERS[1]
    assert calibrator.moment.done == 1
    with pytest.raises(CalibrationError, match="expected samples"):
        calibrator.finish("a model")
    for _ in range(40):
        calibrator.skip()
    assert calibrator.moment.letter is None
    assert calibrator.moment.done == len(STILL_LETTERS)
    assert calibrator.moment.taken < SAMPLES


def hold(recognizer: Recognizer, calibrator: Calibrator, letter: str, seconds: float) -> None:
    """Hold the hand of a letter still."""
    hand = load_samples()[letter].frames[-1]
    for _ in range(round(seconds * 30)):
        t_ms = recognizer.snapshot.t_ms + FRAME_MS
        calibrator.step(recognizer.step_hand(HandFrame(hand, "Right", 1.0, t_ms), t_ms))


def test_the_hand_of_a_letter_that_was_skipped_is_no_sample_of_the_next(predictor: SequencePredictor) -> None:
    recognizer, calibrator = Recognizer(predictor), Calibrator()
    hold(recognizer, calibrator, "A", 1.5)
    calibrator.skip()
    hold(recognizer, calibrator, "A", 3.0)
    assert (calibrator.moment.letter, calibrator.moment.taken) == (STILL_LETTERS[1], 0)
    hold(recognizer, calibrator, STILL_LETTERS[1], 1.0)
    assert calibrator.moment.taken == 1


def test_after_a_letter_is_skipped_there_is_time_to_form_the_next(predictor: SequencePredictor) -> None:
    recognizer, calibrator = Recognizer(predictor), Calibrator()
    hold(recognizer, calibrator, "A", 1.5)
    calibrator.skip()
    hold(recognizer, calibrator, "C", (NEXT_MS - 100) / 1000)
    assert (calibrator.moment.taken, calibrator.moment.progress) == (0, 0.0)


def test_a_sample_is_of_hands_that_follow_each_other(predictor: SequencePredictor) -> None:
    recognizer, calibrator = Recognizer(predictor), Calibrator()
    while not calibrator.moment.progress:
        hold(recognizer, calibrator, "A", 0.1)
    # Somebody practises something else for a while.
    hold(recognizer, Calibrator(), "A", 2.0)
    hold(recognizer, calibrator, "A", 0.2)
    assert calibrator.moment.taken == 0
    hold(recognizer, calibrator, "A", 0.6)
    assert calibrator.moment.taken == 1


def test_a_letter_is_skipped_before_or_after_its_sample_and_not_meanwhile(predictor: SequencePredictor) -> None:
    recognizer, calibrator = Recognizer(predictor), Calibrator()
    page = threading.Thread(target=calibrator.skip)

    class SkippedMeanwhile(dict[str, list[FloatArray]]):
        def setdefault(self, *args: Any) -> Any:
            page.start()
            page.join(0.2)
            return super().setdefault(*args)

    calibrator._samples = SkippedMeanwhile()
    hold(recognizer, calibrator, "A", 2.0)
    page.join()
    assert (calibrator.moment.letter, calibrator.moment.taken) == (STILL_LETTERS[1], 0)

"""A recogniser adapted to one hand."""

from contextlib import suppress
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest

from signcore.buffer import FRAME_MS
from signcore.calibration import SAMPLES, Calibration, fit_calibration, held_out_accuracy
from signcore.errors import CalibrationError
from signcore.features import FloatArray
from signcore.hand import HandFrame
from signcore.labels import LABELS, LETTERS, NOTHING, char_to_index
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.samples import load_samples

MODEL = "the fingerprint of a model"


def saying(label: str, runner_up: str = "X") -> FloatArray:
    """What a recogniser says that reads `label` and sees a little of another."""
    chances = np.full(len(LABELS), 1e-4, np.float32)
    chances[char_to_index(label)] = 1.0
    chances[char_to_index(runner_up)] += 0.02
    return chances / chances.sum()


def habits() -> dict[str, list[FloatArray]]:
    """Samples of somebody whose M the model takes for an S, with a little of an N in it."""
    samples = {letter: [saying(letter)] * SAMPLES for letter in LETTERS}
    return samples | {"M": [saying("S", "N")] * SAMPLES}


def read(probabilities: FloatArray) -> str:
    return LABELS[int(probabilities.argmax())]


def test_a_habit_is_learnt_and_the_rest_stays() -> None:
    calibration = fit_calibration(habits(), MODEL)
    assert read(calibration.adapt(saying("S", "N"))) == "M"
    for letter in LETTERS:
        assert read(calibration.adapt(saying(letter))) == letter


def test_what_it_gains_is_measured_on_samples_that_are_left_out() -> None:
    before, after = held_out_accuracy(habits())
    assert before == pytest.approx(25 / 26)
    assert after == 1.0
    # A slip that happens once is nobody's habit.
    slip = habits() | {"M": [saying("M"), saying("M"), saying("X")]}
    assert held_out_accuracy(slip) == pytest.approx((77 / 78, 77 / 78))


@pytest.mark.parametrize("label", ["SPACE", "DELETE", NOTHING])
def test_what_was_not_sampled_stays_what_it_is(label: str) -> None:
    adapted = fit_calibration(habits(), MODEL).adapt(saying(label))
    assert read(adapted) == label
    assert adapted.sum() == pytest.approx(1.0, abs=1e-5)


def test_samples_that_are_read_right_change_no_answer() -> None:
    calibration = fit_calibration({letter: [saying(letter)] * SAMPLES for letter in "ABC"}, MODEL)
    assert calibration.letters == ("A", "B", "C")
    many = np.random.default_rng(0).dirichlet(np.full(len(LABELS), 0.05), 500).astype(np.float32)
    clear = many[many.max(axis=1) > 0.9]
    assert (calibration.adapt(clear).argmax(axis=1) == clear.argmax(axis=1)).mean() > 0.98


def test_it_is_kept_as_bytes() -> None:
    calibration = replace(fit_calibration(habits(), MODEL), held_out=(0.875, 1.0))
    again = Calibration.from_bytes(calibration.to_bytes())
    said = saying("S", "N")
    assert np.array_equal(again.adapt(said), calibration.adapt(said))
    assert (again.letters, again.model) == (calibration.letters, MODEL)
    assert again.held_out == (0.875, 1.0)


def test_one_that_was_kept_before_models_were_named_is_for_none() -> None:
    calibration = fit_calibration(habits(), MODEL)
    file = BytesIO()
    np.savez(file, weights=calibration.weights, bias=calibration.bias, letters=calibration.letters)
    again = Calibration.from_bytes(file.getvalue())
    assert (again.model, again.held_out) == ("", None)


@pytest.mark.parametrize("model", ["", MODEL])
def test_a_recogniser_refuses_one_of_another_model(predictor: SequencePredictor, model: str) -> None:
    recognizer = Recognizer(predictor)
    with pytest.raises(CalibrationError, match="sampled again"):
        recognizer.calibration = fit_calibration(habits(), model)
    assert recognizer.calibration is None


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04" + bytes(40)])
def test_damaged_bytes_are_an_error(content: bytes) -> None:
    with pytest.raises(CalibrationError, match="calibration"):
        Calibration.from_bytes(content)


@pytest.mark.parametrize("part", ["weights", "bias"])
@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_one_that_is_not_finite_is_an_error(part: str, number: float) -> None:
    calibration = fit_calibration(habits(), MODEL)
    getattr(calibration, part).flat[5] = number
    with pytest.raises(CalibrationError, match="expected finite"):
        Calibration.from_bytes(calibration.to_bytes())


def test_any_damaged_byte_is_an_error_or_does_no_harm() -> None:
    content = fit_calibration(habits(), MODEL).to_bytes()
    for place in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        with suppress(CalibrationError):
            Calibration.from_bytes(bytes(damaged))


@pytest.mark.parametrize("samples", [{}, {"A": []}, {"A": [saying("A")]}, {"A": [saying("A")], "SPACE": [saying("A")]}])
def test_too_little_to_learn_from(samples: dict[str, list[FloatArray]]) -> None:
    with pytest.raises(CalibrationError, match="expected samples"):
        fit_calibration(samples, MODEL)


def test_a_recogniser_reads_with_it_and_without_it(predictor: SequencePredictor) -> None:
    frame = load_samples()["S"].frames[-1]
    recognizer = Recognizer(predictor)

    def held(start: int) -> str | None:
        for step in range(start, start + 40):
            recognizer.step_hand(HandFrame(frame, "Right", 1.0, step * FRAME_MS), step * FRAME_MS)
        return recognizer.snapshot.letter

    assert held(0) == "S"
    said = recognizer.snapshot.probabilities
    assert said is not None
    samples = {"M": [said] * SAMPLES, "A": [saying("A")] * SAMPLES}
    recognizer.calibration = fit_calibration(samples, predictor.fingerprint)
    assert held(40) == "M"
    recognizer.calibration = None
    assert held(80) == "S"


@pytest.mark.parametrize(
    ("held_out", "trusted"),
    [(None, True), ((0.8, 0.96), True), ((1.0, 1.0), True), ((0.04, 0.04), False), ((0.9, 0.85), False)],
)
def test_samples_that_do_not_agree_are_not_trusted(held_out: tuple[float, float] | None, trusted: bool) -> None:
    none = Calibration(np.zeros((29, 29), np.float32), np.zeros(29, np.float32), ("A", "B"), "a model", held_out)
    assert none.trusted is trusted


def test_an_answer_that_is_not_sure_is_hardly_corrected() -> None:
    always_l = Calibration(np.zeros((29, 29), np.float32), 99 * np.eye(29, dtype=np.float32)[11], ("L", "A"), "")
    sure, unsure = np.eye(29, dtype=np.float32)[0], np.full(29, 1 / 29, dtype=np.float32)
    assert always_l.adapt(sure).argmax() == 11
    assert always_l.adapt(unsure)[11] < 0.1
    np.testing.assert_allclose(always_l.adapt(np.stack([sure, unsure])).sum(axis=1), 1.0, atol=1e-5)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signcore.labels import LABELS, char_to_index
from signcore.metrics import (
    acceptance,
    acceptance_at_precision,
    confusion_matrix,
    expected_calibration_error,
    letter_scores,
    macro_accuracy,
    reliability,
    score,
)


def indices(labels: str) -> np.ndarray:
    return np.array([char_to_index(label) for label in labels])


def answers(labels: str, confidences: list[float]) -> np.ndarray:
    """Probabilities whose top is the given one, the rest spread over the other classes."""
    rest = (1 - np.array(confidences)) / (len(LABELS) - 1)
    probabilities = np.repeat(rest[:, None], len(LABELS), axis=1)
    probabilities[np.arange(len(labels)), indices(labels)] = confidences
    return probabilities.astype(np.float32)


def test_macro_counts_letters_alike_and_keeps_the_moving_ones_apart() -> None:
    """A: 3 of 4, B: 0 of 1, J: 1 of 2, SPACE: 1 of 1."""
    truth = np.append(indices("AAAABJJ"), char_to_index("SPACE"))
    given_answers = np.append(indices("AAABAJI"), char_to_index("SPACE"))
    found = score(confusion_matrix(truth, given_answers))
    assert found.clips == 8
    assert found.accuracy == pytest.approx(5 / 8)
    assert found.macro == pytest.approx((0.75 + 0.0 + 0.5) / 3)
    assert found.macro_still == pytest.approx((0.75 + 0.0) / 2)
    assert found.macro_all == pytest.approx((0.75 + 0.0 + 0.5 + 1.0) / 4)
    assert found.moving == {"J": 0.5}
    assert macro_accuracy(truth, np.eye(29, dtype=np.float32)[given_answers]) == found.macro


def test_without_letters_there_is_no_macro() -> None:
    found = score(confusion_matrix(np.array([28]), np.array([28])))
    assert (found.macro, found.macro_still, found.macro_all, found.moving) == (None, None, 1.0, {})
    assert np.isnan(macro_accuracy(np.array([28]), answers("A", [0.9])))
    assert np.isnan(macro_accuracy(np.zeros(0, dtype=np.int64), np.zeros((0, 29), dtype=np.float32)))


def test_letter_scores_say_what_a_letter_is_taken_for() -> None:
    found = letter_scores(confusion_matrix(indices("RRRRRUUV"), indices("RRUUVUUV")))
    assert list(found) == ["R", "U", "V"]
    assert (found["R"].clips, found["R"].right, found["R"].accuracy, found["R"].precision) == (5, 2, 0.4, 1.0)
    assert (found["R"].taken_for, found["R"].taken_for_share) == ("U", 0.4)
    assert (found["U"].accuracy, found["U"].precision, found["U"].taken_for) == (1.0, 0.5, None)


def test_a_letter_that_is_never_the_answer_has_no_precision() -> None:
    found = letter_scores(confusion_matrix(indices("Q"), indices("G")))
    assert (found["Q"].precision, found["Q"].taken_for, found["Q"].taken_for_share) == (None, "G", 1.0)


def test_calibration_error_is_the_mean_distance_of_promise_and_outcome() -> None:
    """Four clips at 0.9 of which two are right, one at 0.5 that is right: (4 * 0.4 + 1 * 0.5) / 5."""
    bins = reliability(indices("AAAAA"), answers("AABBA", [0.9, 0.9, 0.9, 0.9, 0.5]))
    assert [(bin_.low, bin_.high, bin_.clips, bin_.accuracy) for bin_ in bins] == [
        (7 / 15, 8 / 15, 1, 1.0),
        (13 / 15, 14 / 15, 4, 0.5),
    ]
    assert expected_calibration_error(bins) == pytest.approx(0.42, abs=1e-6)


def test_honest_probabilities_have_little_calibration_error() -> None:
    rng = np.random.default_rng(3)
    confidence = rng.uniform(0.3, 1.0, 20_000)
    right = rng.random(20_000) < confidence
    truth = np.where(right, 0, 1)
    bins = reliability(truth, answers("A" * 20_000, confidence.tolist()))
    assert expected_calibration_error(bins) < 0.015
    assert sum(bin_.clips for bin_ in bins) == 20_000


def test_acceptance_counts_what_a_threshold_lets_through() -> None:
    truth, probabilities = indices("AAAA"), answers("AABA", [0.95, 0.9, 0.92, 0.3])
    found = acceptance(truth, probabilities, 0.9)
    assert (found.coverage, found.precision) == (0.75, pytest.approx(2 / 3))
    assert acceptance(truth, probabilities, 0.99).precision is None


@given(
    st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.6, 0.8, 0.9, 0.97]), st.booleans()), min_size=1, max_size=60),
    st.sampled_from([0.5, 0.9, 0.99, 1.0]),
)
def test_the_threshold_for_a_precision_is_the_best_there_is(clips: list[tuple[float, bool]], precision: float) -> None:
    truth = indices("".join("A" if right else "B" for _, right in clips))
    probabilities = answers("A" * len(clips), [confidence for confidence, _ in clips])
    found = acceptance_at_precision(truth, probabilities, precision)
    thresholds = np.unique(probabilities.max(axis=1))
    possible = [acceptance(truth, probabilities, float(threshold)) for threshold in thresholds]
    enough = [choice.coverage for choice in possible if choice.precision is not None and choice.precision >= precision]
    assert found.coverage == pytest.approx(max(enough, default=0.0))
    if found.coverage:
        again = acceptance(truth, probabilities, found.threshold)
        assert (again.coverage, again.precision) == pytest.approx((found.coverage, found.precision))

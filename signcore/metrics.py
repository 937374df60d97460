"""Figures that say how good a recogniser is, from the true labels of clips and the probabilities it gave them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from signcore.features import FloatArray, IntArray
from signcore.labels import LABELS, LETTERS, MOVING_LETTERS, STILL_LETTERS, char_to_index

_BINS: Final = 15


@dataclass(frozen=True)
class LetterScore:
    """One class.

    Attributes:
        clips: how many there were.
        right: how many of them were read right.
        accuracy: right / clips, 0..1.
        precision: how often it was right when it was the answer, 0..1; None where it never was.
        taken_for: the class it was most often taken for; None where it never was.
        taken_for_share: the share of its clips that this happened to, 0..1.
    """

    clips: int
    right: int
    accuracy: float
    precision: float | None
    taken_for: str | None
    taken_for_share: float


@dataclass(frozen=True)
class Score:
    """A set of clips in four numbers. Macro: the mean over letters, each counting alike; None where none has clips.

    Attributes:
        clips: how many there were.
        accuracy: the share that was read right, 0..1.
        macro: over the letters A to Z that have clips.
        macro_still: over those of them that do not move.
        macro_all: over all classes that have clips, so with SPACE, DELETE and NOTHING.
        moving: the accuracy of J and of Z, where they have clips.
    """

    clips: int
    accuracy: float
    macro: float | None
    macro_still: float | None
    macro_all: float | None
    moving: dict[str, float]


@dataclass(frozen=True)
class ReliabilityBin:
    """The clips whose top probability lay in (low, high]: what it promised on average, and what came of it."""

    low: float
    high: float
    clips: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Acceptance:
    """What is left when answers below a probability are rejected.

    Attributes:
        threshold: the smallest probability that is accepted.
        coverage: the share of clips that is accepted, 0..1.
        precision: the share of those that is right, 0..1; None where nothing is accepted.
    """

    threshold: float
    coverage: float
    precision: float | None


def confusion_matrix(truth: IntArray, answers: IntArray) -> IntArray:
    """(29, 29) counts, the row being the true class and the column the answer, from two (n,) arrays of indices."""
    counts: IntArray = np.zeros((len(LABELS), len(LABELS)), dtype=np.int64)
    np.add.at(counts, (truth, answers), 1)
    return counts


def confusions(confusion: Sequence[Sequence[int]]) -> list[tuple[int, int, int]]:
    """Which class was read as which other, commonest first: how often, the true class, the answer.

    Args:
        confusion: rows (true class) of counts (answer).
    """
    pairs = [
        (times, truth, answer)
        for truth, row in enumerate(confusion)
        for answer, times in enumerate(row)
        if answer != truth and times > 0
    ]
    return sorted(pairs, reverse=True)


def score(confusion: IntArray) -> Score:
    """The four numbers of a confusion matrix (29, 29)."""
    clips = int(confusion.sum())
    accuracies = _accuracies(confusion)
    return Score(
        clips=clips,
        accuracy=float(np.trace(confusion) / clips),
        macro=_mean_over(accuracies, LETTERS),
        macro_still=_mean_over(accuracies, STILL_LETTERS),
        macro_all=_mean_over(accuracies, LABELS),
        moving={letter: accuracies[letter] for letter in MOVING_LETTERS if letter in accuracies},
    )


def macro_accuracy(truth: IntArray, probabilities: FloatArray) -> float:
    """`Score.macro` of (n,) clips with (n, 29) probabilities; NaN where no letter has clips."""
    macro = _mean_over(_accuracies(confusion_matrix(truth, probabilities.argmax(axis=1))), LETTERS)
    return float("nan") if macro is None else macro


def letter_scores(confusion: IntArray) -> dict[str, LetterScore]:
    """Every class that has clips, by its label, from a confusion matrix (29, 29)."""
    return {label: _letter_score(confusion, char_to_index(label)) for label in _accuracies(confusion)}


def reliability(truth: IntArray, probabilities: FloatArray) -> tuple[ReliabilityBin, ...]:
    """The clips by their top probability, in 15 bins of equal width; empty ones are left out.

    Args:
        truth: (n,) class indices.
        probabilities: (n, 29).
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    index = np.clip(np.ceil(confidence * _BINS).astype(np.int64) - 1, 0, _BINS - 1)
    return tuple(
        ReliabilityBin(
            low=int(i) / _BINS,
            high=(int(i) + 1) / _BINS,
            clips=int((index == i).sum()),
            confidence=float(confidence[index == i].mean(dtype=np.float64)),
            accuracy=float(right[index == i].mean()),
        )
        for i in np.unique(index)
    )


def expected_calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """How far the promised and the true accuracy lie apart, on average over the clips, 0..1.

    Guo et al., On Calibration of Modern Neural Networks, ICML 2017, equation 3.
    """
    clips = sum(bin_.clips for bin_ in bins)
    return sum(bin_.clips * abs(bin_.confidence - bin_.accuracy) for bin_ in bins) / clips


def acceptance(truth: IntArray, probabilities: FloatArray, threshold: float) -> Acceptance:
    """What is left of (n,) clips with (n, 29) probabilities when a top probability below `threshold` is rejected."""
    accepted = probabilities.max(axis=1) >= threshold
    right = probabilities.argmax(axis=1) == truth
    precision = float(right[accepted].mean()) if accepted.any() else None
    return Acceptance(threshold, float(accepted.mean()), precision)


def acceptance_at_precision(truth: IntArray, probabilities: FloatArray, precision: float) -> Acceptance:
    """The largest share of clips that can be accepted by one threshold such that at least `precision` of it is right.

    Args:
        truth: (n,) class indices.
        probabilities: (n, 29).
        precision: 0..1.
    """
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    right = (probabilities.argmax(axis=1) == truth)[order]
    running = np.cumsum(right) / np.arange(1, len(right) + 1)
    # One threshold cannot part clips of the same probability.
    last_of_its_kind = np.append(np.diff(confidence[order]) < 0, True)
    enough = np.flatnonzero((running >= precision) & last_of_its_kind)
    if len(enough) == 0:
        return Acceptance(1.0, 0.0, None)
    last = int(enough[-1])
    return Acceptance(float(confidence[order][last]), (last + 1) / len(right), float(running[last]))


def _accuracies(confusion: IntArray) -> dict[str, float]:
    clips = confusion.sum(axis=1)
    return {label: float(confusion[i, i] / clips[i]) for i, label in enumerate(LABELS) if clips[i]}


def _mean_over(accuracies: dict[str, float], labels: Sequence[str]) -> float | None:
    present = [accuracies[label] for label in labels if label in accuracies]
    return sum(present) / len(present) if present else None


def _letter_score(confusion: IntArray, index: int) -> LetterScore:
    clips, right, answered = int(confusion[index].sum()), int(confusion[index, index]), int(confusion[:, index].sum())
    wrong = confusion[index].copy()
    wrong[index] = 0
    most = int(wrong.argmax())
    return LetterScore(
        clips=clips,
        right=right,
        accuracy=right / clips,
        precision=right / answered if answered else None,
        taken_for=LABELS[most] if wrong[most] else None,
        taken_for_share=int(wrong[most]) / clips,
    )

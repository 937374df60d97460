"""A recogniser adapted to one person's hand: a small correction on top of what the frozen model says.

The correction is multinomial logistic regression on the model's log-probabilities, which begins as no correction at all
and is held near it (ridge): with three samples of each letter it learns that this person's M is what the model takes
for an S. It never changes the model, and general figures never include it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signcore.errors import CalibrationError
from signcore.features import FloatArray
from signcore.labels import LABELS, LETTERS, char_to_index

SAMPLES: Final = 3  # of each letter

# How large an input is where the model is sure.
_GAIN: Final = 5.0
# A probability below this says no more than that the letter is out of the question.
_LEAST: Final = 1e-4
# How strongly the correction is held near none, and the fit's steps (Adam: Kingma and Ba 2015).
_RIDGE: Final = 0.01
_STEPS: Final = 300
_RATE: Final = 0.05
_FEWEST_LETTERS: Final = 2
# Of a person's own samples, each left out once, so many are read right with it; of strangers' it was 0.8 and more.
_TRUSTED: Final = 0.6

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Calibration:
    """One person's correction.

    Attributes:
        weights: (29, 29) how what the model says of one class (rows) changes another (columns).
        bias: (29,) what is added to each class.
        letters: the letters that it was fitted on.
        model: whose answers it corrects: the `SequencePredictor.fingerprint`. "" in those of before it was kept.
        held_out: the shares (0..1) of the person's own samples that were read right without, and with a correction
            fitted on the others; None in those of before it was measured.
    """

    weights: FloatArray
    bias: FloatArray
    letters: tuple[str, ...]
    model: str
    held_out: tuple[float, float] | None = None

    @property
    def trusted(self) -> bool:
        """Whether the samples agree with each other, so that it may be used without being asked for."""
        return self.held_out is None or (self.held_out[1] >= _TRUSTED and self.held_out[1] >= self.held_out[0])

    def adapt(self, probabilities: FloatArray) -> FloatArray:
        """The model's probabilities (..., 29) corrected for this person; they sum to 1.

        The surer the model is, the more of the correction counts: the samples were held letters, and between two
        letters, where the model hesitates, they say nothing.
        """
        logits = np.log(np.maximum(probabilities, _LEAST))
        corrected = _softmax(logits + _inputs(probabilities) @ self.weights + self.bias)
        sure = probabilities.max(axis=-1, keepdims=True)
        adapted: FloatArray = (sure * corrected + (1 - sure) * probabilities).astype(np.float32)
        return adapted

    def to_bytes(self) -> bytes:
        """The correction as a small file."""
        file = BytesIO()
        np.savez_compressed(
            file,
            weights=self.weights,
            bias=self.bias,
            letters=self.letters,
            model=self.model,
            held_out=self.held_out or (),
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Calibration":
        """What `to_bytes` gave.

        Raises:
            CalibrationError: something else.
        """
        try:
            with np.load(BytesIO(content), allow_pickle=False) as archive:
                weights, bias = archive["weights"].astype(np.float32), archive["bias"].astype(np.float32)
                letters = tuple(str(letter) for letter in archive["letters"])
                model = str(archive["model"]) if "model" in archive else ""
                measured = archive["held_out"].tolist() if "held_out" in archive else []
                held_out = (float(measured[0]), float(measured[1])) if measured else None
        except Exception as error:  # as in signcore.clips
            raise CalibrationError(f"a calibration: expected weights, bias and letters, found {error}") from error
        size = len(LABELS)
        if weights.shape != (size, size) or bias.shape != (size,):
            raise CalibrationError(
                f"a calibration: expected weights ({size}, {size}) and bias ({size},), "
                f"found {weights.shape} and {bias.shape}"
            )
        if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
            raise CalibrationError("a calibration: expected finite weights and bias, found others")
        return cls(weights, bias, letters, model, held_out)


def fit_calibration(samples: Mapping[str, Sequence[FloatArray]], model: str) -> Calibration:
    """The correction that makes a person's samples read as what they were asked to sign.

    Args:
        samples: by letter, what the model said (29,) of each sample.
        model: the fingerprint of that model.

    Raises:
        CalibrationError: samples of fewer than two letters, or of what is no letter.
    """
    letters = tuple(letter for letter in LETTERS if samples.get(letter))
    if len(letters) < _FEWEST_LETTERS or set(samples) - set(LETTERS):
        raise CalibrationError(
            f"a calibration: expected samples of {_FEWEST_LETTERS} letters A to Z or more, "
            f"found {', '.join(sorted(samples)) or 'none'}"
        )
    said = np.array([sample for letter in letters for sample in samples[letter]], dtype=np.float32)
    label = np.array([char_to_index(letter) for letter in letters for _ in samples[letter]])
    # What was not sampled (also SPACE, DELETE, NOTHING) stays what the model says it is.
    others = np.array([i for i, name in enumerate(LABELS) if name not in letters])
    sure = np.eye(len(LABELS), dtype=np.float32)[np.repeat(others, SAMPLES)]
    weights, bias = _fit(np.concatenate([said, sure]), np.concatenate([label, np.repeat(others, SAMPLES)]))
    return Calibration(weights.astype(np.float32), bias.astype(np.float32), letters, model)


def held_out_accuracy(samples: Mapping[str, Sequence[FloatArray]]) -> tuple[float, float]:
    """What a correction gains on samples that it was not fitted on: each is left out once.

    Args:
        samples: by letter, what the model said (29,) of each of its three samples.

    Returns:
        The shares (0..1) of samples that are read right without and with it.

    Raises:
        CalibrationError: as `fit_calibration`.
    """
    before, after = [], []
    for left_out in range(SAMPLES):
        others = {letter: [*own[:left_out], *own[left_out + 1 :]] for letter, own in samples.items()}
        calibration = fit_calibration(others, model="")
        for letter, own in samples.items():
            said, label = own[left_out], char_to_index(letter)
            before.append(said.argmax() == label)
            after.append(calibration.adapt(said).argmax() == label)
    return float(np.mean(before)), float(np.mean(after))


def _fit(said: FloatArray, label: NDArray[np.int64]) -> tuple[Matrix, Matrix]:
    logits = np.log(np.maximum(said, _LEAST)).astype(np.float64)
    inputs = _inputs(said).astype(np.float64)
    wanted = np.eye(len(LABELS))[label]
    # The last row of `both` is the bias.
    inputs = np.hstack([inputs, np.ones((len(inputs), 1))])
    both = np.zeros((inputs.shape[1], len(LABELS)))
    mean, square = np.zeros_like(both), np.zeros_like(both)
    for step in range(1, _STEPS + 1):
        slope = inputs.T @ (_softmax(logits + inputs @ both) - wanted) / len(label) + _RIDGE * both
        mean = 0.9 * mean + 0.1 * slope
        square = 0.999 * square + 0.001 * slope**2
        both -= _RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return both[:-1], both[-1]


def _inputs(probabilities: FloatArray) -> FloatArray:
    """Log-probabilities as numbers that are 0 where a class is out of the question, and _GAIN where it is sure."""
    inputs: FloatArray = 1.0 - np.log(np.maximum(probabilities, _LEAST)) / np.log(_LEAST)
    return _GAIN * inputs


def _softmax(logits: Matrix | FloatArray) -> Matrix:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    chance: Matrix = shifted / shifted.sum(axis=-1, keepdims=True)
    return chance

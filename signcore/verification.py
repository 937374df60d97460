"""Whether a letter that was asked for has been signed: an easier question than which letter it is."""

from dataclasses import dataclass
from typing import Final

from signcore.features import FloatArray
from signcore.labels import MOVING_LETTERS, char_to_index

HOLD_S: Final = 0.5
# Far below what reading asks for: other letters hardly ever reach it, and the one asked for nearly always does.
# `python -m signcore practice` measures both.
ACCEPTED_FROM: Final = 0.2
# J and Z end with their movement; there is nothing to hold.
MOVED_S: Final = 0.1


@dataclass(frozen=True)
class Verification:
    """How far the letter asked for has got.

    Attributes:
        probability: of the letter, 0..1; 0 while nothing is read.
        progress: the share of the hold time that it has been held, 0..1.
        accepted: it has been held to the end; stays so until the next letter is asked for.
    """

    probability: float
    progress: float
    accepted: bool


class Verifier:
    """Watches one session for one letter.

    Args:
        letter: the label asked for.
        hold_s: how long it must be held, seconds.
    """

    def __init__(self, letter: str, hold_s: float = HOLD_S) -> None:
        self.letter = letter
        self._index = char_to_index(letter)
        self._hold_ms = 1000.0 * (min(hold_s, MOVED_S) if letter in MOVING_LETTERS else hold_s)
        self._since_ms: float | None = None
        self._accepted = False

    def step(self, probabilities: FloatArray | None, t_ms: float) -> Verification:
        """Take in a moment.

        Args:
            probabilities: (29,), as a Snapshot has them; None while nothing is read.
            t_ms: milliseconds, rising.
        """
        probability = 0.0 if probabilities is None else float(probabilities[self._index])
        if probability < ACCEPTED_FROM:
            self._since_ms = None
        elif self._since_ms is None:
            self._since_ms = t_ms
        held = 0.0 if self._since_ms is None else (t_ms - self._since_ms) / self._hold_ms
        self._accepted = self._accepted or held >= 1.0
        return Verification(probability, 1.0 if self._accepted else min(held, 1.0), self._accepted)

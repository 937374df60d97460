"""Reading what somebody else spells: a word, what a person read, and how right that is."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from signcore.alignment import Difference, Pair, align
from signcore.practice import Mode
from signcore.store import Attempt

SLOWEST: Final = 0.5
FASTEST: Final = 3.0


@dataclass(frozen=True)
class Answer:
    """What a person read.

    Attributes:
        word: what was spelled.
        pairs: it, letter by letter, beside what was read.
        right: whether all of it was.
    """

    word: str
    pairs: tuple[Pair, ...]
    right: bool

    def attempts(self, seconds: float, at: datetime) -> tuple[Attempt, ...]:
        """The answer as attempts, one for each letter of the word.

        Args:
            seconds: how long the whole answer took.
            at: when it was given.
        """
        return tuple(
            Attempt(
                Mode.QUIZ.value,
                pair.meant,
                pair.read if pair.read is not None and pair.read.isascii() and pair.read.isalpha() else None,
                pair.difference is Difference.NONE,
                seconds / len(self.word),
                at,
            )
            for pair in self.pairs
            if pair.meant is not None
        )


def check(word: str, typed: str) -> Answer:
    """Lay what a person typed beside the word; blanks do not count."""
    pairs = align(word, re.sub(r"\s", "", typed).upper()[: 2 * len(word)])
    return Answer(word, pairs, all(pair.difference is Difference.NONE for pair in pairs))

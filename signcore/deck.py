"""Which letter to drill next: spaced repetition over what one person has tried before.

When a letter is due is FSRS's business (the package `fsrs` with its published parameters; Ye, Su and Cao, 2022, "A
Stochastic Shortest Path Algorithm for Optimizing Spaced Repetition Scheduling"). Nothing but attempts is stored: the
cards are computed from them.
"""

from collections import Counter, deque
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from fsrs import Card, Rating, Scheduler

from signcore.labels import LETTERS
from signcore.practice import MINIMAL_PAIRS, SHAPE_GROUPS, Mode
from signcore.store import Attempt

# Every fifth question goes to the letter that was not asked for the longest: a person who gets some wrong over and over
# still meets all others, each at least once in 5 x 26 questions.
FAIR_SHARE: Final = 5
# A pair of letters is contrasted once, and again only after so many questions.
_PAIR_PAUSE: Final = 12
_QUICK_S: Final = 3.0
_SLOW_S: Final = 8.0


class Deck:
    """The 26 letters of one person.

    Args:
        attempts: what the person has tried so far, oldest first.
    """

    def __init__(self, attempts: Iterable[Attempt] = ()) -> None:
        self._scheduler = Scheduler(enable_fuzzing=False)
        self._cards: dict[str, Card] = {}
        self._questions = 0
        self._asked_at = dict.fromkeys(LETTERS, 0)
        self._contrasts: deque[str] = deque()
        self._paired_at: dict[frozenset[str], int] = {}
        self._last: str | None = None
        for attempt in attempts:
            self.learn(attempt)
        self._contrasts.clear()

    def learn(self, attempt: Attempt) -> None:
        """Take in an attempt. One at reading, or at something else than a letter, says nothing about signing."""
        letter = attempt.asked
        if letter not in self._asked_at or attempt.mode == Mode.QUIZ:
            return
        card = self._cards.get(letter) or Card(card_id=LETTERS.index(letter))
        self._cards[letter], _ = self._scheduler.review_card(card, _rating(attempt), attempt.at.astimezone(UTC))
        self._questions += 1
        self._last = letter
        self._asked_at[letter] = self._questions
        if attempt.read in self._asked_at and attempt.read != letter:
            self._contrast(letter, attempt.read)

    def choose(self, now: datetime) -> str:
        """The letter to ask for now; never the one that was asked for last.

        In this order: every fifth time the letter not asked for the longest; the two of a pair that has just been mixed
        up; what is due, longest first; a new letter; what will be due soonest.
        """
        others = [letter for letter in _ORDER if letter != self._last]
        if self._questions % FAIR_SHARE == FAIR_SHARE - 1:
            return self._asking(min(others, key=self._asked_at.__getitem__))
        while self._contrasts:
            letter = self._contrasts.popleft()
            if letter != self._last:
                return self._asking(letter)
        known = [letter for letter in others if letter in self._cards]
        soonest = min(known, key=lambda letter: self._cards[letter].due, default=None)
        new = [letter for letter in others if letter not in self._cards]
        if soonest is None or (new and self._cards[soonest].due > now):
            return self._asking(new[0])
        return self._asking(soonest)

    def _asking(self, letter: str) -> str:
        self._last = letter
        return letter

    def _contrast(self, asked: str, read: str) -> None:
        pair = frozenset((asked, read))
        if self._questions - self._paired_at.get(pair, -_PAIR_PAUSE) >= _PAIR_PAUSE:
            self._paired_at[pair] = self._questions
            self._contrasts.extend((read, asked))


def pairs_to_drill(attempts: Iterable[Attempt]) -> dict[str, int]:
    """Pairs of letters to be drilled against each other, and how often this person has mixed them up.

    Their own come first, the most frequent at the top, then those that are alike.

    Args:
        attempts: what the person has tried so far.
    """
    own = Counter(
        "".join(sorted((one.asked, one.read)))
        for one in attempts
        if one.mode != Mode.QUIZ and one.asked in LETTERS and one.read in LETTERS and one.read != one.asked
    )
    return dict(own.most_common()) | {pair: own[pair] for pair in MINIMAL_PAIRS}


_ORDER: Final = "".join(SHAPE_GROUPS.values())


def _rating(attempt: Attempt) -> Rating:
    """What FSRS calls it. A letter that was copied from the reference was not remembered: it is hard at best."""
    if not attempt.right:
        return Rating.Again
    if attempt.mode == Mode.LEARN or attempt.seconds > _SLOW_S:
        return Rating.Hard
    return Rating.Easy if attempt.seconds <= _QUICK_S else Rating.Good

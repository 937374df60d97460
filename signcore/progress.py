"""What a person's attempts add up to."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signcore.labels import LETTERS
from signcore.practice import ROUND_S, Mode
from signcore.store import Attempt

NOT_READ: Final = "none"
# What somebody can do now, not what they could not do last year.
_RECENT: Final = 10
_LEAST: Final = 3
_STRUGGLE: Final = 0.8
_DAYS_SHOWN: Final = timedelta(days=14)


@dataclass(frozen=True)
class LetterProgress:
    """How one letter goes.

    Attributes:
        letter: A to Z.
        attempts: how many there were.
        right: how many of them were right at first.
        recent: the share of right ones among the last 10, 0..1.
        seconds: the median time of the right ones; None without one.
    """

    letter: str
    attempts: int
    right: int
    recent: float
    seconds: float | None


@dataclass(frozen=True)
class Period:
    """A day or a week in which there was practice.

    Attributes:
        first: its first day.
        last: its last day.
        attempts: those in it, oldest first.
    """

    first: date
    last: date
    attempts: tuple[Attempt, ...]


def signed(attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
    """The attempts at signing a letter from memory: not those at reading, nor those with the reference in view."""
    return tuple(one for one in attempts if one.mode not in (Mode.QUIZ, Mode.LEARN) and one.asked in LETTERS)


def by_letter(attempts: Sequence[Attempt]) -> tuple[LetterProgress, ...]:
    """How each letter goes that was tried, A to Z.

    Args:
        attempts: oldest first.
    """
    found = []
    for letter in LETTERS:
        own = [one for one in attempts if one.asked == letter]
        if own:
            right = [one for one in own if one.right]
            recent = [one.right for one in own[-_RECENT:]]
            found.append(
                LetterProgress(
                    letter,
                    len(own),
                    len(right),
                    sum(recent) / len(recent),
                    median(one.seconds for one in right) if right else None,
                )
            )
    return tuple(found)


def struggles(attempts: Sequence[Attempt]) -> tuple[str, ...]:
    """The letters tried three times or more of which less than 4 in 5 went right lately, weakest first."""
    weak = [one for one in by_letter(attempts) if one.attempts >= _LEAST and one.recent < _STRUGGLE]
    return tuple(one.letter for one in sorted(weak, key=lambda one: one.recent))


def confusions(attempts: Sequence[Attempt]) -> NDArray[np.int64]:
    """(26, 27) how often each letter (rows, A to Z) was read as each letter; the last column is for not at all."""
    counts = np.zeros((len(LETTERS), len(LETTERS) + 1), dtype=np.int64)
    for one in attempts:
        if one.asked in LETTERS:
            column = LETTERS.index(one.read) if one.read in LETTERS else len(LETTERS)
            counts[LETTERS.index(one.asked), column] += 1
    return counts


def by_day(attempts: Sequence[Attempt], zone: tzinfo) -> dict[date, tuple[int, int]]:
    """For each day with attempts, oldest first: how many were right, and how many there were."""
    days: dict[date, tuple[int, int]] = {}
    for one in attempts:
        day = one.at.astimezone(zone).date()
        right, all_ = days.get(day, (0, 0))
        days[day] = (right + one.right, all_ + 1)
    return dict(sorted(days.items()))


def by_period(attempts: Sequence[Attempt], zone: tzinfo) -> tuple[Period, ...]:
    """The attempts day by day, or week by week (Monday to Sunday) when they are spread over more than two weeks.

    A period without attempts is left out.

    Args:
        attempts: oldest first.
        zone: the person's.
    """
    days = [one.at.astimezone(zone).date() for one in attempts]
    weekly = bool(days) and max(days) - min(days) >= _DAYS_SHOWN
    periods: dict[date, list[Attempt]] = {}
    for day, one in zip(days, attempts, strict=True):
        periods.setdefault(day - timedelta(days=day.weekday() if weekly else 0), []).append(one)
    length = timedelta(days=6 if weekly else 0)
    return tuple(Period(first, first + length, tuple(own)) for first, own in sorted(periods.items()))


def day_streak(attempts: Sequence[Attempt], now: datetime) -> int:
    """How many days in a row there was practice, up to today, or to yesterday while today is young.

    Args:
        attempts: in any order.
        now: with the person's time zone.
    """
    days = set(by_day(attempts, now.tzinfo or now.astimezone().tzinfo))  # type: ignore[arg-type]
    day = now.date() if now.date() in days else now.date() - timedelta(days=1)
    streak = 0
    while day in days:
        streak, day = streak + 1, day - timedelta(days=1)
    return streak


def best_streak(attempts: Sequence[Attempt]) -> int:
    """The longest row of attempts that were right at first."""
    best = streak = 0
    for one in attempts:
        streak = streak + 1 if one.right else 0
        best = max(best, streak)
    return best


def best_round(attempts: Sequence[Attempt]) -> int:
    """The most letters that were right in one round of 60 seconds.

    Where attempts do not say which round they are of, it ends 60 seconds after its first.
    """
    right: Counter[str | datetime] = Counter()
    began: datetime | None = None
    for one in attempts:
        if one.mode == Mode.SPEED:
            if began is None or (one.at - began).total_seconds() > ROUND_S:
                began = one.at
            right[one.round or began] += one.right
    return max(right.values(), default=0)


def attempts_csv(attempts: Sequence[Attempt]) -> str:
    """All attempts as a table for other programs."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(["at", "mode", "asked", "read", "right", "seconds"])
    for one in attempts:
        writer.writerow([one.at.isoformat(), one.mode, one.asked, one.read or "", int(one.right), f"{one.seconds:.2f}"])
    return target.getvalue()

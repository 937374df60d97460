from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from signcore.practice import Mode
from signcore.progress import (
    attempts_csv,
    best_round,
    best_streak,
    by_day,
    by_letter,
    by_period,
    confusions,
    day_streak,
    signed,
    struggles,
)
from signcore.store import Attempt

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def attempt(
    asked: str, read: str | None, *, seconds: float = 2.0, at: datetime = NOON, mode: Mode = Mode.DRILL
) -> Attempt:
    return Attempt(mode.value, asked, read, read == asked, seconds, at)


def test_each_letter() -> None:
    attempts = [
        attempt("A", "A", seconds=1.0),
        attempt("A", "A", seconds=3.0),
        attempt("A", "S", seconds=9.0),
        attempt("B", None),
    ]
    a, b = by_letter(attempts)
    assert (a.letter, a.attempts, a.right, a.seconds) == ("A", 3, 2, 2.0)
    assert a.recent == 2 / 3
    assert (b.letter, b.right, b.seconds) == ("B", 0, None)


def test_struggles_are_what_goes_wrong_now() -> None:
    old = [attempt("A", "S")] * 5 + [attempt("A", "A")] * 10
    new = [attempt("K", "K"), attempt("K", "V"), attempt("K", "V")]
    seldom = [attempt("Z", None)] * 2
    assert struggles([*old, *new, *seldom]) == ("K",)


def test_confusions() -> None:
    counts = confusions([attempt("A", "S"), attempt("A", "S"), attempt("B", None), attempt("SPACE", "A")])
    assert counts.shape == (26, 27)
    assert counts[0, 18] == 2
    assert counts[1, 26] == 1
    assert counts.sum() == 3


def test_only_signing_from_memory_counts_as_signed() -> None:
    attempts = [attempt("A", "A", mode=mode) for mode in Mode]
    assert {one.mode for one in signed(attempts)} == {"drill", "words", "speed"}


def test_streaks() -> None:
    days = [attempt("A", "A", at=NOON - timedelta(days=back)) for back in (0, 1, 2, 4)]
    assert day_streak(days, NOON) == 3
    assert day_streak(days, NOON + timedelta(days=1)) == 3, "today is not over"
    assert day_streak(days, NOON + timedelta(days=2)) == 0
    assert day_streak([], NOON) == 0
    assert best_streak([attempt("A", read) for read in "AASAAAS"]) == 3


def test_a_day_is_the_persons_day() -> None:
    late = attempt("A", "A", at=datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    [day] = by_day([late], timezone(timedelta(hours=2)))
    assert day.day == 24


def test_periods_are_days_and_later_weeks() -> None:
    assert by_period([], UTC) == ()
    days = [attempt("A", "A", at=NOON - timedelta(days=back)) for back in (13, 13, 1, 0)]
    assert [(one.first, one.last, len(one.attempts)) for one in by_period(days, UTC)] == [
        (NOON.date() - timedelta(days=back), NOON.date() - timedelta(days=back), count)
        for back, count in ((13, 2), (1, 1), (0, 1))
    ]
    weeks = by_period([attempt("A", "A", at=NOON - timedelta(days=14)), *days], UTC)
    assert NOON.weekday() == 0, "a Monday"
    assert [(one.first.day, one.last.day, len(one.attempts)) for one in weeks] == [(9, 15, 3), (16, 22, 1), (23, 29, 1)]


def test_the_best_round() -> None:
    first = [attempt("A", "A", at=NOON + timedelta(seconds=s), mode=Mode.SPEED) for s in (0, 5, 59)]
    second = [attempt("A", "A", at=NOON + timedelta(seconds=s), mode=Mode.SPEED) for s in (90, 91)]
    assert best_round([*first, *second, attempt("A", "A", at=NOON + timedelta(seconds=92))]) == 3
    assert best_round([]) == 0


def test_a_round_that_is_begun_anew_is_another() -> None:
    rounds = [("one", 0), ("one", 5), ("two", 10), ("two", 15), ("two", 65)]
    attempts = [
        replace(attempt("A", "A", at=NOON + timedelta(seconds=s), mode=Mode.SPEED), round=name) for name, s in rounds
    ]
    assert best_round(attempts) == 3


def test_csv() -> None:
    assert attempts_csv([attempt("A", None)]) == (
        "at,mode,asked,read,right,seconds\n2026-11-23T12:00:00+00:00,drill,A,,0,2.00\n"
    )

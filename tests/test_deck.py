"""The scheduler, with simulated learners."""

import itertools
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from signcore.deck import FAIR_SHARE, Deck, pairs_to_drill
from signcore.labels import LETTERS
from signcore.practice import Mode
from signcore.store import Attempt

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def attempt(asked: str, read: str | None, at: datetime, seconds: float = 2.0, mode: Mode = Mode.DRILL) -> Attempt:
    return Attempt(mode.value, asked, read, read == asked, seconds, at)


def practise(
    answer: Callable[[str], str | None], days: int = 10, questions: int = 60, deck: Deck | None = None
) -> list[str]:
    """What is asked of a learner who practises for some minutes each day."""
    deck = deck or Deck()
    asked = []
    for day in range(days):
        for number in range(questions):
            now = NOON + timedelta(days=day, seconds=4 * number)
            letter = deck.choose(now)
            deck.learn(attempt(letter, answer(letter), now))
            asked.append(letter)
    return asked


def test_a_weak_letter_is_seen_more_often() -> None:
    chance = random.Random(3)
    weak = "K"
    asked = practise(lambda letter: letter if letter != weak or chance.random() < 0.3 else None)
    counts = Counter(asked)
    others = [counts[letter] for letter in LETTERS if letter != weak]
    assert counts[weak] > 2 * max(others)


@pytest.mark.parametrize("wrong", [LETTERS, LETTERS[:13], LETTERS[20:], ""])
def test_nobody_starves(wrong: str) -> None:
    asked = practise(lambda letter: None if letter in wrong else letter, days=3, questions=300)
    longest = FAIR_SHARE * len(LETTERS) + FAIR_SHARE
    for letter in LETTERS:
        places = [-1, *(i for i, one in enumerate(asked) if one == letter), len(asked)]
        assert max(b - a for a, b in itertools.pairwise(places)) <= longest, letter


def test_no_letter_comes_twice_in_a_row() -> None:
    chance = random.Random(5)
    asked = practise(lambda _: chance.choice([*LETTERS, None]))
    assert all(a != b for a, b in itertools.pairwise(asked))


def test_two_letters_that_were_mixed_up_are_contrasted() -> None:
    deck = Deck()
    first = deck.choose(NOON)
    deck.learn(attempt(first, "Y", NOON))
    pair = []
    for step in range(2):
        now = NOON + timedelta(seconds=4 * step)
        pair.append(deck.choose(now))
        deck.learn(attempt(pair[-1], pair[-1], now))
    assert pair == ["Y", first]


def test_what_is_remembered_comes_later_than_what_is_not() -> None:
    deck = Deck()
    for letter in LETTERS:
        deck.learn(attempt(letter, letter if letter != "Q" else None, NOON))
    deck.learn(attempt("A", "A", NOON))
    assert deck.choose(NOON + timedelta(minutes=2)) == "Q"


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ((None, 2.0, Mode.DRILL), ("K", 9.0, Mode.DRILL)),
        (("K", 9.0, Mode.DRILL), ("K", 5.0, Mode.DRILL)),
        (("K", 2.0, Mode.LEARN), ("K", 5.0, Mode.DRILL)),
        (("K", 5.0, Mode.DRILL), ("K", 2.0, Mode.DRILL)),
    ],
    ids=["a wrong answer", "a slow one", "one with help", "one that is not quick"],
)
def test_the_answer_decides_what_is_due_first(
    worse: tuple[str | None, float, Mode], better: tuple[str | None, float, Mode]
) -> None:
    read, seconds, mode = worse
    others = [attempt(letter, better[0] and letter, NOON, *better[1:]) for letter in LETTERS if letter != "K"]
    deck = Deck([attempt("K", read, NOON, seconds, mode), *others])
    assert deck.choose(NOON + timedelta(seconds=30)) == "K"


def test_a_deck_made_again_asks_the_same() -> None:
    attempts = []
    deck = Deck()
    for number in range(100):
        now = NOON + timedelta(seconds=5 * number)
        letter = deck.choose(now)
        attempts.append(attempt(letter, letter if number % 3 else None, now))
        deck.learn(attempts[-1])
    again = Deck(attempts)
    later = NOON + timedelta(days=1)
    deck.learn(attempt("A", "A", later))
    again.learn(attempt("A", "A", later))
    assert again.choose(later) == deck.choose(later)


def test_reading_says_nothing_about_signing() -> None:
    deck = Deck([attempt("A", None, NOON, mode=Mode.QUIZ), attempt("SPACE", None, NOON)])
    assert deck.choose(NOON) == Deck().choose(NOON)


def test_pairs_are_ones_own_first_and_then_the_usual_ones() -> None:
    usual = pairs_to_drill([])
    assert set(usual.values()) == {0}
    assert "UV" in usual
    said = [("P", "K"), ("S", "A"), ("K", "P"), ("B", None), ("C", "C"), ("D", "SPACE")]
    attempts = [attempt(asked, read, NOON) for asked, read in said]
    pairs = pairs_to_drill([*attempts, attempt("F", "W", NOON, mode=Mode.QUIZ)])
    assert list(pairs)[:2] == ["KP", "AS"]
    assert (pairs["KP"], pairs["AS"], pairs["UV"]) == (2, 1, 0)
    assert set(pairs) == {*usual, "KP"}

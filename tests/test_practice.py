"""Exercises, with the shipped recogniser reading the sample hands."""

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signcore.errors import PracticeError
from signcore.feedback import Verdict
from signcore.hand import HandFrame, HandTracker
from signcore.labels import LETTERS
from signcore.practice import ROUND_S, SHAPE_GROUPS, Exercise, Mode, Moment
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.samples import spell
from signcore.settings import Settings
from signcore.store import Attempt
from signcore.video import Video
from signcore.vocabulary import LONGEST_WORD, MOST_WORDS, WORD_LISTS, own_words, shuffled

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Signer:
    """Somebody who signs before an exercise."""

    def __init__(self, predictor: SequencePredictor, mode: Mode, *prompts: str) -> None:
        self.recognizer = Recognizer(predictor, Settings())
        self.attempts: list[Attempt] = []
        following = iter(prompts)
        self.exercise = Exercise(mode, lambda: next(following), self.attempts.append, now=lambda: NOON)
        self.t_ms = 0.0

    def sign(self, word: str, until: Callable[[], bool] = lambda: False) -> None:
        """Spell a word with the sample hands, at most until something is so."""
        begin = self.t_ms
        for hand, t_ms in spell(word):
            self.show(hand, begin + t_ms)
            if until():
                return

    def show(self, hand: HandFrame | None, t_ms: float) -> None:
        self.t_ms = t_ms + 1.0
        self.exercise.step(self.recognizer.step_hand(hand, t_ms))

    def hold(self, letter: str, seconds: float) -> None:
        """Hold a sample hand still."""
        hand = next(hand for hand, _ in spell(letter) if hand is not None)
        begin = self.t_ms
        for step in range(round(30 * seconds)):
            self.show(hand, begin + step * 1000 / 30)

    @property
    def results(self) -> list[tuple[str, str | None, bool]]:
        return [(one.asked, one.read, one.right) for one in self.attempts]


@pytest.fixture
def signer(predictor: SequencePredictor) -> Callable[..., Signer]:
    return lambda mode, *prompts: Signer(predictor, mode, *prompts)


@pytest.mark.parametrize("word", ["HELLO", "QUICK", "FIVE", "JAZZ"])
def test_a_word_that_is_spelled_is_done(signer: Callable[..., Signer], word: str) -> None:
    who = signer(Mode.WORDS, word, "NEXT")
    who.sign(word)
    assert who.exercise.moment.letters == len(word)
    assert [one.asked for one in who.attempts] == list(word)
    assert all(one.right for one in who.attempts)
    assert all(0.0 < one.seconds < 10.0 for one in who.attempts)
    assert {one.mode for one in who.attempts} == {"words"}


def test_after_a_word_comes_praise_and_then_the_next(signer: Callable[..., Signer]) -> None:
    who = signer(Mode.WORDS, "BE", "AT")
    who.sign("BE", until=lambda: who.exercise.moment.asked is None)
    moment = who.exercise.moment
    assert (moment.prompt, moment.done) == ("BE", 2)
    who.hold("E", 2.0)
    assert (who.exercise.moment.prompt, who.exercise.moment.asked) == ("AT", "A")


def test_a_double_letter_needs_a_second_sign(signer: Callable[..., Signer]) -> None:
    who = signer(Mode.WORDS, "LL", "A")
    who.hold("L", 5.0)
    assert who.exercise.moment.done == 1
    for _ in range(10):
        who.show(None, who.t_ms + 33.0)
    who.hold("L", 3.0)
    assert who.results == [("L", "L", True), ("L", "L", True)]


def test_another_letter_that_is_held_is_a_wrong_answer_once(signer: Callable[..., Signer]) -> None:
    who = signer(Mode.DRILL, "A", "C")
    who.hold("B", 6.0)
    assert who.results == [("A", "B", False)]
    moment = who.exercise.moment
    assert (moment.asked, moment.streak) == ("A", 0)
    assert moment.feedback.verdict is Verdict.OTHER
    assert moment.feedback.looks_like == "B"
    assert moment.feedback.sentence
    who.hold("A", 3.0)
    assert who.exercise.moment.letters == 1
    assert len(who.attempts) == 1, "the first answer counts"


def test_another_letter_on_the_way_is_no_answer(signer: Callable[..., Signer]) -> None:
    who = signer(Mode.DRILL, "A", "C")
    who.sign("B", until=lambda: who.recognizer.snapshot.letter == "B")
    who.hold("B", 1.2)
    assert who.exercise.moment.feedback.looks_like == "B"
    who.hold("A", 3.0)
    assert who.results == [("A", "A", True)]


def test_the_hand_of_the_letter_before_is_no_answer(signer: Callable[..., Signer]) -> None:
    who = signer(Mode.WORDS, "BA")
    who.hold("B", 5.0)
    assert who.results == [("B", "B", True)]
    assert who.exercise.moment.asked == "A"


def test_a_sentence_stays_long_enough_to_be_read(signer: Callable[..., Signer]) -> None:
    who = signer(Mode.DRILL, "A")
    said: list[tuple[str, float]] = []
    begin = who.t_ms
    for hand, t_ms in spell("BVWK"):
        who.show(hand, begin + t_ms)
        sentence = who.exercise.moment.feedback.sentence
        if not said or said[-1][0] != sentence:
            said.append((sentence, who.t_ms))
    shown = [after - before for (_, before), (_, after) in itertools.pairwise(said)]
    assert len(said) > 2
    assert min(shown) >= 450.0


def test_skip_and_hint(signer: Callable[..., Signer]) -> None:
    who = signer(Mode.DRILL, "A", "B", "C")
    who.show(None, 0.0)
    who.exercise.skip()
    assert who.results == [("A", None, False)]
    assert who.exercise.moment.asked == "B"
    assert not who.exercise.moment.hinted
    who.exercise.hint()
    assert who.exercise.moment.hinted
    who.hold("B", 4.0)
    assert who.attempts[-1].mode == "learn", "a letter with a hint was not remembered"
    who.exercise.show_reference(True)
    who.exercise.show_reference(False)
    assert who.exercise.moment.helped


def test_a_round_ends_after_sixty_seconds_with_a_hand(signer: Callable[..., Signer]) -> None:
    who = signer(Mode.SPEED, *"AB" * 40)
    for step in range(90):
        who.show(None, step * 100.0)
    assert who.exercise.moment.remaining_s == ROUND_S
    while not who.exercise.moment.finished:
        who.hold(who.exercise.moment.asked or "A", 1.0)
    moment = who.exercise.moment
    assert moment.remaining_s == 0.0
    assert moment.letters == moment.best_streak == len(who.attempts) > 20
    assert who.t_ms - 9000.0 == pytest.approx(60_000.0, abs=1500.0)
    who.exercise.again()
    assert (who.exercise.moment.letters, who.exercise.moment.remaining_s) == (0, ROUND_S)


def test_all_letters_are_in_one_group() -> None:
    assert sorted("".join(SHAPE_GROUPS.values())) == list(LETTERS)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("B7X 23", "Digits are not spelled"),
        ("hi 😀", "“😀” is not spelled"),
        ("a-b", "“-” is not spelled"),
        ("дом", "is not spelled"),
        ("A" * (LONGEST_WORD + 1), f"at most {LONGEST_WORD} letters"),
        (" ".join(f"{a}{b}{c}" for a in LETTERS for b in LETTERS for c in LETTERS[:15])[:40_000], "10,000"),
    ],
)
def test_a_list_that_cannot_be_spelled_is_refused_in_a_sentence(typed: str, said: str) -> None:
    with pytest.raises(PracticeError) as raised:
        own_words(typed)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 120


def test_a_list_is_tidied() -> None:
    assert own_words(" , \n") == own_words("\ufeff \u200b") == ()
    assert own_words("\ufeffhel\u00adlo A\ufe0f") == ("HELLO", "A")
    assert own_words("hello, Zoë;hello\nJosé straße") == ("HELLO", "ZOE", "JOSE", "STRASSE")
    assert len(own_words(" ".join(f"{a}{b}" for a in LETTERS for b in LETTERS)[: 3 * MOST_WORDS])) == MOST_WORDS


def test_every_list_can_be_spelled() -> None:
    for words in WORD_LISTS.values():
        assert own_words(" ".join(words)) == words


def test_words_come_once_each_and_never_twice_in_a_row() -> None:
    words = shuffled(("A", "B", "C"), random.Random(1))
    first = take(words, 60)
    for start in range(0, 60, 3):
        assert sorted(first[start : start + 3]) == ["A", "B", "C"]
    assert all(a != b for a, b in itertools.pairwise(first))
    assert take(shuffled(("A",), random.Random(1)), 3) == ["A", "A", "A"]


def take(words: Iterator[str], count: int) -> list[str]:
    return [next(words) for _ in range(count)]


def test_a_filmed_word_is_done(predictor: SequencePredictor, media_dir: Path, hand_model: Path) -> None:
    who = Signer(predictor, Mode.WORDS, "HELLO", "NEXT")
    film(who, media_dir / "word_HELLO.mp4", hand_model)
    assert who.results == [(letter, letter, True) for letter in "HELLO"]


def test_another_letter_on_film_gets_its_feedback(
    predictor: SequencePredictor, media_dir: Path, hand_model: Path
) -> None:
    who = Signer(predictor, Mode.DRILL, "A", "C")
    # The clip is 2.5 s long; a second passes before anything is read.
    film(who, media_dir / "B.mp4", hand_model, rounds=2)
    assert who.results == [("A", "B", False)]
    found = who.exercise.moment.feedback
    assert (found.verdict, found.looks_like) == (Verdict.OTHER, "B")
    assert found.finger is not None
    assert "now it looks like a B" in found.sentence


def film(who: Signer, path: Path, hand_model: Path, rounds: int = 1) -> None:
    """Show a video, over and over, as a camera would."""
    with HandTracker(hand_model) as tracker:
        for _ in range(rounds):
            begin = who.t_ms + 32.0 if who.t_ms else 0.0
            with Video(path) as video:
                for frame in video:
                    t_ms = begin + frame.t_ms
                    who.show(tracker.detect(frame.image, t_ms), t_ms)


def test_hands_free_space_skips_and_delete_hints_once_for_each_hold(predictor: SequencePredictor) -> None:
    # There is no recorded hand of these two signs, so the snapshots are made up.
    blank = Recognizer(predictor, Settings()).snapshot
    attempts: list[Attempt] = []
    following = iter("ABCD")
    exercise = Exercise(Mode.DRILL, lambda: next(following), attempts.append, now=lambda: NOON)

    def hold(sign: str | None, begin_s: float, seconds: float) -> None:
        for step in range(round(30 * seconds)):
            t_ms = 1000.0 * begin_s + step * 1000 / 30
            exercise.step(replace(blank, t_ms=t_ms, letter=sign, confidence=0.0 if sign is None else 0.95))

    hold("SPACE", 0.0, 2.0)
    assert exercise.moment.asked == "A", "only when it was asked for"
    exercise.hands_free = True
    hold(None, 3.0, 0.2)
    hold("SPACE", 4.0, 5.0)
    assert exercise.moment.asked == "B"
    hold("DELETE", 10.0, 0.8)
    assert not exercise.moment.hinted
    hold("DELETE", 10.8, 0.5)
    assert exercise.moment.hinted
    assert [(one.asked, one.right) for one in attempts] == [("A", False)]


def test_what_is_skipped_is_remembered_until_the_next_prompt(signer: Callable[..., Signer]) -> None:
    one = signer(Mode.WORDS, "HI", "BY")
    one.show(None, 0.0)
    one.exercise.skip()
    assert one.exercise.moment.skipped == (0,)
    one.exercise.skip()
    assert (one.exercise.moment.prompt, one.exercise.moment.skipped) == ("BY", ())


@pytest.mark.parametrize("mode", [Mode.WORDS, Mode.SPEED])
def test_what_other_threads_see_is_always_whole(predictor: SequencePredictor, mode: Mode) -> None:
    seen: list[Moment] = []

    class Watched(Exercise):
        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, value)
            if name == "moment":
                seen.append(self.moment)

    who = Signer(predictor, mode, "A")
    prompts = itertools.cycle(["AB", "C"])
    who.exercise = Watched(mode, lambda: next(prompts), who.attempts.append, now=lambda: NOON)
    who.sign("ABCA")
    for change in (who.exercise.skip, who.exercise.hint, who.exercise.again, lambda: who.exercise.show_reference(True)):
        before = len(seen)
        change()
        assert len(seen) <= before + 1
    assert len(who.attempts) >= 3
    for moment in seen:
        assert moment.prompt
        assert moment.asked == moment.prompt[moment.done : moment.done + 1] or moment.asked is None

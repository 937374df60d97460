from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle

import pytest

from signcore.buffer import FRAME_MS
from signcore.labels import DELETE, SPACE
from signcore.predictor import SequencePredictor
from signcore.quiz import Quiz, QuizMoment, check
from signcore.recognizer import Recognizer, Status
from signcore.samples import spell
from signcore.settings import Settings
from signcore.store import Attempt

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "right", "read"),
    [
        ("hello", True, list("HELLO")),
        ("H E L L O", True, list("HELLO")),
        ("helo", False, ["H", "E", None, "L", "O"]),
        ("hexlo", False, ["H", "E", "X", "L", "O"]),
        ("helloo", False, list("HELLO")),
        ("12345", False, [None] * 5),
        ("Ж" * 10_000, False, [None] * 5),
    ],
)
def test_what_was_read(typed: str, right: bool, read: list[str | None]) -> None:
    answer = check("HELLO", typed)
    assert answer.right is right
    attempts = answer.attempts(10.0, NOON)
    assert [one.asked for one in attempts] == list("HELLO")
    found = [one.read for one in attempts]
    assert sorted(map(str, found)) == sorted(map(str, read))
    assert all(one.right == (one.read == one.asked) for one in attempts)
    assert {(one.mode, one.seconds) for one in attempts} == {("quiz", 2.0)}


class Reader:
    """A person without a keyboard, whose hand spells with recorded letters, and the clock on the wall."""

    def __init__(self, predictor: SequencePredictor, *words: str) -> None:
        self.recognizer = Recognizer(predictor, Settings(pause_s=0.0))
        self.attempts: list[Attempt] = []
        self.quiz = Quiz(
            cycle(words), self.attempts.append, self.recognizer.clear, clock=lambda: self.t_ms / 1000, now=lambda: NOON
        )
        self.quiz.hands_free = True

    @property
    def t_ms(self) -> float:
        return self.recognizer.snapshot.t_ms

    def rest(self, seconds: float) -> None:
        for _ in range(round(30 * seconds)):
            self.quiz.step(self.recognizer.step_hand(None, self.t_ms + FRAME_MS))

    def sign(self, word: str) -> None:
        begin = self.t_ms + FRAME_MS
        for hand, t_ms in spell(word):
            self.quiz.step(self.recognizer.step_hand(hand, begin + t_ms))

    def hold(self, label: str, seconds: float) -> None:
        """A sign that is no letter, held; the recogniser's answer is what a hand would make it say."""
        for _ in range(round(30 * seconds)):
            snapshot = self.recognizer.step_hand(None, self.t_ms + FRAME_MS)
            self.quiz.step(replace(snapshot, letter=label, confidence=0.99, status=Status.READING))

    @property
    def moment(self) -> QuizMoment:
        return self.quiz.moment


@pytest.fixture
def reader(predictor: SequencePredictor) -> Reader:
    return Reader(predictor, "LAB", "CUP")


def test_nothing_is_played_before_a_hand_is_there(reader: Reader) -> None:
    reader.rest(2.0)
    assert reader.moment.played_s is None
    reader.sign("B")
    assert reader.moment.played_s is not None


def test_a_word_is_answered_by_signing_and_the_next_comes_by_itself(reader: Reader) -> None:
    reader.quiz.play()
    reader.sign("LAB")
    assert reader.moment.answer == check("LAB", "LAB")
    assert [(one.asked, one.read, one.right) for one in reader.attempts] == [(one, one, True) for one in "LAB"]
    reader.rest(4.1)
    assert (reader.moment.word, reader.moment.number, reader.moment.right) == ("CUP", 1, 1)
    assert reader.moment.played_s is not None
    assert reader.moment.signed == ""
    reader.sign("CUP")
    assert reader.moment.right == 2


def test_a_wrong_answer_waits_for_a_second_thought(reader: Reader) -> None:
    reader.quiz.play()
    reader.sign("LOB")
    assert reader.moment.answer is None
    assert reader.moment.signed == "LOB"
    reader.rest(2.6)
    assert reader.moment.answer == check("LAB", "LOB")
    assert [one.read for one in reader.attempts] == ["L", "O", "B"]


def test_an_answer_without_an_end_is_ended(reader: Reader) -> None:
    reader.quiz.play()
    reader.sign("BADCOD")
    assert reader.moment.answer == check("LAB", "BADCOD")


def test_space_ends_an_answer_and_skips_a_word(reader: Reader) -> None:
    reader.quiz.play()
    reader.hold(SPACE, 1.2)
    assert (reader.moment.word, reader.moment.number) == ("CUP", 1)
    assert reader.moment.played_s is not None
    assert reader.attempts == []
    reader.sign("CU")
    reader.hold(SPACE, 1.2)
    assert reader.moment.answer == check("CUP", "CU")
    reader.rest(0.2)
    reader.hold(SPACE, 1.2)
    assert (reader.moment.word, reader.moment.number) == ("LAB", 2)


def test_delete_plays_the_word_again(reader: Reader) -> None:
    reader.quiz.play()
    reader.rest(1.0)
    began_s, before = reader.moment.began_s, reader.moment.played_s
    reader.hold(DELETE, 1.2)
    assert reader.moment.word == "LAB"
    assert before is not None
    assert reader.moment.played_s is not None
    assert reader.moment.played_s > before
    assert reader.moment.began_s == began_s, "the time to answer began with the first"


def test_a_typed_answer_counts_once_and_not_before_the_word_was_played(reader: Reader) -> None:
    reader.quiz.reply("LAB")
    assert reader.moment.answer is None
    reader.quiz.play()
    reader.quiz.reply("  ")
    reader.quiz.reply("lab")
    reader.quiz.reply("other")
    assert reader.moment.answer == check("LAB", "LAB")
    assert len(reader.attempts) == 3
    reader.quiz.skip()
    assert (reader.moment.word, reader.moment.answer, reader.moment.played_s) == ("CUP", None, None)


def test_who_types_is_not_listened_to(predictor: SequencePredictor) -> None:
    reader = Reader(predictor, "HI")
    reader.quiz.hands_free = False
    recognizer = Recognizer(predictor)
    for hand, t_ms in spell("HI"):
        reader.quiz.step(recognizer.step_hand(hand, t_ms))
    assert reader.quiz.moment == QuizMoment("HI")

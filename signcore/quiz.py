"""Reading what somebody else spells: a word, what a person read, and how right that is."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from signcore.alignment import Difference, Pair, align, as_spelled
from signcore.commands import Commands
from signcore.labels import DELETE, SPACE
from signcore.practice import Mode
from signcore.recognizer import Snapshot
from signcore.store import Attempt

SLOWEST: Final = 0.5
FASTEST: Final = 3.0
_TOO_LONG: Final = 2  # times the word
# An answer that is as long as the word counts when nothing of it has changed for so long: time to take a letter back.
_LAST_LETTER_S: Final = 2.5
# The result stays for so long before the next word comes by itself.
_RESULT_S: Final = 4.0


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
    pairs = align(word, as_spelled(typed).replace(" ", "")[: _TOO_LONG * len(word)])
    return Answer(word, pairs, all(pair.difference is Difference.NONE for pair in pairs))


@dataclass(frozen=True)
class QuizMoment:
    """A quiz as it stands at one moment. Immutable, so threads can pass it around.

    Attributes:
        word: what is, or will be, spelled.
        number: how many words there were before.
        began_s: when the word was first played, on the quiz's clock; None before.
        played_s: when it was last played; None before.
        signed: the letters that the person has signed as their answer so far.
        answer: what they read; None as long as nothing was.
        right: how many words were read right.
    """

    word: str
    number: int = 0
    began_s: float | None = None
    played_s: float | None = None
    signed: str = ""
    answer: Answer | None = None
    right: int = 0


class Quiz:
    """Words that are spelled for a person to read. Any thread may call anything.

    Args:
        words: to spell, without an end.
        keep: called with every attempt.
        clear: called when what has been signed shall be forgotten.
        clock: seconds that never run back.
        now: tells the time.

    Attributes:
        moment: the newest.
        hands_free: whether what is signed counts; may be set at any time.
    """

    def __init__(
        self,
        words: Iterator[str],
        keep: Callable[[Attempt], object],
        clear: Callable[[], object],
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.hands_free = False
        self._words = words
        self._keep = keep
        self._clear = clear
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._commands = Commands()
        self._changed_s = 0.0
        self.moment = QuizMoment(next(words))
        clear()

    def play(self) -> None:
        """Spell the word from now on."""
        with self._lock:
            self._play()

    def skip(self) -> None:
        """Go on to another word."""
        with self._lock:
            self._next()

    def reply(self, typed: str) -> None:
        """What the person has read; counts once, and not before the word was played."""
        with self._lock:
            self._reply(typed)

    def step(self, snapshot: Snapshot) -> None:
        """Take in what is read from a person who has their hands in the air.

        A hand in view plays the first word. The answer is signed: it counts when it is right, when it is as long as
        the word and rests, or when SPACE is held, which without a letter skips the word. DELETE takes letters back, and
        without a letter plays the word again. The next word comes by itself, or at once with SPACE.
        """
        if not self.hands_free:
            return
        with self._lock:
            command = self._commands.step(snapshot)
            if self.moment.answer is not None:
                if command == SPACE or self._clock() - self._changed_s >= _RESULT_S:
                    self._next()
                    self._play()
            elif self.moment.played_s is None:
                if snapshot.hand is not None:
                    self._play()
            else:
                self._listen(re.sub(r"\s", "", snapshot.text), command)

    def _listen(self, signed: str, command: str | None) -> None:
        if signed != self.moment.signed:
            self.moment = replace(self.moment, signed=signed)
            self._changed_s = self._clock()
        word = self.moment.word
        rests = len(signed) >= len(word) and self._clock() - self._changed_s >= _LAST_LETTER_S
        # Nobody who has read a word spells twice as much: what follows would only make it worse.
        ends = rests or len(signed) >= _TOO_LONG * len(word)
        if signed and (signed == word or ends or command == SPACE):
            self._reply(signed)
        elif command == SPACE:
            self._next()
            self._play()
        elif command == DELETE and not signed:
            self._play()

    def _play(self) -> None:
        played_s = self._clock()
        began_s = played_s if self.moment.began_s is None else self.moment.began_s
        self.moment = replace(self.moment, played_s=played_s, began_s=began_s)

    def _next(self) -> None:
        self.moment = QuizMoment(next(self._words), self.moment.number + 1, right=self.moment.right)
        self._clear()

    def _reply(self, typed: str) -> None:
        moment = self.moment
        if moment.began_s is None or moment.answer is not None or not typed.strip():
            return
        answer = check(moment.word, typed)
        self._changed_s = self._clock()
        self.moment = replace(moment, answer=answer, right=moment.right + answer.right)
        for attempt in answer.attempts(self._changed_s - moment.began_s, self._now()):
            self._keep(attempt)

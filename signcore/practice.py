"""Exercises: letters are asked for, one after the other, and a person's hand answers. No Streamlit in here."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from signcore.commands import Commands
from signcore.feedback import Feedback, Verdict, feedback
from signcore.labels import DELETE, LETTERS
from signcore.recognizer import Snapshot
from signcore.store import Attempt
from signcore.transcript import EventKind
from signcore.verification import ACCEPTED_FROM, HOLD_S, Verification, Verifier

ROUND_S: Final = 60.0
# Another letter, held for so long, is an answer and not a hand on its way. Learners take their time to form a letter.
WRONG_MS: Final = 1500.0
_CLEARLY: Final = 0.6
# A sentence is shown once it has held true for so long: nobody can read one that changes with every frame.
_CALM_MS: Final = 500.0
_NOTHING_YET: Final = Verification(0.0, 0.0, False)
_NO_FEEDBACK: Final = Feedback(Verdict.NO_HAND, 0.0, None, "", None)


class Mode(StrEnum):
    """What kind of exercise it is; an attempt remembers it."""

    LEARN = "learn"
    DRILL = "drill"
    WORDS = "words"
    SPEED = "speed"
    QUIZ = "quiz"


# How long the tick stays before the next question, milliseconds.
_PRAISE_MS: Final = {Mode.LEARN: 1000.0, Mode.DRILL: 700.0, Mode.WORDS: 1400.0, Mode.SPEED: 0.0}

# Letters that share a shape are learned together, and what tells them apart with them.
SHAPE_GROUPS: Final = {
    "Fists": "ASETNM",
    "Flat and round": "BCOF",
    "Fingers up": "DLIYXW",
    "Two fingers": "UVRK",
    "Turned": "GHQP",
    "In motion": "JZ",
}

# Letters that differ in one thing, and whose thing it is.
MINIMAL_PAIRS: Final = {
    "UV": ("index", "middle"),
    "UR": ("index", "middle"),
    "MN": ("ring", "thumb"),
    "AS": ("thumb",),
    "AT": ("thumb",),
    "KV": ("thumb", "middle"),
    "GQ": ("index",),
    "IJ": ("little",),
}


@dataclass(frozen=True)
class Moment:
    """An exercise as it stands at one moment. Immutable, so threads can pass it around.

    Attributes:
        prompt: the letters that are asked for, one or many.
        done: how many of them are behind us.
        asked: the letter that is asked for; None between two prompts and at the end.
        verification: how far that letter has got.
        feedback: what to say about the hand; calm, a sentence stays long enough to be read.
        helped: whether the reference has been in view since the letter was asked for.
        hinted: whether a hint was asked for.
        skipped: which places of the prompt were skipped.
        letters: how many letters have been signed in this sitting.
        streak: how many in a row were right at first.
        best_streak: the longest such row of the sitting.
        remaining_s: seconds left; None without a clock.
        finished: the time is over.
    """

    prompt: str
    done: int = 0
    asked: str | None = None
    verification: Verification = _NOTHING_YET
    feedback: Feedback = _NO_FEEDBACK
    helped: bool = False
    hinted: bool = False
    skipped: tuple[int, ...] = ()
    letters: int = 0
    streak: int = 0
    best_streak: int = 0
    remaining_s: float | None = None
    finished: bool = False


class Exercise:
    """One sitting in one mode. One thread steps it; any thread may read `moment`, skip, ask for a hint or begin again.

    The first answer to a letter counts: accepted, another letter held, or skipped. A letter that was answered
    with the reference in view is an attempt at learning, whatever the mode.

    Args:
        mode: any but QUIZ.
        next_prompt: called for the letters to ask for, A to Z.
        keep: called with every attempt.
        hold_s: how long a letter is held, seconds.
        hands_free: whether SPACE, held for a second, skips, and DELETE asks for a hint.
        now: tells the time.

    Attributes:
        moment: the newest.
        hands_free: as given; may be set at any time.
    """

    def __init__(
        self,
        mode: Mode,
        next_prompt: Callable[[], str],
        keep: Callable[[Attempt], object],
        *,
        hold_s: float = HOLD_S,
        hands_free: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.mode = mode
        self.hands_free = hands_free
        self._next_prompt = next_prompt
        self._keep = keep
        self._hold_s = hold_s
        self._now = now
        self._lock = threading.Lock()
        self._t_ms: float | None = None
        self._asked_ms: float | None = None
        self._next_ms = 0.0
        self._answered = False
        self._repeats = False
        self._shown_reference = False
        self._moment = Moment("")
        self._carried: str | None = None
        self._rival: tuple[str, float] | None = None
        self._commands = Commands()
        self._said: tuple[str, float] = ("", 0.0)
        with self._changing():
            self._begin()

    def step(self, snapshot: Snapshot) -> None:
        """Take in what has been read."""
        with self._changing():
            self._t_ms = t_ms = snapshot.t_ms
            if self._asked_ms is None:
                self._asked_ms, self._carried = t_ms, snapshot.letter
            self._obey(snapshot)
            if self._moment.finished or self._time_is_over(snapshot):
                return
            if self._moment.asked is not None:
                self._look(snapshot, self._moment.asked)
            elif t_ms >= self._next_ms:
                self._ask(self._next_prompt(), 0)

    def skip(self) -> None:
        """Go on to the next letter. One that was not answered yet counts as not known."""
        with self._changing():
            self._skip()

    def hint(self) -> None:
        """Help with this letter."""
        with self._changing():
            self._hint()

    def again(self) -> None:
        """Begin another sitting."""
        with self._changing():
            self._begin()

    def show_reference(self, shown: bool) -> None:
        """Say whether the person sees how the letter is formed."""
        with self._changing():
            self._shown_reference = shown
            if shown and not self._moment.helped:
                self._moment = replace(self._moment, helped=True)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One change at a time. Others see what came of it, and nothing of what it went through."""
        with self._lock:
            yield
            self.moment = self._moment

    def _begin(self) -> None:
        self._clock_ms: float | None = None
        self._round = uuid.uuid4().hex if self.mode is Mode.SPEED else None
        self._moment = Moment("", remaining_s=None if self._round is None else ROUND_S)
        self._ask(self._next_prompt(), 0)

    def _ask(self, prompt: str, position: int) -> None:
        asked = prompt[position]
        self._verifier = Verifier(asked, self._hold_s)
        # What still stands of the letter before does not answer this one.
        self._repeats = asked == self._carried
        self._answered = False
        self._asked_ms = self._t_ms
        self._rival = None
        self._said = ("", self._t_ms or 0.0)
        self._moment = replace(
            self._moment, prompt=prompt, done=position, asked=asked, verification=_NOTHING_YET, feedback=_NO_FEEDBACK,
            helped=self._shown_reference, hinted=False, skipped=self._moment.skipped if position else (),
        )  # fmt: skip

    def _look(self, snapshot: Snapshot, asked: str) -> None:
        if snapshot.letter != self._carried:
            self._carried = None
        verification = self._verified(snapshot)
        found = self._calm(feedback(asked, snapshot.hand, snapshot.probabilities), snapshot.t_ms)
        self._moment = replace(self._moment, verification=verification, feedback=found)
        if verification.accepted:
            self._answer(asked, right=True)
            self._go_on(asked)
        elif self._another_is_held(snapshot, found):
            self._answer(snapshot.letter, right=False)

    def _verified(self, snapshot: Snapshot) -> Verification:
        """How far the letter has got. The same letter once more needs the hand to let go first, or to slide."""
        if self._repeats:
            if any(
                event.kind is EventKind.LETTER and event.label == self._verifier.letter
                for event in snapshot.events[-2:]
                if event.end_ms > (self._asked_ms or 0.0)
            ):
                return Verification(1.0, 1.0, True)
            seen = Verifier(self._verifier.letter).step(snapshot.probabilities, snapshot.t_ms)
            if seen.probability >= ACCEPTED_FROM:
                return replace(seen, progress=0.0)
            self._repeats = False
        return self._verifier.step(snapshot.probabilities, snapshot.t_ms)

    def _another_is_held(self, snapshot: Snapshot, found: Feedback) -> bool:
        letter = snapshot.letter
        another = found.verdict is Verdict.OTHER and letter in LETTERS and snapshot.confidence >= _CLEARLY
        if letter is None or not another or letter in (self._verifier.letter, self._carried):
            self._rival = None
        elif self._rival is None or self._rival[0] != letter:
            self._rival = (letter, snapshot.t_ms)
        return self._rival is not None and snapshot.t_ms - self._rival[1] >= WRONG_MS

    def _calm(self, found: Feedback, t_ms: float) -> Feedback:
        """The feedback with a sentence that has held true for a while; that a letter is good is said at once."""
        shown = self._moment.feedback
        if found.sentence != self._said[0]:
            self._said = (found.sentence, t_ms)
        if found.verdict is Verdict.GOOD or t_ms - self._said[1] >= _CALM_MS:
            return found
        if shown.verdict is Verdict.GOOD:
            # No longer good, and not yet clear why.
            shown = _NO_FEEDBACK
        return replace(shown, probability=found.probability)

    def _answer(self, read: str | None, *, right: bool) -> None:
        """The first answer to the letter that is asked for."""
        moment = self._moment
        if self._answered or moment.asked is None:
            return
        self._answered = True
        seconds = ((self._t_ms or 0.0) - (self._asked_ms or 0.0)) / 1000.0
        mode = Mode.LEARN if moment.helped else self.mode
        self._keep(Attempt(mode.value, moment.asked, read, right, seconds, self._now(), self._round))
        streak = moment.streak + 1 if right else 0
        self._moment = replace(moment, streak=streak, best_streak=max(streak, moment.best_streak))

    def _go_on(self, signed: str | None) -> None:
        """The letter is behind us."""
        moment = replace(self._moment, done=self._moment.done + 1, letters=self._moment.letters + (signed is not None))
        if signed is None:
            moment = replace(moment, skipped=(*moment.skipped, self._moment.done))
        self._moment = moment
        self._carried = signed
        if moment.done < len(moment.prompt):
            self._ask(moment.prompt, moment.done)
        elif signed is None or self.mode is Mode.SPEED:
            self._ask(self._next_prompt(), 0)
        else:
            self._next_ms = (self._t_ms or 0.0) + _PRAISE_MS[self.mode]
            self._moment = replace(moment, asked=None)

    def _time_is_over(self, snapshot: Snapshot) -> bool:
        if self.mode is not Mode.SPEED:
            return False
        if self._clock_ms is None:
            if snapshot.hand is None:
                return False
            self._clock_ms = self._asked_ms = snapshot.t_ms
        remaining_s = max(0.0, ROUND_S - (snapshot.t_ms - self._clock_ms) / 1000.0)
        self._moment = replace(self._moment, remaining_s=remaining_s)
        if remaining_s == 0.0:
            self._moment = replace(self._moment, asked=None, finished=True)
        return self._moment.finished

    def _obey(self, snapshot: Snapshot) -> None:
        """Signs that are commands, once for each time that they are held."""
        command = self._commands.step(snapshot)
        if not self.hands_free or command is None:
            return
        if command == DELETE:
            self._hint()
        elif self._moment.finished:
            self._begin()
        else:
            self._skip()

    def _skip(self) -> None:
        if self._moment.asked is not None:
            self._answer(None, right=False)
            self._go_on(None)

    def _hint(self) -> None:
        if self._moment.asked is not None:
            self._moment = replace(self._moment, hinted=True, helped=True)

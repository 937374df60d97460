"""What the Practice page of one tab is doing: who practises, what is asked, what is yet to be stored."""

import random
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import cycle, repeat
from typing import Final

import streamlit as st

from signcore.calibrator import Calibrator
from signcore.dashboard.person import find_or_add_person, find_person, name_is_ones_own
from signcore.dashboard.session import Session
from signcore.deck import Deck
from signcore.errors import NoSuchPersonError, SignError
from signcore.practice import SHAPE_GROUPS, Exercise, Mode
from signcore.quiz import Quiz
from signcore.recognizer import Recognizer, Snapshot
from signcore.store import Attempt, Person, Store
from signcore.vocabulary import shuffled

_KEY: Final = "practice"


class Practice:
    """One tab's practice. The camera's thread steps it, the page does the rest.

    Args:
        session: the tab's.

    Attributes:
        recognizer: reads for this page, so that what is practised is not written on the Live page.
        exercise: what is to be signed, by a sample while one plays; None before the first, and while something is to
            be read.
        attempts: everything that the person has tried, oldest first.
        person: who practises; None: nobody who is in the store yet.
        stepped_s: when the exercise was last stepped, seconds since 1970.
        quiz: what is to be read; None before the first, and while something is to be signed.
        left_handed: which hand was seen last.
        store: where attempts go; None where it cannot be used.
        hand: what is known of the person's own.
        calibrator: gathers samples for one; None where nobody has begun.
        calibrates: whether it gathers them now; what it has waits meanwhile.
        trouble: why attempts could not be stored, for the person; None when they could.
    """

    def __init__(self, session: Session) -> None:
        # Nobody practises spaces: a hand that rests writes none.
        settings = session.settings.model_copy(update={"pause_s": 0.0})
        self.recognizer = Recognizer(session.predictor, settings)
        self.exercise: Exercise | None = None
        self.attempts: list[Attempt] = []
        self.person: Person | None = None
        self.stepped_s = 0.0
        self.left_handed = False
        self.quiz: Quiz | None = None
        self.store: Store | None = None
        self.trouble: str | None = None
        self.hand = session.hand
        self.calibrator: Calibrator | None = None
        self.calibrates = False
        self._session = session
        self._own: Exercise | None = None
        self._name: str | None = None
        self._loaded = False
        self._deck = Deck()
        # With the name of who made them; None: whoever says a name first.
        self._unsaved: deque[tuple[str | None, Attempt]] = deque()
        self._failed = 0
        self._made_for: tuple[object, ...] = ()

    def step(self, snapshot: Snapshot) -> None:
        """Take in what has been read."""
        # The page may end any of them at any moment.
        calibrator, exercise, quiz = self.calibrator, self.exercise, self.quiz
        if self.calibrates:
            if calibrator is not None:
                calibrator.step(snapshot)
        elif exercise is not None:
            exercise.step(snapshot)
            self.stepped_s = time.time()
        elif quiz is not None:
            quiz.step(snapshot)

    def be(self, name: str | None, *, anew: bool = False) -> None:
        """From now on this person practises; None: somebody of whom nothing is kept.

        Args:
            name: the person's.
            anew: whether what other tabs have stored of them since is wanted, too.

        Raises:
            StoreError: what they have tried cannot be read.
        """
        store = self.store
        if store is None:
            return
        if name != self._name:
            self.save()
            # Whatever happens now, nobody practises with what is somebody else's.
            self._name, self._loaded = name, False
            self.person, self.calibrator = None, None
            self.attempts, self._deck = [], Deck()
        self.hand.be(store, name, used=name_is_ones_own())
        if self._loaded and not anew:
            return
        self.save()
        person = None if name is None else find_person(store, name)
        stored = () if person is None else store.attempts(person.id)
        if self.person not in (None, person):
            self._start_over(self._failed)
        if not self._loaded:
            self._made_for = ()
        attempts = [*stored, *(attempt for owner, attempt in tuple(self._unsaved) if owner in (None, name))]
        if attempts != self.attempts:
            self._deck = Deck(attempts)
        self.person, self.attempts, self._loaded = person, attempts, True

    def ask(self, mode: Mode, choice: str | None, words: tuple[str, ...]) -> Exercise:
        """The exercise of this mode, begun anew when anything of it has changed.

        While a sample plays it is one for the sample, which leaves the person's where it was.

        Args:
            mode: any but QUIZ.
            choice: the group of letters to begin with, for LEARN; the pair, for DRILL, None for all letters.
            words: to spell, for WORDS.
        """
        wanted = (mode, choice, words)
        own = self._own
        if own is None or wanted != self._made_for:
            self._made_for = wanted
            self.quiz = None
            self._end_sample()
            own = self._own = self.exercise = Exercise(mode, self._prompts(mode, choice, words), self._keep)
        player = self._session.player
        if player is None:
            self.exercise = own
        elif self.exercise is None or self.exercise is own:
            # Who has just seen it does not know it from memory.
            own.hint()
            self.exercise = Exercise(mode, repeat(player.word).__next__, lambda _: None)
        return self.exercise

    def ask_quiz(self, words: tuple[str, ...]) -> Quiz:
        """The words that are to be read, begun anew when the list has changed."""
        wanted = (Mode.QUIZ, words)
        if self.quiz is None or wanted != self._made_for:
            self._made_for = wanted
            self._end_sample()
            self._own = self.exercise = None
            self.quiz = Quiz(shuffled(words, random.Random()), self._keep, self.recognizer.clear)
        return self.quiz

    def save(self) -> None:
        """Store the attempts that are not yet stored. Where that fails they wait for the next one, and are not lost."""
        waiting = len(self._unsaved)
        if waiting == self._failed or self.store is None or self._name is None:
            return
        try:
            if self.person is None:
                self.person = find_or_add_person(self.store, self._name)
            while self._unsaved:
                name, attempt = self._unsaved[0]
                person = self.person if name in (None, self._name) else find_or_add_person(self.store, str(name))
                self.store.add_attempt(person.id, attempt)
                self._unsaved.popleft()
            self._failed, self.trouble = 0, None
        except NoSuchPersonError:
            # Deleted in another tab. What could not be stored before may be from before that.
            self._start_over(self._failed)
            self.save()
        except SignError as error:
            self._failed, self.trouble = waiting, str(error)

    def forget(self) -> None:
        """Delete the person with everything that is kept of them."""
        try:
            if self.store is not None and self.person is not None:
                with suppress(NoSuchPersonError):  # another tab was first
                    self.store.delete_person(self.person.id)
        except SignError as error:
            self.trouble = str(error)
        else:
            self._start_over(len(self._unsaved))

    def use_calibration(self) -> None:
        """Read with the person's calibration, or without it, as is wanted; never while one is being made."""
        being_made = self.calibrates and self.calibrator is not None
        self.recognizer.calibration = None if being_made else self.hand.in_use

    def begin_calibrating(self) -> None:
        """Gather samples from now on."""
        self.calibrator = Calibrator()
        self.use_calibration()

    def stop_calibrating(self) -> None:
        """Gather no more, and keep nothing of it."""
        self.calibrator = None

    def finish_calibrating(self) -> None:
        """Make a calibration of what was gathered, and keep it where there is a store and a name."""
        calibrator, self.calibrator = self.calibrator, None
        if calibrator is None:
            return
        try:
            calibration = calibrator.finish(self._session.predictor.fingerprint)
            self.hand.learned(calibration)
            if self.store is not None and self._name is not None:
                self.person = find_or_add_person(self.store, self._name)
                self.store.keep_calibration(self.person.id, calibration)
        except SignError as error:
            self.trouble = str(error)

    def forget_calibration(self) -> None:
        """Delete the person's calibration."""
        try:
            if self.store is not None and self.person is not None:
                with suppress(NoSuchPersonError):
                    self.store.forget_calibration(self.person.id)
        except SignError as error:
            self.trouble = str(error)
        else:
            self.hand.forgotten()

    def _start_over(self, waiting: int) -> None:
        """Know nothing of the person any more; of what is yet to be stored, so many of the oldest go, too."""
        self.person, self._loaded = None, False
        self.attempts, self._deck = [], Deck()
        # The camera's thread may add to them meanwhile.
        for _ in range(min(waiting, len(self._unsaved))):
            oldest = self._unsaved.popleft()
            if oldest[0] != self._name:
                self._unsaved.append(oldest)
        self._failed = 0
        self.hand.forgotten()

    def _keep(self, attempt: Attempt) -> None:
        self._deck.learn(attempt)
        self.attempts.append(attempt)
        self._unsaved.append((self._name, attempt))

    def _end_sample(self) -> None:
        """End the sample that signs what was asked for before, if one plays."""
        if self._session.player is not None:
            self._session.stop()

    def _prompts(self, mode: Mode, choice: str | None, words: tuple[str, ...]) -> Callable[[], str]:
        if mode is Mode.LEARN:
            names = list(SHAPE_GROUPS)
            first = names.index(choice or names[0])
            groups = cycle([*names[first:], *names[:first]])
            return lambda: SHAPE_GROUPS[next(groups)]
        if mode is Mode.WORDS:
            return shuffled(words, random.Random()).__next__
        if mode is Mode.SPEED:
            return shuffled(tuple("".join(SHAPE_GROUPS.values())), random.Random()).__next__
        if choice is not None:
            return cycle(choice).__next__
        return lambda: self._deck.choose(datetime.now(UTC))


def current_practice(session: Session) -> Practice:
    """This tab's practice."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Practice(session)
    practice: Practice = st.session_state[_KEY]
    return practice

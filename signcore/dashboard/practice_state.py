"""What the Practice page of one tab is doing: who practises, what is asked, what is yet to be stored."""

import random
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import cycle
from typing import Final

import streamlit as st

from signcore.calibration import Calibration
from signcore.calibrator import Calibrator
from signcore.dashboard.person import find_or_add_person, find_person
from signcore.dashboard.session import Session
from signcore.deck import Deck
from signcore.errors import SignError
from signcore.practice import SHAPE_GROUPS, Exercise, Mode
from signcore.quiz import Answer, check
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
        exercise: what is asked; None before the first.
        attempts: everything that the person has tried, oldest first.
        person: who practises; None: nobody who is in the store yet.
        stepped_s: when the exercise was last stepped, seconds since 1970.
        quizzes: how many words there were to read.
        quiz_began_s: when the word was first played, on the monotonic clock; None before.
        quiz_played_s: when it was last played; None before.
        answer: what was read, None as long as nothing was.
        store: where attempts go; None where it cannot be used.
        calibration: the person's own, None where there is none for this recogniser.
        outdated: whether there is one, but for another recogniser.
        calibrator: gathers samples for one; None while nobody does.
        trouble: why attempts could not be stored, for the person; None when they could.
    """

    def __init__(self, session: Session) -> None:
        self.recognizer = Recognizer(session.predictor, session.settings)
        self.exercise: Exercise | None = None
        self.attempts: list[Attempt] = []
        self.person: Person | None = None
        self.stepped_s = 0.0
        self.quizzes = 0
        self.quiz_began_s: float | None = None
        self.quiz_played_s: float | None = None
        self.store: Store | None = None
        self.answer: Answer | None = None
        self.trouble: str | None = None
        self.calibration: Calibration | None = None
        self.outdated = False
        self.calibrator: Calibrator | None = None
        self._session = session
        self._name: str | None = None
        self._loaded = False
        self._deck = Deck()
        self._unsaved: deque[Attempt] = deque()
        self._failed = 0
        self._made_for: tuple[object, ...] = ()
        self._quiz = ""
        self._quiz_words: Iterator[str] = iter(())

    def step(self, snapshot: Snapshot) -> None:
        """Take in what has been read."""
        if self.calibrator is not None:
            self.calibrator.step(snapshot)
        elif self.exercise is not None:
            self.exercise.step(snapshot)
            self.stepped_s = time.time()

    def be(self, name: str | None) -> None:
        """From now on this person practises; None: somebody of whom nothing is kept.

        Raises:
            StoreError: what they have tried cannot be read.
        """
        store = self.store
        if store is None or (self._loaded and name == self._name):
            return
        self.save()
        person = None if name is None else find_person(store, name)
        attempts = () if person is None else store.attempts(person.id)
        self.person, self.attempts = person, list(attempts)
        self.calibrator = None
        kept = None if person is None else store.calibration(person.id)
        self.outdated = kept is not None and kept.model != self._session.predictor.fingerprint
        self.calibration = None if self.outdated else kept
        self._name, self._loaded = name, True
        self._deck = Deck(attempts)
        self._made_for = ()

    def ask(self, mode: Mode, choice: str | None, words: tuple[str, ...]) -> Exercise:
        """The exercise of this mode, begun anew when anything of it has changed.

        Args:
            mode: any but QUIZ.
            choice: the group of letters to begin with, for LEARN; the pair, for DRILL, None for all letters.
            words: to spell, for WORDS.
        """
        wanted = (mode, choice, words)
        if self.exercise is None or wanted != self._made_for:
            self._made_for = wanted
            self.exercise = Exercise(mode, self._prompts(mode, choice, words), self._keep)
        return self.exercise

    def ask_quiz(self, words: tuple[str, ...]) -> str:
        """The word that is to be read, another one when the list has changed."""
        wanted = (Mode.QUIZ, words)
        if wanted != self._made_for:
            self._made_for = wanted
            self._quiz_words = shuffled(words, random.Random())
            self.next_quiz()
        return self._quiz

    def next_quiz(self) -> None:
        """Another word to read."""
        self._quiz = next(self._quiz_words)
        self.quizzes += 1
        self.quiz_began_s = self.quiz_played_s = self.answer = None

    def play_quiz(self) -> None:
        """Spell the word from now on."""
        self.quiz_played_s = time.monotonic()
        self.quiz_began_s = self.quiz_began_s or self.quiz_played_s

    def answer_quiz(self, typed: str) -> None:
        """What the person has read."""
        if self.quiz_began_s is None or self.answer is not None or not typed.strip():
            return
        self.answer = check(self._quiz, typed)
        for attempt in self.answer.attempts(time.monotonic() - self.quiz_began_s, datetime.now(UTC)):
            self._keep(attempt)

    def save(self) -> None:
        """Store the attempts that are not yet stored. Where that fails they wait for the next one, and are not lost."""
        waiting = len(self._unsaved)
        if waiting == self._failed or self.store is None or self._name is None:
            return
        try:
            if self.person is None:
                self.person = find_or_add_person(self.store, self._name)
            while self._unsaved:
                self.store.add_attempt(self.person.id, self._unsaved[0])
                self._unsaved.popleft()
            self._failed, self.trouble = 0, None
        except SignError as error:
            self._failed, self.trouble = waiting, str(error)

    def forget(self) -> None:
        """Delete the person with everything that is kept of them."""
        try:
            if self.store is not None and self.person is not None:
                self.store.delete_person(self.person.id)
        except SignError as error:
            self.trouble = str(error)
        else:
            self._loaded = False

    def use_calibration(self, *, wanted: bool) -> None:
        """Read with the person's calibration, on the Live page too, or without it; never while one is being made."""
        used = self.calibration if wanted and self.calibrator is None else None
        self.recognizer.calibration = self._session.recognizer.calibration = used

    def begin_calibrating(self) -> None:
        """Gather samples from now on."""
        self.calibrator = Calibrator()
        self.use_calibration(wanted=False)

    def stop_calibrating(self) -> None:
        """Gather no more, and keep nothing of it."""
        self.calibrator = None

    def finish_calibrating(self) -> None:
        """Make a calibration of what was gathered, and keep it where there is a store and a name."""
        calibrator, self.calibrator = self.calibrator, None
        if calibrator is None:
            return
        try:
            self.calibration = calibrator.finish(self._session.predictor.fingerprint)
            self.outdated = False
            self._session.calibrated = True
            if self.store is not None and self._name is not None:
                self.person = self.person or find_or_add_person(self.store, self._name)
                self.store.keep_calibration(self.person.id, self.calibration)
        except SignError as error:
            self.trouble = str(error)

    def forget_calibration(self) -> None:
        """Delete the person's calibration."""
        try:
            if self.store is not None and self.person is not None:
                self.store.forget_calibration(self.person.id)
        except SignError as error:
            self.trouble = str(error)
        else:
            self.calibration, self.outdated = None, False

    def _keep(self, attempt: Attempt) -> None:
        # What a sample signs says nothing about the person.
        if self._session.player is None:
            self._deck.learn(attempt)
            self.attempts.append(attempt)
            self._unsaved.append(attempt)

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

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from signcore.calibration import Calibration
from signcore.calibrator import Calibrator
from signcore.dashboard import practice_state
from signcore.dashboard.practice_state import Practice
from signcore.dashboard.seats import Seats
from signcore.dashboard.session import Session
from signcore.errors import StoreError
from signcore.practice import Exercise, Mode
from signcore.predictor import SequencePredictor
from signcore.quiz import Quiz
from signcore.recognizer import Recognizer
from signcore.settings import Settings
from signcore.store import Attempt, Store


def attempt(letter: str) -> Attempt:
    return Attempt("drill", letter, letter, True, 1.0, datetime.now(UTC))


@pytest.fixture
def session(tmp_path: Path, predictor: SequencePredictor) -> Session:
    settings = Settings(data_dir=tmp_path, database_url=None)
    return Session(settings, predictor, Seats(1), Recognizer(predictor, settings))


@pytest.fixture
def practice(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Practice]:
    """Somebody's practice, without a page around it, which would know the address that it is asked for at."""
    monkeypatch.setattr(practice_state, "name_is_ones_own", lambda: True)
    made = Practice(session)
    made.store = Store.open(session.settings)
    yield made
    made.store.close()


def refuse(*_: object) -> None:
    raise StoreError("The disk of the database is full; nothing was saved.")


def kept(practice: Practice) -> dict[str, list[str]]:
    """The letters that are stored of everybody."""
    assert practice.store is not None
    store = practice.store
    return {person.name: [each.asked for each in store.attempts(person.id)] for person in store.people()}


def test_what_could_not_be_stored_is_stored_later_for_whom_it_was_made(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.be("Ann")
    practice._keep(attempt("A"))
    with monkeypatch.context() as full:
        full.setattr(practice.store, "add_attempt", refuse)
        practice.save()
        assert practice.trouble is not None
        practice.be("Bob")
    practice._keep(attempt("B"))
    practice.save()
    assert practice.trouble is None
    assert kept(practice) == {"Ann": ["A"], "Bob": ["B"]}


def test_what_is_forgotten_does_not_come_back(practice: Practice) -> None:
    practice.be("Ann")
    practice._keep(attempt("A"))
    practice.save()
    practice._keep(attempt("B"))
    practice.forget()
    practice.be("Ann")
    practice._keep(attempt("C"))
    practice.save()
    assert kept(practice) == {"Ann": ["C"]}


def test_what_was_tried_before_a_name_was_said_is_of_that_name(practice: Practice) -> None:
    practice.be(None)
    practice._keep(attempt("A"))
    practice.save()
    assert kept(practice) == {}
    practice.be("Ann")
    practice._keep(attempt("B"))
    practice.save()
    assert kept(practice) == {"Ann": ["A", "B"]}


def test_nobody_practises_with_what_is_somebody_elses(
    practice: Practice, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = practice.store
    assert store is not None
    no_change = np.zeros((29, 29), np.float32)
    store.keep_calibration(
        store.add_person("Ann").id, Calibration(no_change, no_change[0], ("A", "B"), session.predictor.fingerprint)
    )
    practice.be("Ann")
    practice.use_calibration()
    assert practice.recognizer.calibration is not None
    practice.begin_calibrating()
    practice._keep(attempt("A"))
    with monkeypatch.context() as broken:
        broken.setattr(store, "people", refuse)
        with pytest.raises(StoreError):
            practice.be("Bob")
    practice.use_calibration()
    assert practice.recognizer.calibration is None
    assert practice.calibrator is None
    assert practice.attempts == []
    practice._keep(attempt("B"))
    practice.be("Bob")
    assert [each.asked for each in practice.attempts] == ["B"]
    assert kept(practice) == {"Ann": ["A"], "Bob": ["B"]}


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("calibrator", Calibrator()),
        ("exercise", Exercise(Mode.DRILL, lambda: "A", lambda _: None)),
        ("quiz", Quiz(iter(["QUICK"]), lambda _: None, lambda: None)),
    ],
)
def test_the_page_may_end_what_the_camera_is_about_to_step(session: Session, name: str, made: object) -> None:
    class Ending(Practice):
        """What has been looked at once, the page has ended the next time."""

        def __getattribute__(self, asked: str) -> object:
            found = super().__getattribute__(asked)
            if asked in ("calibrator", "exercise", "quiz"):
                setattr(self, asked, None)
            return found

    practice = Ending(session)
    practice.calibrates = name == "calibrator"
    setattr(practice, name, made)
    practice.step(session.recognizer.step_hand(None, 0.0))
    assert getattr(practice, name) is None


def test_what_another_tab_has_deleted_does_not_come_back_and_practice_goes_on(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.be("Ann")
    practice._keep(attempt("A"))
    practice.save()
    practice._keep(attempt("B"))
    with monkeypatch.context() as full:
        full.setattr(practice.store, "add_attempt", refuse)
        practice.save()
    assert practice.store is not None
    assert practice.person is not None
    practice.store.delete_person(practice.person.id)
    practice._keep(attempt("C"))
    practice.save()
    assert practice.trouble is None
    assert kept(practice) == {"Ann": ["C"]}
    practice.be("Ann")
    assert [each.asked for each in practice.attempts] == ["C"]


def test_what_another_tab_has_stored_is_there_when_it_is_wanted(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.be("Ann")
    practice._keep(attempt("A"))
    practice.save()
    exercise = practice.ask(Mode.DRILL, None, ())
    assert practice.store is not None
    assert practice.person is not None
    practice.store.add_attempt(practice.person.id, attempt("B"))
    practice._keep(attempt("C"))
    with monkeypatch.context() as full:
        full.setattr(practice.store, "add_attempt", refuse)
        practice.be("Ann", anew=True)
    assert [each.asked for each in practice.attempts] == ["A", "B", "C"]
    assert practice.ask(Mode.DRILL, None, ()) is exercise
    practice.store.delete_person(practice.person.id)
    practice.be("Ann", anew=True)
    assert (practice.person, practice.attempts) == (None, [])
    practice._keep(attempt("D"))
    practice.save()
    assert kept(practice) == {"Ann": ["D"]}


def test_what_two_tabs_forget_is_forgotten(practice: Practice) -> None:
    practice.be("Ann")
    practice._keep(attempt("A"))
    practice.save()
    assert practice.store is not None
    assert practice.person is not None
    practice.store.delete_person(practice.person.id)
    practice.forget_calibration()
    practice.forget()
    assert (practice.trouble, practice.attempts, kept(practice)) == (None, [], {})


def test_attempts_may_come_while_a_person_is_forgotten(practice: Practice) -> None:
    class Slow(str):
        """A name that takes so long to compare that the camera's thread makes an attempt meanwhile."""

        def __ne__(self, other: object) -> bool:
            if forgetting:
                practice._keep(attempt("Z"))
            return str(self) != str(other)

    forgetting = False
    practice.be(Slow("Ann"))
    practice._keep(attempt("A"))
    practice.save()
    practice._keep(attempt("B"))
    practice._keep(attempt("C"))
    forgetting = True
    practice.forget()
    forgetting = False
    practice.be(Slow("Ann"))
    practice.save()
    assert kept(practice) == {"Ann": ["Z", "Z"]}

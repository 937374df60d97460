from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from signcore.dashboard import practice_state
from signcore.dashboard.practice_state import Practice
from signcore.errors import StoreError
from signcore.settings import Settings
from signcore.store import Attempt, Store


def attempt(letter: str) -> Attempt:
    return Attempt("drill", letter, letter, True, 1.0, datetime.now(UTC))


@pytest.fixture
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Practice]:
    """Somebody's practice, without a page around it."""
    monkeypatch.setattr(practice_state, "name_is_ones_own", lambda: True)
    hand = SimpleNamespace(be=lambda *_, **__: None, forgotten=lambda: None)
    predictor = SimpleNamespace(window=32, threshold=0.8)
    settings = Settings(data_dir=tmp_path, database_url=None)
    session: Any = SimpleNamespace(settings=settings, predictor=predictor, hand=hand, player=None)
    made = Practice(session)
    made.store = Store.open(settings)
    yield made
    made.store.close()


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

        def refuse(_person: int, _attempt: Attempt) -> None:
            raise StoreError("The disk of the database is full; nothing was saved.")

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

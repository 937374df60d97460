from pathlib import Path

import pytest

from signcore.dashboard.session import Seats, Session
from signcore.errors import StoreError
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.settings import Settings
from signcore.store import Store


@pytest.fixture
def session(predictor: SequencePredictor, tmp_path: Path) -> Session:
    settings = Settings(data_dir=tmp_path)
    return Session(settings, predictor, Seats(1), Recognizer(predictor, settings))


def test_a_sample_is_recorded_and_kept(session: Session) -> None:
    store = Store.open(session.settings)
    session.recorder.begin(store, "Me", session.settings)
    session.play("HI")
    assert session.player is not None
    session.player.advance(session.player.began_s + 60)
    assert session.recorder.seconds
    session.recorder.end()
    session.recorder.end()
    [person] = store.people()
    [stored] = store.recordings(person.id)
    assert (person.name, stored.text) == ("Me", "HI")
    assert session.recorder.kept is not None
    assert (session.recorder.kept.person, session.recorder.kept.recording) == (person, stored)
    assert session.recorder.seconds is None
    session.recorder.begin(store, "ME ", session.settings)
    session.recorder.end()
    assert session.recorder.said == "Nothing was recorded."
    assert len(store.people()) == 1
    store.close()


def test_a_name_that_cannot_be_begins_nothing(session: Session) -> None:
    store = Store.open(session.settings)
    with pytest.raises(StoreError):
        session.recorder.begin(store, "<b>", session.settings)
    assert session.recorder.seconds is None
    store.close()

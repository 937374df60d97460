from pathlib import Path

import numpy as np
import pytest

from signcore.calibration import Calibration
from signcore.dashboard.session import Seats, Session
from signcore.errors import StoreError
from signcore.labels import LABELS
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.settings import Settings
from signcore.store import Store
from signcore.transcript import EventKind


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


def test_a_recording_knows_whether_the_hand_was_known(session: Session) -> None:
    store = Store.open(session.settings)
    size = len(LABELS)
    session.recognizer.calibration = Calibration(
        np.zeros((size, size), np.float32), np.zeros(size, np.float32), ("A", "B"), session.predictor.fingerprint
    )
    session.recorder.begin(store, "Me", session.settings)
    session.play("HI")
    assert session.player is not None
    session.player.advance(session.player.began_s + 1)
    session.recorder.end()
    [person] = store.people()
    [stored] = store.recordings(person.id)
    assert store.load(person.id, stored.id).manifest.calibrated
    store.close()


def test_a_name_that_cannot_be_begins_nothing(session: Session) -> None:
    store = Store.open(session.settings)
    with pytest.raises(StoreError):
        session.recorder.begin(store, "<b>", session.settings)
    assert session.recorder.seconds is None
    store.close()


def test_a_click_after_the_last_picture_is_recorded(session: Session) -> None:
    store = Store.open(session.settings)
    session.recorder.begin(store, "Me", session.settings)
    session.play("HI")
    assert session.player is not None
    session.player.advance(session.player.began_s + 60)
    session.recognizer.clear()
    session.recorder.end()
    [person] = store.people()
    [stored] = store.recordings(person.id)
    assert stored.text == ""
    assert store.load(person.id, stored.id).events[-1].kind is EventKind.CLEAR
    store.close()


def test_a_recording_that_another_tab_has_deleted_ends_and_says_so(session: Session) -> None:
    store = Store.open(session.settings)
    session.recorder.begin(store, "Me", session.settings)
    session.play("HI")
    assert session.player is not None
    session.player.advance(session.player.began_s + 1)
    [person] = store.people()
    store.delete_person(person.id)
    session.player.advance(session.player.began_s + 60)
    assert session.recorder.stopped_by_itself
    session.recorder.end()
    assert session.recorder.said == "The recording was deleted, with everything else that was kept of its owner."
    assert not session.recorder.kept
    assert list((session.settings.data_dir / "recordings").iterdir()) == []
    store.close()

import pytest
from sqlalchemy import text

from signcore.errors import NoSuchPersonError, StoreError
from signcore.recording import Note
from signcore.settings import Settings
from signcore.store import Store
from signcore.store_database import open_database
from tests.recordings import snapshots
from tests.store.contents import CALIBRATION, attempt, record


def test_people_come_and_go(store: Store) -> None:
    assert store.people() == ()
    zoe, ana = store.add_person("Zoë"), store.add_person("  ana   María ")
    assert [person.name for person in store.people()] == ["ana María", "Zoë"]
    assert store.rename_person(zoe.id, "zoë").name == "zoë"
    store.delete_person(ana.id)
    assert [person.name for person in store.people()] == ["zoë"]
    with pytest.raises(StoreError, match="no such person"):
        store.delete_person(ana.id)


def test_names_are_unique_whatever_their_case(store: Store) -> None:
    store.add_person("Straße")
    other = store.add_person("Other")
    for name in ("straße", "STRASSE", "Stra\u00dfe"):
        with pytest.raises(StoreError, match="already somebody called"):
            store.add_person(name)
    with pytest.raises(StoreError, match="already somebody called"):
        store.rename_person(other.id, "Strasse")


def test_deleting_a_person_deletes_everything_of_theirs(store: Store, settings: Settings) -> None:
    ana, ben = store.add_person("Ana").id, store.add_person("Ben").id
    recording, bens = record(store, ana, settings), record(store, ben, settings)
    store.add_note(ana, recording, Note(0.0, "a note"))
    store.add_attempt(ana, attempt("A"))
    store.keep_calibration(ana, CALIBRATION)
    store.keep_own_words(ana, ["PIANO"])
    running = store.record(ana, settings, "a model")
    for snapshot in snapshots(90):
        running.add(snapshot)
    store.delete_person(ana)
    assert not running.part.exists()
    with pytest.raises(NoSuchPersonError, match="was deleted"):
        store.keep(running)
    assert list((settings.data_dir / "recordings").iterdir()) == []
    for ask in (store.recordings, store.attempts, store.calibration, store.own_words):
        with pytest.raises(StoreError, match="no such person"):
            ask(ana)
    assert [it.id for it in store.recordings(ben)] == [bens]
    engine = open_database(settings)
    with engine.connect() as connection:
        counts = [
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()
            for table in ("people", "recordings", "notes", "attempts", "calibrations", "own_words")
        ]
    engine.dispose()
    assert counts == [1, 1, 0, 0, 0, 0]

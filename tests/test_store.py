import dataclasses
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, text

from signcore.calibration import Calibration
from signcore.errors import RecordingError, StoreError
from signcore.recording import Author, Note
from signcore.recording_file import recording_to_bytes
from signcore.settings import Settings
from signcore.store import Attempt, Store
from signcore.store_database import open_database
from signcore.store_tables import Base
from tests.postgresql import Server, running_server
from tests.recordings import make_recording, snapshots, spelled

PROJECT = Path(__file__).resolve().parent.parent
DATABASES = count()
CALIBRATION = Calibration(np.eye(29, dtype=np.float32), np.zeros(29, np.float32), ("A", "B"), "a model")


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").create(f"signcore{next(DATABASES)}")
    return Settings(data_dir=tmp_path / "data", database_url=url)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = Store.open(settings)
    yield store
    store.close()


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=None)


def record(store: Store, person: int, settings: Settings, word: str = "QUICK", name: str | None = None) -> int:
    writer = store.record(person, settings, "a model")
    for snapshot in snapshots(150, events=spelled(word, 1000.0)):
        writer.add(snapshot)
    return store.keep(writer, name).id


# --- people


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


# --- recordings


def test_recording_from_beginning_to_end(store: Store, settings: Settings) -> None:
    person = store.add_person("Ana").id
    first = record(store, person, settings, "QUICK", "Quick fox")
    second = record(store, person, settings, "BROWN")
    listed = store.recordings(person)
    assert {(it.id, it.text) for it in listed} == {(first, "QUICK"), (second, "BROWN")}
    found = next(it for it in listed if it.id == first)
    assert (found.name, found.seconds) == ("Quick fox", pytest.approx(149 / 30))
    assert abs(datetime.now(UTC) - found.created) < timedelta(minutes=1)
    assert store.load(person, first).text == "QUICK"
    store.rename_recording(person, first, "Another name")
    assert "Another name" in {it.name for it in store.recordings(person)}
    store.delete_recording(person, first)
    assert [it.id for it in store.recordings(person)] == [second]
    assert list((settings.data_dir / "recordings").iterdir()) == []


def test_nobody_sees_what_is_another_persons(store: Store, settings: Settings) -> None:
    ana, ben = store.add_person("Ana").id, store.add_person("Ben").id
    recording = record(store, ana, settings)
    note = Note(10.0, "mine")
    assert store.recordings(ben) == ()
    for act in (
        lambda: store.load(ben, recording),
        lambda: store.download(ben, recording),
        lambda: store.rename_recording(ben, recording, "x"),
        lambda: store.delete_recording(ben, recording),
        lambda: store.add_note(ben, recording, note),
        lambda: store.remove_note(ben, recording, note),
    ):
        with pytest.raises(StoreError, match="no such recording"):
            act()
    assert len(store.recordings(ana)) == 1


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
    with pytest.raises(RecordingError, match="Nothing was recorded"):
        store.keep(running)
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


def test_notes_of_several_people(store: Store, settings: Settings) -> None:
    person = store.add_person("Ana").id
    recording = record(store, person, settings)
    notes = [Note(2000.0, "relax the <b>thumb</b>", Author.TEACHER), Note(500.5, "=1+1"), Note(500.5, "=1+1")]
    for note in notes:
        store.add_note(person, recording, note)
    assert store.load(person, recording).notes == (notes[1], notes[2], notes[0])
    store.remove_note(person, recording, notes[1])
    store.remove_note(person, recording, Note(1.0, "was never there"))
    assert store.load(person, recording).notes == (notes[2], notes[0])


def test_download_and_upload_keep_everything(store: Store, settings: Settings) -> None:
    ana, ben = store.add_person("Ana").id, store.add_person("Ben").id
    recording = record(store, ana, settings)
    store.add_note(ana, recording, Note(500.0, "relax the thumb", Author.TEACHER))
    data = store.download(ana, recording)
    added = store.upload(ben, "From Ana", data)
    assert (added.name, added.text) == ("From Ana", "QUICK")
    assert added.created == store.recordings(ana)[0].created
    again = store.load(ben, added.id)
    assert again.notes == (Note(500.0, "relax the thumb", Author.TEACHER),)
    assert store.download(ben, added.id) == data
    assert store.recordings(ben) == (added,)


def test_upload_that_is_no_recording_leaves_nothing(store: Store) -> None:
    person = store.add_person("Ana").id
    with pytest.raises(RecordingError):
        store.upload(person, "A film", b"\x00\x00\x00\x18ftypmp42" + bytes(1000))
    with pytest.raises(StoreError, match="A name has"):
        store.upload(person, "../../etc/passwd", recording_to_bytes(make_recording(30)))
    with pytest.raises(StoreError, match="no such person"):
        store.upload(person + 1, "x", recording_to_bytes(make_recording(30)))
    assert store.recordings(person) == ()


def test_recording_with_nothing_in_it(store: Store, settings: Settings) -> None:
    person = store.add_person("Ana").id
    writer = store.record(person, settings, "a model")
    with pytest.raises(RecordingError, match="Nothing was recorded"):
        store.keep(writer)
    assert store.recordings(person) == ()
    assert list((settings.data_dir / "recordings").iterdir()) == []
    with pytest.raises(StoreError, match="no such person"):
        store.record(person + 1, settings, "a model")


def test_discarded_recording_leaves_nothing(store: Store, settings: Settings) -> None:
    person = store.add_person("Ana").id
    writer = store.record(person, settings, "a model")
    for snapshot in snapshots(90):
        writer.add(snapshot)
    store.discard(writer)
    store.recover()
    assert store.recordings(person) == ()
    assert list((settings.data_dir / "recordings").iterdir()) == []


def test_recording_goes_on_when_its_name_cannot_be(store: Store, settings: Settings) -> None:
    person = store.add_person("Ana").id
    writer = store.record(person, settings, "a model")
    frames = list(snapshots(90))
    for snapshot in frames[:60]:
        writer.add(snapshot)
    with pytest.raises(StoreError, match="A name has"):
        store.keep(writer, "<b>")
    for snapshot in frames[60:]:
        writer.add(snapshot)
    assert store.keep(writer, "b").seconds == pytest.approx(89 / 30)


def test_half_an_hour_is_stored_and_loaded_quickly(store: Store) -> None:
    person = store.add_person("Ana").id
    data = recording_to_bytes(make_recording(54_000, spelled("THE QUICK BROWN FOX " * 180)))
    recording = store.upload(person, "Long", data)
    began = time.perf_counter()
    listed = store.recordings(person)
    middle = time.perf_counter()
    loaded = store.load(person, recording.id)
    print(f"listed in {middle - began:.3f} s, loaded in {time.perf_counter() - middle:.3f} s, {recording.size:,} bytes")
    assert (len(listed), len(loaded)) == (1, 54_000)
    assert time.perf_counter() - began < 2.0


# --- cut off


def test_recording_of_a_killed_process_is_kept(settings: Settings) -> None:
    with_url = {} if settings.database_url is None else {"SIGNCORE_DATABASE_URL": settings.database_url}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.store_in_real_time", "Ana"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "SIGNCORE_DATA_DIR": str(settings.data_dir), **with_url},
    )
    assert process.stdout is not None
    lines = (float(line) for line in process.stdout)
    reached = next(t_ms for t_ms in lines if t_ms > 3500.0)

    meanwhile = Store.open(settings)
    person = meanwhile.people()[0].id
    assert meanwhile.recordings(person) == (), "what is being written is left alone"
    process.send_signal(signal.SIGKILL)
    reached = max([reached, *lines])
    process.wait()
    process.stdout.close()

    meanwhile.recover()
    (found,) = meanwhile.recordings(person)
    assert found.name.endswith("(cut off)")
    assert reached - 1000.0 * found.seconds <= 2000.0
    loaded = meanwhile.load(person, found.id)
    assert loaded.text == "QUICK BROWN"[: len(loaded.text)]
    assert len(loaded.text) > 0
    assert list((settings.data_dir / "recordings").iterdir()) == []
    meanwhile.recover()
    assert len(meanwhile.recordings(person)) == 1
    meanwhile.close()


def test_part_of_another_database_is_left_alone_for_a_month(store: Store, settings: Settings) -> None:
    parts = settings.data_dir / "recordings"
    parts.mkdir(exist_ok=True, parents=True)
    part = parts / "0123.arrows"
    part.write_bytes(b"whatever")
    store.recover()
    assert part.exists()
    month_ago = time.time() - 31 * 86_400
    os.utime(part, (month_ago, month_ago))
    store.recover()
    assert not part.exists()


# --- calibrations


def test_one_calibration_a_person(store: Store) -> None:
    ana, ben = store.add_person("Ana").id, store.add_person("Ben").id
    assert store.calibration(ana) is None
    store.keep_calibration(ana, CALIBRATION)
    store.keep_calibration(ana, dataclasses.replace(CALIBRATION, letters=("M", "S")))
    kept = store.calibration(ana)
    assert kept is not None
    assert (kept.letters, kept.model) == (("M", "S"), "a model")
    assert np.array_equal(kept.weights, CALIBRATION.weights)
    assert store.calibration(ben) is None
    store.forget_calibration(ana)
    store.forget_calibration(ben)
    assert store.calibration(ana) is None


# --- own words


def test_own_words(store: Store) -> None:
    ana, ben = store.add_person("Ana").id, store.add_person("Ben").id
    assert store.own_words(ana) == ()
    store.keep_own_words(ana, ["ZOE"])
    store.keep_own_words(ana, ["PIANO", "ANNA"])
    assert store.own_words(ana) == ("PIANO", "ANNA")
    assert store.own_words(ben) == ()
    store.keep_own_words(ana, [])
    assert store.own_words(ana) == ()
    with pytest.raises(StoreError, match="no such person"):
        store.keep_own_words(ben + 1, ["X"])


# --- attempts


def attempt(asked: str, at: datetime | None = None) -> Attempt:
    return Attempt("letters", asked, "S", asked == "S", 1.25, at or datetime(2026, 11, 23, 12, 0, tzinfo=UTC))


def test_attempts(store: Store) -> None:
    ana, ben = store.add_person("Ana").id, store.add_person("Ben").id
    later = attempt("S", datetime(2026, 11, 23, 20, 0, tzinfo=timezone(timedelta(hours=2))))
    nothing = dataclasses.replace(attempt("J"), read=None)
    for it in (later, nothing):
        store.add_attempt(ana, it)
    assert store.attempts(ana) == (nothing, later)
    assert store.attempts(ben) == ()


# --- many at once


def test_two_processes_open_at_once(settings: Settings) -> None:
    program = (
        "import sys; from signcore.settings import Settings; from signcore.store import Store\n"
        "store = Store.open(Settings()); sys.stdout.write('open\\n'); sys.stdout.flush()\n"
        "[store.add_person(f'{sys.argv[1]} {i}') for i in range(20)]"
    )
    with_url = {} if settings.database_url is None else {"SIGNCORE_DATABASE_URL": settings.database_url}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, name],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "SIGNCORE_DATA_DIR": str(settings.data_dir), **with_url},
        )
        for name in ("a", "b")
    ]
    for process in processes:
        out, errors = process.communicate(timeout=120)
        assert (process.returncode, out) == (0, "open\n"), errors
    store = Store.open(settings)
    assert len(store.people()) == 40
    store.close()


def test_many_threads_write_at_once(store: Store) -> None:
    person = store.add_person("Ana").id
    problems: list[Exception] = []

    def write() -> None:
        try:
            for _ in range(10):
                store.add_attempt(person, attempt("A"))
                store.recordings(person)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(store.attempts(person)) == 80


# --- what can go wrong with a database


def test_migrations_make_the_tables_that_the_code_uses(settings: Settings) -> None:
    engine = open_database(settings)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_database_of_a_newer_version(settings: Settings) -> None:
    engine = open_database(settings)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match="made by another version of signcore"):
        Store.open(settings)


def test_postgresql_that_stops_and_comes_back(postgresql: Server, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=postgresql.create("stopping"))
    store = Store.open(settings)
    person = store.add_person("Ana").id
    writer = store.record(person, settings, "a model")
    for snapshot in snapshots(90, events=spelled("AB", 500.0)):
        writer.add(snapshot)
    postgresql.stop()
    try:
        with pytest.raises(StoreError, match=r"The database postgresql\+psycopg://.* cannot be used"):
            store.people()
        with pytest.raises(StoreError, match="cannot be used"):
            store.keep(writer)
        with pytest.raises(StoreError, match="cannot be used"):
            Store.open(settings)
    finally:
        postgresql.start()
    assert [it.name for it in store.people()] == ["Ana"]
    store.recover()
    assert [it.text for it in store.recordings(person)] == ["AB"]
    store.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "expected postgresql://"),
        ("mysql://a:secret@b/c", "expected postgresql://..., found mysql"),
        ("postgresql://ana:secret@/x?host=/nowhere", "cannot be used"),
    ],
)
def test_address_that_leads_nowhere(tmp_path: Path, url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as caught:
        Store.open(Settings(data_dir=tmp_path, database_url=url))
    assert "secret" not in str(caught.value)


def test_data_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be used"):
        Store.open(Settings(data_dir=tmp_path / "file" / "data", database_url=None))


def test_file_that_is_no_database(sqlite_settings: Settings) -> None:
    sqlite_settings.data_dir.mkdir()
    (sqlite_settings.data_dir / "signcore.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match="cannot be used: file is not a database"):
        Store.open(sqlite_settings)


def test_sqlite_file_that_has_gone(sqlite_settings: Settings) -> None:
    store = Store.open(sqlite_settings)
    for path in sqlite_settings.data_dir.glob("signcore.sqlite*"):
        path.unlink()
    with pytest.raises(StoreError, match="cannot be used"):
        store.add_person("Ana")
    store.close()


def test_full_disk_saves_nothing_and_loses_nothing(sqlite_settings: Settings) -> None:
    store = Store.open(sqlite_settings)
    person = store.add_person("Ana").id
    data = recording_to_bytes(make_recording(3000))
    writer = store.record(person, sqlite_settings, "a model")
    for snapshot in snapshots(3000):
        writer.add(snapshot)
    pages = SmallDisk(store)
    with pytest.raises(StoreError, match=r"The disk of the database sqlite.* is full; nothing was saved"):
        store.upload(person, "Too much", data)
    with pytest.raises(StoreError, match="is full"):
        store.keep(writer)
    assert store.recordings(person) == ()
    pages.grow()
    assert store.keep(writer).seconds == pytest.approx(2999 / 30)
    store.close()


class SmallDisk:
    """Every connection of a store may have only so many pages, which SQLite answers as it does a full disk."""

    def __init__(self, store: Store) -> None:
        self._limit = 100
        event.listen(store._engine, "connect", self._limit_pages)

    def _limit_pages(self, connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {self._limit}")

    def grow(self) -> None:
        self._limit = 1_000_000


def test_deleted_recording_is_not_in_the_file_any_more(sqlite_settings: Settings) -> None:
    store = Store.open(sqlite_settings)
    person = store.add_person("Ana").id
    recording = record(store, person, sqlite_settings, name="Findable")
    trace = np.ascontiguousarray(store.load(person, recording).landmarks[100:120, 8, 1]).tobytes()

    def in_files() -> bool:
        return any(trace in path.read_bytes() for path in sqlite_settings.data_dir.glob("signcore.sqlite*"))

    assert in_files()
    store.delete_recording(person, recording)
    assert not in_files()
    store.close()

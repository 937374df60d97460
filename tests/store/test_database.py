import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, text

from signcore.errors import StoreError
from signcore.recording import Author, Note
from signcore.recording_file import recording_to_bytes
from signcore.settings import Settings
from signcore.store import Store
from signcore.store_database import open_database
from signcore.store_tables import Base
from tests.postgresql import Server
from tests.recordings import make_recording, snapshots, spelled
from tests.store.contents import CALIBRATION, PROJECT, attempt, record


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
        with pytest.raises(StoreError, match=r"^The database cannot be used; the server's log says why\.$"):
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


def test_address_that_leads_nowhere(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="postgresql://ana:secret@/x?host=/nowhere")
    with pytest.raises(StoreError, match="cannot be used") as caught:
        Store.open(settings)
    assert "secret" not in str(caught.value)


def test_postgresql_without_its_packages_is_said_once_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    settings = Settings(data_dir=tmp_path, database_url="postgres://ana:secret@host/x")
    for _ in range(2):
        with pytest.raises(StoreError, match=r"^The database cannot be used; the server's log says why\.$"):
            Store.open(settings)
    [said] = caplog.messages
    assert "requirements-postgres.txt" in said
    assert "secret" not in said


def test_folders_that_are_made_are_closed_to_others(settings: Settings) -> None:
    store = Store.open(settings)
    record(store, store.add_person("Ana").id, settings)
    store.close()
    made = [settings.data_dir / "recordings"] + ([settings.data_dir] if settings.database_url is None else [])
    assert [oct(folder.stat().st_mode & 0o777) for folder in made] == ["0o700"] * len(made)


def test_a_data_folder_that_is_there_stays_as_it_is(sqlite_settings: Settings) -> None:
    sqlite_settings.data_dir.mkdir()
    sqlite_settings.data_dir.chmod(0o755)
    Store.open(sqlite_settings).close()
    assert sqlite_settings.data_dir.stat().st_mode & 0o777 == 0o755


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


def test_what_was_replaced_or_removed_is_not_in_the_file_any_more(sqlite_settings: Settings) -> None:
    store = Store.open(sqlite_settings)
    person = store.add_person("Findable Ana").id
    recording = record(store, person, sqlite_settings, name="Findable recording")
    note = Note(100.0, "Findable note", Author.LEARNER)
    store.add_note(person, recording, note)
    store.keep_calibration(person, CALIBRATION)
    another = replace(CALIBRATION, weights=2 * CALIBRATION.weights)

    def in_files(trace: bytes) -> bool:
        return any(trace in path.read_bytes() for path in sqlite_settings.data_dir.glob("signcore.sqlite*"))

    # While anybody else has the database open, SQLite leaves its journal where it is.
    with closing(sqlite3.connect(sqlite_settings.data_dir / "signcore.sqlite")) as other:
        other.execute("SELECT * FROM alembic_version").fetchall()
        for change, trace in (
            (lambda: store.remove_note(person, recording, note), b"Findable note"),
            (lambda: store.rename_recording(person, recording, "Something else"), b"Findable recording"),
            (lambda: store.rename_person(person, "Ana"), b"Findable Ana"),
            (lambda: store.keep_calibration(person, another), CALIBRATION.to_bytes()[:200]),
        ):
            assert in_files(trace)
            change()
            assert not in_files(trace), trace
    store.close()


def test_who_reads_does_not_wait_for_who_writes(sqlite_settings: Settings) -> None:
    store = Store.open(sqlite_settings)
    person = store.add_person("Ana").id
    recording = record(store, person, sqlite_settings)
    with closing(sqlite3.connect(sqlite_settings.data_dir / "signcore.sqlite", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE people SET name = 'Bob'")
        # Who waits for too long is told that the database is locked.
        assert [each.name for each in store.people()] == ["Ana"]
        assert [each.id for each in store.recordings(person)] == [recording]
        assert store.load(person, recording).notes == ()
        assert (store.attempts(person), store.own_words(person), store.calibration(person)) == ((), (), None)
        writer.execute("ROLLBACK")
    store.close()

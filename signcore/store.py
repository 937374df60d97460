"""People, their recordings and their attempts, in a database. Whatever is asked for, is asked for one person.

Recordings lie in the database themselves, so that one place holds everything and deletes everything; only those that
are being written are files, in the folder `recordings` of the data folder.
"""

import contextlib
import logging
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final, Self

from filelock import Timeout
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from signcore.calibration import Calibration
from signcore.errors import NoSuchPersonError, NothingRecordedError, RecordingError, StoreError
from signcore.names import checked_name, name_key
from signcore.recorder import RecordingWriter, part_lock, read_part
from signcore.recording import Author, Note, Recording
from signcore.recording_file import read_recording, recording_to_bytes
from signcore.recording_upload import receive_recording
from signcore.settings import Settings
from signcore.store_database import forget_deleted, open_database, transaction
from signcore.store_recordings import StoredRecording, fill_recording, find_recording, listed, new_note, new_recording
from signcore.store_tables import AttemptRow, CalibrationRow, NoteRow, OwnWordsRow, PersonRow, RecordingRow

_LOG: Final = logging.getLogger(__name__)
# A part that no recording in this database belongs to may belong to another database, but not for ever.
_UNCLAIMED_S: Final = 30 * 86_400.0


@dataclass(frozen=True)
class Person:
    """Somebody who signs."""

    id: int
    name: str


@dataclass(frozen=True)
class Attempt:
    """One attempt at a letter.

    Attributes:
        mode: the kind of exercise, at most 20 characters.
        asked: the label that was asked for.
        read: the label that was read, None for none.
        right: whether that counted.
        seconds: how long it took.
        at: when, with a time zone.
        round: what the attempts of one round against the clock have in common, at most 32 characters; None: no round.
    """

    mode: str
    asked: str
    read: str | None
    right: bool
    seconds: float
    at: datetime
    round: str | None = None


class Store:
    """The database of people and recordings. Many threads and processes may use it at once.

    Everything raises StoreError when the database cannot be used or is full, and when there is no such person (its
    NoSuchPersonError) or recording, which is also what another person's recording looks like. Nothing is ever half
    there.
    """

    def __init__(self, engine: Engine, parts: Path) -> None:
        self._engine = engine
        self._parts = parts

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """The store of these settings, made or brought up to date if need be, with recordings that were cut off.

        Raises:
            StoreError: the database cannot be used.
        """
        store = cls(open_database(settings), settings.data_dir / "recordings")
        store.recover()
        return store

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def people(self) -> tuple[Person, ...]:
        """Everybody, by name."""
        with transaction(self._engine, writes=False) as session:
            rows = session.scalars(select(PersonRow).order_by(PersonRow.name_key))
            return tuple(Person(row.id, row.name) for row in rows)

    def add_person(self, name: str) -> Person:
        """A new person.

        Raises:
            StoreError: a name that cannot be, or that somebody has.
        """
        name = checked_name(name)
        with transaction(self._engine) as session:
            row = PersonRow(name=name, name_key=_free_key(session, name, None))
            session.add(row)
            session.flush()
            return Person(row.id, row.name)

    def rename_person(self, person: int, name: str) -> Person:
        """The person under a new name.

        Raises:
            StoreError: a name that cannot be, or that somebody else has.
        """
        name = checked_name(name)
        with transaction(self._engine) as session:
            row = _person(session, person)
            row.name, row.name_key = name, _free_key(session, name, person)
        forget_deleted(self._engine)
        return Person(row.id, row.name)

    def delete_person(self, person: int) -> None:
        """Remove a person with all recordings, notes, attempts, own words and the calibration."""
        with transaction(self._engine) as session:
            row = _person(session, person)
            parts = session.scalars(select(RecordingRow.part).where(RecordingRow.person_id == person)).all()
            session.delete(row)
        for part in parts:
            _remove(self._part(part))
        forget_deleted(self._engine)

    def recordings(self, person: int) -> tuple[StoredRecording, ...]:
        """A person's recordings, newest first, without those that are still being written."""
        with transaction(self._engine, writes=False) as session:
            _person(session, person)
            rows = session.scalars(
                select(RecordingRow)
                .where(RecordingRow.person_id == person, RecordingRow.content.is_not(None))
                .order_by(RecordingRow.created.desc(), RecordingRow.id.desc())
            )
            return tuple(listed(row) for row in rows)

    def record(
        self, person: int, settings: Settings, model: str, *, calibrated: bool = False, zone: tzinfo = UTC
    ) -> RecordingWriter:
        """Begin a recording; `keep` or `discard` ends it. If neither comes, `recover` keeps what there is.

        Args:
            person: whose it is.
            settings: what the recogniser reads with.
            model: the name of its model.
            calibrated: whether it corrects that with the person's calibration.
            zone: whose date and time are its name.

        Raises:
            RecordingError: its file cannot be made.
        """
        part = uuid.uuid4().hex
        created = datetime.now(UTC)
        with transaction(self._engine) as session:
            _person(session, person)
            session.add(new_recording(person, part, f"{created.astimezone(zone):%Y-%m-%d %H:%M}", created))
        try:
            return RecordingWriter(self._part(part), settings, model, calibrated=calibrated)
        except RecordingError:
            self._drop(self._part(part))
            raise

    def keep(self, writer: RecordingWriter, name: str | None = None) -> StoredRecording:
        """End a recording and put it into the list.

        Args:
            writer: from `record`.
            name: None: the date and time.

        Raises:
            NothingRecordedError: nothing was recorded.
            RecordingError: what was recorded cannot be opened; it stays where it is.
            NoSuchPersonError: its owner was deleted meanwhile, and the recording with them.
            StoreError: a name that cannot be (the recording goes on), or the database failed (`recover` tries again).
        """
        name = None if name is None else checked_name(name)
        writer.close()
        its_row = select(RecordingRow).where(RecordingRow.part == writer.part.stem)
        with transaction(self._engine, writes=False) as session:
            if session.scalar(its_row) is None:
                _remove(writer.part)
                raise NoSuchPersonError("The recording was deleted, with everything else that was kept of its owner.")
        self._finish(writer.part)
        with transaction(self._engine) as session:
            row = session.scalar(its_row)
            if row is None:
                raise NothingRecordedError("Nothing was recorded.")
            if row.size == 0:
                raise RecordingError("The recording cannot be opened. Its file was left on the server.")
            row.name = row.name if name is None else name
            return listed(row)

    def discard(self, writer: RecordingWriter) -> None:
        """End a recording and keep nothing of it."""
        writer.close()
        self._drop(writer.part)

    def recover(self) -> None:
        """Keep the recordings on this machine whose process has ended without doing so."""
        for part in self._parts.glob("*.arrows"):
            # A part whose lock is held is still being written, or being kept by somebody else.
            with contextlib.suppress(Timeout):
                self._finish(part, wait_s=0.0, mark=" (cut off)")

    def upload(self, person: int, name: str, data: bytes) -> StoredRecording:
        """Add a recording from a downloaded file, with its notes.

        Raises:
            RecordingError: not a recording.
            StoreError: also a name that cannot be.
        """
        name = checked_name(name)
        recording = receive_recording(data)
        row = new_recording(person, uuid.uuid4().hex, name, recording.manifest.created)
        fill_recording(row, recording)
        with transaction(self._engine) as session:
            _person(session, person)
            session.add(row)
            session.flush()
            session.add_all(new_note(row.id, note) for note in recording.notes)
        return listed(row)

    def load(self, person: int, recording: int) -> Recording:
        """A recording with its notes."""
        with transaction(self._engine, writes=False) as session:
            row = find_recording(session, person, recording, with_content=True)
            rows = session.scalars(select(NoteRow).where(NoteRow.recording_id == recording).order_by(NoteRow.id))
            notes = [Note(note.at_ms, note.text, Author(note.author)) for note in rows]
        assert row.content is not None
        return read_recording(row.content).with_notes(notes)

    def download(self, person: int, recording: int) -> bytes:
        """A recording with its notes as one file, which `upload` takes."""
        return recording_to_bytes(self.load(person, recording))

    def rename_recording(self, person: int, recording: int, name: str) -> StoredRecording:
        """The recording under a new name.

        Raises:
            StoreError: also a name that cannot be.
        """
        name = checked_name(name)
        with transaction(self._engine) as session:
            row = find_recording(session, person, recording)
            row.name = name
        forget_deleted(self._engine)
        return listed(row)

    def delete_recording(self, person: int, recording: int) -> None:
        """Remove a recording and its notes."""
        with transaction(self._engine) as session:
            session.delete(find_recording(session, person, recording))
        forget_deleted(self._engine)

    def add_note(self, person: int, recording: int, note: Note) -> None:
        """Add a note to a recording."""
        with transaction(self._engine) as session:
            find_recording(session, person, recording)
            session.add(new_note(recording, note))

    def remove_note(self, person: int, recording: int, note: Note) -> None:
        """Remove a note from a recording, one of them if there are several like it; none if there is none."""
        with transaction(self._engine) as session:
            find_recording(session, person, recording)
            same = {"at_ms": note.at_ms, "text": note.text, "author": note.author.value}
            row = session.scalar(select(NoteRow).filter_by(recording_id=recording, **same).limit(1))
            if row is not None:
                session.delete(row)
        forget_deleted(self._engine)

    def add_attempt(self, person: int, attempt: Attempt) -> None:
        """Remember an attempt."""
        with transaction(self._engine) as session:
            _person(session, person)
            session.add(AttemptRow(person_id=person, **vars(attempt)))

    def attempts(self, person: int) -> tuple[Attempt, ...]:
        """A person's attempts, oldest first."""
        with transaction(self._engine, writes=False) as session:
            _person(session, person)
            rows = session.scalars(
                select(AttemptRow).filter_by(person_id=person).order_by(AttemptRow.at, AttemptRow.id)
            )
            return tuple(
                Attempt(row.mode, row.asked, row.read, row.right, row.seconds, row.at, row.round) for row in rows
            )

    def own_words(self, person: int) -> tuple[str, ...]:
        """A person's own words, in their order; none before the first."""
        with transaction(self._engine, writes=False) as session:
            _person(session, person)
            row = session.get(OwnWordsRow, person)
        return () if row is None else tuple(row.words.split())

    def keep_own_words(self, person: int, words: Iterable[str]) -> None:
        """Put these words, without blanks in them, in the place of the person's last ones."""
        with transaction(self._engine) as session:
            _person(session, person)
            session.merge(OwnWordsRow(person_id=person, words=" ".join(words)))
        forget_deleted(self._engine)

    def calibration(self, person: int) -> Calibration | None:
        """A person's calibration, None where there is none.

        Raises:
            CalibrationError: it cannot be read.
        """
        with transaction(self._engine, writes=False) as session:
            _person(session, person)
            row = session.get(CalibrationRow, person)
        return None if row is None else Calibration.from_bytes(row.content)

    def keep_calibration(self, person: int, calibration: Calibration) -> None:
        """Put a calibration in the place of the person's last one."""
        with transaction(self._engine) as session:
            _person(session, person)
            session.merge(CalibrationRow(person_id=person, content=calibration.to_bytes()))
        forget_deleted(self._engine)

    def forget_calibration(self, person: int) -> None:
        """Remove a person's calibration; nothing where there is none."""
        with transaction(self._engine) as session:
            _person(session, person)
            session.execute(delete(CalibrationRow).where(CalibrationRow.person_id == person))
        forget_deleted(self._engine)

    def _part(self, part: str) -> Path:
        return self._parts / f"{part}.arrows"

    def _drop(self, part: Path) -> None:
        """Remove a recording that is not in the list."""
        with transaction(self._engine) as session:
            session.execute(delete(RecordingRow).where(RecordingRow.part == part.stem))
        _remove(part)

    def _finish(self, part: Path, wait_s: float = -1, mark: str = "") -> None:
        """Move a recording from its file into the database; whoever comes second finds it done."""
        with part_lock(part).acquire(timeout=wait_s):
            if not part.exists():
                return
            recording = None
            try:
                with contextlib.suppress(NothingRecordedError):
                    recording = read_part(part)
            except RecordingError:
                # Somebody's minutes lie in it: whoever finds out what is wrong can still have them.
                _LOG.exception("the recording %s cannot be opened; it stays there", part)
                return
            with transaction(self._engine) as session:
                row = session.scalar(select(RecordingRow).where(RecordingRow.part == part.stem))
                if row is not None and row.size == 0:
                    if recording is None:
                        session.delete(row)
                    else:
                        row.name += mark
                        fill_recording(row, recording)
            if row is not None or time.time() - part.stat().st_mtime > _UNCLAIMED_S:
                _remove(part)


def _remove(part: Path) -> None:
    with contextlib.suppress(OSError):
        part.unlink(missing_ok=True)
        part.with_suffix(".lock").unlink(missing_ok=True)


def _free_key(session: Session, name: str, person: int | None) -> str:
    key = name_key(name)
    owner = session.scalar(select(PersonRow.id).where(PersonRow.name_key == key))
    if owner not in (None, person):
        raise StoreError(f"There is already somebody called {name}.")
    return key


def _person(session: Session, person: int) -> PersonRow:
    row = session.get(PersonRow, person)
    if row is None:
        raise NoSuchPersonError("There is no such person; perhaps they have been deleted.")
    return row

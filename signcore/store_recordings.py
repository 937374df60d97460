"""A recording as rows of the database."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from signcore.errors import StoreError
from signcore.recording import Note, Recording
from signcore.recording_file import recording_to_bytes
from signcore.store_tables import NoteRow, RecordingRow


@dataclass(frozen=True)
class StoredRecording:
    """A recording in a list.

    Attributes:
        id: for the store's functions.
        name: as its owner calls it.
        created: when it began, in UTC.
        seconds: how long it is.
        text: what was written and still stood at the end.
        size: bytes.
    """

    id: int
    name: str
    created: datetime
    seconds: float
    text: str
    size: int


def find_recording(session: Session, person: int, recording: int, *, with_content: bool = False) -> RecordingRow:
    """A person's recording, with what is in it or without.

    Raises:
        StoreError: they have no such recording.
    """
    found = select(RecordingRow).where(
        RecordingRow.id == recording, RecordingRow.person_id == person, RecordingRow.content.is_not(None)
    )
    row = session.scalar(found.options(undefer(RecordingRow.content)) if with_content else found)
    if row is None:
        raise StoreError("There is no such recording; perhaps it has been deleted.")
    return row


def new_recording(person: int, part: str, name: str, created: datetime) -> RecordingRow:
    """A recording that is yet to be written, to the file named by `part`."""
    return RecordingRow(
        person_id=person, part=part, name=name, created=created, seconds=0.0, text="", size=0, content=None
    )


def fill_recording(row: RecordingRow, recording: Recording) -> None:
    """Put what was recorded into its row, without notes: they have rows of their own."""
    content = recording_to_bytes(recording.with_notes(()))
    row.content, row.size = content, len(content)
    row.created, row.seconds, row.text = recording.manifest.created, recording.seconds, recording.text


def new_note(recording: int, note: Note) -> NoteRow:
    """A note in a recording."""
    return NoteRow(recording_id=recording, at_ms=note.at_ms, text=note.text, author=note.author.value)


def listed(row: RecordingRow) -> StoredRecording:
    """The recording as a list shows it."""
    return StoredRecording(row.id, row.name, row.created, row.seconds, row.text, row.size)

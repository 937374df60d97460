"""The tables of the store. A change here needs a migration in `signcore/migrations/versions`."""

import secrets
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import DateTime, Dialect, ForeignKey, LargeBinary, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_IDS: Final = 2**31 - 1  # PostgreSQL's largest integer


def _new_id() -> int:
    """An id that nobody has had: SQLite gives those of deleted rows again, and another tab may still hold on to one."""
    return 1 + secrets.randbelow(_IDS)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept in UTC: SQLite has no time zones and gives back what it got without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        """To the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        """From the database."""
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables."""


class PersonRow(Base):
    """A person. `name_key` is the name as it is compared: no two people differ by case alone."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True, default=_new_id)
    name: Mapped[str] = mapped_column(String(60))
    name_key: Mapped[str] = mapped_column(String(200), unique=True)


class RecordingRow(Base):
    """A recording. Without `content` it is still being written, to the file named by `part`."""

    __tablename__ = "recordings"

    id: Mapped[int] = mapped_column(primary_key=True, default=_new_id)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    part: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    seconds: Mapped[float]
    text: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    # Megabytes: read only when asked for by name.
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class NoteRow(Base):
    """A note in a recording. The notes in `RecordingRow.content` are not used: these are."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    at_ms: Mapped[float]
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(20))


class AttemptRow(Base):
    """One attempt at a letter."""

    __tablename__ = "attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    mode: Mapped[str] = mapped_column(String(20))
    asked: Mapped[str] = mapped_column(String(20))
    read: Mapped[str | None] = mapped_column(String(20))
    right: Mapped[bool]
    seconds: Mapped[float]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    round: Mapped[str | None] = mapped_column(String(32))


class CalibrationRow(Base):
    """A person's calibration, as `Calibration.to_bytes` gives it."""

    __tablename__ = "calibrations"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class OwnWordsRow(Base):
    """A person's own words, with blanks between them."""

    __tablename__ = "own_words"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[str] = mapped_column(Text)

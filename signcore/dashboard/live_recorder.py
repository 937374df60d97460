"""The recording that a person makes on the Live page."""

import threading
from datetime import UTC, tzinfo

from signcore.dashboard.person import find_or_add_person
from signcore.dashboard.review_desk import Shelf
from signcore.errors import SignError
from signcore.recognizer import Recognizer, Snapshot
from signcore.recorder import RecordingWriter
from signcore.settings import Settings
from signcore.store import Person, Store


class LiveRecorder:
    """Records one session, when told to. Thread-safe: the camera's thread adds, the page begins and ends.

    Args:
        recognizer: whose snapshots are recorded.

    Attributes:
        said: how the last recording ended, or why there is none, for the person; None before the first.
        kept: the last recording, on its shelf; None where there is none since then.
        keeping: whether a recording has ended and is on its way to the others.
    """

    def __init__(self, recognizer: Recognizer) -> None:
        self.said: str | None = None
        self.kept: Shelf | None = None
        self.keeping = False
        self._recognizer = recognizer
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._person: Person | None = None
        self._writer: RecordingWriter | None = None

    @property
    def seconds(self) -> float | None:
        """How long the recording is so far; None while nothing is recorded."""
        writer = self._writer
        return None if writer is None else writer.seconds

    @property
    def busy(self) -> bool:
        """Whether there is news to come: something is recorded, or being kept."""
        return self._writer is not None or self.keeping

    @property
    def stopped_by_itself(self) -> bool:
        """Whether the recording can go on no longer, so that only `end` is left."""
        writer = self._writer
        return writer is not None and writer.problem is not None

    def begin(self, store: Store, name: str, settings: Settings, zone: tzinfo = UTC) -> None:
        """Record from the next snapshot on.

        Args:
            store: where it is kept.
            name: whose it is; somebody new is added.
            settings: what the recogniser reads with.
            zone: whose date and time are the recording's name.

        Raises:
            SignError: a name that cannot be, or a database or disk that cannot be used.
        """
        # What a closed tab or a killed server has left behind.
        store.recover()
        person = find_or_add_person(store, name)
        with self._lock:
            if self._writer is None:
                self._store = store
                calibrated = self._recognizer.calibration is not None
                self._writer = store.record(
                    person.id, settings, settings.model_path.stem, calibrated=calibrated, zone=zone
                )
                self._person, self.said, self.kept = person, None, None

    def add(self, snapshot: Snapshot) -> None:
        """Take in a snapshot; nothing happens when nothing is recorded."""
        writer = self._writer
        if writer is not None:
            writer.add(snapshot)

    def end(self) -> None:
        """Keep what was recorded and say so in `said`. Again: nothing."""
        with self._lock:
            writer = self._writer
            if writer is None or self._store is None or self._person is None:
                return
            self.keeping, self._writer = True, None
            if writer.seconds > 0:
                # Clicks after the newest picture are events too.
                writer.add(self._recognizer.snapshot)
            try:
                stored = self._store.keep(writer)
                self.said = writer.problem or f"Kept: {stored.seconds:.0f} s."
                self.kept = Shelf(self._store, self._person, stored)
            except SignError as error:
                self.said = str(error)
            finally:
                self.keeping = False

    def source_ended(self) -> None:
        """The camera or the sample has ended, and the recording with it. Does not wait for the database."""
        if self.seconds:
            threading.Thread(target=self.end, name="keep recording").start()

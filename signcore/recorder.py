"""Writing a recording while the session goes on, so that it is there even when the process is killed.

A recording in the making is an Arrow stream, to which a batch of rows is added every second. Its end may be missing;
everything before that can be read. See docs/decisions/0010-recording-format.md.
"""

import contextlib
import dataclasses
import json
import math
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from filelock import FileLock, Timeout

from signcore.errors import NothingRecordedError, RecordingError
from signcore.features import LANDMARKS
from signcore.labels import LABELS
from signcore.recognizer import Snapshot
from signcore.recording import SIDES, STATUSES, Manifest, Recording
from signcore.recording_checks import LONGEST_MS, LONGEST_TEXT
from signcore.recording_file import (
    MOST_FRAMES,
    MOST_TEXT,
    SCHEMA,
    batch_to_columns,
    columns_to_batch,
    events_from_json,
    events_to_json,
    manifest_from_json,
    manifest_to_json,
    recording_of,
)
from signcore.settings import Settings
from signcore.transcript import Event

_BATCH_MS: Final = 1000.0
_KEY: Final = b"signcore"
_NO_HAND: Final = np.full((LANDMARKS, 3), np.nan, dtype=np.float32)
_NOT_READ: Final = np.full(len(LABELS), np.nan, dtype=np.float32)


class RecordingWriter:
    """Writes the snapshots of one recogniser to a file as they come; at most the last second is not yet in it.

    The camera's thread calls `add`, any other may call `close`. Trouble with the disk must not stop the camera, so
    `add` never raises: it ends the recording, keeps what is there and says why in `problem`.

    Attributes:
        part: the file. `read_part` makes a Recording of it.
        problem: a sentence, once the recording has ended by itself; None as long as it goes on.

    Args:
        part: a new file, whose folder is made if need be; a file of the same name with `.lock` beside it says that it
            is being written.
        settings: what the recogniser reads with; its fractional numbers are kept in the recording.
        model: the name of the recogniser's model, at most 200 characters.
        calibrated: whether the recogniser corrects it with a calibration.

    Raises:
        RecordingError: the file cannot be made.
    """

    def __init__(self, part: Path, settings: Settings, model: str, *, calibrated: bool = False) -> None:
        self.part = part
        self.problem: str | None = None
        self._lock = part_lock(part)
        self._settings = {name: value for name, value in settings if isinstance(value, float)}
        self._model = model
        self._calibrated = calibrated
        self._created = datetime.now(UTC)
        self._stream: pa.ipc.RecordBatchStreamWriter | None = None
        self._rows: list[dict[str, Any]] = []
        self._frames = 0
        self._begin_ms = 0.0
        self._last_ms = -math.inf
        self._text = ""
        self._events = 0
        self._new_events: list[Event] = []
        self._characters = 0
        # PyArrow imports pandas for its first array, which takes too long for the camera's thread.
        pa.array(np.empty(0))
        # Between the camera's `add` and the page's `close`.
        self._guard = threading.Lock()
        try:
            # For whoever runs the server alone, like the database's.
            part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            self._file = part.open("xb")
        except (OSError, Timeout) as error:
            self._lock.release()
            raise RecordingError(f"a recording cannot be written to {part}: {error}") from error

    @property
    def seconds(self) -> float:
        """From the first frame to the newest."""
        return max(0.0, self._last_ms - self._begin_ms) / 1000.0

    def add(self, snapshot: Snapshot) -> None:
        """Take in one snapshot. One that has been here already adds only events it did not have then.

        Does nothing once the recording has ended.
        """
        with self._guard:
            if self._file.closed:
                return
            try:
                limit = self._limit(snapshot)
                if limit is not None:
                    self._end(f"The recording has stopped: {limit}.")
                    return
                self._add(snapshot)
            except (OSError, pa.ArrowException) as error:
                self._end(f"The recording has stopped: it cannot be written ({error}).")
                return
            if self._frames >= MOST_FRAMES:
                self._end(f"The recording has stopped: it has reached its limit of {MOST_FRAMES} frames.")

    def close(self) -> None:
        """Write what is not yet written and end the recording. Again: nothing."""
        with self._guard:
            if not self._file.closed:
                self._end(None)

    def _limit(self, snapshot: Snapshot) -> str | None:
        """What of a snapshot is more than a recording may hold, lest nobody can open it."""
        begun = self._stream is not None
        lengths = [len(event.text) for event in snapshot.events[self._events :]] if begun else []
        if max([len(snapshot.text), *lengths]) > LONGEST_TEXT:
            return f"the text is longer than {LONGEST_TEXT} characters, and has to be cleared first"
        if self._characters + sum(lengths) > MOST_TEXT:
            return f"the text was changed too often, for one of {max(lengths)} characters"
        if begun and snapshot.t_ms - self._begin_ms > LONGEST_MS:
            return "it has become a day long"
        return None

    def _add(self, snapshot: Snapshot) -> None:
        if self._stream is None:
            self._begin(snapshot)
        for event in snapshot.events[self._events :]:
            start_ms, end_ms = event.start_ms - self._begin_ms, event.end_ms - self._begin_ms
            self._new_events.append(dataclasses.replace(event, start_ms=start_ms, end_ms=end_ms))
            self._characters += len(event.text)
        self._events = max(self._events, len(snapshot.events))
        if snapshot.t_ms <= self._last_ms:
            return
        if self._rows and snapshot.t_ms - self._begin_ms - self._rows[0]["t_ms"] >= _BATCH_MS:
            self._flush()
        self._rows.append(_row(snapshot, self._begin_ms))
        self._last_ms = snapshot.t_ms
        self._frames += 1

    def _begin(self, snapshot: Snapshot) -> None:
        self._begin_ms = snapshot.t_ms
        self._text, self._events = snapshot.text, len(snapshot.events)
        manifest = Manifest(
            self._created, self._model, snapshot.window, self._settings, snapshot.text, self._calibrated
        )
        metadata = {_KEY: json.dumps(manifest_to_json(manifest))}
        self._stream = pa.ipc.new_stream(self._file, SCHEMA.with_metadata(metadata))

    def _flush(self) -> None:
        assert self._stream is not None
        if not self.part.exists():
            raise FileNotFoundError("its file has been deleted")
        columns = {name: np.stack([row[name] for row in self._rows]) for name in self._rows[0]}
        events = events_to_json(self._new_events, self._text)
        self._stream.write_batch(columns_to_batch(columns), custom_metadata={_KEY: json.dumps(events)})
        # Now the system has it: the process may be killed, though not the machine switched off.
        self._file.flush()
        self._text = self._new_events[-1].text if self._new_events else self._text
        self._rows, self._new_events = [], []

    def _end(self, problem: str | None) -> None:
        self.problem = problem
        try:
            if self._rows:
                self._flush()
        except (OSError, pa.ArrowException) as error:
            self.problem = problem or f"The recording's last second cannot be written ({error})."
        finally:
            # What a full disk did not take is tried again by close, and must not keep it from closing.
            with contextlib.suppress(OSError):
                self._file.close()
            self._lock.release()


def part_lock(part: Path) -> FileLock:
    """The lock that whoever writes a part holds; the system frees it when the process ends, however it ends."""
    return FileLock(part.with_suffix(".lock"), thread_local=False)


def read_part(part: Path) -> Recording:
    """A recording from the file of a RecordingWriter, up to where it was cut off.

    Raises:
        NothingRecordedError: not one second of it is there.
        RecordingError: something is there that is no recording of this version.
    """
    batches: list[pa.RecordBatch] = []
    packed: list[object] = []
    manifest: Manifest | None = None
    try:
        with part.open("rb") as file, pa.ipc.open_stream(file) as stream:
            manifest = manifest_from_json(json.loads(stream.schema.metadata[_KEY]))
            while True:
                batch, metadata = stream.read_next_batch_with_custom_metadata()
                packed.extend(json.loads(metadata[_KEY]))
                batches.append(batch)
    except StopIteration:
        pass
    except (pa.ArrowException, OSError, ValueError) as error:
        if not batches:
            raise NothingRecordedError(f"{part.name}: expected at least a second of a recording, found none") from error
    if manifest is None or not batches:
        raise NothingRecordedError(f"{part.name}: expected at least one frame, found none")
    columns = batch_to_columns(pa.Table.from_batches(batches))
    try:
        events = events_from_json(packed, manifest.text_before)
    except ValueError as error:
        raise RecordingError(f"{part.name}: expected events of this version, found others") from error
    return recording_of(manifest, columns, events, ())


def _row(snapshot: Snapshot, begin_ms: float) -> dict[str, Any]:
    hand = snapshot.hand
    return {
        "t_ms": snapshot.t_ms - begin_ms,
        "landmarks": _NO_HAND if hand is None else hand.landmarks,
        "handedness": SIDES.index(None if hand is None else hand.handedness),
        "score": np.nan if hand is None else hand.score,
        "status": STATUSES.index(snapshot.status),
        "buffered": snapshot.buffered,
        "sure": snapshot.sure,
        "probabilities": _NOT_READ if snapshot.probabilities is None else snapshot.probabilities,
        "fps": snapshot.fps,
        "latency_ms": snapshot.latency_ms,
    }

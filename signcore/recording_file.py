"""Recordings as files: one Parquet file each, and the check of everything in it.

Columns: `t_ms`; `wrist_x` to `pinky_tip_z`, `handedness` and `score`, null where there is no hand; `status`,
`buffered` and `sure`; `p_A` to `p_NOTHING`, null while nothing was read; `fps` and `latency_ms`. The rest is JSON in
the file's metadata, under the key `signcore`. Why so: docs/decisions/0010-recording-format.md.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from signcore.errors import RecordingError
from signcore.features import FEATURES, LANDMARKS
from signcore.labels import LABELS
from signcore.recording import Manifest, Note, Recording
from signcore.recording_checks import Columns, check_columns, check_events, check_manifest
from signcore.timed_text import common_prefix
from signcore.transcript import Event

# Two hours at 30 frames a second; a frame is about 350 bytes.
MOST_FRAMES: Final = 216_000
LARGEST_BYTES: Final = 100_000_000

_VERSION: Final = 1
_KEY: Final = b"signcore"
MOST_TEXT: Final = 100_000_000

_POINTS: Final = (
    "wrist",
    *(f"thumb_{joint}" for joint in ("cmc", "mcp", "ip", "tip")),
    *(f"{f}_{joint}" for f in ("index", "middle", "ring", "pinky") for joint in ("mcp", "pip", "dip", "tip")),
)
_LANDMARK_COLUMNS: Final = tuple(f"{point}_{axis}" for point in _POINTS for axis in "xyz")
_PROBABILITY_COLUMNS: Final = tuple(f"p_{label}" for label in LABELS)
SCHEMA: Final = pa.schema(
    [
        pa.field("t_ms", pa.float64(), nullable=False),
        *(pa.field(name, pa.float32()) for name in _LANDMARK_COLUMNS),
        pa.field("handedness", pa.int8(), nullable=False),
        pa.field("score", pa.float32()),
        pa.field("status", pa.int8(), nullable=False),
        pa.field("buffered", pa.int16(), nullable=False),
        pa.field("sure", pa.bool_(), nullable=False),
        *(pa.field(name, pa.float16()) for name in _PROBABILITY_COLUMNS),
        pa.field("fps", pa.float32(), nullable=False),
        pa.field("latency_ms", pa.float32(), nullable=False),
    ]
)
_EVENT: Final = TypeAdapter(Event)
_NOTES: Final = TypeAdapter(tuple[Note, ...])
_MANIFEST: Final = TypeAdapter(Manifest)


def recording_to_bytes(recording: Recording) -> bytes:
    """The recording, its events and notes, as one Parquet file."""
    content = {
        "version": _VERSION,
        "manifest": manifest_to_json(recording.manifest),
        "events": events_to_json(recording.events, recording.manifest.text_before),
        "notes": _NOTES.dump_python(recording.notes, mode="json"),
    }
    table = pa.Table.from_batches([columns_to_batch(vars(recording))])
    sink = pa.BufferOutputStream()
    # Not compressed: a reader then never needs more memory than the file has bytes, whoever made the file.
    with pq.ParquetWriter(
        sink,
        SCHEMA,
        compression="NONE",
        use_dictionary=False,
        write_statistics=False,
        store_schema=False,
        write_page_checksum=True,
    ) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({_KEY: json.dumps(content, allow_nan=False).encode()})
    data: bytes = sink.getvalue().to_pybytes()
    return data


def read_recording(source: Path | bytes) -> Recording:
    """Read and check a recording, whoever made it.

    Args:
        source: a file, or what is in one.

    Raises:
        RecordingError: not a recording, cut off, too large, or with anything in it that no recording can have.
    """
    if isinstance(source, Path):
        source = _content(source)
    check_size(len(source))
    try:
        with pq.ParquetFile(pa.BufferReader(source), page_checksum_verification=True) as file:
            _check_layout(file.schema_arrow, file.metadata)
            table = file.read(use_threads=False)
            content = file.metadata.metadata[_KEY]
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError, MemoryError) as error:
        # What PyArrow says of it is no help to who has chosen the file.
        raise RecordingError("expected a recording (a whole .parquet file), found another or a damaged one") from error
    manifest, events, notes = _read_content(content)
    return recording_of(manifest, batch_to_columns(table), events, notes)


def recording_of(manifest: Manifest, columns: Columns, events: Sequence[Event], notes: Iterable[Note]) -> Recording:
    """A recording of checked parts.

    Raises:
        RecordingError: a part that no recording can have.
    """
    check_columns(columns, manifest.window)
    check_events(events)
    arrays: dict[str, Any] = dict(columns)
    return Recording(manifest=manifest, events=tuple(events), **arrays).with_notes(notes)


def columns_to_batch(columns: Columns) -> pa.RecordBatch:
    """Rows of SCHEMA from arrays by their names in Recording; NaN becomes null."""
    landmarks = columns["landmarks"].reshape(-1, FEATURES)
    probabilities = columns["probabilities"].astype(np.float16)
    arrays = {
        **columns,
        **{name: landmarks[:, i] for i, name in enumerate(_LANDMARK_COLUMNS)},
        **{name: probabilities[:, i] for i, name in enumerate(_PROBABILITY_COLUMNS)},
    }
    return pa.record_batch(
        [
            pa.array(arrays[field.name], type=field.type, mask=np.isnan(arrays[field.name]) if field.nullable else None)
            for field in SCHEMA
        ],
        schema=SCHEMA,
    )


def batch_to_columns(table: pa.Table) -> Columns:
    """The inverse of `columns_to_batch`."""
    arrays = {name: table.column(name).to_numpy() for name in SCHEMA.names}
    landmarks = np.stack([arrays.pop(name) for name in _LANDMARK_COLUMNS], axis=1)
    probabilities = np.stack([arrays.pop(name) for name in _PROBABILITY_COLUMNS], axis=1)
    return {
        **arrays,
        "landmarks": landmarks.reshape(-1, LANDMARKS, 3),
        "probabilities": probabilities.astype(np.float32),
    }


def manifest_to_json(manifest: Manifest) -> dict[str, Any]:
    """The manifest in JSON's types."""
    content: dict[str, Any] = _MANIFEST.dump_python(manifest, mode="json")
    return content


def manifest_from_json(content: object) -> Manifest:
    """The inverse of `manifest_to_json`.

    Raises:
        RecordingError: a field that is missing or cannot be.
    """
    manifest = _MANIFEST.validate_python(content)
    check_manifest(manifest)
    return manifest


def events_to_json(events: Iterable[Event], before: str) -> list[dict[str, Any]]:
    """Events in JSON's types; of the text only what has changed, or a long text would be there once for every event.

    Args:
        events: in the order in which they happened.
        before: the text before the first of them.
    """
    packed = []
    for event in events:
        same = common_prefix(before, event.text)
        packed.append({**_EVENT.dump_python(event, mode="json"), "text": [same, event.text[same:]]})
        before = event.text
    return packed


def events_from_json(packed: object, before: str) -> tuple[Event, ...]:
    """The inverse of `events_to_json`. Fields that events have got since the file was written keep their defaults.

    Raises:
        RecordingError: not such a list.
    """
    if not isinstance(packed, list):
        raise RecordingError(f"events: expected a list, found {type(packed).__name__}")
    events = []
    characters = 0
    for item in packed:
        match item:
            case {"text": [int(same), str(added)]} if 0 <= same <= len(before):
                before = before[:same] + added
            case _:
                raise RecordingError("an event: expected its text as what stays and what is new, found something else")
        characters += len(before)
        if characters > MOST_TEXT:
            raise RecordingError(f"events: expected texts of at most {MOST_TEXT} characters together, found more")
        events.append(_EVENT.validate_python({**item, "text": before}))
    return tuple(events)


def _content(path: Path) -> bytes:
    try:
        check_size(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise RecordingError(f"{path.name}: cannot be read ({error.strerror})") from error


def _read_content(content: bytes) -> tuple[Manifest, tuple[Event, ...], tuple[Note, ...]]:
    try:
        match json.loads(content):
            case {"version": int(version), "manifest": found, "events": packed, "notes": remarks}:
                if version != _VERSION:
                    raise RecordingError(f"a recording's version: expected {_VERSION}, found {version}")
                manifest = manifest_from_json(found)
                return manifest, events_from_json(packed, manifest.text_before), _NOTES.validate_python(remarks)
            case _:
                raise RecordingError("a recording: expected version, manifest, events and notes; found other fields")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RecordingError(
            f"a recording's {_one_line(where)}: {first['msg']}, found {first['input']!r:.80}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"a recording: expected its manifest as JSON, found something else ({error})") from error


def _one_line(text: str) -> str:
    """The beginning of what is quoted from a file, which may be of several lines and any characters."""
    return "".join(character if character.isprintable() else " " for character in text[:200]).strip()


def check_size(size: int) -> None:
    """Raise RecordingError if a file of `size` bytes is too large for a recording."""
    if size > LARGEST_BYTES:
        raise RecordingError(f"a recording: expected at most {LARGEST_BYTES:,} bytes, found {size:,}")


def _check_layout(schema: pa.Schema, metadata: pq.FileMetaData) -> None:
    """What the file says about itself, before any of its columns is read."""
    if not schema.remove_metadata().equals(SCHEMA):
        missing = [field.name for field in SCHEMA if field.name not in schema.names]
        strange = [name for name in schema.names if name not in SCHEMA.names]
        wrong = [field.name for field in SCHEMA if field.name in schema.names and schema.field(field.name) != field]
        raise RecordingError(
            f"a recording: expected the {len(SCHEMA)} columns from t_ms to latency_ms; missing {missing[:3]}, "
            f"unknown {strange[:3]}, of another type {wrong[:3]}"
        )
    if not 1 <= metadata.num_rows <= MOST_FRAMES:
        raise RecordingError(f"a recording: expected 1 to {MOST_FRAMES} frames, found {metadata.num_rows}")
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    kinds = {group.column(i).compression for group in groups for i in range(group.num_columns)}
    if kinds != {"UNCOMPRESSED"}:
        raise RecordingError(f"a recording: expected no compression, found {', '.join(sorted(kinds))}")

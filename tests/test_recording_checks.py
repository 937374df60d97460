"""Files that are no recordings, from the disk and from outside."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signcore.errors import RecordingError
from signcore.recording_file import (
    LARGEST_BYTES,
    SCHEMA,
    columns_to_batch,
    events_to_json,
    manifest_to_json,
    read_recording,
    recording_to_bytes,
)
from signcore.recording_upload import receive_recording
from tests.recordings import make_columns, make_event, make_manifest, make_recording, spelled


def write(columns: dict[str, Any] | None = None, content: object = None, **options: Any) -> bytes:
    table = pa.Table.from_batches([columns_to_batch(columns or dict(make_columns(60)))])
    if content is None:
        content = good_content()
    sink = io.BytesIO()
    pq.write_table(
        table.replace_schema_metadata({"signcore": json.dumps(content)}), sink, **{"compression": "NONE", **options}
    )
    return sink.getvalue()


def good_content(**changes: object) -> dict[str, object]:
    content = {
        "version": 1,
        "manifest": manifest_to_json(make_manifest()),
        "events": events_to_json(spelled("AB"), ""),
        "notes": [],
    }
    return {**content, **changes}


def test_the_helper_of_these_tests_writes_a_recording() -> None:
    assert read_recording(write()).text == "AB"


def png() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes(1000)


def archive() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("../../etc/passwd", bytes(1_000_000))
    return sink.getvalue()


def other_table() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2]}), sink)
    return sink.getvalue()


def changed(name: str, value: Any, row: Any = 55) -> Callable[[], bytes]:
    def make() -> bytes:
        columns = {key: array.copy() for key, array in make_columns(60).items()}
        columns[name][row] = value
        return write(columns)

    return make


def content(**changes: object) -> Callable[[], bytes]:
    return lambda: write(content=good_content(**changes))


def manifest(**changes: object) -> Callable[[], bytes]:
    return content(manifest={**manifest_to_json(make_manifest()), **changes})


def event(**changes: object) -> Callable[[], bytes]:
    return content(events=[{**events_to_json(spelled("A"), "")[0], **changes}])


def too_many_frames() -> bytes:
    columns = make_columns(60)
    return write({name: np.resize(array, (216_001, *array.shape[1:])) for name, array in columns.items()})


def other_types() -> bytes:
    table = pa.Table.from_batches([columns_to_batch(make_columns(60))])
    position = SCHEMA.get_field_index("fps")
    table = table.set_column(position, "fps", table.column("fps").cast(pa.string()))
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"signcore": "{}"}), sink, compression="NONE")
    return sink.getvalue()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (bytes, "expected a recording"),
        (png, "expected a recording"),
        (archive, "expected a recording"),
        (other_table, "missing .*'t_ms', 'wrist_x', 'wrist_y'.*unknown .*'a'"),
        (other_types, r"of another type \['fps'\]"),
        (too_many_frames, "expected 1 to 216000 frames, found 216001"),
        (lambda: write({name: array[:0] for name, array in make_columns(60).items()}), "frames, found 0"),
        (lambda: write(compression="ZSTD"), "expected no compression, found ZSTD"),
        (changed("t_ms", 1.0, 0), "times that begin with 0"),
        (changed("t_ms", 5.0), "times that begin with 0 and rise"),
        (changed("t_ms", 1e12, 59), "up to a day"),
        (changed("landmarks", 1e6), "landmarks: expected -100 to 100, found 1e[+]06"),
        (changed("landmarks", np.inf), "landmarks: expected -100 to 100, found inf"),
        (changed("landmarks", np.nan), "landmarks: expected all of a frame's numbers or none"),
        (changed("landmarks", np.nan, (55, 3, 1)), "landmarks: expected all"),
        (changed("score", 1.5), "score: expected 0 to 1, found 1.5"),
        (changed("handedness", 3), "handedness: expected 0 to 2, found 3"),
        (changed("status", 3), "status: expected 0 to 2, found 3"),
        (changed("status", -1), "status: expected 0 to 2, found -1"),
        (changed("buffered", 33), "buffered: expected 0 to 32, found 33"),
        (changed("probabilities", 2.0), "probabilities: expected 0 to 1, found 2"),
        (changed("probabilities", 0.5), "with the sum 1"),
        (changed("probabilities", np.nan, (55, 3)), "probabilities: expected all"),
        (changed("fps", -1.0), "fps: expected 0 to 10000, found -1"),
        (content(version=2), "version: expected 1, found 2"),
        (content(version="1"), "expected version, manifest, events and notes"),
        (lambda: write(content=[1]), "expected version, manifest, events and notes"),
        (content(events={}), "events: expected a list, found dict"),
        (content(events=[1]), "an event: expected its text"),
        (content(notes=[{"at_ms": -1.0, "text": "x"}]), "a note: expected a time"),
        (content(notes=[{"at_ms": 1.0, "text": "x", "author": "a dog"}]), "author.*found 'a dog'"),
        (manifest(created="2026-11-23T18:00:00"), "created: expected a time of these years, with its zone"),
        (manifest(created="0001-01-01T00:00:00+14:00"), "created: expected a time of these years"),
        (manifest(settings={"hold_s": "NaN"}), "settings: expected finite numbers, found another for hold_s"),
        (manifest(created="yesterday"), "created"),
        (manifest(window=10**9), "window: expected 1 to 256 frames"),
        (manifest(model="x" * 300), "a text: expected at most 200 printable"),
        (manifest(model="\x1b[31m"), "a text: expected at most 200 printable"),
        (event(kind="explosion"), "kind.*found 'explosion'"),
        (event(text=[3, "A"]), "an event: expected its text"),
        (event(text=[0, "A" * 20_001]), "a text: expected at most 20000"),
        (event(text=[0, "A\ud800"]), "a text: expected"),
        (event(confidence=1.5), "confidence: expected 0 to 1, found 1.5"),
        (event(start_ms=1e300), "times within a day"),
        (event(label=["A"]), "label"),
    ],
)
def test_what_is_no_recording_is_refused(make: Callable[[], bytes], message: str) -> None:
    with pytest.raises(RecordingError, match=message):
        read_recording(make())


def test_infinite_numbers_in_json_are_refused() -> None:
    for number in ("1e999", "NaN", "-Infinity"):
        packed = json.dumps(good_content()).replace('"end_ms": 1500.0', f'"end_ms": {number}')
        table = pa.Table.from_batches([columns_to_batch(make_columns(60))]).replace_schema_metadata(
            {"signcore": packed}
        )
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="NONE")
        with pytest.raises(RecordingError, match="times within a day"):
            read_recording(sink.getvalue())


@pytest.mark.parametrize("text", ["[" * 100_000, "{", "1" * 10_000])
def test_metadata_that_is_no_json_is_refused(text: str) -> None:
    table = pa.Table.from_batches([columns_to_batch(make_columns(60))]).replace_schema_metadata({"signcore": text})
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="NONE")
    with pytest.raises(RecordingError, match="expected its manifest as JSON"):
        read_recording(sink.getvalue())


def test_too_large_a_file_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "large.parquet"
    with path.open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    with pytest.raises(RecordingError, match="expected at most 100,000,000 bytes, found 100,000,001"):
        read_recording(path)


def test_texts_that_would_fill_the_memory_are_refused() -> None:
    one = events_to_json([make_event("A" * 20_000, 1.0)], "")
    again = [{**one[0], "text": [20_000, ""]}] * 6000
    with pytest.raises(RecordingError, match="texts of at most 100000000 characters together"):
        read_recording(content(events=one + again)())


WHOLE = recording_to_bytes(make_recording(60, spelled("AB")))


@given(st.integers(0, len(WHOLE) - 1))
@settings(max_examples=60, deadline=None)
def test_truncated_file_is_refused(length: int) -> None:
    with pytest.raises(RecordingError):
        read_recording(WHOLE[:length])


COLUMNS_END = len(WHOLE) - 8 - int.from_bytes(WHOLE[-8:-4], "little")


@given(st.integers(0, COLUMNS_END - 8), st.binary(min_size=1, max_size=8))
@settings(max_examples=200, deadline=None)
def test_damaged_columns_are_refused_or_possible(position: int, damage: bytes) -> None:
    """Never another exception than RecordingError, and what is read keeps the rules of a recording."""
    try:
        recording = read_recording(WHOLE[:position] + damage + WHOLE[position + len(damage) :])
    except RecordingError:
        return
    assert (np.diff(recording.t_ms) > 0).all()
    assert recording.landmarks.shape == (len(recording), 21, 3)


def test_uploaded_recording_is_read() -> None:
    assert receive_recording(WHOLE).text == "AB"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (png(), "expected a recording"),
        (WHOLE[:5000], "expected a recording"),
        (changed("score", 1.5)(), "score: expected 0 to 1, found 1.5"),
        (bytes(LARGEST_BYTES + 1), "expected at most 100,000,000 bytes"),
    ],
)
def test_uploaded_file_that_is_no_recording_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(RecordingError, match=message):
        receive_recording(data)


def test_upload_that_brings_the_reader_down_is_refused() -> None:
    """An unknown compression codec, which PyArrow 26 answers by ending the process."""
    name = b"\x18\x04t_ms\x15"
    codec = WHOLE.index(name) + len(name)
    with pytest.raises(RecordingError, match="found a damaged file"):
        receive_recording(WHOLE[:codec] + b"\x52" + WHOLE[codec + 1 :])


def test_upload_is_read_with_little_memory() -> None:
    program = """
from signcore import recording_upload

recording_upload.read_recording = lambda _: [print(len(bytearray(size << 20))) for size in (512, 4096)]
recording_upload._main()
"""
    done = subprocess.run([sys.executable, "-c", program], input=WHOLE, capture_output=True)
    assert (done.returncode, done.stdout) == (1, b"536870912\n")
    assert done.stderr.splitlines()[-1] == b"MemoryError"

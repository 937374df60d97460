"""Recordings that somebody has tampered with: refused in one line, or read; the reader survives and stays small."""

import io
import json
import resource
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signcore.errors import RecordingError
from signcore.recording import Recording
from signcore.recording_file import SCHEMA, columns_to_batch, read_recording, recording_to_bytes
from signcore.recording_upload import receive_recording
from tests.recordings import make_columns, make_recording, spelled
from tests.robustness.test_fuzz import DAMAGE, damaged, some

WHOLE = recording_to_bytes(make_recording(60, spelled("AB")))
TABLE = pa.Table.from_batches([columns_to_batch(make_columns(60))])
CONTENT = json.loads(pq.ParquetFile(io.BytesIO(WHOLE)).metadata.metadata[b"signcore"])

COLUMN = st.sampled_from(SCHEMA.names)
TYPES = [pa.float64(), pa.float32(), pa.int64(), pa.string(), pa.bool_(), pa.binary(), pa.list_(pa.float32())]
NUMBERS = st.sampled_from([float("nan"), float("inf"), -float("inf"), 1e308, -1.0, 0.0, 2.0**62, 65504.0, 1e-320])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def read(data: bytes, reader: Callable[[bytes], Recording] = read_recording) -> Recording | None:
    """What is in the file; None where it is refused, in one short line."""
    refused = None
    try:
        return reader(data)
    except RecordingError as error:
        refused = str(error)
    assert refused.isprintable()
    assert len(refused) < 500
    return None


def tampered(make: Callable[[], bytes]) -> Recording | None:
    """The same for a file that is yet to be made, and nothing where Parquet cannot hold it."""
    try:
        data = make()
    except (pa.ArrowException, OverflowError):
        return None
    return read(data)


def written(table: pa.Table, content: object = CONTENT, **options: Any) -> bytes:
    sink = io.BytesIO()
    metadata = {"signcore": json.dumps(content)}
    pq.write_table(table.replace_schema_metadata(metadata), sink, **{"compression": "NONE", **options})
    return sink.getvalue()


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.fixture(autouse=True)
def little_memory() -> Any:
    before = peak_mib()
    yield
    assert peak_mib() < before + 200


@some(60)
@given(one=COLUMN, other=COLUMN)
def test_columns_under_each_others_names(one: str, other: str) -> None:
    names = {one: other, other: one}
    read(written(TABLE.rename_columns([names.get(name, name) for name in SCHEMA.names])))
    there = TABLE.schema.field(one)
    tampered(lambda: written(TABLE.set_column(SCHEMA.names.index(one), there, TABLE.column(other).cast(there.type))))


@some(60)
@given(name=COLUMN, kind=st.sampled_from(TYPES))
def test_columns_of_other_types(name: str, kind: pa.DataType) -> None:
    column = [None if value is None else str(value) for value in TABLE.column(name).to_pylist()]
    found = tampered(lambda: written(TABLE.set_column(SCHEMA.names.index(name), name, pa.array(column).cast(kind))))
    assert found is None or kind == TABLE.schema.field(name).type


@some(100)
@given(
    name=COLUMN,
    rows=st.lists(st.integers(0, 59), min_size=1, max_size=60),
    value=NUMBERS | st.none() | st.integers(-(2**31), 2**31),
)
def test_numbers_that_cannot_be(name: str, rows: list[int], value: float | None) -> None:
    values = TABLE.column(name).to_pylist()
    for row in rows:
        values[row] = value
    field = TABLE.schema.field(name).with_nullable(True)
    tampered(lambda: written(TABLE.set_column(SCHEMA.names.index(name), field, pa.array(values, field.type))))


@some(40)
@given(
    drop=st.lists(COLUMN, max_size=3, unique=True),
    order=st.permutations(range(60)),
    rows=st.integers(0, 60),
    options=st.sampled_from([
        {}, {"compression": "SNAPPY"}, {"compression": "GZIP"}, {"use_dictionary": True}, {"row_group_size": 1},
        {"data_page_version": "2.0"}, {"version": "1.0"},
    ]),
)  # fmt: skip
def test_rows_and_columns_that_are_missing_or_moved(
    drop: list[str], order: list[int], rows: int, options: dict[str, Any]
) -> None:
    read(written(TABLE.drop_columns(drop).take(order).slice(0, rows), **options))


@some(150)
@given(
    path=st.lists(st.integers(0, 8), min_size=1, max_size=4),
    value=JSON | st.integers(2**62, 2**80) | st.just("A" * 100_000),
)
@example(path=[1, 3], value={"\x1f": None})
def test_manifests_events_and_notes(path: list[int], value: object) -> None:
    content = json.loads(json.dumps({**CONTENT, "notes": [{"at_ms": 1.0, "text": "x", "author": "self"}]}))
    place: Any = content
    for step in path[:-1]:
        inner = list(place.values())[step % len(place)] if isinstance(place, dict) else place[step % len(place)]
        if not isinstance(inner, dict | list) or not inner:
            break
        place = inner
    keys = list(place) if isinstance(place, dict) else range(len(place))
    place[keys[path[-1] % len(keys)]] = value
    read(written(TABLE, content))


@some(6)
@given(damage=DAMAGE)
@example(damage=([], 0.5))
@example(damage=([(0.99, b"\xff\xff\xff\x7f")], 1.0))
def test_bytes_of_an_upload(damage: tuple[list[tuple[float, bytes]], float]) -> None:
    """The footer too, which brings PyArrow down; that reader is a process of its own."""
    read(damaged(WHOLE, damage), receive_recording)

"""A recording as a file."""

import io
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from signcore.errors import RecordingError
from signcore.recognizer import Status
from signcore.recording import STATUSES, Author, Note
from signcore.recording_file import (
    events_from_json,
    events_to_json,
    manifest_from_json,
    manifest_to_json,
    read_recording,
    recording_of,
    recording_to_bytes,
)
from signcore.transcript import EventKind
from tests.recordings import make_columns, make_event, make_manifest, make_recording, same, spelled


def test_a_manifest_of_before_calibrations_were_noted_still_opens() -> None:
    content = manifest_to_json(make_manifest())
    del content["calibrated"]
    assert manifest_from_json(content) == make_manifest()


def test_file_gives_back_the_recording() -> None:
    notes = (Note(500.0, "<b>relax</b> & the thumb", Author.TEACHER), Note(900.0, "ü 手"))
    recording = make_recording(300, spelled("QUICK FOX"), notes)
    assert same(read_recording(recording_to_bytes(recording)), recording)


def test_file_is_read_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(recording_to_bytes(make_recording()))
    assert len(read_recording(path)) == 300
    with pytest.raises(RecordingError, match=r"none\.parquet: cannot be read"):
        read_recording(tmp_path / "none.parquet")


def test_others_can_read_the_file_by_its_column_names() -> None:
    recording = make_recording()
    table = pq.read_table(io.BytesIO(recording_to_bytes(recording)))
    assert table.column("index_tip_y").null_count == 30
    assert table.column("index_tip_y")[200].as_py() == pytest.approx(recording.landmarks[200, 8, 1])
    assert table.column("p_SPACE")[200].as_py() == pytest.approx(recording.probabilities[200, 26])
    assert set(STATUSES) == set(Status)


def test_half_an_hour_is_small_and_opens_quickly() -> None:
    frames = 30 * 60 * 30
    events = spelled("THE QUICK BROWN FOX " * 180)
    columns = make_columns(frames, away=0.0, unread=0.0)
    data = recording_to_bytes(recording_of(make_manifest(), columns, events, ()))
    assert len(data) < 20_000_000
    began = time.perf_counter()
    recording = read_recording(data)
    opened = time.perf_counter()
    heat = recording.heat_map(1200)
    text = recording.text
    ended = time.perf_counter()
    print(f"{len(data):,} bytes, opened in {opened - began:.2f} s, heat map and text in {ended - opened:.2f} s")
    assert (len(recording), heat.shape, len(text)) == (frames, (29, 1200), 3600)
    assert opened - began < 1.0
    assert ended - opened < 1.0


def test_events_do_not_repeat_the_text() -> None:
    events = (*spelled("HELLO WORLD"), make_event("HELLO", 9000.0, kind=EventKind.UNDO, label=None))
    packed = events_to_json(events, "")
    assert sum(len(item["text"][1]) for item in packed) == len("HELLO WORLD")
    assert events_from_json(packed, "") == events


def test_fields_that_events_got_later_keep_their_defaults() -> None:
    events = spelled("AB")
    packed = events_to_json(events, "")
    for item in packed:
        item["of_another_version"] = 1.0
    assert events_from_json(packed, "") == events

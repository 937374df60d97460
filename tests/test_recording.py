import dataclasses
import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
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

from signcore.clips import read_clips
from signcore.errors import RecordingError
from signcore.hand import HandFrame
from signcore.labels import LABELS
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer, Status
from signcore.recorder import RecordingWriter, part_lock, read_part
from signcore.recording import STATUSES, Author, Note, Recording
from signcore.recording_file import (
    LARGEST_BYTES,
    SCHEMA,
    columns_to_batch,
    events_from_json,
    events_to_json,
    manifest_to_json,
    read_recording,
    recording_of,
    recording_to_bytes,
)
from signcore.recording_upload import receive_recording
from signcore.settings import Settings
from signcore.transcript import EventKind
from tests.recordings import FRAME_MS, make_columns, make_event, make_manifest, make_recording, snapshots, spelled


def same(one: Recording, other: Recording) -> bool:
    """Whether two recordings are equal in everything; half floats are as exact as the file is."""
    for field in dataclasses.fields(Recording):
        a, b = getattr(one, field.name), getattr(other, field.name)
        equal = np.array_equal(a, b, equal_nan=a.dtype.kind == "f") if isinstance(a, np.ndarray) else a == b
        if not equal:
            return False
    return True


def record(part: Path, frames: int = 150, **kwargs: Any) -> RecordingWriter:
    writer = RecordingWriter(part, Settings(), "a model")
    for snapshot in snapshots(frames, **kwargs):
        writer.add(snapshot)
    return writer


# --- in memory


def test_what_was_known_at_a_moment() -> None:
    recording = make_recording(300, spelled("QUICK"))
    assert recording.seconds == pytest.approx(299 / 30)
    assert recording.text == "QUICK"
    assert recording.text_at(0.0) == ""
    assert recording.text_at(2600.0) == "QUI"
    assert recording.index_at(-5.0) == 0
    assert recording.index_at(1001.0) == 30
    assert recording.index_at(1e9) == 299
    assert recording.hand_at(0) is None
    hand = recording.hand_at(30)
    assert hand is not None
    assert hand.handedness == "Right"
    assert hand.t_ms == pytest.approx(1000.0)
    assert recording.leading[0] == -1
    assert recording.leading[-1] == recording.probabilities[-1].argmax()
    assert np.isnan(recording.confidence[0])
    assert recording.confidence[-1] == recording.probabilities[-1].max()


def test_text_written_before_the_recording() -> None:
    recording = make_recording(300, (make_event("HI A", 2000.0),), text_before="HI ")
    assert recording.text == "A"
    assert recording.text_at(0.0) == "HI "
    assert recording.text_at(2000.0) == "HI A"


def test_heat_map_shows_the_highest_probability_of_each_stretch() -> None:
    recording = make_recording(300)
    found = recording.heat_map(10)
    assert found.shape == (29, 10)
    for column in range(10):
        stretch = recording.probabilities[
            (recording.t_ms >= column * recording.t_ms[-1] / 10)
            & ((recording.t_ms < (column + 1) * recording.t_ms[-1] / 10) | (column == 9))
        ]
        expected = np.fmax.reduce(stretch, axis=0)
        np.testing.assert_array_equal(found[:, column], expected)


def test_heat_map_closer_than_the_frames_has_no_stripes() -> None:
    recording = make_recording(300)
    found = recording.heat_map(100, 6000.0, 6500.0)
    assert found.shape == (29, 100)
    assert not np.isnan(found).any()
    np.testing.assert_array_equal(found[:, 0], recording.probabilities[180])


def test_heat_map_of_one_frame_and_of_nothing() -> None:
    assert recording_of(make_manifest(), make_columns(1), (), ()).heat_map(4).shape == (29, 4)
    assert np.isnan(make_recording(300).heat_map(5, 100_000.0, 200_000.0)).all()


def test_notes_are_kept_in_order_of_time() -> None:
    notes = (Note(5000.0, "relax the thumb", Author.TEACHER), Note(100.0, "hand lost", Author.AUTOMATIC))
    assert make_recording().with_notes(notes).notes == notes[::-1]


@pytest.mark.parametrize(
    ("at_ms", "text"), [(-1.0, "x"), (float("nan"), "x"), (0.0, " "), (0.0, "x" * 501), (0.0, "a\nb"), (0.0, "\x00")]
)
def test_impossible_note(at_ms: float, text: str) -> None:
    with pytest.raises(RecordingError, match="a note: expected"):
        Note(at_ms, text)


# --- as a file


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


# --- files that are none


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
        (manifest(created="2026-11-23T18:00:00"), "created: expected a time with its zone"),
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


# --- while the session goes on


def test_written_snapshots_are_read_back(tmp_path: Path) -> None:
    events = spelled("AB", 1000.0)
    writer = record(tmp_path / "a.part", 150, events=events)
    assert writer.seconds == pytest.approx(149 / 30)
    writer.close()
    recording = read_part(writer.part)
    expected = make_columns(150)
    np.testing.assert_array_equal(recording.landmarks, expected["landmarks"])
    np.testing.assert_array_equal(recording.probabilities, expected["probabilities"])
    np.testing.assert_array_equal(recording.status, expected["status"])
    np.testing.assert_array_equal(recording.sure, expected["sure"])
    np.testing.assert_allclose(recording.t_ms, expected["t_ms"])
    assert recording.events == events
    assert recording.manifest.settings["hold_s"] == Settings().hold_s
    assert recording.manifest.window == 32
    assert same(read_recording(recording_to_bytes(recording)), recording)


def test_recording_that_begins_in_the_middle_begins_at_0(tmp_path: Path) -> None:
    old, new = make_event("OLD", 50_000.0), make_event("OLDA", 61_000.0)
    writer = record(tmp_path / "a.part", 90, begin_ms=60_000.0, events=(old, new))
    writer.close()
    recording = read_part(writer.part)
    assert recording.t_ms[0] == 0.0
    assert recording.manifest.text_before == "OLD"
    assert [event.end_ms for event in recording.events] == [1000.0]
    assert recording.text == "A"


def test_same_snapshot_twice_adds_only_its_new_events(tmp_path: Path) -> None:
    """A click changes the events of a snapshot that has been written."""
    part = tmp_path / "a.part"
    writer = record(part, 45)
    last = list(snapshots(45))[-1]
    click = make_event(" ", last.t_ms, kind=EventKind.SPACE, label=None)
    writer.add(dataclasses.replace(last, events=(click,), text=" "))
    writer.close()
    recording = read_part(part)
    assert len(recording) == 45
    assert recording.events == (click,)


def test_click_after_the_last_batch_is_kept(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.part", Settings(), "a model")
    frames = list(snapshots(32))
    for snapshot in frames:
        writer.add(snapshot)
    click = make_event(" ", frames[-1].t_ms, kind=EventKind.SPACE, label=None)
    writer.add(dataclasses.replace(frames[-1], events=(click,), text=" "))
    writer.close()
    assert read_part(writer.part).text == " "


def test_closed_recording_takes_nothing_more(tmp_path: Path) -> None:
    writer = record(tmp_path / "a.part", 45)
    writer.close()
    size = writer.part.stat().st_size
    writer.add(next(snapshots(1, begin_ms=99_000.0)))
    writer.close()
    assert writer.part.stat().st_size == size
    assert writer.problem is None


def test_lock_tells_whether_a_part_is_being_written(tmp_path: Path) -> None:
    writer = record(tmp_path / "a.part", 45)
    with pytest.raises(RecordingError, match="cannot be written"):
        RecordingWriter(writer.part, Settings(), "a model")
    lock = part_lock(writer.part)
    with pytest.raises(TimeoutError):
        lock.acquire(timeout=0)
    writer.close()
    with lock.acquire(timeout=0):
        pass


def test_nothing_recorded_is_no_recording(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.part", Settings(), "a model")
    writer.close()
    with pytest.raises(RecordingError, match="expected at least"):
        read_part(writer.part)
    with pytest.raises(RecordingError, match="cannot be written"):
        RecordingWriter(writer.part / "a.part", Settings(), "a model")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full, a disk that is always full")
def test_full_disk_ends_the_recording_but_not_the_camera(tmp_path: Path) -> None:
    writer = record(tmp_path / "a.part", 60)
    whole = writer.part.stat().st_size
    with Path("/dev/full").open("wb") as full:
        os.dup2(full.fileno(), writer._file.fileno())
    for snapshot in snapshots(90, begin_ms=2000.0):
        writer.add(snapshot)
    assert writer.problem is not None
    assert os.strerror(errno.ENOSPC) in writer.problem
    writer.close()
    assert writer.part.stat().st_size == whole
    assert len(read_part(writer.part)) == 30


def test_recording_cut_off_anywhere_opens(tmp_path: Path) -> None:
    """All but the second that was being written is there."""
    writer = record(tmp_path / "a.part", 150, events=spelled("ABCDE", 1000.0))
    writer.close()
    whole = writer.part.read_bytes()
    first = None
    for length in range(0, len(whole), 997):
        cut = tmp_path / "cut.part"
        cut.write_bytes(whole[:length])
        try:
            recording = read_part(cut)
        except RecordingError:
            assert first is None, "more of the file must not give less of the recording"
            continue
        first = first or length
        assert len(recording) >= 150 * length / len(whole) - 62
        assert recording.text == "ABCDE"[: len(recording.events)]
    assert first is not None
    assert first < len(whole) / 2


def test_killed_process_loses_at_most_two_seconds(tmp_path: Path) -> None:
    part = tmp_path / "a.part"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.record_in_real_time", str(part)],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = (float(line) for line in process.stdout)
    reached = next(t_ms for t_ms in lines if t_ms > 4600.0)
    process.send_signal(signal.SIGKILL)
    reached = max([reached, *lines])
    process.wait()
    process.stdout.close()
    recording = read_part(part)
    assert reached - recording.t_ms[-1] <= 2000.0
    expected = [event for event in spelled("QUICK BROWN", step_ms=300.0) if event.end_ms <= recording.t_ms[-1]]
    assert recording.events == tuple(expected)
    with part_lock(part).acquire(timeout=0):
        assert same(read_recording(recording_to_bytes(recording)), recording)


# --- of real hands


def test_reading_a_recording_again_gives_the_same(data_dir: Path, predictor: SequencePredictor, tmp_path: Path) -> None:
    """Landmarks are kept in full precision for this: with other settings only what they change may change."""
    clips = read_clips(data_dir / "letters_devtest.npz")
    chosen = [i for i in np.random.default_rng(3).permutation(len(clips)) if clips.aspect[i] > 0][:40]
    frames = np.concatenate([clips.clip(i) for i in chosen])
    reader = Recognizer(predictor, Settings())
    writer = RecordingWriter(tmp_path / "a.part", Settings(), "a model")
    for i, landmarks in enumerate(frames):
        hand = None if np.isnan(landmarks[0, 0]) else HandFrame(landmarks, "Right", 0.9, i * FRAME_MS)
        writer.add(reader.step_hand(hand, i * FRAME_MS))
    writer.close()
    recording = read_recording(recording_to_bytes(read_part(writer.part)))

    again = Recognizer(predictor, Settings())
    shots = [again.step_hand(recording.hand_at(i), recording.t_ms[i]) for i in range(len(recording))]
    assert len(recording.text) > 0
    assert again.snapshot.text == recording.text
    assert again.snapshot.events == recording.events
    assert [STATUSES[status] for status in recording.status] == [shot.status for shot in shots]
    read = [shot.probabilities if shot.probabilities is not None else np.full(len(LABELS), np.nan) for shot in shots]
    np.testing.assert_allclose(recording.probabilities, np.stack(read), atol=0.0005)


# --- from outside


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

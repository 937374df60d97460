"""A recording that is written while the session goes on, cut off, and read again."""

import dataclasses
import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signcore.clips import read_clips
from signcore.errors import RecordingError
from signcore.hand import HandFrame
from signcore.labels import LABELS
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.recorder import RecordingWriter, part_lock, read_part
from signcore.recording import STATUSES
from signcore.recording_file import (
    read_recording,
    recording_to_bytes,
)
from signcore.settings import Settings
from signcore.transcript import EventKind
from tests.recordings import FRAME_MS, make_columns, make_event, same, snapshots, spelled


def record(part: Path, frames: int = 150, **kwargs: Any) -> RecordingWriter:
    writer = RecordingWriter(part, Settings(), "a model")
    for snapshot in snapshots(frames, **kwargs):
        writer.add(snapshot)
    return writer


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
    assert not recording.manifest.calibrated
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


@pytest.mark.parametrize(
    ("text", "begin_ms", "problem"),
    [("A" * 20_001, 1000.0, "longer than 20000 characters"), ("", 86_500_000.0, "a day long")],
)
def test_a_recording_ends_before_nobody_could_open_it(tmp_path: Path, text: str, begin_ms: float, problem: str) -> None:
    writer = RecordingWriter(tmp_path / "a.part", Settings(), "a model")
    for snapshot in snapshots(30):
        writer.add(snapshot)
    writer.add(dataclasses.replace(next(snapshots(1, begin_ms=begin_ms)), text=text))
    assert problem in str(writer.problem)
    assert len(read_part(writer.part)) == 30


def test_a_text_that_is_changed_very_often_ends_the_recording(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.part", Settings(), "a model")
    text = "A" * 19_000
    for number, snapshot in enumerate(snapshots(60)):
        events = tuple(make_event(text, snapshot.t_ms) for _ in range(100 * number))
        writer.add(dataclasses.replace(snapshot, events=events, text=text))
    assert "changed too often" in str(writer.problem)
    assert len(read_part(writer.part).events) == 5200


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

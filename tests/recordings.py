"""Recordings made up for tests."""

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np

from signcore.hand import HandFrame
from signcore.labels import LABELS, char_to_index
from signcore.recognizer import Snapshot, Status
from signcore.recording import Manifest, Note, Recording
from signcore.recording_checks import Columns
from signcore.recording_file import recording_of
from signcore.transcript import Event, EventKind, Reason
from tests.hands import make_landmarks

FRAME_MS = 1000.0 / 30.0


def make_event(
    text: str,
    end_ms: float,
    *,
    kind: EventKind = EventKind.LETTER,
    reason: Reason = Reason.HELD,
    label: str | None = "A",
    start_ms: float | None = None,
    confidence: float = 0.9,
    runner_up: str | None = "S",
) -> Event:
    """An event that leaves `text`, after a quarter of a second of holding."""
    begin = end_ms - 250.0 if start_ms is None else start_ms
    return Event(kind, reason, label, begin, end_ms, confidence, runner_up, text)


def spelled(text: str, first_ms: float = 1500.0, step_ms: float = 500.0) -> tuple[Event, ...]:
    """The events of a text spelled without a mistake."""
    return tuple(
        make_event(
            text[: i + 1],
            first_ms + i * step_ms,
            kind=EventKind.SPACE if char == " " else EventKind.LETTER,
            label="SPACE" if char == " " else char,
        )
        for i, char in enumerate(text)
    )


def make_columns(frames: int, away: float = 0.1, unread: float = 0.5) -> Columns:
    """A hand with a tracker's jitter: away in the first tenth of the frames, read in the second half."""
    rng = np.random.default_rng(0)
    landmarks = make_landmarks() + rng.normal(scale=0.003, size=(frames, 21, 3)).astype(np.float32)
    probabilities = rng.dirichlet(np.full(len(LABELS), 0.1), size=frames).astype(np.float16).astype(np.float32)
    landmarks[: int(away * frames)] = np.nan
    probabilities[: int(unread * frames)] = np.nan
    hand = ~np.isnan(landmarks[:, 0, 0])
    read = ~np.isnan(probabilities[:, 0])
    return {
        "t_ms": np.arange(frames) * FRAME_MS,
        "landmarks": landmarks,
        "handedness": np.where(hand, 2, 0).astype(np.int8),
        "score": np.where(hand, 0.97, np.nan).astype(np.float32),
        "status": (hand.astype(np.int8) + read).astype(np.int8),
        "buffered": np.minimum(np.arange(frames), 32).astype(np.int16),
        "sure": read & (rng.random(frames) > 0.3),
        "probabilities": probabilities,
        "fps": np.full(frames, 30.0, dtype=np.float32),
        "latency_ms": rng.uniform(8.0, 14.0, size=frames).astype(np.float32),
    }


def make_manifest(text_before: str = "") -> Manifest:
    return Manifest(
        datetime(2026, 11, 23, 18, 0, tzinfo=UTC), "lstm_alphabet_sequence", 32, {"hold_s": 0.25}, text_before
    )


def make_recording(
    frames: int = 300, events: Sequence[Event] = (), notes: Sequence[Note] = (), text_before: str = ""
) -> Recording:
    return recording_of(make_manifest(text_before), make_columns(frames), events, notes)


def snapshots(
    frames: int, *, begin_ms: float = 0.0, events: Sequence[Event] = (), text_before: str = ""
) -> Iterator[Snapshot]:
    """What a recogniser would publish for `make_columns`; an event is in the first snapshot after it."""
    columns = make_columns(frames)
    for i in range(frames):
        t_ms = begin_ms + i * FRAME_MS
        happened = tuple(event for event in events if event.end_ms <= t_ms)
        landmarks, probabilities = columns["landmarks"][i], columns["probabilities"][i]
        hand = None if np.isnan(landmarks[0, 0]) else HandFrame(landmarks, "Right", 0.97, t_ms)
        read = not np.isnan(probabilities[0])
        label = LABELS[int(probabilities.argmax())] if read else None
        yield Snapshot(
            t_ms=t_ms,
            hand=hand,
            status=(Status.NO_HAND, Status.COLLECTING, Status.READING)[int(columns["status"][i])],
            buffered=int(columns["buffered"][i]),
            window=32,
            probabilities=probabilities if read else None,
            letter=label,
            confidence=0.0 if label is None else float(probabilities[char_to_index(label)]),
            runner_up=None,
            sure=bool(columns["sure"][i]),
            text=happened[-1].text if happened else text_before,
            events=happened,
            fps=30.0,
            latency_ms=float(columns["latency_ms"][i]),
        )


def same(one: Recording, other: Recording) -> bool:
    """Whether two recordings are equal in everything; half floats are as exact as the file is."""
    for field in dataclasses.fields(Recording):
        a, b = getattr(one, field.name), getattr(other, field.name)
        equal = np.array_equal(a, b, equal_nan=a.dtype.kind == "f") if isinstance(a, np.ndarray) else a == b
        if not equal:
            return False
    return True

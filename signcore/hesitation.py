"""Where the recogniser hesitated in a recording, as notes of its own."""

import itertools
from collections.abc import Iterator
from typing import Final

import numpy as np

from signcore.labels import LABELS, LETTERS, char_to_index
from signcore.recording import Author, Note, Recording
from signcore.transcript import Event, EventKind, Reason

# A letter whose lead was smaller than this for a moment is close to the other one.
_CLOSE: Final = 0.3
# A hand that is away for longer has been taken away; for shorter, the tracker has not lost it but blinked.
_LOST_MS: Final = (100.0, 350.0)


def automatic_notes(recording: Recording) -> tuple[Note, ...]:
    """A note, in order of time, for letters close to another or held too short, and for hands that were lost."""
    found = [
        *(_rejected(event) for event in recording.events if event.kind is EventKind.REJECTED),
        *_close(recording),
        *_lost(recording),
    ]
    return tuple(sorted(found, key=lambda note: note.at_ms))


def _note(at_ms: float, text: str) -> Note:
    return Note(max(0.0, at_ms), text, Author.AUTOMATIC)


def _rejected(event: Event) -> Note:
    label = _name(event.label)
    match event.reason:
        case Reason.TOO_SHORT:
            text = f"{label} held too short ({(event.end_ms - event.start_ms) / 1000:.2f} s)"
        case Reason.UNSURE:
            text = f"{label} or {_name(event.runner_up)}? Not written"
        case Reason.MOVED:
            text = f"{label} not written: the hand moved"
        case Reason.HAND_LOST:
            text = f"hand lost during {label}"
        case _:
            text = f"{label} not written"
    return _note(event.end_ms, text)


def _close(recording: Recording) -> Iterator[Note]:
    """Written letters with another letter close behind."""
    for event in recording.events:
        if event.label not in LETTERS or event.kind not in (EventKind.LETTER, EventKind.REPLACE):
            continue
        first, last = recording.index_at(event.start_ms), recording.index_at(event.end_ms)
        others = recording.probabilities[first : last + 1, : len(LETTERS)].copy()
        own = others[:, char_to_index(event.label)].copy()
        others[:, char_to_index(event.label)] = -1.0
        lead = own - others.max(axis=1)
        if np.isnan(lead).all():
            continue
        frame = int(np.nanargmin(lead))
        if lead[frame] < _CLOSE:
            at_ms = float(recording.t_ms[first + frame])
            yield _note(at_ms, f"{event.label} is close to {LABELS[int(others[frame].argmax())]}")


def _lost(recording: Recording) -> Iterator[Note]:
    """Short gaps between two hands: frames in which there was none, however many frames a second there are."""
    seen = np.flatnonzero(recording.handedness != 0)
    for before, after in itertools.pairwise(seen.tolist()):
        lasted_ms = float(recording.t_ms[after] - recording.t_ms[before])
        if after - before > 1 and _LOST_MS[0] < lasted_ms <= _LOST_MS[1]:
            yield _note(float(recording.t_ms[before]), f"hand lost for {lasted_ms / 1000:.2f} s")


def _name(label: str | None) -> str:
    return label if label in LETTERS else str(label).lower()

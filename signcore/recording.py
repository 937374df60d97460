"""A recorded session in memory: columns of numbers, the events of its text, and notes. Never a picture."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signcore.errors import RecordingError
from signcore.features import FloatArray
from signcore.hand import Handedness, HandFrame
from signcore.labels import LABELS
from signcore.recognizer import Status
from signcore.timed_text import TimedLetter, cleared, letters
from signcore.transcript import Event

# The numbers in a file's columns `status` and `handedness`; the order is part of the format.
STATUSES: Final[tuple[Status, ...]] = (Status.NO_HAND, Status.COLLECTING, Status.READING)
SIDES: Final[tuple[Handedness | None, ...]] = (None, "Left", "Right")

LONGEST_NOTE: Final = 500
# A frame says nothing about a moment so much later.
_FRAME_LASTS_MS: Final = 500.0


class Author(StrEnum):
    """Who made a note."""

    LEARNER = "learner"
    TEACHER = "teacher"
    AUTOMATIC = "automatic"


@dataclass(frozen=True)
class Note:
    """A remark at one moment of a recording, such as "relax the thumb".

    Attributes:
        at_ms: milliseconds since the recording began, 0 or more.
        text: 1 to 500 characters, one line.
        author: who made it.

    Raises:
        RecordingError: a time or a text outside of that.
    """

    at_ms: float
    text: str
    author: Author = Author.LEARNER

    def __post_init__(self) -> None:
        if not (math.isfinite(self.at_ms) and self.at_ms >= 0):
            raise RecordingError(f"a note: expected a time of 0 ms or more, found {self.at_ms}")
        if not self.text.strip() or len(self.text) > LONGEST_NOTE:
            raise RecordingError(f"a note: expected 1 to {LONGEST_NOTE} characters, found {len(self.text.strip())}")
        if not self.text.isprintable():
            raise RecordingError("a note: expected one line of text, found line breaks or control characters")


@dataclass(frozen=True)
class Manifest:
    """What one needs to know about a recording besides its frames.

    Attributes:
        created: when it began, with a time zone.
        model: which recogniser read it.
        window: how many frames that recogniser looks at.
        settings: the numbers it was read with, by their names in `Settings`.
        text_before: what was already written when it began.
        calibrated: whether a person's own calibration corrected the recogniser when it began.
    """

    created: datetime
    model: str
    window: int
    settings: Mapping[str, float]
    text_before: str = ""
    calibrated: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class Recording:
    """One session, n frames, as `signcore.recording_file` and `signcore.recorder` read it.

    Attributes:
        manifest: what was recorded, when, and how it was read.
        t_ms: (n,) float64, milliseconds since the recording began, rising; the first is 0.
        landmarks: (n, 21, 3) float32 in units of image height, NaN where there is no hand.
        handedness: (n,) int8, indices into SIDES.
        score: (n,) float32, how sure the tracker was of the handedness; NaN where there is no hand.
        status: (n,) int8, indices into STATUSES.
        buffered: (n,) int16, frames of the window that were there.
        sure: (n,) bool, whether the confidence reached the model's own threshold.
        probabilities: (n, 29) float32, NaN while nothing was read; exact to 0.0005, as half floats are.
        fps: (n,) float32, frames a second.
        latency_ms: (n,) float32, how long the recogniser took.
        events: what happened to the text, times as in `t_ms`. What led to the first may have begun before 0.
        notes: remarks, in order of time.
    """

    manifest: Manifest
    t_ms: NDArray[np.float64]
    landmarks: FloatArray
    handedness: NDArray[np.int8]
    score: FloatArray
    status: NDArray[np.int8]
    buffered: NDArray[np.int16]
    sure: NDArray[np.bool_]
    probabilities: FloatArray
    fps: FloatArray
    latency_ms: FloatArray
    events: tuple[Event, ...]
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.t_ms)

    @property
    def seconds(self) -> float:
        """From the first frame to the last."""
        return float(self.t_ms[-1]) / 1000.0

    @cached_property
    def letters(self) -> tuple[TimedLetter, ...]:
        """The letters that were written during the recording and still stand at its end."""
        return letters(self.events, self.manifest.text_before)

    @cached_property
    def cleared(self) -> tuple[TimedLetter, ...]:
        """The letters that were written during the recording and cleared before its end, in the order they stood in."""
        return cleared(self.events, self.manifest.text_before)

    @property
    def text(self) -> str:
        """What was written during the recording and still stands at its end."""
        return "".join(letter.char for letter in self.letters)

    @cached_property
    def leading(self) -> NDArray[np.int8]:
        """(n,) index of the most probable label, -1 while nothing was read."""
        found = np.full(len(self), -1, dtype=np.int8)
        read = ~np.isnan(self.probabilities[:, 0])
        found[read] = self.probabilities[read].argmax(axis=1)
        return found

    @cached_property
    def confidence(self) -> FloatArray:
        """(n,) float32, the probability of the most probable label, NaN while nothing was read."""
        highest: FloatArray = self.probabilities.max(axis=1)
        return highest

    def index_at(self, t_ms: float) -> int:
        """The newest frame at a moment; the first one before there is any."""
        return max(0, int(np.searchsorted(self.t_ms, t_ms, side="right")) - 1)

    def hand_at(self, index: int) -> HandFrame | None:
        """The hand in a frame, ready for `Recognizer.step_hand`."""
        side = SIDES[self.handedness[index]]
        if side is None:
            return None
        return HandFrame(self.landmarks[index], side, float(self.score[index]), float(self.t_ms[index]))

    def heat_map(self, columns: int) -> FloatArray:
        """The highest probability of each label in each of `columns` (1 or more) equal stretches of time.

        A stretch without a frame of its own repeats the frame before it, up to half a second.

        Returns:
            (29, columns) float32, NaN where nothing was read.
        """
        edges = np.linspace(0.0, self.t_ms[-1], columns + 1)
        bounds = np.searchsorted(self.t_ms, edges, side="left")
        bounds[-1] = len(self)
        padded = np.vstack([self.probabilities, np.full((1, len(LABELS)), np.nan, dtype=np.float32)])
        highest: FloatArray = np.fmax.reduceat(padded, bounds, axis=0)[:-1]
        empty = np.flatnonzero(bounds[:-1] == bounds[1:])
        before = bounds[empty] - 1
        held = (before >= 0) & (edges[empty] - self.t_ms[before] <= _FRAME_LASTS_MS)
        highest[empty] = np.where(held[:, None], padded[before], np.nan)
        return highest.T

    def with_notes(self, notes: Iterable[Note]) -> "Recording":
        """The same recording with these notes instead of its own."""
        return replace(self, notes=tuple(sorted(notes, key=lambda note: note.at_ms)))

"""The last second of one session's hands, on a regular grid whatever the camera's frame rate."""

import math
from typing import Final

import numpy as np

from signcore.errors import FrameError
from signcore.features import GRID_FPS, LANDMARKS, FloatArray
from signcore.hand import Handedness, HandFrame

FRAME_MS: Final = 1000.0 / GRID_FPS
# After so long without a frame, what came before says nothing about now.
LONGEST_GAP_MS: Final = 500.0


class FrameBuffer:
    """The newest frames of a stream, read as a window of `length` frames 1/30 s apart that ends with the newest one.

    The frames are kept as they came. The window takes its moments counting back from the newest frame and interpolates
    linearly between the two frames around each, so a 15 fps camera fills it as fast as a 30 fps one. Where one of the
    two has no hand, or they show different hands, the nearer frame counts. A missing hand is NaN throughout.

    A gap of more than 0.5 s without frames, or a time that does not rise, empties the buffer first.
    """

    def __init__(self, length: int) -> None:
        self.length = length
        # The frames lie one after another in arrays, so that a window is a few operations on whole arrays. Those of
        # now are first..end; when the arrays end, they move to the front.
        self._times = np.empty(8 * length)
        self._sides = np.empty(8 * length, dtype=np.int8)
        self._points = np.empty((8 * length, LANDMARKS, 3), dtype=np.float32)
        self._first = self._end = 0

    def __len__(self) -> int:
        """How many of the window's frames are there, 0..length."""
        if self._first == self._end:
            return 0
        span = float(self._times[self._end - 1] - self._times[self._first])
        # Rounded, so that a jittery camera's 32nd frame fills the window although it came a little early.
        return min(self.length, round(span / FRAME_MS) + 1)

    @property
    def fill(self) -> float:
        """How much of the window is there, 0..1."""
        return len(self) / self.length

    @property
    def full(self) -> bool:
        """Whether the whole window is there."""
        return len(self) == self.length

    def push(self, hand: HandFrame | None, t_ms: float) -> None:
        """Add the frame at `t_ms` (milliseconds since the stream began); `hand` is None where there was none.

        Raises:
            FrameError: the time is no number.
        """
        if not math.isfinite(t_ms):
            raise FrameError(f"a frame's time: expected milliseconds, found {t_ms}")
        if self._first < self._end and not 0 < t_ms - self._times[self._end - 1] <= LONGEST_GAP_MS:
            self.clear()
        if self._end == len(self._times):
            self._make_room()
        self._times[self._end] = t_ms
        self._sides[self._end] = _SIDES[None if hand is None else hand.handedness]
        self._points[self._end] = np.nan if hand is None else hand.landmarks
        self._end += 1
        oldest = t_ms - (self.length - 1) * FRAME_MS
        # One frame before the window stays: the window's oldest moment lies between it and the next.
        while self._end - self._first > 1 and self._times[self._first + 1] <= oldest:
            self._first += 1

    def clear(self) -> None:
        """Forget every frame."""
        self._first = self._end = 0

    def window(self) -> FloatArray:
        """The frames that are there, oldest first: (len(self), 21, 3) float32, units of image height, NaN: no hand."""
        count = len(self)
        if count == 0:
            return np.empty((0, LANDMARKS, 3), dtype=np.float32)
        now = slice(self._first, self._end)
        times, sides, landmarks = self._times[now], self._sides[now], self._points[now]
        moments = np.maximum(times[-1] - FRAME_MS * np.arange(count - 1, -1, -1), times[0])
        after = times.searchsorted(moments)
        before = np.maximum(after - 1, 0)
        time_after = times[after]
        step = np.where(after > before, time_after - times[before], 1.0)
        weight = (1.0 - (time_after - moments) / step).astype(np.float32)
        weight = np.where(sides[before] == sides[after], weight, np.round(weight))[:, None, None]
        newer: FloatArray = landmarks[after]
        if (weight == 1.0).all():
            return newer
        older = landmarks[before]
        result: FloatArray = older * (1.0 - weight) + newer * weight
        # Weight 0 or 1 must not let the other frame's NaN through, and NaN * 0 is NaN.
        np.copyto(result, newer, where=weight == 1.0)
        np.copyto(result, older, where=weight == 0.0)
        return result

    def _make_room(self) -> None:
        """Move the frames of now to the front of the arrays, or into larger ones where they fill more than half."""
        count = self._end - self._first
        for name in ("_times", "_sides", "_points"):
            array = getattr(self, name)
            larger = array if 2 * count <= len(array) else np.empty((2 * len(array), *array.shape[1:]), array.dtype)
            larger[:count] = array[self._first : self._end]
            setattr(self, name, larger)
        self._first, self._end = 0, count


_SIDES: Final[dict[Handedness | None, int]] = {None: 0, "Left": 1, "Right": 2}

"""The last second of one session's hands, on a regular grid whatever the camera's frame rate."""

from collections import deque
from typing import Final

import numpy as np

from signcore.features import LANDMARKS, FloatArray
from signcore.hand import Handedness, HandFrame

FRAME_MS: Final = 1000.0 / 30.0
# After so long without a frame, what came before says nothing about now.
LONGEST_GAP_MS: Final = 500.0

_NO_HAND: Final = np.full((LANDMARKS, 3), np.nan, dtype=np.float32)


class FrameBuffer:
    """The newest frames of a stream, read as a window of `length` frames 1/30 s apart that ends with the newest one.

    The frames are kept as they came. The window takes its moments counting back from the newest frame and interpolates
    linearly between the two frames around each, so a 15 fps camera fills it as fast as a 30 fps one. Where one of the
    two has no hand, or they show different hands, the nearer frame counts. A missing hand is NaN throughout.

    A gap of more than 0.5 s without frames, or a time that does not rise, empties the buffer first.
    """

    def __init__(self, length: int) -> None:
        self.length = length
        self._frames: deque[tuple[float, Handedness | None, FloatArray]] = deque()

    def __len__(self) -> int:
        """How many of the window's frames are there, 0..length."""
        if not self._frames:
            return 0
        span = self._frames[-1][0] - self._frames[0][0]
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
        """Add the frame at `t_ms` (milliseconds since the stream began); `hand` is None where there was none."""
        if self._frames and not 0 < t_ms - self._frames[-1][0] <= LONGEST_GAP_MS:
            self.clear()
        if hand is None:
            self._frames.append((t_ms, None, _NO_HAND))
        else:
            self._frames.append((t_ms, hand.handedness, hand.landmarks))
        oldest = t_ms - (self.length - 1) * FRAME_MS
        # One frame before the window stays: the window's oldest moment lies between it and the next.
        while len(self._frames) > 1 and self._frames[1][0] <= oldest:
            self._frames.popleft()

    def clear(self) -> None:
        """Forget every frame."""
        self._frames.clear()

    def window(self) -> FloatArray:
        """The frames that are there, oldest first: (len(self), 21, 3) float32, units of image height, NaN: no hand."""
        count = len(self)
        if count == 0:
            return np.empty((0, LANDMARKS, 3), dtype=np.float32)
        times = np.array([t_ms for t_ms, _, _ in self._frames])
        landmarks = np.stack([points for _, _, points in self._frames])
        moments = np.maximum(times[-1] - FRAME_MS * np.arange(count - 1, -1, -1), times[0])
        after = np.searchsorted(times, moments, side="left")
        before = np.maximum(after - 1, 0)
        step = np.where(after > before, times[after] - times[before], 1.0)
        weight = (1.0 - (times[after] - moments) / step).astype(np.float32)
        sides = np.array([_SIDES[side] for _, side, _ in self._frames])
        weight = np.where(sides[before] == sides[after], weight, np.round(weight))[:, None, None]
        # Weight 0 must not let a NaN through, and NaN * 0 is NaN.
        mixed = landmarks[before] * (1.0 - weight) + landmarks[after] * weight
        result: FloatArray = np.where(
            weight == 1.0, landmarks[after], np.where(weight == 0.0, landmarks[before], mixed)
        )
        return result


_SIDES: Final[dict[Handedness | None, int]] = {None: 0, "Left": 1, "Right": 2}

"""Clips as windows of the model's length, and windows as a worse camera would have filled them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from signcore.features import GRID_FPS, TIPS, FloatArray, palm_size
from signcore.pose import MIRROR

# How much worse the camera is made: trembling landmarks in palm sizes, and the share of frames that are lost.
NOISE: Final = 0.02
DROPPED: Final = 0.2
# A J or Z whose finger tips move less than this (palms) shows no movement.
_SMALLEST_MOVEMENT: Final = 0.5


def interpolate(frames: FloatArray, positions: NDArray[np.float64]) -> FloatArray:
    """Frames at positions between frames, linearly. Between a frame with a hand and one without, the nearer one.

    Args:
        frames: (n, 21, 3), NaN for a frame with no hand.
        positions: (m,) from 0 to n - 1.

    Returns:
        (m, 21, 3) float32.
    """
    before = np.floor(positions).astype(np.int64)
    after = np.minimum(before + 1, len(frames) - 1)
    weight = (positions - before).astype(np.float32)
    missing = np.isnan(frames[:, 0, 0])
    # A product with NaN is NaN, so the frame that does not count is replaced by the one that does.
    nearer = np.where(weight < 0.5, before, after)
    mixed = missing[before] | missing[after]
    first, second = frames[np.where(mixed, nearer, before)], frames[np.where(mixed, nearer, after)]
    result: FloatArray = first + weight[:, None, None] * (second - first)
    return result


def clip_windows(clip: FloatArray, window: int) -> FloatArray:
    """The windows by which a clip is judged: (k, window, 21, 3).

    One frame is repeated; fewer frames than a window are stretched to one; more give every window that fits, one frame
    apart.

    Args:
        clip: (n, 21, 3), NaN for a frame with no hand.
        window: frames of a window.
    """
    if len(clip) <= window:
        return interpolate(clip, np.linspace(0, len(clip) - 1, window))[None]
    windows = np.lib.stride_tricks.sliding_window_view(clip, window, axis=0)
    return np.ascontiguousarray(windows.transpose(0, 3, 1, 2))


def movement(hands: FloatArray) -> slice | None:
    """The part of a clip in which the finger tips travel, with one still frame on either side; None where they do not.

    Args:
        hands: (n, 21, 3) in palm sizes.
    """
    tips = hands[:, TIPS, :2]
    if len(hands) < 5 or np.ptp(tips, axis=0).max() < _SMALLEST_MOVEMENT:
        return None
    travelled = np.cumsum(np.linalg.norm(np.diff(tips, axis=0), axis=2).mean(axis=1))
    first = int(np.searchsorted(travelled, 0.03 * travelled[-1]))
    last = int(np.searchsorted(travelled, 0.97 * travelled[-1])) + 2
    return slice(max(first - 1, 0), last)


def mirror(windows: FloatArray) -> FloatArray:
    """Windows (n, frames, 21, 3) with left and right exchanged: a right hand becomes a left one."""
    return windows * MIRROR


def at_fps(windows: FloatArray, fps: int) -> FloatArray:
    """Windows (n, frames, 21, 3) as the buffer fills them from a camera of `fps` frames a second.

    The newest frame is one that the camera saw; what lies between two frames is interpolated.

    Raises:
        ValueError: a rate of which 30 is no multiple.
    """
    if fps < 1 or GRID_FPS % fps:
        raise ValueError(f"expected a frame rate that divides {GRID_FPS}, found {fps}")
    last = windows.shape[1] - 1
    return _seen_at(windows, np.arange(last, -1, -GRID_FPS // fps)[::-1])


def with_noise(windows: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Windows (n, frames, 21, 3) whose landmarks tremble: normal noise of 0.02 palm sizes, new in every frame."""
    noise = rng.normal(0.0, NOISE, windows.shape).astype(np.float32)
    return windows + noise * palm_size(windows)[..., None, None]


def with_dropped_frames(windows: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Windows (n, frames, 21, 3) of which each frame but the newest is lost with a chance of 0.2."""
    kept = rng.random(windows.shape[:2]) >= DROPPED
    kept[:, -1] = True
    return np.concatenate([_seen_at(windows[i : i + 1], np.flatnonzero(kept[i])) for i in range(len(windows))])


def _seen_at(windows: FloatArray, kept: NDArray[np.int64]) -> FloatArray:
    """Windows of which only the frames `kept` were seen, the others interpolated by time."""
    positions = np.interp(np.arange(windows.shape[1]), kept, np.arange(len(kept)))
    return np.stack([interpolate(window, positions) for window in windows[:, kept]])

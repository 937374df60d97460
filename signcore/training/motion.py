"""J and Z drawn with a still hand: some people move the whole hand without turning it, and few recordings show it."""

from typing import Final

import numpy as np

from signcore.features import FloatArray

_CORNERS: Final = np.array([0.0, 0.32, 0.68, 1.0])  # of a Z's strokes, in shares of its time


def j_path(windows: FloatArray, progress: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Hands moved along a J: down, then a hook to either side, the hand turning by up to 60 degrees on the way.

    Args:
        windows: (B, T, 21, 3) palm units.
        progress: (B, T) 0 before the movement, 1 after it.
        rng: sizes, sides and turns.
    """
    size = len(windows)
    height = rng.uniform(0.5, 1.2, (size, 1))
    radius = rng.uniform(0.25, 0.6, (size, 1))
    side = rng.choice([-1.0, 1.0], (size, 1))
    bend = rng.uniform(0.35, 0.6, (size, 1))
    falling = np.clip(progress / bend, 0.0, 1.0)
    hook = np.clip((progress - bend) / (1 - bend), 0.0, 1.0)
    around = hook * rng.uniform(np.pi / 2, np.pi, (size, 1))
    path = np.stack([side * radius * (1 - np.cos(around)), height * falling + radius * np.sin(around)], axis=-1)
    turn = np.radians(rng.uniform(0.0, 60.0, (size, 1))) * hook * side
    return _moved(_turned(windows, turn), path)


def z_path(windows: FloatArray, progress: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Hands moved along a Z: across, back down, across; to either side, since pictures may be mirrored.

    Args:
        windows: (B, T, 21, 3) palm units.
        progress: (B, T) 0 before the movement, 1 after it.
        rng: sizes, side and slant.
    """
    size = len(windows)
    width = rng.uniform(0.5, 1.3, (size, 1)) * rng.choice([-1.0, 1.0], (size, 1))
    height = rng.uniform(0.3, 1.0, (size, 1))
    across = np.interp(progress, _CORNERS, [0.0, 1.0, 0.0, 1.0]) * width
    down = np.interp(progress, _CORNERS, [0.0, 0.0, 1.0, 1.0]) * height
    slant = rng.normal(0.0, 0.15, (size, 1))
    path = np.stack([across, down + slant * across], axis=-1)
    turn = np.radians(rng.normal(0.0, 12.0, (size, 1))) * across / np.abs(width)
    return _moved(_turned(windows, turn), path)


def _turned(windows: FloatArray, angle: FloatArray) -> FloatArray:
    """Turned in the picture plane about the wrist by (B, T) radians."""
    hand = windows - windows[:, :, :1]
    x, y = hand[..., 0], hand[..., 1]
    cos, sin = np.cos(angle)[..., None], np.sin(angle)[..., None]
    turned = windows.copy()
    turned[..., 0] = windows[:, :, :1, 0] + cos * x - sin * y
    turned[..., 1] = windows[:, :, :1, 1] + sin * x + cos * y
    return turned


def _moved(windows: FloatArray, path: FloatArray) -> FloatArray:
    moved = windows.copy()
    moved[..., :2] += path[:, :, None].astype(np.float32)
    return moved

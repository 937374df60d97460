"""Hands made up for tests."""

import numpy as np

from signcore.features import FloatArray
from signcore.hand import Handedness, HandFrame


def make_landmarks(x: float = 0.5, y: float = 0.7, size: float = 0.3) -> FloatArray:
    """An open hand (21, 3) with its wrist at (x, y), about `size` image heights high."""
    points = np.zeros((21, 3), dtype=np.float32)
    for finger, spread in enumerate((-0.5, -0.2, 0.0, 0.2, 0.4)):
        for joint in range(4):
            reach = 0.4 + 0.15 * joint
            points[1 + 4 * finger + joint] = (spread * reach, -reach, -0.02 * joint)
    points *= size
    points[:, :2] += (x, y)
    return points.astype(np.float32)


def make_hand(t_ms: float = 0.0, x: float = 0.5, handedness: Handedness = "Right") -> HandFrame:
    """`make_landmarks` at a moment."""
    return HandFrame(make_landmarks(x=x), handedness, 0.99, t_ms)

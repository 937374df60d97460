"""Letters that only their orientation tells apart, held at every angle that still is that letter.

K and P are one handshape, the index finger up or level; so are G and Q, level or down, and U and H, up or level. In the
recordings each hangs around its own angle, with a gap between that a net fills at random, while other people sign right
up to the middle of it.
"""

from typing import Final

import numpy as np

from signcore.features import FloatArray
from signcore.labels import LABELS
from signcore.training.dataset import IntArray

# The angles (degrees from straight up, to either side) of the index finger, from its knuckle to its tip: 5 and 95
# percentiles of the letter over all sources, widened towards its neighbour up to the middle of the gap.
_ANGLES: Final = {
    "D": (0.0, 38.0),
    "G": (50.0, 106.0),
    "H": (50.0, 106.0),
    "K": (0.0, 38.0),
    "P": (44.0, 165.0),
    "Q": (110.0, 180.0),
    "U": (0.0, 30.0),
    # One signer shows it, at 45 to 70; a hand held level is at 90.
    "SPACE": (45.0, 100.0),
}
_LOWEST: Final = np.array([_ANGLES.get(label, (np.nan, np.nan))[0] for label in LABELS], dtype=np.float32)
_HIGHEST: Final = np.array([_ANGLES.get(label, (np.nan, np.nan))[1] for label in LABELS], dtype=np.float32)
_KNUCKLE: Final = 5
_TIP: Final = 8
_FARTHEST: Final = 55.0  # degrees that a hand is turned at most
_SHARE: Final = 0.5


def hold_at_any_angle(windows: FloatArray, label: IntArray, rng: np.random.Generator) -> FloatArray:
    """Half of the windows of such letters turned in the picture plane to a random angle of their letter's.

    Args:
        windows: (B, T, 21, 3) palm units, NaN where there is no hand.
        label: (B,) the letter that each shows.
        rng: which windows, and which angles.
    """
    pointing = windows[:, -1, _TIP, :2] - windows[:, -1, _KNUCKLE, :2]
    side = np.where(pointing[:, 0] < 0, -1.0, 1.0)
    angle = np.degrees(np.arctan2(np.abs(pointing[:, 0]), -pointing[:, 1]))
    lowest = np.maximum(_LOWEST[label], angle - _FARTHEST)
    highest = np.minimum(_HIGHEST[label], angle + _FARTHEST)
    wanted = lowest + rng.random(len(windows)) * (highest - lowest)
    chosen = (rng.random(len(windows)) < _SHARE) & (lowest <= highest)
    turn = np.where(chosen, np.radians(wanted - angle) * side, 0.0).astype(np.float32)[:, None, None]
    cos, sin = np.cos(turn), np.sin(turn)
    held = windows.copy()
    held[..., 0] = cos * windows[..., 0] - sin * windows[..., 1]
    held[..., 1] = sin * windows[..., 0] + cos * windows[..., 1]
    return held

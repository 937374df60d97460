"""Letters that only their orientation tells apart, held as differently as people hold them.

K and P are one handshape, the index finger up or level; so are G and Q, level or down, and U and H, up or level. In the
recordings each hangs around its own angle, with a gap between that a net fills at random, while other people sign right
up to the middle of it. And what counts is where the fingers point: some turn the whole hand down for a P, others keep
the palm upright and bend the fingers at the knuckles.
"""

from typing import Final

import numpy as np

from signcore.features import KNUCKLES, FloatArray, IntArray
from signcore.labels import LABELS
from signcore.training.augmentation import turned

# The angles (degrees from straight up, to either side) of the index finger, from its knuckle to its tip: 5 and 95
# percentiles of the letter over all sources, widened towards its neighbour up to the middle of the gap.
_ANGLES: Final = {
    "D": (0.0, 38.0),
    "G": (50.0, 106.0),
    "H": (50.0, 106.0),
    "K": (0.0, 30.0),
    "P": (38.0, 165.0),
    "Q": (110.0, 180.0),
    "U": (0.0, 30.0),
    # One signer shows it, at 45 to 70; a hand held level is at 90.
    "SPACE": (45.0, 100.0),
}
_LOWEST: Final = np.array([_ANGLES.get(label, (np.nan, np.nan))[0] for label in LABELS], dtype=np.float32)
_HIGHEST: Final = np.array([_ANGLES.get(label, (np.nan, np.nan))[1] for label in LABELS], dtype=np.float32)
_KNUCKLE: Final = 5
_TIP: Final = 8
_FARTHEST: Final = 90.0  # degrees that a hand is turned at most

# No neighbour of theirs is held half-way, so their own angles may count more. Shown at all angles alike, strangers'
# U is read as R.
_RARELY: Final = np.isin(LABELS, ["D", "H", "SPACE", "U"])
_RARE_SHARE: Final = 0.5
_BENDABLE: Final = np.isin(LABELS, ["DELETE", "G", "K", "P", "Q"])
_BEND_SHARE: Final = 0.5
_BEND: Final = 35.0
# The thumb's root lies in the palm, nearer to the knuckles than the wrist does.
_PALM: Final = ((0, 1.0), (1, 0.7))


def hold_at_any_angle(windows: FloatArray, label: IntArray, rng: np.random.Generator) -> FloatArray:
    """Windows of such letters turned in the picture plane to a random angle of their letter's: all K, P, G and Q, half
    of the others.

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
    chosen = (lowest <= highest) & (~_RARELY[label] | (rng.random(len(windows)) < _RARE_SHARE))
    turn = np.where(chosen, np.radians(wanted - angle) * side, 0.0).astype(np.float32)[:, None, None]
    held = windows.copy()
    held[..., :2] = turned(windows[..., :2], turn)
    return held


def bend_at_the_knuckles(windows: FloatArray, label: IntArray, rng: np.random.Generator) -> FloatArray:
    """Half of the windows of such letters, and of DELETE, with the palm turned against the fingers by N(0, 35) degrees.

    In the picture plane, about the middle of the knuckles: the fingers point where they did.

    Args:
        windows: (B, T, 21, 3) palm units, NaN where there is no hand.
        label: (B,) the letter that each shows.
        rng: which windows, and how far.
    """
    chosen = _BENDABLE[label] & (rng.random(len(windows)) < _BEND_SHARE)
    turn = np.where(chosen, np.radians(rng.normal(0.0, _BEND, len(windows))), 0.0).astype(np.float32)[:, None]
    knuckles = windows[..., KNUCKLES, :2].mean(axis=-2)
    bent = windows.copy()
    for joint, share in _PALM:
        bent[..., joint, :2] = knuckles + turned(windows[..., joint, :2] - knuckles, turn * np.float32(share))
    return bent

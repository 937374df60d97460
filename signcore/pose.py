"""What the fingers of a hand do: how bent each is, how far apart they are, where the thumb is, where the hand points.

Measured in the frame of the palm (across: from the little finger's knuckle to the index finger's; up: from the wrist to
the knuckles; palmar: the way the fingers bend), so that it hardly depends on how the hand is held; only `points_up` and
`points_across` say that.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signcore.errors import LandmarkError
from signcore.features import KNUCKLES, LANDMARKS, FloatArray

FINGERS: Final = ("thumb", "index", "middle", "ring", "little")
MIRROR: Final = np.array([-1, 1, 1], dtype=np.float32)

_WRIST: Final = 0
_TIPS: Final = (8, 12, 16, 20)
_MIDDLES: Final = (6, 10, 14, 18)
_THUMB_TIP: Final = 4
_LEAST: Final = 1e-6


@dataclass(frozen=True)
class Measure:
    """One number of a pose.

    Attributes:
        finger: whose it is.
        kind: "bend" (radians at the knuckle), "curl" (radians at the finger's own joints), "gap" (tip to the next
            finger's tip, palms, negative where they cross), "across", "up", "palmar" (the thumb's tip, palms),
            "points_up", "points_across" (of the index finger in the picture, -1..1).
    """

    finger: str
    kind: str


MEASURES: Final[tuple[Measure, ...]] = (
    *(Measure(finger, "bend") for finger in FINGERS[1:]),
    *(Measure(finger, "curl") for finger in FINGERS[1:]),
    *(Measure(finger, "gap") for finger in FINGERS[1:4]),
    *(Measure("thumb", kind) for kind in ("across", "up", "palmar", "curl")),
    *(Measure("index", kind) for kind in ("points_up", "points_across")),
)


def as_right_hand(landmarks: FloatArray) -> FloatArray:
    """Hands as right hands: left ones are mirrored.

    Fingers bend towards the palm and not away from it, which tells the two apart whatever the camera did.

    Args:
        landmarks: (..., 21, 3), x right, y down, z away from the viewer.

    Raises:
        LandmarkError: the last two axes are not 21 by 3.
    """
    landmarks = np.asarray(landmarks, dtype=np.float32)
    if landmarks.shape[-2:] != (LANDMARKS, 3):
        raise LandmarkError(f"landmarks: expected shape (..., {LANDMARKS}, 3), found {landmarks.shape}")
    palmar = _palm(landmarks)[..., 2, :]
    bent = landmarks[..., _TIPS, :] + landmarks[..., (7, 11, 15, 19), :] - 2 * landmarks[..., KNUCKLES, :]
    thumb = landmarks[..., _THUMB_TIP, :] - landmarks[..., _WRIST, :]
    side = np.einsum("...fc,...c->...", bent, palmar) / len(_TIPS) + 0.5 * np.einsum("...c,...c->...", thumb, palmar)
    right: FloatArray = np.where((side < 0)[..., None, None], landmarks * MIRROR, landmarks)
    return right


def pose(landmarks: FloatArray) -> FloatArray:
    """What the fingers of right hands do, as the numbers that MEASURES names.

    Args:
        landmarks: (..., 21, 3), any unit and place; see `as_right_hand`.

    Returns:
        (..., 17) float32.
    """
    frame = _palm(landmarks)
    relative = landmarks - landmarks[..., :1, :]
    local = np.einsum("...pc,...ac->...pa", relative, frame)
    size = np.linalg.norm(local[..., KNUCKLES, :], axis=-1).mean(axis=-1)
    local = local / np.maximum(2.0 * size, _LEAST)[..., None, None]
    first = local[..., _MIDDLES, :] - local[..., KNUCKLES, :]
    rest = local[..., _TIPS, :] - local[..., _MIDDLES, :]
    bend = np.arctan2(first[..., 2], first[..., 1])
    tips = local[..., _TIPS, 0]
    thumb = local[..., _THUMB_TIP, :]
    thumb_curl = _angle(local[..., 3, :] - local[..., 2, :], local[..., 4, :] - local[..., 3, :])
    pointing = landmarks[..., 8, :2] - landmarks[..., 5, :2]
    pointing = pointing / np.maximum(np.linalg.norm(pointing, axis=-1, keepdims=True), _LEAST)
    found: FloatArray = np.concatenate(
        [
            # A finger bent all the way round is at 180 degrees, not at -180.
            np.where(bend < -np.pi / 2, bend + 2 * np.pi, bend),
            _angle(first, rest),
            tips[..., :3] - tips[..., 1:],
            thumb,
            thumb_curl[..., None],
            -pointing[..., 1:],
            pointing[..., :1],
        ],
        axis=-1,
    ).astype(np.float32)
    return found


def _palm(landmarks: FloatArray) -> FloatArray:
    """The palm's axes across, up and palmar (of a right hand) as rows: (..., 3, 3)."""
    up = landmarks[..., KNUCKLES, :].mean(axis=-2) - landmarks[..., _WRIST, :]
    up = up / np.maximum(np.linalg.norm(up, axis=-1, keepdims=True), _LEAST)
    across = landmarks[..., 5, :] - landmarks[..., 17, :]
    across = across - (across * up).sum(axis=-1, keepdims=True) * up
    across = across / np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), _LEAST)
    frame: FloatArray = np.stack([across, up, np.cross(across, up)], axis=-2)
    return frame


def _angle(first: FloatArray, second: FloatArray) -> NDArray[np.float32]:
    """The angle between vectors (..., 3), radians."""
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    angle: NDArray[np.float32] = np.arccos(
        np.clip((first * second).sum(axis=-1) / np.maximum(lengths, _LEAST), -1.0, 1.0)
    )
    return angle

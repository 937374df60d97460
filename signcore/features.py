"""From landmarks to the 63 numbers a frame is for the model.

Landmarks come in units of image height (x right, y down, z away from the camera), any position and scale. What the
model sees is free of both: relative to the wrist, in palm sizes, so that a near hand and a far one are the same.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from signcore.errors import LandmarkError

LANDMARKS: Final = 21
FEATURES: Final = LANDMARKS * 3
# Written into every model file; a model trained on other numbers than these is refused.
FEATURE_VERSION: Final = 2
# The moments of a window, a second. However many a camera takes, a window has as many.
GRID_FPS: Final = 30

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]

_WRIST: Final = 0
KNUCKLES: Final = (5, 9, 13, 17)  # the knuckles where index, middle, ring and little finger begin
# The joints of each finger from root to tip, thumb first.
FINGER_CHAINS: Final = ((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20))
TIPS: Final = tuple(chain[-1] for chain in FINGER_CHAINS)
# Which landmarks a line joins: the palm's edge, then each finger from its knuckle to its tip.
BONES: Final = (
    (0, 1), (1, 2), (2, 3), (3, 4),
    (0, 5), (5, 6), (6, 7), (7, 8),
    (5, 9), (9, 10), (10, 11), (11, 12),
    (9, 13), (13, 14), (14, 15), (15, 16),
    (13, 17), (17, 18), (18, 19), (19, 20),
    (0, 17),
)  # fmt: skip
_SMALLEST_PALM: Final = 1e-6
# The wrist moves by about 0.1 palms a frame in a quick J; times 4 that is of the size of the other features.
MOVEMENT_GAIN: Final = 4.0


def palm_size(landmarks: FloatArray) -> FloatArray:
    """Twice the mean distance in the picture plane from the wrist to the four knuckles.

    The plane alone, because MediaPipe's depth is the least certain coordinate.

    Args:
        landmarks: (..., 21, 3), any unit.

    Returns:
        (...,) in the same unit; NaN where the hand is missing.
    """
    knuckles = landmarks[..., KNUCKLES, :2] - landmarks[..., _WRIST, None, :2]
    size: FloatArray = 2.0 * np.hypot(knuckles[..., 0], knuckles[..., 1]).mean(axis=-1)
    return np.maximum(size, np.float32(_SMALLEST_PALM), dtype=np.float32)


def normalise_hand(landmarks: FloatArray) -> FloatArray:
    """A hand relative to its wrist, in palm sizes.

    Args:
        landmarks: (..., 21, 3) in units of image height.

    Returns:
        (..., 21, 3) float32; the wrist is (0, 0, 0). NaN where the hand is missing.

    Raises:
        LandmarkError: the last two axes are not 21 by 3.
    """
    landmarks = np.asarray(landmarks, dtype=np.float32)
    if landmarks.shape[-2:] != (LANDMARKS, 3):
        raise LandmarkError(f"landmarks: expected shape (..., {LANDMARKS}, 3), found {landmarks.shape}")
    relative = landmarks - landmarks[..., _WRIST : _WRIST + 1, :]
    normalised: FloatArray = relative / palm_size(landmarks)[..., None, None]
    return normalised


def flatten_landmarks(landmarks: FloatArray) -> FloatArray:
    """One hand as 63 numbers: normalised, landmark by landmark, x y z. All zeros when the hand is missing.

    Args:
        landmarks: (21, 3) in units of image height.

    Raises:
        LandmarkError: another shape.
    """
    landmarks = np.asarray(landmarks, dtype=np.float32)
    if landmarks.shape != (LANDMARKS, 3):
        raise LandmarkError(f"a hand: expected shape ({LANDMARKS}, 3), found {landmarks.shape}")
    return np.nan_to_num(normalise_hand(landmarks), nan=0.0).reshape(FEATURES)


def window_features(window: FloatArray) -> FloatArray:
    """A window of frames as the model's input.

    Every frame is normalised by itself. The wrist would then always be (0, 0, 0); its first two numbers carry the
    wrist's movement since the frame before instead (four times the movement in palm sizes, clipped at one palm),
    because J and Z are movements of the whole hand. 0 where this frame or the one before has no hand. A frame with no
    hand is all zeros.

    Args:
        window: (..., frames, 21, 3) in units of image height on a 30 Hz grid, NaN for a frame with no hand.

    Returns:
        (..., frames, 63) float32.

    Raises:
        LandmarkError: the last two axes are not 21 by 3, or there is no axis of frames.
    """
    window = np.asarray(window, dtype=np.float32)
    if window.ndim < 3 or window.shape[-2:] != (LANDMARKS, 3):
        raise LandmarkError(f"a window: expected shape (..., frames, {LANDMARKS}, 3), found {window.shape}")
    wrist = window[..., _WRIST, :]
    size = palm_size(window)
    features: FloatArray = (window - wrist[..., None, :]) / size[..., None, None]
    movement = (wrist[..., 1:, :2] - wrist[..., :-1, :2]) / size[..., 1:, None]
    features[..., 1:, _WRIST, :2] = MOVEMENT_GAIN * np.minimum(np.maximum(movement, -1.0), 1.0)
    features[np.isnan(features)] = 0.0
    return features.reshape(*window.shape[:-2], FEATURES)

"""A hand in one frame, and the tracker that finds it in a picture."""

import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from signcore.closing import Closing
from signcore.errors import FrameError, HandModelError, LandmarkError
from signcore.exposure import Exposure
from signcore.features import LANDMARKS, FloatArray
from signcore.mediapipe_hands import HandGraph

Handedness = Literal["Left", "Right"]
ImageArray = NDArray[np.uint8]

_SIDES: Final = get_args(Handedness)
# Smaller than this there is no hand to see.
_SMALLEST_SIDE: Final = 16


@dataclass(frozen=True, eq=False)
class HandFrame:
    """One hand at one moment.

    Attributes:
        landmarks: (21, 3) float32 in units of image height: x right, y down, z away from the camera, so that a hand has
            its true shape whatever the picture's aspect.
        handedness: which hand of the person it is.
        score: how sure the tracker is of the handedness, 0..1.
        t_ms: milliseconds since the stream began.
    """

    landmarks: FloatArray
    handedness: Handedness
    score: float
    t_ms: float

    def __post_init__(self) -> None:
        if not isinstance(self.landmarks, np.ndarray):
            raise LandmarkError(f"a hand: expected an array ({LANDMARKS}, 3), found {type(self.landmarks).__name__}")
        if self.handedness not in _SIDES:
            raise LandmarkError(f"a hand: expected Left or Right, found {self.handedness}")
        if self.landmarks.shape != (LANDMARKS, 3):
            raise LandmarkError(f"a hand: expected shape ({LANDMARKS}, 3), found {self.landmarks.shape}")
        if not np.isfinite(self.landmarks).all():
            raise LandmarkError(
                f"a hand: expected finite landmarks, found {(~np.isfinite(self.landmarks)).sum()} that are not"
            )


class HandTracker(Closing):
    """Finds one hand in the pictures of one stream (MediaPipe's hand landmarker in video mode).

    A tracker remembers where the hand was, so every stream has its own. Not thread-safe. Close it when the stream ends.

    Raises:
        HandModelError: MediaPipe cannot read the model file.
    """

    def __init__(self, model_path: Path) -> None:
        try:
            self._graph = HandGraph(model_path)
        except (RuntimeError, ValueError, OSError) as error:
            raise HandModelError(f"{model_path}: not a hand landmark model that MediaPipe can read") from error
        # A landmarker that the garbage collector finds in a cycle waits for ever in its own destructor: its worker
        # thread has ended by then. The finalizer keeps it alive until it is closed.
        self._finalizer = weakref.finalize(self, self._graph.close)
        self._exposure = Exposure()
        self._clock_ms = -1

    def detect(self, image: ImageArray, t_ms: float) -> HandFrame | None:
        """The hand in a picture, or None.

        Args:
            image: (H, W, 3) uint8 RGB, not mirrored (as the camera sees the person).
            t_ms: milliseconds since the stream began.

        Raises:
            FrameError: not such a picture, or smaller than 16 pixels on a side.
            HandModelError: the tracker was closed.
        """
        check_image(image)
        if not self._finalizer.alive:
            raise HandModelError("a hand tracker: expected an open one, found one that was closed")
        # MediaPipe wants whole milliseconds that rise strictly, whatever the camera's clock does.
        self._clock_ms = max(self._clock_ms + 1, round(t_ms))
        clear = self._exposure.corrected(image, self._clock_ms)
        found = self._graph.detect(np.ascontiguousarray(clear), self._clock_ms)
        if found is None:
            return None
        landmarks, side, score = found
        landmarks[:, ::2] *= np.float32(image.shape[1] / image.shape[0])
        return HandFrame(landmarks, _person_side(side), score, t_ms)

    def close(self) -> None:
        """Free MediaPipe's graph. The tracker is of no use afterwards; closing twice does nothing."""
        self._finalizer()


def check_image(image: ImageArray) -> None:
    """Raise FrameError unless `image` is (H, W, 3) uint8 with at least 16 pixels on a side."""
    if not isinstance(image, np.ndarray):
        raise FrameError(f"a picture: expected (height, width, 3) uint8, found {type(image).__name__}")
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise FrameError(f"a picture: expected (height, width, 3) uint8, found {image.shape} {image.dtype}")
    if min(image.shape[:2]) < _SMALLEST_SIDE:
        raise FrameError(
            f"a picture: expected at least {_SMALLEST_SIDE} pixels on a side, found {image.shape[1]} x {image.shape[0]}"
        )


def _person_side(category: str) -> Handedness:
    return "Left" if category == "Left" else "Right"

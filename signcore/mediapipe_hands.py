"""MediaPipe's hand landmarker, called without its Python wrapper. The only module that knows MediaPipe's inside.

The wrapper hands every call to a thread of its own and waits for it, declares the library's functions anew for every
picture, and makes a hundred Python objects of one hand. Here the same C functions are called directly, as they are in
the pinned version; `tests/test_hand.py` compares with the wrapper.
"""

import ctypes
from pathlib import Path
from typing import Any, Final

import numpy as np
from mediapipe import ImageFormat
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.vision import HandLandmarker, HandLandmarkerOptions, RunningMode
from mediapipe.tasks.python.vision.hand_landmarker import HandLandmarkerResultC
from numpy.typing import NDArray

from signcore.features import LANDMARKS, FloatArray

_OK: Final = 0
# A hand that is far away is found late with MediaPipe's 0.5. Whether it is a hand at all is asked again, at 0.5, by the
# network that places the landmarks.
DETECTION_CONFIDENCE: Final = 0.3


class HandGraph:
    """MediaPipe's graph for the hands of one video, and one hand at most. Not thread-safe.

    Raises:
        RuntimeError, ValueError, OSError: MediaPipe cannot read the model file.
    """

    def __init__(self, model_path: Path) -> None:
        options = HandLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(model_path)),
            running_mode=RunningMode.VIDEO,
            num_hands=1,
            min_hand_detection_confidence=DETECTION_CONFIDENCE,
        )
        self._landmarker: Any = HandLandmarker.create_from_options(options)
        self._handle = self._landmarker._handle
        # The library itself, in place of what sends calls to another thread. Functions of our own, because the wrapper
        # declares those of the library's object again and again.
        library = self._landmarker._lib._lib
        address, whole = ctypes.c_void_p, ctypes.c_int
        self._make_image = ctypes.CFUNCTYPE(whole, whole, whole, whole, address, whole, address, address)(
            ("MpImageCreateFromUint8Data", library)
        )
        self._free_image = ctypes.CFUNCTYPE(None, address)(("MpImageFree", library))
        self._detect = ctypes.CFUNCTYPE(whole, address, address, address, ctypes.c_int64, address, address)(
            ("MpHandLandmarkerDetectForVideo", library)
        )
        self._close = ctypes.CFUNCTYPE(whole, address, address)(("MpHandLandmarkerClose", library))
        self._free_result = ctypes.CFUNCTYPE(None, address)(("MpHandLandmarkerCloseResult", library))
        self._free_message = ctypes.CFUNCTYPE(None, address)(("MpErrorFree", library))

    def detect(self, image: NDArray[np.uint8], t_ms: int) -> tuple[FloatArray, str, float] | None:
        """The hand in a picture.

        Args:
            image: (H, W, 3) uint8 RGB, contiguous.
            t_ms: milliseconds, rising.

        Returns:
            Landmarks (21, 3) float32, x and z in picture widths and y in heights; MediaPipe's word for its side, and
            how sure it is of that, 0..1. None without a hand.

        Raises:
            RuntimeError: MediaPipe failed.
        """
        picture, result, message = ctypes.c_void_p(), HandLandmarkerResultC(), ctypes.c_char_p()
        height, width, _ = image.shape
        # Copies the pixels.
        status = self._make_image(
            ImageFormat.SRGB, width, height, image.ctypes.data, image.size, ctypes.byref(picture), ctypes.byref(message)
        )
        self._check(status, message)
        try:
            status = self._detect(self._handle, picture, None, t_ms, ctypes.byref(result), ctypes.byref(message))
            self._check(status, message)
            hand = _first_hand(result)
            self._free_result(ctypes.byref(result))
            return hand
        finally:
            self._free_image(picture)

    def close(self) -> None:
        """Free the graph. Closing twice does nothing."""
        handle, self._landmarker._handle = self._landmarker._handle, None
        if handle is not None:
            # The wrapper's own thread takes no more calls once the interpreter is about to end.
            message = ctypes.c_char_p()
            self._check(self._close(handle, ctypes.byref(message)), message)
            self._landmarker._dispatcher.close()
            self._landmarker._lib.close()

    def _check(self, status: int, message: ctypes.c_char_p) -> None:
        if status != _OK:
            said = message.value or b""
            self._free_message(message)
            raise RuntimeError(f"MediaPipe: {said.decode(errors='replace')}")


def _first_hand(result: Any) -> tuple[FloatArray, str, float] | None:
    if result.hand_landmarks_count == 0:
        return None
    points = result.hand_landmarks[0].landmarks
    # A landmark is a struct that begins with x, y and z; the array looks at all of them at once.
    size = ctypes.sizeof(points._type_)
    memory = memoryview((ctypes.c_char * (LANDMARKS * size)).from_address(ctypes.addressof(points.contents)))
    landmarks = np.ndarray((LANDMARKS, 3), np.float32, memory, strides=(size, 4)).copy()
    side = result.handedness[0].categories[0]
    return landmarks, side.category_name.decode(), float(side.score)

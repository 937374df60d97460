"""Pictures taken in too little light, or without colour, made as the hand tracker needs them."""

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

_EVERY: Final = 16  # pixels, across and down; the brightness of a picture needs no more
_BLOWN_OUT: Final = 235  # what is as bright as that says nothing of the light on the hand: a window, a lamp
_WHITE_SHARE: Final = 0.97
_WHITE: Final = 220.0  # of 255
_BRIGHT_ENOUGH: Final = 1.5  # below this gain the tracker finds a hand as well without
# What is brightened so much is noisy, and noise costs more hands than darkness.
_NOISY: Final = 2.0
_MEASURED_EVERY_MS: Final = 250.0
# Between the channels of a pixel, of 255; what a video's encoder leaves of no colour is 1 or 2.
_GREY: Final = 4
# From a brightness to a red, green and blue as skin has them, from its shadows to its lights: parts and exponents.
_SKIN: Final = ((1.0, 0.7), (0.95, 1.1), (0.85, 1.4))
_TINT: Final = np.stack(
    [255 * part * np.linspace(0, 1, 256) ** exponent for part, exponent in _SKIN], axis=-1
)[None].astype(np.uint8)  # fmt: skip
# A covered lens shows nothing but noise.
_MOST: Final = 12.0


def white_level(image: NDArray[np.uint8]) -> float:
    """How bright the brightest part of a picture is that is not blown out, 0..255.

    Args:
        image: (H, W) or (H, W, 3) uint8, of any size above nothing.
    """
    values = image[::_EVERY, ::_EVERY]
    kept = values[values < _BLOWN_OUT]
    if not kept.size:
        return 255.0
    rank = int(_WHITE_SHARE * kept.size)
    return float(np.partition(kept, rank)[rank])


def is_grey(image: NDArray[np.uint8]) -> bool:
    """Whether a picture (H, W, 3) uint8 has no colour: from a camera for the dark, or an old film."""
    return bool(np.ptp(image[::_EVERY, ::_EVERY], axis=2).max() < _GREY)


class Exposure:
    """The light in the pictures of one camera. Where there is enough, it is measured four times a second."""

    def __init__(self) -> None:
        self._gain = 1.0
        self._grey = False
        self._measured_ms = -math.inf

    def corrected(self, image: NDArray[np.uint8], t_ms: float) -> NDArray[np.uint8]:
        """A picture whose white is white, and in which a hand has colour: itself where there is enough of both.

        Of hands before a webcam in a fifth of the usual light MediaPipe finds a third, and nearly all once the same
        picture is brightened; without colour a third, and with a tint more than twice as many. docs/decisions/0059 has
        the table.

        Args:
            image: (H, W, 3) uint8; it is not changed.
            t_ms: when it was taken, milliseconds that rise.
        """
        # What is corrected is measured every time: after a dark moment a bright picture must not be brightened.
        correcting = self._grey or self._gain >= _BRIGHT_ENOUGH
        due = correcting or t_ms - self._measured_ms >= _MEASURED_EVERY_MS
        if due:
            self._measured_ms = t_ms
            self._gain = min(_WHITE / max(white_level(image), 1.0), _MOST)
        bright = self._brightened(image)
        if due:
            self._grey = is_grey(bright)  # what little colour there is in the dark has been brightened too
        return np.asarray(cv2.LUT(bright, _TINT), np.uint8) if self._grey else bright

    def _brightened(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self._gain < _BRIGHT_ENOUGH:
            return image
        bright: NDArray[np.uint8] = np.asarray(cv2.convertScaleAbs(image, alpha=self._gain), np.uint8)
        return bright if self._gain < _NOISY else np.asarray(cv2.blur(bright, (3, 3)), np.uint8)

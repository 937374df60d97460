"""The hand's skeleton and the letter, drawn into a picture."""

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from signcore.features import FloatArray
from signcore.hand import ImageArray

# Which landmarks a line joins: the palm's edge, then each finger from its knuckle to its tip.
BONES: Final = (
    (0, 1), (1, 2), (2, 3), (3, 4),
    (0, 5), (5, 6), (6, 7), (7, 8),
    (5, 9), (9, 10), (10, 11), (11, 12),
    (9, 13), (13, 14), (14, 15), (15, 16),
    (13, 17), (17, 18), (18, 19), (19, 20),
    (0, 17),
)  # fmt: skip

_LINE: Final = (255, 255, 255)
_EDGE: Final = (17, 24, 39)
_SHIFT: Final = 3  # OpenCV draws at 1 / 2**3 of a pixel, so that a still hand does not shimmer
_BADGE_HEIGHT: Final = 0.15  # of the picture's height
_SURE: Final = (15, 118, 110, 235)
_UNSURE: Final = (17, 24, 39, 190)


def draw_hand(picture: ImageArray, landmarks: FloatArray, colour: tuple[int, int, int]) -> None:
    """Draw the skeleton into a picture, in place.

    Args:
        picture: (H, W, 3) uint8 RGB.
        landmarks: (21, 3) in units of image height.
        colour: of the joints, RGB.
    """
    height = picture.shape[0]
    thickness = max(1, round(height / 200))
    points = np.rint(landmarks[:, :2] * height * 2**_SHIFT).astype(np.int32)
    lines = [points[list(bone)] for bone in BONES]
    # A dark edge under the white line keeps it visible on any background.
    cv2.polylines(picture, lines, False, _EDGE, thickness + 2, cv2.LINE_AA, _SHIFT)
    cv2.polylines(picture, lines, False, _LINE, thickness, cv2.LINE_AA, _SHIFT)
    radius = round(height / 110 * 2**_SHIFT)
    for x, y in points.tolist():
        cv2.circle(picture, (x, y), radius, colour, -1, cv2.LINE_AA, _SHIFT)


def draw_badge(picture: ImageArray, landmarks: FloatArray, text: str, *, sure: bool) -> None:
    """Draw a letter beside the hand, in place: on its right where there is room, so that it keeps its side.

    Args:
        picture: (H, W, 3) uint8 RGB.
        landmarks: (21, 3) in units of image height, as the picture shows them.
        text: a few letters.
        sure: whether the reading is to be believed; one that is not looks fainter.
    """
    height, width = picture.shape[:2]
    badge = _badge(text, max(16, round(height * _BADGE_HEIGHT)), sure)
    gap = badge.shape[0] // 3
    left, top = landmarks[:, :2].min(axis=0) * height
    right = landmarks[:, 0].max() * height
    x = right + gap if right + gap + badge.shape[1] <= width else left - gap - badge.shape[1]
    x, y = (
        int(np.clip(v, 0, max(0, room))) for v, room in ((x, width - badge.shape[1]), (top, height - badge.shape[0]))
    )
    area = picture[y : y + badge.shape[0], x : x + badge.shape[1]]
    badge = badge[: area.shape[0], : area.shape[1]]
    alpha = badge[..., 3:].astype(np.uint16)
    area[:] = ((badge[..., :3] * alpha + area * (255 - alpha)) // 255).astype(np.uint8)


@lru_cache(maxsize=256)
def _badge(text: str, height: int, sure: bool) -> NDArray[np.uint8]:
    """A rounded sign with a text, (height, w, 4) uint8 RGBA."""
    font = ImageFont.load_default(height * 0.62)
    width = max(height, round(font.getlength(text) + height * 0.6))
    sign = Image.new("RGBA", (width, height))
    canvas = ImageDraw.Draw(sign)
    canvas.rounded_rectangle((0, 0, width - 1, height - 1), radius=height * 0.28, fill=_SURE if sure else _UNSURE)
    canvas.text((width / 2, height / 2), text, fill="white", font=font, anchor="mm", stroke_width=height * 0.012)
    return np.asarray(sign)

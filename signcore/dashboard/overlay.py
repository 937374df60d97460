"""The hand's skeleton and the letter, drawn into a picture."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

import cv2
import numpy as np
from av import VideoFrame
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from signcore.features import BONES, FloatArray
from signcore.hand import ImageArray

_LINE: Final = (255, 255, 255)
_EDGE: Final = (17, 24, 39)
_JOINT: Final = (45, 212, 191)
_SHIFT: Final = 3  # OpenCV draws at 1 / 2**3 of a pixel, so that a still hand does not shimmer
_BADGE_HEIGHT: Final = 0.15  # of the picture's height
_SURE: Final = (15, 118, 110, 235)
_UNSURE: Final = (17, 24, 39, 190)
# From red, green and blue, 0..255, to a video's brightness and two colour differences (ITU-R BT.601, studio range).
_TO_YUV: Final = np.array(((65.5, 128.6, 25.0), (-37.8, -74.2, 112.0), (112.0, -93.8, -18.2)), dtype=np.float32) / 255
_YUV_ZERO: Final = np.array((16, 128, 128), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Planes:
    """A picture as video holds it, to be drawn into.

    Attributes:
        luma: (H, W) uint8, how bright each pixel is.
        chroma: the two colour differences, each ((H + 1) // 2, (W + 1) // 2) uint8: one for four pixels.
    """

    luma: ImageArray
    chroma: tuple[ImageArray, ImageArray]

    @classmethod
    def of(cls, frame: VideoFrame) -> Self:
        """The planes of a yuv420p frame. They are its memory: what is drawn into them is in the frame."""
        luma, *chroma = (
            np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
            for plane in frame.planes
        )
        return cls(luma, (chroma[0], chroma[1]))

    def __iter__(self) -> Iterator[ImageArray]:
        return iter((self.luma, *self.chroma))


def draw_hand(planes: Planes, landmarks: FloatArray) -> None:
    """Draw the skeleton into a picture, in place.

    Args:
        planes: of the picture.
        landmarks: (21, 3) in units of image height.
    """
    height = planes.luma.shape[0]
    thickness = max(1, round(height / 200))
    points = np.rint(landmarks[:, :2] * height * 2**_SHIFT).astype(np.int32)
    lines = list(points[np.array(BONES)])
    # A line without length is a dot, and all dots in one call cost less than a circle each.
    dots = list(points[:, None])
    dot = max(1, round(height / 55))
    # A dark edge under the white line keeps it visible on any background.
    cv2.polylines(planes.luma, lines, False, _EDGE_YUV[0], thickness + 2, cv2.LINE_AA, _SHIFT)
    cv2.polylines(planes.luma, lines, False, _LINE_YUV[0], thickness, cv2.LINE_AA, _SHIFT)
    cv2.polylines(planes.luma, dots, True, _JOINT_YUV[0], dot, cv2.LINE_AA, _SHIFT)
    # The eye does not see the edges of colour: without smoothing, in half the size.
    for plane, line, joint in zip(planes.chroma, _LINE_YUV[1:], _JOINT_YUV[1:], strict=True):
        cv2.polylines(plane, lines, False, line, thickness // 2 + 1, cv2.LINE_8, _SHIFT + 1)
        cv2.polylines(plane, dots, True, joint, dot // 2, cv2.LINE_8, _SHIFT + 1)


def draw_badge(planes: Planes, landmarks: FloatArray, text: str, *, sure: bool) -> None:
    """Draw a letter beside the hand, in place: on its right where there is room, so that it keeps its side.

    Args:
        planes: of the picture.
        landmarks: (21, 3) in units of image height, as the picture shows them.
        text: a few letters.
        sure: whether the reading is to be believed; one that is not looks fainter.
    """
    height, width = planes.luma.shape
    badge = _badge(text, max(16, round(height * _BADGE_HEIGHT)), sure)
    tall, wide = badge[0][0].shape
    gap = tall // 3
    left, top = landmarks[:, :2].min(axis=0) * height
    right = landmarks[:, 0].max() * height
    x = right + gap if right + gap + wide <= width else left - gap - wide
    # At an even place, for a colour covers two pixels.
    x, y = (min(max(0, int(v)), max(0, room)) // 2 * 2 for v, room in ((x, width - wide), (top, height - tall)))
    for plane, (sign, see_through), scale in zip(planes, badge, (1, 2, 2), strict=True):
        area = plane[y // scale : y // scale + sign.shape[0], x // scale : x // scale + sign.shape[1]]
        part = slice(area.shape[0]), slice(area.shape[1])
        area[:] = (sign[part] + area * see_through[part]) >> 8


@lru_cache(maxsize=256)
def _badge(text: str, height: int, sure: bool) -> tuple[tuple[NDArray[np.uint16], NDArray[np.uint16]], ...]:
    """A rounded sign with a text, for each of the three planes: itself, and how much of the picture is seen through it.

    Both are uint16 of even height and width, in 256ths.
    """
    height += height % 2
    font = ImageFont.load_default(height * 0.62)
    width = max(height, round(font.getlength(text) / 2 + height * 0.3) * 2)
    drawn = Image.new("RGBA", (width, height))
    canvas = ImageDraw.Draw(drawn)
    canvas.rounded_rectangle((0, 0, width - 1, height - 1), radius=height * 0.28, fill=_SURE if sure else _UNSURE)
    canvas.text((width / 2, height / 2), text, fill="white", font=font, anchor="mm", stroke_width=height * 0.012)
    planes = []
    for index, shrunk in enumerate((drawn, drawn.reduce(2), drawn.reduce(2))):
        pixels = np.asarray(shrunk)
        opaque = np.rint(pixels[..., 3] * (256 / 255)).astype(np.uint16)
        planes.append((_yuv(pixels[..., :3])[..., index] * opaque, 256 - opaque))
    return tuple(planes)


def _yuv(colour: NDArray[np.uint8] | tuple[int, int, int]) -> NDArray[np.uint8]:
    """Colours (..., 3) red, green, blue as (..., 3) brightness and two colour differences."""
    return np.rint(np.asarray(colour) @ _TO_YUV.T + _YUV_ZERO).astype(np.uint8)


_LINE_YUV, _EDGE_YUV, _JOINT_YUV = (_yuv(colour).tolist() for colour in (_LINE, _EDGE, _JOINT))

"""The pictures that are measured with: a hand that moves, a hand that is held, and nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import pi, sin
from pathlib import Path
from typing import Final

import av
import numpy as np
from av import VideoFrame

from signcore.dashboard.camera import upright_image
from signcore.errors import VideoError
from signcore.hand import HandTracker

_CLOCK: Final = 90_000
# A hand held up to a camera for long, and one that is swung from side to side.
_SWING: Final = 0.12  # of the picture's width
_SWING_FRAMES: Final = 45
_MOST_FRAMES: Final = 330
_HELD_FRAMES: Final = 40


@dataclass(frozen=True)
class Footage:
    """Pictures of one video, yuv420p, 30 a second.

    Attributes:
        moving: with a hand in every one, swung from side to side so that it is never at rest.
        held: with a hand in every one that hardly moves, forwards and backwards.
        empty: without a hand.
        restless: without a hand, and something else that moves.
    """

    moving: list[VideoFrame]
    held: list[VideoFrame]
    empty: list[VideoFrame]
    restless: list[VideoFrame]


def read_footage(video: Path, hand_model: Path) -> Footage:
    """The pictures of a video, sorted by whether MediaPipe finds a hand in them.

    Raises:
        VideoError: the video cannot be read, or has no second and a half with a hand.
    """
    with_hand: list[VideoFrame] = []
    empty: list[VideoFrame] = []
    try:
        with av.open(str(video)) as container, HandTracker(hand_model) as tracker:
            for number, frame in enumerate(container.decode(video=0)):
                if number == _MOST_FRAMES + _HELD_FRAMES:
                    break
                hand = tracker.detect(upright_image(frame), number * 1000 / 30)
                (empty if hand is None else with_hand).append(frame.reformat(format="yuv420p"))
    except (OSError, av.FFmpegError) as error:
        raise VideoError(f"{video.name}: not a video that can be read") from error
    if len(with_hand) < _HELD_FRAMES:
        raise VideoError(f"{video.name}: expected a hand in {_HELD_FRAMES} pictures, found it in {len(with_hand)}")
    if not empty:
        grey = np.full((with_hand[0].height * 3 // 2, with_hand[0].width), 128, np.uint8)
        empty = [VideoFrame.from_ndarray(grey, format="yuv420p")]
    held = with_hand[:_HELD_FRAMES]
    moving = [_shifted(frame, _swing(number)) for number, frame in enumerate(with_hand)]
    restless = [_passed(empty[number % len(empty)], _swing(number)) for number in range(_SWING_FRAMES)]
    return Footage(moving, held + held[::-1], empty, restless)


def stamped(frame: VideoFrame, seconds: float) -> VideoFrame:
    """The frame, taken at another moment."""
    frame.pts, frame.time_base = round(seconds * _CLOCK), Fraction(1, _CLOCK)
    return frame


def encode(frames: Sequence[VideoFrame], path: Path, fps: int) -> None:
    """Write frames as VP8, which browsers send, with a whole picture every two seconds."""
    with av.open(str(path), "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=fps, options={"deadline": "realtime", "cpu-used": "8"})
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
        stream.bit_rate, stream.gop_size = 1_000_000, 2 * fps
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _swing(number: int) -> float:
    """Where in its swing the picture of a number is, in picture widths from the middle."""
    return sin(2 * pi * number / _SWING_FRAMES) * _SWING


def _passed(frame: VideoFrame, share: float) -> VideoFrame:
    """The picture with something dark in it, a sixth of its width, that far from the middle."""
    planes = frame.to_ndarray()
    left = round((0.5 + share) * frame.width)
    planes[: frame.height, left : left + frame.width // 6] //= 2
    return VideoFrame.from_ndarray(planes, format="yuv420p")


def _shifted(frame: VideoFrame, share: float) -> VideoFrame:
    """The picture moved to the side by a share of its width, what falls off put back on the other side."""
    planes, height = frame.to_ndarray(), frame.height
    luma = np.roll(planes[:height], round(share * frame.width / 2) * 2, axis=1)
    chroma = planes[height:].reshape(2, height // 2, frame.width // 2)
    chroma = np.roll(chroma, round(share * frame.width / 2), axis=2)
    return VideoFrame.from_ndarray(np.concatenate([luma, chroma.reshape(-1, frame.width)]), format="yuv420p")

"""How many hands are found in dim light, before a window and far away, beside what MediaPipe finds by itself.

    python -m benchmarks.visibility VIDEOS

VIDEOS is a folder of videos that each show one letter, named as in `L.mp4`. Every picture is made worse as light and
distance make it, goes through the encoder of a video call, and is read by both. Prints a Markdown table; takes a few
minutes.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from mediapipe import Image, ImageFormat
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.vision import HandLandmarker, HandLandmarkerOptions, RunningMode
from numpy.typing import NDArray

from signcore.buffer import FRAME_MS
from signcore.hand import HandFrame, HandTracker, ImageArray
from signcore.hand_model import ensure_hand_model
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer, Status
from signcore.settings import Settings, load_settings

_FRAMES: Final = 44
_BIT_RATE: Final = 800_000
_READ_NOISE: Final = 3.0  # of 255, whatever the light
_BLOWN_OUT: Final = 245
_WINDOW: Final = 0.18  # of the picture's width, on both sides

Find = Callable[[ImageArray, float], HandFrame | None]


def dim(picture: ImageArray, light: float, random: np.random.Generator) -> ImageArray:
    """The picture with a share of its light: a camera's own noise stays nearly what it is."""
    noise = random.normal(0.0, _READ_NOISE * max(light, 0.5), picture.shape) if light < 1 else 0.0
    dimmed: ImageArray = np.clip(light * picture + noise, 0, 255).astype(np.uint8)
    return dimmed


def before_a_window(picture: ImageArray, light: float, random: np.random.Generator) -> ImageArray:
    """The same, between two windows."""
    worse = dim(picture, light, random)
    width = round(_WINDOW * worse.shape[1])
    worse[:, :width] = worse[:, -width:] = _BLOWN_OUT
    return worse


def far(picture: ImageArray, size: float, _: np.random.Generator) -> ImageArray:
    """The picture smaller, its edges drawn out to the old size."""
    height, width = picture.shape[:2]
    small = cv2.resize(picture, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    bottom, right = height - small.shape[0] - top, width - small.shape[1] - left
    return np.asarray(cv2.copyMakeBorder(small, top, bottom, left, right, cv2.BORDER_REPLICATE), np.uint8)


def without_colour(picture: ImageArray, _: float, random: np.random.Generator) -> ImageArray:
    """The picture as a camera for the dark gives it."""
    del random
    return np.asarray(cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)


CONDITIONS: Final = {
    "as recorded": (dim, 1.0),
    "half the light": (dim, 0.5),
    "a third of the light": (dim, 0.35),
    "a fifth of the light": (dim, 0.2),
    "an eighth of the light": (dim, 0.12),
    "before windows, half the light": (before_a_window, 0.5),
    "before windows, a fifth of the light": (before_a_window, 0.2),
    "without colour": (without_colour, 0.0),
    "1.7 times as far": (far, 0.6),
    "2.2 times as far": (far, 0.45),
    "2.9 times as far": (far, 0.35),
    "3.6 times as far": (far, 0.28),
}


def sent(pictures: list[ImageArray]) -> Iterator[ImageArray]:
    """What comes out of the encoder and decoder of a video call."""
    height, width = pictures[0].shape[:2]
    encoder, decoder = av.CodecContext.create("libvpx", "w"), av.CodecContext.create("vp8", "r")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.bit_rate, encoder.time_base, encoder.framerate = _BIT_RATE, Fraction(1, 30), Fraction(30)
    encoder.options = {"deadline": "realtime", "cpu-used": "-6", "lag-in-frames": "0"}
    for number, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
        frame.pts = number
        for packet in encoder.encode(frame):
            for decoded in decoder.decode(packet):
                yield decoded.to_ndarray(format="rgb24").astype(np.uint8, copy=False)


def mediapipe(wrapper: HandLandmarker) -> Find:
    """MediaPipe with its own settings, on the picture as it is."""

    def find(picture: ImageArray, t_ms: float) -> HandFrame | None:
        found = wrapper.detect_for_video(Image(image_format=ImageFormat.SRGB, data=picture), round(t_ms))
        if not found.hand_landmarks:
            return None
        landmarks = np.array([(point.x, point.y, point.z) for point in found.hand_landmarks[0]], np.float32)
        landmarks[:, ::2] *= picture.shape[1] / picture.shape[0]
        side = found.handedness[0][0]
        return HandFrame(landmarks, "Left" if side.category_name == "Left" else "Right", side.score, t_ms)

    return find


def measure(folder: Path, settings: Settings) -> Iterator[str]:
    """The table, line by line: the share of pictures with a hand, and of the letters read in them the right ones."""
    hand_model = ensure_hand_model(settings.hand_model)
    predictor = SequencePredictor(settings.model_path)
    letters = {video.stem: _pictures(video) for video in sorted(folder.glob("?.mp4"))}
    yield "| | MediaPipe: found | letters right | signcore: found | letters right |"
    yield "|---|---:|---:|---:|---:|"
    for name, (worsen, amount) in CONDITIONS.items():
        counts = np.zeros((2, 4), int)
        for letter, pictures in letters.items():
            random = np.random.default_rng(0)
            worse = list(sent([worsen(picture, amount, random) for picture in pictures]))
            with ExitStack() as stack:
                base = BaseOptions(model_asset_path=str(hand_model))
                options = HandLandmarkerOptions(base_options=base, running_mode=RunningMode.VIDEO)
                wrapper = stack.enter_context(HandLandmarker.create_from_options(options))
                tracker = stack.enter_context(HandTracker(hand_model))
                for side, find in enumerate((mediapipe(wrapper), tracker.detect)):
                    counts[side] += _read(worse, find, letter, Recognizer(predictor, settings))
        yield f"| {name} | " + " | ".join(_shares(*side) for side in counts) + " |"


def _pictures(video: Path) -> list[ImageArray]:
    with av.open(str(video)) as container:
        frames = (frame.to_ndarray(format="rgb24") for frame in container.decode(video=0))
        return [picture.astype(np.uint8, copy=False) for picture, _ in zip(frames, range(_FRAMES), strict=False)]


def _read(pictures: list[ImageArray], find: Find, letter: str, recognizer: Recognizer) -> NDArray[np.int_]:
    """Pictures, those with a hand, those in which a letter was read, and in which it was the right one."""
    counts = np.zeros(4, int)
    for number, picture in enumerate(pictures):
        t_ms = number * FRAME_MS
        snapshot = recognizer.step_hand(find(picture, t_ms), t_ms)
        reading = snapshot.status is Status.READING
        counts += (1, snapshot.hand is not None, reading, reading and snapshot.letter == letter)
    return counts


def _shares(pictures: int, found: int, read: int, right: int) -> str:
    return f"{found / pictures:.0%} | {right / read:.0%}" if read else f"{found / pictures:.0%} | -"


if __name__ == "__main__":
    for line in measure(Path(sys.argv[1]), load_settings()):
        print(line, flush=True)

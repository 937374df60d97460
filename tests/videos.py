"""Small videos made up for tests."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from signcore.hand import ImageArray


def picture(number: int = 0, width: int = 96, height: int = 64) -> ImageArray:
    """A picture whose left third is red, its top left corner white, its grey rising with its number."""
    image = np.full((height, width, 3), 20 + 5 * number, dtype=np.uint8)
    image[:, : width // 3] = (220, 20, 20)
    image[: height // 4, : width // 4] = 255
    return image


def pictures(video: Path, count: int) -> list[ImageArray]:
    """The first pictures of a video, (H, W, 3) RGB."""
    with av.open(str(video)) as container:
        frames = container.decode(video=0)
        return [next(frames).to_ndarray(format="rgb24") for _ in range(count)]


def write_video(
    path: Path,
    pictures: Iterable[ImageArray],
    *,
    times_ms: Sequence[int] | None = None,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    turned: float = 0.0,
    pixel_aspect: Fraction | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Encode pictures at 30 fps, or at given times; `options` are the container's."""
    base = Fraction(1, 30) if times_ms is None else Fraction(1, 1000)
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=30, options={"g": "10"})
        stream.pix_fmt = pixels
        stream.codec_context.time_base = base
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if turned:
            stream.set_display_rotation(turned)
        for number, image in enumerate(pictures):
            if number == 0:
                stream.height, stream.width = image.shape[:2]
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = number if times_ms is None else times_ms[number]
            frame.time_base = base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def write_sound(path: Path, cover: ImageArray | None = None) -> Path:
    """Encode a blink of silence, with a cover picture if one is given."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        if cover is not None:
            pictures = container.add_stream("mjpeg", rate=1)
            pictures.height, pictures.width = cover.shape[:2]
            pictures.pix_fmt = "yuvj420p"
            pictures.disposition = av.stream.Disposition.attached_pic
            container.mux(pictures.encode(av.VideoFrame.from_ndarray(cover, format="rgb24")))
            container.mux(pictures.encode())
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono")
        silence.sample_rate = 44100
        container.mux(stream.encode(silence))
        container.mux(stream.encode())
    return path

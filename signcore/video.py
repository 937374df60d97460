"""Videos: their pictures one by one with their times, and the text that a recogniser reads from them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from signcore.buffer import FRAME_MS
from signcore.closing import Closing
from signcore.errors import VideoError
from signcore.hand import ImageArray, check_image
from signcore.recognizer import Recognizer
from signcore.transcript import Event, EventKind

# 4K in either shape, DCI and UHD. A larger picture shows no more of a hand and costs memory in proportion.
MAX_PIXELS: Final = 4096 * 2304
MAX_SECONDS: Final = 3600.0
MAX_FRAMES: Final = 240_000

# Containers that hold their own pictures. FFmpeg also knows playlists and scripts, which name other files to open.
_CONTAINERS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,ogg,asf,flv,gif,mjpeg,h264,hevc"
# A picture without a time is given one by counting.
_GUESSED_FPS: Final = 30.0
_MISSING_S: Final = 0.5
# The recogniser knows a sign about three frames after it is made; the end of a video must not come in between.
_AFTERGLOW_MS: Final = 100.0


@dataclass(frozen=True, eq=False)
class VideoFrame:
    """One picture of a video.

    Attributes:
        image: (H, W, 3) uint8 RGB, upright and with square pixels.
        t_ms: milliseconds since the first picture.
    """

    image: ImageArray
    t_ms: float


class Video(Closing):
    """The pictures of a video file, in order, each at its own time. Iterate over it once; close it, or use `with`.

    A video that breaks off is read as far as it goes; `incomplete` then says so.

    Args:
        source: a path, or a binary file object that can seek, such as an upload.
        max_pixels: width times height above which a video is refused.
        max_seconds: length above which it is refused.

    Raises:
        VideoError: no such file, not a video, no pictures in it, or larger than accepted; while iterating as well.

    Attributes:
        expected_frames: how many pictures there should be, for a progress bar; None where the file does not say.
        incomplete: after iterating, what is missing, as a sentence; None where nothing is.
    """

    def __init__(
        self, source: Path | str | IO[bytes], *, max_pixels: int = MAX_PIXELS, max_seconds: float = MAX_SECONDS
    ) -> None:
        self._name = _name(source)
        self._max_pixels, self._max_seconds = max_pixels, max_seconds
        self.incomplete: str | None = None
        self._closed = False
        if isinstance(source, Path | str) and not Path(source).is_file():
            found = "a folder" if Path(source).is_dir() else "no such file"
            raise VideoError(f"{source}: expected a video file, found {found}")
        try:
            self._container = av.open(
                f"file:{source}" if isinstance(source, Path | str) else source,
                mode="r",
                options={"format_whitelist": _CONTAINERS},
                metadata_errors="replace",  # a title may be written in any encoding
            )
        except (av.FFmpegError, OSError) as error:
            raise VideoError(f"{self._name}: not a video that can be read") from error
        try:
            self._stream = self._open_stream()
        except VideoError:
            self.close()
            raise
        self._pixel_aspect = self._stream.sample_aspect_ratio
        self.expected_frames = self._stream.frames or self._frames_by_length()

    def close(self) -> None:
        """Close the file. Closing twice does nothing."""
        self._container.close()
        self._closed = True

    def __iter__(self) -> Iterator[VideoFrame]:
        if self._closed:
            raise VideoError(f"{self._name}: expected an open video, found one that was closed")
        start_ms, t_ms, count = 0.0, 0.0, 0
        for picture in self._decode():
            image = self._upright_rgb(picture)
            if image is None:
                continue
            stamp_ms = None if picture.time is None else 1000.0 * picture.time
            if count == 0:
                start_ms = stamp_ms or 0.0
            elif stamp_ms is None or stamp_ms - start_ms <= t_ms:
                t_ms += 1000.0 / self._fps
            else:
                t_ms = stamp_ms - start_ms
            if t_ms > 1000.0 * self._max_seconds:
                raise self._too_long()
            if count >= MAX_FRAMES:
                raise VideoError(f"{self._name}: expected at most {MAX_FRAMES} pictures, found more")
            count += 1
            yield VideoFrame(image, t_ms)
        if count == 0:
            raise VideoError(f"{self._name}: expected pictures, found none that can be read")
        # A file that was trimmed without recoding holds pictures that are not to be shown; those are not missing.
        missing_s = self._stream_seconds() - t_ms / 1000.0
        if count < self._stream.frames and missing_s > _MISSING_S and self.incomplete is None:
            self.incomplete = f"{self._name}: breaks off {missing_s:.1f} s before its end"

    def _open_stream(self) -> VideoStream:
        """The first stream of moving pictures: the cover of a piece of music is none."""
        moving = [
            stream
            for stream in self._container.streams.video
            if not stream.disposition & av.stream.Disposition.attached_pic
        ]
        if not moving:
            raise VideoError(f"{self._name}: expected a video, found no pictures in it")
        stream = moving[0]
        codec: VideoCodecContext | None = stream.codec_context  # None where FFmpeg knows no such codec
        if codec is None:
            raise VideoError(f"{self._name}: expected a video, found pictures in a format that is not known")
        wide = codec.width * max(1, stream.sample_aspect_ratio or 1)
        if wide * codec.height > self._max_pixels:
            raise self._too_large(codec.width, codec.height)
        # What the header says may be a lie; the decoder has to keep to the limit as well.
        codec.options = {"max_pixels": str(self._max_pixels)}
        if self._container.duration is not None and self._container.duration / av.time_base > self._max_seconds:
            raise self._too_long()
        return stream

    @property
    def _fps(self) -> float:
        return float(self._stream.average_rate or _GUESSED_FPS)

    def _stream_seconds(self) -> float:
        duration, base = self._stream.duration, self._stream.time_base
        return 0.0 if duration is None or base is None else float(duration * base)

    def _frames_by_length(self) -> int | None:
        if self._container.duration is None:
            return None
        return max(1, round(self._container.duration / av.time_base * self._fps))

    def _decode(self) -> Iterator[av.VideoFrame]:
        """All pictures that can be had; a damaged packet is left out, a file that breaks off ends here."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                pictures = packet.decode()
            except av.FFmpegError as error:
                self._miss(error)
                if not isinstance(error, av.InvalidDataError):
                    return
                continue
            yield from pictures

    def _upright_rgb(self, picture: av.VideoFrame) -> ImageArray | None:
        """A picture as (H, W, 3) uint8 RGB, square pixels, turned as its metadata say; None where it cannot be."""
        aspect = self._pixel_aspect or 1
        width = round(picture.width * aspect)
        if width * picture.height > self._max_pixels:
            raise self._too_large(width, picture.height)
        try:
            image = picture.reformat(width=width, format="rgb24").to_ndarray().astype(np.uint8, copy=False)
        except av.FFmpegError as error:
            self._miss(error)
            return None
        return np.ascontiguousarray(np.rot90(image, round(picture.rotation / 90)))

    def _miss(self, error: av.FFmpegError) -> None:
        self.incomplete = f"{self._name}: part of it cannot be read ({error.strerror})"

    def _too_large(self, width: int, height: int) -> VideoError:
        return VideoError(
            f"{self._name}: expected at most {self._max_pixels} pixels a picture, found {width} x {height}"
        )

    def _too_long(self) -> VideoError:
        return VideoError(f"{self._name}: expected at most {self._max_seconds:.0f} s of video, found more")


@dataclass(frozen=True)
class Transcript:
    """What was read from a video.

    Attributes:
        text: the text, without the space that the pause at the end wrote.
        events: every change of it, times in milliseconds of the video.
        frames: how many pictures were looked at.
        hand_frames: in how many of them a hand was found.
        seconds: from the first picture to the last.
    """

    text: str
    events: tuple[Event, ...]
    frames: int
    hand_frames: int
    seconds: float


def transcribe(frames: Iterable[VideoFrame], recognizer: Recognizer) -> Transcript:
    """Read the text of a video with a recogniser that has read nothing yet.

    With a camera, the first second goes by while the window fills. A video is there from its first picture on, so the
    window starts filled with that; and the last picture stays for 0.1 s, so that a sign which ends with the video is
    still read.

    Raises:
        VideoError: the recogniser has read something.
        FrameError: pictures too small to show a hand.
        HandModelError: the hand model is missing and cannot be fetched.
    """
    if recognizer.snapshot.t_ms > 0.0 or recognizer.snapshot.events:
        raise VideoError("reading a video: expected a new Recognizer, found one that has read before")
    window = recognizer.snapshot.window
    lead_ms = (window - 1) * FRAME_MS
    count = hand_frames = 0
    t_ms, hand = 0.0, None
    for frame in frames:
        check_image(frame.image)
        t_ms = frame.t_ms
        if count == 0:
            hand = recognizer.step(frame.image, 0.0).hand
            for step in range(1, window):
                recognizer.step_hand(hand, step * FRAME_MS)
        else:
            hand = recognizer.step(frame.image, t_ms + lead_ms).hand
        count += 1
        hand_frames += hand is not None
    if hand is not None:
        for step in range(1, round(_AFTERGLOW_MS / FRAME_MS) + 1):
            recognizer.step_hand(hand, t_ms + lead_ms + step * FRAME_MS)

    def in_video(moment_ms: float) -> float:
        return min(max(0.0, moment_ms - lead_ms), t_ms)

    events = tuple(
        replace(event, start_ms=in_video(event.start_ms), end_ms=in_video(event.end_ms))
        for event in recognizer.snapshot.events
    )
    text = recognizer.snapshot.text
    if events and events[-1].kind is EventKind.SPACE and events[-1].label is None:
        text = text.removesuffix(" ")
    return Transcript(text, events, count, hand_frames, t_ms / 1000.0)


def _name(source: Path | str | IO[bytes]) -> str:
    name = source if isinstance(source, Path | str) else getattr(source, "name", None)
    return Path(name).name if isinstance(name, Path | str) else "video"

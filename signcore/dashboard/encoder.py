"""The video that is sent back, compressed for less of the processor than aiortc takes."""

import multiprocessing
from typing import Final

from aiortc.codecs.vpx import Vp8Encoder, number_of_threads
from av import CodecContext
from av.frame import Frame
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

# aiortc asks libvpx for -6, and to take noise out of every picture: two fifths more of the processor for a picture that
# is no better (docs/decisions/0057-a-cheaper-picture-back.md).
_SPEED: Final = -12
_BITRATE_STEP: Final = 0.1  # as aiortc has it: a smaller change of the bitrate is not worth a new encoder


class QuickVp8Encoder(Vp8Encoder):
    """aiortc's VP8 encoder around a codec of our settings. What it sends, and how, stays aiortc's."""

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """A picture as payloads of packets, and its time on the clock of video."""
        assert isinstance(frame, VideoFrame)
        if not self._fits(frame):
            self.codec = self._make_codec(frame)
        return super().encode(frame, force_keyframe)

    def _fits(self, frame: VideoFrame) -> bool:
        """Whether the codec of now is one that aiortc would keep for this picture; another it would make itself."""
        codec = self.codec
        return (
            codec is not None
            and codec.bit_rate is not None
            and (codec.width, codec.height) == (frame.width, frame.height)
            and abs(self.target_bitrate - codec.bit_rate) / codec.bit_rate <= _BITRATE_STEP
        )

    def _make_codec(self, frame: VideoFrame) -> VideoCodecContext:
        codec = CodecContext.create("libvpx", "w")
        codec.width, codec.height, codec.pix_fmt = frame.width, frame.height, "yuv420p"
        codec.bit_rate = self.target_bitrate
        codec.gop_size = 3000  # a whole picture comes when the browser asks for one
        codec.qmin, codec.qmax = 2, 56
        rate = str(self.target_bitrate)
        codec.options = {
            "bufsize": rate,
            "minrate": rate,
            "maxrate": rate,
            "undershoot-pct": "100",
            "overshoot-pct": "15",
            "deadline": "realtime",
            "lag-in-frames": "0",
            "cpu-used": str(_SPEED),
            "noise-sensitivity": "0",
            "static-thresh": "1",
        }
        codec.thread_count = number_of_threads(frame.width * frame.height, multiprocessing.cpu_count())
        return codec

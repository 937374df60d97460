from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pytest
from aiortc import RTCRtpCodecParameters
from aiortc.codecs import get_decoder, get_encoder
from aiortc.codecs.vpx import vp8_depayload
from aiortc.jitterbuffer import JitterFrame
from av import VideoFrame

from signcore.dashboard.encoder import QuickVp8Encoder
from signcore.dashboard.process import settle_process
from signcore.hand import ImageArray

VP8 = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90000, payloadType=96)
STEP = 3000  # ticks of the clock between two pictures


def a_picture(number: int, width: int = 320, height: int = 240) -> VideoFrame:
    """A slope with a square that moves."""
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    planes[:height] = np.linspace(40, 200, width, dtype=np.uint8)
    planes[80:120, 4 * number : 4 * number + 40] = 230
    frame = VideoFrame.from_ndarray(planes, format="yuv420p")
    frame.pts, frame.time_base = number * STEP, Fraction(1, 90000)
    return frame


def seen(payloads: Iterable[bytes], decoder: object, number: int) -> ImageArray:
    """What a browser would show after a picture's packets."""
    data = b"".join(vp8_depayload(payload) for payload in payloads)
    (frame,) = decoder.decode(JitterFrame(data, STEP * number))  # type: ignore[attr-defined]
    pixels: ImageArray = frame.to_ndarray()[: frame.height]
    return pixels


def is_whole(payloads: list[bytes]) -> bool:
    """Whether a picture needs none before it: the first bit of a VP8 frame is 0 (RFC 6386, 9.1)."""
    return not vp8_depayload(payloads[0])[0] & 1


@pytest.fixture
def encoder() -> QuickVp8Encoder:
    settle_process()
    made = get_encoder(VP8)
    assert isinstance(made, QuickVp8Encoder)
    return made


def test_what_is_sent_looks_like_what_was_drawn(encoder: QuickVp8Encoder) -> None:
    decoder = get_decoder(VP8)
    for number in range(30):
        frame = a_picture(number)
        payloads, _ = encoder.encode(frame)
        shown = seen(payloads, decoder, number)
        error = shown.astype(float) - frame.to_ndarray()[:240]
        assert 10 * np.log10(255**2 / (error**2).mean()) > 35  # decibels; what the eye takes for the same


def test_a_whole_picture_comes_first_and_when_the_browser_asks_for_one(encoder: QuickVp8Encoder) -> None:
    whole = [is_whole(encoder.encode(a_picture(number), number == 5)[0]) for number in range(10)]
    assert [number for number, is_it in enumerate(whole) if is_it] == [0, 5]


def test_one_codec_goes_on_until_size_or_bitrate_change(
    encoder: QuickVp8Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    make_codec = encoder._make_codec

    def make(frame: VideoFrame) -> object:
        made.append(make_codec(frame))
        return made[-1]

    monkeypatch.setattr(encoder, "_make_codec", make)
    for number, (size, bitrate, codecs) in enumerate(
        [((320, 240), 500_000, 1), ((320, 240), 520_000, 1), ((320, 240), 800_000, 2), ((240, 320), 800_000, 3)]
    ):
        encoder.target_bitrate = bitrate
        encoder.encode(a_picture(number, *size))
        assert len(made) == codecs
        assert encoder.codec is made[-1]  # and none of aiortc's own making

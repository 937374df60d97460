from collections.abc import Iterator

import pytest
from aiortc import jitterbuffer
from aiortc.rtcrtpreceiver import NackGenerator
from aiortc.rtp import RtpPacket

from signcore.dashboard.process import settle_process


@pytest.fixture
def settled() -> Iterator[None]:
    before = jitterbuffer.MAX_MISORDER
    settle_process()
    yield
    jitterbuffer.MAX_MISORDER = before


def packet(number: int) -> RtpPacket:
    """A packet that is a picture by itself."""
    found = RtpPacket(sequence_number=number, timestamp=3000 * number)
    found._data = b"picture"
    return found


@pytest.mark.usefixtures("settled")
def test_what_is_asked_for_again_after_a_break_does_no_harm() -> None:
    buffer, asked = jitterbuffer.JitterBuffer(capacity=128, is_video=True), NackGenerator()
    for number in (0, 1, 2, 1000):
        asked.add(packet(number))
        buffer.add(packet(number))
    assert max(1000 - number for number in asked.missing) > 100
    for number in sorted(asked.missing):
        assert buffer.add(packet(number)) == (False, None)
    pictures = [buffer.add(packet(number)) for number in range(1001, 1010)]
    assert not any(wants_whole_picture for wants_whole_picture, _ in pictures)
    assert all(picture is not None for _, picture in pictures)

"""A camera: sends an encoded video over WebRTC, over and over, and looks at nothing that comes back.

`python -m benchmarks.peer VIDEO FPS` writes its offer as a line of JSON, reads the answer, and sends until its input
ends.
"""

import asyncio
import json
import sys
import time
from fractions import Fraction
from typing import Any

import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription, rtcrtpreceiver
from aiortc.codecs.base import Decoder
from aiortc.jitterbuffer import JitterFrame

_CLOCK = 90_000


class Recorded(MediaStreamTrack):
    """The packets of a video at its speed, in a loop. Nothing is encoded."""

    kind = "video"

    def __init__(self, path: str, fps: int) -> None:
        super().__init__()
        with av.open(path) as container:
            self._packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
        self._fps = fps
        self._sent = 0
        self._began_s = 0.0

    async def recv(self) -> Any:
        if self._sent == 0:
            self._began_s = time.monotonic()
        await asyncio.sleep(self._began_s + self._sent / self._fps - time.monotonic())
        packet = av.Packet(self._packets[self._sent % len(self._packets)])
        packet.pts, packet.time_base = round(self._sent * _CLOCK / self._fps), Fraction(1, _CLOCK)
        self._sent += 1
        return packet


class Blind(Decoder):
    """Decodes nothing: a viewer's computer is not what is measured."""

    def decode(self, _: JitterFrame) -> list[Any]:
        return []


async def send(path: str, fps: int, *, watches: bool) -> None:
    """One camera session."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver(Recorded(path, fps), direction="sendrecv" if watches else "sendonly")
    await connection.setLocalDescription(await connection.createOffer())
    print(json.dumps({"sdp": connection.localDescription.sdp}), flush=True)
    loop = asyncio.get_running_loop()
    answer = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    await connection.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
    await loop.run_in_executor(None, sys.stdin.read)
    await connection.close()


if __name__ == "__main__":
    # Where aiortc looks its decoders up.
    rtcrtpreceiver.__dict__["get_decoder"] = lambda _: Blind()
    asyncio.run(send(sys.argv[1], int(sys.argv[2]), watches="--watches" in sys.argv))

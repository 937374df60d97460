"""Camera streams for tests: real aiortc peers, streamlit-webrtc's real worker, and a road between that can be bad."""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Coroutine
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from av import VideoFrame
from streamlit_webrtc import WebRtcMode
from streamlit_webrtc.webrtc import WebRtcWorker

from benchmarks.sessions import Talker
from signcore.dashboard.camera import CameraProcessor
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer, Snapshot
from signcore.settings import Settings

_CLOCK = 90_000


def film(video: Path, *, first: int = 0, last: int | None = None, every: int = 1) -> list[VideoFrame]:
    """Frames of a video."""
    with av.open(str(video)) as container:
        return list(container.decode(video=0))[first:last:every]


class Film(MediaStreamTrack):
    """Shows frames at a rate, forwards and backwards, for ever. Frames, rate and `frozen` may change at any time."""

    kind = "video"

    def __init__(self, frames: list[VideoFrame], fps: float) -> None:
        super().__init__()
        self.frames, self.fps, self.frozen = frames, fps, False
        self._number, self._t_s, self._began_s = 0, 0.0, 0.0

    async def recv(self) -> VideoFrame:
        """The next frame, when its time has come."""
        if self._number == 0:
            self._began_s = time.monotonic()
        while self.frozen:
            await asyncio.sleep(0.02)
        wait_s = self._began_s + self._t_s - time.monotonic()
        if wait_s < -0.2:  # a freeze is no debt to be paid with a burst
            self._t_s -= wait_s
        await asyncio.sleep(max(0.0, wait_s))
        place = self._number % (2 * len(self.frames) - 1)
        frame = self.frames[min(place, 2 * len(self.frames) - 2 - place)]
        frame.pts, frame.time_base = round(self._t_s * _CLOCK), Fraction(1, _CLOCK)
        self._number, self._t_s = self._number + 1, self._t_s + 1 / self.fps
        return frame


class Road:
    """What happens to the packets of one camera. All of it may change at any time."""

    def __init__(self) -> None:
        self.lost, self.late = 0.0, 0.0
        self._random = random.Random(7)

    def lay(self, connection: RTCPeerConnection) -> None:
        """Send this connection's packets over it."""
        transport = connection.getSenders()[0].transport.transport
        straight = transport._send

        async def send(data: bytes) -> None:
            if self._random.random() < self.lost:
                return
            if self._random.random() < self.late:
                asyncio.get_running_loop().call_later(0.04, lambda: asyncio.ensure_future(straight(data)))
                return
            await straight(data)

        transport._send = send


class Reading:
    """What reads one camera.

    Attributes:
        recognizer: reads it.
        snapshots: everything that was read, with the moment on the monotonic clock.
        slowness: called with every picture, to take time.
    """

    def __init__(self, server: "Server", mode: WebRtcMode) -> None:
        self.recognizer = Recognizer(server.predictor, server.settings)
        self.snapshots: list[tuple[float, Snapshot]] = []
        self.slowness: Callable[[], object] = lambda: None
        self.processor: CameraProcessor | None = None
        self._server = server
        self.worker = server.worker(self._make, mode)

    def _make(self) -> CameraProcessor:
        self.processor = CameraProcessor(self.recognizer, mirrored=True, sends_back=True, on_snapshot=self._keep)
        return self.processor

    def _keep(self, snapshot: Snapshot) -> None:
        self.snapshots.append((time.monotonic(), snapshot))
        self.slowness()

    @property
    def letters(self) -> set[str]:
        """The letters in the text."""
        return set(self.recognizer.snapshot.text) - {" "}

    def wait(self, what: Callable[[Snapshot], bool], seconds: float) -> float:
        """Seconds until a new snapshot is as wanted."""
        began, seen = time.monotonic(), len(self.snapshots)
        while time.monotonic() - began < seconds:
            for t_s, snapshot in self.snapshots[seen:]:
                seen += 1
                if what(snapshot):
                    return max(0.0, t_s - began)
            time.sleep(0.02)
        raise AssertionError(f"not within {seconds} s; last: {self.recognizer.snapshot}")


class Session(Reading):
    """One camera, on the server's own loop, and what reads it."""

    def __init__(self, server: "Server", frames: list[VideoFrame], fps: float, *, sends_back: bool) -> None:
        super().__init__(server, WebRtcMode.SENDRECV if sends_back else WebRtcMode.SENDONLY)
        self.film, self.road = Film(frames, fps), Road()
        self.connection = server.run(self._connect(sends_back))

    async def _connect(self, sends_back: bool) -> RTCPeerConnection:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        connection.addTransceiver(self.film, direction="sendrecv" if sends_back else "sendonly")
        await connection.setLocalDescription(await connection.createOffer())
        answer = await asyncio.to_thread(self.worker.process_offer, connection.localDescription.sdp, "offer", 20.0)
        await connection.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
        async with asyncio.timeout(20):
            while connection.connectionState != "connected":
                await asyncio.sleep(0.02)
        self.road.lay(connection)
        return connection

    def hang_up(self) -> None:
        """End the stream as a browser does."""
        self._server.run(self.connection.close())
        self.worker.stop()
        self.film.stop()

    def vanish(self) -> None:
        """End the camera's side without a word; the server finds out by itself."""

        async def silence() -> None:
            ice = self.connection.getSenders()[0].transport.transport._connection
            for protocol in list(ice._protocols):
                protocol.transport.abort()

        self._server.run(silence())
        self.worker.stop()
        self._server.run(self.connection.close())
        self.film.stop()


class Visitor(Reading):
    """One camera in a process of its own, which sends a video that is encoded already, and what reads it."""

    def __init__(self, server: "Server", video: Path, fps: int) -> None:
        super().__init__(server, WebRtcMode.SENDRECV)
        self._peer = Talker("benchmarks.peer", str(video), str(fps), "--watches")
        answer = self.worker.process_offer(self._peer.hear()["sdp"], "offer", 20.0)
        self._peer.say({"sdp": answer.sdp})

    def leave(self) -> None:
        """End the process and the stream."""
        self._peer.__exit__(None, None, None)
        self.worker.stop()


class Server:
    """An event loop in a thread of its own, with streamlit-webrtc's workers on it, and the cameras too."""

    def __init__(self, predictor: SequencePredictor, settings: Settings) -> None:
        self.predictor, self.settings = predictor, settings
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="event loop")
        self._thread.start()
        self._relay = MediaRelay()

    def worker(self, factory: Callable[[], CameraProcessor], mode: WebRtcMode) -> WebRtcWorker[Any, Any]:
        """A worker as `webrtc_streamer` makes it."""
        nothing: dict[str, Any] = dict.fromkeys((
            "source_video_track", "source_audio_track", "sink_video_track", "sink_audio_track", "player_factory",
            "in_recorder_factory", "out_recorder_factory", "video_frame_callback", "audio_frame_callback",
            "queued_video_frames_callback", "queued_audio_frames_callback", "on_video_ended", "on_audio_ended",
            "audio_processor_factory",
        ))  # fmt: skip
        return WebRtcWorker(
            mode, RTCConfiguration(iceServers=[]), **nothing, video_processor_factory=factory, async_processing=True,
            video_receiver_size=4, audio_receiver_size=4, sendback_video=True, sendback_audio=False,
            loop=self.loop, relay=self._relay,
        )  # fmt: skip

    def open(self, frames: list[VideoFrame], fps: float = 15.0, *, sends_back: bool = False) -> Session:
        """A camera that shows these frames."""
        return Session(self, frames, fps, sends_back=sends_back)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run it on the loop and wait."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async def tidy() -> None:
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self.run(tidy())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

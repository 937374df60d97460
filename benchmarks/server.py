"""A server of camera sessions, of one of several kinds, in a process of its own.

`python -m benchmarks.server KIND` reads a line of JSON for each request from its input and answers with one:
`{"sdp": offer}` opens a session, `{"measure": seconds}` watches all of them for so long.
"""

import asyncio
import json
import logging
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame
from mediapipe import Image, ImageFormat
from mediapipe.tasks.python.vision import RunningMode
from streamlit_webrtc.process import AsyncVideoProcessTrack

from benchmarks.chain import BareMediaPipe
from benchmarks.model import eager_network
from signcore.buffer import FRAME_MS, FrameBuffer
from signcore.dashboard.camera import CameraProcessor
from signcore.dashboard.process import settle_process
from signcore.errors import TrainingError
from signcore.features import BONES, FloatArray, window_features
from signcore.hand import HandFrame
from signcore.hand_model import ensure_hand_model
from signcore.labels import LABELS
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.settings import Settings, load_settings

Network = Callable[[FloatArray], FloatArray]


class Tally:
    """When the frames of one session arrived, and how long after that they had been read."""

    def __init__(self) -> None:
        self.arrived: dict[int | None, float] = {}
        self.waits_ms: list[float] = []

    def read(self, pts: int | None) -> None:
        """The frame with this stamp has been read."""
        self.waits_ms.append(1000.0 * (time.monotonic() - self.arrived.get(pts, time.monotonic())))


class Stamped(MediaStreamTrack):
    """A track whose frames' arrivals are noted. A frame has arrived when it has been decoded."""

    kind = "video"

    def __init__(self, track: MediaStreamTrack, tally: Tally) -> None:
        super().__init__()
        self._track, self._tally = track, tally
        track.on("ended", self.stop)

    async def recv(self) -> Any:
        frame = await self._track.recv()
        self._tally.arrived = {**dict(list(self._tally.arrived.items())[-60:]), frame.pts: time.monotonic()}
        return frame


class Signcore(CameraProcessor):
    """signcore as its Live page runs it."""

    def __init__(self, tally: Tally, predictor: SequencePredictor, settings: Settings, *, sends_back: bool) -> None:
        super().__init__(Recognizer(predictor, settings), mirrored=True, sends_back=sends_back)
        self._tally = tally

    def recv(self, frame: VideoFrame) -> VideoFrame:
        pts, answer = frame.pts, super().recv(frame)
        self._tally.read(pts)
        return answer


class Bare:
    """MediaPipe's landmarks alone, in the way that costs least: what no recogniser built on it can beat."""

    def __init__(self, tally: Tally, hand_model: Path) -> None:
        self._tally, self._mediapipe = tally, BareMediaPipe(hand_model)

    async def recv_queued(self, frames: list[VideoFrame]) -> list[VideoFrame]:
        self._mediapipe.detect(frames[-1].to_ndarray(format="rgb24").astype(np.uint8, copy=False))
        self._tally.read(frames[-1].pts)
        return [frames[-1]]

    def on_ended(self) -> None:
        """The stream is over."""


class Naive(MediaStreamTrack):
    """What a first attempt looks like.

    On the event loop, each picture is searched anew, a PyTorch model is called and everything drawn into a copy. Where
    that is too slow, frames queue up.
    """

    kind = "video"

    def __init__(
        self, track: MediaStreamTrack, tally: Tally, network: Callable[[FloatArray], FloatArray], hand_model: Path
    ) -> None:
        super().__init__()
        self._track, self._tally, self._network = track, tally, network
        self._mediapipe = BareMediaPipe(hand_model, RunningMode.IMAGE)
        self._buffer = FrameBuffer(32)

    async def recv(self) -> Any:
        frame = cast(VideoFrame, await self._track.recv())
        image = cv2.flip(frame.to_ndarray(format="bgr24"), 1)
        rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        found = self._mediapipe.landmarker.detect(Image(image_format=ImageFormat.SRGB, data=rgb))
        hand = None
        if found.hand_landmarks:
            points = np.array([(p.x * 4 / 3, p.y, p.z * 4 / 3) for p in found.hand_landmarks[0]], np.float32)
            hand = HandFrame(points, "Right", 1.0, 0.0)
            places = [(int(p.x * image.shape[1]), int(p.y * image.shape[0])) for p in found.hand_landmarks[0]]
            for start, end in BONES:
                cv2.line(image, places[start], places[end], (255, 255, 255), 2)
            for place in places:
                cv2.circle(image, place, 5, (191, 212, 45), -1)
        self._buffer.push(hand, len(self._tally.waits_ms) * FRAME_MS)
        if self._buffer.full:
            answer = self._network(window_features(self._buffer.window()[None]))[0]
            for index, probability in enumerate(answer):
                cv2.rectangle(
                    image, (20 * index, 470), (20 * index + 14, 470 - int(100 * probability)), (90, 160, 20), -1
                )
            cv2.putText(image, LABELS[int(answer.argmax())], (20, 60), cv2.FONT_HERSHEY_SIMPLEX, 2, (0, 0, 255), 3)
        shown = VideoFrame.from_ndarray(image.astype(np.uint8, copy=False), format="bgr24")
        shown.pts, shown.time_base = frame.pts, frame.time_base
        self._tally.read(frame.pts)
        return shown


class Echo(MediaStreamTrack):
    """The picture, sent back as it is."""

    kind = "video"

    def __init__(self, track: MediaStreamTrack, tally: Tally) -> None:
        super().__init__()
        self._track, self._tally = track, tally

    async def recv(self) -> Any:
        frame = cast(VideoFrame, await self._track.recv())
        self._tally.read(frame.pts)
        return frame


def session_maker(kind: str, *, sends_back: bool) -> Callable[[MediaStreamTrack, Tally], MediaStreamTrack]:
    """What makes a session of a kind: from the camera's track to the one that is sent back."""
    hand_model = ensure_hand_model(None)
    if kind == "echo":
        return Echo
    if kind == "mediapipe":
        return lambda track, tally: AsyncVideoProcessTrack(track, Bare(tally, hand_model))  # type: ignore[type-var]
    predictor = SequencePredictor()
    if kind == "signcore":
        settle_process()
        settings = load_settings().model_copy(update={"hand_model": hand_model})
        return lambda track, tally: AsyncVideoProcessTrack(
            track, Signcore(tally, predictor, settings, sends_back=sends_back)
        )
    network: Network = predictor.run_network
    with suppress(ModuleNotFoundError, TrainingError):
        network = eager_network(predictor)
    return lambda track, tally: Naive(track, tally, network, hand_model)


async def serve(kind: str, *, sends_back: bool) -> None:
    """Answer requests until the input ends."""
    make = session_maker(kind, sends_back=sends_back)
    tallies: list[Tally] = []
    connections = []
    late_ms: list[float] = []

    async def watch_loop() -> None:
        while True:
            due = time.monotonic() + 0.01
            await asyncio.sleep(0.01)
            late_ms.append(1000.0 * (time.monotonic() - due))

    async def drain(track: MediaStreamTrack) -> None:
        while True:
            try:
                await track.recv()
            except MediaStreamError:
                return

    async def answer(offer: str) -> dict[str, Any]:
        connection, tally = RTCPeerConnection(RTCConfiguration(iceServers=[])), Tally()
        connections.append(connection)
        tallies.append(tally)

        @connection.on("track")
        def on_track(track: MediaStreamTrack) -> None:
            output = make(Stamped(track, tally), tally)
            if sends_back:
                connection.addTrack(output)
            else:
                background.add(asyncio.ensure_future(drain(output)))

        await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        return {"sdp": connection.localDescription.sdp}

    async def measure(seconds: float) -> dict[str, Any]:
        for tally in tallies:
            tally.waits_ms.clear()
        late_ms.clear()
        cpu, began = time.process_time(), time.monotonic()
        await asyncio.sleep(seconds)
        took = time.monotonic() - began
        return {
            "fps": [round(len(tally.waits_ms) / took, 1) for tally in tallies],
            "p95_ms": [round(float(np.percentile(tally.waits_ms or [9999.0], 95)), 1) for tally in tallies],
            "cores": round((time.process_time() - cpu) / took, 3),
            "loop_lag_p99_ms": round(float(np.percentile(late_ms, 99)), 1),
        }

    background = {asyncio.ensure_future(watch_loop())}
    print(json.dumps({"ready": kind}), flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        request = json.loads(line)
        reply = await (answer(request["sdp"]) if "sdp" in request else measure(request["measure"]))
        print(json.dumps(reply), flush=True)
    # What is still open ends with the process.


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asyncio.run(serve(sys.argv[1], sends_back="--sends-back" in sys.argv))

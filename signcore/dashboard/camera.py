"""The thin adapter between streamlit-webrtc and a Recognizer."""

import asyncio
import logging
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import cv2
import numpy as np
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from av import VideoFrame
from streamlit_webrtc import VideoProcessorBase

from signcore.attention import Attention
from signcore.buffer import FRAME_MS, LONGEST_GAP_MS
from signcore.dashboard.overlay import Planes, draw_badge, draw_hand
from signcore.errors import SignError
from signcore.framing import Advice, Framing
from signcore.hand import ImageArray
from signcore.recognizer import Recognizer, Snapshot

_LOG: Final = logging.getLogger(__name__)
_LONGEST_STEP_MS: Final = 2000.0
# A camera on a busy server was seen to take 45 s.
GIVEN_UP_S: Final = 60.0
# The page gives a camera up; this is for when the page is gone.
_GONE_S: Final = 1.5 * GIVEN_UP_S


class StreamClock:
    """Milliseconds since the first frame, always rising.

    Frames say when they were taken (`pts`), which the network does not disturb. Where they do not, or where that clock
    jumps, the time of arrival counts; after a jump ahead it is at least a gap that begins a new window.
    """

    def __init__(self) -> None:
        self._pts_ms: float | None = None
        self._arrived_ms = 0.0
        self._now_ms: float | None = None

    def at(self, frame: VideoFrame, arrived_ms: float) -> float:
        """The time of a frame that arrived at `arrived_ms` of a monotonic clock."""
        pts_ms = None
        if frame.pts is not None and frame.time_base is not None:
            pts_ms = 1000.0 * float(frame.pts * frame.time_base)
        if self._now_ms is None:
            self._now_ms = 0.0
        else:
            step = arrived_ms - self._arrived_ms
            taken = None if pts_ms is None or self._pts_ms is None else pts_ms - self._pts_ms
            if taken is not None and 0.0 < taken < _LONGEST_STEP_MS:
                step = taken
            elif taken is not None and taken > 0.0:
                # A long freeze, or another clock: whatever arrived in between, what comes now does not follow on it.
                step = max(step, LONGEST_GAP_MS + FRAME_MS)
            self._now_ms += max(step, 1.0)
        self._pts_ms, self._arrived_ms = pts_ms, arrived_ms
        return self._now_ms


class CameraProcessor(VideoProcessorBase):
    """Reads the pictures of one camera stream and gives them back with the hand and the letter drawn in.

    streamlit-webrtc calls it from the stream's own thread. Only the newest picture is looked at; those that came while
    the last one was worked on are dropped, and so are some while nothing moves (`Attention`). A failure is logged once,
    kept in `problem`, and does not end the stream.

    Args:
        recognizer: reads the pictures; its tracker is made here, before the stream starts, and freed when it ends.
        mirrored: whether the picture is shown as a mirror; may be set at any time. What is read is never mirrored.
        sends_back: whether anybody sees the picture; without, nothing is drawn.
        on_snapshot: called with everything that is read, from the stream's thread.
        loop: the event loop that the stream runs on, where a stream that never brings a picture is to end by itself.

    Attributes:
        problem: why the newest picture could not be read, for the person; None when it could.
        connected: whether any picture has come.
        newest_s: when the newest picture came, on the monotonic clock; before the first, when this was made.
        on_end: called once, when it is, from another thread than the page's.

    Raises:
        HandModelError: the hand model is missing and cannot be fetched, or cannot be read.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        *,
        mirrored: bool,
        sends_back: bool,
        on_snapshot: Callable[[Snapshot], object] | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        recognizer.prepare()
        self.mirrored = mirrored
        self.problem: str | None = None
        self.connected = False
        self.newest_s = time.monotonic()
        self.on_end: Callable[[], object] | None = None
        self._sends_back = sends_back
        self._on_snapshot = on_snapshot
        self._clock = StreamClock()
        self._attention = Attention()
        self._framing = Framing()
        self._logged = False
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._source: RemoteStreamTrack | None = None
        self._source_loop = loop
        self._lock = threading.Lock()
        self._recognizer: Recognizer | None = recognizer
        if loop is not None:
            # Weakly: the timer must not keep what has long ended.
            loop.call_soon_threadsafe(loop.call_later, _GONE_S, _end_if_nothing_came, weakref.ref(self))

    def follow(self, source: RemoteStreamTrack) -> None:
        """End the track that the pictures come from when this ends.

        Where nothing is sent back, streamlit-webrtc waits for pictures in a thread of its own before there is a
        connection; without one, nothing else ever ends that thread.
        """
        self._source = source
        if self.ended:
            self._stop_source()

    async def recv_queued(self, frames: list[VideoFrame]) -> list[VideoFrame]:
        """The newest of the frames that came since the last call, read and drawn."""
        self._thread, self._loop = threading.current_thread(), asyncio.get_running_loop()
        return [self.recv(frames[-1])]

    def recv(self, frame: VideoFrame) -> VideoFrame:
        """One frame, read and drawn."""
        self.connected = True
        self.newest_s = time.monotonic()
        snapshot = self._read(frame, self._clock.at(frame, 1000.0 * self.newest_s))
        if not self._sends_back:
            return frame
        return picture(frame, snapshot, mirrored=self.mirrored)

    @property
    def advice(self) -> Advice | None:
        """What would help the camera to see the hand; None: nothing to be said."""
        return self._framing.advice

    @property
    def ended(self) -> bool:
        """Whether the stream is over."""
        return self._recognizer is None

    def on_ended(self) -> None:
        """Read nothing from here on, whatever still comes, and free the tracker. The text stays."""
        # streamlit-webrtc calls this again once its thread has ended, and leaves that thread's event loop open.
        if self._loop is not None and self._thread is not None and not self._thread.is_alive():
            self._loop.close()
        with self._lock:
            if self._recognizer is None:
                return
            self._recognizer.close()
            self._recognizer = None
        self._stop_source()
        if self.on_end is not None:
            self.on_end()

    def _stop_source(self) -> None:
        source, self._source = self._source, None
        if source is not None and self._source_loop is not None:
            with suppress(RuntimeError):  # the loop is closed, and all that ran on it
                # aiortc's own sign for the end; `stop` would leave whoever waits for a picture waiting.
                self._source_loop.call_soon_threadsafe(source._queue.put_nowait, None)

    def _read(self, frame: VideoFrame, t_ms: float) -> Snapshot | None:
        with self._lock:
            if self._recognizer is None:
                return None
            try:
                brightness = Planes.of(frame).luma if frame.format.name == "yuv420p" else None
                if self._attention.due(t_ms, brightness):
                    image = upright_image(frame)
                    snapshot = self._recognizer.step(image, t_ms)
                    self._attention.saw(snapshot.hand, t_ms)
                    self._framing.see(image, snapshot.hand, t_ms, sure=snapshot.sure)
                elif self._attention.on_a_hand:
                    return self._recognizer.snapshot
                else:
                    snapshot = self._recognizer.step_hand(None, t_ms)
                if self._on_snapshot is not None:
                    self._on_snapshot(snapshot)
            except Exception as error:
                self.problem = str(error) if isinstance(error, SignError) else "This picture could not be read."
                if not self._logged:
                    self._logged = True
                    _LOG.exception("A camera picture could not be read; the next such failures are not logged")
                return None
            self.problem = None
            return snapshot


def _end_if_nothing_came(camera: weakref.ref[CameraProcessor]) -> None:
    processor = camera()
    if processor is not None and not processor.connected:
        processor.on_ended()


def upright_image(frame: VideoFrame) -> ImageArray:
    """A frame as (H, W, 3) uint8 RGB, turned as its rotation says."""
    image = frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
    return np.rot90(image, round(frame.rotation / 90) % 4)


def picture(frame: VideoFrame, snapshot: Snapshot | None, *, mirrored: bool) -> VideoFrame:
    """What the person sees: the picture, upright, with the hand and the letter; the letter never mirrored.

    It is drawn in the format that video is sent in: converting a picture there and back costs more than drawing does.

    Args:
        frame: as the camera sent it; it is not changed.
        snapshot: what was read in it.
        mirrored: whether left and right change places.

    Returns:
        A yuv420p frame.
    """
    turns = round(frame.rotation / 90) % 4
    width, height = (frame.height, frame.width) if turns % 2 else (frame.width, frame.height)
    answer = VideoFrame(width, height, "yuv420p")
    shown = Planes.of(answer)
    for source, target in zip(Planes.of(frame.reformat(format="yuv420p")), shown, strict=True):
        upright = np.rot90(source, turns)
        if mirrored:
            cv2.flip(np.ascontiguousarray(upright), 1, target)
        else:
            target[:] = upright
    if snapshot is None or snapshot.hand is None:
        return answer
    landmarks = snapshot.hand.landmarks.copy()
    if mirrored:
        landmarks[:, 0] = width / height - landmarks[:, 0]
    draw_hand(shown, landmarks)
    if snapshot.letter is not None:
        text = snapshot.letter if snapshot.sure else f"{snapshot.letter}?"
        draw_badge(shown, landmarks, text, sure=snapshot.sure)
    return answer

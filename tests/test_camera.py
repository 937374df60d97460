"""The camera's processor: odd pictures, failures, and a real aiortc peer that sends a video to it."""

import asyncio
import gc
import logging
import warnings
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaPlayer
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpreceiver import RemoteStreamTrack
from av import VideoFrame
from numpy.typing import NDArray
from streamlit_webrtc.process import AsyncVideoProcessTrack

from signcore.buffer import LONGEST_GAP_MS
from signcore.dashboard.camera import CameraProcessor, StreamClock, picture, upright_image
from signcore.dashboard.overlay import Planes
from signcore.errors import HandModelError
from signcore.framing import Advice
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer, Snapshot, Status
from signcore.settings import Settings
from tests.hands import make_hand
from tests.videos import picture as checkered
from tests.videos import write_video


@pytest.fixture
def recognizer(predictor: SequencePredictor, hand_model: Path) -> Recognizer:
    return Recognizer(predictor, Settings(hand_model=hand_model))


@pytest.fixture
def first_picture(media_dir: Path) -> VideoFrame:
    with av.open(str(media_dir / "B.mp4")) as video:
        return next(iter(video.decode(video=0)))


def make_processor(recognizer: Recognizer, *, mirrored: bool = True, sends_back: bool = True) -> CameraProcessor:
    return CameraProcessor(recognizer, mirrored=mirrored, sends_back=sends_back)


def frame_at(seconds: float | None, width: int = 64, height: int = 48, kind: str = "rgb24") -> VideoFrame:
    frame = VideoFrame(width, height, kind)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    if seconds is not None:
        frame.pts, frame.time_base = round(seconds * 90_000), Fraction(1, 90_000)
    return frame


def test_time_is_that_of_the_camera() -> None:
    clock = StreamClock()
    # Late arrivals do not matter.
    times = [clock.at(frame_at(10.0 + seconds), arrived) for seconds, arrived in ((0, 0), (0.1, 900), (0.2, 901))]
    assert times == pytest.approx([0, 100, 200])


def test_a_jump_ahead_begins_a_new_window() -> None:
    clock = StreamClock()
    clock.at(frame_at(10.0), 5_000)
    assert clock.at(frame_at(9_000.0), 5_040) > LONGEST_GAP_MS
    assert clock.at(frame_at(9_003.0), 8_040) > LONGEST_GAP_MS + 3_000


@pytest.mark.parametrize("pts", [None, 10.0, 3.0], ids=["none", "the same", "backwards"])
def test_without_a_usable_clock_the_time_of_arrival_counts(pts: float | None) -> None:
    clock = StreamClock()
    assert clock.at(frame_at(10.0), 5_000) == 0
    assert clock.at(frame_at(pts), 5_040) == pytest.approx(40)
    assert clock.at(frame_at(None), 5_040) == pytest.approx(41), "time rises even where no clock does"


def test_a_word_over_webrtc_is_read(recognizer: Recognizer, media_dir: Path) -> None:
    processor = make_processor(recognizer)
    sizes: set[tuple[int, int]] = set()

    async def loopback() -> None:
        camera, server = RTCPeerConnection(), RTCPeerConnection()
        player = MediaPlayer(str(media_dir / "word_FIVE.mp4"))
        received: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
        server.on("track", received.set_result)
        camera.addTrack(player.video)
        await camera.setLocalDescription(await camera.createOffer())
        await server.setRemoteDescription(RTCSessionDescription(camera.localDescription.sdp, "offer"))
        await server.setLocalDescription(await server.createAnswer())
        await camera.setRemoteDescription(RTCSessionDescription(server.localDescription.sdp, "answer"))
        output = AsyncVideoProcessTrack(await received, processor)
        try:
            async with asyncio.timeout(60):
                while recognizer.snapshot.text != "FIVE":
                    frame = await output.recv()
                    sizes.add((frame.width, frame.height))
        except MediaStreamError:
            pass
        finally:
            output.stop()
            await camera.close()
            await server.close()

    asyncio.run(loopback())
    with warnings.catch_warnings():
        # streamlit-webrtc's thread leaves its event loop open.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    assert recognizer.snapshot.text == "FIVE"
    assert processor.ended
    assert (640, 480) in sizes


def test_only_the_newest_picture_is_read(recognizer: Recognizer) -> None:
    processor = make_processor(recognizer)
    asyncio.run(processor.recv_queued([frame_at(index / 30) for index in range(5)]))
    assert recognizer.snapshot.fps == 0.0, "one step was taken, not five"
    asyncio.run(processor.recv_queued([frame_at(1.0)]))
    assert recognizer.snapshot.t_ms > 0
    processor.on_ended()


def test_the_picture_is_a_mirror_and_what_is_read_is_not(recognizer: Recognizer, first_picture: VideoFrame) -> None:
    processor = make_processor(recognizer, mirrored=True)
    mirrored = processor.recv(first_picture).to_ndarray(format="rgb24")
    seen = recognizer.snapshot.hand
    processor.mirrored = False
    straight = processor.recv(first_picture).to_ndarray(format="rgb24")
    assert seen is not None
    assert recognizer.snapshot.hand is not None
    assert seen.handedness == recognizer.snapshot.hand.handedness
    assert np.abs(seen.landmarks - recognizer.snapshot.hand.landmarks).mean() < 0.03
    original = upright_image(first_picture).astype(int)
    # The skeleton covers a part of the picture only.
    assert np.median(np.abs(straight - original)) <= 2
    assert np.median(np.abs(mirrored[:, ::-1] - original)) <= 2
    assert np.abs(straight - original).max() > 50
    processor.on_ended()


def test_the_letter_is_never_mirrored(recognizer: Recognizer) -> None:
    # A hand in the left half of what is shown leaves the rest of it to the letter, mirrored or not.
    black = VideoFrame.from_ndarray(np.zeros((480, 640, 3), np.uint8), format="rgb24")
    straight = picture(black, make_snapshot(recognizer, x=0.55), mirrored=False)
    mirrored = picture(black, make_snapshot(recognizer, x=640 / 480 - 0.55), mirrored=True)
    assert not np.array_equal(crop(straight), crop(straight)[:, ::-1])
    np.testing.assert_array_equal(crop(mirrored), crop(straight))


def crop(frame: VideoFrame) -> NDArray[np.uint8]:
    image = Planes.of(frame).luma[:, 332:]
    rows, columns = np.nonzero(image > 16)
    return image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def make_snapshot(recognizer: Recognizer, x: float) -> Snapshot:
    return replace(
        recognizer.snapshot,
        hand=make_hand(x=x),
        status=Status.READING,
        letter="R",
        confidence=1.0,
        runner_up="U",
        sure=True,
    )


@pytest.mark.parametrize(
    ("width", "height", "kind"),
    [(640, 480, "gray"), (641, 479, "yuv420p"), (333, 777, "rgb24"), (3840, 2160, "yuv420p"), (17, 16, "bgra")],
)
def test_odd_pictures_are_read(recognizer: Recognizer, width: int, height: int, kind: str) -> None:
    processor = make_processor(recognizer)
    answer = processor.recv(frame_at(0.0, width, height, kind))
    assert (answer.width, answer.height) == (width, height)
    assert processor.problem is None
    assert recognizer.snapshot.status is Status.NO_HAND
    processor.on_ended()


def test_it_is_said_when_a_picture_is_too_dark(recognizer: Recognizer, first_picture: VideoFrame) -> None:
    processor = make_processor(recognizer)
    for index in range(30):
        processor.recv(frame_at(index / 30))
    assert processor.advice is Advice.LIGHT
    first_picture.pts, first_picture.time_base = 90_000 + 45_000, Fraction(1, 90_000)
    processor.recv(first_picture)
    assert processor.advice is None
    processor.on_ended()


def test_a_picture_that_cannot_be_read_does_not_end_the_stream(
    recognizer: Recognizer, first_picture: VideoFrame, caplog: pytest.LogCaptureFixture
) -> None:
    processor = make_processor(recognizer)
    with caplog.at_level(logging.ERROR):
        for index in range(3):
            answer = processor.recv(frame_at(index / 30, 1, 1))
            assert (answer.width, answer.height) == (1, 1)
    assert processor.problem is not None
    assert "16 pixels" in processor.problem
    assert len(caplog.records) == 1, "said once, not thirty times a second"
    processor.recv(first_picture)
    assert processor.problem is None
    assert recognizer.snapshot.hand is not None
    processor.on_ended()


@pytest.mark.parametrize("turned", [90, -90, 180])
def test_a_turned_picture_is_read_upright(tmp_path: Path, turned: int) -> None:
    upright = checkered(width=64, height=96)
    stored = np.ascontiguousarray(np.rot90(upright, -turned // 90))
    with av.open(str(write_video(tmp_path / "turned.mp4", [stored], turned=turned))) as video:
        [frame] = list(video.decode(video=0))
    image = upright_image(frame)
    assert image.shape == upright.shape
    assert np.median(np.abs(image.astype(int) - upright)) <= 4


def test_nothing_is_drawn_where_nobody_looks(recognizer: Recognizer, first_picture: VideoFrame) -> None:
    processor = make_processor(recognizer, sends_back=False)
    assert processor.recv(first_picture) is first_picture
    assert recognizer.snapshot.hand is not None
    processor.on_ended()


def test_the_end_frees_the_tracker_and_keeps_the_text(recognizer: Recognizer, first_picture: VideoFrame) -> None:
    processor = make_processor(recognizer)
    ends: list[int] = []
    processor.on_end = lambda: ends.append(1)
    processor.recv(first_picture)
    recognizer.space()
    processor.on_ended()
    assert processor.ended
    assert ends == [1]
    assert recognizer.snapshot.text == " "
    before = recognizer.snapshot
    processor.recv(first_picture)
    assert recognizer.snapshot is before, "an ended stream reads nothing, whatever still comes"


def test_the_hand_model_is_asked_for_before_the_stream_starts(predictor: SequencePredictor, tmp_path: Path) -> None:
    with pytest.raises(HandModelError):
        make_processor(Recognizer(predictor, Settings(hand_model=tmp_path / "none.task")))


async def ends(source: RemoteStreamTrack) -> bool:
    """Whether a reader who waits for a picture is told that none will come."""
    with pytest.raises(MediaStreamError):
        await asyncio.wait_for(source.recv(), 5)
    return source.readyState == "ended"


def test_a_stream_that_brings_nothing_ends_by_itself(recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signcore.dashboard.camera._GONE_S", 0.05)
    told: list[bool] = []

    async def stream() -> None:
        loop = asyncio.get_running_loop()
        processor = CameraProcessor(recognizer, mirrored=True, sends_back=False, loop=loop)
        processor.on_end = lambda: told.append(processor.ended)
        source = RemoteStreamTrack("video")
        processor.follow(source)
        assert await ends(source)

    asyncio.run(stream())
    assert told == [True]


def test_a_stream_that_brings_pictures_goes_on(
    recognizer: Recognizer, first_picture: VideoFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signcore.dashboard.camera._GONE_S", 0.05)

    async def stream() -> None:
        loop = asyncio.get_running_loop()
        processor = CameraProcessor(recognizer, mirrored=True, sends_back=False, loop=loop)
        processor.recv(first_picture)
        await asyncio.sleep(0.2)
        assert not processor.ended
        processor.on_ended()

    asyncio.run(stream())


def test_a_track_that_is_known_too_late_ends_as_well(recognizer: Recognizer) -> None:
    async def stream() -> None:
        loop = asyncio.get_running_loop()
        processor = CameraProcessor(recognizer, mirrored=True, sends_back=False, loop=loop)
        processor.on_ended()
        source = RemoteStreamTrack("video")
        processor.follow(source)
        assert await ends(source)

    asyncio.run(stream())

"""Whatever comes from outside is refused with an error of the tree, or read; nothing else happens."""

import io
import json
import os
import random
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
from aiortc import RTCPeerConnection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from streamlit_webrtc import WebRtcMode

from signcore.clips import read_clips
from signcore.dashboard.camera import CameraProcessor
from signcore.errors import ClipFileError, ModelContractError, RecordingError, SettingsError, SignError, VideoError
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.recording_file import events_from_json, read_recording, recording_to_bytes
from signcore.settings import load_settings
from signcore.video import Video
from tests.clip_files import clip_arrays, write_clips
from tests.hands import make_landmarks
from tests.onnx_models import METADATA, write_model
from tests.recordings import make_recording, spelled
from tests.robustness.holdings import settle
from tests.robustness.stream import Film, Server, film
from tests.videos import picture, write_video


def some(examples: int) -> settings:
    """That many examples, in the long form twenty times as many."""
    times = 20 if os.environ.get("SOAK_MINUTES") else 1
    return settings(max_examples=times * examples, suppress_health_check=list(HealthCheck))


# A few places of a file, each overwritten with a few bytes, and perhaps its end cut off.
DAMAGE = st.tuples(
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), max_size=4), st.floats(0.05, 1)
)


def damaged(content: bytes, damage: tuple[list[tuple[float, bytes]], float]) -> bytes:
    places, kept = damage
    data = bytearray(content)
    for place, replacement in places:
        at = int(place * (len(data) - len(replacement)))
        data[at : at + len(replacement)] = replacement
    return bytes(data[: max(1, int(kept * len(data)))])


class Files(dict[str, bytes]):
    """Files by their kind, which a failing example does not print."""

    def __repr__(self) -> str:
        return f"<{', '.join(self)}>"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("files")
    hands = np.repeat(make_landmarks()[None], 40, axis=0)
    return Files({
        "video": write_video(folder / "a.mp4", (picture(number) for number in range(12))).read_bytes(),
        "webm": write_video(folder / "a.webm", (picture(number) for number in range(12)), codec="libvpx").read_bytes(),
        "clips": write_clips(folder / "clips.npz", clip_arrays([hands, hands], ["A", "B"])).read_bytes(),
        "recording": recording_to_bytes(make_recording(60, spelled("AB"))),
        "model": write_model(folder / "model.onnx").read_bytes(),
    })  # fmt: skip


@some(60)
@given(damage=DAMAGE, kind=st.sampled_from(["video", "webm"]))
@example(damage=([], 0.75), kind="video")
@example(damage=([(0.3125, b"\x80")], 1.0), kind="webm")
@example(damage=([(0.6830352856442855, b"0\0\0\0\0\0")], 1.0), kind="video")
def test_videos(files: Files, kind: str, damage: tuple[list[tuple[float, bytes]], float]) -> None:
    with suppress(SignError), Video(io.BytesIO(damaged(files[kind], damage)), max_seconds=60.0) as video:
        for frame in video:
            assert frame.image.dtype == np.uint8


@some(60)
@given(damage=DAMAGE)
def test_clip_files(
    files: Files, tmp_path_factory: pytest.TempPathFactory, damage: tuple[list[tuple[float, bytes]], float]
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    path.write_bytes(damaged(files["clips"], damage))
    with suppress(ClipFileError):
        read_clips(path)
    # Whole archives of damaged arrays get further.
    with zipfile.ZipFile(io.BytesIO(files["clips"])) as good, zipfile.ZipFile(path, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, damaged(good.read(name), damage))
    with suppress(ClipFileError):
        clips = read_clips(path)
        for index in range(len(clips)):
            clips.clip(index)


@some(60)
@given(value=st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
))  # fmt: skip
def test_events_of_a_recording(value: object) -> None:
    with suppress(RecordingError):
        events_from_json(value, "")  # type: ignore[arg-type]


NAMES = ["SIGNCORE_HOLD_S", "SIGNCORE_WINDOW", "SIGNCORE_MAX_SESSIONS", "SIGNCORE_ICE_SERVERS", "SIGNCORE_DATA_DIR"]


@some(60)
@given(name=st.sampled_from(NAMES), value=st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=60))
@example(name="SIGNCORE_ICE_SERVERS", value="[" * 3000)
@example(name="SIGNCORE_MAX_SESSIONS", value="9" * 5000)
def test_settings(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with suppress(SettingsError):
        load_settings()
    monkeypatch.delenv(name)


@some(30)
@given(
    key=st.sampled_from(["labels", "window", "feature_version", "threshold"]),
    value=st.text(max_size=30) | st.integers().map(str) | st.floats().map(str) | st.lists(st.text()).map(json.dumps),
)
@example(key="labels", value="[" * 5000)
@example(key="window", value="9" * 5000)
def test_metadata_of_a_model(tmp_path_factory: pytest.TempPathFactory, key: str, value: str) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.onnx"
    write_model(path, metadata={**METADATA, key: value.encode("utf-8", "ignore").decode()})
    with suppress(ModelContractError):
        SequencePredictor(path)


@some(60)
@given(damage=DAMAGE)
@example(damage=([(1.0, b"\x80")], 1.0))
def test_models(
    files: Files, tmp_path_factory: pytest.TempPathFactory, damage: tuple[list[tuple[float, bytes]], float]
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.onnx"
    path.write_bytes(damaged(files["model"], damage))
    with suppress(ModelContractError):
        SequencePredictor(path)


@pytest.mark.timeout(300)
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning",
    # streamlit-webrtc leaves the loop of a thread that never had a picture to the collector.
    "ignore:unclosed event loop:ResourceWarning",
)
def test_offers_and_candidates(server: Server, media_dir: Path, long: bool) -> None:
    """A browser that says nonsense gets no stream; its threads end, and the next browser is served."""

    async def real_offer() -> str:
        connection = RTCPeerConnection()
        connection.addTransceiver(Film([picture_frame], 15), direction="sendonly")
        await connection.setLocalDescription(await connection.createOffer())
        sdp: str = connection.localDescription.sdp
        await connection.close()
        return sdp

    picture_frame = film(media_dir / "B.mp4", last=1)[0]
    offer = server.run(real_offer())
    lines = offer.splitlines()
    chance = random.Random(3)
    nonsense: list[str] = ["", "v=0", "\0" * 100, "a=" * 10_000, offer[: len(offer) // 2], offer.replace("UDP", "TCP")]
    while len(nonsense) < (300 if long else 25):
        shuffled = lines[:]
        where = chance.randrange(len(lines))
        match chance.randrange(4):
            case 0:
                del shuffled[where]
            case 1:
                shuffled[where] = shuffled[where][: chance.randrange(len(shuffled[where]) + 1)]
            case 2:
                shuffled.insert(where, shuffled[chance.randrange(len(lines))])
            case _:
                shuffled[where] = "".join(chance.choice("a=:/ 0119fmIPv4candidate") for _ in range(40))
        nonsense.append("\r\n".join(shuffled) + "\r\n")
    ended: list[CameraProcessor] = []
    before = (0, 0)

    def processor() -> CameraProcessor:
        recognizer = Recognizer(server.predictor, server.settings)
        ended.append(CameraProcessor(recognizer, mirrored=True, sends_back=False, loop=server.loop))
        return ended[-1]

    for number, sdp in enumerate(nonsense):
        if number == 6:  # the first ones load libraries and start what stays
            before = settle(before, 3.0)
        worker = server.worker(processor, WebRtcMode.SENDONLY)
        with suppress(Exception):
            worker.process_offer(sdp, "offer", timeout=5.0)
        worker.set_ice_candidates_from_offerer(
            {"1": {"candidate": sdp[:200], "sdpMid": "0", "sdpMLineIndex": 0}, "2": {"candidate": ""}}
        )
        if worker.input_video_track is not None:
            ended[-1].follow(worker.input_video_track)
        worker.stop()
        ended[-1].on_ended()
    threads, files = settle(before)
    assert threads <= before[0] + 1
    assert files <= before[1] + 2
    session = server.open(film(media_dir / "B.mp4", last=10))
    session.wait(lambda snapshot: snapshot.hand is not None, 20)
    session.hang_up()


# --- bombs: small to send, large to open


def streams_bomb(folder: Path) -> bytes:
    import av

    path = folder / "streams.mkv"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("mjpeg", rate=1) for _ in range(200)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 16, 16, "yuvj420p"
        for stream in streams:
            container.mux(stream.encode(av.VideoFrame(16, 16, "yuvj420p")))
            container.mux(stream.encode())
    return path.read_bytes()


def archive_bomb(folder: Path) -> bytes:
    path = folder / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.mp4", bytes(50_000_000))
    return path.read_bytes()


def picture_bomb(folder: Path) -> bytes:
    return write_video(folder / "large.mkv", [picture(0, 4200, 2400)], codec="mjpeg", pixels="yuvj420p").read_bytes()


def long_bomb(folder: Path) -> bytes:
    times = [number * 3_600_000 for number in range(4)]
    return write_video(folder / "long.mp4", [picture(number) for number in range(4)], times_ms=times).read_bytes()


@pytest.mark.parametrize("bomb", [streams_bomb, archive_bomb, picture_bomb, long_bomb])
def test_a_bomb_is_refused_in_one_line_or_read_within_bounds(tmp_path: Path, bomb: Callable[[Path], bytes]) -> None:
    content = bomb(tmp_path)
    if bomb is streams_bomb:
        with Video(io.BytesIO(content)) as video:
            assert sum(1 for _ in video) <= 2
    else:
        with pytest.raises(VideoError) as refused, Video(io.BytesIO(content)) as video:
            list(video)
        assert "\n" not in str(refused.value)


def test_a_recording_that_unpacks_to_gigabytes_is_refused() -> None:
    with pytest.raises(RecordingError):
        read_recording(b"PAR1" + bytes(1_000_000) + b"PAR1")


def test_a_model_file_may_not_name_another_file(tmp_path: Path) -> None:
    """Weights outside of the file would let a model read any file of the server."""
    path = write_model(tmp_path / "model.onnx")
    model = onnx.load(str(path))
    weights = next(tensor for tensor in model.graph.initializer if tensor.name == "weights")
    weights.ClearField("raw_data")
    weights.ClearField("float_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", "../../../../etc/passwd"), ("offset", "0"), ("length", "64")):
        entry = weights.external_data.add()
        entry.key, entry.value = key, value
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelContractError):
        SequencePredictor(path)

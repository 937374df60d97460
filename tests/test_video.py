from fractions import Fraction
from io import BytesIO
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.testing import assert_allclose

from signcore import video
from signcore.errors import FrameError, VideoError
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.transcript import EventKind
from signcore.video import Transcript, Video, VideoFrame, transcribe
from tests.onnx_models import write_model
from tests.videos import picture, write_sound, write_video


def pictures(count: int) -> list[np.ndarray]:
    return [picture(number) for number in range(count)]


def read(path: Path) -> list[VideoFrame]:
    with Video(path) as video:
        return list(video)


def close(image: np.ndarray, expected: np.ndarray) -> bool:
    """Equal but for what the encoder smears along edges."""
    return image.shape == expected.shape and bool(np.median(np.abs(image.astype(int) - expected)) <= 4)


def test_pictures_come_in_order_with_their_times(tmp_path: Path) -> None:
    with Video(write_video(tmp_path / "even.mp4", pictures(12))) as video:
        frames = list(video)
    assert video.expected_frames == 12
    assert video.incomplete is None
    assert_allclose([frame.t_ms for frame in frames], np.arange(12) * 1000 / 30, atol=0.01)
    for number, frame in enumerate(frames):
        assert frame.image.dtype == np.uint8
        assert frame.image.flags.c_contiguous
        assert close(frame.image, picture(number))


def test_times_are_the_files_where_the_frame_rate_varies(tmp_path: Path) -> None:
    times = [500, 540, 600, 850, 900]
    frames = read(write_video(tmp_path / "uneven.mkv", pictures(5), times_ms=times))
    assert [frame.t_ms for frame in frames] == [0, 40, 100, 350, 400]


def test_an_upload_is_read_from_memory(tmp_path: Path) -> None:
    content = write_video(tmp_path / "upload.mp4", pictures(5)).read_bytes()
    with Video(BytesIO(content)) as video:
        assert len(list(video)) == 5


def test_a_name_that_looks_like_an_address_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_video(tmp_path / "made.mp4", pictures(3)).rename(tmp_path / "http:word.mp4")
    monkeypatch.chdir(tmp_path)
    assert len(read(Path("http:word.mp4"))) == 3


@pytest.mark.parametrize("turned", [90, -90, 180])
def test_a_turned_picture_is_put_upright(tmp_path: Path, turned: int) -> None:
    """A telephone stores what its sensor saw, and how it was held."""
    upright = picture(width=64, height=96)
    stored = np.rot90(upright, -turned // 90)
    [frame] = read(write_video(tmp_path / "turned.mp4", [stored], turned=turned))
    assert close(frame.image, upright)


def test_pixels_become_square(tmp_path: Path) -> None:
    """A hand must have its true shape."""
    [frame] = read(write_video(tmp_path / "wide.mp4", [picture()], pixel_aspect=Fraction(2, 1)))
    assert close(frame.image, picture(width=192))


@pytest.mark.parametrize(
    ("codec", "pixels", "name"),
    [
        ("ffv1", "gray", "grey.mkv"),
        ("ffv1", "gray16le", "grey16.mkv"),
        ("ffv1", "yuv422p10le", "ten_bits.mkv"),
        ("ffv1", "bgra", "alpha.mkv"),
        ("mjpeg", "yuvj444p", "motion.avi"),
        ("gif", "pal8", "palette.gif"),
    ],
)
def test_every_kind_of_pixel_becomes_rgb(tmp_path: Path, codec: str, pixels: str, name: str) -> None:
    image = picture()
    grey = "gray" in pixels or codec == "gif"
    if grey:
        image[:] = np.round(image @ (0.299, 0.587, 0.114))[..., None]
    if codec == "gif":
        frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="gray")
        with av.open(str(tmp_path / name), "w") as container:
            stream = container.add_stream("gif", rate=10, width=96, height=64, pix_fmt="gray")
            container.mux(stream.encode(frame))
            container.mux(stream.encode())
    else:
        write_video(tmp_path / name, [image], codec=codec, pixels=pixels)
    [found] = read(tmp_path / name)
    assert close(found.image, image)
    assert not grey or (found.image[..., 0] == found.image[..., 2]).all()


def test_4k_is_read_and_more_is_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "4k.mp4", [picture(width=3840, height=2160)])
    [frame] = read(path)
    assert frame.image.shape == (2160, 3840, 3)
    with pytest.raises(VideoError, match=r"expected at most 1000000 pixels a picture, found 3840 x 2160"):
        Video(path, max_pixels=1_000_000)


def test_pixels_are_counted_as_they_will_be_shown(tmp_path: Path) -> None:
    path = write_video(tmp_path / "wide.mp4", [picture()], pixel_aspect=Fraction(4, 1))
    with pytest.raises(VideoError, match="pixels a picture"):
        Video(path, max_pixels=2 * 96 * 64)


def test_a_longer_video_than_accepted_is_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "long.mp4", pictures(45))
    with pytest.raises(VideoError, match="expected at most 1 s of video"):
        Video(path, max_seconds=1.0)


def test_a_longer_video_than_it_says_is_refused_on_the_way(tmp_path: Path) -> None:
    """Motion JPEG on its own has no header to say how long it is, and no times: they are counted at 25 fps."""
    path = write_video(tmp_path / "long.mjpeg", pictures(45), codec="mjpeg", pixels="yuvj420p")
    with Video(path, max_seconds=1.0) as video, pytest.raises(VideoError, match="expected at most 1 s of video"):
        list(video)


def test_more_pictures_than_accepted_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "MAX_FRAMES", 20)
    path = write_video(tmp_path / "many.mp4", pictures(21))
    with Video(path) as opened, pytest.raises(VideoError, match="expected at most 20 pictures, found more"):
        list(opened)


def test_a_video_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = write_video(tmp_path / "whole.mp4", [np.random.default_rng(n).integers(0, 255, (64, 96, 3), np.uint8)
                                                for n in range(60)], options={"movflags": "faststart"})  # fmt: skip
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
    with Video(path) as video:
        frames = list(video)
    assert 20 < len(frames) < 45
    assert video.expected_frames == 60
    assert video.incomplete is not None
    assert "whole.mp4" in video.incomplete


def broken_files(folder: Path) -> dict[str, Path]:
    """One path for each way in which there is nothing to read."""
    whole = write_video(folder / "whole.mp4", pictures(30))
    contents = {
        "text": b"hello, I am a text\n" * 100,
        "empty": b"",
        "noise": np.random.default_rng(0).bytes(5000),
        # Its table of contents stands at the end.
        "half": whole.read_bytes()[:-500],
        "playlist": f"#EXTM3U\n#EXTINF:1,\n{whole}\n#EXT-X-ENDLIST\n".encode(),
        "script": f"ffconcat version 1.0\nfile '{whole}'\n".encode(),
    }
    for name, content in contents.items():
        (folder / f"{name}.mp4").write_bytes(content)
    with av.open(str(folder / "no_pictures.avi"), "w") as container:
        container.add_stream("ffv1", rate=30, width=96, height=64, pix_fmt="gray")
        container.start_encoding()
    paths = {name: folder / f"{name}.mp4" for name in contents}
    paths["no pictures"] = folder / "no_pictures.avi"
    paths["sound"] = write_sound(folder / "sound.mp4")
    paths["sound with a cover"] = write_sound(folder / "cover.mp4", picture())
    paths["folder"] = folder
    paths["missing"] = folder / "missing.mp4"
    return paths


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        ("text", "not a video"),
        ("empty", "not a video"),
        ("noise", "not a video"),
        ("half", "not a video"),
        ("playlist", "not a video"),
        ("script", "not a video"),
        ("no pictures", "none that can be read"),
        ("sound", "no pictures in it"),
        ("sound with a cover", "no pictures in it"),
        ("folder", "found a folder"),
        ("missing", "no such file"),
    ],
)
def test_what_is_no_video_is_refused_in_one_line(tmp_path: Path, kind: str, complaint: str) -> None:
    path = broken_files(tmp_path)[kind]
    with pytest.raises(VideoError, match=complaint) as refused:
        read(path)
    assert path.name in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("shape", [(1, 1), (8, 96)])
def test_pictures_too_small_for_a_hand_are_refused(tmp_path: Path, shape: tuple[int, int]) -> None:
    path = write_video(tmp_path / "tiny.mkv", [np.zeros((*shape, 3), np.uint8)], codec="ffv1", pixels="gray")
    recognizer = Recognizer(SequencePredictor(write_model(tmp_path / "tiny.onnx")))
    with Video(path) as video, pytest.raises(FrameError, match="at least 16 pixels"):
        transcribe(video, recognizer)


def read_media(path: Path, predictor: SequencePredictor, start: int = 0, stop: int | None = None) -> Transcript:
    with Video(path) as video, Recognizer(predictor) as recognizer:
        return transcribe(islice(video, start, stop), recognizer)


def test_a_recogniser_that_has_read_is_refused(media_dir: Path, predictor: SequencePredictor) -> None:
    """Its text would be that of both videos, with the times of neither."""
    with Recognizer(predictor) as recognizer:
        for path in (media_dir / "A.mp4", media_dir / "B.mp4"):
            with Video(path) as video:
                if path.stem == "A":
                    assert transcribe(islice(video, 3), recognizer).frames == 3
                else:
                    with pytest.raises(VideoError, match="expected a new Recognizer"):
                        transcribe(video, recognizer)


@pytest.mark.parametrize("word", ["HELLO", "FIVE", "QUICK"])
def test_a_spelled_word_is_read(media_dir: Path, predictor: SequencePredictor, word: str) -> None:
    found = read_media(media_dir / f"word_{word}.mp4", predictor)
    assert found.text == word
    written = [event for event in found.events if event.kind is EventKind.LETTER]
    assert [event.label for event in written] == list(word)
    # 0.4 s without a hand, then 1.8 s a letter.
    for number, event in enumerate(written):
        assert 2200 * number + 400 <= event.start_ms < event.end_ms <= 2200 * number + 2200
    assert all(0 <= event.start_ms <= event.end_ms <= 1000 * found.seconds for event in found.events)
    assert found.frames >= found.hand_frames > 0.6 * found.frames
    assert found.seconds == pytest.approx((found.frames - 1) / 30, abs=0.1)


def test_a_video_shorter_than_a_window_is_read(media_dir: Path, predictor: SequencePredictor) -> None:
    found = read_media(media_dir / "B.mp4", predictor, stop=12)
    assert found.text == "B"
    assert found.frames == found.hand_frames == 12
    assert 0 <= found.events[0].start_ms < found.events[0].end_ms <= 1000 * found.seconds


def test_a_letter_at_the_end_is_not_lost(media_dir: Path, predictor: SequencePredictor) -> None:
    """The V of FIVE has been there for 0.3 s when the video ends."""
    found = read_media(media_dir / "word_FIVE.mp4", predictor, stop=round(30 * (2 * 2.2 + 0.4 + 0.3)))
    assert found.text == "FIV"


def test_a_picture_alone_says_nothing(media_dir: Path, predictor: SequencePredictor) -> None:
    found = read_media(media_dir / "B.mp4", predictor, stop=1)
    assert (found.text, found.events, found.frames, found.seconds) == ("", (), 1, 0.0)


def test_a_closed_video_says_so(tmp_path: Path) -> None:
    with Video(write_video(tmp_path / "a.mp4", [picture(number) for number in range(3)])) as video:
        pass
    with pytest.raises(VideoError, match="closed"):
        list(video)

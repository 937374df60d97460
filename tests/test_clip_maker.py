from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from signcore.cli import main
from signcore.clip_maker import OwnClip, clips_of, find_files, join_own, label_of
from signcore.clips import read_clips, write_clips
from signcore.errors import ClipFileError, VideoError
from signcore.evaluation import evaluate, select_clips
from signcore.hand import ImageArray
from signcore.labels import char_to_index
from signcore.predictor import SequencePredictor
from signcore.video import Video
from tests.hands import make_landmarks
from tests.videos import picture, write_video


@pytest.mark.parametrize(
    ("path", "label"),
    [("b_2.mp4", "B"), ("SPACE.mov", "SPACE"), ("K/IMG_17.jpg", "K"), ("delete-1.png", "DELETE"), ("x/A.mp4", "A")],
)
def test_a_name_says_what_a_file_shows(path: str, label: str) -> None:
    assert label_of(Path(path)) == label


@pytest.mark.parametrize("path", ["hello.mp4", "IMG_17.jpg", "AB.png", "7.mp4", "folder/photo.jpg"])
def test_a_name_that_says_nothing_is_refused(path: str) -> None:
    with pytest.raises(ClipFileError, match="begins with a letter"):
        label_of(Path(path))


def images(path: Path) -> list[ImageArray]:
    with Video(path) as video:
        return [frame.image for frame in video]


def test_a_person_never_seen_is_measured_by_three_commands(
    media_dir: Path, predictor: SequencePredictor, hand_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del hand_model
    (tmp_path / "B").mkdir()
    cv2.imwrite(str(tmp_path / "B" / "photo.png"), images(media_dir / "B.mp4")[40][..., ::-1])
    slow = images(media_dir / "Y.mp4")[::2]
    write_video(tmp_path / "Y_2.mp4", slow, times_ms=[67 * number for number in range(len(slow))])
    out = tmp_path / "mine.npz"
    places = [str(media_dir / "L.mp4"), str(tmp_path / "B"), str(tmp_path / "Y_2.mp4")]
    assert main(["clips", *places, "--out", str(out), "--name", "me"]) == 0
    assert "B 1 L 2 Y 2" in capsys.readouterr().out
    clips = read_clips(out)
    assert clips.source_names == ("me",)
    assert clips.motion.tolist().count("still") == 1
    lengths = np.diff(clips.offsets)
    assert sorted(lengths)[0] == 1
    assert all(20 <= length <= 45 for length in lengths if length > 1)
    # The hand has its true shape again, and where it was.
    hand = clips.clip(0)[0]
    assert 0.1 < np.ptp(hand[:, 1]) < 0.9
    assert evaluate(predictor, clips, select_clips(clips)).score.macro == 1.0


def test_a_moving_letter_is_its_movement(media_dir: Path, hand_model: Path, tmp_path: Path) -> None:
    still = images(media_dir / "I.mp4")[30]
    way = [0.0] * 20 + list(np.linspace(0.0, 1.0, 20)) + [1.0] * 20
    times = [33 * number for number in range(len(way))]
    write_video(tmp_path / "J.mp4", [np.roll(still, round(150 * share), axis=1) for share in way], times_ms=times)
    (clip,) = clips_of(tmp_path / "J.mp4", hand_model)
    assert clip.label == "J"
    assert 20 <= len(clip.hands) < 45  # of 60; the hand trembles before and after
    write_video(tmp_path / "J_still.mp4", [still] * 30)
    assert clips_of(tmp_path / "J_still.mp4", hand_model) == []


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    hands = np.stack([make_landmarks(), make_landmarks(x=0.6), np.full((21, 3), np.nan, np.float32)])
    write_clips(join_own([OwnClip("A", hands, 16 / 9)], name="me", licence="MIT"), tmp_path / "mine.npz")
    clips = read_clips(tmp_path / "mine.npz")
    np.testing.assert_allclose(clips.clip(0), hands, atol=2e-4)
    assert clips.label.tolist() == [char_to_index("A")]
    assert clips.source_licences == ("MIT",)
    with pytest.raises(ClipFileError, match="cannot be written"):
        write_clips(clips, tmp_path / "none" / "mine.npz")


def test_what_cannot_be_used_is_said(hand_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ClipFileError, match="no such file or folder"):
        find_files([tmp_path / "nowhere"])
    with pytest.raises(ClipFileError, match="found none"):
        find_files([tmp_path])
    (tmp_path / "A.jpg").write_text("no picture")
    with pytest.raises(VideoError, match="not a picture"):
        clips_of(tmp_path / "A.jpg", hand_model)
    Image.new("1", (9000, 9000)).save(tmp_path / "B.png")
    with pytest.raises(VideoError, match="at most 64,000,000 pixels, found 9000 x 9000"):
        clips_of(tmp_path / "B.png", hand_model)
    empty = write_video(tmp_path / "A.mp4", [picture()] * 5)
    assert main(["clips", str(empty), "--out", str(tmp_path / "mine.npz")]) == 2
    assert "no hand was found" in capsys.readouterr().err
    assert main(["clips", str(empty), "--out", str(tmp_path / "none" / "mine.npz")]) == 2
    assert not (tmp_path / "mine.npz").exists()


def test_what_is_left_out_of_a_folder_is_named(
    media_dir: Path, hand_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del hand_model
    folder = tmp_path / "B"
    folder.mkdir()
    for name in ("one.bmp", "two.tiff"):
        cv2.imwrite(str(folder / name), images(media_dir / "B.mp4")[40][..., ::-1])
    for name in ("three.heic", ".hidden"):
        (folder / name).write_bytes(b"something")
    assert main(["clips", str(folder), "--out", str(tmp_path / "mine.npz")]) == 0
    printed = capsys.readouterr()
    assert printed.err.splitlines() == [
        f"signcore: {folder / 'three.heic'}: neither a video nor a picture that can be read"
    ]
    assert "B 2" in printed.out


def test_one_file_that_cannot_be_read_does_not_spoil_the_others(
    media_dir: Path, hand_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del hand_model
    (tmp_path / "B.mp4").write_bytes((media_dir / "B.mp4").read_bytes()[:9000])
    places = [str(tmp_path / "B.mp4"), str(media_dir / "L.mp4")]
    assert main(["clips", *places, "--out", str(tmp_path / "mine.npz")]) == 0
    printed = capsys.readouterr()
    assert "B.mp4: not a video" in printed.err
    assert "L 2" in printed.out

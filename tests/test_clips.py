import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from signcore import clips as clips_module
from signcore.clips import read_clips
from signcore.errors import ClipFileError
from signcore.labels import LABELS
from tests.clip_files import clip_arrays, write_clips
from tests.full_disk import files_end_at
from tests.hands import make_landmarks


def good_arrays() -> dict[str, Any]:
    moving = np.stack([make_landmarks(x=0.4 + 0.01 * step) for step in range(5)])
    moving[2] = np.nan
    return clip_arrays([moving, make_landmarks()[None]], ["J", "A"])


def test_clips_come_back_in_units_of_image_height(tmp_path: Path) -> None:
    clips = read_clips(write_clips(tmp_path / "good.npz", good_arrays()))
    assert len(clips) == 2
    assert clips.source_names == ("someone",)
    assert clips.source_licences == ("MIT",)
    assert clips.label.tolist() == [LABELS.index("J"), LABELS.index("A")]
    first = clips.clip(0)
    assert first.shape == (5, 21, 3)
    assert first.dtype == np.float32
    assert np.isnan(first[2]).all()
    assert not np.isnan(first[[0, 1, 3, 4]]).any()
    assert_allclose(first[1], make_landmarks(x=0.41), atol=1e-4)


@pytest.mark.parametrize(("scale", "aspect"), [(1000, 4 / 3), (16384, 0.0), (4096, 0.75)])
def test_other_scales_and_aspects_give_the_same_hand(tmp_path: Path, scale: int, aspect: float) -> None:
    arrays = clip_arrays([make_landmarks()[None]], ["A"], scale=scale, aspect=aspect)
    assert_allclose(read_clips(write_clips(tmp_path / "c.npz", arrays)).clip(0)[0], make_landmarks(), atol=2 / scale)


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in good_arrays().items() if name != key}


@pytest.mark.parametrize("key", sorted(good_arrays()))
def test_every_key_is_needed(tmp_path: Path, key: str) -> None:
    with pytest.raises(ClipFileError, match=rf"missing: {key}$"):
        read_clips(write_clips(tmp_path / "c.npz", without(key)))


BAD_ARRAYS: dict[str, tuple[str, Any]] = {
    "no clips": ("label", np.array([], dtype=np.int8)),
    "one label for all": ("label", np.int8(3)),
    "unknown label": ("label", np.array([9, 29], dtype=np.int8)),
    "negative label": ("label", np.array([-1, 0], dtype=np.int8)),
    "labels that are names": ("label", np.array(["J", "A"])),
    "other classes": ("labels", np.array([*LABELS[:-1], "THUMB"])),
    "28 classes": ("labels", np.array(LABELS[:-1])),
    "no list of classes": ("labels", np.array(29)),
    "frames of floats": ("frames", np.zeros((6, 21, 3), dtype=np.float32)),
    "frames flattened": ("frames", np.zeros((6, 63), dtype=np.int16)),
    "20 landmarks": ("frames", np.zeros((6, 20, 3), dtype=np.int16)),
    "scale 0": ("scale", np.array(0)),
    "scale NaN": ("scale", np.array(np.nan)),
    "scale infinite": ("scale", np.array(np.inf)),
    "scale that leaves nothing": ("scale", np.array(1e300)),
    "scale that leaves infinity": ("scale", np.array(1e-300)),
    "scale imaginary": ("scale", np.array(16384j)),
    "two scales": ("scale", np.array([16384, 1])),
    "scale a word": ("scale", np.array("large")),
    "an empty clip": ("offsets", np.array([0, 6, 6])),
    "offsets backwards": ("offsets", np.array([0, 9, 6])),
    "unsigned offsets backwards": ("offsets", np.array([0, 9, 6], dtype=np.uint64)),
    "offsets not from 0": ("offsets", np.array([1, 5, 6])),
    "offsets past the end": ("offsets", np.array([0, 5, 7])),
    "offsets too few": ("offsets", np.array([0, 6])),
    "offsets of floats": ("offsets", np.array([0.0, 5.0, 6.0])),
    "source unknown": ("source", np.array([0, 1])),
    "source negative": ("source", np.array([0, -1])),
    "a licence too many": ("source_licences", np.array(["MIT", "GPL-3.0"])),
    "aspect NaN": ("aspect", np.array([1.3, np.nan])),
    "aspect infinite": ("aspect", np.array([1.3, np.inf])),
    "aspect negative": ("aspect", np.array([1.3, -1.0])),
    "aspect of no picture": ("aspect", np.array([1.3, 1e38])),
    "aspect of a line": ("aspect", np.array([1e-30, 1.3])),
    "aspect of one": ("aspect", np.array([1.3])),
    "motion unknown": ("motion", np.array(["real", "quick"])),
    "motion of bytes": ("motion", np.array([b"real", b"\xff\xfe"])),
    "source_names of bytes": ("source_names", np.array([b"someone"])),
    "source_licences of numbers": ("source_licences", np.array([1])),
    "suspect of three": ("suspect", np.array([True, False, False])),
    "suspect NaN": ("suspect", np.array([np.nan, 0.0])),
    "pickled": ("motion", np.array(["real", None], dtype=object)),
}


@pytest.mark.parametrize("fault", BAD_ARRAYS)
def test_every_fault_in_an_array_is_said_in_one_line(tmp_path: Path, fault: str) -> None:
    key, value = BAD_ARRAYS[fault]
    path = write_clips(tmp_path / "bad.npz", good_arrays() | {key: value})
    with pytest.raises(ClipFileError) as refused:
        read_clips(path)
    message = str(refused.value)
    assert message.startswith("bad.npz: ")
    assert "\n" not in message
    assert fault == "pickled" or ("expected" in message and key in message)


def test_two_sources_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = {"source_names": np.array(["ann", "ann"]), "source_licences": np.array(["MIT", "GPL-3.0"])}
    path = write_clips(tmp_path / "bad.npz", good_arrays() | twice)
    with pytest.raises(ClipFileError, match=r"^bad\.npz: source_names: expected each name once, found 'ann' again$"):
        read_clips(path)


def good_bytes() -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **good_arrays())
    return buffer.getvalue()


def array_file(shape: str) -> bytes:
    """A .npy whose header claims any shape, and no numbers after it."""
    header = f"{{'descr': '<i2', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


def archive_with(frames: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good_bytes())) as good, zipfile.ZipFile(buffer, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, frames if name == "frames.npy" else good.read(name))
    return buffer.getvalue()


def scrambled() -> bytes:
    content = bytearray(good_bytes())
    start = content.index(b"frames.npy") + 60
    content[start : start + 40] = bytes(40)
    return bytes(content)


def changed_in_zip(place: int, listed: int, value: int) -> bytes:
    """The same archive with a byte of each member's own header, and of its header in the list, changed."""
    content = bytearray(good_bytes())
    for signature, offset in ((b"PK\x03\x04", place), (b"PK\x01\x02", listed)):
        for found in re.finditer(re.escape(signature), bytes(content)):
            content[found.start() + offset] = value
    return bytes(content)


def test_an_archive_that_unpacks_to_gigabytes_is_refused_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_clips(tmp_path / "large.npz", good_arrays())
    monkeypatch.setattr(clips_module, "_LARGEST", 1000)
    with pytest.raises(ClipFileError, match=r"at most 1,000 bytes unpacked"):
        read_clips(path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"A,0.1,0.2\n" * 50, id="text"),
        pytest.param(good_bytes()[:-200], id="truncated"),
        pytest.param(good_bytes()[: len(good_bytes()) // 3], id="a third"),
        pytest.param(scrambled(), id="scrambled"),
        pytest.param(archive_with(b"no array"), id="a member that is no array"),
        pytest.param(archive_with(array_file("(6, 21, 3)")), id="a member without its numbers"),
        pytest.param(archive_with(array_file("(100000000000000, 21, 3)")), id="a member that claims terabytes"),
        pytest.param(archive_with(array_file("(-1, 21, 3)")), id="a member of negative size"),
        pytest.param(archive_with(array_file(f"({10**30}, 21, 3)")), id="a member of no size that can be"),
        pytest.param(archive_with(array_file("(((")), id="a member whose header does not end"),
        pytest.param(changed_in_zip(6, 8, 1), id="with a password"),
        pytest.param(changed_in_zip(8, 10, 9), id="packed in another way"),
        pytest.param(array_file("(0,)"), id="one array alone"),
    ],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    with pytest.raises(ClipFileError, match=r"bad\.npz: .*") as refused:
        read_clips(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "content", [b"A,0.1,0.2\n", array_file("(0,)"), b"PK no archive", b""], ids=["text", "array", "PK", "empty"]
)
def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    """NumPy would advise to load it unsafely."""
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    with pytest.raises(ClipFileError, match=r"expected a \.npz archive of clips, found a file that is no archive"):
        read_clips(path)


def test_a_clip_shows_a_hand_in_one_frame_at_least_or_shows_nothing(tmp_path: Path) -> None:
    hand, gone = make_landmarks()[None], np.full((1, 21, 3), np.nan)
    point = np.full((1, 21, 3), 0.5)
    frames = [hand, gone, np.concatenate([gone, hand, point]), point, np.concatenate([point, gone]), gone]
    arrays = clip_arrays(frames, ["A", "A", "B", "B", "C", "NOTHING"])
    clips = read_clips(write_clips(tmp_path / "c.npz", arrays))
    assert clips.handless.tolist() == [False, True, False, True, True, False]


def test_clips_that_cannot_be_written_leave_the_old_file(tmp_path: Path) -> None:
    path = write_clips(tmp_path / "c.npz", good_arrays())
    clips, before = read_clips(path), path.read_bytes()
    with files_end_at(1000), pytest.raises(ClipFileError, match=r"the clips cannot be written \(File too large\)"):
        clips_module.write_clips(clips, path)
    assert [found.read_bytes() for found in tmp_path.iterdir()] == [before]


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ClipFileError, match="no such file"):
        read_clips(tmp_path / "missing.npz")
    with pytest.raises(ClipFileError, match="not a readable"):
        read_clips(tmp_path)

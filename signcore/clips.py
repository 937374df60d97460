"""Files of landmark clips: the format that training and evaluation read and that a user's own clips are written in.

A NumPy archive (.npz) of `frames` int16 (N, 21, 3), `scale`, `offsets` int64 (M + 1,), `label` int8 (M,), `labels`
str (29,), `source` int16 (M,), `source_names`, `source_licences`, `aspect` float32 (M,), `motion` str (M,) and
`suspect` bool (M,). A frame is `frames / scale` in MediaPipe's image coordinates, -32768 throughout where there is no
hand; x and z times `aspect` (picture width / height; 0: already true to shape) give units of image height.
"""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from signcore.errors import ClipFileError
from signcore.features import KNUCKLES, LANDMARKS, FloatArray
from signcore.files import whole_file
from signcore.labels import LABELS, NOTHING, char_to_index

# What stands in the file where there is no hand, and what a coordinate is multiplied by.
MISSING: Final = -32768
SCALE: Final = 16384
_LARGEST: Final = 1_000_000_000  # bytes unpacked; eighteen times the clips that the shipped model learned from
# Wider than any hand is stored and than any picture is; what lies outside gives numbers that mean nothing.
_SCALES: Final = (1, 1_000_000)
_ASPECTS: Final = (0.1, 10)
_ARCHIVE: Final = (b"PK\x03\x04", b"PK\x05\x06")
_KEYS: Final = (
    "frames", "scale", "offsets", "label", "labels", "source", "source_names", "source_licences",
    "aspect", "motion", "suspect",
)  # fmt: skip


@dataclass(frozen=True)
class Clips:
    """M labelled clips, their frames one after another.

    Attributes:
        frames: (N, 21, 3) int16, as in the file; `clip` gives landmarks.
        scale: what a stored coordinate is divided by.
        offsets: (M + 1,) clip i is frames[offsets[i]:offsets[i + 1]].
        label: (M,) indices into LABELS.
        source: (M,) indices into source_names.
        source_names: who or what recorded a clip.
        source_licences: the licence each source states.
        aspect: (M,) width / height of the pictures, 0 for points that are already true to shape.
        motion: (M,) "real", "noisy" or "still".
        suspect: (M,) True where an audit doubts the label.
    """

    frames: NDArray[np.int16]
    scale: float
    offsets: NDArray[np.int64]
    label: NDArray[np.int64]
    source: NDArray[np.int64]
    source_names: tuple[str, ...]
    source_licences: tuple[str, ...]
    aspect: FloatArray
    motion: NDArray[np.str_]
    suspect: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.label)

    def clip(self, index: int) -> FloatArray:
        """One clip as (n, 21, 3) float32 in units of image height, NaN for a frame with no hand."""
        stored = self.frames[self.offsets[index] : self.offsets[index + 1]]
        landmarks = stored.astype(np.float32) / np.float32(self.scale)
        aspect = self.aspect[index]
        if aspect > 0:
            landmarks[..., (0, 2)] *= aspect
        landmarks[(stored == MISSING).any(axis=(1, 2))] = np.nan
        return landmarks

    @property
    def handless(self) -> NDArray[np.bool_]:
        """(M,) True for a clip of a sign, which NOTHING is not, none of whose frames shows a hand that has a size."""
        seen = (self.frames != MISSING).all(axis=(1, 2))
        seen &= (self.frames[:, KNUCKLES, :2] != self.frames[:, :1, :2]).any(axis=(1, 2))
        shown = np.logical_or.reduceat(seen, self.offsets[:-1])
        handless: NDArray[np.bool_] = ~shown & (self.label != char_to_index(NOTHING))
        return handless

    def only(self, indices: NDArray[np.int64]) -> "Clips":
        """The clips at these indices, at least one, in this order. All names of sources stay."""
        frames = [self.frames[self.offsets[index] : self.offsets[index + 1]] for index in indices]
        return replace(
            self,
            frames=np.concatenate(frames),
            offsets=np.cumsum([0, *map(len, frames)]),
            label=self.label[indices],
            source=self.source[indices],
            aspect=self.aspect[indices],
            motion=self.motion[indices],
            suspect=self.suspect[indices],
        )


def read_clips(path: Path | str) -> Clips:
    """Read and check a file of clips.

    Raises:
        ClipFileError: no such file, not an archive, missing keys, wrong shapes, unknown labels, or empty clips.
    """
    path = Path(path)
    try:
        # NumPy leaves a file open that it opened itself and could not read.
        with path.open("rb") as file:
            begins = file.read(len(_ARCHIVE[0]))
        if not begins.startswith(_ARCHIVE):
            raise ClipFileError(f"{path.name}: expected a .npz archive of clips, found a file that is no archive")
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            unpacked = sum(member.file_size for member in archive.zip.infolist())
            if unpacked > _LARGEST:
                raise ClipFileError(f"{path.name}: expected at most {_LARGEST:,} bytes unpacked, found {unpacked:,}")
            missing = [key for key in _KEYS if key not in archive]
            if missing:
                raise ClipFileError(f"{path.name}: expected the keys {', '.join(_KEYS)}; missing: {', '.join(missing)}")
            # NumPy gives the plain bytes of a member that is no array.
            data = {key: np.asarray(archive[key]) for key in _KEYS}
    except FileNotFoundError:
        raise ClipFileError(f"{path}: no such file") from None
    except ClipFileError:
        raise
    except Exception as error:  # what NumPy and zipfile raise of a damaged archive has no base class in common
        raise ClipFileError(f"{path.name}: not a readable .npz archive of clips ({error})") from error
    problem = _problem(data)
    if problem:
        raise ClipFileError(f"{path.name}: {problem}")
    return Clips(
        frames=data["frames"],
        scale=float(data["scale"]),
        offsets=data["offsets"].astype(np.int64),
        label=data["label"].astype(np.int64),
        source=data["source"].astype(np.int64),
        source_names=tuple(data["source_names"].tolist()),
        source_licences=tuple(data["source_licences"].tolist()),
        aspect=data["aspect"].astype(np.float32),
        motion=data["motion"],
        suspect=data["suspect"].astype(np.bool_),
    )


def write_clips(clips: Clips, path: Path) -> None:
    """Write a file of clips, the whole of it or nothing.

    Raises:
        ClipFileError: the file cannot be written.
    """
    try:
        with whole_file(path) as part, part.open("wb") as file:
            np.savez_compressed(
                file,
                allow_pickle=False,
                frames=clips.frames,
                scale=np.array(clips.scale),
                offsets=clips.offsets,
                label=clips.label.astype(np.int8),
                labels=np.array(LABELS),
                source=clips.source.astype(np.int16),
                source_names=np.array(clips.source_names),
                source_licences=np.array(clips.source_licences),
                aspect=clips.aspect,
                motion=clips.motion,
                suspect=clips.suspect,
            )
    except OSError as error:
        raise ClipFileError(f"{path}: the clips cannot be written ({error.strerror})") from error


def _problem(data: dict[str, NDArray[Any]]) -> str | None:
    """What is wrong with an archive's arrays, as one sentence, or None."""
    frames, offsets, label, source = data["frames"], data["offsets"], data["label"], data["source"]
    clips = len(label) if label.ndim == 1 else -1
    if frames.dtype != np.int16 or frames.ndim != 3 or frames.shape[1:] != (LANDMARKS, 3):
        return f"frames: expected int16 (N, {LANDMARKS}, 3), found {frames.dtype} {frames.shape}"
    scale = data["scale"]
    if scale.ndim != 0 or scale.dtype.kind not in "iuf" or not _SCALES[0] <= scale <= _SCALES[1]:
        return f"scale: expected one number from {_SCALES[0]:,} to {_SCALES[1]:,}, found {scale.tolist()}"
    for key in ("offsets", "label", "source"):
        if not np.issubdtype(data[key].dtype, np.integer):
            return f"{key}: expected whole numbers, found {data[key].dtype}"
    if clips < 1:
        return f"label: expected (M,) with at least one clip, found {label.shape}"
    if data["labels"].tolist() != list(LABELS):
        return f"labels: expected the {len(LABELS)} classes from A to NOTHING, found {data['labels'].tolist()}"
    if label.min() < 0 or label.max() >= len(LABELS):
        return f"label: expected 0 to {len(LABELS) - 1}, found {label.min()} to {label.max()}"
    if offsets.shape != (clips + 1,):
        return f"offsets: expected ({clips + 1},) for {clips} clips, found {offsets.shape}"
    if offsets[0] != 0 or offsets[-1] != len(frames):
        return f"offsets: expected to run from 0 to {len(frames)}, found {offsets[0]} to {offsets[-1]}"
    lengths = np.diff(offsets.astype(np.int64))
    if lengths.min() < 1:
        return (
            f"offsets: expected at least one frame in every clip, found {lengths.min()} in clip {int(lengths.argmin())}"
        )
    for key in ("source", "aspect", "motion", "suspect"):
        if data[key].shape != (clips,):
            return f"{key}: expected ({clips},), found {data[key].shape}"
    names, licences = data["source_names"], data["source_licences"]
    if names.ndim != 1 or names.shape != licences.shape:
        return f"source_names and source_licences: expected one of each, found {names.shape} and {licences.shape}"
    repeated = [name for name, times in Counter(map(str, names.tolist())).items() if times > 1]
    if repeated:
        return f"source_names: expected each name once, found {repeated[0]!r} again"
    if source.min() < 0 or source.max() >= len(names):
        return f"source: expected 0 to {len(names) - 1}, found {source.min()} to {source.max()}"
    aspect = data["aspect"]
    if not np.issubdtype(aspect.dtype, np.floating):
        return f"aspect: expected numbers with a fraction, found {aspect.dtype}"
    strange = aspect[(aspect != 0) & ~((aspect >= _ASPECTS[0]) & (aspect <= _ASPECTS[1]))]
    if len(strange):
        return f"aspect: expected 0, or {_ASPECTS[0]} to {_ASPECTS[1]}, found {strange[0]}"
    if data["suspect"].dtype.kind not in "biu":
        return f"suspect: expected true or false, found {data['suspect'].dtype}"
    for key in ("motion", "source_names", "source_licences"):
        if data[key].dtype.kind != "U":
            return f"{key}: expected text, found {data[key].dtype}"
    if set(np.unique(data["motion"]).tolist()) - {"real", "noisy", "still"}:
        return "motion: expected real, noisy or still"
    return None

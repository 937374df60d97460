"""Clips out of a person's own videos and pictures, of which each shows one letter."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from signcore.buffer import FRAME_MS
from signcore.clips import MISSING, SCALE, Clips
from signcore.errors import ClipFileError, VideoError
from signcore.features import LANDMARKS, FloatArray, IntArray, palm_size
from signcore.hand import HandTracker
from signcore.labels import LABELS, MOVING_LETTERS, char_to_index
from signcore.video import Video
from signcore.windows import movement

PICTURES: Final = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
_MOST_PIXELS: Final = 64_000_000  # of a telephone's photograph
VIDEOS: Final = (".mp4", ".mov", ".webm", ".mkv", ".avi", ".m4v")
# A letter that is held for long becomes several clips, about a window each.
_LONGEST: Final = 30
_SHORTEST: Final = 8
# A hand that is gone for longer ends a clip, frames.
_GAP: Final = 3


@dataclass(frozen=True, eq=False)
class OwnClip:
    """One clip of a file.

    Attributes:
        label: what it shows.
        hands: (n, 21, 3) float32 in units of image height, 30 a second, NaN for a frame with no hand.
        aspect: width / height of the pictures.
    """

    label: str
    hands: FloatArray
    aspect: float


def find_files(places: Iterable[Path]) -> list[Path]:
    """The videos and pictures among files and in folders, in the order of their names.

    Raises:
        ClipFileError: there is no such place, or nothing in it.
    """
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            found += sorted(path for path in place.rglob("*") if path.suffix.lower() in PICTURES + VIDEOS)
        elif place.is_file():
            found.append(place)
        else:
            raise ClipFileError(f"{place}: no such file or folder")
    if not found:
        raise ClipFileError("expected videos or pictures of letters, found none")
    return found


def other_files(places: Iterable[Path]) -> list[Path]:
    """What else lies in the folders among `places`, such as HEIC pictures, in the order of their names."""
    inside = [path for place in places if place.is_dir() for path in sorted(place.rglob("*")) if path.is_file()]
    return [path for path in inside if path.suffix.lower() not in PICTURES + VIDEOS and not path.name.startswith(".")]


def label_of(path: Path) -> str:
    """What a file shows, by its name or its folder's: `b_2.mp4`, `SPACE.mov` and `B/photo.jpg`.

    Raises:
        ClipFileError: neither says.
    """
    for name in (re.split(r"[^A-Za-z]", path.stem, maxsplit=1)[0], path.parent.name):
        if name.upper() in LABELS:
            return name.upper()
    raise ClipFileError(
        f"{path}: expected a name that begins with a letter, SPACE, DELETE or NOTHING, such as B_1.mp4, or a folder "
        "that is called so"
    )


def clips_of(path: Path, hand_model: Path) -> list[OwnClip]:
    """The clips of one file; none where no hand is found, or where a J or Z does not move.

    Raises:
        ClipFileError: its name does not say what it shows.
        VideoError: it is neither a video nor a picture that can be read.
        HandModelError: the hand model cannot be read.
    """
    label = label_of(path)
    picture = path.suffix.lower() in PICTURES
    with HandTracker(hand_model) as tracker:
        hands, aspect = _picture(path, tracker) if picture else _video(path, tracker)
    return [OwnClip(label, hands[part], aspect) for part in _parts(hands, label)]


def join_own(clips: Sequence[OwnClip], *, name: str, licence: str) -> Clips:
    """Clips as one source of a clip file.

    Args:
        clips: at least one.
        name: of the source.
        licence: under which they may be passed on.
    """
    stored = []
    for clip in clips:
        frames = clip.hands / np.array([clip.aspect, 1.0, clip.aspect], np.float32) * SCALE
        stored.append(np.where(np.isnan(frames), MISSING, frames.round().clip(MISSING + 1, -MISSING - 1)))
    return Clips(
        frames=np.concatenate(stored).astype(np.int16),
        scale=SCALE,
        offsets=np.cumsum([0, *map(len, stored)]),
        label=np.array([char_to_index(clip.label) for clip in clips]),
        source=np.zeros(len(clips), np.int64),
        source_names=(name,),
        source_licences=(licence,),
        aspect=np.array([clip.aspect for clip in clips], np.float32),
        motion=np.array(["still" if len(clip.hands) == 1 else "real" for clip in clips]),
        suspect=np.zeros(len(clips), np.bool_),
    )


def _picture(path: Path, tracker: HandTracker) -> tuple[FloatArray, float]:
    try:
        with Image.open(path, formats=_FORMATS) as file:
            if file.width * file.height > _MOST_PIXELS:
                raise VideoError(
                    f"{path}: expected at most {_MOST_PIXELS:,} pixels, found {file.width} x {file.height}"
                )
            image = np.asarray(ImageOps.exif_transpose(file).convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise VideoError(f"{path}: not a picture that can be read") from error
    hand = tracker.detect(image, 0.0)
    return _stacked([None if hand is None else hand.landmarks]), image.shape[1] / image.shape[0]


def _video(path: Path, tracker: HandTracker) -> tuple[FloatArray, float]:
    """The hands of a video on a grid of 30 a second, each from the picture nearest in time."""
    found: list[FloatArray | None] = []
    times: list[float] = []
    aspect = 1.0
    with Video(path) as video:
        for frame in video:
            hand = tracker.detect(frame.image, frame.t_ms)
            found.append(None if hand is None else hand.landmarks)
            times.append(frame.t_ms)
            aspect = frame.image.shape[1] / frame.image.shape[0]
    grid = np.arange(0.0, times[-1] + 1.0, FRAME_MS)
    halfway = (np.array(times[1:]) + np.array(times[:-1])) / 2
    return _stacked(found)[np.searchsorted(halfway, grid)], aspect


def _stacked(hands: Sequence[FloatArray | None]) -> FloatArray:
    missing = np.full((LANDMARKS, 3), np.nan, np.float32)
    return np.stack([missing if hand is None else hand for hand in hands])


def _parts(hands: FloatArray, label: str) -> Iterator[slice]:
    """Where the clips of one file are."""
    seen = np.flatnonzero(np.isfinite(hands[:, 0, 0]))
    if not len(seen):
        return
    breaks = np.flatnonzero(np.diff(seen) > _GAP)
    for run in np.split(seen, breaks + 1):
        if label in MOVING_LETTERS:
            yield from _moving_part(hands, run)
        elif len(hands) == 1 or len(run) >= _SHORTEST:
            pieces = max(1, round((run[-1] + 1 - run[0]) / _LONGEST))
            ends = np.linspace(run[0], run[-1] + 1, pieces + 1).round().astype(int)
            yield from (slice(start, end) for start, end in pairwise(ends))


def _moving_part(hands: FloatArray, run: IntArray) -> Iterator[slice]:
    """The movement in a run of frames with a hand, which is one letter."""
    shown = hands[run]
    travelled = movement((shown - shown[:1, :1]) / np.float32(np.median(palm_size(shown))))
    if travelled is not None:
        yield slice(run[travelled.start], run[min(travelled.stop, len(run)) - 1] + 1)

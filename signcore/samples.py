"""Recorded hands that come with the project, so that it can be tried without a camera.

`samples.npz` holds one clip of each letter, J and Z in motion, in the format of `signcore.clips`. They are landmarks of
real people, unchanged, from two repositories under the MIT licence; `samples.md` names them and carries the licence.
There is none of SPACE and DELETE: no clip of them under such a licence shows the signs that this project means.

The file is made by `signcore.sample_choice` out of a larger file of clips.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from signcore.buffer import FRAME_MS
from signcore.clips import read_clips
from signcore.errors import SignError
from signcore.features import FloatArray, palm_size
from signcore.hand import HandFrame
from signcore.labels import LETTERS, MOVING_LETTERS
from signcore.windows import interpolate

SAMPLES_FILE: Final = Path(__file__).with_suffix(".npz")
WORDS: Final = ("HELLO", "QUICK", "JAZZ", "FIVE")

# On the 30 Hz grid.
_LETTER_FRAMES: Final = 27
_BETWEEN_FRAMES: Final = 5
_AWAY_FRAMES: Final = 12
_AFTER_MOVING_FRAMES: Final = 6
_FIRST_FRAMES: Final = 32
# Where a hand is held up in a 4:3 picture, and how large, in units of image height.
_PALM_CENTRE: Final = (0.65, 0.6)
_PALM_SIZE: Final = 0.3
_PALM: Final = (0, 5, 9, 13, 17)


@dataclass(frozen=True, eq=False)
class Sample:
    """One recorded letter.

    Attributes:
        name: the letter.
        frames: (n, 21, 3) float32 in units of image height, as recorded; the frame rate is not known.
        source: the repository it comes from, "owner+name".
        licence: the licence that this states.
    """

    name: str
    frames: FloatArray
    source: str
    licence: str


@cache
def load_samples() -> dict[str, Sample]:
    """The samples by name, A to Z.

    Raises:
        ClipFileError: the file is missing or damaged.
    """
    clips = read_clips(SAMPLES_FILE)
    return {
        LETTERS[label]: Sample(
            LETTERS[label], clips.clip(i), clips.source_names[clips.source[i]], clips.source_licences[clips.source[i]]
        )
        for i, label in enumerate(clips.label)
    }


def spell(word: str) -> tuple[tuple[HandFrame | None, float], ...]:
    """A word signed with the samples, 1.1 s a letter: hands and their milliseconds, 30 a second.

    The first letter is held 1.1 s longer, while a window fills. From one letter to the next the hand moves in a
    straight line within 0.2 s; before the same letter again it leaves the picture for 0.4 s, as it does where the word
    has a blank and at the end.

    Args:
        word: letters A to Z, in either case, and blanks.

    Raises:
        SignError: something else in it, or no letter.
    """
    names = word.upper().split()
    unknown = sorted(set("".join(names)) - set(LETTERS))
    if unknown or not names:
        raise SignError(f"a word to spell: expected letters A to Z, found {''.join(unknown) or 'none'}")
    away: list[FloatArray | None] = [None] * _AWAY_FRAMES
    shown: list[FloatArray | None] = []
    for name in names:
        frames = [_held(letter) for letter in name]
        shown += [frames[0][0]] * (_FIRST_FRAMES if not shown else 0)
        shown += list(frames[0])
        for (last, letter), (before, after) in zip(pairwise(name), pairwise(frames), strict=True):
            if last == letter:
                shown += away
            else:
                steps = np.arange(1, _BETWEEN_FRAMES + 1) / (_BETWEEN_FRAMES + 1)
                shown += list(interpolate(np.stack([before[-1], after[0]]), steps))
            shown += list(after)
        shown += away
    return tuple(
        (None if landmarks is None else HandFrame(landmarks, "Right", 1.0, step * FRAME_MS), step * FRAME_MS)
        for step, landmarks in enumerate(shown)
    )


@cache
def _held(letter: str) -> FloatArray:
    """A letter's sample in the place where the hand is held, on the 30 Hz grid."""
    frames = load_samples()[letter].frames
    scale = _PALM_SIZE / np.median(palm_size(frames))
    at = np.array([*_PALM_CENTRE, 0.0], dtype=np.float32)
    placed = (frames - frames[:, _PALM].mean(axis=(0, 1)) * (1, 1, 0)) * scale + at
    played = interpolate(placed.astype(np.float32), np.linspace(0, len(frames) - 1, _LETTER_FRAMES))
    if letter in MOVING_LETTERS:
        played = np.concatenate([played, np.repeat(played[-1:], _AFTER_MOVING_FRAMES, axis=0)])
    return played

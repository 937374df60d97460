"""Recorded hands that come with the project, so that it can be tried without a camera.

`samples.npz` holds one clip of each letter, J and Z in motion, in the format of `signcore.clips`. They are landmarks of
real people, unchanged, from two repositories under the MIT licence; `samples.md` names them and carries the licence.
There is none of SPACE and DELETE: no clip of them under such a licence shows the signs that this project means.

The file is made by `signcore.sample_choice` out of a larger file of clips.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from signcore.buffer import FRAME_MS
from signcore.clips import read_clips
from signcore.errors import SignError
from signcore.features import FloatArray
from signcore.hand import HandFrame
from signcore.labels import LETTERS
from signcore.spelling import join_letters

SAMPLES_FILE: Final = Path(__file__).with_suffix(".npz")
WORDS: Final = ("HELLO", "QUICK", "JAZZ", "FIVE")

_LETTERS_PER_S: Final = 0.9
_AWAY_S: Final = 0.4
# While a window fills, the first letter is held.
_FIRST_FRAMES: Final = 32


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


def spell(word: str, letters_per_s: float = _LETTERS_PER_S) -> tuple[tuple[HandFrame | None, float], ...]:
    """A word signed with the samples, 1.1 s a letter unless told otherwise: hands and their milliseconds, 30 a second.

    The first letter is held longer, while a window fills. A double letter slides to the side; where the word has a
    blank, and at the end, the hand leaves the picture for 0.4 s.

    Args:
        word: letters A to Z, in either case, and blanks.
        letters_per_s: how fast.

    Raises:
        SignError: something else in it, or no letter.
    """
    names = word.upper().split()
    unknown = sorted(set("".join(names)) - set(LETTERS))
    if unknown or not names:
        found = " ".join(unknown) or "none of them"
        raise SignError(f"Only the letters A to Z can be spelled here; found: {found}.")
    clips = {letter: sample.frames for letter, sample in load_samples().items()}
    parts = [join_letters(name, clips, letters_per_s, before_s=0.0, after_s=_AWAY_S) for name in names]
    shown = np.concatenate([np.repeat(parts[0][:1], _FIRST_FRAMES, axis=0), *parts])
    return tuple(
        (None if np.isnan(landmarks).any() else HandFrame(landmarks, "Right", 1.0, step * FRAME_MS), step * FRAME_MS)
        for step, landmarks in enumerate(shown)
    )

"""Words spelled by joining recorded letters: for measuring text, and for samples that need no camera."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from signcore.features import GRID_FPS, LANDMARKS, FloatArray, palm_size
from signcore.labels import MOVING_LETTERS
from signcore.windows import interpolate

# At 30 Hz: how long the hand is on its way from one letter to the next, at most a third of a letter's time.
_WAY_FRAMES: Final = 4
# Nobody draws a J or a Z for longer, however slowly a word is spelled; the hand rests at its end.
_LONGEST_MOVEMENT_FRAMES: Final = 24
_BEFORE_S: Final = 1.2
# How far to the side a hand slides between two equal letters, palm sizes.
_SLIDE: Final = 0.8
# How large the hand is and where its wrist, in units of image height: all of every letter is inside a 4:3 picture.
_PALM: Final = 0.26
_PLACE: Final = (0.6, 0.68)


def word_list() -> tuple[str, ...]:
    """The 200 words that text is measured on; double letters, J, Z and names are in it."""
    return tuple((Path(__file__).parent / "words.txt").read_text(encoding="ascii").split())


def join_letters(
    word: Sequence[str],
    clips: Mapping[str, FloatArray],
    letters_per_s: float,
    *,
    before_s: float = _BEFORE_S,
    after_s: float = 1.0,
) -> FloatArray:
    """A word as a camera would have seen it at 30 fps, spelled evenly by one hand.

    A still letter is the middle of its clip; a moving one is its whole clip, played within 0.8 s or
    as fast as it must be. Between two
    letters the landmarks move in straight lines; between two equal ones the hand slides to the side.

    Args:
        word: letters that are in `clips`.
        clips: a recording (n, 21, 3) of each letter with a hand in every frame, any position and scale.
        letters_per_s: how fast.
        before_s: seconds with no hand at the beginning.
        after_s: seconds with no hand at the end.

    Returns:
        (frames, 21, 3) float32 in units of image height, NaN where there is no hand.
    """
    held_each = held_frames(letters_per_s)
    way = _frames_each(letters_per_s) - held_each
    place = np.array([*_PLACE, 0.0], dtype=np.float32)
    parts = [_no_hand(before_s)]
    for index, letter in enumerate(word):
        held = _placed(_held(letter, clips[letter], held_each)) + place
        if index > 0:
            slide = np.zeros(3, dtype=np.float32)
            if letter == word[index - 1]:
                # Back and forth, so that many double letters do not carry the hand out of the picture.
                slide[0] = _SLIDE * _PALM * (1 if place[0] <= _PLACE[0] else -1)
                place = place + slide
                held = held + slide
            ends = np.stack([parts[-1][-1], held[0]])
            parts.append(interpolate(ends, np.linspace(0, 1, way + 2))[1:-1])
        parts.append(held)
    parts.append(_no_hand(after_s))
    return np.concatenate(parts)


def first_frame(index: int, letters_per_s: float, *, before_s: float = _BEFORE_S) -> int:
    """The frame of `join_letters` in which the letter at `index` of the word begins to be held."""
    return round(GRID_FPS * before_s) + index * _frames_each(letters_per_s)


def held_frames(letters_per_s: float) -> int:
    """For how many frames of `join_letters` each letter is held."""
    each = _frames_each(letters_per_s)
    return each - min(_WAY_FRAMES, each // 3)


def _frames_each(letters_per_s: float) -> int:
    return round(GRID_FPS / letters_per_s)


def _no_hand(seconds: float) -> FloatArray:
    return np.full((round(GRID_FPS * seconds), LANDMARKS, 3), np.nan, dtype=np.float32)


def _held(letter: str, clip: FloatArray, count: int) -> FloatArray:
    """`count` frames of a letter."""
    if letter in MOVING_LETTERS:
        steps = np.minimum(np.arange(count) / (min(count, _LONGEST_MOVEMENT_FRAMES) - 1), 1.0)
        return interpolate(clip, (len(clip) - 1) * steps)
    start = max(0, (len(clip) - count) // 2)
    return clip[np.minimum(np.arange(start, start + count), len(clip) - 1)]


def _placed(frames: FloatArray) -> FloatArray:
    """The same hand with a palm of the common size and its wrist beginning at the origin."""
    placed: FloatArray = (frames - frames[0, 0]) * np.float32(_PALM / np.median(palm_size(frames)))
    return placed

"""Typical movements of J and Z out of many people's clips, each beginning where the letter begins."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from signcore.clips import Clips
from signcore.features import FloatArray, normalise_hand, palm_size
from signcore.handshape import DRAWING_TIP
from signcore.labels import char_to_index
from signcore.pose import MIRROR, as_right_hand
from signcore.windows import interpolate

MOMENTS: Final = 32
# Clips begin with the hand on its way to where the letter begins: for who faces a right hand, J at the upper left, Z,
# which they see mirrored, at the upper right. The weights of x and y whose sum is greatest there.
_BEGINS: Final = {"J": (-1.0, -1.0), "Z": (1.0, -1.0)}
_BEGINS_WITHIN: Final = 0.6
_FEWEST_FRAMES: Final = 5
_SMALLEST: Final = 0.8  # palms that the finger tip moves
# How alike two drawings must be to be the same letter's (a correlation of the finger tip's ways).
_ALIKE: Final = 0.8


def strokes(clips: Clips, letter: str) -> dict[int, FloatArray]:
    """By source: the movements of its clips (n, MOMENTS, 21, 3), right hands, palm units from the first wrist.

    The moments are equally far apart on the way of the finger tip that draws, so that corners meet.
    """
    own = ~clips.suspect & (clips.label == char_to_index(letter)) & (clips.motion == "real")
    found: dict[int, list[FloatArray]] = {}
    for i in np.flatnonzero(own):
        stroke = _stroke(clips.clip(int(i)), letter)
        if stroke is not None:
            found.setdefault(int(clips.source[i]), []).append(stroke)
    return {source: np.stack(group) for source, group in found.items()}


def alike(groups: dict[int, FloatArray], letter: str, fewest: int) -> dict[int, FloatArray]:
    """The strokes that look like most others', of the sources with `fewest` of them or more; none of none."""
    if not groups:
        return {}
    everything = np.concatenate(list(groups.values()))
    likeness = _likeness(everything, everything, letter)
    # Of every source a like number of voices, so that one with many clips does not outvote the rest.
    voices = np.concatenate([np.full(len(group), 1.0 / len(group)) for group in groups.values()])
    model = everything[((likeness >= _ALIKE) @ voices).argmax()]
    chosen = {s: group[_likeness(group, model[None], letter)[:, 0] >= _ALIKE] for s, group in groups.items()}
    return {source: group for source, group in chosen.items() if len(group) >= fewest}


def typical_movement(groups: dict[int, FloatArray]) -> FloatArray:
    """The mean over sources of each source's median movement: (MOMENTS, 21, 3).

    The wrist's way and the hand at its end are taken apart, so that the hand keeps its size.
    """
    wrists = [np.median(group[:, :, 0], axis=0) for group in groups.values()]
    hands = [np.median(normalise_hand(group), axis=0) for group in groups.values()]
    wrist = np.mean(np.stack(wrists), axis=0)
    movement: FloatArray = normalise_hand(np.mean(np.stack(hands), axis=0)) + (wrist - wrist[0])[:, None]
    return movement.astype(np.float32)


def _stroke(clip: FloatArray, letter: str) -> FloatArray | None:
    """A clip's movement from where the letter begins; None where nothing moves."""
    clip = clip[np.isfinite(clip).all(axis=(1, 2))]
    if len(clip) < _FEWEST_FRAMES:
        return None
    left = (as_right_hand(clip) != clip).any(axis=(1, 2))
    clip = (clip * MIRROR if left.mean() > 0.5 else clip) / np.median(palm_size(clip))
    tip = clip[:, DRAWING_TIP[letter], :2]
    early = tip[: max(1, round(_BEGINS_WITHIN * len(tip)))]
    begin = int((early @ np.array(_BEGINS[letter])).argmax())
    clip, tip = clip[begin:], tip[begin:]
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(tip, axis=0), axis=-1))])
    if way[-1] < _SMALLEST:
        return None
    # A hand that rests stands on one point of its way; a little is added so that the way rises.
    way += np.linspace(0.0, 1e-3, len(way))
    path = interpolate(clip, np.interp(np.linspace(0.0, way[-1], MOMENTS), way, np.arange(len(way))))
    stroke: FloatArray = path - path[0, 0]
    return stroke


def _likeness(first: FloatArray, second: FloatArray, letter: str) -> NDArray[np.float64]:
    """How alike the drawn ways of strokes (n, ...) and (m, ...) are: (n, m), 1 for the same but for size and place."""
    flat = []
    for group in (first, second):
        tips = group[:, :, DRAWING_TIP[letter], :2]
        tips = (tips - tips.mean(axis=1, keepdims=True)).reshape(len(group), -1)
        flat.append(tips / np.maximum(np.linalg.norm(tips, axis=1, keepdims=True), 1e-6))
    likeness: NDArray[np.float64] = flat[0] @ flat[1].T
    return likeness

"""What the model learns from: clips cleaned, moved into palm units, and drawn so that no source or letter dominates.

A clip in palm units has its wrist's first position as origin and its median palm size as unit, so that clips of any
camera can be joined and moved by the same transforms.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signcore.clips import Clips
from signcore.errors import ClipFileError
from signcore.features import FloatArray, IntArray, palm_size
from signcore.labels import DELETE, LABELS, MOVING_LETTERS, NOTHING, SPACE, char_to_index
from signcore.windows import movement

MOVING: Final = tuple(char_to_index(letter) for letter in MOVING_LETTERS)
NOTHING_INDEX: Final = char_to_index(NOTHING)
# The one training source that signs DELETE as the Kaggle ASL Alphabet does. It also has the real variant of
# M and N with the fingers pointing down, which no other source confirms: its labels are never audited away.
REFERENCE_SOURCE: Final = "nmt"
# Who holds the flat hand level for a SPACE, as the Kaggle ASL Alphabet does; others hold it nearly upright.
_LEVEL_SPACE: Final = (REFERENCE_SOURCE, "BinarySapling")
# Letters of a source that disagree with every other source's: dylan-ngjj draws the J with the index finger.
_WRONG_LETTERS: Final = {"Project-PBL": "KGM", "dylan-ngjj": "J"}

_STILLS_PER_LETTER: Final = 150
_SOURCE_POWER: Final = 0.3
_MOVING_WEIGHT: Final = 2.5
# Recorders often begin with frames of the recording before. A jump this far (palms) in the first frames, and several
# times what follows, is a cut.
_CUT: Final = 0.12
_CUT_TIMES: Final = 4.0
_CUT_WITHIN: Final = 7
# People hold a hand at any angle. These letters stay what they are; others, turned, become a neighbour: U is H, K is P,
# G is Q, D is G, B is SPACE. Those that are held at every angle of their own (`orientation`) are hardly turned further.
_TURNABLE: Final = "AEFIJLMNOSTVWXY"
_HELD: Final = "GKPQ"
_FREE_TURN: Final = 28.0
_HELD_TURN: Final = 6.0
_TURN: Final = 12.0
# How far each class is turned in the picture plane, degrees (29,).
TURN: Final = np.array(
    [_FREE_TURN if label in (*_TURNABLE, NOTHING) else _HELD_TURN if label in _HELD else _TURN for label in LABELS],
    dtype=np.float32,
)


@dataclass(frozen=True)
class Bank:
    """Clips ready to be drawn, sorted by label, then source.

    Attributes:
        frames: (N, 21, 3) float32 palm units, no missing frames.
        start: (M,) where a clip begins in `frames`.
        length: (M,) its frames.
        label: (M,) indices into LABELS.
        source: (M,) indices into the file's source names.
        origin: (M,) the clip's index in the file.
        weight: (M,) sampling weight; within a label they sum to that label's weight.
        group_start, group_size: (M,) the run of clips of the same label and source that a clip is in.
    """

    frames: FloatArray
    start: IntArray
    length: IntArray
    label: IntArray
    source: IntArray
    origin: IntArray
    weight: FloatArray
    group_start: IntArray
    group_size: IntArray

    def __len__(self) -> int:
        return len(self.start)

    def draw(self, size: int, rng: np.random.Generator, among: NDArray[np.bool_] | None = None) -> IntArray:
        """`size` clips by weight, of those that `among` (M,) marks."""
        weight = self.weight if among is None else np.where(among, self.weight, 0.0)
        cumulative = np.cumsum(weight, dtype=np.float64)
        drawn: IntArray = np.searchsorted(cumulative, rng.random(size) * cumulative[-1], side="right").astype(np.int64)
        return np.minimum(drawn, len(self) - 1)

    def partners(self, clips: IntArray, rng: np.random.Generator) -> IntArray:
        """For every clip another (or the same) one of its label and source."""
        partners: IntArray = self.group_start[clips] + rng.integers(0, self.group_size[clips])
        return partners

    def favouring(self, sources: Collection[int], share: float) -> "Bank":
        """The bank in which these sources make up `share` of every label that they have."""
        weight = self.weight.copy()
        favoured = np.isin(self.source, list(sources))
        for value in np.unique(self.label[favoured]):
            inside, others = favoured & (self.label == value), ~favoured & (self.label == value)
            total = weight[inside].sum() + weight[others].sum()
            weight[inside] *= (share if others.any() else 1.0) * total / weight[inside].sum()
            if others.any():
                weight[others] *= (1 - share) * total / weight[others].sum()
        return replace(self, weight=weight)

    def without(self, origins: Collection[int]) -> "Bank":
        """The bank without the clips at these indices of the file."""
        return self.subset(~np.isin(self.origin, list(origins)))

    def subset(self, keep: NDArray[np.bool_]) -> "Bank":
        """The bank of the clips that `keep` (M,) marks, weighted anew."""
        return _bank(
            self.frames, self.start[keep], self.length[keep], self.label[keep], self.source[keep], self.origin[keep]
        )


def build_bank(
    clips: Clips, *, licences: Collection[str] | None = None, own: Collection[int] = (), seed: int = 0
) -> Bank:
    """The clips of a file that are worth learning from.

    Left out: suspect clips, letters known to be wrong, SPACE and DELETE of sources that sign them differently, single
    pictures past 150 of a source and letter, clips with more gaps than hand, J and Z that do not move.

    Args:
        clips: a file of clips.
        licences: only sources with one of these licences; None for all.
        own: sources (indices) of a user's own clips, which are taken as they are, whatever their licence.
        seed: of the choice among single pictures.

    Raises:
        ClipFileError: fewer than two letters that do not move are left.
    """
    chosen = np.flatnonzero(_usable(clips, licences) | (np.isin(clips.source, list(own)) & ~clips.suspect))
    chosen = _capped(clips, chosen, np.random.default_rng(seed))
    parts: list[FloatArray] = []
    kept: list[int] = []
    for index in chosen:
        clip = clean_clip(clips.clip(int(index)), moving=int(clips.label[index]) in MOVING)
        if clip is not None:
            parts.append(clip)
            kept.append(int(index))
    if len(set(clips.label[kept].tolist()) - set(MOVING)) < 2:
        wanted = "any licence" if licences is None else " or ".join(sorted(licences))
        raise ClipFileError(f"clips: expected usable clips of two still letters or more under {wanted}, found fewer")
    order = np.lexsort((clips.source[kept], clips.label[kept]))
    lengths = np.array([len(parts[i]) for i in order], dtype=np.int64)
    origin = np.array(kept, dtype=np.int64)[order]
    start = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    frames = np.concatenate([parts[i] for i in order])
    return _bank(frames, start, lengths, clips.label[origin], clips.source[origin], origin)


def join_clips(first: Clips, second: Clips) -> Clips:
    """Both files' clips as one; sources of the same name stay apart.

    Raises:
        ClipFileError: they are stored at different scales.
    """
    if first.scale != second.scale:
        raise ClipFileError(f"scale: expected {first.scale:g} in both files, found {second.scale:g} in the second")
    return Clips(
        frames=np.concatenate([first.frames, second.frames]),
        scale=first.scale,
        offsets=np.concatenate([first.offsets, second.offsets[1:] + first.offsets[-1]]),
        label=np.concatenate([first.label, second.label]),
        source=np.concatenate([first.source, second.source + len(first.source_names)]),
        source_names=first.source_names + second.source_names,
        source_licences=first.source_licences + second.source_licences,
        aspect=np.concatenate([first.aspect, second.aspect]),
        motion=np.concatenate([first.motion, second.motion]),
        suspect=np.concatenate([first.suspect, second.suspect]),
    )


def clean_clip(clip: FloatArray, *, moving: bool) -> FloatArray | None:
    """A clip in palm units without gaps, cuts and idle ends; None when nothing usable is left.

    Args:
        clip: (n, 21, 3) in units of image height, NaN for a frame with no hand.
        moving: whether it shows a J or a Z: then it is trimmed to the movement, and refused when there is none.
    """
    seen = np.flatnonzero(np.isfinite(clip[:, 0, 0]))
    if len(seen) < 1 or len(seen) < 0.5 * (seen[-1] - seen[0] + 1):
        return None
    hand = clip[seen]
    hand = (hand - hand[:1, :1]) / np.float32(np.median(palm_size(hand)))
    steps = np.abs(np.diff(hand[..., :2], axis=0)).mean(axis=(1, 2))
    first = _first_after_cut(steps)
    hand, seen = hand[first:], seen[first:]
    if len(hand) > 1:
        times = np.arange(seen[0], seen[-1] + 1)
        flat = hand.reshape(len(hand), -1)
        hand = (
            np.stack([np.interp(times, seen, column) for column in flat.T], axis=1)
            .reshape(-1, 21, 3)
            .astype(np.float32)
        )
    if moving:
        travelled = movement(hand)
        return None if travelled is None else hand[travelled]
    return hand


def _first_after_cut(steps: FloatArray) -> int:
    """The first frame that belongs to a clip, from how far (palms) the hand goes from each frame to the next."""
    if len(steps) < 2 * _CUT_WITHIN:
        return 0
    cuts = [
        at
        for at in range(_CUT_WITHIN)
        if steps[at] > _CUT and steps[at] > _CUT_TIMES * np.median(steps[at + 1 : at + 5])
    ]
    return cuts[-1] + 1 if cuts else 0


def _usable(clips: Clips, licences: Collection[str] | None) -> NDArray[np.bool_]:
    names = np.array(clips.source_names)[clips.source]
    usable = ~clips.suspect
    if licences is not None:
        usable &= np.isin(np.array(clips.source_licences)[clips.source], list(licences))
    usable &= (clips.label != char_to_index(DELETE)) | np.char.startswith(names, REFERENCE_SOURCE)
    level = np.any([np.char.startswith(names, source) for source in _LEVEL_SPACE], axis=0)
    usable &= (clips.label != char_to_index(SPACE)) | level
    for name, letters in _WRONG_LETTERS.items():
        wrong = np.isin(clips.label, [char_to_index(letter) for letter in letters])
        usable &= ~(np.char.startswith(names, name) & wrong)
    return usable


def _capped(clips: Clips, chosen: IntArray, rng: np.random.Generator) -> IntArray:
    """At most 150 single pictures of a source and letter."""
    shuffled = rng.permutation(chosen)
    single = np.diff(clips.offsets)[shuffled] == 1
    group = clips.source[shuffled] * len(LABELS) + clips.label[shuffled]
    keep = ~single
    for value in np.unique(group[single]):
        keep[np.flatnonzero(single & (group == value))[:_STILLS_PER_LETTER]] = True
    return np.sort(shuffled[keep])


def _bank(
    frames: FloatArray, start: IntArray, length: IntArray, label: IntArray, source: IntArray, origin: IntArray
) -> Bank:
    """A bank with its groups and weights: classes alike (J and Z 2.5 times), sources by their size^0.3."""
    weight = np.zeros(len(start), dtype=np.float32)
    group_start = np.zeros(len(start), dtype=np.int64)
    group_size = np.zeros(len(start), dtype=np.int64)
    for value in np.unique(label):
        for name in np.unique(source[label == value]):
            group = np.flatnonzero((label == value) & (source == name))
            group_start[group], group_size[group] = group[0], len(group)
            weight[group] = len(group) ** _SOURCE_POWER / len(group)
        weight[label == value] *= (_MOVING_WEIGHT if value in MOVING else 1.0) / weight[label == value].sum()
    return Bank(frames, start, length, label, source, origin, weight, group_start, group_size)

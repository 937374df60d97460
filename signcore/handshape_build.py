"""Typical hands out of many people's clips: what `python -m signcore handshapes` computes and writes.

Every source (a person or a few) counts alike. Hands are laid over each other (turned and scaled, generalised Procrustes
analysis: Gower, Psychometrika 40, 1975) and the median is taken landmark by landmark; sources that hold or form a
letter unlike the others are left out and the median is taken again.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signcore.clips import Clips
from signcore.errors import ClipFileError, SignError
from signcore.features import LANDMARKS, FloatArray, normalise_hand
from signcore.files import whole_file
from signcore.labels import LETTERS, MOVING_LETTERS, char_to_index
from signcore.movement_build import alike, strokes, typical_movement
from signcore.pose import as_right_hand, pose

BoolArray = NDArray[np.bool_]

_PER_SOURCE: Final = 100
_FEWEST: Final = 5
_FEWEST_SOURCES: Final = 3
_ROUNDS: Final = 4
# A source is left out where its hand is so many times farther from the median than half of the sources are.
_OUTLYING: Final = 2.2
_TURNED: Final = np.radians(60.0)
# What 95 of 100 hands do, and how many standard deviations of a normal distribution that is. People's habits have
# longer tails than that, which a median deviation would not see.
_MIDDLE_OF_PEOPLE: Final = (2.5, 97.5)
_STANDARD_DEVIATIONS: Final = 3.92


@dataclass(frozen=True)
class Build:
    """What was computed.

    Attributes:
        arrays: as `signcore.handshape` reads them.
        used: the sources of each letter.
        left_out: the sources of each letter that do not look like the others'.
    """

    arrays: dict[str, FloatArray]
    used: dict[str, tuple[str, ...]]
    left_out: dict[str, tuple[str, ...]]


def build_handshapes(clips: Clips) -> Build:
    """The typical hands A to Z of a file of clips, which has J and Z that move.

    Raises:
        ClipFileError: fewer than three sources show a letter.
    """
    rng = np.random.default_rng(0)
    hands, middle_ok = _middle_hands(clips)
    found: dict[str, list[FloatArray]] = {key: [] for key in ("landmarks", "spread", "pose", "pose_spread", "movement")}
    used: dict[str, tuple[str, ...]] = {}
    left_out: dict[str, tuple[str, ...]] = {}
    for letter in LETTERS:
        own = middle_ok & (clips.label == char_to_index(letter))
        if letter in MOVING_LETTERS:
            everyone = strokes(clips, letter)
            drawn = alike(everyone, letter, _FEWEST)
            groups = {source: normalise_hand(group[:, 0]) for source, group in drawn.items()}
        else:
            everyone = groups = {
                int(source): hands[rng.permutation(np.flatnonzero(own & (clips.source == source)))[:_PER_SOURCE]]
                for source in np.unique(clips.source[own])
                if (own & (clips.source == source)).sum() >= _FEWEST
            }
        if len(groups) < _FEWEST_SOURCES:
            raise ClipFileError(f"{letter}: expected clips of {_FEWEST_SOURCES} sources or more, found {len(groups)}")
        hand, kept = consensus(np.stack([consensus(group)[0] for group in groups.values()]))
        good = {source: groups[source] for source, inside in zip(groups, kept, strict=True) if inside}
        if letter in MOVING_LETTERS:
            movement = typical_movement({source: drawn[source] for source in good})
            found["movement"].append(movement)
            hand = movement[0]
        used[letter] = tuple(clips.source_names[source] for source in good)
        left_out[letter] = tuple(clips.source_names[source] for source in everyone if source not in good)
        found["landmarks"].append(normalise_hand(hand))
        # Every source counts alike in how much people vary, too.
        everybody = np.concatenate([group[np.resize(np.arange(len(group)), _PER_SOURCE)] for group in good.values()])
        apart = np.linalg.norm(_aligned(everybody, hand) - hand, axis=-1)
        found["spread"].append(np.sqrt(np.median(apart**2, axis=0)))
        poses = pose(everybody)
        centre = np.median(poses, axis=0)
        found["pose"].append(centre)
        low, high = np.percentile(poses, _MIDDLE_OF_PEOPLE, axis=0)
        found["pose_spread"].append((high - low) / _STANDARD_DEVIATIONS)
    return Build({key: np.stack(rows).astype(np.float32) for key, rows in found.items()}, used, left_out)


def write_handshapes(build: Build, path: Path) -> None:
    """Save what was built.

    Raises:
        SignError: the file cannot be written.
    """
    try:
        with whole_file(path) as part, part.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **build.arrays)
    except OSError as error:
        raise SignError(f"{path}: the handshapes cannot be written: {error.strerror}") from error


def consensus(hands: FloatArray) -> tuple[FloatArray, BoolArray]:
    """The typical one of hands (n, 21, 3), and which of them (n,) look like it."""
    distance = np.linalg.norm(hands[:, None] - hands[None], axis=-1).mean(axis=-1)
    typical = hands[distance.sum(axis=1).argmin()]
    kept = np.ones(len(hands), dtype=np.bool_)
    for _ in range(_ROUNDS):
        aligned = _aligned(hands, typical)
        typical = np.median(aligned[kept], axis=0)
        off = np.linalg.norm(aligned - typical, axis=-1).mean(axis=-1)
        turned = np.array([_turn(hand, typical) for hand in hands])
        kept = (off <= _OUTLYING * np.median(off)) & (turned <= _TURNED)
        if not kept.any():
            kept[off.argmin()] = True
        # Held as most people hold it.
        typical = typical @ _rotation(typical, np.median(hands[kept], axis=0)).T
    return typical.astype(np.float32), kept


def _middle_hands(clips: Clips) -> tuple[FloatArray, BoolArray]:
    """The middle frame of every clip as a right hand in palm units, and which of them there are."""
    hands = np.full((len(clips), LANDMARKS, 3), np.nan, dtype=np.float32)
    for i in np.flatnonzero(~clips.suspect):
        clip = clips.clip(int(i))
        hands[i] = clip[len(clip) // 2]
    there = np.asarray(np.isfinite(hands).all(axis=(1, 2)))
    hands[there] = as_right_hand(normalise_hand(hands[there]))
    return hands, there


def _rotation(hand: FloatArray, onto: FloatArray) -> FloatArray:
    """The rotation that lays a hand onto another about the wrist (Kabsch 1976)."""
    u, _, v = np.linalg.svd(hand.T @ onto)
    flip = np.array([1.0, 1.0, np.sign(np.linalg.det(v.T @ u.T))])
    rotation: FloatArray = ((v.T * flip) @ u.T).astype(np.float32)
    return rotation


def _aligned(hands: FloatArray, onto: FloatArray) -> FloatArray:
    """Hands (n, 21, 3) turned and scaled about the wrist to lie over one."""
    size = np.linalg.norm(onto)
    return np.stack([hand @ _rotation(hand, onto).T * (size / np.linalg.norm(hand)) for hand in hands])


def _turn(hand: FloatArray, onto: FloatArray) -> float:
    """By how many radians a hand is turned against another."""
    return float(np.arccos(np.clip((np.trace(_rotation(hand, onto)) - 1) / 2, -1.0, 1.0)))

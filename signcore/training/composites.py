"""Training windows: single letters, one letter after another, hands that come and go, and what each frame should say.

All windows are in palm units on a 30 Hz grid, before augmentation. A frame without a hand is NaN.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signcore.features import FloatArray, IntArray
from signcore.labels import char_to_index
from signcore.training.dataset import MOVING, NOTHING_INDEX, TURN, Bank
from signcore.training.motion import j_path, z_path
from signcore.training.nonletters import KnownHands, show_strange_hands
from signcore.training.orientation import bend_at_the_knuckles, hold_at_any_angle

WINDOW: Final = 32

_PLAIN, _JOINED, _APPEARS, _LEAVES, _EMPTY, _IDLE = range(6)
_SHARES: Final = (0.30, 0.50, 0.07, 0.05, 0.04, 0.04)
_FROZEN_SHARE: Final = 0.6  # of the plain windows of still letters
_MORPHED_SHARE: Final = 0.5  # of the single pictures
_SAME_SOURCE_SHARE: Final = 0.8  # of the joined letters
_BLEND: Final = (2, 9)  # frames on the way from one letter to the next
_STROKE: Final = (6, 30)  # frames a J or a Z takes
_NOTHING_AFTER: Final = 1  # frames after a blend that still say NOTHING
_UNJUDGED: Final = 2  # frames after those without weight
_LONGEST_PAUSE: Final = 12  # frames that a J or a Z is held before it moves
_STAYS: Final = 3  # frames that a letter stays when its hand is lost
_SHOWN_FROM: Final = 0.65  # of a J's or Z's movement: from here it can be named
_SHOWN_FOR: Final = 8  # frames after its end
_PLACE: Final = 0.35  # palms that the hand goes to either side from one letter to the next
_LAST_WEIGHT: Final = 3.0
_FAR: Final = 0.42  # mean landmark distance (palms) of two hands whose middle is no letter

_I, _J, _Z = char_to_index("I"), char_to_index("J"), char_to_index("Z")
# Moved along a path instead of shown as recorded: the still letters it may begin as, the share of its windows, and the
# share of those that start from a still letter and not from the first frame of a recording. A Z's index finger points
# up, at the camera or level, so it begins as a D, an X or a G.
_DRAWN: Final = {_J: ("I", 0.4, 1.0), _Z: ("DXG", 0.4, 0.6)}


@dataclass(frozen=True)
class Batch:
    """B windows for training.

    Attributes:
        windows: (B, 32, 21, 3) float32 palm units.
        target: (B, 32) what each frame should say.
        weight: (B, 32) float32 how much that counts; 0: not judged.
        turn: (B,) float32 degrees that a window may be turned without becoming another letter.
    """

    windows: FloatArray
    target: IntArray
    weight: FloatArray
    turn: FloatArray


@dataclass(frozen=True)
class _Performance:
    """Who shows what when: the clips, and when (frames) a moving letter begins and how long it takes."""

    clips: IntArray
    begins: FloatArray
    takes: FloatArray


def make_batch(bank: Bank, known: KnownHands, size: int, rng: np.random.Generator) -> Batch:
    """`size` windows of all kinds with their targets."""
    kind = rng.choice(len(_SHARES), size=size, p=_SHARES)
    new = bank.draw(size, rng)
    old = _another(bank, new, rng)
    moving = np.isin(bank.label[new], MOVING)
    kind[moving & (kind == _IDLE)] = _JOINED
    joined = kind == _JOINED

    length = np.where(joined, rng.integers(*_BLEND, size), 0)
    takes = _stroke_lengths(size, rng)
    pause = rng.integers(0, _LONGEST_PAUSE, size)
    # A moving letter ends where it can be named in the last frame; the blend before it is over when it begins.
    ends = rng.uniform(24, WINDOW - 1 + 0.2 * takes)
    begins = (ends - takes).astype(np.float32)
    blend = np.where(moving, begins - pause - length, rng.integers(-6, WINDOW - 1, size)).astype(np.float32)
    blend = np.where(joined, blend, np.where(kind == _APPEARS, rng.integers(1, WINDOW - 1, size), -99)).astype(
        np.float32
    )

    old_takes = _stroke_lengths(size, rng)
    old_begins = blend - old_takes - rng.integers(0, 5, size)
    after = _perform(bank, _Performance(new, begins, takes), rng)
    before = _perform(bank, _Performance(old, old_begins.astype(np.float32), old_takes), rng)
    after, new_says = show_strange_hands(after, bank.label[new], known, rng)
    before, old_says = show_strange_hands(before, bank.label[old], known, rng)
    before[kind == _APPEARS] = np.nan

    time = np.arange(WINDOW, dtype=np.float32)
    share = np.clip((time - blend[:, None] + 1) / (length[:, None] + 1), 0.0, 1.0).astype(np.float32)
    share = share * share * (3 - 2 * share)
    idle = kind == _IDLE
    share[idle] = rng.uniform(0.35, 0.65, (int(idle.sum()), 1))
    share = share[..., None, None]
    windows = np.where(share >= 1, after, np.where(share <= 0, before, (1 - share) * before + share * after))

    target, weight = _targets(new_says, old_says, kind, blend, length, begins, takes, old_begins, old_takes)
    _leave(windows, target, weight, kind, rng)
    windows[kind == _EMPTY] = np.nan
    target[kind == _EMPTY] = NOTHING_INDEX
    weight[kind == _EMPTY] = 1.0
    distance = np.nanmean(np.abs(before[idle] - after[idle]), axis=(1, 2, 3)) if idle.any() else np.zeros(0)
    target[idle] = NOTHING_INDEX
    weight[idle] = (distance > _FAR)[:, None] * 0.5
    frozen = (kind == _PLAIN) & ~moving & (rng.random(size) < _FROZEN_SHARE)
    windows[frozen] = windows[frozen, -1:]
    weight[:, -1] *= _LAST_WEIGHT
    turn = np.minimum(TURN[old_says], TURN[new_says])
    turn = np.where((kind == _PLAIN) | (kind == _APPEARS), TURN[new_says], turn)
    return Batch(windows.astype(np.float32), target, weight, turn)


def _another(bank: Bank, new: IntArray, rng: np.random.Generator) -> IntArray:
    """For every clip one of another letter, mostly of the same source."""
    other = bank.draw(len(new), rng)
    same_source = rng.random(len(new)) < _SAME_SOURCE_SHARE
    for source in np.unique(bank.source[new]):
        chosen = np.flatnonzero(same_source & (bank.source[new] == source))
        other[chosen] = bank.draw(len(chosen), rng, among=bank.source == source)
    # The same letter twice is no transition; drawing again makes it rare, and its target stays right if it happens.
    twice = bank.label[other] == bank.label[new]
    other[twice] = bank.draw(int(twice.sum()), rng)
    return other


def _perform(bank: Bank, performance: _Performance, rng: np.random.Generator) -> FloatArray:
    """The windows (B, 32, 21, 3) in which the clips are shown from first to last frame."""
    clips, size = performance.clips, len(performance.clips)
    time = np.arange(WINDOW, dtype=np.float32)
    label = bank.label[clips]
    drawn = np.zeros(size, dtype=np.bool_)
    shown = clips.copy()
    for index, (begins_as, drawn_share, still_share) in _DRAWN.items():
        hands = np.flatnonzero((label == index) & (rng.random(size) < drawn_share))
        drawn[hands] = True
        still = hands[rng.random(len(hands)) < still_share]
        shapes = np.isin(bank.label, [char_to_index(letter) for letter in begins_as])
        if shapes.any():
            shown[still] = bank.draw(len(still), rng, among=shapes)

    last = (bank.length[shown] - 1).astype(np.float32)[:, None]
    progress = np.clip((time - performance.begins[:, None]) / np.maximum(performance.takes[:, None] - 1, 1), 0.0, 1.0)
    speed = np.exp(rng.uniform(np.log(0.35), np.log(2.0), size)) * rng.choice([-1.0, 1.0], size)
    position = rng.random(size)[:, None] * last + speed[:, None] * time
    position = (position + 2 * last * 64) % np.maximum(2 * last, 1)
    position = np.where(position > last, 2 * last - position, position)
    position = np.where(np.isin(label, MOVING)[:, None], progress * last, position)
    position = np.where(drawn[:, None], 0.0, np.clip(position, 0.0, last)).astype(np.float32)
    floor = position.astype(np.int64)
    share = (position - floor)[..., None, None]
    at = bank.start[shown][:, None] + floor
    nxt = bank.start[shown][:, None] + np.minimum(floor + 1, last.astype(np.int64))
    windows = bank.frames[at] * (1 - share) + bank.frames[nxt] * share

    morphed = np.flatnonzero((last[:, 0] == 0) & (rng.random(size) < _MORPHED_SHARE))
    partner = bank.frames[bank.start[bank.partners(shown[morphed], rng)]][:, None]
    first, last_share = rng.random((2, len(morphed)))
    between = np.linspace(first, last_share, WINDOW, axis=1).astype(np.float32)[..., None, None]
    windows[morphed] = windows[morphed] * (1 - between) + partner * between

    windows = hold_at_any_angle(bend_at_the_knuckles(windows, label, rng), label, rng)
    for index, path in ((_J, j_path), (_Z, z_path)):
        chosen = np.flatnonzero(drawn & (label == index))
        windows[chosen] = path(windows[chosen], progress[chosen].astype(np.float32), rng)
    windows[..., :2] += rng.normal(0.0, _PLACE, (size, 1, 1, 2)).astype(np.float32)
    shown_windows: FloatArray = windows.astype(np.float32)
    return shown_windows


def _stroke_lengths(size: int, rng: np.random.Generator) -> FloatArray:
    """Frames (size,) that a J or a Z takes, short and long ones alike."""
    shortest, longest = np.log(_STROKE)
    return np.exp(rng.uniform(float(shortest), float(longest), size)).astype(np.float32)


def _targets(
    new: IntArray,
    old: IntArray,
    kind: IntArray,
    blend: FloatArray,
    length: IntArray,
    begins: FloatArray,
    takes: FloatArray,
    old_begins: FloatArray,
    old_takes: FloatArray,
) -> tuple[IntArray, FloatArray]:
    """What every frame should say, (B, 32), and how much it counts, (B, 32), from what old and new hands say (B,)."""
    time = np.arange(WINDOW, dtype=np.float32)[None]
    blend = blend[:, None]
    settled = blend + length[:, None]
    # A J or Z is over when the next letter begins, so it goes on being named until that one is there.
    lasts = np.where(np.isin(old, MOVING)[:, None], settled + _NOTHING_AFTER, blend)
    target = np.where(time < lasts, old[:, None], NOTHING_INDEX)
    counted = np.where(time < lasts, _shown(old, old_begins, old_takes, time), True)
    held = time >= settled + _NOTHING_AFTER
    target = np.where(held, new[:, None], target)
    # What is still held as a J begins is an I.
    early = held & (new == _J)[:, None] & (time < begins[:, None])
    target = np.where(early, _I, target)
    shown = _shown(new, begins, takes, time) | early
    counted = np.where(held, shown & (time >= settled + _NOTHING_AFTER + _UNJUDGED), counted)
    appears = (kind == _APPEARS)[:, None] & (time < blend)
    target = np.where(appears, NOTHING_INDEX, target)
    counted |= appears
    return target.astype(np.int64), counted.astype(np.float32)


def _shown(label: IntArray, begins: FloatArray, takes: FloatArray, time: FloatArray) -> NDArray[np.bool_]:
    """Whether a letter can be named in a frame: a still one always, a J or Z near the end of its movement."""
    since = time - begins[:, None]
    near_end = (since >= _SHOWN_FROM * takes[:, None]) & (since <= takes[:, None] + _SHOWN_FOR)
    return near_end | ~np.isin(label, MOVING)[:, None]


def _leave(windows: FloatArray, target: IntArray, weight: FloatArray, kind: IntArray, rng: np.random.Generator) -> None:
    """Hands that leave the picture: no hand from a random frame on.

    For three frames the letter stays, as the tracker often loses a hand for so long; some frames later it is NOTHING.
    """
    time = np.arange(WINDOW)
    leaving = kind == _LEAVES
    gone = time >= np.where(leaving, rng.integers(6, WINDOW, len(kind)), WINDOW)[:, None]
    windows[gone] = np.nan
    since = np.cumsum(gone, axis=1)
    away = gone & (since > _STAYS)
    target[away] = NOTHING_INDEX
    weight[away] = (since[away] > 2 * _STAYS).astype(np.float32)

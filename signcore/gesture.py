"""How the hand as a whole moves: still, slid to the side, opened and formed again."""

import math
from collections import deque
from enum import Enum, auto
from typing import Final

import numpy as np

from signcore.features import FloatArray, palm_size
from signcore.hand import HandFrame

# All distances in palm sizes (`signcore.features.palm_size`).
_REMEMBERED_MS: Final = 500.0
_SLIDE: Final = 0.5
# At rest: less than this within so long.
_REST: Final = 0.15
_REST_MS: Final = 90.0
# A letter that is spelled quickly is written when the hand is on its way already: it began from where it rested then.
_BEGAN_MS: Final = 200.0
# Landmarks tremble by 0.02 to 0.1 in a held letter, and travel 0.5 to 1.3 in a J or Z.
STILL: Final = 0.2
_STILL_MS: Final = 150.0
# Mean distance of the landmarks from the handshape that was written.
_OPENED: Final = 0.3
_FORMED: Final = 0.15
# Even in the slow middle of a J a finger tip moves more than this within _STILL_MS.
_PAUSED: Final = 0.06
# A Z is three strokes of the index finger from side to side; two without a rest are six or, with the way back, seven.
_STROKE: Final = 0.4
_STROKES_OF_TWO: Final = 6
_INDEX_TIP: Final = 8
_WRIST: Final = slice(0, 1)
# A J or a Z drawn once more takes a finger tip at least so far away from where it rested.
_DRAWN: Final = 0.6


class Gesture(Enum):
    """What a hand does between two equal letters."""

    SLIDE = auto()
    BOUNCE = auto()


class HandMotion:
    """The movement of one session's hand over the last half second, and since `mark`."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, FloatArray]] = deque()
        self._palm = 1.0
        self._marked: FloatArray | None = None
        self._opened = False
        self._rested: FloatArray | None = None
        self._drawn = False
        self._strokes = _Strokes()
        self._rest_ends_strokes = True
        self._still_ms = self._at_rest_ms = -math.inf

    def step(self, hand: HandFrame | None, t_ms: float) -> None:
        """Take in the hand at `t_ms`. A lost hand leaves the memory as it is for the tracker to find it again."""
        while self._recent and t_ms - self._recent[0][0] > _REMEMBERED_MS:
            self._recent.popleft()
        if hand is None:
            return
        self._recent.append((t_ms, hand.landmarks))
        self._palm = float(palm_size(hand.landmarks))
        if self._travel(_REST_MS, _WRIST) <= _REST:
            self._at_rest_ms = t_ms
        if self.still():
            self._still_ms = t_ms
            if self._rest_ends_strokes:
                self._strokes = _Strokes()
        self._strokes.step(float(hand.landmarks[_INDEX_TIP, 0]), _STROKE * self._palm)
        if self._marked is not None and self._strangeness() > _OPENED:
            self._opened = True
        if self._rested is None:
            if t_ms - self._recent[0][0] >= _STILL_MS and self._travel(_STILL_MS, slice(None)) < _PAUSED:
                self._rested = hand.landmarks
        elif farthest(hand.landmarks, self._rested) > _DRAWN * self._palm:
            self._drawn = True

    def mark(self, since_ms: float = math.inf, *, moving: bool = False) -> None:
        """Remember the handshape of now and the place; what happens from here on is a gesture.

        Args:
            since_ms: since when the hand has formed the letter. Where it has rested since then and left just now, the
                place is where it rested.
            moving: whether the hand is in the middle of a movement, which counts from its beginning.
        """
        if not moving or self.drawn_again():
            self._strokes = _Strokes()
        self._rest_ends_strokes = not moving
        self._opened = self._drawn = False
        self._marked = self._rested = None
        if self._recent:
            now_ms, newest = self._recent[-1]
            left = not moving and max(since_ms, now_ms - _BEGAN_MS) <= self._at_rest_ms
            kept_ms = self._at_rest_ms if left else now_ms
            while self._recent[0][0] < kept_ms:
                self._recent.popleft()
            self._marked = _in_palms(newest, self._palm)

    def gesture(self) -> Gesture | None:
        """What the hand has done since `mark`, once it is at rest again and forms the same handshape."""
        if not self._recent or self._travel(_REST_MS, _WRIST) > _REST:
            return None
        if self._opened and self._strangeness() < _FORMED:
            return Gesture.BOUNCE
        aside = abs(float(self._recent[-1][1][0, 0] - self._recent[0][1][0, 0])) / self._palm
        return Gesture.SLIDE if aside >= _SLIDE else None

    def drawn_again(self) -> bool:
        """Whether a second J or Z was drawn: after a rest, and the hand rests again, or in one go with the first."""
        return (self._drawn and self.still()) or self._strokes.count >= _STROKES_OF_TWO

    def still(self) -> bool:
        """Whether no landmark has moved much lately: a J or a Z is not on its way."""
        return self._travel(_STILL_MS, slice(None)) < STILL

    def still_since(self, t_ms: float) -> bool:
        """Whether it has been so at any time from `t_ms` on."""
        return self._still_ms >= t_ms

    def moved(self) -> bool:
        """Whether any landmark has moved within the last half second, or since `mark`, as in a J or a Z."""
        if not self._recent:
            return False
        now = self._recent[-1][1]
        return any(farthest(now, then) >= STILL * self._palm for _, then in self._recent)

    def _travel(self, within_ms: float, landmarks: slice) -> float:
        """The farthest that any of the landmarks moved in the picture plane since so long ago."""
        if not self._recent:
            return 0.0
        now_ms, now = self._recent[-1]
        # A slow camera's frame before this one may be longer ago; a moment alone says nothing about movement.
        frames = max(2, sum(now_ms - t_ms <= within_ms for t_ms, _ in self._recent))
        since = self._recent[max(0, len(self._recent) - frames)][1]
        return farthest(now[landmarks], since[landmarks]) / self._palm

    def _strangeness(self) -> float:
        """How far the handshape is from the marked one."""
        if self._marked is None:
            return 0.0
        return _mean_distance(_in_palms(self._recent[-1][1], self._palm), self._marked)


def _in_palms(landmarks: FloatArray, palm: float) -> FloatArray:
    """The landmarks in the picture plane, (21, 2), relative to the wrist and in palm sizes."""
    plane: FloatArray = (landmarks[:, :2] - landmarks[0, :2]) / np.float32(palm)
    return plane


def _mean_distance(points: FloatArray, others: FloatArray) -> float:
    difference = points - others
    return float(np.hypot(difference[:, 0], difference[:, 1]).mean())


class _Strokes:
    """How often something went from side to side, any number of steps to a stroke."""

    def __init__(self) -> None:
        self.count = 0
        self._side = 0
        self._leftmost = math.inf
        self._rightmost = -math.inf

    def step(self, x: float, least: float) -> None:
        """It is at `x`; a stroke is at least as long as `least`."""
        self._leftmost, self._rightmost = min(self._leftmost, x), max(self._rightmost, x)
        if self._side <= 0 and x - self._leftmost >= least:
            self._side, self._rightmost = 1, x
        elif self._side >= 0 and self._rightmost - x >= least:
            self._side, self._leftmost = -1, x
        else:
            return
        self.count += 1


def farthest(now: FloatArray, then: FloatArray) -> float:
    """The farthest way of any landmark in the picture plane."""
    moved = now[:, :2] - then[:, :2]
    return float(np.hypot(moved[:, 0], moved[:, 1]).max())

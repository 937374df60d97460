from collections.abc import Sequence

import numpy as np
import pytest

from signcore.features import palm_size
from signcore.gesture import Gesture, HandMotion
from signcore.hand import HandFrame
from tests.hands import make_hand, make_landmarks

PALM = float(palm_size(make_landmarks()))


class Watched(HandMotion):
    """A hand's motion with a clock of its own."""

    now_ms = 0.0

    def follow(self, hands: Sequence[HandFrame | None], fps: float = 30.0) -> list[Gesture | None]:
        """Feed hands from now on; returns what was seen after each."""
        seen = []
        for hand in hands:
            self.now_ms += 1000.0 / fps
            self.step(hand, self.now_ms)
            seen.append(self.gesture())
        return seen


def opened(share: float) -> HandFrame:
    landmarks = make_landmarks()
    fingers = [point for point in range(5, 21) if point % 4 != 1]
    landmarks[fingers] += (landmarks[fingers] - landmarks[0]) * np.float32(share)
    return HandFrame(landmarks, "Right", 1.0, 0.0)


@pytest.fixture
def motion() -> Watched:
    motion = Watched()
    motion.follow([make_hand()] * 10)
    motion.mark()
    return motion


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("fps", [10, 15, 30, 60])
def test_a_slide_is_seen_once_the_hand_rests(motion: Watched, side: int, fps: int) -> None:
    moving = [make_hand(x=0.5 + side * 0.7 * PALM * step / (fps // 5)) for step in range(1, fps // 5 + 1)]
    assert set(motion.follow(moving, fps)) == {None}
    assert Gesture.SLIDE in motion.follow([moving[-1]] * (fps // 4), fps)


def test_a_small_or_slow_movement_is_none(motion: Watched) -> None:
    assert set(motion.follow([make_hand(x=0.5 + 0.3 * PALM)] * 20)) == {None}
    assert set(motion.follow([make_hand(x=0.5 + 0.02 * PALM * step) for step in range(90)])) == {None}


def test_after_a_mark_the_slide_is_over(motion: Watched) -> None:
    motion.follow([make_hand(x=0.5 + PALM)] * 6)
    motion.mark()
    assert set(motion.follow([make_hand(x=0.5 + PALM)] * 20)) == {None}


def test_a_hand_that_opens_and_forms_again_bounces(motion: Watched) -> None:
    assert set(motion.follow([opened(0.9)] * 6)) == {None}
    assert motion.follow([opened(0.0)] * 4)[-1] is Gesture.BOUNCE


def test_a_trembling_hand_does_not_bounce(motion: Watched) -> None:
    rng = np.random.default_rng(0)
    trembling = [opened(float(share)) for share in rng.normal(0, 0.05, 60)]
    assert set(motion.follow(trembling)) == {None}


def test_still_and_not(motion: Watched) -> None:
    assert motion.still()
    motion.follow([make_hand(x=0.5 + 0.1 * PALM * step) for step in range(5)])
    assert not motion.still()
    motion.follow([make_hand(x=0.5 + 0.4 * PALM)] * 6)
    assert motion.still()


def test_no_hand_is_no_gesture() -> None:
    motion = Watched()
    assert set(motion.follow([None] * 5)) == {None}
    motion.mark()
    assert motion.still()


def test_a_movement_between_two_rests_is_drawn_again(motion: Watched) -> None:
    motion.follow([make_hand()] * 6)
    assert not motion.drawn_again()
    motion.follow([make_hand(x=0.5 + 0.2 * PALM * step) for step in range(1, 6)])
    assert not motion.drawn_again(), "it still moves"
    motion.follow([make_hand(x=0.5 + PALM)] * 6)
    assert motion.drawn_again()


def test_the_end_of_the_first_movement_is_not_a_second_one() -> None:
    motion = Watched()
    motion.follow([make_hand(x=0.5 + 0.2 * PALM * step) for step in range(10)])
    motion.mark()
    motion.follow([make_hand(x=0.5 + 0.2 * PALM * step) for step in range(10, 15)])
    motion.follow([make_hand(x=0.5 + 2.8 * PALM)] * 20)
    assert not motion.drawn_again()


def zigzag(strokes: int, length: float) -> list[HandFrame]:
    """Strokes from side to side, each of six frames."""
    turns = np.cumsum([0.0, *(length * PALM * (-1) ** stroke for stroke in range(strokes))])
    return [make_hand(x=0.5 + float(x)) for x in np.interp(np.arange(6 * strokes) / 6, np.arange(strokes + 1), turns)]


def test_two_zs_in_one_go_are_seen_and_one_is_not(motion: Watched) -> None:
    motion.follow(zigzag(3, 0.8))
    motion.mark(moving=True)
    assert not motion.drawn_again()
    motion.follow(zigzag(4, 0.8))
    assert motion.drawn_again()
    motion.mark(moving=True)
    assert not motion.drawn_again(), "the third has not begun"


def test_strokes_before_a_rest_and_small_ones_do_not_count(motion: Watched) -> None:
    motion.follow(zigzag(4, 0.8))
    motion.follow([make_hand()] * 8)
    motion.follow(zigzag(3, 0.8))
    motion.mark(moving=True)
    motion.follow(zigzag(9, 0.3))
    assert not motion.drawn_again()

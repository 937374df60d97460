"""What the fingers of a hand do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signcore.errors import LandmarkError
from signcore.handshape import reference
from signcore.labels import LETTERS
from signcore.pose import MEASURES, MIRROR, as_right_hand, pose

TURNING = [i for i, measure in enumerate(MEASURES) if measure.kind.startswith("points")]
STAYING = [i for i in range(len(MEASURES)) if i not in TURNING]


@pytest.mark.parametrize("letter", LETTERS)
def test_left_hands_become_right_ones(letter: str) -> None:
    hand = reference(letter).landmarks
    assert np.array_equal(as_right_hand(hand), hand)
    assert np.array_equal(as_right_hand(hand * MIRROR), hand)


@given(st.sampled_from(LETTERS), st.floats(-3.0, 3.0), st.floats(0.05, 20.0), st.floats(-5.0, 5.0))
def test_a_pose_is_free_of_place_size_and_turn(letter: str, turn: float, size: float, place: float) -> None:
    hand = reference(letter).landmarks
    cos, sin = np.cos(turn), np.sin(turn)
    turned = hand @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]], np.float32) * np.float32(size)
    assert pose(turned + np.float32(place))[STAYING] == pytest.approx(pose(hand)[STAYING], abs=2e-2)


def test_measures_say_what_fingers_do() -> None:
    found = {letter: dict(zip(MEASURES, pose(reference(letter).landmarks), strict=True)) for letter in LETTERS}
    by_name = {letter: {(m.finger, m.kind): v for m, v in measures.items()} for letter, measures in found.items()}
    assert by_name["V"]["index", "gap"] > by_name["U"]["index", "gap"] > 0 > by_name["R"]["index", "gap"] - 0.1
    assert by_name["S"]["ring", "curl"] > 1.0 > by_name["W"]["ring", "curl"]
    assert by_name["L"]["thumb", "across"] > by_name["D"]["thumb", "across"]
    assert by_name["D"]["index", "points_up"] > 0.9
    assert by_name["Q"]["index", "points_up"] < -0.5 < by_name["G"]["index", "points_up"]


@pytest.mark.parametrize("shape", [(20, 3), (21, 2), (63,)])
def test_only_hands(shape: tuple[int, ...]) -> None:
    with pytest.raises(LandmarkError, match="21, 3"):
        as_right_hand(np.zeros(shape, np.float32))

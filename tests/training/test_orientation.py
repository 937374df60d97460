import numpy as np
import pytest

from signcore.features import FloatArray
from signcore.labels import char_to_index
from signcore.training.orientation import bend_at_the_knuckles, hold_at_any_angle
from tests.hands import make_landmarks


def pointing(angle: float, clips: int = 300) -> FloatArray:
    """Hands whose index finger points `angle` degrees away from straight up, to the right."""
    hand = make_landmarks() / 0.3
    upright = np.degrees(np.arctan2(*(hand[8, :2] - hand[5, :2]) * (1, -1)))
    turn = np.radians(angle - upright)
    matrix = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    return np.broadcast_to(hand @ matrix.T, (clips, 4, 21, 3)).astype(np.float32)


def angles(windows: FloatArray) -> FloatArray:
    finger = windows[:, -1, 8, :2] - windows[:, -1, 5, :2]
    return np.degrees(np.arctan2(np.abs(finger[:, 0]), -finger[:, 1]))


@pytest.mark.parametrize(
    ("letter", "angle", "low", "high"), [("P", 80, 38, 165), ("Q", 150, 110, 180), ("K", 10, 0, 30)]
)
def test_hands_point_anywhere_within_their_letter(letter: str, angle: float, low: float, high: float) -> None:
    hands = pointing(angle)
    held = hold_at_any_angle(hands, np.full(len(hands), char_to_index(letter)), np.random.default_rng(0))
    found = angles(held)
    np.testing.assert_allclose(np.quantile(found, [0.25, 0.75]), np.quantile([low, high], [0.25, 0.75]), atol=10)
    assert low - 0.1 <= found.min() < low + 5
    assert high - 5 < found.max() <= high + 0.1


def test_a_hand_keeps_its_shape_and_its_side() -> None:
    hands = pointing(-150.0)
    held = hold_at_any_angle(hands, np.full(len(hands), char_to_index("Q")), np.random.default_rng(0))
    np.testing.assert_allclose(
        np.linalg.norm(held[:, :, 8] - held[:, :, 0], axis=-1),
        np.linalg.norm(hands[:, :, 8] - hands[:, :, 0], axis=-1),
        rtol=1e-4,
    )
    assert (held[:, -1, 8, 0] < held[:, -1, 5, 0] + 1e-3).all()


def test_other_letters_and_missing_hands_stay_as_they_are() -> None:
    hands = pointing(60.0)
    np.testing.assert_array_equal(
        hold_at_any_angle(hands, np.full(len(hands), char_to_index("A")), np.random.default_rng(0)), hands
    )
    lost = hands.copy()
    lost[:, -1] = np.nan
    np.testing.assert_array_equal(
        hold_at_any_angle(lost, np.full(len(hands), char_to_index("P")), np.random.default_rng(0)), lost
    )


def test_half_of_the_hands_bend_at_the_knuckles_and_point_where_they_did() -> None:
    hands = pointing(80.0)
    bent = bend_at_the_knuckles(hands, np.full(len(hands), char_to_index("P")), np.random.default_rng(0))
    moved = np.abs(bent - hands).max(axis=(1, 3))
    assert (moved[:, 0] > 1e-4).mean() == pytest.approx(0.5, abs=0.1)
    assert (moved[:, 2:] == 0).all()
    palm = hands[..., 0, :2] - hands[..., (5, 9, 13, 17), :2].mean(axis=-2)
    turned = bent[..., 0, :2] - bent[..., (5, 9, 13, 17), :2].mean(axis=-2)
    np.testing.assert_allclose(np.linalg.norm(turned, axis=-1), np.linalg.norm(palm, axis=-1), rtol=1e-4)


def test_letters_that_nothing_else_resembles_do_not_bend() -> None:
    hands = pointing(60.0)
    label = np.full(len(hands), char_to_index("A"))
    np.testing.assert_array_equal(bend_at_the_knuckles(hands, label, np.random.default_rng(0)), hands)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from signcore.errors import LandmarkError
from signcore.features import FloatArray, flatten_landmarks, normalise_hand, palm_size, window_features
from tests.hands import make_landmarks

hands = arrays(np.float32, (21, 3), elements=st.floats(-2, 2, width=32)).map(
    lambda noise: make_landmarks() + noise / 50
)


@given(hands, st.floats(0.2, 5.0), st.floats(-3, 3), st.floats(-3, 3))
def test_position_and_scale_do_not_matter(hand: FloatArray, scale: float, x: float, y: float) -> None:
    moved = hand * np.float32(scale) + np.array((x, y, 0), dtype=np.float32)
    assert_allclose(normalise_hand(moved), normalise_hand(hand), atol=2e-3)


@given(hands)
def test_a_hand_is_63_numbers_landmark_by_landmark(hand: FloatArray) -> None:
    flat = flatten_landmarks(hand)
    assert flat.shape == (63,)
    assert flat.dtype == np.float32
    assert_allclose(flat[3 * 8 : 3 * 9], normalise_hand(hand)[8])
    assert_allclose(flat[:3], 0.0)


def test_the_palm_is_measured_in_the_picture_plane() -> None:
    hand = np.zeros((21, 3), dtype=np.float32)
    hand[[5, 9, 13, 17], 1] = -0.1
    hand[[5, 9, 13, 17], 2] = 7.0
    assert_allclose(palm_size(hand), 0.2, rtol=1e-6)


def test_a_window_carries_the_wrists_movement_in_its_free_slots() -> None:
    window = np.stack([make_landmarks(x=0.5), make_landmarks(x=0.51), make_landmarks(x=0.51)])
    features = window_features(window)
    assert features.shape == (3, 63)
    assert_allclose(features[0, :3], 0.0)
    assert_allclose(features[1, :2], (4 * 0.01 / palm_size(window[0]), 0.0), rtol=1e-4)
    assert_allclose(features[2, :3], 0.0, atol=1e-6)


def test_a_leap_of_the_wrist_is_clipped() -> None:
    window = np.stack([make_landmarks(x=0.0), make_landmarks(x=9.0), make_landmarks(x=0.0)])
    assert_allclose(window_features(window)[:, 0], (0.0, 4.0, -4.0))


def test_a_missing_hand_is_zeros_and_so_is_the_movement_beside_it() -> None:
    window = np.stack([make_landmarks(x=0.4), np.full((21, 3), np.nan, np.float32), make_landmarks(x=0.5)])
    features = window_features(window)
    assert_allclose(features[1], 0.0)
    assert_allclose(features[2, :3], 0.0)
    assert features[2, 3:].any()


def test_a_batch_is_its_windows() -> None:
    batch = np.stack([np.stack([make_landmarks(x=x + 0.01 * t) for t in range(4)]) for x in (0.3, 0.6)])
    assert_allclose(window_features(batch), np.stack([window_features(window) for window in batch]))


def test_the_same_hand_all_in_one_point_stays_finite() -> None:
    assert np.isfinite(flatten_landmarks(np.zeros((21, 3), dtype=np.float32))).all()


@pytest.mark.parametrize("shape", [(20, 3), (21, 2), (63,), (2, 21, 3)])
def test_another_shape_of_hand_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(LandmarkError, match=r"expected shape .*21, 3.*found"):
        flatten_landmarks(np.zeros(shape, dtype=np.float32))


@pytest.mark.parametrize("shape", [(21, 3), (32, 20, 3), (32, 63)])
def test_another_shape_of_window_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(LandmarkError, match=r"expected shape \(\.\.\., frames, 21, 3\), found"):
        window_features(np.zeros(shape, dtype=np.float32))

from functools import partial

import numpy as np
import pytest

from signcore.features import FloatArray, window_features
from signcore.training import augmentation
from tests.hands import make_landmarks

TRANSFORMS = [
    augmentation.mirror,
    augmentation.rotate_plane,
    augmentation.rotate_depth,
    augmentation.stretch,
    augmentation.perspective,
    augmentation.bone_lengths,
    augmentation.spread_fingers,
    augmentation.landmark_noise,
    augmentation.drift,
    partial(augmentation.lower_frame_rate, share=1.0),
    partial(augmentation.drop_frames, share=1.0),
]


@pytest.fixture
def windows() -> FloatArray:
    """Six windows of a hand in palm units that moves to the side, lost in one frame of one of them."""
    hand = make_landmarks() / 0.3
    moving = np.broadcast_to(hand, (6, 32, 21, 3)).copy()
    moving[..., 0] += np.linspace(0, 1, 32, dtype=np.float32)[None, :, None]
    moving[2, 5] = np.nan
    return moving


def bones(windows: FloatArray) -> FloatArray:
    return np.linalg.norm(windows[:, :, 5:9] - windows[:, :, 4:8], axis=-1)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_a_transform_is_pure_and_repeatable(transform, windows: FloatArray) -> None:
    before = windows.copy()
    first = transform(windows, np.random.default_rng(1))
    again = transform(windows, np.random.default_rng(1))
    other = transform(windows, np.random.default_rng(2))
    np.testing.assert_array_equal(windows, before)
    np.testing.assert_array_equal(first, again)
    assert first.shape == windows.shape
    assert first.dtype == np.float32
    assert not np.array_equal(first, other, equal_nan=True)


@pytest.mark.parametrize("transform", TRANSFORMS[:-2])
def test_a_missing_hand_stays_missing(transform, windows: FloatArray) -> None:
    changed = transform(windows, np.random.default_rng(1))
    np.testing.assert_array_equal(np.isnan(changed).all(axis=(2, 3)), np.isnan(windows).all(axis=(2, 3)))


def test_mirror_exchanges_left_and_right(windows: FloatArray) -> None:
    mirrored = augmentation.mirror(windows, np.random.default_rng(0), share=1.0)
    np.testing.assert_array_equal(mirrored[..., 0], -windows[..., 0])
    np.testing.assert_array_equal(mirrored[..., 1:], windows[..., 1:])


def test_rotations_keep_every_bone_as_long_as_it_was(windows: FloatArray) -> None:
    for transform in (augmentation.rotate_plane, augmentation.rotate_depth):
        turned = transform(windows, np.random.default_rng(0))
        np.testing.assert_allclose(bones(turned), bones(windows), atol=1e-5)
        assert not np.allclose(np.nan_to_num(turned), np.nan_to_num(windows), atol=1e-3)


def test_rotate_plane_turns_each_window_by_its_own_sigma(windows: FloatArray) -> None:
    sigma = np.array([0, 0, 0, 0, 0, 40], dtype=np.float32)
    turned = augmentation.rotate_plane(windows, np.random.default_rng(0), sigma=sigma, drift=0.0)
    np.testing.assert_allclose(turned[:5], windows[:5], atol=1e-6)
    assert not np.allclose(turned[5], windows[5], atol=1e-2)


def test_rotate_depth_leaves_the_wrist_where_it_is(windows: FloatArray) -> None:
    turned = augmentation.rotate_depth(windows, np.random.default_rng(0))
    np.testing.assert_allclose(turned[:, :, 0], windows[:, :, 0], atol=1e-6)


def test_stretch_leaves_the_height(windows: FloatArray) -> None:
    stretched = augmentation.stretch(windows, np.random.default_rng(0))
    np.testing.assert_array_equal(stretched[..., 1], windows[..., 1])


def test_perspective_enlarges_what_is_near(windows: FloatArray) -> None:
    nearer = augmentation.perspective(windows, np.random.default_rng(0), strength=0.5)
    assert (windows[0, 0, 8, 2] < 0).all()
    reach = np.abs(nearer[:, :, 8, 1] - nearer[:, :, 0, 1])
    assert np.nanmin(reach - np.abs(windows[:, :, 8, 1] - windows[:, :, 0, 1])) >= 0


def test_bone_lengths_and_spread_leave_the_palm(windows: FloatArray) -> None:
    for transform in (augmentation.bone_lengths, augmentation.spread_fingers):
        changed = transform(windows, np.random.default_rng(0))
        for knuckle in (0, 1, 5, 9, 13, 17):
            np.testing.assert_array_equal(changed[:, :, knuckle], windows[:, :, knuckle])


def test_spread_turns_fingers_in_the_plane_without_stretching_them(windows: FloatArray) -> None:
    spread = augmentation.spread_fingers(windows, np.random.default_rng(0), sigma=10.0)
    np.testing.assert_allclose(bones(spread)[:, :, 1:], bones(windows)[:, :, 1:], atol=1e-5)


def test_landmark_noise_is_of_the_size_asked_for() -> None:
    still = np.zeros((400, 4, 21, 3), dtype=np.float32)
    noisy = augmentation.landmark_noise(still, np.random.default_rng(0), finger=0.03, landmark=0.04, frame=0.0)
    assert noisy[:, :, 4].std() == pytest.approx(0.05, rel=0.1)
    np.testing.assert_array_equal(noisy[:, 0], noisy[:, 3])


def test_drift_moves_the_whole_hand(windows: FloatArray) -> None:
    moved = augmentation.drift(windows, np.random.default_rng(0)) - windows
    np.testing.assert_allclose(moved[:, :, 4], moved[:, :, 12], atol=1e-5)


def test_a_lower_frame_rate_keeps_the_last_frame_and_draws_lines(windows: FloatArray) -> None:
    rough = windows + np.random.default_rng(5).normal(0, 0.1, windows.shape).astype(np.float32)
    slowed = augmentation.lower_frame_rate(rough, np.random.default_rng(0), share=1.0)
    np.testing.assert_array_equal(slowed[:, -1], rough[:, -1])
    unchanged = np.isclose(slowed[0], rough[0]).all(axis=(1, 2))
    assert unchanged.sum() in (12, 17)
    at = np.flatnonzero(~unchanged)[-1]
    assert not np.allclose(slowed[0, at], rough[0, at])


def test_drop_frames_loses_whole_hands(windows: FloatArray) -> None:
    dropped = augmentation.drop_frames(windows, np.random.default_rng(0), share=1.0, most=0.9)
    lost = np.isnan(dropped).any(axis=(2, 3))
    assert 0 < lost.mean() < 0.9
    assert np.isnan(dropped[lost]).all()
    np.testing.assert_array_equal(dropped[~lost], windows[~lost])


def test_augmented_windows_are_fit_for_the_model(windows: FloatArray) -> None:
    turn = np.full(len(windows), 12.0, dtype=np.float32)
    features = window_features(augmentation.augment(windows, np.random.default_rng(0), turn))
    assert np.isfinite(features).all()
    assert np.abs(features).max() < 10

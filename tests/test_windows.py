import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from signcore.buffer import FrameBuffer
from signcore.features import FloatArray, palm_size
from signcore.windows import NOISE, at_fps, clip_windows, interpolate, mirror, with_dropped_frames, with_noise
from tests.hands import make_hand, make_landmarks


def moving(count: int) -> FloatArray:
    return np.stack([make_landmarks(x=0.2 + 0.01 * step) for step in range(count)])


def test_a_still_is_repeated() -> None:
    assert_array_equal(clip_windows(moving(1), 32), np.repeat(moving(1), 32, axis=0)[None])


@pytest.mark.parametrize("count", [2, 3, 20, 31])
def test_a_short_clip_is_stretched_evenly_from_end_to_end(count: int) -> None:
    [window] = clip_windows(moving(count), 32)
    assert_allclose(window[:, 0, 0], np.linspace(0.2, 0.2 + 0.01 * (count - 1), 32), atol=1e-6)


def test_a_clip_of_the_length_of_a_window_is_taken_as_it_is() -> None:
    assert_array_equal(clip_windows(moving(32), 32), moving(32)[None])


def test_a_long_clip_gives_every_window_that_fits() -> None:
    windows = clip_windows(moving(40), 32)
    assert windows.shape == (9, 32, 21, 3)
    for start, window in enumerate(windows):
        assert_array_equal(window, moving(40)[start : start + 32])


def test_a_window_of_one_frame_takes_the_frames_one_by_one() -> None:
    assert_array_equal(clip_windows(moving(4), 1), moving(4)[:, None])


def test_beside_a_frame_with_no_hand_the_nearer_frame_counts() -> None:
    frames = moving(3)
    frames[1] = np.nan
    found = interpolate(frames, np.array([0.0, 0.4, 0.6, 1.0, 1.4, 1.6, 2.0]))
    assert np.isnan(found[:, 0, 0]).tolist() == [False, False, True, True, True, False, False]
    assert_array_equal(found[[0, 1]], frames[[0, 0]])
    assert_array_equal(found[[5, 6]], frames[[2, 2]])


@given(st.integers(1, 12).flatmap(lambda count: st.tuples(st.just(count), st.lists(st.floats(0, count - 1)))))
def test_interpolation_of_an_even_movement_is_even(drawn: tuple[int, list[float]]) -> None:
    count, positions = drawn
    found = interpolate(moving(count), np.array(positions, dtype=np.float64))
    assert found.dtype == np.float32
    assert_allclose(found[:, 0, 0], 0.2 + 0.01 * np.array(positions), atol=1e-5)


def test_a_mirrored_hand_mirrored_again_is_the_hand() -> None:
    windows = clip_windows(moving(40), 32)
    assert_array_equal(mirror(mirror(windows)), windows)
    assert_array_equal(mirror(windows)[..., 0], -windows[..., 0])
    assert_array_equal(mirror(windows)[..., 1:], windows[..., 1:])


def test_30_fps_changes_nothing() -> None:
    windows = clip_windows(moving(40), 32)
    assert_array_equal(at_fps(windows, 30), windows)


@pytest.mark.parametrize("fps", [20, 24, 60, 0])
def test_a_rate_that_does_not_divide_30_is_refused(fps: int) -> None:
    with pytest.raises(ValueError, match=f"divides 30, found {fps}"):
        at_fps(clip_windows(moving(40), 32), fps)


@pytest.mark.parametrize("fps", [15, 10])
def test_a_slower_camera_gives_what_the_buffer_makes_of_it(fps: int) -> None:
    """A wave of the hand, seen by the buffer in every second or third frame."""
    wave = np.stack([make_landmarks(x=0.5 + 0.1 * np.sin(step / 3)) for step in range(70)])
    seen = range(69 % (30 // fps), 70, 30 // fps)
    buffer = FrameBuffer(32)
    for step in seen:
        hand = make_hand(t_ms=step * 1000 / 30, x=float(wave[step, 0, 0]))
        buffer.push(hand, hand.t_ms)
    slower = at_fps(wave[None, -32:], fps)[0]
    # The buffer also remembers what came before the window.
    oldest = 30 // fps
    assert_allclose(slower[oldest:], buffer.window()[oldest:], atol=1e-4)
    assert np.abs(slower - wave[-32:]).max() > 0.005


def test_noise_is_of_the_size_of_the_hand_and_leaves_missing_hands_missing() -> None:
    windows = np.repeat(moving(1)[None], 32, axis=1)
    windows = np.concatenate([windows, 3 * windows])
    windows[:, 5] = np.nan
    change = with_noise(windows, np.random.default_rng(0)) - windows
    assert np.isnan(change[:, 5]).all()
    there = [frame for frame in range(32) if frame != 5]
    relative = change[:, there] / palm_size(windows)[:, there, None, None]
    assert_allclose(relative.std(axis=(1, 2, 3)), NOISE, rtol=0.1)


def test_dropped_frames_are_filled_in_and_the_newest_stays() -> None:
    windows = np.repeat(moving(32)[None], 50, axis=0)
    windows[:, :, :, 1] += np.arange(32)[:, None] % 2
    found = with_dropped_frames(windows, np.random.default_rng(0))
    assert found.shape == windows.shape
    assert not np.isnan(found).any()
    assert_array_equal(found[:, -1], windows[:, -1])
    kept = (found == windows).all(axis=(2, 3))
    assert 0.7 < kept[:, :-1].mean() < 0.9
    assert_array_equal(found, with_dropped_frames(windows, np.random.default_rng(0)))

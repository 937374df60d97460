import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from signcore.buffer import FRAME_MS, FrameBuffer
from signcore.errors import FrameError
from tests.hands import make_hand

SPEED = 0.2 / 1000.0  # image heights a millisecond: the made-up hand moves evenly


def moving(buffer: FrameBuffer, times: list[float]) -> None:
    for t_ms in times:
        buffer.push(make_hand(t_ms, x=SPEED * t_ms), t_ms)


@pytest.mark.parametrize("fps", [10, 15, 30, 60])
def test_it_fills_in_the_same_time_at_any_frame_rate(fps: int) -> None:
    buffer = FrameBuffer(32)
    times = [1000.0 * frame / fps for frame in range(2 * fps)]
    for t_ms in times:
        moving(buffer, [t_ms])
        if buffer.full:
            break
    assert 1000 <= t_ms <= 1100


@pytest.mark.parametrize("fps", [10, 15, 24, 30, 60])
def test_an_even_movement_is_even_on_the_grid(fps: int) -> None:
    buffer = FrameBuffer(32)
    moving(buffer, [1000.0 * frame / fps for frame in range(2 * fps)])
    window = buffer.window()
    assert window.shape == (32, 21, 3)
    assert window.dtype == np.float32
    assert_allclose(np.diff(window[:, 0, 0]), SPEED * FRAME_MS, rtol=1e-3)
    assert_allclose(window[-1, 0, 0], SPEED * 1000.0 * (2 * fps - 1) / fps, rtol=1e-6)


@given(st.lists(st.floats(-12, 12), min_size=70, max_size=70))
def test_a_jittery_camera_fills_it_too_and_the_movement_stays_even(jitter: list[float]) -> None:
    buffer = FrameBuffer(32)
    moving(buffer, [FRAME_MS * frame + shift for frame, shift in enumerate(jitter)])
    assert buffer.full
    assert_allclose(np.diff(buffer.window()[:, 0, 0]), SPEED * FRAME_MS, rtol=1e-2)


def test_it_counts_what_it_has() -> None:
    buffer = FrameBuffer(32)
    assert (len(buffer), buffer.fill, buffer.full) == (0, 0.0, False)
    assert buffer.window().shape == (0, 21, 3)
    moving(buffer, [FRAME_MS * frame for frame in range(8)])
    assert (len(buffer), buffer.fill, buffer.full) == (8, 0.25, False)
    assert buffer.window().shape == (8, 21, 3)


def test_a_missing_hand_is_missing() -> None:
    buffer = FrameBuffer(4)
    for frame, seen in enumerate((True, False, False, True)):
        buffer.push(make_hand() if seen else None, FRAME_MS * frame)
    assert np.isnan(buffer.window()).all(axis=(1, 2)).tolist() == [False, True, True, False]


def test_between_a_hand_and_none_the_nearer_frame_counts() -> None:
    buffer = FrameBuffer(4)
    buffer.push(make_hand(), 0.0)
    buffer.push(None, 100.0)
    # moments 0, 33, 67 and 100 ms
    assert np.isnan(buffer.window()[:, 0, 0]).tolist() == [False, False, True, True]


def test_two_different_hands_are_not_mixed() -> None:
    buffer = FrameBuffer(4)
    buffer.push(make_hand(x=0.2, handedness="Left"), 0.0)
    buffer.push(make_hand(x=0.8, handedness="Right"), 100.0)
    assert_allclose(buffer.window()[:, 0, 0], (0.2, 0.2, 0.8, 0.8))


def test_a_long_gap_empties_it() -> None:
    buffer = FrameBuffer(32)
    moving(buffer, [0.0, 400.0, 900.0])
    assert len(buffer) == 28
    moving(buffer, [1401.0])
    assert len(buffer) == 1


@pytest.mark.parametrize("t_ms", [33.0, 10.0])
def test_a_time_that_does_not_rise_empties_it(t_ms: float) -> None:
    buffer = FrameBuffer(32)
    moving(buffer, [0.0, 33.0, t_ms])
    assert len(buffer) == 1


def test_it_keeps_no_more_than_a_window() -> None:
    buffer = FrameBuffer(32)
    moving(buffer, [FRAME_MS * frame for frame in range(10_000)])
    assert len(buffer._times) == 8 * 32


@pytest.mark.parametrize("fps", [30, 1000])
def test_a_window_does_not_depend_on_how_long_the_stream_is(fps: int) -> None:
    long, short = FrameBuffer(32), FrameBuffer(32)
    times = [1000.0 / fps * frame for frame in range(9_000)]
    moving(long, times)
    moving(short, times[-2 * fps :])
    assert long.full
    np.testing.assert_array_equal(long.window(), short.window())


@given(st.lists(st.tuples(st.floats(0, 700), st.booleans(), st.sampled_from(["Left", "Right"])), max_size=60))
def test_a_window_is_whole_hands_or_none(frames: list[tuple[float, bool, str]]) -> None:
    buffer = FrameBuffer(16)
    t_ms = 0.0
    for step, seen, side in frames:
        t_ms += step
        buffer.push(make_hand(t_ms, handedness=side) if seen else None, t_ms)
        window = buffer.window()
        missing = np.isnan(window)
        assert window.shape == (len(buffer), 21, 3)
        assert (missing.all(axis=(1, 2)) == missing.any(axis=(1, 2))).all()
        assert missing[-1].all() == (not seen)


@pytest.mark.parametrize("t_ms", [float("nan"), float("inf")])
def test_a_time_that_is_no_number_is_refused(t_ms: float) -> None:
    buffer = FrameBuffer(4)
    with pytest.raises(FrameError, match="expected milliseconds"):
        buffer.push(None, t_ms)
    assert len(buffer) == 0

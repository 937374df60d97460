import numpy as np
import pytest
from numpy.testing import assert_allclose

from signcore.features import FloatArray
from signcore.smoothing import Smoother


def sure_of(index: int) -> FloatArray:
    return np.eye(29, dtype=np.float32)[index]


def test_the_first_is_taken_as_it_is() -> None:
    assert_allclose(Smoother(0.1).step(sure_of(3), 50.0), sure_of(3))


def test_no_time_constant_is_no_smoothing() -> None:
    smoother = Smoother(0.0)
    smoother.step(sure_of(0), 0.0)
    assert_allclose(smoother.step(sure_of(1), 33.0), sure_of(1))


@pytest.mark.parametrize("fps", [10, 15, 30, 60])
def test_it_is_as_calm_at_any_frame_rate(fps: int) -> None:
    smoother = Smoother(0.2)
    smoother.step(sure_of(0), 0.0)
    for frame in range(1, fps // 5 + 1):
        after_200_ms = smoother.step(sure_of(1), 1000.0 * frame / fps)
    assert after_200_ms[0] == pytest.approx(np.exp(-1.0), rel=1e-4)
    assert after_200_ms.sum() == pytest.approx(1.0, abs=1e-6)


def test_reset_forgets() -> None:
    smoother = Smoother(10.0)
    smoother.step(sure_of(0), 0.0)
    smoother.reset()
    assert_allclose(smoother.step(sure_of(1), 33.0), sure_of(1))

"""Probabilities made calm: a running average over time."""

import math

from signcore.features import FloatArray


class Smoother:
    """An exponential average whose time constant is in seconds, so that it is as calm at 10 fps as at 30."""

    def __init__(self, time_constant_s: float) -> None:
        self._time_constant_ms = 1000.0 * time_constant_s
        self._average: FloatArray | None = None
        self._t_ms = 0.0

    def step(self, probabilities: FloatArray, t_ms: float) -> FloatArray:
        """Take in the probabilities (29,) at `t_ms` and return the smoothed ones (29,), which sum to 1 as well."""
        if self._average is None or self._time_constant_ms == 0.0:
            self._average = probabilities
        else:
            old = math.exp(-max(t_ms - self._t_ms, 0.0) / self._time_constant_ms)
            self._average = old * self._average + (1.0 - old) * probabilities
        self._t_ms = t_ms
        return self._average

    def reset(self) -> None:
        """Forget what came before: the next probabilities are returned as they are."""
        self._average = None

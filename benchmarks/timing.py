"""How long things take: on the clock, and in processor time of this process."""

import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numpy as np

P = ParamSpec("P")
T = TypeVar("T")


class Stopwatch:
    """Times many calls under names.

    Processor time is that of all threads of this process, so it counts MediaPipe's own and is not disturbed by what
    else the machine does.
    """

    def __init__(self) -> None:
        self._calls: dict[str, list[tuple[float, float]]] = {}

    def __call__(self, name: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call it, and remember how long it took under this name."""
        cpu, wall = time.process_time(), time.perf_counter()
        result = call(*args, **kwargs)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        self._calls.setdefault(name, []).append((1000.0 * wall, 1000.0 * cpu))
        return result

    def cpu_ms(self, name: str) -> float:
        """Mean processor time of a call, milliseconds."""
        return float(np.mean([cpu for _, cpu in self._calls[name]]))

    def table(self) -> dict[str, dict[str, Any]]:
        """For each name: calls, percentiles on the clock, and mean processor time, milliseconds."""
        rows = {}
        for name, calls in self._calls.items():
            p50, p95, p99 = np.percentile([wall for wall, _ in calls], (50, 95, 99)).round(3).tolist()
            rows[name] = {
                "calls": len(calls),
                "p50_ms": p50,
                "p95_ms": p95,
                "p99_ms": p99,
                "cpu_ms": round(self.cpu_ms(name), 3),
            }
        return rows

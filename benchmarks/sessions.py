"""How many camera sessions a server holds: real WebRTC peers in processes of their own, one more at a time."""

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

_KEPT: Final = 0.9  # of the camera's frame rate
_LONGEST_P95_MS: Final = 50.0
_MOST: Final = 12
_SETTLING_S: Final = 2.5


class Talker:
    """A process that answers lines of JSON with lines of JSON, and ends when nobody talks to it any more."""

    def __init__(self, *words: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def hear(self) -> Any:
        """Its next line."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a benchmark process ended with status {self._process.wait()}")
        return json.loads(line)

    def say(self, message: Any) -> None:
        """Write it a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()


class Arena:
    """One server of a kind and its cameras.

    Args:
        kind: as `benchmarks.server` names it.
        sends_back: whether the server sends the picture back.
    """

    def __init__(self, kind: str, *, sends_back: bool) -> None:
        self._sends_back = sends_back
        self._server = Talker("benchmarks.server", kind, *(["--sends-back"] if sends_back else []))
        self._peers: list[Talker] = []
        self._server.hear()

    def add(self, video: Path, fps: int) -> None:
        """One camera more."""
        peer = Talker("benchmarks.peer", str(video), str(fps), *(["--watches"] if self._sends_back else []))
        self._peers.append(peer)
        self._server.say(peer.hear())
        peer.say(self._server.hear())

    def measure(self, seconds: float) -> Any:
        """What `benchmarks.server` says about the next seconds, after some to settle."""
        for span in (_SETTLING_S, seconds):
            self._server.say({"measure": span})
            found = self._server.hear()
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for talker in (*self._peers, self._server):
            talker.__exit__(kind, error, trace)


def count_sessions(kind: str, video: Path, fps: int, *, sends_back: bool, seconds: float) -> dict[str, Any]:
    """Add cameras until one of them loses a tenth of its frames, or waits too long.

    Returns:
        `held`: how many sessions the server held. `cores_each`: processor time of a session while all were held, of
        one core. `steps`: what was measured with 1, 2, … cameras.
    """
    steps: list[Any] = []
    held = 0
    with Arena(kind, sends_back=sends_back) as arena:
        while held == len(steps) < _MOST:
            arena.add(video, fps)
            found = arena.measure(seconds)
            if not _held(found, fps):
                # Once more: the machine may have been busy with something else.
                found = arena.measure(seconds)
            steps.append(found)
            held += _held(found, fps)
    fullest = steps[max(0, held - 1)]
    return {
        "server": kind,
        "fps": fps,
        "sends_back": sends_back,
        "held": held,
        "cores_each": round(fullest["cores"] / max(1, held), 3),
        "loop_lag_p99_ms": fullest["loop_lag_p99_ms"],
        "steps": steps,
    }


def _held(found: dict[str, Any], fps: int) -> bool:
    return bool(min(found["fps"]) >= _KEPT * fps and max(found["p95_ms"]) <= _LONGEST_P95_MS)


def cost_of_one(video: Path, fps: int, *, sends_back: bool, seconds: float) -> float:
    """Processor time that signcore's server takes with a single camera, of one core."""
    with Arena("signcore", sends_back=sends_back) as arena:
        arena.add(video, fps)
        return float(arena.measure(seconds)["cores"])

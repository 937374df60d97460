"""Signs that are commands, so that everything can go on without a hand on the keyboard."""

from typing import Final

from signcore.labels import DELETE, SPACE
from signcore.recognizer import Snapshot

_HELD_MS: Final = 1000.0
_SURELY: Final = 0.9


class Commands:
    """Watches for SPACE and DELETE that are held for a second; each is one command, however long it is held."""

    def __init__(self) -> None:
        self._held: tuple[str, float] | None = None

    def step(self, snapshot: Snapshot) -> str | None:
        """Take in what has been read; SPACE or DELETE at the moment in which it becomes a command, else None."""
        sign = snapshot.letter
        if sign not in (SPACE, DELETE) or snapshot.confidence < _SURELY:
            self._held = None
        elif self._held is None or self._held[0] != sign:
            self._held = (sign, snapshot.t_ms)
        elif snapshot.t_ms - self._held[1] >= _HELD_MS:
            self._held = (sign, float("inf"))
            return sign
        return None

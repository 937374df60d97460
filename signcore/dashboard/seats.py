"""How many cameras a server reads at a time, and the line of those who wait for one to stop."""

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from signcore.errors import SignError

# Whoever has not asked for so long has left the line, or the place that was kept.
_PATIENCE_S: Final = 30.0


class CamerasTakenError(SignError):
    """As many cameras run as this server allows."""


@dataclass(frozen=True)
class Wait:
    """What somebody without a seat wants to know.

    Attributes:
        ahead: how many are to be served before.
        seconds: how long it may take, going by how long cameras have run here.
    """

    ahead: int
    seconds: float


class Seats:
    """How many cameras may run at the same time; who waits is served in the order of coming. Thread-safe.

    Args:
        limit: cameras.
        clock: seconds that rise.
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        # By ticket: whose camera, and since when it has run.
        self._taken: dict[int, tuple[object, float]] = {}
        self._tickets = itertools.count()
        # When each of those who wait asked last, in the order of their coming.
        self._line: dict[object, float] = {}
        self._ended, self._ended_s = 0, 0.0
        self._lock = threading.Lock()

    def free_for(self, owner: object) -> bool:
        """Whether a camera of `owner` may run: one of its own does, or there is a seat that nobody else waits for."""
        with self._lock:
            return self._free_for(owner)

    @property
    def refusal(self) -> str:
        """What to tell the one too many."""
        cameras = "1 camera" if self._limit == 1 else f"{self._limit} cameras"
        return f"This server reads {cameras} at a time, and no seat is free."

    def wait(self, owner: object) -> Wait | None:
        """Stand in line, and go on standing in it: to be called again and again.

        Returns:
            None as soon as it is the turn of `owner`; its seat is then kept for half a minute.
        """
        with self._lock:
            now_s = self._clock()
            self._forget_who_left()
            # Whoever is in it already keeps their place.
            self._line[owner] = now_s
            if self._free_for(owner):
                return None
            ahead = self._ahead(owner) - self._free
            # The mean life of things of which some still live, where each may end at any moment alike: all their time
            # over the number of ends. The next of several ends so many times sooner.
            run_s = self._ended_s + sum(now_s - since_s for _, since_s in self._taken.values())
            return Wait(ahead, (ahead + 1) * run_s / max(1, self._ended) / self._limit)

    def take(self, owner: object) -> int:
        """A camera of `owner` runs, in place of another one that it may have; the answer is its ticket.

        Raises:
            CamerasTakenError: no seat is free for it.
        """
        with self._lock:
            if not self._free_for(owner):
                raise CamerasTakenError(self.refusal)
            for ticket in [ticket for ticket, (other, _) in self._taken.items() if other == owner]:
                self._end(ticket)
            self._line.pop(owner, None)
            ticket = next(self._tickets)
            self._taken[ticket] = (owner, self._clock())
            return ticket

    def give_back(self, ticket: int) -> None:
        """The camera with this ticket runs no longer."""
        with self._lock:
            if ticket in self._taken:
                self._end(ticket)

    def _end(self, ticket: int) -> None:
        _, since_s = self._taken.pop(ticket)
        self._ended, self._ended_s = self._ended + 1, self._ended_s + self._clock() - since_s

    @property
    def _free(self) -> int:
        return self._limit - len(self._taken)

    def _free_for(self, owner: object) -> bool:
        self._forget_who_left()
        return any(other == owner for other, _ in self._taken.values()) or self._free > self._ahead(owner)

    def _ahead(self, owner: object) -> int:
        """How many have waited for longer."""
        line = list(self._line)
        return line.index(owner) if owner in line else len(line)

    def _forget_who_left(self) -> None:
        now_s = self._clock()
        self._line = {owner: asked_s for owner, asked_s in self._line.items() if now_s - asked_s <= _PATIENCE_S}

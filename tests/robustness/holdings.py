"""What this process holds."""

import gc
import os
import threading
import time
from operator import gt
from pathlib import Path
from typing import NamedTuple

from signcore.hand import HandTracker


class Belongings(NamedTuple):
    """How many threads, open files and hand trackers."""

    threads: int
    files: int
    trackers: int


NOTHING = Belongings(0, 0, 0)


def resident_mib() -> float:
    """Memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def belongings() -> Belongings:
    """What this process has."""
    gc.collect()
    trackers = sum(type(thing) is HandTracker for thing in gc.get_objects())
    return Belongings(threading.active_count(), len(list(Path("/proc/self/fd").iterdir())), trackers)


def settle(before: Belongings, seconds: float = 15.0) -> Belongings:
    """What is there when none of it is more than before, or after so long."""
    deadline = time.monotonic() + seconds
    while any(map(gt, now := belongings(), before)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return now

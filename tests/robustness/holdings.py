"""What this process holds."""

import gc
import os
import threading
import time
from pathlib import Path


def resident_mib() -> float:
    """Memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def belongings() -> tuple[int, int]:
    """Threads and open files of this process."""
    gc.collect()
    return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))


def settle(before: tuple[int, int], seconds: float = 15.0) -> tuple[int, int]:
    """What is there when it is no more than before, or after so long."""
    deadline = time.monotonic() + seconds
    while (now := belongings()) > before and time.monotonic() < deadline:
        time.sleep(0.1)
    return now

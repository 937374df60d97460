"""What a process that reads cameras asks of Python and of the C library."""

import ctypes
import sys
from contextlib import suppress
from typing import Final

# After so long a thread that computes in Python lets another one in, seconds. The event loop, which all sessions share,
# gives the interpreter away and asks for it again several times for each packet.
_SWITCH_S: Final = 0.0005
# glibc's malloc gives threads arenas of their own, sixteen on two cores, and what was freed in one is of no use in
# another.
_ARENAS: Final = 2
_M_ARENA_MAX: Final = -8  # of glibc's malloc.h


def settle_process() -> None:
    """Set both, for the whole process. Calling it again does no harm."""
    sys.setswitchinterval(_SWITCH_S)
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)

"""What a process that reads cameras asks of Python, of the C library, of aiortc and of Streamlit."""

import ctypes
import sys
from contextlib import suppress
from typing import Final

from aiortc import codecs, jitterbuffer
from aiortc.rtp import RTP_HISTORY_SIZE
from streamlit import net_util

from signcore.dashboard.encoder import QuickVp8Encoder

# After so long a thread that computes in Python lets another one in, seconds. The event loop, which all sessions share,
# gives the interpreter away and asks for it again several times for each packet.
_SWITCH_S: Final = 0.0005
# glibc's malloc gives threads arenas of their own, sixteen on two cores, and what was freed in one is of no use in
# another.
_ARENAS: Final = 2
_M_ARENA_MAX: Final = -8  # of glibc's malloc.h
# aiortc asks for packets again that are up to 128 behind, and takes one that is 100 behind for the start of another
# stream: after a break, what it asked for itself would empty its buffer again and again.
_LATEST: Final = 2 * RTP_HISTORY_SIZE


def settle_process() -> None:
    """Set them all, for the whole process. Calling it again does no harm."""
    sys.setswitchinterval(_SWITCH_S)
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
    jitterbuffer.MAX_MISORDER = _LATEST
    codecs.Vp8Encoder = QuickVp8Encoder  # type: ignore[attr-defined]
    # For every WebSocket from another site Streamlit would ask a service on the internet whether the site is this
    # computer, and all sessions would wait for the answer.
    net_util.get_external_ip = _unknown


def _unknown() -> None:
    return None

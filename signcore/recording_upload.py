"""Recordings that come from outside.

PyArrow stops the whole process at some damaged files instead of raising an exception (an unknown compression codec is
one), which would take everybody's session with it. So a file from outside is read once in a process of its own, with
little memory, before the app reads it.
"""

import resource
import subprocess
import sys
from pathlib import Path
from typing import Final

from signcore.errors import RecordingError
from signcore.recording import Recording
from signcore.recording_file import check_size, read_recording

_LONGEST_S: Final = 60.0
# PyArrow and the rest have mapped 0.9 GB when they are loaded; the largest recording needs half a gigabyte on top.
_MOST_MEMORY: Final = 3 << 30
_REFUSED: Final = 3


def receive_recording(data: bytes) -> Recording:
    """Read and check a recording that somebody has uploaded. Takes about a second.

    Raises:
        RecordingError: as `read_recording`, or a file that brings its reader down.
    """
    check_size(len(data))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "signcore.recording_upload"],
            input=data,
            capture_output=True,
            timeout=_LONGEST_S,
            cwd=Path(__file__).resolve().parent.parent,
        )
    except subprocess.TimeoutExpired:
        raise RecordingError(f"expected a recording that is read in {_LONGEST_S:g} s, found one that is not") from None
    if done.returncode == _REFUSED:
        raise RecordingError(done.stdout.decode())
    if done.returncode != 0:
        raise RecordingError("expected a recording (a whole .parquet file), found a damaged file")
    return read_recording(data)


def _main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    try:
        read_recording(sys.stdin.buffer.read())
    except RecordingError as error:
        sys.stdout.buffer.write(str(error).encode())
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(_main())

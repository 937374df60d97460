"""The frames of a recording as the browser gets them: once, and small enough for half an hour."""

import struct
import zlib
from typing import Final

import numpy as np

from signcore.recording import Recording

# A landmark's place in these parts of an image height; a hand farther than 8 away from the picture is at its edge.
_PARTS: Final = 4000
_NO_HAND: Final = -32768
# A probability in these steps; 255 says that nothing was read.
_STEPS: Final = 250
_NOT_READ: Final = 255


def pack_frames(recording: Recording) -> bytes:
    """All frames in one piece, little-endian, 8 + 124n bytes for n frames.

    In this order: uint32 n and a uint32 checksum of what follows; n float64 milliseconds; (n, 21, 2) int16 x and y in
    1/4000 of an image height, -32768 without a hand; n uint16 frames in the window; (n, 29) uint8 probabilities in
    1/250, 255 where nothing was read; n uint8 status, with 4 added where the recogniser was sure. `review_tape.js`
    unpacks it.
    """
    places = np.clip(np.rint(recording.landmarks[..., :2] * _PARTS), _NO_HAND + 1, -_NO_HAND - 1)
    probabilities = np.rint(recording.probabilities * _STEPS)
    body = b"".join(
        (
            recording.t_ms.astype("<f8").tobytes(),
            np.nan_to_num(places, nan=_NO_HAND).astype("<i2").tobytes(),
            recording.buffered.astype("<u2").tobytes(),
            np.nan_to_num(probabilities, nan=_NOT_READ).astype(np.uint8).tobytes(),
            (recording.status + 4 * recording.sure).astype(np.uint8).tobytes(),
        )
    )
    return struct.pack("<II", len(recording), zlib.crc32(body)) + body


def tape_checksum(tape: bytes) -> int:
    """The checksum in a tape's header."""
    checksum: int = struct.unpack_from("<I", tape, 4)[0]
    return checksum

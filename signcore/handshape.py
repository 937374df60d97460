"""The typical hand of each letter: how it looks, how much people vary, and how it is said in words.

`handshapes.npz` holds what `python -m signcore handshapes` computed out of many people's recordings; see
docs/handshapes.md.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np

from signcore.errors import ClipFileError, LandmarkError
from signcore.features import FloatArray
from signcore.labels import LETTERS, MOVING_LETTERS

HANDSHAPES_FILE: Final = Path(__file__).with_name("handshapes.npz")
# The landmark whose way through the air is the letter: the little finger's tip, the index finger's.
DRAWING_TIP: Final = {"J": 20, "Z": 8}
_SENTENCES: Final = {
    "A": "Make a fist and rest the thumb upright against its side; a thumb across the front would be S.",
    "B": "Hold four fingers up and together and fold the thumb over the palm; with the fingers apart it looks like W.",
    "C": "Curve fingers and thumb as if around a cup; if the tips meet it is O.",
    "D": "Point the index finger up and let the other tips meet the thumb; with the thumb out to the side it is L.",
    "E": "Curl all four fingertips down to the thumb, which lies below them; a closed fist would be S.",
    "F": "Let thumb and index finger touch in a ring and spread the other three; with the other three closed it is O.",
    "G": "Point index finger and thumb sideways, one above the other, like a small gap; pointing down it becomes Q.",
    "H": "Point index and middle finger sideways, side by side; pointing up it becomes U.",
    "I": "Make a fist and raise the little finger alone; with the thumb out as well it is Y.",
    "J": "Hold an I and draw a hook in the air with the little finger: down, then round; without moving it is I.",
    "K": "Raise index and middle finger in a V and put the thumb's tip between them; without the thumb it is V.",
    "L": "Point the index finger up and the thumb out to the side, a right angle; with the thumb tucked in it is D.",
    "M": "Fold three fingers over the thumb, so that its tip peeps out beside the little finger; two fingers make N.",
    "N": "Fold two fingers over the thumb, so that its tip peeps out after the middle finger; three fingers make M.",
    "O": "Round all fingers until their tips meet the thumb's; if they stay apart it is C.",
    "P": "Hold a K and tip it forward until the middle finger points down; upright it is K.",
    "Q": "Point index finger and thumb down, a little apart; pointing sideways it becomes G.",
    "R": "Raise index and middle finger and cross them; side by side they make U.",
    "S": "Make a fist with the thumb across the front of the fingers; beside the fist it would be A.",
    "T": "Make a fist with the thumb's tip between index and middle finger; one finger further it is N.",
    "U": "Raise index and middle finger, straight and touching; apart they make V, crossed R.",
    "V": "Raise index and middle finger and spread them; together they make U, with the thumb between them K.",
    "W": "Raise index, middle and ring finger and spread them; with the ring finger down it is V.",
    "X": "Make a fist and raise the index finger bent like a hook; straight it would be D.",
    "Y": "Stretch out thumb and little finger and fold the rest; with the thumb in it is I.",
    "Z": "Draw a Z in the air with the index finger: across, slanting back, across; without moving it looks like D.",
}  # fmt: skip
_CONFUSED: Final = {
    "A": "ST", "B": "W", "C": "O", "D": "XL", "E": "SO", "F": "OD", "G": "QH", "H": "UG", "I": "YJ", "J": "I",
    "K": "VP", "L": "DG", "M": "NS", "N": "MT", "O": "CE", "P": "KQ", "Q": "GP", "R": "UV", "S": "AT", "T": "NA",
    "U": "RV", "V": "UK", "W": "VB", "X": "DT", "Y": "I", "Z": "D",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Handshape:
    """The typical hand of one letter.

    Attributes:
        letter: A to Z.
        landmarks: (21, 3) float32, palm units, relative to the wrist: a right hand as who faces it sees it (x right,
            y down, z away from the viewer). For J and Z the hand that the movement begins with.
        spread: (21,) float32, palm units: how far apart people are at each joint (a standard deviation).
        movement: (n, 21, 3) float32, n moments of the movement at 30 a second, palm units relative to the first wrist;
            None for a letter that is held still.
        pose: what the fingers do, see `signcore.pose.MEASURES`.
        pose_spread: how much that varies among people, in the same units.
        sentence: how to form it and what it is mixed up with.
        confused_with: the letters that it is mixed up with, likeliest first.
    """

    letter: str
    landmarks: FloatArray
    spread: FloatArray
    movement: FloatArray | None
    pose: FloatArray
    pose_spread: FloatArray
    sentence: str
    confused_with: tuple[str, ...]


def reference(letter: str) -> Handshape:
    """The typical hand of a letter.

    Args:
        letter: A to Z.

    Raises:
        LandmarkError: not one of the 26 letters.
        ClipFileError: the data file is missing or damaged.
    """
    if letter not in LETTERS:
        raise LandmarkError(f"a handshape: expected a letter A to Z, found {letter!r}")
    return _load()[letter]


@cache
def _load() -> dict[str, Handshape]:
    try:
        with HANDSHAPES_FILE.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            data = {key: np.asarray(archive[key]) for key in archive.files}
        movements = dict(zip(MOVING_LETTERS, data["movement"], strict=True))
        return {
            letter: Handshape(
                letter,
                data["landmarks"][i],
                data["spread"][i],
                movements.get(letter),
                data["pose"][i],
                data["pose_spread"][i],
                _SENTENCES[letter],
                tuple(_CONFUSED[letter]),
            )
            for i, letter in enumerate(LETTERS)
        }
    except (OSError, ValueError, KeyError, IndexError, BadZipFile) as error:
        raise ClipFileError(f"{HANDSHAPES_FILE.name}: not a readable file of handshapes ({error})") from error

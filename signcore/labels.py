"""The 29 classes, in the order of every probability vector: A to Z, SPACE, DELETE, NOTHING."""

import unicodedata
from string import ascii_uppercase
from typing import Final

LETTERS: Final[tuple[str, ...]] = tuple(ascii_uppercase)
SPACE: Final = "SPACE"
DELETE: Final = "DELETE"
NOTHING: Final = "NOTHING"
LABELS: Final[tuple[str, ...]] = (*LETTERS, SPACE, DELETE, NOTHING)

# J and Z are movements; every other letter is a handshape that can be held still.
MOVING_LETTERS: Final = ("J", "Z")
STILL_LETTERS: Final[tuple[str, ...]] = tuple(letter for letter in LETTERS if letter not in MOVING_LETTERS)
# What each looks like until it moves.
BEGINNINGS: Final = {"J": frozenset("I"), "Z": frozenset("DGLX")}

_INDEX: Final = {label: index for index, label in enumerate(LABELS)}


def index_to_char(index: int) -> str:
    """The label at an index: 0 is "A", 25 "Z", 26 "SPACE", 27 "DELETE", 28 "NOTHING". IndexError outside 0..28."""
    if not 0 <= index < len(LABELS):
        raise IndexError(f"class index: expected 0 to {len(LABELS) - 1}, found {index}")
    return LABELS[index]


def char_to_index(label: str) -> int:
    """The index of a label, the inverse of `index_to_char`. KeyError for a label that is none of the 29."""
    return _INDEX[label]


def without_accents(text: str) -> str:
    """A text as it is spelled: in capitals, an accent left out (É is spelled E)."""
    return "".join(char for char in unicodedata.normalize("NFKD", text.upper()) if not unicodedata.combining(char))

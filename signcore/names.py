"""Names that people give to themselves and to their recordings."""

import re
import string
import unicodedata
from typing import Final

from signcore.errors import StoreError

LONGEST_NAME: Final = 60

_LONGEST_KEY: Final = 200
_MARKS: Final = frozenset(" -_'\u2019.,:;!?()+")
# Accents and vowel signs that are characters of their own, and emoji.
_CATEGORIES: Final = ("Mn", "Mc", "So")


def checked_name(name: str) -> str:
    """A name, tidied. Nothing in it means anything in a path or in HTML; for Markdown there is `as_markdown`.

    Raises:
        StoreError: empty, longer than 60 characters, or with characters that names do not need.
    """
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise StoreError(f"A name has 1 to {LONGEST_NAME} characters, this one has {len(name)}.")
    strange = [char for char in name if not is_allowed(char)]
    if strange:
        raise StoreError(f"A name has letters, digits, spaces and - _ ' . , : ; ! ? ( ) +, not {strange[0]!r}.")
    if not any(char.isalnum() for char in name):
        raise StoreError(f"A name has at least one letter or digit, found {name!r}.")
    return name


def name_key(name: str) -> str:
    """What two names have in common that only differ by case, by blanks, or by how their characters are written."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())[:_LONGEST_KEY]


def as_markdown(name: str) -> str:
    """The Markdown that shows a name letter for letter, also to Streamlit, for which :cat: is a cat."""
    return re.sub(f"[{re.escape(string.punctuation)}]", r"\\\g<0>", name)


def is_allowed(char: str) -> bool:
    """Whether a name may have this character."""
    return char.isalnum() or char in _MARKS or unicodedata.category(char) in _CATEGORIES

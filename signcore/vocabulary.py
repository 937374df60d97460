"""Words to spell: lists by level, names, and lists of one's own."""

import random
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from signcore.errors import PracticeError
from signcore.labels import LETTERS, without_accents

MOST_WORDS: Final = 500
LONGEST_WORD: Final = 20
# Byte order marks, soft hyphens and joiners; marks that change how the character before them looks.
_UNSEEN: Final = ("Cf", "Mn")

_LISTS: Final = {
    "First words": "CAT DOG SUN CUP BED BUS BOY SKY TEA BIG RED FUN HAT LEG MAP NEW OWL PEN RUN SIX TOP VAN WET YES",
    "Everyday": "HELLO HOME BREAD WATER MUSIC TODAY FRIEND LUNCH LIGHT PHONE CHAIR WORLD STORY PLANT VOICE RIVER FIVE "
    "QUICK OCEAN EXTRA GREEN WINTER MOTHER DINNER",
    "Long and tricky": "PUZZLE JOURNEY BALLOON BICYCLE JACKET BREAKFAST KEYBOARD MOUNTAIN QUESTION BUTTERFLY EXERCISE "
    "MAGAZINE ZIPPER VOLLEYBALL WEDNESDAY NEIGHBOUR LIBRARY UMBRELLA",
    "Names": "ANNA BEN CARLOS DIANA ELIF FATIMA GRACE HUGO INES JAMAL KEIKO LIAM MAYA NOAH OLGA PRIYA QUENTIN ROSA "
    "SAM TARIQ UMA VIKTOR WANDA XAVIER YUSUF ZOE",
}
WORD_LISTS: Final = {name: tuple(words.split()) for name, words in _LISTS.items()}


def own_words(typed: str) -> tuple[str, ...]:
    """A list that a person has typed: words with blanks, commas or new lines between them, each taken once.

    An accent is left out, as it is in spelling: É is spelled E. So is what cannot be seen and comes with a copied text.

    Raises:
        PracticeError: too many or too long words, or something that is not a letter A to Z.
    """
    typed = "".join(char for char in typed if unicodedata.category(char) not in _UNSEEN)
    words = list(dict.fromkeys(without_accents(word) for word in typed.replace(",", " ").replace(";", " ").split()))
    if len(words) > MOST_WORDS:
        raise PracticeError(f"A list has at most {MOST_WORDS} words, this one has {len(words):,}.")
    for word in words:
        strange = next((char for char in word if char not in LETTERS), None)
        if strange is not None:
            kind = "Digits are" if strange.isdigit() else f"“{strange}” is"
            raise PracticeError(f"{kind} not spelled here: only the letters A to Z, found in “{word[:LONGEST_WORD]}”.")
        if len(word) > LONGEST_WORD:
            raise PracticeError(f"A word has at most {LONGEST_WORD} letters, “{word[:8]}…” has {len(word)}.")
    return tuple(words)


def shuffled(words: Sequence[str], chance: random.Random) -> Iterator[str]:
    """The words without an end, each once before any comes again, and none twice in a row if there are two."""
    last = None
    while True:
        order = chance.sample(words, len(words))
        if order[0] == last:
            order.reverse()
        yield from order
        last = order[-1]

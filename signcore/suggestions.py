"""Words that a person may have meant: what a beginning may become, and what a misread word may be."""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from rapidfuzz.distance import Levenshtein
from symspellpy import SymSpell, Verbosity

from signcore.errors import SettingsError
from signcore.labels import LETTERS

_DICTIONARY: Final = "frequency_dictionary_en_82_765.txt"
_MOST_EDITS: Final = 2
_LONGEST_NAME: Final = 40
# What an edit costs in orders of magnitude of frequency: a word that needs one must be so much more common.
_EDIT_COST: Final = 4.0
# A letter that the model often takes for the other costs less, down to this.
_CONFUSION_COST: Final = 1.0
# A word of the dictionary is likely right: another must be almost as likely to be offered beside it.
_DOUBT: Final = 2.0
# A completion says nothing against the letters that are there, only that there are more.
_LETTER_TO_COME_COST: Final = 0.5


@cache
def load_dictionary() -> SymSpell:
    """The English words with their frequencies. Takes about a second, once a process."""
    words = SymSpell(max_dictionary_edit_distance=_MOST_EDITS, prefix_length=5)
    words.load_dictionary(str(files("symspellpy") / _DICTIONARY), term_index=0, count_index=1)
    return words


@cache
def _alphabetical() -> list[str]:
    return sorted(load_dictionary().words)


class Suggester:
    """Offers words for the last word of a text. It never changes the text by itself.

    Args:
        confusions: how often (0..1) the model answers the second letter when the first is signed, for the pairs where
            it does; from the results of its evaluation.
        names: a person's own words, offered before all others.

    Raises:
        SettingsError: a name that is no word of letters, or longer than 40 of them.
    """

    def __init__(self, confusions: Mapping[tuple[str, str], float] | None = None, names: Sequence[str] = ()) -> None:
        self._confusions = confusions or {}
        # Pages ask several times a second, and mostly for the same text.
        self._answer: tuple[tuple[str, int], tuple[str, ...]] | None = None
        self._names = [name.strip().upper() for name in names if name.strip()]
        for name in self._names:
            if not set(name) <= set(LETTERS) or len(name) > _LONGEST_NAME:
                raise SettingsError(f"a name: expected at most {_LONGEST_NAME} letters A to Z, found {name!r}")

    def suggest(self, text: str, limit: int = 4) -> tuple[str, ...]:
        """At most `limit` words for the last word of a text, the likeliest first, and never that word itself.

        A space behind it changes nothing: a pause of the hand writes one, and only then is there time to choose.
        """
        if self._answer is not None and self._answer[0] == (text, limit):
            return self._answer[1]
        typed = text.rstrip(" ").rpartition(" ")[2]
        words = self._likeliest(typed, limit) if typed else ()
        self._answer = (text, limit), words
        return words

    def _likeliest(self, typed: str, limit: int) -> tuple[str, ...]:
        costs = dict(self._dictionary_costs(typed))
        own = {name: self._cost(typed, name) for name in self._names}
        near = {name: cost for name, cost in own.items() if cost <= _EDIT_COST}
        ranked = sorted(near, key=near.__getitem__) + sorted(costs, key=costs.__getitem__)
        return tuple(word for word in dict.fromkeys(ranked) if word != typed)[:limit]

    def _dictionary_costs(self, typed: str) -> list[tuple[str, float]]:
        words = load_dictionary()
        near = words.lookup(typed.lower(), Verbosity.ALL, max_edit_distance=_MOST_EDITS if len(typed) > 3 else 1)
        candidates = {item.term for item in near if item.distance > 0} | set(_beginning_with(typed.lower()))
        costs = {
            word.upper(): self._cost(typed, word.upper()) - math.log10(words.words[word])
            for word in candidates
            if word.isascii() and word.isalpha()
        }
        most = _DOUBT - math.log10(words.words[typed.lower()]) if typed.lower() in words.words else math.inf
        return [(word, cost) for word, cost in costs.items() if cost <= most or word.startswith(typed)]

    def _cost(self, typed: str, word: str) -> float:
        """How much must have gone wrong, or be still to come, for `typed` to stand for `word`."""
        if word.startswith(typed):
            return _LETTER_TO_COME_COST * (len(word) - len(typed))
        if len(word) == len(typed):
            return sum(
                self._substitution_cost(meant, read) for meant, read in zip(word, typed, strict=True) if meant != read
            )
        return _EDIT_COST * Levenshtein.distance(typed, word)

    def _substitution_cost(self, meant: str, read: str) -> float:
        """Between the full cost of an edit, for a confusion of one in 1000 or less, and the least, for one in 10."""
        share = max(self._confusions.get((meant, read), 0.0), 1e-3)
        return max(_CONFUSION_COST, _EDIT_COST + (_EDIT_COST - _CONFUSION_COST) * (math.log10(1e-3 / share) / 2.0))


def _beginning_with(start: str) -> list[str]:
    words = _alphabetical()
    return words[bisect_left(words, start) : bisect_left(words, start + "{")]

"""What was meant beside what was read: the same letters, and where they differ."""

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rapidfuzz.distance import Levenshtein

from signcore.labels import without_accents
from signcore.recording import Recording


class Difference(StrEnum):
    """How one place of the meant text was read."""

    NONE = "read right"
    SUBSTITUTION = "read as another letter"
    INSERTION = "read, though not meant"
    DELETION = "meant, not read"


@dataclass(frozen=True)
class Pair:
    """One place of an alignment.

    Attributes:
        difference: how it was read.
        meant: the character that was meant; None for an insertion.
        read: the character that was read; None for a deletion.
        position: where in the text that was read this stands; for a deletion, before which character.
    """

    difference: Difference
    meant: str | None
    read: str | None
    position: int


_DIFFERENCES: Final = {
    "equal": Difference.NONE,
    "replace": Difference.SUBSTITUTION,
    "insert": Difference.INSERTION,
    "delete": Difference.DELETION,
}


def as_spelled(text: str) -> str:
    """What hands make of a text: capitals without accents, no punctuation, one blank between words."""
    return " ".join(re.sub(r"[^\w\s]", "", without_accents(text)).split())


def align(meant: str, read: str) -> tuple[Pair, ...]:
    """Lay two texts beside each other with the fewest insertions, deletions and substitutions (Levenshtein).

    What was meant counts as `as_spelled` has it; upper and lower case are the same in what was read.
    """
    meant = as_spelled(meant)
    pairs = []
    for step in Levenshtein.opcodes(meant, _as_capitals(read)):
        for i in range(max(step.src_end - step.src_start, step.dest_end - step.dest_start)):
            at, position = step.src_start + i, step.dest_start + i
            pairs.append(
                Pair(
                    _DIFFERENCES[step.tag],
                    None if step.tag == "insert" else meant[at],
                    None if step.tag == "delete" else read[position],
                    step.dest_start if step.tag == "delete" else position,
                )
            )
    return tuple(pairs)


def mistakes(pairs: tuple[Pair, ...]) -> dict[Difference, int]:
    """How many there are of each kind."""
    found = [pair.difference for pair in pairs]
    return {kind: found.count(kind) for kind in Difference if kind is not Difference.NONE}


def pair_times(recording: Recording, pairs: tuple[Pair, ...]) -> tuple[tuple[float, float], ...]:
    """From when to when each pair of an alignment with `recording.text` was signed, milliseconds.

    Letters that were not read share the time between their neighbours, up to the recording's ends.
    """
    letters = recording.letters
    last_ms = float(recording.t_ms[-1])
    times = []
    missing = Counter(pair.position for pair in pairs if pair.difference is Difference.DELETION)
    before: Counter[int] = Counter()
    for pair in pairs:
        if pair.difference is Difference.DELETION:
            at = pair.position
            begin = letters[at - 1].end_ms if at > 0 else 0.0
            end = max(begin, letters[at].start_ms if at < len(letters) else last_ms)
            part = (end - begin) / missing[at]
            times.append((begin + before[at] * part, begin + (before[at] + 1) * part))
            before[at] += 1
        else:
            times.append((letters[pair.position].start_ms, letters[pair.position].end_ms))
    return tuple(times)


def _as_capitals(text: str) -> str:
    """The text in capitals, letter for letter: a letter whose capital is two stays what it is."""
    return "".join(char.upper() if len(char.upper()) == 1 else char for char in text)

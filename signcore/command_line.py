"""What the command lines of `signcore` and of `signcore.training` have in common."""

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_SEEDS: Final = 2**31


def seed_number(word: str) -> int:
    """The seed that was typed, as argparse wants it: the `type` of an option.

    Raises:
        ArgumentTypeError: no such number.
    """
    seed = int(word) if word.isdecimal() else -1
    if not 0 <= seed < _SEEDS:
        raise argparse.ArgumentTypeError(f"expected 0 to {_SEEDS - 1}, found {word}")
    return seed


def typed_command(module: str, words: Sequence[str]) -> str:
    """What was typed, as results and models record it: without the folders of one machine.

    Args:
        module: what follows `python -m`.
        words: what follows that.
    """
    kept = []
    for word in words:
        option, sign, value = word.rpartition("=") if word.startswith("--") else ("", "", word)
        kept.append(option + sign + (Path(value).name if Path(value).is_absolute() else value))
    return shlex.join(["python", "-m", module, *kept])

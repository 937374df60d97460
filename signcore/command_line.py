"""What the command lines of `signcore` and of `signcore.training` have in common."""

import argparse
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
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


@contextmanager
def native_lines_left_out() -> Iterator[None]:
    """Leave out what MediaPipe's C++ writes past `sys.stderr`: it says nothing to a person, and no option stops it."""
    stderr = sys.stderr
    if stderr is not sys.__stderr__ or stderr is None:
        yield
        return
    native = stderr.fileno()
    with (
        os.fdopen(os.open(os.devnull, os.O_WRONLY)) as nowhere,
        os.fdopen(os.dup(native), "w", buffering=1, errors=stderr.errors) as own,
    ):
        os.dup2(nowhere.fileno(), native)
        try:
            with redirect_stderr(own):
                yield
        finally:
            os.dup2(own.fileno(), native)

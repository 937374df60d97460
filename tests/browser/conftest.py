"""A real Chromium with a fake webcam, looking at a real server."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from urllib.error import URLError
from urllib.request import urlopen

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, FrameLocator, Page, Playwright, expect, sync_playwright

# Nothing here shall reach out, and no sandbox can be had as root.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_START_S = 60.0


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("expected a Chromium for the browser tests, found none (Debian: apt-get install chromium)")
        pytest.skip("needs Chromium (Debian: apt-get install chromium)")
    return path


# Not for the whole run: its event loop would stand in the way of tests that run their own.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def servers() -> dict[str, subprocess.Popen[bytes]]:
    """What `serve` has started, by address."""
    return {}


@pytest.fixture(scope="session")
def serve(
    project_dir: Path, tmp_path_factory: pytest.TempPathFactory, servers: dict[str, subprocess.Popen[bytes]]
) -> Iterator[Callable[..., str]]:
    """Starts the app with environment variables of its own, and gives its address: a free port, or the one given."""

    def start(*, port: int | None = None, **variables: str) -> str:
        if port is None:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
        log = tmp_path_factory.mktemp("server") / "log.txt"
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
        command += ["--server.address", "127.0.0.1", "--server.port", str(port), "--server.fileWatcherType", "none"]
        with log.open("wb") as output:
            server = subprocess.Popen(
                command, cwd=project_dir, env={**os.environ, **variables}, stdout=output, stderr=subprocess.STDOUT
            )
        address = f"http://127.0.0.1:{port}"
        servers[address] = server
        deadline = time.monotonic() + _START_S
        while True:
            try:
                with urlopen(f"{address}/_stcore/health", timeout=1):
                    return address
            except (URLError, OSError):
                if server.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"the app did not start:\n{log.read_text()}")
                time.sleep(0.2)

    yield start
    for server in servers.values():
        server.terminate()
    for server in servers.values():
        server.wait(timeout=20)


@pytest.fixture(scope="session")
def app(serve: Callable[..., str], hand_model: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an app as it is shipped, with a database of its own."""
    return serve(SIGNCORE_HAND_MODEL=str(hand_model), SIGNCORE_DATA_DIR=str(tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="session")
def webcam(media_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A video of ../shared/media as the MJPEG file that Chromium takes for a webcam; it plays in a loop.

    After it nobody is there for `away_s` seconds. `light` is how much of the light there is, 0..1.
    """
    folder = tmp_path_factory.mktemp("webcam")

    def convert(name: str, away_s: float = 0.0, light: float = 1.0) -> Path:
        target = folder / f"{name}-{away_s:g}-{light:g}.mjpeg"
        if not target.exists():
            with av.open(str(media_dir / f"{name}.mp4")) as source, av.open(str(target), "w", format="mjpeg") as sink:
                video = source.streams.video[0]
                stream = sink.add_stream("mjpeg", rate=30)
                stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuvj420p"
                stream.options = {"q": "3"}
                for frame in source.decode(video):
                    dim = (light * frame.to_ndarray(format="rgb24")).astype(np.uint8)
                    sink.mux(stream.encode(av.VideoFrame.from_ndarray(dim).reformat(format="yuvj420p")))
                for _ in range(round(30 * away_s)):
                    nobody = np.full((video.height, video.width, 3), 90, np.uint8)
                    sink.mux(stream.encode(av.VideoFrame.from_ndarray(nobody).reformat(format="yuvj420p")))
                sink.mux(stream.encode())
        return target

    return convert


def play(page: Page, word: str) -> None:
    """Begin to play a sample."""
    page.get_by_text("Sample", exact=True).click()
    page.get_by_role("combobox").click()
    page.get_by_role("combobox").fill(word)
    page.get_by_role("combobox").press("Enter")
    page.get_by_role("button", name="Play").click()


@pytest.fixture
def launch(playwright: Playwright, chromium: str) -> Iterator[Callable[..., Browser]]:
    """Starts a browser; with a webcam that shows a video, or with none."""
    browsers: list[Browser] = []

    def start(
        camera: Path | None = None,
        *,
        allowed: bool = True,
        extra: Sequence[str] = (),
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> Browser:
        flags = [*_FLAGS, *extra]
        if camera is not None:
            flags += ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={camera}"]
        if allowed:
            flags.append("--use-fake-ui-for-media-stream")
        browser = playwright.chromium.launch(executable_path=chromium, args=flags, env={**os.environ, **environment})
        browsers.append(browser)
        return browser

    yield start
    for browser in browsers:
        browser.close()


@pytest.fixture
def save(request: pytest.FixtureRequest, project_dir: Path) -> Callable[[Page], None]:
    """Saves a screenshot under the test's name in screenshots/."""
    folder = project_dir / "screenshots"
    folder.mkdir(exist_ok=True)

    def save(page: Page, part: str = "") -> None:
        name = re.sub(r"\W+", "-", request.node.name.removeprefix("test_") + part).strip("-")
        page.screenshot(path=folder / f"{name}.png")

    return save


def open_live(browser: Browser, address: str, *, width: int = 1280, height: int = 800, scheme: str = "light") -> Page:
    """The Live page, loaded."""
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(address)
    expect(page.locator(".sc-reading")).to_be_visible(timeout=60_000)
    expect(page.locator(".js-plotly-plot .bars")).to_be_attached(timeout=60_000)
    return page


def camera_frame(page: Page) -> FrameLocator:
    """streamlit-webrtc's own frame."""
    return page.frame_locator(".st-key-camera iframe")


def start_camera(page: Page) -> None:
    """Press Start and wait until pictures are read."""
    camera_frame(page).get_by_role("button", name="Start").click()
    expect(page.locator(".sc-rate")).to_contain_text("fps", timeout=30_000)


def written(page: Page) -> str:
    """The transcribed text."""
    text: str = page.locator(".sc-text").evaluate("card => card.querySelector('.sc-written')?.textContent ?? ''")
    return text


def wait_for_text(page: Page, text: str, seconds: float, *, whole: bool = False) -> None:
    """Wait until the transcript contains `text`, or is it."""
    deadline = time.monotonic() + seconds
    while (text != written(page)) if whole else (text not in written(page)):
        assert time.monotonic() < deadline, f"expected {text!r} within {seconds:.0f} s, found {written(page)!r}"
        page.wait_for_timeout(100)


def play_word(page: Page, word: str) -> None:
    """Play a sample to its end."""
    play(page, word)
    wait_for_text(page, word, 20)
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=10_000)

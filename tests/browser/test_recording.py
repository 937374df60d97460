"""A recording made on the Live page in a real Chromium is kept, however it ends."""

import re
import subprocess
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from signcore.settings import Settings
from signcore.store import Store
from signcore.store_recordings import StoredRecording
from tests.browser.conftest import camera_frame, open_live, start_camera, written

pytestmark = pytest.mark.browser

Launch = Callable[..., Browser]
Webcam = Callable[..., Path]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app's data folder."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def address(serve: Callable[..., str], hand_model: Path, data: Path) -> str:
    return serve(SIGNCORE_HAND_MODEL=str(hand_model), SIGNCORE_DATA_DIR=str(data))


def begin_recording(page: Page, name: str, seconds: int) -> None:
    """Start the camera, record, and wait until so many seconds are recorded, at most 9."""
    start_camera(page)
    page.get_by_role("button", name="Record").click()
    page.get_by_role("combobox", name="Who is it?").fill(name)
    page.get_by_role("combobox", name="Who is it?").press("Enter")
    page.locator(".st-key-record_start button").click()
    running = page.locator(".st-key-record_stop button")
    expect(running).to_contain_text(re.compile(rf"· [{seconds}-9] s"), timeout=20_000)


def kept(data: Path, name: str, within_s: float) -> StoredRecording:
    """The one recording of a person, as soon as it is there."""
    store = Store.open(Settings(data_dir=data))
    deadline = time.monotonic() + within_s
    try:
        while True:
            found = [one for person in store.people() if person.name == name for one in store.recordings(person.id)]
            if found:
                [recording] = found
                return recording
            assert time.monotonic() < deadline, f"no recording of {name} within {within_s} s"
            time.sleep(0.5)
    finally:
        store.close()


def test_the_camera_stops(address: str, data: Path, launch: Launch, webcam: Webcam) -> None:
    browser = launch(webcam("B"), environment={"TZ": "Pacific/Kiritimati"})
    page = open_live(browser, address)
    begin_recording(page, "Stop", 2)
    camera_frame(page).get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Kept:")).to_be_visible(timeout=10_000)
    recording = kept(data, "Stop", 5)
    assert recording.seconds >= 2
    # On the signer's clock, fourteen hours before the server's.
    named = datetime.strptime(recording.name, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo("Pacific/Kiritimati"))
    assert abs(named - recording.created) < timedelta(minutes=2)


def test_the_page_is_switched(address: str, data: Path, launch: Launch, webcam: Webcam) -> None:
    page = open_live(launch(webcam("B")), address)
    begin_recording(page, "Switch", 2)
    page.get_by_role("link", name="Model").click()
    assert kept(data, "Switch", 15).seconds >= 2
    page.get_by_role("link", name="Live").click()
    expect(page.get_by_text("Kept:")).to_be_visible(timeout=10_000)


def test_the_tab_is_closed(address: str, data: Path, launch: Launch, webcam: Webcam) -> None:
    page = open_live(launch(webcam("B")), address)
    begin_recording(page, "Close", 2)
    page.close()
    # WebRTC asks for a sign of life, and gives up after half a minute.
    recording = kept(data, "Close", 60)
    assert recording.seconds >= 2
    assert "cut off" not in recording.name


def test_the_row_stays_as_high_as_it_is(address: str, launch: Launch, webcam: Webcam) -> None:
    page = open_live(launch(webcam("B")), address)
    heights = "[...document.querySelectorAll('.stColumn')].map(column => column.getBoundingClientRect().height)"
    before = page.evaluate(heights)
    begin_recording(page, "Row", 1)
    assert page.evaluate(heights) == before
    page.locator(".st-key-record_stop button").click()
    expect(page.get_by_text("Kept:")).to_be_visible(timeout=10_000)
    assert page.evaluate(heights) == before


def test_the_server_is_killed_and_started_again(
    serve: Callable[..., str],
    servers: dict[str, subprocess.Popen[bytes]],
    hand_model: Path,
    tmp_path: Path,
    launch: Launch,
    webcam: Webcam,
) -> None:
    address = serve(SIGNCORE_HAND_MODEL=str(hand_model), SIGNCORE_DATA_DIR=str(tmp_path))
    page = open_live(launch(webcam("word_HELLO")), address)
    begin_recording(page, "Kill", 1)
    before = written(page)
    deadline = time.monotonic() + 30
    while len(text := written(page)) < len(before) + 2:
        assert time.monotonic() < deadline, f"expected two letters more than {before!r}, found {text!r}"
        page.wait_for_timeout(100)
    # A server that is killed loses two seconds at most.
    page.wait_for_timeout(2500)
    said = page.locator(".st-key-record_stop button").inner_text()
    servers[address].kill()
    servers[address].wait()
    # The page says how long it is once a second, in whole seconds.
    seconds = int(re.findall(r"\d+", said)[-1]) - 2
    assert serve(port=int(address.rpartition(":")[2]), SIGNCORE_DATA_DIR=str(tmp_path)) == address
    # The tab that is still open finds the new server by itself.
    expect(page.get_by_role("button", name="Record")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Review").first.click()
    page.get_by_role("combobox", name="Who is it?").fill("Kill")
    page.get_by_role("combobox", name="Who is it?").press("Enter")
    page.get_by_role("button", name="Open the recording").click(timeout=20_000)
    expect(page.get_by_role("heading", name="cut off")).to_be_visible(timeout=20_000)
    recording = kept(tmp_path, "Kill", 5)
    assert "cut off" in recording.name
    assert recording.seconds >= seconds
    assert text[len(before) :] in recording.text

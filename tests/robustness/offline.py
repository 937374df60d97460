"""Run in a network of its own, with this computer in it and a way out that leads nowhere: uses the app in a browser.

`python -m tests.robustness.offline WEBCAM.mjpeg VIDEO CHROMIUM` says what wanted to leave.
"""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from playwright.sync_api import BrowserContext, sync_playwright

# Of the kernel: every protocol, IPv4, and a packet that is on its way out.
_EVERYTHING, _IPV4, _OUTGOING = 3, 0x0800, 4
_ON_THE_WIRE = bytes((224, 0, 0))
_ADDRESS = "http://127.0.0.1:8649"
# What a page has in itself.
_NEEDS_NO_NETWORK = ("data", "blob")
# What a browser says when such a page opens a WebSocket to the app.
_FROM_ANOTHER_SITE = {
    "Origin": "https://another.example",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


class Gate(threading.Thread):
    """Watches the way out. `left` has what wanted to leave: protocol, address and port.

    What goes to 224.0.0.x stays on the wire by definition; a browser asks there who else is on it.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.left: list[str] = []
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_EVERYTHING))
        self._socket.bind(("out0", _EVERYTHING))

    def run(self) -> None:
        """Watch until the process ends."""
        while True:
            packet, (_, kind, direction, *_) = self._socket.recvfrom(2048)
            if direction != _OUTGOING:
                continue
            if kind == _IPV4 and packet[16:19] == _ON_THE_WIRE:
                continue
            if kind == _IPV4:
                header = 4 * (packet[0] & 15)
                port = int.from_bytes(packet[header + 2 : header + 4], "big")
                self.left.append(f"{packet[9]} {socket.inet_ntoa(packet[16:20])} {port}")
            else:
                self.left.append(f"{kind:#06x}")


def _network() -> None:
    for command in (
        "link set lo up",
        "link add out0 type veth peer name out1",
        "addr add 192.0.2.1/24 dev out0",
        # Nobody is there to be asked for an address, so that packets leave instead of waiting for it.
        "link set out0 arp off",
        "link set out0 up",
        "link set out1 up",
        "route add default via 192.0.2.2 dev out0 onlink",
    ):
        subprocess.run(["ip", *command.split()], check=True)
    time.sleep(1)


def main(webcam: str, video: str, chromium: str) -> None:
    """Everything that needs no network, without one."""
    Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
    _network()
    gate = Gate()
    gate.start()
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
        command += ["--server.port", "8649", "--server.fileWatcherType", "none"]
        environment = {**os.environ, "SIGNCORE_DATA_DIR": data}
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                asked = _use(webcam, video, chromium)
            finally:
                server.terminate()
    elsewhere = [url for url in asked if urlsplit(url).scheme not in _NEEDS_NO_NETWORK]
    elsewhere = [url for url in elsewhere if urlsplit(url).netloc != urlsplit(_ADDRESS).netloc]
    print(*(elsewhere + gate.left or ["nothing left"]), sep="\n")


def _use(webcam: str, video: str, chromium: str) -> list[str]:
    """Use everything; what the pages asked for, whether or not the browser found it."""
    deadline = time.monotonic() + 90
    while True:
        try:
            with urlopen(f"{_ADDRESS}/_stcore/health", timeout=1):
                break
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={webcam}",
        # The browser's own calls home are not the app's. A server for WebRTC stands in no list of what a page asks for.
        "--host-resolver-rules=MAP stun* 192.0.2.9, MAP turn* 192.0.2.9, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ]
    asked: list[str] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=flags)
        context = browser.new_context()
        context.set_default_timeout(60_000)
        context.on("request", lambda request: asked.append(request.url))
        context.on("page", lambda page: page.on("websocket", lambda socket: asked.append(socket.url)))
        _open_every_page(context)
        _play_a_sample(context)
        _answer_a_word(context)
        _open_a_video(context, video)
        _read_the_camera(context)
        browser.close()
    _come_from_another_site()
    return asked


def _come_from_another_site() -> None:
    connection = HTTPConnection(_ADDRESS.removeprefix("http://"))
    connection.request("GET", "/_stcore/stream", headers=_FROM_ANOTHER_SITE)
    assert connection.getresponse().status == HTTPStatus.FORBIDDEN
    connection.close()
    print("a page of another site is refused")


def _open_every_page(context: BrowserContext) -> None:
    for path in ("", "review", "model", "practice"):
        page = context.new_page()
        response = page.goto(f"{_ADDRESS}/{path}")
        assert response is not None
        page.locator("[data-testid=stMainBlockContainer]").wait_for()
        assert page.locator("[data-testid=stException]").count() == 0
        page.close()


def _play_a_sample(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(_ADDRESS)
    page.get_by_text("Sample", exact=True).click()
    page.get_by_role("button", name="Play").click()
    page.locator('.sc-reading[data-state="reading"]').wait_for()
    print("a sample is read")
    page.close()


def _answer_a_word(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{_ADDRESS}/practice")
    page.get_by_text("Quiz", exact=True).click()
    page.get_by_role("button", name="Play").click()
    page.get_by_label("What was spelled?").fill("QQQ")
    page.get_by_label("What was spelled?").press("Enter")
    page.get_by_role("row", name="You read Q Q Q").wait_for()
    print("a word is answered")
    page.close()


def _open_a_video(context: BrowserContext, video: str) -> None:
    page = context.new_page()
    page.goto(f"{_ADDRESS}/review")
    page.locator("input[type=file]").first.set_input_files(video)
    page.locator(".sc-rv-letters button").first.wait_for()
    print("a video is read")
    page.close()


def _read_the_camera(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(_ADDRESS)
    page.locator(".sc-reading").wait_for()
    page.frame_locator(".st-key-camera iframe").get_by_role("button", name="Start").click()
    page.locator('.sc-reading[data-letter="F"]').wait_for()
    print("the camera is read")
    page.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

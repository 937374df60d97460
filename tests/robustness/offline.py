"""Run in a network of its own, with this computer in it and a way out that leads nowhere: uses the app in a browser.

`python -m tests.robustness.offline WEBCAM.mjpeg CHROMIUM` says what wanted to leave.
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
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

# Of the kernel: every protocol, IPv4, and a packet that is on its way out.
_EVERYTHING, _IPV4, _OUTGOING = 3, 0x0800, 4
_ON_THE_WIRE = bytes((224, 0, 0))
_ADDRESS = "http://127.0.0.1:8649"
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


def main(webcam: str, chromium: str) -> None:
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
                _use(webcam, chromium)
            finally:
                server.terminate()
    print(*(gate.left or ["nothing left"]), sep="\n")


def _use(webcam: str, chromium: str) -> None:
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
        # The browser's own calls home are not the app's.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=flags)
        for path in ("", "review", "model", "practice"):
            page = browser.new_page()
            response = page.goto(f"{_ADDRESS}/{path}")
            assert response is not None
            page.locator("[data-testid=stMainBlockContainer]").wait_for(timeout=60_000)
            assert page.locator("[data-testid=stException]").count() == 0
            page.close()
        page = browser.new_page()
        page.goto(_ADDRESS)
        page.get_by_text("Sample", exact=True).click(timeout=60_000)
        page.get_by_role("button", name="Play").click(timeout=60_000)
        page.locator('.sc-reading[data-state="reading"]').wait_for(timeout=60_000)
        print("a sample is read")
        page.close()
        page = browser.new_page()
        page.goto(_ADDRESS)
        page.locator(".sc-reading").wait_for(timeout=60_000)
        page.frame_locator(".st-key-camera iframe").get_by_role("button", name="Start").click(timeout=60_000)
        page.locator('.sc-reading[data-letter="F"]').wait_for(timeout=60_000)
        print("the camera is read")
        browser.close()
    connection = HTTPConnection(_ADDRESS.removeprefix("http://"))
    connection.request("GET", "/_stcore/stream", headers=_FROM_ANOTHER_SITE)
    assert connection.getresponse().status == HTTPStatus.FORBIDDEN
    connection.close()
    print("a page of another site is refused")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

"""What a viewer's page costs: the reading, refreshed five times a second, in a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

_APP: Final = Path(__file__).with_name("refresh_app.py")
_START_S: Final = 60.0


def measure_refresh(seconds: float) -> dict[str, Any] | None:
    """Processor time of the server for one viewer, of one core, and what goes over the websocket.

    None where there is no Chromium or no Playwright.
    """
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return None
    if browser_path is None:
        return None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(_APP), "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port), "--server.fileWatcherType", "none"]
    # From the project's root, where its .streamlit/config.toml is.
    server = subprocess.Popen(
        command,
        cwd=_APP.parent.parent,
        env={**os.environ, "PYTHONPATH": str(_APP.parent.parent)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/_stcore/health")
        received = [0, 0]
        sent = [0, 0]

        def watch(websocket: Any) -> None:
            websocket.on("framereceived", lambda data: _count(received, data))
            websocket.on("framesent", lambda data: _count(sent, data))

        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.on("websocket", watch)
            page.goto(address)
            page.locator(".js-plotly-plot .bars").wait_for(state="attached", timeout=60_000)
            page.wait_for_timeout(2000)
            received[:], sent[:] = [0, 0], [0, 0]
            cpu, began = _cpu_s(server.pid), time.monotonic()
            page.wait_for_timeout(1000.0 * seconds)
            took, cpu = time.monotonic() - began, _cpu_s(server.pid) - cpu
            browser.close()
        return {
            "cores": round(cpu / took, 4),
            "refreshes_per_s": round(sent[0] / took, 1),
            "received_bytes_per_s": round(received[1] / took),
            "sent_bytes_per_s": round(sent[1] / took),
        }
    finally:
        server.terminate()
        server.wait(timeout=20)


def _count(total: list[int], data: str | bytes) -> None:
    total[0] += 1
    total[1] += len(data)


def _cpu_s(process: int) -> float:
    """Processor time of a process so far: user and system, seconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            with urlopen(address, timeout=1):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)

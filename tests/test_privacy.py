"""What docs/decisions/0002-nothing-reports-home.md promises, seen from outside of the libraries."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from signcore.hand import HandTracker
from signcore.predictor import SequencePredictor

predictor = SequencePredictor()
predictor.predict_batch(np.zeros((1, predictor.window, 21, 3), np.float32))
with HandTracker(Path(sys.argv[1])) as tracker:
    for number in range(30):
        tracker.detect(np.zeros((120, 160, 3), np.uint8), 33.0 * number)
"""


def test_reading_a_hand_asks_for_no_way_out(project_dir: Path, hand_model: Path, tmp_path: Path) -> None:
    """Whatever in the process wants to reach the internet is led to a proxy that only listens.

    And nothing that identifies the device is left in the user's folders.
    """
    asked: list[bytes] = []
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", 0))
        proxy.listen()

        def listen() -> None:
            while True:
                connection, _ = proxy.accept()
                with connection:
                    first_line = connection.recv(200).split(b"\r\n")[0]
                if not first_line:
                    return
                asked.append(first_line)

        thread = threading.Thread(target=listen)
        thread.start()
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"), address)
        home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
        environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(hand_model)],
            cwd=project_dir,
            env=environment | proxies | home,
            capture_output=True,
            text=True,
        )
        # An empty call ends the listening.
        socket.create_connection(proxy.getsockname()).close()
        thread.join()

    assert done.returncode == 0, done.stderr
    assert asked == []
    files = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    # MediaPipe imports matplotlib, which keeps a list of the fonts.
    assert [path for path in files if "matplotlib" not in path.parts] == []

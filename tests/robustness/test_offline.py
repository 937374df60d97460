"""With the network cut everything works, and nothing tries to leave the machine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# Everything but the browser's fixtures is the same.
from tests.browser.conftest import chromium, webcam  # noqa: F401


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_the_app_needs_no_network_and_asks_for_none(
    project_dir: Path,
    hand_model: Path,
    chromium: str,  # noqa: F811
    webcam: Callable[[str], Path],  # noqa: F811
) -> None:
    alone = ["unshare", "--net", "--map-root-user"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("needs leave to make a network of its own (unshare --net)")
    done = subprocess.run(
        [*alone, sys.executable, "-m", "tests.robustness.offline", str(webcam("word_FIVE")), chromium],
        cwd=project_dir,
        env={**os.environ, "SIGNCORE_HAND_MODEL": str(hand_model)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "a sample is read",
        "the camera is read",
        "a page of another site is refused",
        "nothing left",
    ]

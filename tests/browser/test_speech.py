"""Text read aloud by a real synthesiser, whose sound goes into a file."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import open_live, play_word, wait_for_text

pytestmark = pytest.mark.browser
Launch = Callable[..., Browser]

_DISPATCHER = """
LogLevel 5
CommunicationMethod "unix_socket"
AudioOutputMethod "alsa"
AudioALSADevice "default"
AddModule "espeak-ng" "sd_espeak-ng" ""
DefaultModule espeak-ng
"""
# A sound card that writes into a file what it is given.
_SOUND_CARD = 'pcm.!default {{ type file, slave.pcm null, file "{sound}", format raw }}'


class Synthesiser:
    """speech-dispatcher with eSpeak, as a Linux desktop has it; `socket` is where a browser finds it."""

    def __init__(self, program: str, folder: Path) -> None:
        self.socket = folder / "socket"
        self._log = folder / "speech-dispatcher.log"
        self._sound = folder / "sound.raw"
        (folder / "speechd.conf").write_text(f'{_DISPATCHER}LogDir "{folder}"\n')
        (folder / "alsa.conf").write_text(_SOUND_CARD.format(sound=self._sound))
        places = {"-C": folder, "-S": self.socket, "-P": folder / "pid"}
        self.process = subprocess.Popen(
            [program, "--run-single", "--timeout", "0", *(str(part) for pair in places.items() for part in pair)],
            env={**os.environ, "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{folder / 'alsa.conf'}"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10.0
        while not self.socket.exists():
            assert time.monotonic() < deadline, "expected speech-dispatcher to start within 10 s"
            time.sleep(0.05)

    @property
    def said(self) -> list[str]:
        """What it was asked to say."""
        return re.findall(r"Queueing message \|(.*?)\| with priority", self._log.read_text(errors="replace"))

    @property
    def voices(self) -> set[str]:
        """The voices it was asked to say it with."""
        return set(re.findall(r"SET SELF SYNTHESIS_VOICE (.*)", self._log.read_text(errors="replace")))

    def loudest(self) -> int:
        """The highest sample of the sound."""
        return int(np.abs(np.fromfile(self._sound, np.int16).astype(int)).max(initial=0))


@pytest.fixture
def synthesiser(tmp_path: Path) -> Iterator[Synthesiser]:
    program = shutil.which("speech-dispatcher")
    if program is None:
        packages = "speech-dispatcher speech-dispatcher-espeak-ng speech-dispatcher-audio-plugins"
        if os.environ.get("CI"):
            pytest.fail(f"expected a speech synthesiser, found none (Debian: apt-get install {packages})")
        pytest.skip(f"needs a speech synthesiser (Debian: apt-get install {packages})")
    started = Synthesiser(program, tmp_path)
    yield started
    started.process.terminate()
    started.process.wait(timeout=10)


def test_the_text_is_spoken_by_a_voice_of_this_computer(app: str, launch: Launch, synthesiser: Synthesiser) -> None:
    browser = launch(
        extra=("--enable-speech-dispatcher",), environment={"SPEECHD_ADDRESS": f"unix_socket:{synthesiser.socket}"}
    )
    page = open_live(browser, app)
    page.wait_for_function("speechSynthesis.getVoices().length")
    page.get_by_role("button", name="Settings").click()
    page.get_by_text("Speak each word").click()
    page.keyboard.press("Escape")
    play_word(page, "HI")
    assert synthesiser.said == []
    page.get_by_role("button", name="Space").click()
    wait_for_text(page, "HI ", 5)
    _wait_until(lambda: synthesiser.said == ["hi"])
    page.wait_for_function("!speechSynthesis.speaking")
    page.get_by_role("button", name="Speak").click()
    _wait_until(lambda: synthesiser.said == ["hi", "hi"])
    # The first of all voices speaks Afrikaans.
    assert synthesiser.voices == {"English (America)"}
    _wait_until(lambda: synthesiser.loudest() > 1000)


def test_no_voice_is_told_so(app: str, launch: Launch) -> None:
    page = open_live(launch(), app)
    assert page.evaluate("speechSynthesis.getVoices().filter(voice => voice.localService)") == []
    page.get_by_role("button", name="Speak").click()
    expect(page.get_by_role("button", name="No text")).to_be_visible()
    page.get_by_role("button", name="Space").click()
    play_word(page, "HI")
    page.get_by_role("button", name="Speak").click()
    expect(page.get_by_role("button", name="No voice")).to_be_visible()


def _wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10.0
    while not true():
        assert time.monotonic() < deadline, "expected it within 10 s"
        time.sleep(0.05)

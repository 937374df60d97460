"""One browser tab's state, and what all tabs share."""

import gc
import threading
import time
import weakref
from dataclasses import dataclass
from typing import Final

import streamlit as st

from signcore.dashboard.camera import CameraProcessor
from signcore.dashboard.playback import SamplePlayer
from signcore.errors import SignError
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.settings import Settings, load_settings

_KEY: Final = "signcore_session"


class CamerasTakenError(SignError):
    """As many cameras run as this server allows."""


class Seats:
    """How many cameras may run at the same time. Thread-safe."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def free(self) -> bool:
        """Whether one more camera may start."""
        return self._taken < self._limit

    @property
    def refusal(self) -> str:
        """What to tell the one too many."""
        cameras = "1 camera" if self._limit == 1 else f"{self._limit} cameras"
        return f"This server reads {cameras} at a time. Try again when somebody has stopped theirs, or play a sample."

    def take(self) -> None:
        """One more camera runs.

        Raises:
            CamerasTakenError: as many as are allowed run already.
        """
        with self._lock:
            if not self.free:
                raise CamerasTakenError(self.refusal)
            self._taken += 1

    def give_back(self) -> None:
        """One camera less runs."""
        with self._lock:
            self._taken -= 1


@dataclass
class Session:
    """What one tab keeps over page switches, reruns and camera restarts.

    Attributes:
        settings: of the process.
        predictor: shared with all sessions.
        seats: shared with all sessions.
        recognizer: this session's own; its text lives as long as the tab.
        mirrored: whether the camera's picture is shown as a mirror.
        camera: the running camera stream, None without one.
        player: the sample that is played, None without one.
        refusal: why the server reads no camera of this session, for the person; None when it would.
        problem: what the browser said when it gave no camera; None when it said nothing.
    """

    settings: Settings
    predictor: SequencePredictor
    seats: Seats
    recognizer: Recognizer
    mirrored: bool = True
    camera: CameraProcessor | None = None
    player: SamplePlayer | None = None
    refusal: str | None = None
    problem: str | None = None

    @property
    def running(self) -> bool:
        """Whether anything drives the recogniser."""
        return self.camera_runs or self.player is not None

    @property
    def camera_runs(self) -> bool:
        """Whether a camera drives the recogniser."""
        return self.camera is not None and not self.camera.ended

    def open_camera(self, *, sends_back: bool) -> CameraProcessor:
        """The processor of a camera stream that is about to start. Ends what drove the recogniser before.

        Raises:
            CamerasTakenError: no seat is free.
            HandModelError: the hand model is missing and cannot be fetched, or cannot be read.
        """
        self.close_camera()
        self.player = None
        self.seats.take()
        try:
            camera = CameraProcessor(self.recognizer, mirrored=self.mirrored, sends_back=sends_back)
        except SignError:
            self.seats.give_back()
            raise
        # Gives the seat back once, at the stream's end or else with the processor itself.
        camera.on_end = weakref.finalize(camera, self.seats.give_back)
        self.camera = camera
        return camera

    def close_camera(self) -> None:
        """Stop reading the camera, so that something else may drive the recogniser."""
        if self.camera is not None:
            self.camera.on_ended()

    def play(self, word: str) -> None:
        """Play a sample from now on, in place of the camera. What it spells is written as a word of its own.

        Raises:
            SignError: the word has something else than letters A to Z in it.
        """
        player = SamplePlayer(self.recognizer, word, time.monotonic())
        self.close_camera()
        text = self.recognizer.snapshot.text
        if text and not text.endswith(" "):
            self.recognizer.space()
        self.player = player


def ensure_session() -> Session:
    """This tab's session, made when the first page of the tab runs. Every page starts with it.

    Where the settings or the model cannot be used, the page says so and ends here.
    """
    if _KEY not in st.session_state:
        try:
            settings, predictor, seats = _shared()
        except SignError as error:
            st.error(f"The recogniser cannot start. {error}")
            st.stop()
        st.session_state[_KEY] = Session(settings, predictor, seats, Recognizer(predictor, settings))
    session: Session = st.session_state[_KEY]
    return session


@st.cache_resource(show_spinner="Loading the recogniser…")
def _shared() -> tuple[Settings, SequencePredictor, Seats]:
    settings = load_settings()
    predictor = SequencePredictor(settings.model_path, window=settings.window)
    # Everything is imported by now and stays; left out of garbage collections, each of them costs next to nothing.
    gc.collect()
    gc.freeze()
    return settings, predictor, Seats(settings.max_sessions)

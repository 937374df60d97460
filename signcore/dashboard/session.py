"""One browser tab's state, and what all tabs share."""

import asyncio
import gc
import logging
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import streamlit as st

from signcore.dashboard.camera import CameraProcessor
from signcore.dashboard.live_recorder import LiveRecorder
from signcore.dashboard.navigation import ensure_navigation
from signcore.dashboard.own_hand import OwnHand
from signcore.dashboard.playback import SamplePlayer
from signcore.dashboard.process import settle_process
from signcore.dashboard.seats import Seats, Wait
from signcore.errors import SignError
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer, Snapshot
from signcore.settings import Settings, load_settings
from signcore.suggestions import Suggester, load_dictionary

_LOG: Final = logging.getLogger(__name__)
_KEY: Final = "signcore_session"


@dataclass
class Session:
    """What one tab keeps over page switches, reruns and camera restarts.

    Attributes:
        settings: of the process, with this session's hold time.
        predictor: shared with all sessions.
        seats: shared with all sessions.
        recognizer: this session's own; its text lives as long as the tab.
        recorder: records what is read, when told to.
        suggester: offers words for what has been written.
        mirrored: whether the camera's picture is shown as a mirror.
        hand: what is known of the person's own.
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
    recorder: LiveRecorder = field(init=False)
    hand: OwnHand = field(init=False)
    suggester: Suggester = field(default_factory=Suggester)

    def __post_init__(self) -> None:
        self.recorder = LiveRecorder(self.recognizer)
        self.hand = OwnHand(self.predictor.fingerprint)
        self._reader = self.recognizer
        # Who it is at the seats, which hold on to it: nobody else is ever taken for it, and the session may go.
        self._owner = object()
        self._on_snapshot: Callable[[Snapshot], object] = self.recorder.add

    def read_with(self, reader: Recognizer, on_snapshot: Callable[[Snapshot], object]) -> None:
        """Let another recogniser read the camera and the samples from now on; what is being read for one before ends.

        Args:
            reader: the page's.
            on_snapshot: called with everything that it reads, perhaps from the camera's thread.
        """
        if reader is not self._reader:
            self.stop()
            self._reader, self._on_snapshot = reader, on_snapshot

    def set_hold(self, hold_s: float) -> None:
        """From now on a sign must be held for so long before it is written, seconds."""
        if hold_s != self.settings.hold_s:
            self.settings = self.settings.model_copy(update={"hold_s": hold_s})
            self.recognizer.set_hold(hold_s)

    @property
    def running(self) -> bool:
        """Whether anything drives the recogniser."""
        return self.camera_runs or self.player is not None

    @property
    def may_open_camera(self) -> bool:
        """Whether there is a seat for this session's camera, or it sits on one."""
        return self.seats.free_for(self._owner)

    def wait_for_seat(self) -> Wait | None:
        """Stand in line for a seat; None as soon as this session may open its camera. To be called again and again."""
        return self.seats.wait(self._owner)

    @property
    def camera_runs(self) -> bool:
        """Whether a camera drives the recogniser."""
        return self.camera is not None and not self.camera.ended

    def open_camera(self, *, sends_back: bool, loop: asyncio.AbstractEventLoop | None = None) -> CameraProcessor:
        """The processor of a camera stream that is about to start. Ends what drove the recogniser before.

        Who is refused goes on with what there was.

        Args:
            sends_back: whether anybody sees the picture.
            loop: the event loop that the stream will run on.

        Raises:
            CamerasTakenError: no seat is free.
            HandModelError: the hand model is missing and cannot be fetched, or cannot be read.
        """
        ticket = self.seats.take(self._owner)
        self.stop()
        try:
            camera = CameraProcessor(
                self._reader,
                mirrored=self.mirrored,
                sends_back=sends_back,
                on_snapshot=self._on_snapshot,
                loop=loop,
            )
        except SignError:
            self.seats.give_back(ticket)
            raise
        # Gives the seat back once, at the stream's end or else with the processor itself.
        give_back, recorder = weakref.finalize(camera, self.seats.give_back, ticket), self.recorder

        def ended() -> None:
            give_back()
            recorder.source_ended()

        camera.on_end = ended
        self.camera = camera
        return camera

    def close_camera(self) -> None:
        """Stop reading the camera, so that something else may drive the recogniser."""
        if self.camera is not None:
            self.camera.on_ended()

    def stop(self) -> None:
        """Read nothing any more, neither camera nor sample."""
        self.close_camera()
        if self.player is not None:
            self.player = None
            self.recorder.source_ended()

    def play(self, word: str) -> None:
        """Play a sample from now on, in place of the camera. What it spells is written as a word of its own.

        Raises:
            SignError: the word has something else than letters A to Z in it.
        """
        player = SamplePlayer(self._reader, word, time.monotonic(), self._on_snapshot)
        self.stop()
        text = self._reader.snapshot.text
        if text and not text.endswith(" "):
            self._reader.space()
        self.player = player


def ensure_session() -> Session:
    """This tab's session, made when the first page of the tab runs. Every page starts with it.

    Where the settings or the model cannot be used, the page says so and ends here.
    """
    ensure_navigation()
    if _KEY not in st.session_state:
        try:
            settings, predictor, seats = _shared()
        except SignError as error:
            _log(str(error))
            st.error(f"The recogniser cannot start. {error}")
            st.stop()
        st.session_state[_KEY] = Session(settings, predictor, seats, Recognizer(predictor, settings))
    session: Session = st.session_state[_KEY]
    return session


@cache
def _log(trouble: str) -> None:
    """Tell whoever runs the server, once and not for every visitor."""
    _LOG.error("The recogniser cannot start. %s", trouble)


@st.cache_resource(show_spinner="Loading the recogniser…")
def _shared() -> tuple[Settings, SequencePredictor, Seats]:
    settings = load_settings()
    predictor = SequencePredictor(settings.model_path, window=settings.window)
    load_dictionary()
    # Everything is imported by now and stays; left out of garbage collections, each of them costs next to nothing.
    gc.collect()
    gc.freeze()
    settle_process()
    return settings, predictor, Seats(settings.max_sessions)

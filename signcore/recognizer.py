"""The one way through: from a picture, or a hand, to a Snapshot of what is being signed."""

import math
import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from signcore.buffer import FRAME_MS, LONGEST_GAP_MS, FrameBuffer
from signcore.calibration import Calibration
from signcore.closing import Closing
from signcore.errors import CalibrationError, FrameError
from signcore.features import FloatArray
from signcore.hand import HandFrame, HandTracker, ImageArray
from signcore.hand_model import ensure_hand_model
from signcore.labels import LABELS, NOTHING
from signcore.predictor import SequencePredictor
from signcore.settings import Settings, load_settings
from signcore.smoothing import Smoother
from signcore.transcript import Event, Transcriber

# The tracker loses a quick hand for a frame or two, most of all in J and Z; reading goes on for so long without it.
_LOST_HAND_MS: Final = 200.0
_FPS_OVER_MS: Final = 1000.0
_MOST_FPS: Final = 1000.0  # two pictures of a video may be a tick of its clock apart


class Status(StrEnum):
    """What the recogniser is doing."""

    NO_HAND = "no hand"
    COLLECTING = "collecting"
    READING = "reading"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything that is known at one moment of one session. Immutable, so threads can pass it around.

    Attributes:
        t_ms: milliseconds since the recogniser began.
        hand: the hand in the newest frame, None without one.
        status: NO_HAND, COLLECTING (a hand, but not yet a whole window) or READING.
        buffered: frames of the window that are there, 0..window.
        window: frames of a whole window.
        probabilities: (29,) float32, smoothed, sum 1; None unless something is being read.
        letter: the most probable label while READING; None otherwise and for NOTHING.
        confidence: its probability, 0..1; 0 without a letter.
        runner_up: the second most probable label; None without a letter.
        sure: whether the confidence reaches the model's threshold, from which 99 of 100 answers were right on training
            sources left out; on signers of other habits fewer are.
        text: what has been written.
        events: every change of the text so far.
        fps: frames a second over the last second.
        latency_ms: how long this step took, milliseconds.
    """

    t_ms: float
    hand: HandFrame | None
    status: Status
    buffered: int
    window: int
    probabilities: FloatArray | None
    letter: str | None
    confidence: float
    runner_up: str | None
    sure: bool
    text: str
    events: tuple[Event, ...]
    fps: float
    latency_ms: float


class Recognizer(Closing):
    """Reads one session: owns its tracker, window, smoothing and text, and shares the predictor with all others.

    One thread calls `step` or `step_hand`; any thread may read `snapshot` or call the functions
    that change the text or the hold time.
    Times are milliseconds on the caller's clock. A clock that does not rise, as a camera's when it is started again,
    begins a new stream: the window is emptied, the text and the snapshots' own time go on. So does a gap of more than
    half a second.

    Args:
        predictor: the shared model.
        settings: None: from the environment.
        tracker: finds hands for `step`; None: made when first needed.

    Attributes:
        snapshot: what was known after the last step.
    """

    def __init__(
        self, predictor: SequencePredictor, settings: Settings | None = None, tracker: HandTracker | None = None
    ) -> None:
        settings = settings if settings is not None else load_settings()
        self._hand_model = settings.hand_model
        self._predictor = predictor
        self._calibration: Calibration | None = None
        self._tracker = tracker
        self._buffer = FrameBuffer(predictor.window)
        self._smoother = Smoother(settings.smoothing_s)
        self._transcriber = Transcriber(settings.threshold, settings.margin, settings.hold_s, settings.pause_s)
        self._seen_ms = -math.inf
        self._steps_ms: deque[float] = deque()
        self._caller_ms = -math.inf
        self._offset_ms = 0.0
        # Held for microseconds: clicks change the text from another thread than the camera's.
        self._text_lock = threading.Lock()
        self.snapshot = Snapshot(
            t_ms=0.0, hand=None, status=Status.NO_HAND, buffered=0, window=predictor.window, probabilities=None,
            letter=None, confidence=0.0, runner_up=None, sure=False, text="", events=(), fps=0.0, latency_ms=0.0,
        )  # fmt: skip

    @property
    def calibration(self) -> Calibration | None:
        """The person's own, by which every answer of the model is corrected; None: none. Any thread may set it.

        Raises:
            CalibrationError: when set: it corrects another model than this.
        """
        return self._calibration

    @calibration.setter
    def calibration(self, calibration: Calibration | None) -> None:
        if calibration is not None and calibration.model != self._predictor.fingerprint:
            raise CalibrationError("This calibration was made for another recogniser: the hand must be sampled again.")
        self._calibration = calibration

    def prepare(self) -> None:
        """Make the tracker now, so that the first picture does not wait for it.

        Raises:
            HandModelError: the hand model is missing and cannot be fetched, or cannot be read.
        """
        if self._tracker is None:
            self._tracker = HandTracker(ensure_hand_model(self._hand_model))

    def step(self, image: ImageArray, t_ms: float) -> Snapshot:
        """Take in the picture at `t_ms` and say what is known now.

        Args:
            image: (H, W, 3) uint8 RGB, not mirrored.
            t_ms: milliseconds.

        Raises:
            FrameError: not such a picture, or no such time. Nothing is changed.
            HandModelError: as `prepare`.
        """
        began = time.perf_counter()
        now_ms = self._session_time(t_ms)
        self.prepare()
        assert self._tracker is not None
        return self._read(self._tracker.detect(image, now_ms), t_ms, now_ms, began)

    def step_hand(self, hand: HandFrame | None, t_ms: float) -> Snapshot:
        """Take in the hand at `t_ms`, None where there is none, and say what is known now.

        Raises:
            FrameError: `t_ms` is not a finite number. Nothing is changed.
        """
        began = time.perf_counter()
        return self._read(hand, t_ms, self._session_time(t_ms), began)

    def undo(self) -> None:
        """Take back the last change of the text."""
        with self._text_lock:
            self._transcriber.undo(self.snapshot.t_ms)
            self._publish_text()

    def clear(self) -> None:
        """Empty the text; `undo` brings it back."""
        with self._text_lock:
            self._transcriber.clear(self.snapshot.t_ms)
            self._publish_text()

    def space(self) -> None:
        """Write a space."""
        with self._text_lock:
            self._transcriber.space(self.snapshot.t_ms)
            self._publish_text()

    def take(self, suggestion: str) -> None:
        """Put a suggested word in the place of the last one."""
        with self._text_lock:
            self._transcriber.take(suggestion, self.snapshot.t_ms)
            self._publish_text()

    def set_hold(self, hold_s: float) -> None:
        """From now on a sign must be held for so long before it is written, seconds."""
        with self._text_lock:
            self._transcriber.set_hold(hold_s)

    def close(self) -> None:
        """Free the tracker. The text stays, and the next picture makes a new tracker."""
        if self._tracker is not None:
            self._tracker.close()
            self._tracker = None

    def _session_time(self, t_ms: float) -> float:
        """The caller's time on the clock of this recogniser, which never runs back."""
        if not math.isfinite(t_ms):
            raise FrameError(f"a frame's time: expected milliseconds, found {t_ms}")
        if t_ms <= self._caller_ms:
            return self.snapshot.t_ms + LONGEST_GAP_MS + FRAME_MS
        return t_ms + self._offset_ms

    def _read(self, hand: HandFrame | None, t_ms: float, now_ms: float, began: float) -> Snapshot:
        if t_ms <= self._caller_ms:
            self._smoother.reset()
        self._caller_ms, self._offset_ms = t_ms, now_ms - t_ms
        self._buffer.push(hand, now_ms)
        if hand is not None:
            self._seen_ms = now_ms
        if self._buffer.full and now_ms - self._seen_ms <= _LOST_HAND_MS:
            status = Status.READING
            raw = self._predictor.predict_sequence_distribution(self._buffer.window())
            calibration = self._calibration
            if calibration is not None:
                raw = calibration.adapt(raw)
            probabilities = self._smoother.step(raw, now_ms)
        else:
            status = Status.NO_HAND if hand is None else Status.COLLECTING
            probabilities = None
            self._smoother.reset()
        with self._text_lock:
            self._transcriber.step(probabilities, hand, now_ms)
            self.snapshot = self._snapshot(hand, now_ms, status, probabilities, began)
            return self.snapshot

    def _snapshot(
        self, hand: HandFrame | None, now_ms: float, status: Status, probabilities: FloatArray | None, began: float
    ) -> Snapshot:
        letter: str | None = None
        runner_up: str | None = None
        confidence = 0.0
        if probabilities is not None:
            second, first = (int(index) for index in probabilities.argsort()[-2:])
            if LABELS[first] != NOTHING:
                letter, runner_up, confidence = LABELS[first], LABELS[second], float(probabilities[first])
        return Snapshot(
            t_ms=now_ms,
            hand=hand,
            status=status,
            buffered=len(self._buffer),
            window=self._predictor.window,
            probabilities=probabilities,
            letter=letter,
            confidence=confidence,
            runner_up=runner_up,
            sure=letter is not None and confidence >= self._predictor.threshold,
            text=self._transcriber.text,
            events=self._transcriber.events,
            fps=self._fps(now_ms),
            latency_ms=1000.0 * (time.perf_counter() - began),
        )

    def _publish_text(self) -> None:
        self.snapshot = replace(self.snapshot, text=self._transcriber.text, events=self._transcriber.events)

    def _fps(self, now_ms: float) -> float:
        steps = self._steps_ms
        steps.append(now_ms)
        while now_ms - steps[0] > _FPS_OVER_MS:
            steps.popleft()
        if len(steps) < 2:
            return 0.0
        return min(1000.0 * (len(steps) - 1) / (now_ms - steps[0]), _MOST_FPS)

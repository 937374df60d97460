"""Reading a video, a sample or an older recording into a recording, in a thread of its own."""

import tempfile
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

from pydantic import ValidationError

from signcore.buffer import FRAME_MS
from signcore.calibration import Calibration
from signcore.errors import SignError
from signcore.hand import HandFrame
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer
from signcore.recorder import RecordingWriter, read_part
from signcore.recording import Recording
from signcore.settings import Settings
from signcore.transcript import Event, EventKind, Reason
from signcore.video import Video, VideoFrame, transcribe

# One after another: each of them would take the processor from everybody's cameras.
_ONE_AT_A_TIME: Final = threading.Semaphore()
_LOOK_UP_S: Final = 0.1
# More than anybody makes; a file that was made up may have a million.
_MOST_CLICKS: Final = 2_000

HandsInTime = Sequence[tuple[HandFrame | None, float]]


class _CancelledError(Exception):
    """Nobody wants to know any more."""


class Progress:
    """What a reading thread and the page know of each other. Thread-safe: each field has one writer.

    Attributes:
        done: frames read so far.
        expected: how many there are; None while that is not known, or where a video does not say.
        remark: what is worth knowing about the result, as a sentence.
        cancelled: set by whoever does not want the result.
    """

    def __init__(self) -> None:
        self.done = 0
        self.expected: int | None = None
        self.remark: str | None = None
        self.cancelled = threading.Event()

    def step(self) -> None:
        """One more frame has been read.

        Raises:
            _CancelledError: and no more shall be.
        """
        self.done += 1
        if self.cancelled.is_set():
            raise _CancelledError


class Reading:
    """A recording that is being made. Dropping it cancels it.

    Args:
        title: what is read, for people.
        read: makes the recording and tells a Progress about it.
    """

    def __init__(self, title: str, read: Callable[[Progress], Recording]) -> None:
        self.title = title
        self.progress = Progress()
        # The thread must not know this object, or it would live for as long as the thread.
        self._outcome: list[Recording | SignError] = []
        self._thread = threading.Thread(target=_run, args=(read, self.progress, self._outcome), daemon=True)
        weakref.finalize(self, self.progress.cancelled.set)
        self._thread.start()

    @property
    def finished(self) -> bool:
        """Whether there is a result, or no hope of one."""
        return not self._thread.is_alive()

    @property
    def result(self) -> Recording:
        """The recording, once finished.

        Raises:
            SignError: what kept it from being made.
        """
        outcome = self._outcome[0] if self._outcome else SignError(f"{self.title} was not read to its end.")
        if isinstance(outcome, SignError):
            raise outcome
        return outcome

    def cancel(self) -> None:
        """Stop at the next frame and wait until nothing is left of it."""
        self.progress.cancelled.set()
        self._thread.join()


def read_video(source: IO[bytes], predictor: SequencePredictor, settings: Settings, progress: Progress) -> Recording:
    """Read a video as `signcore.video.transcribe` does; its pictures are looked at and forgotten.

    The recording's times are those of the video.

    Raises:
        VideoError: not a video, or larger than accepted.
        FrameError: pictures too small to show a hand.
        HandModelError: no hand model.
    """
    with (
        Video(source) as video,
        Recognizer(predictor, settings) as recognizer,
        tempfile.TemporaryDirectory(prefix="signcore-") as folder,
    ):
        progress.expected = video.expected_frames
        writer = RecordingWriter(Path(folder) / "video", settings, _model_name(predictor))

        def watched() -> Iterator[VideoFrame]:
            for frame in video:
                yield frame
                # By now the recogniser has looked at it. The recording begins with the first frame of the video: the
                # window that is filled with it lies before.
                writer.add(recognizer.snapshot)
                progress.step()

        try:
            transcribe(watched(), recognizer)
            writer.add(recognizer.snapshot)
        finally:
            writer.close()
        progress.remark = writer.problem or video.incomplete
        return read_part(writer.part)


def read_hands(
    frames: HandsInTime,
    predictor: SequencePredictor,
    settings: Settings,
    progress: Progress,
    *,
    filled: bool = False,
    calibration: Calibration | None = None,
    clicks: Sequence[Event] = (),
) -> Recording:
    """Read hands that are there already: a sample, or an older recording once more.

    Args:
        frames: hands and their milliseconds.
        predictor: the model to read with.
        settings: what to read with.
        progress: is told about each frame.
        filled: whether the window starts filled with the first hand, as it does for a video.
        calibration: of the person whose hands they are; None: none.
        clicks: what that person clicked meanwhile, in order of time.

    Raises:
        CalibrationError: the calibration corrects another model.
    """
    progress.expected = len(frames)
    recognizer = Recognizer(predictor, settings)
    recognizer.calibration = calibration
    clicked = deque(clicks)
    lead_ms = 0.0
    if filled:
        lead_ms = (predictor.window - 1) * FRAME_MS
        for step in range(predictor.window - 1):
            recognizer.step_hand(frames[0][0], step * FRAME_MS)
    with tempfile.TemporaryDirectory(prefix="signcore-") as folder:
        writer = RecordingWriter(
            Path(folder) / "hands", settings, _model_name(predictor), calibrated=calibration is not None
        )
        try:
            for hand, t_ms in frames:
                writer.add(recognizer.step_hand(hand, t_ms + lead_ms))
                while clicked and clicked[0].end_ms <= t_ms and writer.problem is None:
                    _click(recognizer, clicked.popleft())
                    writer.add(recognizer.snapshot)
                progress.step()
        finally:
            writer.close()
        return read_part(writer.part)


def read_again(
    recording: Recording,
    predictor: SequencePredictor,
    settings: Settings,
    progress: Progress,
    calibration: Calibration | None = None,
) -> Recording:
    """Read the hands of a recording once more, with another model or other settings; what was clicked is clicked again.

    Raises:
        CalibrationError: the calibration corrects another model.
    """
    frames = [(recording.hand_at(index), float(t_ms)) for index, t_ms in enumerate(recording.t_ms)]
    filled = int(recording.buffered[0]) == recording.manifest.window
    clicks = [event for event in recording.events if event.reason is Reason.CLICKED][:_MOST_CLICKS]
    again = read_hands(frames, predictor, settings, progress, filled=filled, calibration=calibration, clicks=clicks)
    return replace(again, manifest=replace(again.manifest, created=recording.manifest.created))


def settings_of(recording: Recording, settings: Settings) -> Settings:
    """What a recording was read with; the rest, or all if that cannot be, is as in `settings`."""
    numbers = {name for name, value in settings if isinstance(value, float)}
    own = {name: value for name, value in recording.manifest.settings.items() if name in numbers}
    try:
        return Settings(**{**dict(settings), **own})
    except ValidationError:
        return settings


def _click(recognizer: Recognizer, event: Event) -> None:
    match event.kind:
        case EventKind.SPACE:
            recognizer.space()
        case EventKind.SUGGESTION:
            recognizer.take(event.text.rstrip(" ").rpartition(" ")[2])
        case EventKind.UNDO:
            recognizer.undo()
        case EventKind.CLEAR:
            recognizer.clear()


def _model_name(predictor: SequencePredictor) -> str:
    return predictor.model_path.stem


def _run(read: Callable[[Progress], Recording], progress: Progress, outcome: list[Recording | SignError]) -> None:
    while not _ONE_AT_A_TIME.acquire(timeout=_LOOK_UP_S):
        if progress.cancelled.is_set():
            return
    try:
        if not progress.cancelled.is_set():
            outcome.append(read(progress))
    except SignError as error:
        outcome.append(error)
    except _CancelledError:
        pass
    finally:
        _ONE_AT_A_TIME.release()

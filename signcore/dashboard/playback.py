"""A sample played at its real speed."""

from collections.abc import Callable

from signcore.buffer import FRAME_MS
from signcore.recognizer import Recognizer, Snapshot
from signcore.samples import spell


class SamplePlayer:
    """Plays a spelled word into a Recognizer as a camera at 30 fps would show it.

    It has no thread of its own: `advance` takes every step that is due, so whoever looks at the recogniser drives it.

    Args:
        recognizer: what reads the word.
        word: letters A to Z and blanks.
        began_s: the moment of the first frame on the caller's monotonic clock.
        on_snapshot: called with everything that is read.

    Raises:
        SignError: the word has something else in it, or no letter.

    Attributes:
        word: the word.
        frames: its hands and their milliseconds.
        began_s: as given.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        word: str,
        began_s: float,
        on_snapshot: Callable[[Snapshot], object] | None = None,
    ) -> None:
        self.word = word.upper()
        self.frames = spell(word)
        self.began_s = began_s
        self._recognizer = recognizer
        self._on_snapshot = on_snapshot
        self._played = 0

    @property
    def finished(self) -> bool:
        """Whether every frame has been read."""
        return self._played == len(self.frames)

    def advance(self, now_s: float) -> None:
        """Read every frame whose time has come."""
        due = min(len(self.frames), int(1000.0 * (now_s - self.began_s) / FRAME_MS) + 1)
        for hand, t_ms in self.frames[self._played : due]:
            snapshot = self._recognizer.step_hand(hand, t_ms)
            if self._on_snapshot is not None:
                self._on_snapshot(snapshot)
        self._played = due

"""From probabilities to letters to text.

Everything is measured in seconds, so that text is the same at any frame rate. A letter is written once it has been
held; the same letter again needs a release in between.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from signcore.features import FloatArray
from signcore.labels import DELETE, LABELS, NOTHING, SPACE

# The hand must be away, or sign nothing, for so long before the same letter counts again. Shorter gaps are the
# tracker's, not the signer's.
_RELEASE_MS: Final = 100.0
# J begins as an I and Z as a pointing hand; a beginning written less than so long ago gives way to the whole.
_FRESH_MS: Final = 1500.0
_BEGINNINGS: Final[Mapping[str, frozenset[str]]] = {"J": frozenset("I"), "Z": frozenset("DGLX")}


class EventKind(StrEnum):
    """What happened to the text."""

    LETTER = "letter"
    REPLACE = "replace"
    SPACE = "space"
    DELETE = "delete"
    UNDO = "undo"
    CLEAR = "clear"


@dataclass(frozen=True)
class Event:
    """One change of the text.

    Attributes:
        kind: what happened.
        label: the class that was signed; None for what a person clicked.
        start_ms: when the sign began to lead, milliseconds since the stream began.
        end_ms: when the text changed.
        confidence: the smoothed probability at that moment, 0..1; 1 for a click.
        runner_up: the second most probable class; None for a click.
        text: the whole text afterwards.
    """

    kind: EventKind
    label: str | None
    start_ms: float
    end_ms: float
    confidence: float
    runner_up: str | None
    text: str


class Transcriber:
    """Writes text from the smoothed probabilities of one session.

    Args:
        threshold: the probability below which nothing is held, 0..1.
        hold_s: how long a sign must lead before it is written, seconds.
    """

    def __init__(self, threshold: float, hold_s: float) -> None:
        self._threshold = threshold
        self._hold_ms = 1000.0 * hold_s
        self.text = ""
        self.events: tuple[Event, ...] = ()
        self._undoable: list[str] = []
        self._held: str | None = None
        self._held_since_ms = 0.0
        self._written: str | None = None
        self._free_since_ms: float | None = None

    def step(self, probabilities: FloatArray | None, t_ms: float) -> None:
        """Take in the smoothed probabilities (29,) at `t_ms`; None while there is nothing to read."""
        if probabilities is None:
            self._release(t_ms)
            return
        second, first = (int(index) for index in probabilities.argsort()[-2:])
        label, confidence = LABELS[first], float(probabilities[first])
        if label == NOTHING:
            self._release(t_ms)
            return
        if confidence < self._threshold:
            # Neither held nor released: a hand that hesitates must not write a letter twice.
            self._held = None
            return
        if label != self._held:
            self._held, self._held_since_ms = label, t_ms
        if label == self._written:
            self._free_since_ms = None
        elif t_ms - self._held_since_ms >= self._hold_ms:
            self._written, self._free_since_ms = label, None
            self._write(label, t_ms, confidence, LABELS[second])

    def undo(self, t_ms: float) -> None:
        """Take back the last change of the text, whatever it was. Does nothing when there is none."""
        if self._undoable:
            self.text = self._undoable.pop()
            self._log(Event(EventKind.UNDO, None, t_ms, t_ms, 1.0, None, self.text))

    def clear(self, t_ms: float) -> None:
        """Empty the text; `undo` brings it back. Does nothing when it is empty."""
        if self.text:
            self._change(EventKind.CLEAR, "", None, t_ms, t_ms, 1.0, None)

    def space(self, t_ms: float) -> None:
        """Write a space, as the sign SPACE does."""
        self._change(EventKind.SPACE, self.text + " ", None, t_ms, t_ms, 1.0, None)

    def _release(self, t_ms: float) -> None:
        self._held = None
        if self._free_since_ms is None:
            self._free_since_ms = t_ms
        if t_ms - self._free_since_ms >= _RELEASE_MS:
            self._written = None

    def _write(self, label: str, t_ms: float, confidence: float, runner_up: str) -> None:
        start_ms = self._held_since_ms
        if label == SPACE:
            self._change(EventKind.SPACE, self.text + " ", label, start_ms, t_ms, confidence, runner_up)
        elif label == DELETE:
            if self.text:
                self._change(EventKind.DELETE, self.text[:-1], label, start_ms, t_ms, confidence, runner_up)
        elif self._began_as(label, t_ms):
            self._change(EventKind.REPLACE, self.text[:-1] + label, label, start_ms, t_ms, confidence, runner_up)
        else:
            self._change(EventKind.LETTER, self.text + label, label, start_ms, t_ms, confidence, runner_up)

    def _began_as(self, label: str, t_ms: float) -> bool:
        """Whether the letter just written was only the beginning of this one."""
        if label not in _BEGINNINGS or not self.events:
            return False
        last = self.events[-1]
        fresh = t_ms - last.end_ms <= _FRESH_MS
        return last.kind is EventKind.LETTER and last.label in _BEGINNINGS[label] and fresh

    def _change(
        self,
        kind: EventKind,
        text: str,
        label: str | None,
        start_ms: float,
        end_ms: float,
        confidence: float,
        runner_up: str | None,
    ) -> None:
        self._undoable.append(self.text)
        self.text = text
        self._log(Event(kind, label, start_ms, end_ms, confidence, runner_up, text))

    def _log(self, event: Event) -> None:
        self.events = (*self.events, event)

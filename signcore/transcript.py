"""From probabilities to letters to text.

Everything is measured in seconds, so that text is the same at any frame rate. A letter is written once it has been
held for the hold time; the same letter again needs a release in between. Every change of the text is an Event, and so
is every letter that led for a while and was not written, with the reason.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from signcore.features import FloatArray
from signcore.gesture import Gesture, HandMotion
from signcore.hand import HandFrame
from signcore.labels import BEGINNINGS, DELETE, LABELS, NOTHING, SPACE

# The model's answer follows the hand by about so much: a sign that leads has been held for that much longer.
_DELAY_MS: Final = 120.0
_SHORTEST_LEAD_MS: Final = 50.0
# The hand must be away, or sign nothing, for so long before the same letter counts again. Shorter gaps are the
# tracker's, not the signer's.
_RELEASE_MS: Final = 100.0
# J and Z end with their movement: there is nothing to hold, and their probability falls soon after. The way from an I
# to another letter looks like a J too, but not for so long.
_MOVED_LEAD_MS: Final = 150.0
# A beginning of J or Z that was written less than so long ago gives way to the whole.
_FRESH_MS: Final = 1500.0
_MAY_BEGIN: Final = frozenset[str]().union(*BEGINNINGS.values())
# SPACE and DELETE held on are repeated, slowly enough to stop in time.
_FIRST_REPEAT_MS: Final = 1000.0
_REPEAT_MS: Final = 600.0
# A candidate that led for less is a passing shape between two letters and not worth a word.
_NOTEWORTHY_MS: Final = 100.0


class EventKind(StrEnum):
    """What happened: a change of the text, or a candidate that was rejected."""

    LETTER = "letter"
    REPLACE = "replace"
    SPACE = "space"
    DELETE = "delete"
    SUGGESTION = "suggestion"
    UNDO = "undo"
    CLEAR = "clear"
    REJECTED = "rejected"


class Reason(StrEnum):
    """Why it happened."""

    HELD = "held"
    REPEATED = "held on"
    SLIDE = "slid to the side"
    BOUNCE = "opened and formed again"
    MOVED = "moved"
    PAUSE = "pause"
    CLICKED = "clicked"
    TOO_SHORT = "held too short"
    UNSURE = "unsure"
    HAND_LOST = "hand lost"


_REPEATING: Final = {Gesture.SLIDE: Reason.SLIDE, Gesture.BOUNCE: Reason.BOUNCE}


@dataclass(frozen=True)
class Event:
    """One change of the text, or one letter that was not written.

    Attributes:
        kind: what happened.
        reason: why.
        label: the class that was signed; None for what a person clicked and for a pause.
        start_ms: when the sign began to lead, milliseconds since the stream began.
        end_ms: when the text changed, or the candidate was given up.
        confidence: the highest smoothed probability until then, 0..1; 1 without a label.
        runner_up: the second most probable class; None without a label.
        text: the whole text afterwards.
    """

    kind: EventKind
    reason: Reason
    label: str | None
    start_ms: float
    end_ms: float
    confidence: float
    runner_up: str | None
    text: str


@dataclass
class _Candidate:
    """The label that leads now."""

    label: str
    since_ms: float
    confidence: float
    runner_up: str
    reason: Reason = Reason.HELD
    settled: bool = False


class Transcriber:
    """Writes text from the smoothed probabilities of one session.

    Args:
        threshold: the probability below which nothing leads, 0..1.
        margin: how far the first must be before the second, 0..1.
        hold_s: how long a sign must be held before it is written, seconds.
        pause_s: after how long with the hand down a space is written, seconds; 0: never.
    """

    def __init__(self, threshold: float, margin: float, hold_s: float, pause_s: float) -> None:
        self._threshold = threshold
        self._margin = margin
        self.set_hold(hold_s)
        self._pause_ms = 1000.0 * pause_s
        self.text = ""
        self.events: tuple[Event, ...] = ()
        self._undoable: list[str] = []
        self._motion = HandMotion()
        self._candidate: _Candidate | None = None
        # What may not be written again before a release, and since when there has been none of it.
        self._written: frozenset[str] = frozenset()
        self._free_since_ms: float | None = None
        self._repeat_at_ms = 0.0
        self._down_since_ms: float | None = None
        # Whether a letter has been signed since a pause wrote the last space.
        self._pause_due = False

    def step(self, probabilities: FloatArray | None, hand: HandFrame | None, t_ms: float) -> None:
        """Take in one moment.

        Args:
            probabilities: (29,), smoothed; None while there is nothing to read.
            hand: the hand of this moment, None where there is none.
            t_ms: milliseconds, rising.
        """
        self._motion.step(hand, t_ms)
        if probabilities is None:
            self._watch_pause(hand is None, t_ms)
            self._give_up(Reason.HAND_LOST, t_ms)
            self._release(t_ms)
            return
        second, first = (int(index) for index in probabilities.argsort()[-2:])
        label, confidence = LABELS[first], float(probabilities[first])
        self._watch_pause(hand is None or label == NOTHING, t_ms)
        if label == NOTHING:
            self._give_up(Reason.TOO_SHORT, t_ms)
            self._release(t_ms)
        elif confidence < self._threshold or confidence - float(probabilities[second]) < self._margin:
            # Neither held nor released: a hand that hesitates must not write a letter twice.
            self._free_since_ms = None
            self._give_up(Reason.UNSURE, t_ms)
        else:
            self._lead(label, confidence, LABELS[second], t_ms)

    def set_hold(self, hold_s: float) -> None:
        """From now on a sign must be held for so long before it is written, seconds."""
        self._lead_ms = max(1000.0 * hold_s - _DELAY_MS, _SHORTEST_LEAD_MS)

    def undo(self, t_ms: float) -> None:
        """Take back the last change of the text, whatever it was. Does nothing when there is none."""
        if self._undoable:
            self.text = self._undoable.pop()
            self._log(EventKind.UNDO, Reason.CLICKED, t_ms)

    def clear(self, t_ms: float) -> None:
        """Empty the text; `undo` brings it back. Does nothing when it is empty."""
        if self.text:
            self._change(EventKind.CLEAR, Reason.CLICKED, "", t_ms)

    def space(self, t_ms: float) -> None:
        """Write a space, as the sign SPACE does."""
        self._change(EventKind.SPACE, Reason.CLICKED, self.text + " ", t_ms)

    def take(self, suggestion: str, t_ms: float) -> None:
        """Put a suggested word in the place of the last one, and a space behind it."""
        kept = self.text.rstrip(" ").rpartition(" ")
        self._change(EventKind.SUGGESTION, Reason.CLICKED, f"{kept[0]}{kept[1]}{suggestion} ", t_ms)

    def _lead(self, label: str, confidence: float, runner_up: str, t_ms: float) -> None:
        candidate = self._candidate
        if candidate is None or candidate.label != label:
            self._give_up(Reason.TOO_SHORT, t_ms)
            candidate = self._candidate = _Candidate(label, t_ms, confidence, runner_up)
        elif confidence > candidate.confidence:
            candidate.confidence = confidence
        candidate.runner_up = runner_up
        if label in BEGINNINGS and not self._motion.moved():
            # The model remembers a movement that was only the way to the letter that is held now.
            candidate.since_ms = t_ms
        if label in self._written:
            self._free_since_ms = None
            self._again(candidate, t_ms)
        elif t_ms - candidate.since_ms >= self._needed_lead(label):
            self._write(candidate, t_ms)

    def _needed_lead(self, label: str) -> float:
        if label in BEGINNINGS:
            return _MOVED_LEAD_MS
        return self._lead_ms

    def _again(self, candidate: _Candidate, t_ms: float) -> None:
        """The written sign is still, or again, in the lead."""
        candidate.settled = True
        if candidate.label in (SPACE, DELETE):
            # Held on, or held again: a flicker of it does nothing.
            if t_ms >= self._repeat_at_ms and t_ms - candidate.since_ms >= self._needed_lead(candidate.label):
                self._repeat_at_ms = t_ms + _REPEAT_MS
                candidate.reason = Reason.REPEATED
                self._write_sign(candidate, t_ms)
            return
        reason = self._reason_to_repeat(candidate.label)
        if reason is not None:
            self._written = frozenset()
            self._candidate = _Candidate(candidate.label, t_ms, candidate.confidence, candidate.runner_up, reason)

    def _reason_to_repeat(self, label: str) -> Reason | None:
        """What the hand has done since the letter was written that means the same letter again."""
        if label in BEGINNINGS:
            return Reason.MOVED if self._motion.drawn_again() else None
        gesture = self._motion.gesture()
        return None if gesture is None else _REPEATING[gesture]

    def _write(self, candidate: _Candidate, t_ms: float) -> None:
        if candidate.label in _MAY_BEGIN and not self._motion.still_since(candidate.since_ms):
            # Perhaps the beginning of a J or a Z, which is under way for as long as the model's answer takes: wait for
            # what the hand does.
            return
        candidate.settled = True
        self._written = frozenset((candidate.label,)) | BEGINNINGS.get(candidate.label, frozenset())
        self._free_since_ms = None
        self._repeat_at_ms = t_ms + _FIRST_REPEAT_MS
        self._motion.mark(candidate.since_ms, moving=candidate.label in BEGINNINGS)
        self._write_sign(candidate, t_ms)

    def _write_sign(self, candidate: _Candidate, t_ms: float) -> None:
        label = candidate.label
        if label != DELETE:  # what is left of the word is still a word
            self._pause_due = label != SPACE
        if label == SPACE:
            self._change(EventKind.SPACE, candidate.reason, self.text + " ", t_ms, candidate)
        elif label == DELETE:
            if self.text:
                self._change(EventKind.DELETE, candidate.reason, self.text[:-1], t_ms, candidate)
        elif self._began_as(label, t_ms):
            self._change(EventKind.REPLACE, Reason.MOVED, self.text[:-1] + label, t_ms, candidate)
        else:
            reason = Reason.MOVED if label in BEGINNINGS else candidate.reason
            self._change(EventKind.LETTER, reason, self.text + label, t_ms, candidate)

    def _began_as(self, label: str, t_ms: float) -> bool:
        """Whether the letter just written was only the beginning of this one."""
        changes = [event for event in self.events[-8:] if event.kind is not EventKind.REJECTED]
        if label not in BEGINNINGS or not changes:
            return False
        last = changes[-1]
        fresh = t_ms - last.end_ms <= _FRESH_MS
        return last.kind is EventKind.LETTER and last.label in BEGINNINGS[label] and fresh

    def _give_up(self, reason: Reason, t_ms: float) -> None:
        """The candidate leads no longer."""
        candidate, self._candidate = self._candidate, None
        if candidate is not None and not candidate.settled and t_ms - candidate.since_ms >= _NOTEWORTHY_MS:
            if reason is Reason.TOO_SHORT and t_ms - candidate.since_ms >= self._needed_lead(candidate.label):
                # Held for long enough, by a hand that may have been drawing a J or a Z.
                reason = Reason.MOVED
            self._log(EventKind.REJECTED, reason, t_ms, candidate)

    def _release(self, t_ms: float) -> None:
        if self._free_since_ms is None:
            self._free_since_ms = t_ms
        if t_ms - self._free_since_ms >= _RELEASE_MS:
            self._written = frozenset()

    def _watch_pause(self, down: bool, t_ms: float) -> None:
        """`down`: no hand is there, or one that signs nothing."""
        if not down:
            self._down_since_ms = None
        elif self._down_since_ms is None:
            self._down_since_ms = t_ms
        elif self._pause_due and 0 < self._pause_ms <= t_ms - self._down_since_ms:
            self._pause_due = False
            if self.text and not self.text.endswith(" "):
                self._change(EventKind.SPACE, Reason.PAUSE, self.text + " ", t_ms)

    def _change(
        self, kind: EventKind, reason: Reason, text: str, t_ms: float, candidate: _Candidate | None = None
    ) -> None:
        self._undoable.append(self.text)
        self.text = text
        self._log(kind, reason, t_ms, candidate)

    def _log(self, kind: EventKind, reason: Reason, t_ms: float, candidate: _Candidate | None = None) -> None:
        if candidate is None:
            event = Event(kind, reason, None, t_ms, t_ms, 1.0, None, self.text)
        else:
            confidence, runner_up = candidate.confidence, candidate.runner_up
            event = Event(kind, reason, candidate.label, candidate.since_ms, t_ms, confidence, runner_up, self.text)
        self.events = (*self.events, event)

"""Gathering the samples of a personal calibration: letter by letter, held still, three times each."""

import threading
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from signcore.calibration import SAMPLES, Calibration, fit_calibration, held_out_accuracy
from signcore.features import FloatArray, palm_size
from signcore.feedback import an
from signcore.gesture import STILL, HandMotion, farthest
from signcore.hand import HandFrame
from signcore.labels import STILL_LETTERS
from signcore.recognizer import Snapshot, Status

# How long a hand is looked at for one sample, and how long there is to form the letter anew, or the next one.
SAMPLE_MS: Final = 500.0
ANEW_MS: Final = 600.0
NEXT_MS: Final = 1300.0
# Hands that are so far apart are of two samples: somebody was elsewhere meanwhile.
_AWAY_MS: Final = 1000.0


@dataclass(frozen=True)
class CalibrationMoment:
    """How far it has got.

    Attributes:
        letter: the one to hold now; None when all are done.
        taken: how many samples of it there are.
        progress: the share of the next sample that is there, 0..1.
        done: letters that are behind us, skipped ones among them.
        sentence: what to do, for the person.
    """

    letter: str | None
    taken: int
    progress: float
    done: int
    sentence: str


class Calibrator:
    """Asks for every letter that is held still, and keeps what the model says of it. Thread-safe.

    J and Z stay as the model reads them: a movement is no sample of a second. The recogniser must read without a
    calibration meanwhile.

    Attributes:
        moment: where it stands.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: dict[str, list[FloatArray]] = {}
        self._position = 0
        self._motion = HandMotion()
        self._seen: list[FloatArray] = []
        self._since_ms = 0.0
        self._wait_until_ms = 0.0
        self._seen_ms = 0.0
        self._hand: HandFrame | None = None
        # The hand of the last sample, or of a letter that was skipped; None once it has moved away. Three looks at a
        # hand that never moves are one.
        self._sampled: HandFrame | None = None
        self.moment = CalibrationMoment(STILL_LETTERS[0], 0, 0.0, 0, _ask(STILL_LETTERS[0]))

    def step(self, snapshot: Snapshot) -> None:
        """Take in what has been read."""
        with self._lock:
            self._step(snapshot)

    def skip(self) -> None:
        """Leave this letter as the model reads it."""
        with self._lock:
            if self.moment.letter is not None:
                self._samples.pop(self.moment.letter, None)
                self._wait(NEXT_MS)
                self._next()

    def finish(self, model: str) -> Calibration:
        """The calibration from the letters that have all their samples, with what it gains.

        Args:
            model: the fingerprint of the model that has read them.

        Raises:
            CalibrationError: fewer than two have.
        """
        with self._lock:
            samples = {letter: own for letter, own in self._samples.items() if len(own) == SAMPLES}
        calibration = fit_calibration(samples, model)
        return replace(calibration, held_out=held_out_accuracy(samples))

    def _step(self, snapshot: Snapshot) -> None:
        if snapshot.t_ms - self._seen_ms > _AWAY_MS:
            self._seen.clear()
        self._seen_ms, self._hand = snapshot.t_ms, snapshot.hand
        letter = self.moment.letter
        if letter is None:
            return
        self._motion.step(snapshot.hand, snapshot.t_ms)
        if self._has_moved(snapshot.hand):
            self._sampled = None
        if snapshot.status is not Status.READING or snapshot.probabilities is None or not self._motion.still():
            self._seen.clear()
            self._say(snapshot)
            return
        if snapshot.t_ms < self._wait_until_ms or self._sampled is not None:
            return
        if not self._seen:
            self._since_ms = snapshot.t_ms
        self._seen.append(snapshot.probabilities)
        held = (snapshot.t_ms - self._since_ms) / SAMPLE_MS
        if held < 1.0:
            self.moment = replace(self.moment, progress=held, sentence="Hold it.")
            return
        samples = self._samples.setdefault(letter, [])
        samples.append(np.mean(self._seen, axis=0))
        if len(samples) < SAMPLES:
            self._wait(ANEW_MS)
            self.moment = replace(
                self.moment, taken=len(samples), progress=0.0, sentence="Good. Open the hand and form it again."
            )
        else:
            self._wait(NEXT_MS)
            self._next()

    def _wait(self, ms: float) -> None:
        """Look again after so long, at a hand that has moved meanwhile."""
        self._seen.clear()
        self._sampled = self._hand
        self._wait_until_ms = self._seen_ms + ms

    def _has_moved(self, hand: HandFrame | None) -> bool:
        """Whether the hand has left the shape and the place of the last sample, or the picture."""
        if hand is None or self._sampled is None:
            return True
        return farthest(hand.landmarks, self._sampled.landmarks) > STILL * float(palm_size(hand.landmarks))

    def _say(self, snapshot: Snapshot) -> None:
        letter = self.moment.letter
        assert letter is not None
        sentence = "Show one hand to the camera." if snapshot.hand is None else _ask(letter)
        self.moment = replace(self.moment, progress=0.0, sentence=sentence)

    def _next(self) -> None:
        self._position += 1
        letter = STILL_LETTERS[self._position] if self._position < len(STILL_LETTERS) else None
        sentence = "That is all." if letter is None else _ask(letter)
        self.moment = CalibrationMoment(letter, 0, 0.0, self._position, sentence)


def _ask(letter: str) -> str:
    return f"Form {an(letter)} as you always do, and hold it."

"""How right practice is, on recorded clips: what is accepted, which finger is named, what a calibration gains.

A clip is held as somebody who is asked for its letter would hold it: its first frame while the window fills, then the
clip at 30 frames a second, then its last frame for a second.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, permutations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from signcore.buffer import FRAME_MS
from signcore.calibration import SAMPLES, Calibration, fit_calibration
from signcore.clips import Clips
from signcore.errors import ClipFileError
from signcore.features import FloatArray, IntArray
from signcore.feedback import SURE, feedback
from signcore.labels import LETTERS, MOVING_LETTERS, char_to_index
from signcore.metrics import macro_accuracy
from signcore.practice import MINIMAL_PAIRS
from signcore.predictor import SequencePredictor
from signcore.settings import load_settings
from signcore.smoothing import Smoother
from signcore.verification import ACCEPTED_FROM, HOLD_S, MOVED_S
from signcore.windows import clip_windows

THRESHOLDS: Final = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
HOLDS_S: Final = (0.25, 0.5, 1.0)
_HELD_ON: Final = 30  # frames
_DRAWS: Final = 5
_FEWEST: Final = SAMPLES + 2  # clips of a letter, to calibrate with some and test with the rest
_CONFUSIONS: Final = 5


@dataclass(frozen=True, eq=False)
class Reading:
    """What the recogniser made of one clip.

    Attributes:
        letter: the index of the letter that it shows.
        source: the index of its source.
        hand: (21, 3) its last hand.
        moment: at which answer that hand is the newest.
        answers: (t, 29) the model's, at every frame of the clip and while its last frame is held.
        said: (29,) the smoothed probabilities at the moment.
        held: (thresholds, 26) for how many frames in a row each letter was at least so probable.
    """

    letter: int
    source: int
    hand: FloatArray
    moment: int
    answers: FloatArray
    said: FloatArray
    held: IntArray

    @classmethod
    def of(cls, letter: int, source: int, hand: FloatArray, moment: int, answers: FloatArray) -> "Reading":
        """What the page would make of the model's answers."""
        smoother = Smoother(load_settings().smoothing_s)
        said = np.stack([smoother.step(answer, step * FRAME_MS) for step, answer in enumerate(answers)])
        held = np.stack([_longest_hold(said[:, : len(LETTERS)], threshold) for threshold in THRESHOLDS])
        return cls(letter, source, hand, moment, answers, said[moment], held)

    def corrected(self, calibration: Calibration) -> "Reading":
        """The same clip with a person's correction."""
        answers = calibration.adapt(self.answers)
        return Reading.of(self.letter, self.source, self.hand, self.moment, answers)


@dataclass(frozen=True)
class Rule:
    """How often a rule accepts, each letter counting alike.

    Attributes:
        threshold: the smallest probability of the letter asked for.
        hold_s: how long it must last, seconds.
        right: the share of clips accepted as their own letter, 0..1.
        other: the share accepted as another, of all other letters asked for.
    """

    threshold: float
    hold_s: float
    right: float
    other: float


@dataclass(frozen=True)
class SourceFigures:
    """The figures of one source, or of all clips.

    Attributes:
        clips: how many there are.
        accepted: under the page's rule.
        curve: under other rules.
        missed: letters that are not always accepted as themselves, and how often they are.
        mistaken: the likeliest mistakes, shown and asked for ("RU": an R where a U was asked for), and how likely.
        sure: clips that the recogniser is at least 0.9 sure of, and right.
        sure_called_wrong: the share of them of which a finger is called wrong.
        shape_called_wrong: the same if the recogniser had said nothing and only the hand's shape were judged.
        pairs: for each minimal pair, shown and asked for, the share of clips with the right finger named.
        named: the share over all clips of the pairs.
        uncalibrated, calibrated: macro accuracy without and with a calibration, of clips that it was not fitted on;
            None where no letter has clips enough.
        accepted_calibrated: under the page's rule, of the same clips with it.
    """

    clips: int
    accepted: Rule
    curve: tuple[Rule, ...]
    missed: dict[str, float]
    mistaken: dict[str, float]
    sure: int
    sure_called_wrong: float | None
    shape_called_wrong: float | None
    pairs: dict[str, float]
    named: float | None
    uncalibrated: float | None
    calibrated: float | None
    accepted_calibrated: Rule | None


def practice_accuracy(predictor: SequencePredictor, clips: Clips, indices: IntArray) -> dict[str, SourceFigures]:
    """The figures of every source, and of all together under the name "all".

    Raises:
        ClipFileError: no clip shows a hand that signs a letter.
    """
    chosen = indices[clips.label[indices] < len(LETTERS)]
    readings = list(tqdm(_read(predictor, clips, chosen), total=len(chosen), unit=" clips", leave=False, disable=None))
    if not readings:
        raise ClipFileError("expected clips of letters with a hand in them, found none")
    readings.sort(key=lambda reading: reading.source)
    found = {
        clips.source_names[source]: _figures(list(group))
        for source, group in groupby(readings, key=lambda reading: reading.source)
    }
    return {"all": _figures(readings, calibrate=False), **found}


def _read(predictor: SequencePredictor, clips: Clips, indices: IntArray) -> Iterator[Reading]:
    for index in indices:
        clip = clips.clip(int(index))
        there = np.flatnonzero(np.isfinite(clip).all(axis=(1, 2)))
        if len(there) == 0:
            continue
        clip = clip[there[0] : there[-1] + 1]
        answers = _answers(predictor, clip)
        yield Reading.of(int(clips.label[index]), int(clips.source[index]), clip[-1], len(clip) - 1, answers)


def _answers(predictor: SequencePredictor, clip: FloatArray) -> FloatArray:
    """The model's answers (t, 29) at every frame of a clip and while its last frame is held."""
    if len(clip) == 1:
        return np.repeat(predictor.predict_batch(clip_windows(clip, predictor.window)), 1 + _HELD_ON, axis=0)
    shown = np.concatenate(
        [np.repeat(clip[:1], predictor.window - 1, axis=0), clip, np.repeat(clip[-1:], _HELD_ON, axis=0)]
    )
    return predictor.predict_batch(clip_windows(shown, predictor.window))


def _longest_hold(chances: FloatArray, threshold: float) -> IntArray:
    """For how many frames in a row each column (t, n) is at least the threshold: (n,)."""
    run = np.zeros(chances.shape[1], dtype=np.int64)
    longest = run.copy()
    for above in chances >= threshold:
        run = np.where(above, run + 1, 0)
        longest = np.maximum(longest, run)
    return longest


def _figures(readings: Sequence[Reading], *, calibrate: bool = True) -> SourceFigures:
    letter = np.array([reading.letter for reading in readings])
    page = _accepted(readings, ACCEPTED_FROM, HOLD_S)
    rates = {shown: page[letter == shown].mean(axis=0) for shown in np.unique(letter)}
    missed = {LETTERS[shown]: float(rate[shown]) for shown, rate in rates.items() if rate[shown] < 1.0}
    mistaken = {
        f"{LETTERS[shown]}{LETTERS[asked]}": float(rate[asked])
        for shown, rate in rates.items()
        for asked in np.flatnonzero(rate)
        if asked != shown
    }
    sure = [reading for reading in readings if reading.said[reading.letter] >= SURE]
    pairs = _pairs(readings)
    before, after, accepted_after = _calibrated(readings) if calibrate else (None, None, None)
    return SourceFigures(
        clips=len(readings),
        accepted=_rule(readings, letter, ACCEPTED_FROM, HOLD_S),
        curve=tuple(_rule(readings, letter, threshold, hold) for hold in HOLDS_S for threshold in THRESHOLDS),
        missed=dict(sorted(missed.items(), key=lambda item: item[1])),
        mistaken=dict(sorted(mistaken.items(), key=lambda item: -item[1])[:_CONFUSIONS]),
        sure=len(sure),
        sure_called_wrong=_mean([_named(reading, reading.letter) is not None for reading in sure]),
        shape_called_wrong=_mean(
            [feedback(LETTERS[reading.letter], reading.hand, None).finger is not None for reading in sure]
        ),
        pairs={pair: sum(right) / len(right) for pair, right in pairs.items()},
        named=_mean([each for right in pairs.values() for each in right]),
        uncalibrated=before,
        calibrated=after,
        accepted_calibrated=accepted_after,
    )


def _accepted(readings: Sequence[Reading], threshold: float, hold_s: float) -> NDArray[np.bool_]:
    """Whether a rule accepts each clip as each letter: (n, 26)."""
    needed = [min(hold_s, MOVED_S) if letter in MOVING_LETTERS else hold_s for letter in LETTERS]
    # n frames in a row last from the first to the last of them; a hold of 0.5 s needs 16.
    frames = np.ceil(np.array(needed) * 1000.0 / FRAME_MS - 1e-6) + 1
    held = np.stack([reading.held[THRESHOLDS.index(threshold)] for reading in readings])
    accepted: NDArray[np.bool_] = held >= frames
    return accepted


def _rule(readings: Sequence[Reading], letter: IntArray, threshold: float, hold_s: float) -> Rule:
    accepted = _accepted(readings, threshold, hold_s)
    right, other = [], []
    for shown in np.unique(letter):
        rate = accepted[letter == shown].mean(axis=0)
        right.append(rate[shown])
        other.append(np.delete(rate, shown).mean())
    return Rule(threshold, hold_s, float(np.mean(right)), float(np.mean(other)))


def _pairs(readings: Sequence[Reading]) -> dict[str, list[bool]]:
    """For each minimal pair, shown and asked for, whether the finger that differs is named, clip by clip."""
    found: dict[str, list[bool]] = {}
    for pair, fingers in MINIMAL_PAIRS.items():
        for shown, asked in permutations(pair):
            own = [reading for reading in readings if LETTERS[reading.letter] == shown]
            if own:
                found[f"{shown}{asked}"] = [_named(reading, char_to_index(asked)) in fingers for reading in own]
    return found


def _named(reading: Reading, asked: int) -> str | None:
    return feedback(LETTERS[asked], reading.hand, reading.said).finger


def _calibrated(readings: Sequence[Reading]) -> tuple[float | None, float | None, Rule | None]:
    """Macro accuracy without and with a calibration on three clips of each letter, on the other clips; and the rule."""
    letter = np.array([reading.letter for reading in readings])
    said = np.stack([reading.said for reading in readings])
    enough = [shown for shown in np.unique(letter) if (letter == shown).sum() >= _FEWEST]
    if len(enough) < 2:
        return None, None, None
    rng = np.random.default_rng(0)
    before, after, accepted = [], [], []
    for _ in range(_DRAWS):
        sampled = {shown: rng.permutation(np.flatnonzero(letter == shown))[:SAMPLES] for shown in enough}
        # Not kept, so that it need not say for which model it is.
        calibration = fit_calibration({LETTERS[shown]: list(said[own]) for shown, own in sampled.items()}, model="")
        rest = np.setdiff1d(np.arange(len(letter)), np.concatenate(list(sampled.values())))
        corrected = [readings[index].corrected(calibration) for index in rest]
        before.append(macro_accuracy(letter[rest], said[rest]))
        after.append(macro_accuracy(letter[rest], np.stack([reading.said for reading in corrected])))
        accepted.append(_rule(corrected, letter[rest], ACCEPTED_FROM, HOLD_S))
    rule = replace(
        accepted[0],
        right=float(np.mean([each.right for each in accepted])),
        other=float(np.mean([each.other for each in accepted])),
    )
    return float(np.mean(before)), float(np.mean(after)), rule


def _mean(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None

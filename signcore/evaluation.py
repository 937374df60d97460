"""How good a recogniser is on recorded clips: of each letter, of each source, and when the camera is worse."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from tqdm import tqdm

from signcore.clips import Clips
from signcore.errors import ClipFileError
from signcore.features import FloatArray, IntArray
from signcore.labels import LABELS
from signcore.metrics import (
    Acceptance,
    LetterScore,
    ReliabilityBin,
    Score,
    acceptance,
    acceptance_at_precision,
    confusion_matrix,
    expected_calibration_error,
    letter_scores,
    reliability,
    score,
)
from signcore.predictor import SequencePredictor
from signcore.windows import at_fps, clip_windows, mirror, with_dropped_frames, with_noise

FRAME_RATES: Final = (30, 15, 10)
_PRECISION: Final = 0.99
_BATCH: Final = 256
_SEED: Final = 20

Change = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class SourceResult:
    """One source's clips. The fields are those of `Result`."""

    licence: str
    score: Score
    confusion: list[list[int]]
    per_letter: dict[str, LetterScore]
    ece: float
    at_99: Acceptance


@dataclass(frozen=True)
class Result:
    """What `evaluate` found.

    Attributes:
        score: all clips together.
        macro_of_sources: the mean over sources of their macro accuracy, so that a large source counts no more.
        labels: the 29 classes, for the confusion matrix.
        confusion: 29 rows (true class) of 29 counts (answer).
        per_letter: every class that has clips.
        per_source: every source that has clips.
        ece: the expected calibration error.
        reliability: its bins.
        at_99: the threshold that makes 99 % of the accepted answers right, and how many are accepted by it.
        at_model_threshold: the same for the threshold that the model itself carries.
        mirrored: with left and right exchanged.
        fps: the clips of more than one frame, as a camera of so many frames a second would have seen them.
        noise: with trembling landmarks.
        dropped: the clips of more than one frame, with frames lost.
    """

    score: Score
    macro_of_sources: float | None
    labels: tuple[str, ...]
    confusion: list[list[int]]
    per_letter: dict[str, LetterScore]
    per_source: dict[str, SourceResult]
    ece: float
    reliability: tuple[ReliabilityBin, ...]
    at_99: Acceptance
    at_model_threshold: Acceptance
    mirrored: Score
    fps: dict[str, Score]
    noise: Score
    dropped: Score | None


def select_clips(clips: Clips, *, include_suspect: bool = False, sources: Sequence[str] = ()) -> IntArray:
    """The indices of the clips to judge: without the suspect ones, and of the sources whose names begin as given.

    Raises:
        ClipFileError: none is left, none of them shows a hand, or a source is not in the file.
    """
    wanted = np.ones(len(clips), dtype=np.bool_) if include_suspect else ~clips.suspect
    if sources:
        for prefix in sources:
            if not any(name.startswith(prefix) for name in clips.source_names):
                raise ClipFileError(f"source: expected one of {', '.join(clips.source_names)}; found {prefix}")
        named = [i for i, name in enumerate(clips.source_names) if name.startswith(tuple(sources))]
        wanted &= np.isin(clips.source, named)
    if not wanted.any():
        raise ClipFileError("expected clips to judge, found none that are not suspect")
    if clips.handless[wanted].all():
        raise ClipFileError("expected clips to judge, found none in which a hand is to be seen")
    return np.flatnonzero(wanted)


def predict_clips(
    predictor: SequencePredictor, clips: Clips, indices: IntArray, change: Change | None = None, progress: str = ""
) -> FloatArray:
    """The probabilities (len(indices), 29) of clips, the mean over each clip's windows.

    Args:
        predictor: the recogniser's model.
        clips: the file.
        indices: which clips.
        change: done to the windows (n, window, 21, 3) first.
        progress: what stands beside the progress bar, which is shown on a terminal only.
    """

    def predict(windows: FloatArray) -> FloatArray:
        return predictor.predict_batch(windows if change is None else change(windows))

    return mean_over_windows(predict, predictor.window, clips, indices, progress)


def mean_over_windows(
    predict: Callable[[FloatArray], FloatArray], window: int, clips: Clips, indices: IntArray, progress: str = ""
) -> FloatArray:
    """The probabilities (len(indices), 29) of clips, the mean over what `predict` makes of each clip's windows.

    Args:
        predict: windows (n, window, 21, 3) to probabilities (n, 29).
        window: frames of a window.
        clips: the file.
        indices: which clips.
        progress: as for `predict_clips`.
    """
    probabilities = np.empty((len(indices), len(LABELS)), dtype=np.float32)
    with tqdm(total=len(indices), desc=progress, unit=" clips", leave=False, disable=None) as bar:
        for start in range(0, len(indices), _BATCH):
            windows = [clip_windows(clips.clip(i), window) for i in indices[start : start + _BATCH]]
            answers = predict(np.concatenate(windows))
            ends = np.cumsum([len(group) for group in windows])
            for row, group in enumerate(np.split(answers, ends[:-1])):
                # In float64, since means of float32 often lie half-way between two of them.
                probabilities[start + row] = (group / np.float64(len(group))).sum(axis=0)
            bar.update(len(windows))
    return probabilities


def evaluate(predictor: SequencePredictor, clips: Clips, indices: IntArray) -> Result:
    """Judge a recogniser by the clips at `indices`, which `select_clips` gives. The same clips give the same result."""
    truth = clips.label[indices]
    probabilities = predict_clips(predictor, clips, indices, progress="as recorded")
    confusion = confusion_matrix(truth, probabilities.argmax(axis=1))
    bins = reliability(truth, probabilities)
    per_source = dict(_by_source(clips, indices, probabilities))
    macros = [result.score.macro for result in per_source.values() if result.score.macro is not None]
    several = indices[np.diff(clips.offsets)[indices] > 1]

    def under(name: str, change: Change, chosen: IntArray) -> Score:
        answers = predict_clips(predictor, clips, chosen, change, progress=name).argmax(axis=1)
        return score(confusion_matrix(clips.label[chosen], answers))

    trembling = partial(with_noise, rng=np.random.default_rng(_SEED))
    losing = partial(with_dropped_frames, rng=np.random.default_rng(_SEED))
    return Result(
        score=score(confusion),
        macro_of_sources=sum(macros) / len(macros) if macros else None,
        labels=LABELS,
        confusion=confusion.tolist(),
        per_letter=letter_scores(confusion),
        per_source=per_source,
        ece=expected_calibration_error(bins),
        reliability=bins,
        at_99=acceptance_at_precision(truth, probabilities, _PRECISION),
        at_model_threshold=acceptance(truth, probabilities, predictor.threshold),
        mirrored=under("mirrored", mirror, indices),
        fps={str(fps): under(f"{fps} fps", partial(at_fps, fps=fps), several) for fps in FRAME_RATES if len(several)},
        noise=under("noise", trembling, indices),
        dropped=under("dropped frames", losing, several) if len(several) else None,
    )


def _by_source(clips: Clips, indices: IntArray, probabilities: FloatArray) -> Iterator[tuple[str, SourceResult]]:
    for source in np.unique(clips.source[indices]):
        own = clips.source[indices] == source
        truth, answers = clips.label[indices][own], probabilities[own]
        confusion = confusion_matrix(truth, answers.argmax(axis=1))
        yield (
            clips.source_names[source],
            SourceResult(
                licence=clips.source_licences[source],
                score=score(confusion),
                confusion=confusion.tolist(),
                per_letter=letter_scores(confusion),
                ece=expected_calibration_error(reliability(truth, answers)),
                at_99=acceptance_at_precision(truth, answers, _PRECISION),
            ),
        )

"""What a model gains by being taught one's own hand, measured on people whom it has never seen.

Each source of a file plays the part of a user: a few clips of every class are that user's own, all others are read.
"""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from signcore.calibration import SAMPLES, Calibration, fit_calibration
from signcore.clips import Clips, read_clips, write_clips
from signcore.errors import TrainingError
from signcore.evaluation import predict_clips, select_clips
from signcore.features import FloatArray, IntArray
from signcore.labels import LETTERS
from signcore.metrics import expected_calibration_error, macro_accuracy, reliability
from signcore.predictor import SequencePredictor
from signcore.results import file_facts, write_results
from signcore.training.train import train
from signcore.word_accuracy import word_accuracy

_FEWEST_LEFT: Final = 2  # clips of a class, to be read after training
_SPEED: Final = 2  # letters a second


@dataclass(frozen=True)
class Reading:
    """How one model reads the clips of one person that it was not taught, and everybody else's. All 0..1.

    Attributes:
        macro: the mean over the letters.
        ece: the expected calibration error.
        others: the mean over the letters of the other people's clips.
        cer: character error rate of words joined from the person's clips, two letters a second; None where there are
            not the letters for any.
    """

    macro: float
    ece: float
    others: float
    cer: float | None


@dataclass(frozen=True)
class OwnHand:
    """One person, and a number of clips of each class.

    Attributes:
        person: the source's name.
        samples: how many clips of each class are the person's own.
        taught: how many clips that makes.
        clips: how many clips of the person are read.
        shipped: by the model as it is.
        corrected: with the correction of the Practice page, fitted on the same samples. It knows of nobody else.
        trained: by the model that was trained on.
    """

    person: str
    samples: int
    taught: int
    clips: int
    shipped: Reading
    corrected: Reading
    trained: Reading


def measure_own_hand(
    strangers: Path,
    clips_path: Path,
    out: Path,
    *,
    model: Path,
    samples: tuple[int, ...] = (SAMPLES, 10),
    words: Sequence[str] | None = None,
    seed: int = 0,
    quick: bool = False,
    command: str = "",
) -> list[OwnHand]:
    """Teach the model every person of a file in turn, with few clips and with more, and write what it gains as JSON.

    Args:
        strangers: clips of people whom the model has not seen.
        clips_path: the clips that it was trained on, of which each training takes half.
        out: the results file.
        model: the model; it stays as it is.
        samples: clips of each class that are the person's own.
        words: what is spelled; None: the fixed list.
        seed: of which clips these are, and of the training.
        quick: a few steps, to try the way through.
        command: what the user typed, for the file.

    Raises:
        ClipFileError: a clip file that cannot be used.
        TrainingError: no person has clips enough, or a model could not be written.
        SignError: the results could not be written.
    """
    clips = read_clips(strangers)
    chosen = select_clips(clips)
    predictor = SequencePredictor(model)
    found = []
    for count in samples:
        for source in np.unique(clips.source[chosen]):
            person, others = chosen[clips.source[chosen] == source], chosen[clips.source[chosen] != source]
            taught = _samples(clips, person, count, seed)
            rest = np.setdiff1d(person, taught)
            if len(taught) == 0 or len(others) == 0:
                continue
            correction = _correction(predictor, clips, taught)
            trained = _trained(clips.only(taught), clips_path, model, seed=seed, quick=quick)
            found.append(
                OwnHand(
                    person=clips.source_names[source],
                    samples=count,
                    taught=len(taught),
                    clips=len(rest),
                    shipped=_reading(predictor, clips, rest, others, words),
                    corrected=_reading(predictor, clips, rest, others, words, correction),
                    trained=_reading(trained, clips, rest, others, words),
                )
            )
    if not found:
        few = min(samples) + _FEWEST_LEFT
        raise TrainingError(f"{strangers.name}: expected two people, one with {few} clips of a letter; found none")
    write_results(
        {
            "command": command,
            "date": datetime.now(UTC).date().isoformat(),
            "model": file_facts(model),
            "clip_file": file_facts(strangers),
            "people": [asdict(person) for person in found],
        },
        out,
    )
    return found


def _samples(clips: Clips, person: IntArray, count: int, seed: int) -> IntArray:
    """The clips that play the part of the person's own: `count` of every class that has more than enough."""
    rng = np.random.default_rng(seed)
    samples = [np.empty(0, dtype=np.int64)]
    for label in np.unique(clips.label[person]):
        own = rng.permutation(person[clips.label[person] == label])
        if len(own) >= count + _FEWEST_LEFT:
            samples.append(own[:count])
    return np.sort(np.concatenate(samples))


def _correction(predictor: SequencePredictor, clips: Clips, taught: IntArray) -> Calibration:
    """What the Practice page would learn from these clips."""
    letters = taught[clips.label[taught] < len(LETTERS)]
    by_letter: dict[str, list[FloatArray]] = {}
    for label, answer in zip(clips.label[letters], predict_clips(predictor, clips, letters), strict=True):
        by_letter.setdefault(LETTERS[label], []).append(answer)
    return fit_calibration(by_letter, model=predictor.fingerprint)


def _trained(own: Clips, clips_path: Path, model: Path, *, seed: int, quick: bool) -> SequencePredictor:
    """The model, trained on with these clips."""
    with tempfile.TemporaryDirectory() as folder:
        mine, tuned = Path(folder) / "mine.npz", Path(folder) / model.name
        write_clips(own, mine)
        shutil.copy(model, tuned)
        train(clips_path, tuned, add=mine, seed=seed, quick=quick)
        return SequencePredictor(tuned)


def _reading(
    predictor: SequencePredictor,
    clips: Clips,
    rest: IntArray,
    others: IntArray,
    words: Sequence[str] | None,
    calibration: Calibration | None = None,
) -> Reading:
    answers, of_others = predict_clips(predictor, clips, rest), predict_clips(predictor, clips, others)
    if calibration is not None:
        answers, of_others = calibration.adapt(answers), calibration.adapt(of_others)
    spelled = word_accuracy(predictor, clips, rest, words=words, speeds=(_SPEED,), calibration=calibration)
    return Reading(
        macro=macro_accuracy(clips.label[rest], answers),
        ece=expected_calibration_error(reliability(clips.label[rest], answers)),
        others=macro_accuracy(clips.label[others], of_others),
        cer=None if spelled is None else spelled.cer[str(_SPEED)],
    )

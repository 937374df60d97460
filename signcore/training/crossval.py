"""Leave sources out, train, read them: the honest measure of how strangers are read, in one file of results."""

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signcore.clips import read_clips
from signcore.labels import LABELS, LETTERS, MOVING_LETTERS, NOTHING, char_to_index
from signcore.metrics import confusion_matrix, score
from signcore.model_results import CrossValidation, NoLetter
from signcore.results import write_results
from signcore.training import folds
from signcore.training.dataset import build_bank
from signcore.training.folds import Readings
from signcore.training.run import Run

_PRECISION: Final = 0.99


def cross_validate(
    clips_path: Path,
    out: Path,
    *,
    seed: int = 0,
    resume: Path | None = None,
    licences: Collection[str] | None = None,
    quick: bool = False,
    command: str = "",
) -> CrossValidation:
    """Read every training source by a net of the others, and write what came out as JSON.

    The nets are the ones that `train` calibrates with: its checkpoint, as `resume`, makes this a matter of seconds, and
    the other way round. Clips whose labels are doubted are left out of training, not of the reading: strangers may sign
    like that. The reference source is never held out, since nobody else signs its SPACE and DELETE.

    Args:
        clips_path: the training clips.
        out: the results file; its checkpoint is in `checkpoints/` beside it.
        seed: as for `train`.
        resume: a checkpoint of this or of `train`, with the same clips, licences and seed.
        licences: only sources under one of these licences.
        quick: a few steps, to try the way through.
        command: what the user typed, for the file.

    Raises:
        ClipFileError: a clip file that cannot be used.
        TrainingError: a checkpoint of another model, or one that could not be written.
        SignError: the results could not be written.
    """
    run = Run(clips_path, out, seed=seed, resume=resume, licences=licences, quick=quick)
    clips = read_clips(clips_path)
    whole = build_bank(clips, licences=licences, seed=seed)
    bank, doubted = folds.audited(clips, whole, run)
    readings = folds.held_out_readings(clips, whole, bank, run)
    temperature = folds.fit_temperature(readings)
    believed = readings.only(readings.believed)
    threshold, coverage = folds.fit_threshold(believed, temperature, _PRECISION)
    per_source = {clips.source_names[source]: macro for source, macro in _still_macros(readings).items()}
    result = CrossValidation(
        macro_of_sources=float(np.mean(list(per_source.values()))),
        macro_undoubted=float(np.mean(list(_still_macros(believed).values()))),
        per_source=per_source,
        moving={letter: _accuracy(readings, readings.label == char_to_index(letter)) for letter in MOVING_LETTERS},
        no_letter=_no_letter(
            folds.no_letter_readings(clips, bank, run), clips.source_names, temperature=temperature, threshold=threshold
        ),
        temperature=temperature,
        ece=folds.calibration_error(readings, temperature),
        threshold=threshold,
        coverage=coverage,
        clips=len(readings.label),
        doubted=doubted,
        training_data_sha256=run.digest,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
    )
    write_results(result.model_dump(), out)
    return result


def _still_macros(readings: Readings) -> dict[int, float]:
    """The macro accuracy over the still letters, 0..1, of every source that has any."""
    macros = {}
    for source in np.unique(readings.source):
        own = readings.only(readings.source == source)
        macro = score(confusion_matrix(own.label, own.logits.argmax(axis=1))).macro_still
        if macro is not None:
            macros[int(source)] = macro
    return macros


def _no_letter(readings: Readings, names: tuple[str, ...], *, temperature: float, threshold: float) -> list[NoLetter]:
    said = readings.probabilities(temperature)
    rows = []
    for source, label in sorted(set(zip(readings.source.tolist(), readings.label.tolist(), strict=True))):
        own = said[(readings.source == source) & (readings.label == label)]
        best, letter = own.argmax(axis=1), own.argmax(axis=1) < len(LETTERS)
        rows.append(
            NoLetter(
                source=names[source],
                label=LABELS[label],
                clips=len(own),
                nothing=float((best == char_to_index(NOTHING)).mean()),
                accepted=float((letter & (own.max(axis=1) >= threshold)).mean()),
            )
        )
    return rows


def _accuracy(readings: Readings, chosen: NDArray[np.bool_]) -> float | None:
    right = readings.logits.argmax(axis=1) == readings.label
    return float(right[chosen].mean()) if chosen.any() else None

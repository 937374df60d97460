"""From a file of clips to the shipped model, in one call."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from signcore.clips import Clips, read_clips
from signcore.errors import ClipFileError, SignError, TrainingError
from signcore.features import FloatArray, window_features
from signcore.model_sources import TrainingSource, join_sources, read_sources
from signcore.predictor import SequencePredictor
from signcore.training import folds, loop
from signcore.training.composites import WINDOW
from signcore.training.dataset import Bank, build_bank, join_clips
from signcore.training.export import ModelFacts, export
from signcore.training.graph import read_nets
from signcore.training.model import Recogniser
from signcore.training.run import Run
from signcore.windows import clip_windows

NETS: Final = 3
_PARITY_WINDOWS: Final = 64
_OWN_SHARE: Final = 0.5


@dataclass(frozen=True)
class TrainingReport:
    """What a training run did, and how its cross-validation nets read sources they were not trained on.

    Attributes:
        out: the model file that was written.
        checkpoint: the file to resume from.
        clips: clips that were trained on.
        doubted: clips left out because other sources' nets read them as another letter; None after fine-tuning, which
            doubts no label.
        temperature: fitted on held-out sources.
        threshold: top probability from which held-out answers are right 99 times in 100.
        coverage: share of held-out clips above the threshold, 0..1. This and what follows are NaN after fine-tuning.
        held_out_accuracy: mean over the letters, 0..1, of one net trained by a shorter schedule.
        held_out_ece: expected calibration error after the temperature, 0..1.
        own: of the user's own clips, those that were trained on; 0 where none were added.
        own_given: how many there were.
    """

    out: Path
    checkpoint: Path
    clips: int
    doubted: int | None
    temperature: float
    threshold: float
    coverage: float
    held_out_accuracy: float
    held_out_ece: float
    own: int = 0
    own_given: int = 0


def train(
    clips_path: Path,
    out: Path,
    *,
    seed: int = 0,
    resume: Path | None = None,
    add: Path | None = None,
    licences: Collection[str] | None = None,
    quick: bool = False,
    command: str = "",
) -> TrainingReport:
    """Train, calibrate, export.

    Progress is kept in `checkpoints/<name of out>.pt` beside `out`, in `<name of out>-tuning.pt` where `out` is taken
    further; a run that stopped goes on from there when `resume` names it.

    Args:
        clips_path: clips to learn from.
        out: the ONNX file to write; an old one stays until the new one is complete and checked.
        seed: of everything random.
        resume: the checkpoint of an interrupted run with the same clips and settings.
        add: more clips, a user's own. A model that `out` already is is taken further with them, in minutes, half of
            each letter theirs; its calibration and its sources stay, and no label is doubted. Where there is none,
            they are learnt with the others.
        licences: only sources under one of these licences.
        quick: a few steps, to try the way through; the model is useless.
        command: what the user typed, for the file's metadata.

    Raises:
        ClipFileError: a clip file that cannot be used, or none of the clips to add can be learnt from.
        TrainingError: a checkpoint of another model, a model to take further that does not say what it was trained on
            or with which temperature, or a file that could not be written.
    """
    if add is not None and out.is_file():
        return _fine_tune(
            clips_path, add, out, seed=seed, resume=resume, licences=licences, quick=quick, command=command
        )
    clips, own = read_clips(clips_path), range(0)
    if add is not None:
        clips, own = _with_own(clips, add)
    run = Run(clips_path, out, seed=seed, resume=resume, add=add, licences=licences, quick=quick)
    whole = build_bank(clips, licences=licences, own=own, seed=seed)
    if add is not None:
        _check_own(whole, own, add)
    bank, doubted = folds.audited(clips, whole, run)
    readings = folds.held_out_readings(clips, whole, bank, run)
    temperature = folds.fit_temperature(readings)
    threshold, coverage = folds.fit_threshold(readings.only(readings.believed), temperature)
    nets = [
        loop.train_net(bank, run.full, seed + 300 + number, run.checkpoint, f"net {number + 1}")
        for number in range(NETS)
    ]

    facts = _facts(run, clips, bank, temperature, threshold, command)
    export(Recogniser(nets, temperature).eval(), facts, out, _some_windows(clips, bank, seed))
    return TrainingReport(
        out=out,
        checkpoint=run.checkpoint.path,
        clips=len(bank),
        doubted=doubted,
        temperature=temperature,
        threshold=threshold,
        coverage=coverage,
        held_out_accuracy=folds.macro_accuracy(readings),
        held_out_ece=folds.calibration_error(readings, temperature),
        own=_clips_of(own, bank),
        own_given=_clips_of(own, clips),
    )


def _fine_tune(
    clips_path: Path,
    add: Path,
    out: Path,
    *,
    seed: int,
    resume: Path | None,
    licences: Collection[str] | None,
    quick: bool,
    command: str,
) -> TrainingReport:
    """`train` for a model that is there and clips that it should also read."""
    clips, own = _with_own(read_clips(clips_path), add)
    nets = read_nets(out)
    base = SequencePredictor(out)
    try:
        sources = read_sources(base.metadata)
    except SignError as error:
        raise TrainingError(f"{out.name}: {error}") from None
    temperature, threshold = _temperature(base), base.threshold
    run = Run(
        clips_path,
        out.with_name(f"{out.stem}-tuning{out.suffix}"),
        seed=seed,
        resume=resume,
        add=add,
        base=base.fingerprint,
        licences=licences,
        quick=quick,
    )
    bank = build_bank(clips, licences=licences, own=own, seed=seed).favouring(own, _OWN_SHARE)
    _check_own(bank, own, add)
    nets = [
        loop.tune_net(net, bank, run.tuning, seed + number, run.checkpoint, f"tuning {number + 1}")
        for number, net in enumerate(nets)
    ]
    facts = _facts(run, clips, bank, temperature, threshold, command)
    facts = replace(facts, sources=join_sources(sources, facts.sources), base_sha256=base.fingerprint)
    export(Recogniser(nets, temperature).eval(), facts, out, _some_windows(clips, bank, seed))
    nan = float("nan")
    return TrainingReport(
        out=out,
        checkpoint=run.checkpoint.path,
        clips=len(bank),
        doubted=None,
        temperature=temperature,
        threshold=threshold,
        coverage=nan,
        held_out_accuracy=nan,
        held_out_ece=nan,
        own=_clips_of(own, bank),
        own_given=_clips_of(own, clips),
    )


def _temperature(base: SequencePredictor) -> float:
    """What a model says its logits are divided by."""
    said = base.metadata.get("temperature", "none")
    with suppress(ValueError):
        # Written so that NaN is none either; what is fitted lies far inside.
        if 0.01 <= float(said) <= 100.0:
            return float(said)
    raise TrainingError(f"{base.model_path.name}: expected a temperature of 0.01 to 100, found {said}")


def _with_own(clips: Clips, add: Path) -> tuple[Clips, range]:
    """The clips with a user's own behind them, and the indices of the user's sources."""
    joined = join_clips(clips, read_clips(add))
    return joined, range(len(clips.source_names), len(joined.source_names))


def _check_own(bank: Bank, own: range, add: Path) -> None:
    if _clips_of(own, bank) == 0:
        raise ClipFileError(
            f"{add.name}: none of your clips can be learnt from: expected clips that are not marked as suspect, with a "
            "hand in at least half of the pictures, J and Z with the movement; found none"
        )


def _clips_of(sources: range, clips: Clips | Bank) -> int:
    return int(np.isin(clips.source, sources).sum())


def _facts(run: Run, clips: Clips, bank: Bank, temperature: float, threshold: float, command: str) -> ModelFacts:
    return ModelFacts(
        training_data_sha256=run.digest,
        sources=_sources(clips, bank),
        temperature=temperature,
        threshold=threshold,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
    )


def _sources(clips: Clips, bank: Bank) -> tuple[TrainingSource, ...]:
    return tuple(
        TrainingSource(
            name=clips.source_names[source],
            licence=clips.source_licences[source],
            clips=int((bank.source == source).sum()),
        )
        for source in np.unique(bank.source)
    )


def _some_windows(clips: Clips, bank: Bank, seed: int) -> FloatArray:
    """Features of real windows (B, 32, 63) to compare torch and ONNX on."""
    chosen = np.random.default_rng(seed).choice(bank.origin, min(_PARITY_WINDOWS, len(bank)), replace=False)
    return window_features(np.concatenate([clip_windows(clips.clip(int(index)), WINDOW)[:1] for index in chosen]))

"""From a file of clips to the shipped model, in one call."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from signcore.clips import Clips, read_clips
from signcore.features import FEATURE_VERSION, FloatArray, window_features
from signcore.training import folds, loop
from signcore.training.checkpoint import Checkpoint
from signcore.training.dataset import Bank, build_bank, join_clips
from signcore.training.export import ModelFacts, export
from signcore.training.heldout import calibration_error, clip_windows, macro_accuracy
from signcore.training.model import LetterNet, Recogniser

NETS: Final = 2
_PARITY_WINDOWS: Final = 64


@dataclass(frozen=True)
class TrainingReport:
    """What a training run did, and how its cross-validation nets read sources they were not trained on.

    Attributes:
        out: the model file that was written.
        checkpoint: the file to resume from.
        clips: clips that were trained on.
        doubted: clips left out because other sources' nets read them as another letter.
        temperature: fitted on held-out sources.
        threshold: top probability from which held-out answers are right 99 times in 100.
        coverage: share of held-out clips above the threshold, 0..1.
        held_out_accuracy: mean over the letters, 0..1, of one net trained by a shorter schedule.
        held_out_ece: expected calibration error after the temperature, 0..1.
    """

    out: Path
    checkpoint: Path
    clips: int
    doubted: int
    temperature: float
    threshold: float
    coverage: float
    held_out_accuracy: float
    held_out_ece: float


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

    Progress is kept in `checkpoints/<name of out>.pt` beside `out`; a run that stopped goes on from there when `resume`
    names it.

    Args:
        clips_path: clips to learn from.
        out: the ONNX file to write; an old one stays until the new one is complete and checked.
        seed: of everything random.
        resume: the checkpoint of an interrupted run with the same clips and settings.
        add: more clips, a user's own, learnt together with the others.
        licences: only sources under one of these licences.
        quick: a few steps, to try the way through; the model is useless.
        command: what the user typed, for the file's metadata.

    Raises:
        ClipFileError: a clip file that cannot be used.
        TrainingError: a checkpoint of another model, or a file that could not be written.
    """
    clips = read_clips(clips_path)
    if add is not None:
        clips = join_clips(clips, read_clips(add))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in (clips_path, add) if path is not None)).hexdigest()
    fold_schedule, schedule = (loop.QUICK, loop.QUICK) if quick else (loop.REDUCED, loop.FULL)
    frames_only = loop.QUICK_FRAMES if quick else loop.FRAMES_ONLY
    checkpoint = Checkpoint(
        out.parent / "checkpoints" / f"{out.stem}.pt",
        {
            "training data": digest,
            "parameters": str(sum(parameter.numel() for parameter in LetterNet().parameters())),
            "feature version": str(FEATURE_VERSION),
            "schedule": f"{fold_schedule} {schedule}",
            "licences": ", ".join(sorted(licences)) if licences is not None else "all",
            "seed": str(seed),
        },
    )
    if resume is not None:
        checkpoint.load(resume)

    bank = build_bank(clips, licences=licences, seed=seed)
    doubted = folds.doubtful_labels(bank, clips.source_names, frames_only, seed + 100, checkpoint)
    bank = bank.without(doubted)
    readings = folds.held_out_readings(clips, bank, fold_schedule, seed + 200, checkpoint)
    temperature = folds.fit_temperature(readings)
    threshold, coverage = folds.fit_threshold(readings, temperature)
    nets = [
        loop.train_net(bank, schedule, seed + 300 + number, checkpoint, f"net {number + 1}") for number in range(NETS)
    ]

    facts = ModelFacts(
        training_data_sha256=digest,
        sources=_sources(clips, bank),
        temperature=temperature,
        threshold=threshold,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
    )
    export(Recogniser(nets, temperature).eval(), facts, out, _some_windows(clips, bank, seed))
    chance = np.exp(readings.logits / np.float32(temperature))
    chance /= chance.sum(axis=1, keepdims=True)
    measured = len(readings.label) > 0
    return TrainingReport(
        out=out,
        checkpoint=checkpoint.path,
        clips=len(bank),
        doubted=len(doubted),
        temperature=temperature,
        threshold=threshold,
        coverage=coverage,
        held_out_accuracy=macro_accuracy(chance, readings.label) if measured else float("nan"),
        held_out_ece=calibration_error(chance, readings.label) if measured else float("nan"),
    )


def _sources(clips: Clips, bank: Bank) -> tuple[dict[str, str | int], ...]:
    """Name, licence and clips of every source that is trained on."""
    return tuple(
        {
            "name": clips.source_names[source],
            "licence": clips.source_licences[source],
            "clips": int((bank.source == source).sum()),
        }
        for source in np.unique(bank.source)
    )


def _some_windows(clips: Clips, bank: Bank, seed: int) -> FloatArray:
    """Features of real windows (B, 32, 63) to compare torch and ONNX on."""
    chosen = np.random.default_rng(seed).choice(bank.origin, min(_PARITY_WINDOWS, len(bank)), replace=False)
    return window_features(np.concatenate([clip_windows(clips.clip(int(index)))[:1] for index in chosen]))

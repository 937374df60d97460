from pathlib import Path

import numpy as np
import pytest

from signcore.clips import MISSING, read_clips
from signcore.labels import DELETE, char_to_index
from signcore.training.dataset import NOTHING_INDEX, build_bank
from signcore.training.folds import (
    Readings,
    audited,
    calibration_error,
    fit_temperature,
    fit_threshold,
    held_out_readings,
    no_letter_readings,
    sample_per_letter,
    source_folds,
)
from signcore.training.loop import Schedule
from signcore.training.run import Run
from tests.training.conftest import clip_arrays


def readings(sharpness: float, clips: int = 4000) -> Readings:
    """Readings whose probabilities are right as often as they say at a sharpness of 1."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2.0, (clips, 29)).astype(np.float32)
    chance = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    label = np.array([rng.choice(29, p=row / row.sum()) for row in chance.astype(np.float64)])
    return Readings(logits * np.float32(sharpness), label, rng.integers(0, 3, clips), np.ones(clips, dtype=np.bool_))


def test_the_temperature_undoes_overconfidence() -> None:
    assert fit_temperature(readings(1.0)) == pytest.approx(1.0, rel=0.08)
    overconfident = readings(2.0)
    assert fit_temperature(overconfident) == pytest.approx(2.0, rel=0.08)
    assert calibration_error(overconfident, 2.0) < 0.03 < calibration_error(overconfident, 1.0)


def test_the_threshold_reaches_its_precision() -> None:
    said = readings(1.0)
    threshold, coverage = fit_threshold(said, 1.0, precision=0.6)
    chance = np.exp(said.logits) / np.exp(said.logits).sum(axis=1, keepdims=True)
    accepted = chance.max(axis=1) >= threshold
    right = chance.argmax(axis=1) == said.label
    assert right[accepted].mean() == pytest.approx(0.6, abs=0.02)
    assert coverage == pytest.approx(accepted.mean(), abs=0.02)


def test_folds_hold_every_source_but_the_reference_once(clip_file: Path) -> None:
    clips = read_clips(clip_file)
    bank = build_bank(clips)
    assert [sources.tolist() for sources in source_folds(bank, clips.source_names)] == [[1], [2]]
    (group,) = source_folds(bank, clips.source_names, folds=1)
    assert sorted(group.tolist()) == [1, 2]


def test_at_most_twenty_clips_of_a_letter_are_read(clip_file: Path) -> None:
    bank = build_bank(read_clips(clip_file))
    chosen = sample_per_letter(bank, seed=0)
    assert len(chosen) == len(bank)
    assert len(np.unique(chosen)) == len(chosen)


SHORT_AUDIT = Schedule(frame_steps=60, frame_batch=64, steps=0, batch=0)
TINY = Schedule(frame_steps=3, frame_batch=8, steps=2, batch=4)
SIGNERS = ("nmt (made up)", *(f"signer {number}" for number in range(7)))


def exchange_a_and_b(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Let one source call its A a B and its B an A, and return which clips (M,) these are."""
    exchanged: np.ndarray = (arrays["source"] == 3) & (arrays["label"] < 2)
    arrays["label"][exchanged] = 1 - arrays["label"][exchanged]
    return exchanged


def doubted_clips(arrays: dict[str, np.ndarray], folder: Path) -> list[int]:
    """The indices of the clips that the audit leaves out of training; the held-out readings have them all."""
    path = folder / "clips.npz"
    np.savez(path, **arrays)
    clips = read_clips(path)
    bank = build_bank(clips)
    run = Run(path, folder / "model.onnx", seed=0)
    run.audit, run.fold = SHORT_AUDIT, TINY
    kept, doubted = audited(clips, bank, run)
    assert doubted == len(bank) - len(kept)
    read = held_out_readings(clips, bank, kept, run)
    assert len(read.label) == (bank.source != 0).sum()
    assert (~read.believed).sum() == doubted
    return sorted(set(bank.origin.tolist()) - set(kept.origin.tolist()))


def test_labels_that_all_other_sources_contradict_are_doubted(tmp_path: Path) -> None:
    arrays = clip_arrays("ABD", clips_each=6, sources=SIGNERS)
    exchanged = exchange_a_and_b(arrays)
    assert doubted_clips(arrays, tmp_path) == np.flatnonzero(exchanged).tolist()


def test_labels_that_few_other_sources_show_are_believed(tmp_path: Path) -> None:
    arrays = clip_arrays("ABD", clips_each=6, sources=SIGNERS[:5])
    exchange_a_and_b(arrays)
    assert doubted_clips(arrays, tmp_path) == []


def test_hands_that_sign_no_letter_are_read_by_a_net_of_the_others(tmp_path: Path) -> None:
    arrays = clip_arrays("ABDE", clips_each=3, sources=SIGNERS[:4])
    delete = (arrays["label"] == char_to_index("E")) & (arrays["source"] != 2)
    nothing = (arrays["label"] == char_to_index("D")) & (arrays["source"] == 2)
    arrays["label"][delete], arrays["label"][nothing] = char_to_index(DELETE), NOTHING_INDEX
    empty = int(np.flatnonzero(nothing)[0])
    arrays["frames"][arrays["offsets"][empty] : arrays["offsets"][empty + 1]] = MISSING
    path = tmp_path / "clips.npz"
    np.savez(path, **arrays)
    clips = read_clips(path)
    run = Run(path, tmp_path / "model.onnx", seed=0)
    run.fold = TINY
    read = no_letter_readings(clips, build_bank(clips), run)
    # Not the reference source's DELETE, and not the NOTHING without a hand.
    assert sorted(zip(read.source.tolist(), read.label.tolist(), strict=True)) == [
        *[(1, char_to_index(DELETE))] * 3,
        *[(2, NOTHING_INDEX)] * 2,
        *[(3, char_to_index(DELETE))] * 3,
    ]
    np.testing.assert_allclose(read.probabilities(1.0).sum(axis=1), 1.0, rtol=1e-5)

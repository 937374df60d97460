"""Sources held out in turn: doubtful labels found, and probabilities made honest, by nets that never saw the signer."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from signcore.clips import Clips
from signcore.features import FloatArray, window_features
from signcore.labels import LABELS
from signcore.training import loop
from signcore.training.checkpoint import Checkpoint
from signcore.training.dataset import MOVING, REFERENCE_SOURCE, Bank, IntArray
from signcore.training.heldout import read_clips_with
from signcore.training.model import LetterNet, Recogniser

FOLDS: Final = 5
_DOUBTED: Final = 0.1
_PER_LETTER: Final = 20  # clips of a source and letter that a held-out reading looks at


@dataclass(frozen=True)
class Readings:
    """What nets that were not trained on them said of clips: log-probabilities (n, 29), label (n,), source (n,)."""

    logits: FloatArray
    label: IntArray
    source: IntArray


def source_folds(bank: Bank, names: tuple[str, ...], folds: int = FOLDS) -> list[IntArray]:
    """The sources in groups of like size, without the reference source: nobody else signs its SPACE and DELETE."""
    sources, counts = np.unique(bank.source, return_counts=True)
    order = sources[np.argsort(-counts, kind="stable")]
    dealt = [source for source in order if not names[source].startswith(REFERENCE_SOURCE)]
    return [np.array(dealt[first::folds], dtype=np.int64) for first in range(min(folds, len(dealt)))]


def doubtful_labels(
    bank: Bank, names: tuple[str, ...], schedule: loop.Schedule, seed: int, checkpoint: Checkpoint
) -> IntArray:
    """Clips (indices of the file) whose label gets less than 0.1 from nets of other sources, which read another."""
    doubted: list[IntArray] = []
    for number, held_out in enumerate(source_folds(bank, names)):
        inside = np.isin(bank.source, held_out)
        if inside.all():
            continue
        net = loop.train_net(bank.subset(~inside), schedule, seed + number, checkpoint, f"audit {number + 1}")
        clips = np.flatnonzero(inside & ~np.isin(bank.label, MOVING))
        said = _frame_readings(net, bank, clips)
        own = said[np.arange(len(clips)), bank.label[clips]]
        wrong = (own < _DOUBTED) & (said.argmax(axis=1) != bank.label[clips])
        doubted.append(bank.origin[clips[wrong]])
    return np.concatenate(doubted) if doubted else np.zeros(0, dtype=np.int64)


def held_out_readings(clips: Clips, bank: Bank, schedule: loop.Schedule, seed: int, checkpoint: Checkpoint) -> Readings:
    """Every source read by a net that was trained without it and its fold."""
    logits: list[FloatArray] = []
    picked: list[IntArray] = []
    for number, held_out in enumerate(source_folds(bank, clips.source_names)):
        inside = np.isin(bank.source, held_out)
        if inside.all():
            continue
        net = loop.train_net(bank.subset(~inside), schedule, seed + number, checkpoint, f"fold {number + 1}")
        chosen = sample_per_letter(bank.subset(inside), seed)
        picked.append(chosen)
        logits.append(np.log(np.maximum(read_held_out([net], clips, chosen), 1e-9)))
    if not picked:
        return Readings(np.zeros((0, len(LABELS)), dtype=np.float32), np.zeros(0, np.int64), np.zeros(0, np.int64))
    indices = np.concatenate(picked)
    return Readings(np.concatenate(logits), clips.label[indices], clips.source[indices])


def read_held_out(nets: list[LetterNet], clips: Clips, indices: IntArray) -> FloatArray:
    """Probabilities (n, 29) that nets, averaged, give clips of the file."""
    model = Recogniser(nets).eval()

    def read(features: FloatArray) -> FloatArray:
        with torch.no_grad():
            answer: FloatArray = model(torch.from_numpy(features)).numpy()
        return answer

    return read_clips_with(read, clips, indices)


def sample_per_letter(bank: Bank, seed: int) -> IntArray:
    """At most 20 clips (indices of the file) of every source and letter of a bank."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(bank))
    group = bank.source[order] * len(LABELS) + bank.label[order]
    chosen = [order[np.flatnonzero(group == value)[:_PER_LETTER]] for value in np.unique(group)]
    return np.sort(bank.origin[np.concatenate(chosen)])


def fit_temperature(readings: Readings) -> float:
    """The temperature with the least cross-entropy, every source counting alike."""
    if len(readings.label) == 0:
        return 1.0
    weight = _alike(readings.source)
    candidates = np.exp(np.linspace(np.log(0.4), np.log(3.0), 80))

    def loss(temperature: float) -> float:
        chance = _softmax(readings.logits / np.float32(temperature))
        own = chance[np.arange(len(readings.label)), readings.label]
        return float(-(weight * np.log(np.maximum(own, 1e-9))).sum())

    return float(min(candidates, key=loss))


def fit_threshold(readings: Readings, temperature: float, precision: float = 0.99) -> tuple[float, float]:
    """The least top probability from which answers are right with `precision`, and the share of clips it accepts.

    Every source counts alike. A threshold of 0.99 and what it accepts when none reaches the precision.
    """
    if len(readings.label) == 0:
        return 0.9, 0.0
    chance = _softmax(readings.logits / np.float32(temperature))
    top, right = chance.max(axis=1), chance.argmax(axis=1) == readings.label
    weight = _alike(readings.source)
    order = np.argsort(-top)
    accepted = np.cumsum(weight[order])
    correct = np.cumsum((weight * right)[order]) / accepted
    enough = np.flatnonzero(correct >= precision)
    last = int(enough[-1]) if len(enough) and accepted[enough[-1]] > 0.05 else -1
    if last < 0:
        return 0.99, float(weight[top >= 0.99].sum())
    return float(top[order[last]]), float(accepted[last])


def _alike(source: IntArray) -> FloatArray:
    """Weights that sum to 1 in which every source counts alike."""
    counts = np.bincount(source)
    weight = 1.0 / counts[source]
    alike: FloatArray = (weight / weight.sum()).astype(np.float32)
    return alike


def _softmax(logits: FloatArray) -> FloatArray:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    chance: FloatArray = shifted / shifted.sum(axis=1, keepdims=True)
    return chance


def _frame_readings(net: LetterNet, bank: Bank, clips: IntArray) -> FloatArray:
    """The frame head's mean probabilities (n, 29) over up to four frames of every clip."""
    share = np.linspace(0.0, 1.0, 4)[None]
    at = bank.start[clips][:, None] + np.round(share * (bank.length[clips] - 1)[:, None]).astype(np.int64)
    features = window_features(bank.frames[at].reshape(-1, 1, 21, 3))[:, 0]
    with torch.no_grad():
        chance = torch.softmax(net.frame_head(net.encoder(torch.from_numpy(features))), dim=-1).numpy()
    mean: FloatArray = chance.reshape(len(clips), 4, -1).mean(axis=1)
    return mean

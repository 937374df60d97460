"""Sources held out in turn: doubtful labels found, and probabilities made honest, by nets that never saw the signer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from signcore.clips import Clips
from signcore.features import FloatArray, IntArray, window_features
from signcore.labels import DELETE, LABELS, NOTHING, char_to_index
from signcore.metrics import confusion_matrix, expected_calibration_error, reliability, score
from signcore.training import loop
from signcore.training.dataset import MOVING, REFERENCE_SOURCE, Bank
from signcore.training.heldout import read_held_out
from signcore.training.model import LetterNet
from signcore.training.run import Run

_GROUPS: Final = 5  # of sources, for the audit
_DOUBTED: Final = 0.1
_WITNESSES: Final = 5  # other sources that show a letter, or its label is believed
_LEAST: Final = 1e-9
_PER_LETTER: Final = 20  # clips of a source and letter that a held-out reading looks at


@dataclass(frozen=True)
class Readings:
    """What nets that were not trained on them said of clips.

    Attributes:
        logits: (n, 29) log-probabilities.
        label: (n,) true classes.
        source: (n,) whose clips they are.
        believed: (n,) whether the audit left their labels undoubted.
    """

    logits: FloatArray
    label: IntArray
    source: IntArray
    believed: NDArray[np.bool_]

    def only(self, chosen: NDArray[np.bool_]) -> "Readings":
        """Those that `chosen` (n,) marks."""
        return Readings(self.logits[chosen], self.label[chosen], self.source[chosen], self.believed[chosen])

    def probabilities(self, temperature: float) -> FloatArray:
        """(n, 29), at a temperature."""
        softened = self.logits / np.float32(temperature)
        shifted = np.exp(softened - softened.max(axis=1, keepdims=True))
        chance: FloatArray = shifted / shifted.sum(axis=1, keepdims=True)
        return chance


def source_folds(bank: Bank, names: tuple[str, ...], folds: int | None = None) -> list[IntArray]:
    """The sources in `folds` groups of like size, each by itself if None.

    Without the reference source: nobody else signs its SPACE and DELETE.
    """
    sources, counts = np.unique(bank.source, return_counts=True)
    order = sources[np.argsort(-counts, kind="stable")]
    dealt = [source for source in order if not names[source].startswith(REFERENCE_SOURCE)]
    folds = len(dealt) if folds is None else min(folds, len(dealt))
    return [np.array(dealt[first::folds], dtype=np.int64) for first in range(folds)]


def audited(clips: Clips, bank: Bank, run: Run) -> tuple[Bank, int]:
    """The bank without the clips whose label nets of other sources give less than 0.1, and how many those are.

    What fewer than five other sources show is believed: three or four signers who agree with each other are not yet
    the rule, and NOTHING is shown by one.
    """
    doubted: list[IntArray] = []
    for number, inside in enumerate(_held_out(bank, clips.source_names, _GROUPS)):
        judged = inside & _widely_shown(bank, ~inside) & ~np.isin(bank.label, MOVING)
        if not judged.any():
            continue
        net = loop.train_net(
            bank.subset(~inside), run.audit, run.seed + 100 + number, run.checkpoint, f"audit {number + 1}"
        )
        still = np.flatnonzero(judged)
        said = _frame_readings(net, bank, still)
        own = said[np.arange(len(still)), bank.label[still]]
        wrong = (own < _DOUBTED) & (said.argmax(axis=1) != bank.label[still])
        doubted.append(bank.origin[still[wrong]])
    origins = np.concatenate(doubted) if doubted else np.zeros(0, dtype=np.int64)
    return bank.without(origins), len(origins)


def _widely_shown(bank: Bank, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which clips (M,) have a label that at least five of the sources among these clips (M,) show."""
    pairs = np.unique(np.stack([bank.label[among], bank.source[among]]), axis=1)
    sources: IntArray = np.bincount(pairs[0], minlength=len(LABELS))
    widely: NDArray[np.bool_] = sources[bank.label] >= _WITNESSES
    return widely


def held_out_readings(clips: Clips, whole: Bank, bank: Bank, run: Run) -> Readings:
    """Every source but the reference source, read by a net that was trained on all others.

    Args:
        clips: the file.
        whole: what is read: the doubted clips too, since strangers have such habits as well.
        bank: what is learnt from.
        run: schedules and checkpoint.
    """
    picked: list[IntArray] = []
    logits: list[FloatArray] = []
    for inside, net in _held_out_nets(clips, bank, run):
        picked.append(sample_per_letter(whole.subset(np.isin(whole.source, bank.source[inside])), run.seed))
        logits.append(_log_readings(net, clips, picked[-1]))
    return _readings(clips, bank, picked, logits)


def no_letter_readings(clips: Clips, bank: Bank, run: Run) -> Readings:
    """The hands of a source that sign no letter, read by the net that was trained on all other sources.

    They are what a source shows as NOTHING, and a DELETE that is not the reference source's: for us it is no sign.

    Args:
        clips: the file.
        bank: what is learnt from.
        run: schedules and checkpoint, as for `held_out_readings`.
    """
    nothing, delete = (clips.label == char_to_index(name) for name in (NOTHING, DELETE))
    reference = np.char.startswith(np.array(clips.source_names)[clips.source], REFERENCE_SOURCE)
    no_letter = (nothing | (delete & ~reference)) & ~clips.suspect
    picked: list[IntArray] = []
    logits: list[FloatArray] = []
    for inside, net in _held_out_nets(clips, bank, run):
        own = np.flatnonzero(no_letter & np.isin(clips.source, bank.source[inside]))
        picked.append(own[[bool(np.isfinite(clips.clip(int(index))).any()) for index in own]])
        logits.append(_log_readings(net, clips, picked[-1]))
    return _readings(clips, bank, picked, logits)


def _held_out_nets(clips: Clips, bank: Bank, run: Run) -> Iterator[tuple[NDArray[np.bool_], LetterNet]]:
    """For every source but the reference source which clips (M,) are its own, and a net of all others."""
    for number, inside in enumerate(_held_out(bank, clips.source_names)):
        job = f"fold {number + 1}"
        yield inside, loop.train_net(bank.subset(~inside), run.fold, run.seed + 200 + number, run.checkpoint, job)


def _log_readings(net: LetterNet, clips: Clips, indices: IntArray) -> FloatArray:
    """Log-probabilities (n, 29) of the clips at `indices` of a file."""
    logits: FloatArray = np.log(np.maximum(read_held_out([net], clips, indices), _LEAST))
    return logits


def _readings(clips: Clips, bank: Bank, picked: list[IntArray], logits: list[FloatArray]) -> Readings:
    indices = np.concatenate([np.zeros(0, dtype=np.int64), *picked])
    said = np.concatenate([np.zeros((0, len(LABELS)), dtype=np.float32), *logits])
    return Readings(said, clips.label[indices], clips.source[indices], np.isin(indices, bank.origin))


def _held_out(bank: Bank, names: tuple[str, ...], folds: int | None = None) -> Iterator[NDArray[np.bool_]]:
    """Which clips (M,) are held out, for every fold that leaves something to train on."""
    for sources in source_folds(bank, names, folds):
        inside = np.isin(bank.source, sources)
        if not inside.all():
            yield inside


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
        chance = readings.probabilities(temperature)
        own = chance[np.arange(len(readings.label)), readings.label]
        return float(-(weight * np.log(np.maximum(own, _LEAST))).sum())

    return float(min(candidates, key=loss))


def fit_threshold(readings: Readings, temperature: float, precision: float = 0.99) -> tuple[float, float]:
    """The least top probability from which answers are right with `precision`, and the share of clips it accepts.

    Every source counts alike. A threshold of 0.99 and what it accepts when none reaches the precision.
    """
    if len(readings.label) == 0:
        return 0.9, 0.0
    chance = readings.probabilities(temperature)
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


def macro_accuracy(readings: Readings) -> float:
    """The mean over the letters, 0..1; NaN without readings."""
    if len(readings.label) == 0:
        return float("nan")
    macro = score(confusion_matrix(readings.label, readings.logits.argmax(axis=1))).macro
    return float("nan") if macro is None else macro


def calibration_error(readings: Readings, temperature: float) -> float:
    """The expected calibration error at a temperature, 0..1; NaN without readings."""
    if len(readings.label) == 0:
        return float("nan")
    return expected_calibration_error(reliability(readings.label, readings.probabilities(temperature)))


def _alike(source: IntArray) -> FloatArray:
    """Weights that sum to 1 in which every source counts alike."""
    counts = np.bincount(source)
    weight = 1.0 / counts[source]
    alike: FloatArray = (weight / weight.sum()).astype(np.float32)
    return alike


def _frame_readings(net: LetterNet, bank: Bank, clips: IntArray) -> FloatArray:
    """The frame head's mean probabilities (n, 29) over up to four frames of every clip."""
    share = np.linspace(0.0, 1.0, 4)[None]
    at = bank.start[clips][:, None] + np.round(share * (bank.length[clips] - 1)[:, None]).astype(np.int64)
    features = window_features(bank.frames[at].reshape(-1, 1, 21, 3))[:, 0]
    with torch.no_grad():
        chance = torch.softmax(net.frame_head(net.encode(torch.from_numpy(features))), dim=-1).numpy()
    mean: FloatArray = chance.reshape(len(clips), 4, -1).mean(axis=1)
    return mean

"""How a model reads clips that it was not trained on."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signcore.clips import Clips
from signcore.features import FloatArray, window_features
from signcore.labels import LABELS
from signcore.training.composites import WINDOW
from signcore.training.dataset import IntArray

_STRIDE: Final = 4  # frames between the windows of a long clip
_BATCH: Final = 512

Read = Callable[[FloatArray], FloatArray]
"""Features (B, 32, 63) to probabilities (B, 29)."""


def clip_windows(clip: FloatArray) -> FloatArray:
    """The windows (k, 32, 21, 3) a clip is judged by.

    A still is repeated; 2 to 31 frames are resampled to 32 by lines between neighbours; a longer clip gives a window
    every 4 frames, and its probabilities are their mean.

    Args:
        clip: (n, 21, 3), NaN for a frame with no hand.
    """
    frames = len(clip)
    if frames > WINDOW:
        starts = np.unique([*range(0, frames - WINDOW + 1, _STRIDE), frames - WINDOW])
        return np.stack([clip[start : start + WINDOW] for start in starts])
    position = np.linspace(0, frames - 1, WINDOW, dtype=np.float32)
    older = np.floor(position).astype(np.int64)
    newer = np.minimum(older + 1, frames - 1)
    share = (position - older)[:, None, None]
    between = np.where(share == 0, clip[older], clip[older] * (1 - share) + clip[newer] * share)
    return between[None].astype(np.float32)


def read_clips_with(read: Read, clips: Clips, indices: IntArray) -> FloatArray:
    """Probabilities (n, 29) of the clips at `indices`."""
    windows = [clip_windows(clips.clip(int(index))) for index in indices]
    owner = np.repeat(np.arange(len(indices)), [len(each) for each in windows])
    features = window_features(np.concatenate(windows))
    answers = np.concatenate([read(features[at : at + _BATCH]) for at in range(0, len(features), _BATCH)])
    total = np.zeros((len(indices), len(LABELS)), dtype=np.float64)
    np.add.at(total, owner, answers)
    return (total / np.bincount(owner)[:, None]).astype(np.float32)


def macro_accuracy(probabilities: FloatArray, label: IntArray) -> float:
    """The mean over the labels present of the share of their clips read right."""
    right = probabilities.argmax(axis=1) == label
    return float(np.mean([right[label == value].mean() for value in np.unique(label)]))


def calibration_error(probabilities: FloatArray, label: IntArray, bins: int = 15) -> float:
    """Expected calibration error: how far confidence and accuracy differ, over bins of equal width."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == label
    which: NDArray[np.int64] = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    gap = [abs(confidence[which == b].sum() - right[which == b].sum()) for b in np.unique(which)]
    return float(np.sum(gap) / len(label))

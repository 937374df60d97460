"""How nets read clips that they were not trained on, as the evaluation judges them, without the way over ONNX."""

from typing import Final

import numpy as np
import torch

from signcore.clips import Clips
from signcore.features import FloatArray, window_features
from signcore.labels import LABELS
from signcore.training.composites import WINDOW
from signcore.training.dataset import IntArray
from signcore.training.model import LetterNet, Recogniser
from signcore.windows import clip_windows

_BATCH: Final = 512


def read_held_out(nets: list[LetterNet], clips: Clips, indices: IntArray) -> FloatArray:
    """Probabilities (n, 29) that nets, averaged, give the clips at `indices` of a file."""
    model = Recogniser(nets).eval()
    total = np.zeros((len(indices), len(LABELS)), dtype=np.float64)
    for first in range(0, len(indices), _BATCH):
        windows = [clip_windows(clips.clip(int(index)), WINDOW) for index in indices[first : first + _BATCH]]
        owner = np.repeat(np.arange(len(windows)), [len(each) for each in windows])
        with torch.no_grad():
            answers = model(torch.from_numpy(window_features(np.concatenate(windows)))).numpy()
        np.add.at(total, first + owner, answers / np.bincount(owner)[owner][:, None])
    return total.astype(np.float32)

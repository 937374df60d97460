"""How nets read clips that they were not trained on, as the evaluation judges them, without the way over ONNX."""

import torch

from signcore.clips import Clips
from signcore.evaluation import mean_over_windows
from signcore.features import FloatArray, IntArray, window_features
from signcore.training.composites import WINDOW
from signcore.training.model import LetterNet, Recogniser


def read_held_out(nets: list[LetterNet], clips: Clips, indices: IntArray) -> FloatArray:
    """Probabilities (n, 29) that nets, averaged, give the clips at `indices` of a file."""
    model = Recogniser(nets).eval()

    def predict(windows: FloatArray) -> FloatArray:
        with torch.no_grad():
            answers: FloatArray = model(torch.from_numpy(window_features(windows))).numpy()
        return answers

    return mean_over_windows(predict, WINDOW, clips, indices)

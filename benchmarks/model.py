"""The predictor beside the same weights in PyTorch eager."""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.footage import Footage
from benchmarks.timing import Stopwatch
from signcore.buffer import FRAME_MS, FrameBuffer
from signcore.dashboard.camera import upright_image
from signcore.errors import TrainingError
from signcore.features import FloatArray, window_features
from signcore.hand import HandTracker
from signcore.predictor import SequencePredictor
from signcore.settings import Settings


def measure_predictor(footage: Footage, predictor: SequencePredictor, settings: Settings, calls: int) -> dict[str, Any]:
    """ONNX Runtime and PyTorch in turns on the same windows of real hands, one thread each.

    `ratio` compares the processor time of the networks alone, from features to probabilities. The whole of
    `predict_sequence_distribution`, features included, is in the table too. There is no
    ratio without PyTorch, or where the model is of another kind than this version trains.
    """
    assert settings.hand_model is not None
    buffer, windows = FrameBuffer(predictor.window), []
    with HandTracker(settings.hand_model) as tracker:
        for number, frame in enumerate(footage.moving[: 2 * predictor.window]):
            t_ms = number * FRAME_MS
            buffer.push(tracker.detect(upright_image(frame), t_ms), t_ms)
            if buffer.full:
                windows.append(buffer.window())
    watch = Stopwatch()
    try:
        eager = eager_network(predictor)
    except (ModuleNotFoundError, TrainingError):
        for number in range(calls):
            watch("predictor", predictor.predict_sequence_distribution, windows[number % len(windows)])
        return {"ratio": None, "table": watch.table()}
    difference = 0.0
    for number in range(-20, calls):
        window = windows[number % len(windows)]
        rows = window_features(window[None])
        timed = watch if number >= 0 else Stopwatch()
        timed("predictor", predictor.predict_sequence_distribution, window)
        ours = timed("network in ONNX Runtime", predictor.run_network, rows)
        theirs = timed("network in PyTorch", eager, rows)
        difference = max(difference, float(np.abs(ours - theirs).max()))
    ratio = watch.cpu_ms("network in PyTorch") / watch.cpu_ms("network in ONNX Runtime")
    return {"ratio": round(ratio, 2), "largest_difference": difference, "table": watch.table()}


def eager_network(predictor: SequencePredictor) -> Callable[[FloatArray], FloatArray]:
    """The predictor's weights in PyTorch, from features to probabilities, in one thread.

    Raises:
        ModuleNotFoundError: PyTorch is not installed.
        TrainingError: the model's weights are not of the kind that this version trains.
    """
    import torch

    from signcore.training.graph import read_nets
    from signcore.training.model import Recogniser

    torch.set_num_threads(1)
    net = Recogniser(read_nets(predictor.model_path), float(predictor.metadata["temperature"])).eval()

    def run(rows: FloatArray) -> FloatArray:
        with torch.no_grad():
            answer: FloatArray = net(torch.from_numpy(rows)).numpy()
        return answer

    return run

"""The recogniser's model: windows of landmarks in, probabilities over the 29 classes out."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from signcore.errors import LandmarkError, ModelContractError
from signcore.features import FEATURE_VERSION, FEATURES, LANDMARKS, FloatArray, window_features
from signcore.labels import LABELS, LETTERS, NOTHING
from signcore.settings import LONGEST_WINDOW, load_settings

# The older kind of model: one frame, the 26 letters, nothing written into the file.
_OLDER_LABELS: Final = LETTERS
_OLDER_WINDOW: Final = 1
_DEFAULT_THRESHOLD: Final = 0.9


class SequencePredictor:
    """An ONNX recogniser, shared by all sessions. Thread-safe; one thread for an inference.

    The file has one input float32 ['batch', 'sequence', 63] and one output float32 ['batch', 29], and says in its
    metadata which `labels`, `window` (frames) and `feature_version` it was trained with. The older kind of model
    (26 letters, one frame, no metadata) runs too; its three missing classes have probability 0, and a missing hand is
    NOTHING.

    Args:
        model_path: the ONNX file; None: the setting's.
        window: frames a window has; None: what the setting or else the file says.

    Raises:
        ModelContractError: no such file, not an ONNX model, or one that does not keep the contract.

    Attributes:
        labels: what the model's own outputs mean.
        window: the number of frames it wants.
        threshold: the top probability from which on the model is to be believed.
        metadata: all that the file says about itself.
        fingerprint: sha256 of the file, which no other model has.
    """

    def __init__(self, model_path: Path | str | None = None, *, window: int | None = None) -> None:
        settings = load_settings()
        self.model_path = Path(model_path) if model_path is not None else settings.model_path
        self._session = _open(self.model_path)
        self.fingerprint = hashlib.sha256(self.model_path.read_bytes()).hexdigest()
        try:
            self.metadata: Mapping[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)
            self._input, frames = self._check_input()
            self._output, classes = self._check_output()
        except UnicodeDecodeError as error:
            raise self._misfit("names and metadata in UTF-8", str(error)) from None
        self.threshold = self._check_threshold()
        self.labels, trained_window = self._check_metadata(classes, frames)
        chosen = window if window is not None else settings.window
        self.window = trained_window if chosen is None else chosen
        if not 1 <= self.window <= LONGEST_WINDOW:
            raise self._misfit(f"a window of 1 to {LONGEST_WINDOW} frames", str(self.window))
        if frames is not None and frames != self.window:
            raise self._misfit(f"a window of {self.window} frames", f"an input of {frames} frames")
        self._columns = [LABELS.index(label) for label in self.labels]
        nothing_seen = np.zeros((1, self.window, FEATURES), dtype=np.float32)
        try:
            self._gives_logits = not _is_distribution(self.run_network(nothing_seen))
        except Exception as error:  # as in `_open`
            raise self._misfit("a model that can be run", str(error)) from None

    def predict_sequence(self, window: FloatArray) -> tuple[str, float]:
        """The most probable label of one window and its probability.

        Args:
            window: (32, 21, 3) in units of image height, NaN for a frame with no hand.

        Raises:
            LandmarkError: another shape, or another number of frames than the model's.
        """
        probabilities = self.predict_sequence_distribution(window)
        best = int(probabilities.argmax())
        return LABELS[best], float(probabilities[best])

    def predict_sequence_distribution(self, window: FloatArray) -> FloatArray:
        """The probabilities (29,) float32 of one window (32, 21, 3); they sum to 1. Raises as `predict_sequence`."""
        window = np.asarray(window, dtype=np.float32)
        if window.ndim != 3:
            raise LandmarkError(f"a window: expected shape {self._window_shape}, found {window.shape}")
        probabilities: FloatArray = self.predict_batch(window[None])[0]
        return probabilities

    def predict_batch(self, windows: FloatArray) -> FloatArray:
        """The probabilities (n, 29) float32 of n windows (n, 32, 21, 3). Raises as `predict_sequence`."""
        windows = np.asarray(windows, dtype=np.float32)
        if windows.ndim != 4 or windows.shape[1:] != self._window_shape:
            expected = ", ".join(str(axis) for axis in ("n", *self._window_shape))
            raise LandmarkError(f"windows: expected shape ({expected}), found {windows.shape}")
        if np.isinf(windows).any():
            raise LandmarkError("windows: expected finite landmarks (NaN for a frame with no hand), found infinity")
        if len(windows) == 0:
            return np.empty((0, len(LABELS)), dtype=np.float32)
        outputs = self.run_network(window_features(windows))
        if self._gives_logits:
            outputs = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
        probabilities = np.zeros((len(windows), len(LABELS)), dtype=np.float32)
        probabilities[:, self._columns] = outputs / outputs.sum(axis=-1, keepdims=True)
        if NOTHING not in self.labels:
            no_hand = np.isnan(windows[:, -1]).any(axis=(1, 2))
            probabilities[no_hand] = np.eye(len(LABELS), dtype=np.float32)[LABELS.index(NOTHING)]
        return probabilities

    def run_network(self, features: FloatArray) -> FloatArray:
        """What the network itself makes of features (n, 32, 63): (n, classes), in the order of `labels`.

        Without the check of `predict_batch`, and as the file gives it: probabilities, or logits.
        """
        outputs: FloatArray = self._session.run([self._output], {self._input: features})[0]
        return outputs

    @property
    def _window_shape(self) -> tuple[int, int, int]:
        return self.window, LANDMARKS, 3

    def _misfit(self, expected: str, found: str) -> ModelContractError:
        return ModelContractError(f"{self.model_path.name}: expected {expected}, found {found}")

    def _check_input(self) -> tuple[str, int | None]:
        """The input's name and its fixed number of frames, None where that axis is free."""
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 3 or inputs[0].shape[2] != FEATURES:
            raise self._misfit(f"one input (batch, sequence, {FEATURES})", str([node.shape for node in inputs]))
        if inputs[0].type != "tensor(float)":
            raise self._misfit("an input of float32", inputs[0].type)
        batch, frames, _ = inputs[0].shape
        if isinstance(batch, int):
            raise self._misfit("a free batch axis", f"an input of shape {inputs[0].shape}")
        return inputs[0].name, frames if isinstance(frames, int) else None

    def _check_output(self) -> tuple[str, int]:
        """The output's name and its number of classes."""
        outputs = self._session.get_outputs()
        accepted = (len(LABELS), len(_OLDER_LABELS))
        if len(outputs) != 1 or len(outputs[0].shape) != 2 or outputs[0].shape[1] not in accepted:
            raise self._misfit(f"one output (batch, {len(LABELS)})", str([node.shape for node in outputs]))
        return outputs[0].name, outputs[0].shape[1]

    def _check_threshold(self) -> float:
        """The threshold that the file says, or the default."""
        try:
            threshold = float(self.metadata.get("threshold", _DEFAULT_THRESHOLD))
        except ValueError as error:
            raise self._misfit("a threshold of 0 to 1", str(error)) from None
        if not 0.0 <= threshold <= 1.0:
            raise self._misfit("a threshold of 0 to 1", str(threshold))
        return threshold

    def _check_metadata(self, classes: int, frames: int | None) -> tuple[tuple[str, ...], int]:
        """The labels and the window length that the file says it was trained with."""
        if classes == len(_OLDER_LABELS) and "labels" not in self.metadata:
            if frames not in (None, _OLDER_WINDOW):
                raise self._misfit(f"one frame from a model of {classes} classes", f"{frames} frames")
            return _OLDER_LABELS, _OLDER_WINDOW
        missing = [key for key in ("labels", "window", "feature_version") if key not in self.metadata]
        if missing:
            raise self._misfit("metadata labels, window and feature_version", f"no {', no '.join(missing)}")
        if self.metadata["feature_version"] != str(FEATURE_VERSION):
            raise self._misfit(f"feature version {FEATURE_VERSION}", self.metadata["feature_version"])
        try:
            labels = tuple(json.loads(self.metadata["labels"]))
            window = int(self.metadata["window"])
        except (ValueError, TypeError, RecursionError) as error:
            raise self._misfit("readable metadata", str(error)) from None
        if labels not in (LABELS, _OLDER_LABELS) or len(labels) != classes:
            raise self._misfit(f"the {len(LABELS)} labels A to Z, SPACE, DELETE, NOTHING", f"{len(labels)} labels")
        if not 1 <= window <= LONGEST_WINDOW:
            raise self._misfit(f"a window of 1 to {LONGEST_WINDOW} frames", str(window))
        return labels, window


def _open(path: Path) -> onnxruntime.InferenceSession:
    if not path.is_file():
        raise ModelContractError(f"{path}: expected an ONNX model, found no such file")
    options = onnxruntime.SessionOptions()
    # Its helpers would spin, which takes a core from the other sessions while they wait.
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own errors have no base class in common
        raise ModelContractError(f"{path.name}: not a model that ONNX Runtime can read") from error


def _is_distribution(outputs: FloatArray) -> bool:
    return bool((outputs >= 0).all() and np.allclose(outputs.sum(axis=-1), 1.0, atol=1e-3))

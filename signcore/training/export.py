"""The trained nets as one ONNX file, checked against torch before it takes the old one's place."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import onnxruntime
import torch

from signcore.errors import TrainingError
from signcore.features import FEATURE_VERSION, FEATURES, FloatArray
from signcore.files import whole_file
from signcore.labels import LABELS
from signcore.model_sources import TrainingSource
from signcore.training.composites import WINDOW
from signcore.training.graph import build
from signcore.training.model import Recogniser

_TOLERANCE: Final = 1e-4
_LARGEST: Final = 9_000_000


@dataclass(frozen=True)
class ModelFacts:
    """What is written into the file beside the weights.

    Attributes:
        training_data_sha256: of the clip files, one after another.
        sources: every source that was trained on.
        temperature: what the logits are divided by; already inside the graph.
        threshold: below this top probability an answer is better withheld.
        created: ISO date and time.
        command: what reproduces the file.
        base_sha256: of the model that was taken further; None where the nets were new.
    """

    training_data_sha256: str
    sources: tuple[TrainingSource, ...]
    temperature: float
    threshold: float
    created: str
    command: str
    base_sha256: str | None = None

    def metadata(self) -> dict[str, str]:
        """The facts and the model's contract as the file's metadata."""
        return {
            "labels": json.dumps(LABELS),
            "window": str(WINDOW),
            "feature_version": str(FEATURE_VERSION),
            "training_data_sha256": self.training_data_sha256,
            "sources": json.dumps([source.model_dump() for source in self.sources]),
            "temperature": f"{self.temperature:.4f}",
            "threshold": f"{self.threshold:.4f}",
            "created": self.created,
            "command": self.command,
            **({} if self.base_sha256 is None else {"base_sha256": self.base_sha256}),
        }


def export(model: Recogniser, facts: ModelFacts, out: Path, windows: FloatArray) -> None:
    """Write the model as ONNX; the file before stays until the new one is whole and agrees with torch.

    Args:
        model: in evaluation mode, on the CPU.
        facts: the metadata.
        out: the file to write.
        windows: (B, 32, 63) features of real windows, on which both must agree, as they must on random ones.

    Raises:
        TrainingError: ONNX Runtime and torch disagree, the file is too large, or it could not be written.
    """
    proto = build(model)
    onnx.helper.set_model_props(proto, facts.metadata() | {"nets": str(len(model.nets))})
    content = proto.SerializeToString()
    if len(content) > _LARGEST:
        raise TrainingError(f"{out.name}: expected at most {_LARGEST:,} bytes, found {len(content):,}")
    noise = np.random.default_rng(0).standard_normal((8, 2 * WINDOW, FEATURES)).astype(np.float32)
    for features in (windows, noise, noise[:1, :WINDOW], noise[:, :1]):
        difference = parity(model, content, features)
        # Written so that NaN is no agreement either.
        if not difference <= _TOLERANCE:
            raise TrainingError(
                f"{out.name}: expected ONNX and torch to agree within {_TOLERANCE}, found {difference:.1e}"
            )
    write_whole(out, content)


def write_whole(out: Path, content: bytes) -> None:
    """Write a file beside `out` and move it there when it is complete.

    Raises:
        TrainingError: it could not be written; what was there before is untouched.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(out) as part:
            part.write_bytes(content)
    except OSError as error:
        raise TrainingError(f"{out}: could not be written ({error})") from error


def parity(model: Recogniser, content: bytes, features: FloatArray) -> float:
    """The largest difference of a probability between torch and ONNX Runtime on features (B, T, 63)."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {session.get_inputs()[0].name: features})
    with torch.no_grad():
        expected = model(torch.from_numpy(features)).numpy()
    return float(np.abs(found - expected).max())

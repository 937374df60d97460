"""Small ONNX files that keep the recogniser's contract, or break it in one named way."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from signcore.features import FEATURE_VERSION
from signcore.labels import LABELS

METADATA = {"labels": json.dumps(LABELS), "window": "32", "feature_version": str(FEATURE_VERSION), "threshold": "0.9"}


def write_model(
    path: Path,
    *,
    features: int = 63,
    classes: int = 29,
    batch: int | str = "batch",
    frames: int | str = "sequence",
    metadata: dict[str, str] | None = METADATA,
    softmax: bool = True,
) -> Path:
    """A linear layer on the mean over the frames: real enough for ONNX Runtime, and different for every window."""
    weights = np.random.default_rng(0).normal(scale=3.0, size=(features, classes)).astype(np.float32)
    last = "probabilities" if softmax else "logits"
    nodes = [
        helper.make_node("ReduceMean", ["features", "axes"], ["mean"], keepdims=0),
        helper.make_node("MatMul", ["mean", "weights"], ["logits"]),
    ]
    if softmax:
        nodes.append(helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1))
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [batch, frames, features])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, [batch, classes])],
        [
            helper.make_tensor("axes", TensorProto.INT64, [1], [1]),
            helper.make_tensor("weights", TensorProto.FLOAT, weights.shape, weights.ravel()),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    helper.set_model_props(model, metadata or {})
    onnx.save(model, path)
    return path

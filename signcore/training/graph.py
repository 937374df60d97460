"""The recogniser as an ONNX graph, node by node, and its weights read back from one.

Written out rather than traced: the tracing exporters fix the LSTM's sequence length or drop the weights' names, and
fine-tuning starts from the names in a shipped file.
"""

from collections.abc import Sequence
from itertools import count, product
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from signcore.errors import TrainingError
from signcore.features import FEATURES, KNUCKLES, LANDMARKS, MOVEMENT_GAIN, TIPS
from signcore.labels import LABELS
from signcore.training.model import (
    GATE,
    MOVING_FROM,
    MOVING_WHOLLY,
    PALM_FRAME,
    RECENT,
    RECENT_GATE,
    SMALLEST,
    LetterNet,
    Recogniser,
)

_OPSET: Final = 18
_IR_VERSION: Final = 10
_FAR: Final = 1e4
# torch keeps an LSTM's gates as input, forget, cell, output; ONNX as input, output, forget, cell.
_TO_ONNX: Final = (0, 3, 1, 2)
_TO_TORCH: Final = (0, 2, 3, 1)

Array = NDArray[np.float32] | NDArray[np.int64]


class _Graph:
    """Nodes and constants as they are added; every node has one output, whose name `add` returns."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._names = count()

    def branch(self) -> "_Graph":
        """A graph inside this one, with nodes of its own; its constants, and all names, are of the outer one."""
        inner = _Graph()
        inner.constants, inner._names = self.constants, self._names
        return inner

    def body(self, output: str) -> onnx.GraphProto:
        """A branch as what an If runs."""
        answer = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", len(LABELS)])
        return helper.make_graph(self.nodes, output, [], [answer])

    def add(self, operator: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        name = name or f"{operator.lower()}_{next(self._names)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def constant(self, value: Array | float | Sequence[int], name: str = "") -> str:
        array = np.array(value, dtype=np.float32 if isinstance(value, float) else None)
        name = name or f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name


def build(model: Recogniser) -> onnx.ModelProto:
    """The graph: features ['batch', 'sequence', 63] to probabilities ['batch', 29], both float32."""
    graph = _Graph()
    # ONNX Runtime folds a Gemm and its Relu into one node with packed weights, but only over plain rows of frames.
    in_time = graph.add("Transpose", "features", perm=[1, 0, 2])
    rows = graph.add("Reshape", in_time, graph.constant([-1, FEATURES]))
    steps = graph.add("Concat", graph.add("Shape", in_time, end=2), graph.constant([-1]), axis=0)
    seen = graph.add("Concat", rows, _palm_frame(graph, rows), axis=1)
    logits = _log_probabilities(graph, model, seen, steps)
    likely = graph.add("Sub", logits, graph.constant(model.nothing.numpy(), "nothing"))
    softened = graph.add("Div", likely, graph.constant(model.temperature.numpy(), "temperature"))
    graph.add("Softmax", softened, name="probabilities", axis=-1)
    proto = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "letters",
            [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", "sequence", FEATURES])],
            [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", len(LABELS)])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
        producer_name="signcore",
    )
    onnx.checker.check_model(proto)
    return proto


def read_nets(path: Path) -> list[LetterNet]:
    """The nets of a file that `build` made, in evaluation mode. Their frame heads are what the head says without time.

    Raises:
        TrainingError: no such file, or one that was not made here.
    """
    try:
        proto = onnx.load(str(path))
        weights = {
            tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in proto.graph.initializer
        }
        nets = len({name.split(".")[1] for name in weights if name.startswith("nets.")})
        if nets == 0:
            raise KeyError("nets.0")
        return [_read_net(weights, f"nets.{number}") for number in range(nets)]
    except FileNotFoundError:
        raise TrainingError(f"{path}: no such model") from None
    except Exception as error:  # protobuf, torch and onnx raise errors that have no base class in common
        raise TrainingError(
            f"{path.name}: expected a model that this program trained ({type(error).__name__})"
        ) from error


def _log_probabilities(graph: _Graph, model: Recogniser, rows: str, steps: str) -> str:
    """What `Recogniser` makes of its nets, (batch, 29), before NOTHING is made less likely.

    All that is about J and Z alone stands in a branch, which a window that is none of them does not pay for.
    """
    first, *others = (cast(LetterNet, net) for net in model.nets)
    alone = _net(graph, first, "nets.0", rows, steps)
    suppressed = model.moving.numpy()
    picked = graph.constant((suppressed[:, None] > 0).astype(np.float32))
    likely = graph.add("MatMul", graph.add("Exp", alone), picked)
    above = graph.add("Sub", likely, graph.constant(MOVING_FROM))
    share = graph.add("Div", above, graph.constant(MOVING_WHOLLY - MOVING_FROM))
    share = graph.add("Clip", share, graph.constant(0.0), graph.constant(1.0))

    branch = graph.branch()
    end = graph.constant([np.iinfo(np.int64).max])
    recent = branch.add("Slice", "features", graph.constant([-RECENT]), end, graph.constant([1]))
    still = branch.add("Max", _still_share(branch, "features", GATE), _still_share(branch, recent, RECENT_GATE))
    each = [_net(branch, net, f"nets.{number}", rows, steps) for number, net in enumerate(others, start=1)]
    change = branch.add("Sub", branch.add("Mean", alone, *each), alone)
    change = branch.add("Mul", change, branch.add("Sub", graph.constant(1.0), still))
    change = branch.add("Sub", change, branch.add("Mul", still, graph.constant(suppressed, "moving")))
    branch.add("Add", alone, branch.add("Mul", share, change), name="with_motion")
    plain = graph.branch()
    plain.add("Identity", alone, name="without_motion")
    moving = graph.add("Greater", graph.add("ReduceMax", likely, keepdims=0), graph.constant(MOVING_FROM))
    return graph.add("If", moving, then_branch=branch.body("with_motion"), else_branch=plain.body("without_motion"))


def _net(graph: _Graph, net: LetterNet, name: str, rows: str, steps: str) -> str:
    """One net's log-probabilities (batch, 29) of the last frame.

    Args:
        graph: what the nodes are added to.
        net: the net.
        name: what its weights' names begin with.
        rows: the node with all frames as rows (sequence * batch, 63 + 40), features and palm frame.
        steps: the node with the shape that makes them (sequence, batch, -1) again.
    """
    state = {key: value.numpy() for key, value in net.state_dict().items()}
    hidden = rows
    for layer in ("encoder.0", "encoder.3"):
        weight = graph.constant(state[f"{layer}.weight"].T.copy(), f"{name}.{layer}.weight")
        bias = graph.constant(state[f"{layer}.bias"], f"{name}.{layer}.bias")
        hidden = graph.add("Relu", graph.add("Gemm", hidden, weight, bias))
    hidden = graph.add("Reshape", hidden, steps)
    biases = np.concatenate([_gates(state[f"lstm.bias_{kind}_l0"], _TO_ONNX) for kind in ("ih", "hh")])
    inputs = [
        hidden,
        graph.constant(_gates(state["lstm.weight_ih_l0"], _TO_ONNX)[None], f"{name}.lstm.weight_ih_l0"),
        graph.constant(_gates(state["lstm.weight_hh_l0"], _TO_ONNX)[None], f"{name}.lstm.weight_hh_l0"),
        graph.constant(biases[None], f"{name}.lstm.bias"),
    ]
    recalled = f"{name}.recalled"
    graph.nodes.append(helper.make_node("LSTM", inputs, ["", recalled], hidden_size=net.lstm.hidden_size))
    both = graph.add(
        "Concat",
        graph.add("Squeeze", recalled, graph.constant([0])),
        graph.add("Gather", hidden, graph.constant(np.array(-1)), axis=0),
        axis=-1,
    )
    head = [graph.constant(state[f"head.{kind}"], f"{name}.head.{kind}") for kind in ("weight", "bias")]
    return graph.add("LogSoftmax", graph.add("Gemm", both, *head, transB=1), axis=-1)


def _palm_frame(graph: _Graph, rows: str) -> str:
    """`signcore.training.model.palm_frame` of all frames as rows (sequence * batch, 63)."""
    middle, turned = np.zeros((2, FEATURES, 2), dtype=np.float32)
    for axis in (0, 1):
        middle[[3 * knuckle + axis for knuckle in KNUCKLES], axis] = 1.0 / len(KNUCKLES)
    turned[:, 0], turned[:, 1] = -middle[:, 1], middle[:, 0]
    # Both axes of the palm at once, (rows, 2 of the picture, 2 of the palm).
    axes = graph.add("MatMul", rows, graph.constant(np.stack([middle, turned], axis=-1).reshape(FEATURES, 4)))
    axes = graph.add("Reshape", axes, graph.constant([-1, 2, 2]))
    length = graph.add("ReduceL2", axes, graph.constant([1]), keepdims=1)
    axes = graph.add("Div", axes, graph.add("Add", length, graph.constant(SMALLEST)))
    hands = graph.add("Reshape", rows, graph.constant([-1, LANDMARKS, 3]))
    plane = graph.add("Slice", hands, graph.constant([1, 0]), graph.constant([LANDMARKS, 2]), graph.constant([1, 2]))
    framed = graph.add("MatMul", plane, axes)
    ends = np.zeros((1, LANDMARKS - 1), dtype=np.float32)
    ends[0, KNUCKLES[-1] - 1], ends[0, KNUCKLES[0] - 1] = 1.0, -1.0
    # How far the knuckles reach along the palm has no sign of its own: it is put out of the way.
    only_across = graph.constant(np.array([[[0.0, 1.0]]], dtype=np.float32))
    side = graph.add("Sign", graph.add("Mul", graph.add("MatMul", graph.constant(ends), framed), only_across))
    along = graph.constant(np.array([[[1.0, 0.0]]], dtype=np.float32))
    mirrored = graph.add("Mul", framed, graph.add("Add", side, along))
    return graph.add("Reshape", mirrored, graph.constant([-1, PALM_FRAME]))


def _still_share(graph: _Graph, features: str, gate: tuple[float, float]) -> str:
    """`signcore.training.model.still_share` of features (batch, sequence, 63) as (batch, 1).

    In as few nodes as it takes, for at this size a node costs more than what it computes: the finger tips' x and y are
    picked out together with their negatives, so that one maximum gives both ends of every path.
    """
    ends = 2 * 2 * len(TIPS)
    tips, wrist = np.zeros((2, FEATURES, ends), dtype=np.float32)
    for place, (sign, tip, axis) in enumerate(product((1.0, -1.0), TIPS, (0, 1))):
        tips[3 * tip + axis, place] = sign
        wrist[axis, place] = sign / MOVEMENT_GAIN
    both_ends = np.tile(np.eye(ends // 2, dtype=np.float32), (2, 1))

    fingers = graph.add("Slice", features, graph.constant([3]), graph.constant([FEATURES]), graph.constant([2]))
    size = graph.add("ReduceL1", fingers, graph.constant([2]), keepdims=1)
    seen = graph.add("Greater", size, graph.constant(0.0))
    moved = graph.add("CumSum", graph.add("MatMul", features, graph.constant(wrist)), graph.constant(np.array(1)))
    path = graph.add("Add", graph.add("MatMul", features, graph.constant(tips)), moved)
    farthest = graph.add(
        "ReduceMax", graph.add("Where", seen, path, graph.constant(-_FAR)), graph.constant([1]), keepdims=0
    )
    extents = graph.add("MatMul", farthest, graph.constant(both_ends))
    extent = graph.add("ReduceMax", extents, graph.constant([1]), keepdims=1)
    opens, is_open = gate
    missing = graph.add("Sub", graph.constant(is_open), extent)
    share = graph.add("Div", missing, graph.constant(is_open - opens))
    return graph.add("Clip", share, graph.constant(0.0), graph.constant(1.0))


def _read_net(weights: dict[str, torch.Tensor], name: str) -> LetterNet:
    own = {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}
    net = LetterNet(recurrent=own["lstm.weight_hh_l0"].shape[-1])
    bias_ih, bias_hh = own["lstm.bias"][0].chunk(2)
    encoding = own["head.weight"][:, net.lstm.hidden_size :]
    state = {key: own[key].T if key.endswith("weight") else own[key] for key in own if key.startswith("encoder")}
    state |= {key: own[key] for key in ("head.weight", "head.bias")}
    state |= {"frame_head.weight": encoding, "frame_head.bias": own["head.bias"]}
    for key, value in (
        ("weight_ih_l0", own["lstm.weight_ih_l0"][0]),
        ("weight_hh_l0", own["lstm.weight_hh_l0"][0]),
        ("bias_ih_l0", bias_ih),
        ("bias_hh_l0", bias_hh),
    ):
        state[f"lstm.{key}"] = torch.from_numpy(_gates(value.numpy(), _TO_TORCH))
    net.load_state_dict(state)
    return net.eval()


def _gates(values: NDArray[np.float32], order: tuple[int, ...]) -> NDArray[np.float32]:
    """An LSTM's weights (4 H, ...) with the gates in another order."""
    gates = np.split(values, 4)
    return np.concatenate([gates[gate] for gate in order])

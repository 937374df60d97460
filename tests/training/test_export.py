import json
from pathlib import Path
from typing import cast

import numpy as np
import onnx
import pytest
import torch

from signcore.errors import TrainingError
from signcore.features import FEATURE_VERSION, window_features
from signcore.labels import LABELS
from signcore.model_sources import TrainingSource
from signcore.predictor import SequencePredictor
from signcore.training import export as export_module
from signcore.training.dataset import MOVING
from signcore.training.export import ModelFacts, export, parity, write_whole
from signcore.training.graph import build, read_nets
from signcore.training.model import LetterNet, Recogniser, still_share
from tests.hands import make_landmarks
from tests.onnx_models import write_model

FACTS = ModelFacts(
    training_data_sha256="ab" * 32,
    sources=(TrainingSource(name="first+signer", licence="MIT", clips=24),),
    temperature=1.25,
    threshold=0.875,
    created="2026-01-02T03:04:05+00:00",
    command="python -m signcore train",
)


@pytest.fixture(scope="module")
def model() -> Recogniser:
    torch.manual_seed(0)
    return Recogniser([LetterNet(), LetterNet()], FACTS.temperature).eval()


@pytest.fixture(scope="module")
def model_file(model: Recogniser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model") / "model.onnx"
    export(model, FACTS, out, np.zeros((2, 32, 63), dtype=np.float32))
    return out


def test_the_file_keeps_the_contract(model_file: Path) -> None:
    graph = onnx.load(str(model_file)).graph
    shapes = [
        [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]
        for value in (*graph.input, *graph.output)
    ]
    assert shapes == [["batch", "sequence", 63], ["batch", 29]]
    assert model_file.stat().st_size <= 9_000_000
    assert list(model_file.parent.iterdir()) == [model_file]


def test_the_file_says_what_it_is(model_file: Path) -> None:
    metadata = SequencePredictor(model_file).metadata
    assert json.loads(metadata["labels"]) == list(LABELS)
    assert metadata["window"] == "32"
    assert metadata["feature_version"] == str(FEATURE_VERSION)
    assert json.loads(metadata["sources"]) == [{"name": "first+signer", "licence": "MIT", "clips": 24}]
    assert "base_sha256" not in metadata
    assert metadata["temperature"] == "1.2500"
    assert metadata["threshold"] == "0.8750"
    assert metadata["training_data_sha256"] == FACTS.training_data_sha256
    assert metadata["created"] == FACTS.created
    assert metadata["command"] == FACTS.command


def test_the_predictor_reads_it(model_file: Path) -> None:
    window = np.repeat(make_landmarks()[None], 32, axis=0)
    probabilities = SequencePredictor(model_file).predict_sequence_distribution(window)
    assert probabilities.shape == (29,)
    assert probabilities.sum() == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("lean", [-8.0, 0.0, 8.0])
def test_onnx_and_torch_agree_whether_or_not_the_hand_moves_and_looks_like_a_moving_letter(lean: float) -> None:
    torch.manual_seed(1)
    model = Recogniser([LetterNet(), LetterNet(), LetterNet()]).eval()
    with torch.no_grad():
        cast(LetterNet, model.nets[0]).head.bias[list(MOVING)] += lean
    moves = np.arange(32, dtype=np.float32)[:, None] / 40
    windows = np.repeat(make_landmarks()[None, None], 32, axis=1).repeat(6, axis=0) / 0.3
    windows[..., 0] += np.linspace(0, 1, 6, dtype=np.float32)[:, None, None] * moves
    features = window_features(windows)
    still = still_share(torch.from_numpy(features))
    assert still[0] == 1
    assert 0 < still[2] < 1
    assert still[-1] == 0
    content = build(model).SerializeToString()
    assert max(parity(model, content, each) for each in (features, *features[:, None])) < 1e-5


def test_onnx_and_torch_agree_and_a_difference_is_seen(model: Recogniser, model_file: Path) -> None:
    features = np.random.default_rng(1).standard_normal((4, 32, 63)).astype(np.float32)
    content = model_file.read_bytes()
    assert parity(model, content, features) < 1e-5
    other = Recogniser([LetterNet()]).eval()
    assert parity(other, content, features) > 1e-3


def test_the_weights_come_back_from_the_file(model: Recogniser, model_file: Path) -> None:
    again = Recogniser(read_nets(model_file), FACTS.temperature).eval()
    features = torch.randn(3, 32, 63)
    torch.testing.assert_close(again(features), model(features))


def test_weights_are_read_from_our_models_only(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="a model that this program trained"):
        read_nets(write_model(tmp_path / "other.onnx"))
    (tmp_path / "text.onnx").write_text("text")
    with pytest.raises(TrainingError, match="a model that this program trained"):
        read_nets(tmp_path / "text.onnx")
    with pytest.raises(TrainingError, match="no such model"):
        read_nets(tmp_path / "none.onnx")


def test_a_model_that_disagrees_with_torch_is_not_written(
    model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proto = onnx.load(str(model_file))
    monkeypatch.setattr(export_module, "build", lambda _: proto)
    other = Recogniser([LetterNet()]).eval()
    with pytest.raises(TrainingError, match="to agree within"):
        export(other, FACTS, tmp_path / "model.onnx", np.zeros((1, 32, 63), dtype=np.float32))
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_too_large_is_not_written(
    model: Recogniser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_module, "_LARGEST", 1000)
    with pytest.raises(TrainingError, match=r"^model\.onnx: expected at most 1,000 bytes, found "):
        export(model, FACTS, tmp_path / "model.onnx", np.zeros((1, 32, 63), dtype=np.float32))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "model.onnx"
    out.write_bytes(b"the old model")

    def no_space(path: Path, content: bytes) -> int:
        with path.open("wb") as stream:
            stream.write(content[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", no_space)
    with pytest.raises(TrainingError, match="No space left on device"):
        write_whole(out, b"the new model")
    assert out.read_bytes() == b"the old model"
    assert list(tmp_path.iterdir()) == [out]

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from signcore.errors import LandmarkError, ModelContractError
from signcore.features import FloatArray
from signcore.labels import LABELS
from signcore.predictor import SequencePredictor
from tests.hands import make_landmarks
from tests.onnx_models import METADATA, write_model


def windows(count: int, frames: int = 32, seed: int = 0) -> FloatArray:
    noise = np.random.default_rng(seed).normal(scale=0.02, size=(count, frames, 21, 3))
    return (make_landmarks() + noise).astype(np.float32)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> SequencePredictor:
    return SequencePredictor(write_model(tmp_path_factory.mktemp("model") / "tiny.onnx"))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 999), missing=st.sets(st.integers(0, 31)))
def test_probabilities_sum_to_1_whatever_the_window(predictor: SequencePredictor, seed: int, missing: set[int]) -> None:
    window = windows(1, seed=seed)[0]
    window[sorted(missing)] = np.nan
    probabilities = predictor.predict_sequence_distribution(window)
    assert probabilities.shape == (29,)
    assert probabilities.dtype == np.float32
    assert (probabilities >= 0).all()
    assert probabilities.sum() == pytest.approx(1.0, abs=1e-5)
    label, confidence = predictor.predict_sequence(window)
    assert (label, confidence) == (LABELS[probabilities.argmax()], pytest.approx(probabilities.max()))


def test_no_hand_at_all_is_nothing(predictor: SequencePredictor) -> None:
    label, confidence = predictor.predict_sequence(np.full((32, 21, 3), np.nan, dtype=np.float32))
    assert label == "NOTHING"
    assert confidence > 0.9


def test_position_and_scale_do_not_matter(predictor: SequencePredictor) -> None:
    window = windows(1)[0]
    moved = window * np.float32(2.5) + np.float32(0.3)
    assert_allclose(
        predictor.predict_sequence_distribution(moved), predictor.predict_sequence_distribution(window), atol=1e-4
    )


def test_a_batch_is_its_windows(predictor: SequencePredictor) -> None:
    batch = windows(5)
    together = predictor.predict_batch(batch)
    assert together.shape == (5, 29)
    assert_allclose(together, [predictor.predict_sequence_distribution(window) for window in batch], atol=1e-5)
    assert predictor.predict_batch(batch[:0]).shape == (0, 29)


def test_many_threads_get_their_own_answers(predictor: SequencePredictor) -> None:
    batch = windows(64)
    expected = predictor.predict_batch(batch)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(predictor.predict_sequence_distribution, batch))
    assert_allclose(found, expected, atol=1e-5)


def test_no_thread_is_started_for_an_inference() -> None:
    SequencePredictor().predict_batch(windows(64))  # NumPy has its own
    before = len(list(Path("/proc/self/task").iterdir()))
    another = SequencePredictor()
    another.predict_batch(windows(64))
    assert len(list(Path("/proc/self/task").iterdir())) == before


@pytest.mark.parametrize("shape", [(31, 21, 3), (33, 21, 3), (32, 20, 3), (32, 63), (1, 32, 21, 3), (0, 21, 3)])
def test_another_shape_is_refused(tiny: SequencePredictor, shape: tuple[int, ...]) -> None:
    with pytest.raises(LandmarkError, match=r"expected shape .*32, 21, 3\), found \("):
        tiny.predict_sequence(np.zeros(shape, dtype=np.float32))


def test_infinite_landmarks_are_refused(tiny: SequencePredictor) -> None:
    window = windows(1)[0]
    window[3, 4, 1] = np.inf
    with pytest.raises(LandmarkError, match="expected finite"):
        tiny.predict_sequence(window)


def test_logits_become_probabilities(tmp_path: Path, tiny: SequencePredictor) -> None:
    logits = SequencePredictor(write_model(tmp_path / "logits.onnx", softmax=False))
    window = windows(1)[0]
    assert_allclose(logits.predict_sequence_distribution(window), tiny.predict_sequence_distribution(window), atol=1e-6)


def test_the_older_kind_runs_by_its_path_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_model(tmp_path / "older.onnx", classes=26, frames=1, metadata=None)
    monkeypatch.setenv("SIGNCORE_MODEL_PATH", str(path))
    older = SequencePredictor()
    assert older.window == 1
    probabilities = older.predict_sequence_distribution(windows(1, frames=1)[0])
    assert probabilities.shape == (29,)
    assert probabilities.sum() == pytest.approx(1.0, abs=1e-5)
    assert_allclose(probabilities[26:], 0.0)
    assert older.predict_sequence(np.full((1, 21, 3), np.nan, dtype=np.float32)) == ("NOTHING", 1.0)
    with pytest.raises(LandmarkError, match=r"expected shape .*1, 21, 3\)"):
        older.predict_sequence(windows(1)[0])


def test_a_setting_changes_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNCORE_WINDOW", "16")
    path = write_model(tmp_path / "tiny.onnx")
    assert SequencePredictor(path).predict_sequence_distribution(windows(1, frames=16)[0]).shape == (29,)
    with pytest.raises(ModelContractError, match="expected a window of 16 frames, found an input of 32 frames"):
        SequencePredictor(write_model(tmp_path / "fixed.onnx", frames=32))


LABELS_28 = json.dumps(LABELS[:28])
UNKNOWN_LABELS = json.dumps([*LABELS[:28], "THUMB"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"features": 42}, r"expected one input \(batch, sequence, 63\), found .*42"),
        ({"classes": 28}, r"expected one output \(batch, 29\), found .*28"),
        ({"batch": 1}, "expected a free batch axis"),
        ({"metadata": None}, "expected metadata labels, window and feature_version, found no labels"),
        ({"metadata": {**METADATA, "labels": LABELS_28}}, "expected the 29 labels .* found 28 labels"),
        ({"metadata": {**METADATA, "labels": UNKNOWN_LABELS}}, "expected the 29 labels"),
        ({"metadata": {**METADATA, "labels": "A to Z"}}, "expected readable metadata"),
        ({"metadata": {**METADATA, "labels": "7"}}, "expected readable metadata"),
        ({"metadata": {**METADATA, "feature_version": "1"}}, "expected feature version 2, found 1"),
        ({"metadata": {**METADATA, "window": "many"}}, "expected readable metadata"),
        ({"metadata": {**METADATA, "window": "0"}}, "expected a window of 1 to 256 frames"),
        ({"metadata": {**METADATA, "threshold": "7"}}, "expected a threshold of 0 to 1, found 7"),
        ({"metadata": {**METADATA, "threshold": "nan"}}, "expected a threshold of 0 to 1, found nan"),
        ({"metadata": {"threshold": "abc"}, "classes": 26, "frames": 1}, "expected a threshold of 0 to 1"),
        ({"frames": 16}, "expected a window of 32 frames, found an input of 16 frames"),
        ({"classes": 26, "frames": 32, "metadata": None}, "expected one frame from a model of 26 classes"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = write_model(tmp_path / "bad.onnx", **changes)
    with pytest.raises(ModelContractError, match=rf"bad\.onnx: .*{message}"):
        SequencePredictor(path)


def test_no_file_and_no_model_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelContractError, match="found no such file"):
        SequencePredictor(tmp_path / "none.onnx")
    with pytest.raises(ModelContractError, match="found no such file"):
        SequencePredictor(tmp_path)
    (tmp_path / "text.onnx").write_text("not a model")
    with pytest.raises(ModelContractError, match="not a model that ONNX Runtime can read"):
        SequencePredictor(tmp_path / "text.onnx")
    (tmp_path / "half.onnx").write_bytes(write_model(tmp_path / "whole.onnx").read_bytes()[:3000])
    with pytest.raises(ModelContractError, match="not a model that ONNX Runtime can read"):
        SequencePredictor(tmp_path / "half.onnx")

import json
from pathlib import Path

import pytest

from signcore.errors import SignError
from signcore.model_results import read_crossval, read_own_hand, read_results
from signcore.predictor import SequencePredictor
from tests.model_documents import CROSSVAL, RESULTS, SHA256

METADATA = {"training_data_sha256": "the clips", "temperature": "0.6123"}


@pytest.fixture
def model_path(tmp_path: Path) -> Path:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"aaa")
    return path


def write(model_path: Path, name: str, document: object) -> None:
    model_path.with_name(name).write_text(json.dumps(document))


def test_results_lie_beside_their_model(model_path: Path) -> None:
    assert read_results(model_path, SHA256) is None
    write(model_path, "results.json", RESULTS)
    results = read_results(model_path, SHA256)
    assert results is not None
    assert results.per_source["somebody"].per_letter["SPACE"].taken_for == "B"
    assert results.words is None


def test_results_of_another_model_are_not_used(model_path: Path) -> None:
    write(model_path, "results.json", {**RESULTS, "model": {"file": "other.onnx", "sha256": "of another"}})
    with pytest.raises(SignError, match=r"^results\.json: measured with another model file \(other\.onnx\)$"):
        read_results(model_path, SHA256)


def test_of_several_results_those_of_the_model_are_taken(model_path: Path) -> None:
    write(model_path, "results.json", {**RESULTS, "model": {"file": "other.onnx", "sha256": "of another"}})
    write(model_path, "results_mit.json", {**RESULTS, "clips": 3})
    results = read_results(model_path, SHA256)
    assert results is not None
    assert results.clips == 3


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "\xff",
        json.dumps({**RESULTS, "confusion": [[1]]}),
        json.dumps({**RESULTS, "per_source": {"who": {**RESULTS["per_source"]["somebody"], "confusion": [[1]]}}}),
        json.dumps({**RESULTS, "per_letter": {"A": None}}),
        json.dumps({**RESULTS, "words": {"cer": {}}}),
        json.dumps({**RESULTS, "fps": {"fast": RESULTS["fps"]["30"]}}),
        "[" * 5000,
    ],
)
def test_a_damaged_results_file_is_one_clear_error(model_path: Path, content: str) -> None:
    model_path.with_name("results.json").write_text(content, encoding="latin-1")
    with pytest.raises(SignError, match=r"^results\.json: damaged, [^\n]+$"):
        read_results(model_path, SHA256)


def test_a_results_file_that_cannot_be_read_is_an_error(model_path: Path) -> None:
    model_path.with_name("results.json").mkdir()
    with pytest.raises(SignError, match=r"results\.json: cannot be read"):
        read_results(model_path, SHA256)


def test_a_cross_validation_belongs_to_the_model_that_has_its_clips_and_temperature(model_path: Path) -> None:
    assert read_crossval(model_path, METADATA) is None
    write(model_path, "crossval.json", CROSSVAL)
    found = read_crossval(model_path, METADATA)
    assert found is not None
    assert found.per_source == {"a": 0.9}
    others = [{**METADATA, "temperature": temperature} for temperature in ("0.5", "warm")]
    for other in ({}, *others, {**METADATA, "training_data_sha256": "others"}):
        with pytest.raises(SignError, match=r"^crossval\.json: made for another model$"):
            read_crossval(model_path, other)


def test_of_several_cross_validations_that_of_the_model_is_taken(model_path: Path) -> None:
    write(model_path, "crossval.json", {**CROSSVAL, "temperature": 0.9})
    write(model_path, "crossval_mit.json", CROSSVAL)
    found = read_crossval(model_path, METADATA)
    assert found is not None
    assert found.temperature == CROSSVAL["temperature"]


def test_a_damaged_cross_validation_is_one_clear_error(model_path: Path) -> None:
    write(model_path, "crossval.json", {"folds": 5})
    with pytest.raises(SignError, match=r"^crossval\.json: damaged, macro_of_sources: "):
        read_crossval(model_path, METADATA)


@pytest.mark.parametrize("name", ["lstm_alphabet_sequence", "lstm_alphabet_sequence_mit"])
def test_the_shipped_results_are_of_the_shipped_models(project_dir: Path, name: str) -> None:
    predictor = SequencePredictor(project_dir / "models" / f"{name}.onnx")
    results = read_results(predictor.model_path, predictor.fingerprint)
    assert results is not None
    assert results.model.file == f"{name}.onnx"


def test_what_is_gained_by_nobody_is_a_damaged_file(model_path: Path) -> None:
    document = {"command": "c", "date": "2026-01-02", "model": {"file": "a", "sha256": SHA256}, "people": []}
    write(model_path, "own_hand.json", document)
    with pytest.raises(SignError, match=r"^own_hand\.json: damaged, people: "):
        read_own_hand(model_path, SHA256)


def test_the_shipped_cross_validation_is_of_the_shipped_model(predictor: SequencePredictor) -> None:
    assert read_crossval(predictor.model_path, predictor.metadata) is not None

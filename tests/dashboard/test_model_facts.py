import json
from pathlib import Path
from typing import Any

import pytest

from signcore.dashboard.model_facts import (
    commonest_mistakes,
    condition_rows,
    crossval_rows,
    letter_rows,
    measured_on,
    read_crossval,
    read_results,
    source_rows,
    training_sources,
)
from signcore.errors import SignError

DOCUMENT: dict[str, Any] = {
    "command": "python -m signcore evaluate clips.npz",
    "date": "2026-01-02",
    "model": {"sha256": "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0"},
    "clip_file": {"file": "clips.npz"},
    "clips": 14,
    "labels": ["A", "B", "SPACE"],
    "confusion": [[5, 0, 0], [2, 3, 0], [0, 3, 1]],
    "per_letter": {
        "A": {"clips": 5, "accuracy": 1.0, "precision": 5 / 7, "taken_for": None, "taken_for_share": None},
        "SPACE": {"clips": 4, "accuracy": 0.25, "precision": 1.0, "taken_for": "B", "taken_for_share": 0.75},
    },
    "per_source": {"somebody": {"clips": 14, "macro": 0.8, "moving": {"J": 0.5}}},
    "reliability": [{"low": 0.8, "high": 1.0, "clips": 14, "confidence": 0.9, "accuracy": 0.8}],
    "ece": 0.1,
    "accepted": {"threshold": 0.9, "coverage": 0.5, "precision": 1.0},
    "macro_still": 0.8,
    "moving": {"J": 0.5},
    "mirrored": {"macro_still": 0.7, "moving": {}},
    "noise": {"macro_still": 0.6, "moving": {}},
    "dropped": None,
    "fps": {"15": {"macro_still": 0.9, "moving": {"Z": 1.0}}},
}


@pytest.fixture
def model_path(tmp_path: Path) -> Path:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"aaa")
    return path


def test_results_lie_beside_their_model(model_path: Path) -> None:
    assert read_results(model_path) is None
    model_path.with_name("results.json").write_text(json.dumps(DOCUMENT))
    document = read_results(model_path)
    assert document == DOCUMENT
    assert measured_on(document, model_path)
    model_path.write_bytes(b"aab")
    assert not measured_on(document, model_path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"command": 1}', "\xff"])
def test_a_damaged_results_file_is_one_clear_error(model_path: Path, content: str) -> None:
    model_path.with_name("results.json").write_text(content, encoding="latin-1")
    with pytest.raises(SignError, match=r"results\.json"):
        read_results(model_path)


def test_cross_validation_lies_beside_its_model(model_path: Path) -> None:
    assert read_crossval(model_path) is None
    model_path.with_name("crossval.json").write_text('{"folds": 5}')
    with pytest.raises(SignError, match=r"crossval\.json: expected the keys .* missing: "):
        read_crossval(model_path)


def test_conditions_are_rows_and_those_not_measured_are_none() -> None:
    assert condition_rows(DOCUMENT) == [
        {"Condition": "All clips", "Still letters": 80.0, "J": 50.0, "Z": None},
        {"Condition": "Mirrored", "Still letters": 70.0, "J": None, "Z": None},
        {"Condition": "Trembling landmarks", "Still letters": 60.0, "J": None, "Z": None},
        {"Condition": "Moving clips, 15 fps", "Still letters": 90.0, "J": None, "Z": 100.0},
    ]


def test_sources_left_out_are_rows() -> None:
    rows = crossval_rows({"per_source": {"somebody": 0.5, "nobody": None}})
    assert rows == [{"Left out": "somebody", "Still letters": 50.0}, {"Left out": "nobody", "Still letters": None}]


def test_rows_of_tables() -> None:
    assert letter_rows(DOCUMENT)[1] == {
        "Class": "space",
        "Clips": 4,
        "Read right": 25.0,
        "Right when said": 100.0,
        "Most often taken for": "B 75.0%",
    }
    assert letter_rows(DOCUMENT)[0]["Most often taken for"] == ""
    assert source_rows(DOCUMENT) == [
        {"Signers": "somebody", "Clips": 14, "Mean over letters": 80.0, "J": 50.0, "Z": None}
    ]


def test_mistakes_come_most_frequent_first() -> None:
    assert commonest_mistakes(DOCUMENT, 5) == ["B for space (3 of 4)", "A for B (2 of 5)"]
    assert commonest_mistakes(DOCUMENT, 1) == ["B for space (3 of 4)"]


def test_a_model_that_does_not_say_what_it_learned_from() -> None:
    assert training_sources({}) == []
    assert training_sources({"sources": "?"}) == []
    assert training_sources({"sources": '[{"name": "a", "licence": "MIT", "clips": 3}]'})[0]["clips"] == 3


def test_the_shipped_results_are_of_the_shipped_model(project_dir: Path) -> None:
    model = project_dir / "models" / "lstm_alphabet_sequence.onnx"
    document = read_results(model)
    assert document is not None
    assert measured_on(document, model)
    assert letter_rows(document)
    assert source_rows(document)

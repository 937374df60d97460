import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from signcore import __version__
from signcore.clips import read_clips
from signcore.errors import SignError
from signcore.evaluation import evaluate, select_clips
from signcore.labels import LABELS
from signcore.predictor import SequencePredictor
from signcore.results import Document, results_document, results_table, write_results
from signcore.samples import load_samples
from signcore.settings import SHIPPED_MODEL
from tests.clip_files import clip_arrays, write_clips
from tests.onnx_models import write_model


@pytest.fixture
def document(tmp_path: Path) -> Document:
    names = list(load_samples())
    arrays = clip_arrays([load_samples()[name].frames for name in names], names, sources=["anna", "ben"] * 13)
    path = write_clips(tmp_path / "clips.npz", arrays)
    clips = read_clips(path)
    predictor = SequencePredictor(write_model(tmp_path / "tiny.onnx"))
    found = evaluate(predictor, clips, select_clips(clips))
    return results_document(found, predictor, path, command="python -m signcore evaluate", include_suspect=False)


def test_it_says_what_was_measured_with_what(document: Document, tmp_path: Path) -> None:
    assert document["version"] == __version__
    assert document["command"] == "python -m signcore evaluate"
    assert len(document["date"]) == len("2026-01-31")
    for key, name in (("model", "tiny.onnx"), ("clip_file", "clips.npz")):
        content = (tmp_path / name).read_bytes()
        assert document[key]["file"] == name
        assert document[key]["bytes"] == len(content)
        assert document[key]["sha256"] == hashlib.sha256(content).hexdigest()
    assert (document["model"]["window"], document["model"]["threshold"]) == (32, 0.9)


def test_its_keys_are_those_that_readers_rely_on(document: Document) -> None:
    numbers = {"clips", "accuracy", "macro", "macro_still", "macro_all", "moving"}
    at_99 = {"coverage_at_99", "threshold_at_99"}
    found_with = {"command", "date", "version", "model", "clip_file"}
    parts = {"labels", "confusion", "per_letter", "per_source", "macro_of_sources", "ece", "reliability", "accepted"}
    conditions = {"mirrored", "fps", "noise", "dropped"}
    assert set(document) == numbers | at_99 | found_with | parts | conditions
    assert set(document["per_source"]) == {"anna", "ben"}
    assert set(document["per_source"]["anna"]) == numbers | at_99 | {"licence", "ece", "confusion", "per_letter"}
    for found in (document["mirrored"], document["noise"], document["dropped"], *document["fps"].values()):
        assert set(found) == numbers
    assert set(document["fps"]) == {"30", "15", "10"}
    letter = document["per_letter"]["A"]
    assert set(letter) == {"clips", "right", "accuracy", "precision", "taken_for", "taken_for_share"}
    assert set(document["accepted"]) == {"threshold", "coverage", "precision"}
    assert document["labels"] == LABELS
    assert [len(row) for row in document["confusion"]] == [29] * 29
    of_sources = [source["confusion"] for source in document["per_source"].values()]
    assert np.sum(of_sources, axis=0).tolist() == document["confusion"]


def test_it_is_written_whole_and_comes_back(document: Document, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text("old", encoding="utf-8")
    write_results(document, path)
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(json.dumps(document))
    assert not list(tmp_path.glob("*.part"))


def test_what_cannot_be_written_leaves_the_old_file(
    document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "results.json"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(SignError, match="cannot be written"):
        write_results(document, tmp_path / "missing" / "results.json")

    def no_space(part: Path, text: str, encoding: str) -> int:
        part.write_bytes(text.encode(encoding)[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", no_space)
    with pytest.raises(SignError, match=r"results\.json: the results cannot be written"):
        write_results(document, path)
    assert path.read_text(encoding="utf-8") == "old"
    assert not list(tmp_path.glob("*.part"))


def test_the_table_shows_every_source_letter_and_condition(document: Document) -> None:
    table = results_table(document)
    starts = [line.split(" ")[0] for line in table.splitlines()]
    for name in ("all", "anna", "ben", "30", "15", "10", "mirrored", "noise", "dropped", *load_samples()):
        assert name in starts


def test_the_published_results_are_those_of_the_shipped_recogniser(project_dir: Path) -> None:
    """Whoever ships another model measures it: python -m signcore evaluate CLIPS.npz --out models/results.json."""
    published = json.loads((project_dir / "models" / "results.json").read_text(encoding="utf-8"))
    content = SHIPPED_MODEL.read_bytes()
    assert published["model"]["file"] == SHIPPED_MODEL.name
    assert published["model"]["sha256"] == hashlib.sha256(content).hexdigest()

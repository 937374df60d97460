import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch

from signcore.errors import TrainingError
from signcore.model_sources import TrainingSource
from signcore.predictor import SequencePredictor
from signcore.training.__main__ import main
from signcore.training.card import card_path, write_card
from signcore.training.export import ModelFacts, export
from signcore.training.model import LetterNet, Recogniser
from tests.model_documents import CROSSVAL, LETTERS, RESULTS
from tests.training.test_export import FACTS

UNREAD = {**LETTERS, "SPACE": {**LETTERS["SPACE"], "right": 0}}


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    out = tmp_path_factory.mktemp("card") / "model.onnx"
    export_with(FACTS, out)
    return out


def test_a_card_without_results_says_so(model_file: Path, tmp_path: Path) -> None:
    write_card(model_file, tmp_path / "README.md")
    card = (tmp_path / "README.md").read_text()
    assert card.startswith("---\nlicense: other\n")
    assert "has not been measured yet" in card
    assert "has not been cross-validated yet" in card
    assert "| first+signer | MIT | 24 |" in card
    assert FACTS.command in card
    assert "from 32 frames of\nhand landmarks, 1.07 s at 30 Hz." in card


def test_a_card_takes_its_figures_from_the_cross_validation_of_its_model(model_file: Path) -> None:
    crossval = {
        **CROSSVAL,
        "macro_of_sources": 0.9512,
        "per_source": {"b": 0.9, "a": 0.8},
        "temperature": FACTS.temperature,
        "training_data_sha256": FACTS.training_data_sha256,
        "command": "the command",
    }
    model_file.with_name("crossval.json").write_text(json.dumps(crossval))
    assert main(["card", "--model", str(model_file)]) == 0
    card = model_file.with_name("model.md").read_text()
    assert "95.1%" in card
    assert "| a | 80.0% |\n| b | 90.0% |" in card
    assert "4,321 clips, by `the command`" in card
    assert "30 hands of a that sign no letter (NOTHING there): 50.0% are read as NOTHING, 20.0% as a letter" in card
    model_file.with_name("crossval.json").write_text(json.dumps({**crossval, "training_data_sha256": "of others"}))
    assert main(["card", "--model", str(model_file)]) == 0
    assert "has not been cross-validated yet" in model_file.with_name("model.md").read_text()


def test_a_card_says_what_ones_own_clips_gain(model_file: Path) -> None:
    def reading(macro: float) -> dict[str, float]:
        return {"macro": macro, "ece": 0.1, "others": macro - 0.5, "cer": 1 - macro}

    person = {
        "person": "ann", "samples": 3, "taught": 78, "clips": 1234,
        "shipped": reading(0.71), "corrected": reading(0.82), "trained": reading(0.93),
    }  # fmt: skip
    document = {
        "model": {"file": "a", "sha256": "another"},
        "people": [person],
        "date": "2026-01-02",
        "command": "the command",
    }
    path = model_file.with_name("own_hand.json")
    path.write_text(json.dumps(document))
    write_card(model_file, model_file.with_name("README.md"))
    assert "has not been measured what that gains" in model_file.with_name("README.md").read_text()
    document["model"] = {"file": "a", "sha256": hashlib.sha256(model_file.read_bytes()).hexdigest()}
    path.write_text(json.dumps(document))
    write_card(model_file, model_file.with_name("README.md"))
    row = "| ann | 3 | 71.0% | 82.0% | 93.0% | 29.0% | 18.0% | 7.0% | 21.0% | 43.0% |"
    assert row in model_file.with_name("README.md").read_text()


def test_results_of_another_model_are_not_used(model_file: Path) -> None:
    model_file.with_name("results.json").write_text(json.dumps(RESULTS))
    write_card(model_file, model_file.with_name("README.md"))
    assert "has not been measured yet" in model_file.with_name("README.md").read_text()


def test_an_unreadable_results_file_is_an_error(model_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model_file.with_name("results.json").write_text("{")
    assert main(["card", "--model", str(model_file)]) == 2
    assert "results.json: damaged" in capsys.readouterr().err


def test_a_card_says_that_a_model_was_taken_further(model_file: Path, tmp_path: Path) -> None:
    shutil.copy(model_file, tmp_path / "new.onnx")
    assert "taken further" not in written_card(tmp_path / "new.onnx", tmp_path)
    export_with(FACTS, tmp_path / "mine.onnx", base_sha256="cd" * 32)
    card = written_card(tmp_path / "mine.onnx", tmp_path)
    assert f"taken further from the model with the SHA-256\n`{'cd' * 32}`, with clips whose labels" in card


def export_with(facts: ModelFacts, out: Path, **changed: Any) -> None:
    model = Recogniser([LetterNet()], facts.temperature).eval()
    export(model, replace(facts, **changed), out, torch.zeros(1, 32, 63).numpy())


def written_card(model: Path, folder: Path) -> str:
    write_card(model, folder / "README.md")
    return (folder / "README.md").read_text()


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (None, "expected sources with name, licence and clips"),
        ("[{}]", "expected sources with name, licence and clips"),
        ("{", "expected sources with name, licence and clips"),
    ],
)
def test_a_model_that_does_not_say_what_it_was_trained_on_has_no_card(
    model_file: Path, tmp_path: Path, sources: str | None, said: str
) -> None:
    model = onnx.load(model_file)
    metadata = {each.key: each.value for each in model.metadata_props if each.key != "sources"}
    onnx.helper.set_model_props(model, metadata if sources is None else {**metadata, "sources": sources})
    onnx.save(model, tmp_path / "model.onnx")
    with pytest.raises(TrainingError, match=said):
        write_card(tmp_path / "model.onnx", tmp_path / "README.md")


def test_what_an_mit_licence_costs_is_told_of_the_models_that_were_measured(model_file: Path, tmp_path: Path) -> None:
    own, clean = tmp_path / "model.onnx", tmp_path / "model_mit.onnx"
    for path in (own, clean):
        shutil.copy(model_file, path)
    clean.write_bytes(clean.read_bytes() + b"\x1a\x00")  # another hash
    measured = {
        path: {
            **RESULTS,
            "per_letter": UNREAD,
            "macro": macro,
            "model": {"file": path.name, "sha256": SequencePredictor(path).fingerprint},
        }
        for path, macro in ((own, 0.875), (clean, 0.625))
    }
    other = {**measured[clean], "model": {"file": clean.name, "sha256": "of an older one"}}
    with_gpl = tmp_path / "gpl.onnx"
    export_with(FACTS, with_gpl, sources=(*FACTS.sources, TrainingSource(name="b", licence="GPL-3.0", clips=1)))
    elsewhere = {**measured[clean], "clip_file": {"file": "clips.npz", "sha256": "of other clips"}}
    (tmp_path / "results.json").write_text(json.dumps(measured[own]))
    for document, compared in ((measured[clean], True), (other, False), (elsewhere, False)):
        (tmp_path / "results_mit.json").write_text(json.dumps(document))
        write_card(own, tmp_path / "README.md")
        card = (tmp_path / "README.md").read_text()
        assert ("62.5% of the letters of the same clips" in card) is compared
        assert ("It has not been compared" in card) is not compared
        assert ("It reads no SPACE, and 62.5%" in card) is compared
    shutil.copy(with_gpl, clean)
    of_gpl = {**measured[clean], "model": {"file": clean.name, "sha256": SequencePredictor(clean).fingerprint}}
    (tmp_path / "results_mit.json").write_text(json.dumps(of_gpl))
    assert "It has not been compared" in written_card(own, tmp_path)


def test_words_are_in_the_card_where_they_were_measured(project_dir: Path, tmp_path: Path) -> None:
    folder = project_dir / "models"
    model = tmp_path / "lstm_alphabet_sequence.onnx"
    model.write_bytes((folder / model.name).read_bytes())
    results = json.loads((folder / "results.json").read_text())
    results["words"] = {
        "words": {"1": 9, "2": 9}, "false_letters": None,
        "cer": {"1": 0.012, "2": 0.034}, "per_source": {"who": {"1": 0.5, "2": 0.6}},
        "prompt": {"1": 0.987, "2": 0.96}, "prompt_per_source": {"who": {"1": 0.9, "2": 0.8}},
        "sixty_equal": {"1": 1.0, "2": 1.0}, "eight_of_twelve": {"1": 1.992, "2": 0.25},
    }  # fmt: skip
    for words, said in ((results["words"], True), (None, False)):
        (tmp_path / "results.json").write_text(json.dumps({**results, "words": words}))
        write_card(model, tmp_path / "README.md")
        card = (tmp_path / "README.md").read_text()
        assert ("| this model | 1.2% | 3.4% |" in card) is said
        assert ("| rule: 8 of 12 answers equal | 199.2% | 25.0% |" in card) is said
        assert ("all sources 98.7% at 1 a second, 96.0% at 2 a second; who 90.0%" in card) is said
        assert f"Calibration error over all clips: {results['ece']:.3f}" in card


def test_a_card_does_not_call_sources_strangers_that_the_model_was_trained_on(model_file: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    shutil.copy(model_file, model)
    results = {**RESULTS, "model": {"file": model.name, "sha256": SequencePredictor(model).fingerprint}}
    for name, said in (
        ("somebody", "On 14 clips of 1 source that the model was not trained on, on 2026-01-02"),
        ("first+signer", "On 14 clips of 1 source, 1 of which the model was trained on, on 2026-01-02"),
    ):
        per_source = {name: RESULTS["per_source"]["somebody"]}
        (tmp_path / "results.json").write_text(json.dumps({**results, "per_source": per_source}))
        assert said in written_card(model, tmp_path)


def test_a_card_takes_its_figures_from_the_results(model_file: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    shutil.copy(model_file, model)
    results = {
        **RESULTS,
        "macro_still": 0.711,
        "mirrored": {**RESULTS["mirrored"], "macro_still": 0.622},
        "accepted": {"threshold": 0.83, "coverage": 0.544, "precision": 0.955},
        "coverage_at_99": 0.266,
        "ece": 0.077,
        "model": {"file": model.name, "sha256": SequencePredictor(model).fingerprint},
    }
    (tmp_path / "results.json").write_text(json.dumps(results))
    card = written_card(model, tmp_path)
    assert "| somebody | 14 | 80.0% | 50.0% | - | 0.100 |" in card
    assert "Mirrored: 62.2% of the still letters, as recorded: 71.1%." in card
    assert "At 0.83 and above it accepts 54.4% of the clips, and of these 95.5% are right." in card
    assert "Calibration error over all clips: 0.077. Coverage at 99 % precision: 26.6% over all" in card


def test_only_the_shipped_model_has_the_card_that_is_read_first(project_dir: Path) -> None:
    folder = project_dir / "models"
    assert card_path(folder / "lstm_alphabet_sequence.onnx") == folder / "README.md"
    assert card_path(folder / "lstm_alphabet_sequence_mit.onnx") == folder / "lstm_alphabet_sequence_mit.md"


def test_the_shipped_card_is_what_the_command_writes(project_dir: Path, tmp_path: Path) -> None:
    folder = project_dir / "models"
    for path in folder.glob("*.*"):
        shutil.copy(path, tmp_path)
    assert written_card(tmp_path / "lstm_alphabet_sequence.onnx", tmp_path) == (folder / "README.md").read_text()


@pytest.mark.parametrize(
    ("typed", "again"),
    [
        ("--clips ../a.npz --out models/x.onnx --resume checkpoints/x.pt", "--clips CLIPS.npz --out models/x.onnx"),
        (
            "--clips=a.npz --licence MIT --resume=x.pt --add 'b c.npz'",
            "--clips CLIPS.npz --licence MIT --add MY_CLIPS.npz",
        ),
        ("--clips 'a.npz", "--clips CLIPS.npz"),
    ],
)
def test_a_model_is_made_again_without_the_files_that_nobody_else_has(tmp_path: Path, typed: str, again: str) -> None:
    export_with(FACTS, tmp_path / "x.onnx", command=f"python -m signcore train {typed}")
    card = written_card(tmp_path / "x.onnx", tmp_path)
    assert f"\npython -m signcore train {again}\n" in card
    licence = " --licence MIT" if "MIT" in typed else ""
    assert f"\npython -m signcore.training crossval --clips CLIPS.npz{licence} --out models/crossval_x.json\n" in card
    assert (
        "\npython -m signcore evaluate HELD_OUT.npz --model models/x.onnx --words --out models/results_x.json\n" in card
    )
    assert "\npython -m signcore.training card --model models/x.onnx\n" in card

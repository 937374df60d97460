"""The Model page with the files as they are, and with files that are missing, damaged or of another model."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from signcore.dashboard import session as dashboard_session

FIGURES = ["Letters", "Certainty", "Conditions", "Words", "Your hand", "Training", "Limits"]
MODEL = "lstm_alphabet_sequence.onnx"


@pytest.fixture
def models(project_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the shipped model and its files, which a test may damage."""
    for name in (MODEL, "results.json", "crossval.json", "own_hand.json"):
        shutil.copy(project_dir / "models" / name, tmp_path)
    monkeypatch.setenv("SIGNCORE_MODEL_PATH", str(tmp_path / MODEL))
    monkeypatch.setenv("SIGNCORE_DATA_DIR", str(tmp_path))
    dashboard_session._shared.clear()
    return tmp_path


def run_page(project_dir: Path) -> AppTest:
    app = AppTest.from_file(str(project_dir / "pages" / "model.py"), default_timeout=60).run()
    assert not app.exception
    assert not app.error
    return app


def tabs(app: AppTest) -> list[str]:
    return [tab.label for tab in app.tabs]


def helps(app: AppTest) -> str:
    """What stands behind the question marks."""
    return " ".join(element.proto.help for element in app.caption)


def change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_figures_are_those_of_the_files(project_dir: Path, models: Path) -> None:
    change(models / "results.json", date="2031-02-03", ece=0.4321)
    app = run_page(project_dir)
    assert tabs(app) == FIGURES
    assert not app.warning
    text = " ".join(element.value for element in (*app.caption, *app.markdown))
    assert "Measured on 2031-02-03." in text
    assert "Measured by `python -m signcore evaluate" in helps(app)
    assert "0.432" in text
    assert "fingerspelling" in text


def test_the_first_figure_is_how_many_letters_are_read_right(project_dir: Path, models: Path) -> None:
    sources = json.loads((models / "results.json").read_text())["per_source"]
    for macro, source in zip((0.5123, 0.9, 0.9456), sources.values(), strict=True):
        source["macro"] = macro
    change(models / "results.json", macro=0.7654, per_source=sources)
    shown = [element.value for element in run_page(project_dir).tabs[0].markdown]
    assert shown[:2] == ["**76.5%**", "**51.2% and 94.6%**"]


def test_sources_that_the_model_was_trained_on_are_not_called_strangers(project_dir: Path, models: Path) -> None:
    said = " ".join(element.value for element in run_page(project_dir).caption)
    assert "4,475 clips of 3 sources that the model was not trained on." in said
    assert "Signers of 3 sources that the model was not trained on: a few" in said
    sources = json.loads((models / "results.json").read_text())["per_source"]
    first, *others = sources
    known = "borisgraudt+asl-ai"
    change(models / "results.json", per_source={known: sources[first], **{name: sources[name] for name in others}})
    people = json.loads((models / "own_hand.json").read_text())["people"]
    change(models / "own_hand.json", people=[{**people[0], "person": known}])
    said = " ".join(element.value for element in run_page(project_dir).caption)
    assert "4,475 clips of 3 sources, 1 of which the model was trained on." in said
    assert "Signers of 1 source, 1 of which the model was trained on: a few" in said


def test_the_letters_of_one_source_can_be_looked_at(project_dir: Path, models: Path) -> None:
    app = run_page(project_dir)
    sources = json.loads((models / "results.json").read_text())["per_source"]
    name, source = min(sources.items(), key=lambda item: item[1]["clips"])
    app.selectbox(key="model_source").set_value(name).run()
    [letters] = [table.value for table in app.dataframe if "Right when said" in table.value.columns]
    assert letters["Clips"].sum() == source["clips"]


def test_what_ones_own_clips_gain_is_that_of_the_file(project_dir: Path, models: Path) -> None:
    document = json.loads((models / "own_hand.json").read_text())
    change(models / "own_hand.json", date="2031-02-03", people=document["people"][:2])
    app = run_page(project_dir)
    assert "Measured on 2031-02-03." in " ".join(element.value for element in app.caption)
    assert "Measured by `python -m signcore.training own-hand" in helps(app)
    [table] = [table.value for table in app.dataframe if "Letters, My hand" in table.value.columns]
    assert list(table["Letters, My hand"]) == pytest.approx(
        [100 * person["corrected"]["macro"] for person in document["people"][:2]]
    )


def test_a_model_that_was_never_measured(project_dir: Path, models: Path) -> None:
    (models / "results.json").unlink()
    (models / "crossval.json").unlink()
    (models / "own_hand.json").unlink()
    app = run_page(project_dir)
    assert tabs(app) == ["Your hand", "Training", "Limits"]
    first, hand, second = (element.value for element in app.info)
    assert first.startswith("This model has not been measured yet. `python -m signcore evaluate ")
    assert "`python -m signcore.training own-hand HELD_OUT.npz " in hand
    assert second.startswith("This model has not been cross-validated yet. `python -m signcore.training crossval ")


def test_words_that_were_not_measured(project_dir: Path, models: Path) -> None:
    change(models / "results.json", words=None)
    [said] = run_page(project_dir).info
    assert said.value.startswith("The text of spelled words has not been measured yet. `python -m signcore evaluate ")


@pytest.mark.parametrize("name", ["results.json", "crossval.json", "own_hand.json"])
def test_a_damaged_file_is_one_sentence(project_dir: Path, models: Path, name: str) -> None:
    (models / name).write_text('{"clips": "many"')
    [said] = run_page(project_dir).warning
    assert said.value.startswith(f"{name}: damaged, ")
    assert "python -m signcore" in said.value


def test_files_of_another_model_are_one_sentence_each(project_dir: Path, models: Path) -> None:
    change(models / "results.json", model={"file": "other.onnx", "sha256": "of another"})
    change(models / "crossval.json", temperature=9.0)
    change(models / "own_hand.json", model={"file": "other.onnx", "sha256": "of another"})
    app = run_page(project_dir)
    assert tabs(app) == ["Your hand", "Training", "Limits"]
    first, hand, second = (element.value for element in app.warning)
    assert hand.startswith("own_hand.json: measured with another model file (other.onnx). `python")
    assert first.startswith("results.json: measured with another model file (other.onnx). `python")
    assert second.startswith("crossval.json: made for another model. `python")

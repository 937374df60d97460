import json
from pathlib import Path

import numpy as np
import pytest

from signcore.clips import read_clips
from signcore.training.__main__ import main
from signcore.training.own_hand import measure_own_hand
from signcore.training.train import train
from tests.training.conftest import clip_arrays


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("strangers") / "strangers.npz"
    np.savez(path, **clip_arrays("ABDIJ", clips_each=6, sources=("ann", "bob")))
    return path


@pytest.fixture(scope="module")
def model(clip_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(clip_file, tmp_path_factory.mktemp("model") / "model.onnx", quick=True).out


def test_every_person_is_taught_and_read(strangers: Path, clip_file: Path, model: Path, tmp_path: Path) -> None:
    before = model.read_bytes()
    out = tmp_path / "own_hand.json"
    people = measure_own_hand(
        strangers,
        clip_file,
        out,
        model=model,
        samples=(2, 3, 5),
        words=["BAD"],
        quick=True,
        command="the command",
    )
    assert model.read_bytes() == before
    # Five of six clips would leave one to be read.
    assert [(each.person, each.samples) for each in people] == [("ann", 2), ("bob", 2), ("ann", 3), ("bob", 3)]
    assert [(each.taught, each.clips) for each in people] == [(10, 20), (10, 20), (15, 15), (15, 15)]
    for person in people:
        for reading in (person.shipped, person.corrected, person.trained):
            assert all(0.0 <= value <= 1.0 for value in (reading.macro, reading.ece, reading.others))
            assert reading.cer is not None
        # These few clips differ by their shape alone, and the correction is fitted to them.
        assert person.corrected != person.shipped
        assert person.corrected.macro >= person.shipped.macro
    written = json.loads(out.read_text())
    assert written["command"] == "the command"
    assert written["people"][0]["person"] == "ann"
    assert set(written["people"][0]["trained"]) == {"macro", "ece", "others", "cer"}


def test_a_file_of_one_person_is_refused(
    clip_file: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(tmp_path / "alone.npz", **clip_arrays("AB", clips_each=9, sources=("ann",)))
    words = ["own-hand", str(tmp_path / "alone.npz"), "--clips", str(clip_file), "--out", str(tmp_path / "o.json")]
    assert main([*words, "--model", str(model)]) == 2
    assert "alone.npz: expected two people" in capsys.readouterr().err
    assert not (tmp_path / "o.json").exists()


def test_some_clips_of_a_file(strangers: Path) -> None:
    clips = read_clips(strangers)
    chosen = np.flatnonzero(clips.source == 1)[::-1]
    some = clips.only(chosen)
    assert len(some) == len(chosen)
    for position, index in enumerate(chosen):
        np.testing.assert_array_equal(some.clip(position), clips.clip(int(index)))
    assert (some.label == clips.label[chosen]).all()

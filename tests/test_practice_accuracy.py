"""How right practice is, measured on the recorded samples that come with the project."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from signcore.buffer import FRAME_MS
from signcore.cli import main
from signcore.clips import MISSING, read_clips
from signcore.errors import ClipFileError
from signcore.evaluation import select_clips
from signcore.labels import LETTERS, NOTHING, char_to_index
from signcore.practice_accuracy import SourceFigures, _longest_hold, practice_accuracy
from signcore.predictor import SequencePredictor
from signcore.samples import SAMPLES_FILE
from signcore.verification import ACCEPTED_FROM, HOLD_S, Verifier


@pytest.fixture(scope="module")
def figures(predictor: SequencePredictor) -> dict[str, SourceFigures]:
    clips = read_clips(SAMPLES_FILE)
    return practice_accuracy(predictor, clips, select_clips(clips))


def test_samples_are_accepted_as_themselves(figures: dict[str, SourceFigures]) -> None:
    found = figures["all"]
    assert found.clips == len(LETTERS)
    assert found.accepted.right == 1.0
    assert found.accepted.other < 0.02
    assert found.missed == {}
    assert found.sure_called_wrong == 0.0
    assert found.named is not None
    assert found.named >= 0.8
    assert found.calibrated is None
    assert found.accepted_calibrated is None


def test_a_stranger_whose_hand_is_known_is_accepted_more_often(predictor: SequencePredictor, data_dir: Path) -> None:
    clips = read_clips(data_dir / "letters_devtest.npz")
    chosen = select_clips(clips, sources=["tuan"])
    some = np.concatenate([chosen[clips.label[chosen] == char_to_index(letter)][:8] for letter in "MNOXD"])
    [name] = {clips.source_names[source] for source in clips.source[some]}
    found = practice_accuracy(predictor, clips, some)[name]
    assert found.uncalibrated is not None
    assert found.calibrated is not None
    assert found.accepted_calibrated is not None
    assert found.calibrated > found.uncalibrated
    assert found.accepted_calibrated.right > found.accepted.right
    assert found.accepted_calibrated.threshold == ACCEPTED_FROM


def test_stricter_rules_accept_less(figures: dict[str, SourceFigures]) -> None:
    for earlier, later in zip(figures["all"].curve, figures["all"].curve[1:], strict=False):
        if earlier.hold_s == later.hold_s:
            assert earlier.threshold < later.threshold
            assert earlier.right >= later.right
            assert earlier.other >= later.other


def test_a_hold_is_what_the_page_holds() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        chances = np.repeat(rng.random((6, 29)), rng.integers(1, 20, 6), axis=0).astype(np.float32)
        verifier = Verifier("A")
        page = [verifier.step(said, step * FRAME_MS).accepted for step, said in enumerate(chances)][-1]
        frames = round(HOLD_S * 1000 / FRAME_MS) + 1
        assert (_longest_hold(chances[:, :1], ACCEPTED_FROM)[0] >= frames) == page


def test_command_writes_the_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "practice.json"
    assert main(["practice", str(SAMPLES_FILE), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "accepted as themselves, all always" in said
    assert "mistaken, shown and asked for: none" in said
    document = json.loads(out.read_text(encoding="utf-8"))
    assert next(iter(document["sources"])) == "all"
    assert document["sources"]["all"]["accepted"]["threshold"] == ACCEPTED_FROM
    assert document["clip_file"]["file"] == SAMPLES_FILE.name


def test_command_without_a_folder_for_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["practice", str(SAMPLES_FILE), "--out", str(tmp_path / "none" / "practice.json")]) == 2
    assert "no folder" in capsys.readouterr().err


def test_clips_without_a_hand_are_refused(predictor: SequencePredictor) -> None:
    clips = read_clips(SAMPLES_FILE)
    empty = replace(clips, frames=np.full_like(clips.frames, MISSING))
    with pytest.raises(ClipFileError, match="expected clips to judge, found none in which a hand is to be seen"):
        practice_accuracy(predictor, empty, select_clips(empty))


def test_clips_of_no_letter_are_refused(predictor: SequencePredictor) -> None:
    clips = read_clips(SAMPLES_FILE)
    idle = replace(clips, label=np.full_like(clips.label, char_to_index(NOTHING)))
    with pytest.raises(ClipFileError, match="expected clips of letters with a hand in them, found none"):
        practice_accuracy(predictor, idle, select_clips(idle))

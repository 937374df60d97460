import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from signcore.clips import MISSING, read_clips
from signcore.errors import ClipFileError, SignError, TrainingError
from signcore.labels import char_to_index
from signcore.predictor import SequencePredictor
from signcore.training import loop
from signcore.training.checkpoint import Checkpoint
from signcore.training.crossval import cross_validate
from signcore.training.dataset import build_bank
from signcore.training.train import TrainingReport, train
from tests.hands import make_landmarks
from tests.training.conftest import clip_arrays

TINY = loop.Schedule(frame_steps=6, frame_batch=16, steps=4, batch=8)


@pytest.fixture(scope="module")
def report(clip_file: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainingReport:
    return train(clip_file, tmp_path_factory.mktemp("trained") / "model.onnx", quick=True, command="the command")


def test_training_writes_a_model_that_says_where_it_comes_from(report: TrainingReport, clip_file: Path) -> None:
    predictor = SequencePredictor(report.out)
    assert predictor.metadata["command"] == "the command"
    assert float(predictor.metadata["temperature"]) == pytest.approx(report.temperature, abs=1e-4)
    assert predictor.threshold == pytest.approx(report.threshold, abs=1e-4)
    sources = json.loads(predictor.metadata["sources"])
    assert sum(source["clips"] for source in sources) == report.clips
    assert report.clips + report.doubted == len(read_clips(clip_file))


def test_a_finished_checkpoint_is_not_trained_again(report: TrainingReport, clip_file: Path, tmp_path: Path) -> None:
    again = train(clip_file, tmp_path / "model.onnx", resume=report.checkpoint, quick=True)
    window = np.random.default_rng(0).random((32, 21, 3)).astype(np.float32)
    first, second = (SequencePredictor(path).predict_sequence_distribution(window) for path in (report.out, again.out))
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_cross_validation_goes_on_from_the_training(report: TrainingReport, clip_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "crossval.json"
    result = cross_validate(clip_file, out, resume=report.checkpoint, quick=True, command="the command")
    written = json.loads(out.read_text())
    assert set(written["per_source"]) == {"first+signer", "second+signer"}
    assert written["command"] == "the command"
    assert result.temperature == pytest.approx(report.temperature)
    assert result.doubted == report.doubted


def test_a_checkpoint_of_another_model_is_refused(report: TrainingReport, clip_file: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="another model: expected seed 1, found 0"):
        train(clip_file, tmp_path / "model.onnx", seed=1, resume=report.checkpoint, quick=True)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_checkpoint_is_refused(clip_file: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.pt").write_text("not a checkpoint")
    with pytest.raises(TrainingError, match=r"notes\.pt: not a checkpoint"):
        train(clip_file, tmp_path / "model.onnx", resume=tmp_path / "notes.pt", quick=True)
    with pytest.raises(TrainingError, match="no such checkpoint"):
        train(clip_file, tmp_path / "model.onnx", resume=tmp_path / "none.pt", quick=True)


def test_clips_that_cannot_be_read_write_nothing(tmp_path: Path) -> None:
    with pytest.raises(ClipFileError):
        train(tmp_path / "none.npz", tmp_path / "model.onnx", quick=True)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_net_ends_as_an_uninterrupted_one(
    clip_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "SAVE_EVERY", 2)
    bank = build_bank(read_clips(clip_file))
    whole = loop.train_net(bank, TINY, 7, Checkpoint(tmp_path / "whole.pt", {}), "net")

    class Stopped(Exception):
        pass

    class Stopping(Checkpoint):
        def save(self) -> None:
            super().save()
            if self.current.get("phase") == "net, windows":
                raise Stopped

    with pytest.raises(Stopped):
        loop.train_net(bank, TINY, 7, Stopping(tmp_path / "part.pt", {}), "net")
    checkpoint = Checkpoint(tmp_path / "part.pt", {})
    checkpoint.load(checkpoint.path)
    assert checkpoint.current["step"] == 2
    resumed = loop.train_net(bank, TINY, 7, checkpoint, "net")
    for (name, first), second in zip(whole.state_dict().items(), resumed.state_dict().values(), strict=True):
        torch.testing.assert_close(first, second, msg=name)


def test_a_checkpoint_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = Checkpoint(tmp_path / "run.pt", {})
    checkpoint.finish("first", {})

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", no_space)
    with pytest.raises(TrainingError, match="No space left on device"):
        checkpoint.finish("second", {})
    monkeypatch.undo()
    again = Checkpoint(tmp_path / "run.pt", {})
    again.load(again.path)
    assert list(again.done) == ["first"]
    assert list(tmp_path.iterdir()) == [tmp_path / "run.pt"]


def suspect(arrays: dict[str, np.ndarray]) -> None:
    arrays["suspect"][:] = True


def without_hands(arrays: dict[str, np.ndarray]) -> None:
    arrays["frames"][:] = MISSING


def a_still_j(arrays: dict[str, np.ndarray]) -> None:
    arrays["label"][:] = char_to_index("J")


@pytest.mark.parametrize("spoil", [suspect, without_hands, a_still_j])
@pytest.mark.parametrize("is_there", [True, False])
def test_own_clips_of_which_none_can_be_learnt_are_refused(
    report: TrainingReport,
    clip_file: Path,
    tmp_path: Path,
    spoil: Callable[[dict[str, np.ndarray]], None],
    is_there: bool,
) -> None:
    arrays = clip_arrays("AB", clips_each=2, sources=("me",))
    spoil(arrays)
    np.savez(tmp_path / "mine.npz", **arrays)
    out = tmp_path / "model.onnx"
    if is_there:
        shutil.copy(report.out, out)
    with pytest.raises(ClipFileError, match=r"^mine\.npz: none of your clips can be learnt from: expected "):
        train(clip_file, out, add=tmp_path / "mine.npz", quick=True)
    assert out.exists() is is_there
    assert not is_there or out.read_bytes() == report.out.read_bytes()


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        *(
            ("temperature", value, "a temperature of 0.01 to 100")
            for value in (None, "warm", "-1", "0", "nan", "1e-300")
        ),
        ("threshold", "high", "a threshold of 0 to 1"),
        ("sources", None, "sources with name, licence and clips"),
    ],
)
def test_a_model_with_damaged_metadata_is_not_taken_further(
    report: TrainingReport, clip_file: Path, tmp_path: Path, key: str, value: str | None, said: str
) -> None:
    model = onnx.load(str(report.out))
    metadata = {each.key: each.value for each in model.metadata_props if each.key != key}
    onnx.helper.set_model_props(model, metadata if value is None else {**metadata, key: value})
    out = tmp_path / "model.onnx"
    onnx.save(model, str(out))
    before = out.read_bytes()
    with pytest.raises(SignError, match=rf"^model\.onnx: expected {said}, found"):
        train(clip_file, out, add=clip_file, quick=True)
    assert out.read_bytes() == before


def test_own_clips_are_learnt_by_the_model_that_is_there(
    report: TrainingReport, clip_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "model.v2.onnx"
    shutil.copy(report.out, out)
    arrays = clip_arrays("AB", clips_each=5)
    arrays["source_names"] = np.array(["me", "my sister", "my brother"])
    arrays["label"][:] = char_to_index("SPACE")
    arrays["suspect"][:2] = True
    np.savez(tmp_path / "mine.npz", **arrays)
    tuned = train(clip_file, out, add=tmp_path / "mine.npz", quick=True)
    assert tuned.clips == len(read_clips(clip_file)) + 28
    before, after = SequencePredictor(report.out), SequencePredictor(out)
    assert before.threshold == after.threshold
    assert tuned.doubted is None
    assert (tuned.own, tuned.own_given) == (28, 30)
    sources = {source["name"]: source["clips"] for source in json.loads(after.metadata["sources"])}
    assert sources == {
        **{source["name"]: source["clips"] for source in json.loads(before.metadata["sources"])},
        "me": 8,
        "my sister": 10,
        "my brother": 10,
    }
    assert after.metadata["base_sha256"] == before.fingerprint
    window = np.repeat(make_landmarks()[None], 32, axis=0)
    assert not np.allclose(
        before.predict_sequence_distribution(window), after.predict_sequence_distribution(window), atol=1e-4
    )
    assert tuned.checkpoint == tmp_path / "checkpoints" / "model.v2-tuning.pt"
    assert tuned.checkpoint.exists()

    again = tmp_path / "again.onnx"
    shutil.copy(report.out, again)
    with pytest.raises(TrainingError, match="another model: expected training data"):
        train(clip_file, again, add=tmp_path / "mine.npz", resume=report.checkpoint, quick=True)
    assert again.read_bytes() == report.out.read_bytes()
    train(clip_file, again, add=tmp_path / "mine.npz", resume=tuned.checkpoint, quick=True)
    assert np.allclose(
        SequencePredictor(again).predict_sequence_distribution(window),
        after.predict_sequence_distribution(window),
        atol=1e-6,
    )
    assert not (tmp_path / "checkpoints" / "again-tuning.pt").exists(), "nothing was left to train"


def test_tuning_does_not_go_on_from_another_base_or_schedule(
    report: TrainingReport, clip_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez(tmp_path / "mine.npz", **clip_arrays("AB", clips_each=2, sources=("me",)))
    out = tmp_path / "model.onnx"
    shutil.copy(report.out, out)
    tuned = train(clip_file, out, add=tmp_path / "mine.npz", quick=True)
    with pytest.raises(TrainingError, match="another model: expected base model"):
        train(clip_file, out, add=tmp_path / "mine.npz", resume=tuned.checkpoint, quick=True)
    shutil.copy(report.out, out)
    monkeypatch.setattr(loop, "QUICK", TINY)
    with pytest.raises(TrainingError, match="another model: expected schedules"):
        train(clip_file, out, add=tmp_path / "mine.npz", resume=tuned.checkpoint, quick=True)
    assert out.read_bytes() == report.out.read_bytes()

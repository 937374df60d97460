import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from signcore.clips import MISSING, read_clips
from signcore.errors import ClipFileError, SignError, TrainingError
from signcore.labels import char_to_index
from signcore.predictor import SequencePredictor
from signcore.training import folds, loop
from signcore.training.checkpoint import Checkpoint
from signcore.training.crossval import cross_validate
from signcore.training.dataset import Bank, build_bank
from signcore.training.model import LetterNet
from signcore.training.run import Run
from signcore.training.train import TrainingReport, train
from tests.full_disk import files_end_at
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
    assert report.doubted is not None
    assert report.clips + report.doubted == len(read_clips(clip_file))
    assert predictor.metadata["nets"] == "3"


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


def test_a_net_holds_the_average_of_its_weights(
    clip_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = build_bank(read_clips(clip_file))

    def encoder(steps: int) -> dict[str, torch.Tensor]:
        schedule = loop.Schedule(frame_steps=steps, frame_batch=16, steps=0, batch=0)
        net = loop.train_net(bank, schedule, 7, Checkpoint(tmp_path / "run.pt", {}), "net")
        return net.encoder.state_dict()

    start, averaged = encoder(0), encoder(1)
    monkeypatch.setattr(loop, "_EMA", 0.0)
    last = encoder(1)
    for name, value in averaged.items():
        torch.testing.assert_close(value, start[name].lerp(last[name], 0.9), msg=name)
        assert not torch.equal(value, last[name])


def test_only_sources_of_a_licence_are_learnt(tmp_path: Path) -> None:
    clip_file, out = tmp_path / "clips.npz", tmp_path / "model.onnx"
    arrays = clip_arrays(clips_each=2, sources=("nmt (made up)", "first", "second", "third"))
    arrays["source_licences"][-1] = "GPL-3.0"
    np.savez(clip_file, **arrays)
    trained = train(clip_file, out, licences=["MIT"], quick=True)
    assert sources_of(out) == {"first", "second"}
    results = tmp_path / "crossval.json"
    found = cross_validate(clip_file, results, licences=["MIT"], resume=trained.checkpoint, quick=True)
    assert set(found.per_source) == {"first", "second"}
    assert found.temperature == pytest.approx(trained.temperature)
    with pytest.raises(TrainingError, match="another model: expected licences all, found MIT"):
        cross_validate(clip_file, results, resume=trained.checkpoint, quick=True)
    np.savez(tmp_path / "mine.npz", **clip_arrays("AB", clips_each=2, sources=("me",)))
    tuned = train(clip_file, out, add=tmp_path / "mine.npz", licences=["MIT"], quick=True)
    assert sources_of(out) == {"first", "second", "me"}
    assert tuned.clips == trained.clips + 4


def sources_of(model: Path) -> set[str]:
    return {source["name"] for source in json.loads(SequencePredictor(model).metadata["sources"])}


def test_doubted_clips_are_left_out_and_the_threshold_is_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_enough = loop.Schedule(frame_steps=60, frame_batch=64, steps=0, batch=0)
    monkeypatch.setattr(loop, "QUICK_FRAMES", long_enough)
    sources = ("nmt (made up)", *(f"signer {number}" for number in range(7)))
    arrays = clip_arrays("ABD", clips_each=6, sources=sources)
    exchanged = (arrays["source"] == 3) & (arrays["label"] < 2)
    arrays["label"][exchanged] = 1 - arrays["label"][exchanged]
    path = tmp_path / "clips.npz"
    np.savez(path, **arrays)
    found = train(path, tmp_path / "model.onnx", quick=True)
    assert found.doubted is not None
    assert found.doubted > 0
    assert found.clips == len(exchanged) - found.doubted
    run = Run(path, tmp_path / "model.onnx", seed=0, resume=found.checkpoint, quick=True)
    clips = read_clips(path)
    bank, _ = folds.audited(clips, build_bank(clips), run)
    readings = folds.held_out_readings(clips, build_bank(clips), bank, run)
    believed = readings.only(readings.believed)
    assert len(believed.label) < len(readings.label)
    expected = folds.fit_threshold(believed, folds.fit_temperature(readings))
    assert (found.threshold, found.coverage) == pytest.approx(expected)
    result = cross_validate(path, tmp_path / "crossval.json", resume=found.checkpoint, quick=True)
    assert (result.threshold, result.coverage) == pytest.approx(expected)


def test_half_of_what_is_drawn_in_tuning_is_ones_own(
    report: TrainingReport, clip_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez(tmp_path / "mine.npz", **clip_arrays("AB", clips_each=2, sources=("me",)))
    out = tmp_path / "model.onnx"
    shutil.copy(report.out, out)
    banks = []
    tune_net = loop.tune_net

    def tune(net: LetterNet, bank: Bank, *rest: Any) -> LetterNet:
        banks.append(bank)
        return tune_net(net, bank, *rest)

    monkeypatch.setattr(loop, "tune_net", tune)
    train(clip_file, out, add=tmp_path / "mine.npz", quick=True)
    for bank in banks:
        for letter in "AB":
            weight = bank.weight * (bank.label == char_to_index(letter))
            assert weight[bank.source == 3].sum() == pytest.approx(weight.sum() / 2, rel=1e-5)


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


def test_a_checkpoint_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "run.pt", {})
    checkpoint.finish("first", {})
    with files_end_at(100_000), pytest.raises(TrainingError, match=r"could not be written \(File too large\)$"):
        checkpoint.finish("second", {"weights": torch.zeros(100_000)})
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

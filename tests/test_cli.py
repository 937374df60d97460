import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from signcore import __version__
from signcore.cli import main
from signcore.hand_model import FILE_NAME
from signcore.samples import load_samples
from tests.clip_files import clip_arrays, write_clips
from tests.hands import make_landmarks
from tests.onnx_models import write_model
from tests.videos import picture, write_sound, write_video


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "tiny.onnx")


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    names = list(load_samples())
    arrays = clip_arrays(
        [load_samples()[name].frames for name in names],
        names,
        sources=["anna", "ben"] * 13,
        suspect=[name == "A" for name in names],
    )
    return write_clips(tmp_path / "clips.npz", arrays)


def run(*words: str | Path) -> int:
    return main([str(word) for word in words])


def run_process(*words: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "signcore", *words], capture_output=True, text=True, env=env)


def test_help_names_every_command() -> None:
    done = run_process("--help")
    assert done.returncode == 0
    for command in ("transcribe", "evaluate", "mistakes", "setup", "train"):
        assert command in done.stdout
    for command in ("transcribe", "evaluate", "mistakes", "setup", "train"):
        assert "usage: python -m signcore" in run_process(command, "--help").stdout


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        run("--version")
    assert capsys.readouterr().out == f"signcore {__version__}\n"


def test_a_video_becomes_json_on_standard_output_and_nothing_else(media_dir: Path) -> None:
    done = run_process("transcribe", media_dir / "B.mp4", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["text"] == "B"
    assert (found["frames"], found["hand_frames"]) == (75, 75)
    assert found["seconds"] == pytest.approx(74 / 30, abs=0.01)
    assert found["incomplete"] is None
    [event] = [event for event in found["events"] if event["kind"] == "letter"]
    assert event["label"] == "B"
    assert event["confidence"] > 0.6
    assert 0 <= event["start_ms"] < event["end_ms"] <= 1000 * found["seconds"]
    assert "frames/s" not in done.stderr, "a progress bar although this is no terminal"


def test_a_video_becomes_text_and_times_for_a_reader(media_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("transcribe", media_dir / "B.mp4") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "B"
    assert re.search(r"\d\.\d\d s to +\d\.\d\d s +B +letter +\d+ %", "\n".join(lines))


def test_a_video_that_breaks_off_is_read_and_it_is_said(
    tmp_path: Path, model: Path, hand_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hand_model.is_file()
    noise = np.random.default_rng(0)
    pictures = [noise.integers(0, 255, (64, 96, 3), np.uint8) for _ in range(40)]
    path = write_video(tmp_path / "whole.mp4", pictures, options={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert run("transcribe", path, "--json", "--model", model) == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert 10 < found["frames"] < 40
    assert "whole.mp4" in found["incomplete"]
    assert f"signcore: {found['incomplete']}" in printed.err.splitlines()


def test_clips_become_results_in_json_and_in_a_file(clips: Path, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    done = run_process("evaluate", clips, "--json", "--model", model, "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found == json.loads(out.read_text(encoding="utf-8"))
    assert found["clips"] == 25
    assert found["clip_file"]["include_suspect"] is False
    # No folder of this machine in a file that others read.
    assert found["command"] == "python -m signcore evaluate clips.npz --json --model tiny.onnx --out results.json"
    assert str(tmp_path) not in done.stdout


def test_clips_without_a_hand_are_counted(tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hand, gone = make_landmarks()[None], np.full((2, 21, 3), np.nan)
    arrays = clip_arrays([hand, gone, gone], ["A", "B", "NOTHING"])
    assert run("evaluate", write_clips(tmp_path / "c.npz", arrays), "--model", model) == 0
    assert capsys.readouterr().err == "signcore: c.npz: no hand is to be seen in 1 of 3 clips\n"


def test_words_spelled_of_clips_are_in_the_json(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = "ENORST"
    clips = write_clips(
        tmp_path / "clips.npz", clip_arrays([load_samples()[letter].frames for letter in letters], list(letters))
    )
    assert run("evaluate", clips, "--words", "--json", "--model", model) == 0
    words = json.loads(capsys.readouterr().out)["words"]
    assert list(words["cer"]) == list(words["words"]) == ["1", "2", "3"]
    assert min(words["cer"].values()) >= 0.0
    assert run("evaluate", clips, "--words", "--model", model) == 0
    assert "character errors" in capsys.readouterr().out


def test_suspect_clips_and_sources_are_chosen(clips: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("evaluate", clips, "--json", "--model", model, "--include-suspect", "--source", "an") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["clips"] == 13
    assert list(found["per_source"]) == ["anna"]


def test_clips_become_a_table_for_a_reader(clips: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("evaluate", clips, "--model", model) == 0
    printed = capsys.readouterr().out
    assert "25 clips of clips.npz, read by tiny.onnx" in printed
    assert "mirrored" in printed


def test_misread_hands_become_a_page(clips: Path, model: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert run("mistakes", clips, "--model", model, "--out", page) == 0
    assert "<svg" in page.read_text(encoding="utf-8")


def test_a_page_goes_where_a_link_leads(clips: Path, model: Path, tmp_path: Path) -> None:
    page, link = tmp_path / "page.html", tmp_path / "link.html"
    page.write_text("old")
    link.symlink_to(page)
    assert run("mistakes", clips, "--model", model, "--out", link) == 0
    assert link.is_symlink()
    assert "<svg" in page.read_text()


def test_a_place_that_is_no_file_is_not_replaced(
    clips: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert run("mistakes", clips, "--model", model, "--out", tmp_path / "pipe") == 2
    assert "expected a place for a file" in capsys.readouterr().err
    assert (tmp_path / "pipe").is_fifo()


def test_a_name_that_is_too_long_is_named() -> None:
    done = run_process("transcribe", "x" * 300 + ".mp4")
    assert done.returncode == 2
    assert done.stderr.endswith("xxx.mp4: File name too long\n")


def test_a_closed_output_is_no_error(media_dir: Path, hand_model: Path, tmp_path: Path) -> None:
    del hand_model
    for video, status, said in ((tmp_path / "none.mp4", 2, ""), (media_dir / "L.mp4", 0, "L\n")):
        words = [sys.executable, "-m", "signcore", "transcribe", str(video)]
        done = subprocess.run(
            ["sh", "-c", 'exec "$@" 2>&-', "sh", *words], check=False, text=True, stdout=subprocess.PIPE
        )
        assert done.returncode == status
        assert done.stdout.startswith(said)


def test_nothing_but_the_letters_is_said(media_dir: Path, hand_model: Path) -> None:
    """MediaPipe's C++ writes some lines of its own."""
    del hand_model
    done = run_process("transcribe", media_dir / "L.mp4")
    assert done.stdout.startswith("L\n")
    assert done.stderr == ""


def test_whoever_has_seen_enough_gets_no_traceback(clips: Path, model: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "signcore", "evaluate", clips, "--model", model],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""


def test_setup_says_where_the_hand_model_is(hand_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("setup") == 0
    assert capsys.readouterr().out == f"{hand_model}\n"


def test_training_writes_a_model_that_runs(clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mine.onnx"
    status = run("train", "--clips", clips, "--out", out, "--seed", "3", "--quick")
    printed = capsys.readouterr()
    assert status == 0, printed.err
    assert printed.out.startswith(f"{out}: trained on ")
    metadata = {entry.key: entry.value for entry in onnx.load(out).metadata_props}
    assert metadata["command"] == "python -m signcore train --clips clips.npz --out mine.onnx --seed 3 --quick"
    assert run("train", "--clips", clips, "--add", clips, "--out", out, "--quick") == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{out}: taken further with 50 clips, whose labels were not checked."
    assert second == "25 of your 26 clips are among them."
    assert run("evaluate", clips, "--model", out) == 0


def test_training_without_pytorch_says_what_to_install(clips: Path, tmp_path: Path) -> None:
    """Python finds no torch here, as on a machine where only the app was installed."""
    program = "import sys; sys.modules['torch'] = None; from signcore.cli import main; sys.exit(main(sys.argv[1:]))"
    words = [sys.executable, "-c", program, "train", "--clips", clips, "--out", tmp_path / "new.onnx"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "signcore: training needs torch: pip install -r requirements-train.txt\n"
    assert not (tmp_path / "new.onnx").exists()


def bad_input(folder: Path, model: Path) -> dict[str, list[str | Path]]:
    """Commands that cannot work, by what is wrong with them."""
    (folder / "text.mp4").write_text("no video", encoding="utf-8")
    (folder / "text.npz").write_text("no clips", encoding="utf-8")
    (folder / "empty.mp4").touch()
    (folder / "bad.onnx").write_bytes(b"no model")
    tiny = write_video(folder / "tiny.mkv", [np.zeros((1, 1, 3), np.uint8)], codec="ffv1", pixels="gray")
    video = write_video(folder / "video.mp4", [picture()])
    good = write_clips(folder / "good.npz", clip_arrays([make_landmarks()[None]], ["A"]))
    arrays = clip_arrays([make_landmarks()[None]], ["A"])
    suspect = write_clips(folder / "suspect.npz", arrays | {"suspect": np.array([True])})
    unknown = write_clips(folder / "unknown.npz", arrays | {"label": np.array([77])})
    out = folder / "out.json"
    return {
        "no such video": ["transcribe", folder / "missing.mp4"],
        "a folder": ["transcribe", folder],
        "a text": ["transcribe", folder / "text.mp4"],
        "nothing": ["transcribe", folder / "empty.mp4"],
        "sound": ["transcribe", write_sound(folder / "sound.mp4")],
        "one pixel": ["transcribe", tiny, "--model", model],
        "no such model": ["transcribe", video, "--model", folder / "missing.onnx"],
        "no model": ["transcribe", video, "--model", folder / "bad.onnx"],
        "no such clips": ["evaluate", folder / "missing.npz", "--out", out],
        "no clips": ["evaluate", folder / "text.npz", "--out", out],
        "a folder of clips": ["evaluate", folder, "--out", out],
        "unknown labels": ["evaluate", unknown, "--out", out],
        "suspect clips alone": ["evaluate", suspect, "--out", out],
        "no such source": ["evaluate", good, "--source", "x", "--out", out],
        "clips and no model": ["evaluate", good, "--model", folder / "bad.onnx", "--out", out],
        "no folder for the results": ["evaluate", good, "--out", folder / "missing" / "out.json"],
        "no clips to draw": ["mistakes", folder / "missing.npz", "--out", out],
        "no place for the page": ["mistakes", good, "--model", model, "--out", folder / "missing" / "page.html"],
        "training on nothing": ["train", "--clips", folder / "missing.npz", "--out", folder / "new.onnx"],
        "training on text": ["train", "--clips", folder / "text.npz", "--out", folder / "new.onnx"],
    }


CASES = [
    "no such video", "a folder", "a text", "nothing", "sound", "one pixel", "no such model", "no model",
    "no such clips", "no clips", "a folder of clips", "unknown labels", "suspect clips alone", "no such source",
    "clips and no model", "no folder for the results", "no clips to draw",
    "no place for the page", "training on nothing", "training on text",
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_status_2_and_one_line(
    tmp_path: Path, model: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = bad_input(tmp_path, model)[case]
    before = sorted(tmp_path.rglob("*"))
    assert run(*words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    [line] = printed.err.splitlines()
    assert line.startswith("signcore: ")
    assert sorted(tmp_path.rglob("*")) == before, "something was written"


def test_bad_input_is_one_line_of_the_real_command_too(tmp_path: Path) -> None:
    done = run_process("transcribe", tmp_path / "missing.mp4", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"signcore: {tmp_path / 'missing.mp4'}: expected a video file, found no such file\n"


def test_a_hand_model_that_is_another_file_is_refused(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"another file")
    monkeypatch.setenv("SIGNCORE_HAND_MODEL", str(tmp_path / FILE_NAME))
    video = write_video(tmp_path / "video.mp4", [picture()])
    assert run("transcribe", video, "--model", model) == 2
    assert run("setup") == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first == second
    assert first.startswith("signcore: SIGNCORE_HAND_MODEL: expected hand_landmarker.task")


def test_a_setting_that_cannot_be_used_is_said(
    clips: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNCORE_HOLD_S", "long")
    assert run("evaluate", clips) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("signcore: SIGNCORE_HOLD_S: ")


def test_setup_says_that_the_recogniser_cannot_be_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNCORE_MODEL_PATH", str(tmp_path / "nowhere.onnx"))
    assert run("setup") == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"signcore: {tmp_path / 'nowhere.onnx'}: ")


@pytest.mark.parametrize("words", [[], ["read"], ["transcribe"], ["train", "--clips", "x"], ["evaluate", "x", "--y"]])
def test_a_command_that_is_none_is_status_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(*words)
    assert "usage: python -m signcore" in capsys.readouterr().err


def test_an_interruption_is_no_traceback(
    clips: Path, model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("signcore.cli.evaluate", interrupt)
    assert run("evaluate", clips, "--model", model) == 130
    assert capsys.readouterr().err == "signcore: interrupted\n"


@pytest.mark.parametrize("out", ["", ".", "none/results.json"])
@pytest.mark.parametrize("command", [("evaluate",), ("practice",), ("train", "--clips")])
def test_a_place_where_no_file_can_be_is_refused_at_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: Sequence[str],
    out: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*command, "clips.npz", "--out", out) == 2
    assert "expected a place" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seed", ["-1", str(2**31), "one"])
def test_a_seed_that_is_none_is_refused(seed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("train", "--clips", "a.npz", "--out", "b.onnx", "--seed", seed)
    assert ended.value.code == 2
    assert "--seed" in capsys.readouterr().err


def test_output_that_cannot_be_written_is_one_line(clips: Path, model: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "signcore", "evaluate", str(clips), "--model", str(model)],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "signcore: the output cannot be written (No space left on device)\n"

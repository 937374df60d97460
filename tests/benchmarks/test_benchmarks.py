"""The benchmark's own parts, with a few frames each: that they measure what they say. What is found is not judged."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import run
from benchmarks.chain import measure_attention, measure_chain, measure_stages
from benchmarks.footage import Footage, encode, read_footage
from benchmarks.model import measure_predictor
from benchmarks.page import write_page
from benchmarks.refresh import measure_refresh
from benchmarks.run import RESULTS, benchmark
from benchmarks.sessions import Arena
from signcore.errors import SignError, VideoError
from signcore.predictor import SequencePredictor
from signcore.settings import Settings
from tests.full_disk import files_end_at
from tests.videos import picture, write_video


@pytest.fixture(scope="module")
def footage(media_dir: Path, hand_model: Path) -> Footage:
    return read_footage(media_dir / "word_FIVE.mp4", hand_model)


@pytest.fixture(scope="module")
def shipped(hand_model: Path) -> Settings:
    return Settings(hand_model=hand_model)


def test_ratios_are_of_what_they_say(predictor: SequencePredictor, footage: Footage, shipped: Settings) -> None:
    chain = measure_chain(footage, predictor, shipped, 10)
    assert {row["calls"] for row in chain["table"].values()} == {10}
    assert 0.8 < chain["ratio"] < 3.0
    attention = measure_attention(footage, predictor, shipped, 40)
    assert attention["idle_ratio"] < attention["held_ratio"] < 1.0
    stages = measure_stages(footage, predictor, shipped, 5)
    assert max(stages, key=lambda name: stages[name]["cpu_ms"]) == "landmarks"
    network = measure_predictor(footage, predictor, shipped, 20)
    assert "predictor" in network["table"]
    if network["ratio"] is not None:
        assert network["largest_difference"] < 1e-4


def test_a_session_over_webrtc_is_counted(footage: Footage, tmp_path: Path) -> None:
    encode(footage.moving[:60], tmp_path / "film.webm", 15)
    with Arena("signcore", sends_back=True) as arena:
        arena.add(tmp_path / "film.webm", 15)
        found = arena.measure(1.5)
    assert found["fps"][0] == pytest.approx(15, abs=4)
    assert 0 < found["cores"] < 2
    assert found["loop_lag_p99_ms"] >= 0


def test_without_a_hand_nothing_is_measured(tmp_path: Path, hand_model: Path) -> None:
    with pytest.raises(VideoError, match="expected a hand"):
        read_footage(write_video(tmp_path / "empty.mp4", [picture()] * 5), hand_model)
    with pytest.raises(VideoError, match="expected a video to measure with"):
        benchmark(tmp_path / "none.mp4", quick=True, command="", say=print)


@pytest.fixture
def measured() -> dict[str, Any]:
    result = RESULTS / "full.json"
    if not result.exists():
        pytest.skip("needs benchmarks/results/full.json, which `python -m signcore benchmark` writes")
    document: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return document


def test_the_page_is_what_the_result_says(measured: dict[str, Any], project_dir: Path, tmp_path: Path) -> None:
    write_page(measured, tmp_path / "page.md")
    assert (project_dir / "docs" / "benchmarks.md").read_text(encoding="utf-8") == (tmp_path / "page.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(("held", "verdict"), [(8, "**not reached**"), (9, "reached")])
def test_sessions_held_are_judged_beside_bare_mediapipe(
    measured: dict[str, Any], tmp_path: Path, held: int, verdict: str
) -> None:
    most = min(len(one["steps"]) for one in measured["sessions"] if one["server"] != "echo")
    for one in measured["sessions"]:
        if one["server"] == "mediapipe":
            one["held"] = 10
        elif (one["server"], one["fps"], one["sends_back"]) == ("signcore", 30, False):
            one["held"] = held
        one["steps"] += [one["steps"][-1]] * (10 - most)
    write_page(measured, tmp_path / "page.md")
    row = f"| sessions / bare MediaPipe's | {held / 10:.2f} | ≥ 0.90 | {verdict} |"
    assert row in (tmp_path / "page.md").read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_leaves_the_old_one(measured: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("old")
    with files_end_at(1000), pytest.raises(SignError, match=r"the page cannot be written \(File too large\)"):
        write_page(measured, tmp_path / "page.md")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_where_no_result_can_be_written_nothing_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "RESULTS", tmp_path)
    (tmp_path / "quick.json").mkdir()
    said: list[str] = []
    with pytest.raises(SignError, match=r"quick\.json: expected a place for a file, found a folder"):
        benchmark(write_video(tmp_path / "a.mp4", [picture()]), quick=True, command="", say=said.append)
    assert said == []


def test_visibility_asks_for_a_folder_of_letters(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "benchmarks.visibility"]
    assert (
        "usage: python -m benchmarks.visibility"
        in subprocess.run([*words, "--help"], capture_output=True, text=True).stdout
    )
    done = subprocess.run([*words, tmp_path], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"{tmp_path}: expected videos that are named as in L.mp4, found none" in done.stderr


@pytest.mark.browser
def test_the_page_that_is_measured_refreshes() -> None:
    page = measure_refresh(1.0)
    if page is None:
        pytest.skip("needs Chromium and Playwright")
    assert page["refreshes_per_s"] > 0
    assert page["received_bytes_per_s"] > 1000

"""One run of everything, the file it writes, and the page that shows it."""

import gc
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from benchmarks.chain import measure_attention, measure_chain, measure_memory, measure_stages
from benchmarks.footage import Footage, encode, read_footage
from benchmarks.model import measure_predictor
from benchmarks.page import write_page
from benchmarks.refresh import measure_refresh
from benchmarks.sessions import cost_of_one, count_sessions
from signcore.errors import VideoError
from signcore.files import check_new_file
from signcore.hand_model import ensure_hand_model
from signcore.predictor import SequencePredictor
from signcore.results import write_results
from signcore.settings import load_settings

_HERE: Final = Path(__file__).resolve().parent
RESULTS: Final = _HERE / "results"
PAGE: Final = _HERE.parent / "docs" / "benchmarks.md"
_USUAL_VIDEO: Final = _HERE.parent.parent / "shared" / "media" / "word_QUICK.mp4"
_PACKAGES: Final = ("mediapipe", "onnxruntime", "numpy", "av", "aiortc", "streamlit", "streamlit-webrtc", "torch")
# Kind of server, frames a second, whether the picture is sent back.
_SERVERS: Final = (
    ("signcore", 30, True),
    ("naive", 30, True),
    ("mediapipe", 30, True),
    ("echo", 30, True),
    ("signcore", 30, False),
    ("mediapipe", 30, False),
    ("signcore", 15, True),
    ("naive", 15, True),
)
_QUICK_SERVERS: Final = (("signcore", 30, True), ("naive", 30, True))


def benchmark(video: Path | None, *, quick: bool, command: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure everything, and write it to `benchmarks/results/` and, in full, to `docs/benchmarks.md`.

    Args:
        video: somebody who spells, for half a minute at most; None: ../shared/media/word_QUICK.mp4.
        quick: fewer frames and sessions; the result is written as quick.json and not shown on the page.
        command: what was typed.
        say: is told what is being measured.

    Raises:
        VideoError: no video, or none with a hand.
        SignError: the recogniser cannot start, or what was found cannot be written.
    """
    RESULTS.mkdir(exist_ok=True)
    result = RESULTS / ("quick.json" if quick else "full.json")
    check_new_file(result)
    video = video or _USUAL_VIDEO
    if not video.is_file():
        raise VideoError(f"{video.name}: expected a video to measure with, found none; name one")
    settings = load_settings()
    settings = settings.model_copy(update={"hand_model": ensure_hand_model(settings.hand_model)})
    assert settings.hand_model is not None
    predictor = SequencePredictor()
    load, began = os.getloadavg()[0], time.monotonic()
    frames, seconds = (120, 2.0) if quick else (600, 5.0)

    say("reading the video")
    footage = read_footage(video, settings.hand_model)
    # As the app does once everything is loaded.
    gc.collect()
    gc.freeze()
    # Memory first: what is measured later leaves its own behind.
    say("memory")
    memory = measure_memory(footage, predictor, settings)
    say("the chain beside MediaPipe")
    chain = measure_chain(footage, predictor, settings, frames)
    say("stages")
    stages = measure_stages(footage, predictor, settings, frames)
    say("nobody, and a held hand")
    attention = measure_attention(footage, predictor, settings, frames)
    say("the predictor beside PyTorch")
    network = measure_predictor(footage, predictor, settings, 2 * frames)
    say("the page")
    refresh = measure_refresh(2.0 * seconds)
    whole, sessions = _over_webrtc(footage, _QUICK_SERVERS if quick else _SERVERS, seconds, say)
    document = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "seconds": round(time.monotonic() - began),
        "video": video.name,
        "machine": _machine(load),
        "model": {
            "file": predictor.model_path.name,
            "sha256": sha256(predictor.model_path.read_bytes()).hexdigest(),
        },
        "chain_ratio": chain["ratio"],
        "idle_ratio": attention["idle_ratio"],
        "still_ratio": attention["still_ratio"],
        "held_ratio": attention["held_ratio"],
        "predictor_ratio": network["ratio"],
        "stages": stages,
        "chain": chain["table"],
        "attention": attention["table"],
        "whole_session": whole,
        "predictor": network["table"],
        "page": refresh,
        "memory_mib": memory,
        "sessions": sessions,
    }
    write_results(document, result)
    if not quick:
        write_page(document, PAGE)
    return document


def summary(document: dict[str, Any]) -> str:
    """What a person wants to know first."""
    page = document["page"]
    lines = [
        f"whole chain / bare MediaPipe     {document['chain_ratio']:.3f}",
        f"something moves / moving hand    {document['idle_ratio']:.3f}",
        f"nothing moves / moving hand      {document['still_ratio']:.3f}",
        f"held hand / moving hand          {document['held_ratio']:.3f}",
        f"PyTorch eager / ONNX predictor   {document['predictor_ratio'] or 'no PyTorch here'}",
        "page, cores for one viewer       " + ("no browser here" if page is None else f"{page['cores']:.3f}"),
    ]
    lines += [
        f"{run['server']:10} {run['fps']} fps{', sent back' if run['sends_back'] else '':12}  {run['held']} sessions, "
        f"{run['cores_each']:.2f} cores each"
        for run in document["sessions"]
    ]
    return "\n".join(lines)


def _over_webrtc(
    footage: Footage, servers: Sequence[tuple[str, int, bool]], seconds: float, say: Callable[[str], None]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What one session costs, sent back and not, and how many sessions each server holds."""
    with tempfile.TemporaryDirectory() as folder:
        films = {fps: Path(folder) / f"hand{fps}.webm" for fps in (30, 15)}
        nobody, restless = Path(folder) / "nobody.webm", Path(folder) / "restless.webm"
        encode(footage.moving, films[30], 30)
        encode(footage.moving[::2], films[15], 15)
        encode(footage.empty, nobody, 30)
        encode(footage.restless, restless, 30)
        say("one session with a hand, and two with nobody, over WebRTC")
        whole: dict[str, Any] = {}
        for sends_back in (True, False):
            whole["sent back" if sends_back else "not sent back"] = {
                name: cost_of_one(film, 30, sends_back=sends_back, seconds=seconds)
                for name, film in (("hand", films[30]), ("restless", restless), ("nobody", nobody))
            }
        sessions = []
        for kind, fps, sends_back in servers:
            say(f"sessions: {kind} at {fps} fps, the picture {'' if sends_back else 'not '}sent back")
            sessions.append(count_sessions(kind, films[fps], fps, sends_back=sends_back, seconds=seconds))
    return whole, sessions


def _machine(load: float) -> dict[str, Any]:
    cpu = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
    packages: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            packages[name] = version(name)
        except ModuleNotFoundError:
            packages[name] = None
    return {
        "system": platform.platform(terse=True),
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "load_before": round(load, 2),
        "python": sys.version.split()[0],
        "packages": packages,
    }

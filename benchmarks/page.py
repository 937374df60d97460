"""docs/benchmarks.md, written from one result; nothing on it is typed."""

from pathlib import Path
from typing import Any, Final

from signcore.errors import SignError
from signcore.files import whole_file

_TEMPLATE: Final = Path(__file__).with_name("page_template.md")
_BAR: Final = 30
_KINDS: Final = {
    "signcore": "signcore",
    "naive": "naive peer",
    "mediapipe": "bare MediaPipe",
    "echo": "plain echo",
}


def write_page(document: dict[str, Any], path: Path) -> None:
    """Write the page, the whole of it or nothing.

    Raises:
        SignError: the file cannot be written.
    """
    machine, model, memory = document["machine"], document["model"], document["memory_mib"]
    filled = _TEMPLATE.read_text(encoding="utf-8").format(
        command=document["command"],
        date=document["created"][:10],
        machine=f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']} GiB,\n{machine['system']}, "
        f"Python {machine['python']}, load {machine['load_before']} before it began, {document['seconds']} s in all.\n"
        f"Model `{model['file']}` (sha256 {model['sha256'][:12]}…), video `{document['video']}`.",
        goals=_goals(document),
        stages=_times(document["stages"]),
        stage_bars=_bars({name: row["cpu_ms"] for name, row in document["stages"].items()}, "ms"),
        chain=_times(document["chain"]),
        attention=_times(document["attention"]),
        whole_session=_whole_session(document["whole_session"]),
        predictor=_times(document["predictor"]),
        sessions=_sessions(document["sessions"], machine["cores"]),
        session_bars=_bars({_session_name(run): run["held"] for run in document["sessions"]}, "sessions"),
        page=_viewer(document["page"]),
        first_mib=memory["first"],
        tenth_mib=memory["tenth"],
    )
    try:
        with whole_file(path) as part:
            part.write_text(filled, encoding="utf-8")
    except OSError as error:
        raise SignError(f"{path}: the page cannot be written ({error.strerror})") from error


def _whole_session(costs: dict[str, dict[str, float]]) -> str:
    rows = [[name, *(f"{row[key]:.3f}" for key in ("hand", "restless", "nobody"))] for name, row in costs.items()]
    return _table(["picture", "hand", "nobody, something else moves", "nobody"], rows)


def _sessions(runs: list[dict[str, Any]], cores: int) -> str:
    rows = [
        [
            _session_name(run),
            str(run["held"]),
            f"{run['cores_each']:.3f}",
            f"{cores / run['cores_each']:.1f}",
            f"{run['loop_lag_p99_ms']:.0f} ms",
        ]
        for run in runs
    ]
    return _table(["server", "sessions held", "cores each", "by cores", "loop lag p99"], rows)


def _session_name(run: dict[str, Any]) -> str:
    return f"{_KINDS[run['server']]}, {run['fps']} fps{', sent back' if run['sends_back'] else ''}"


def _viewer(page: dict[str, float] | None) -> str:
    if page is None:
        return "No browser was there to measure the page with."
    share, down, up = 100 * page["cores"], page["received_bytes_per_s"], page["sent_bytes_per_s"]
    return (
        f"The reading, with 29 bars, refreshed {page['refreshes_per_s']:.0f} times a second in Chromium, takes "
        f"{share:.1f} % of a core\nof the server for one viewer. {down:,} bytes a second go to the browser over the "
        f"websocket, {up:,} come back."
    )


def _goals(document: dict[str, Any]) -> str:
    rows = [
        _goal("chain / bare MediaPipe", document["chain_ratio"], 1.10),
        _goal("nobody, something else moves / moving hand", document["idle_ratio"], 0.35),
        _goal("nobody / moving hand", document["still_ratio"], 0.35),
        _goal("held hand / moving hand", document["held_ratio"], 1.0),
    ]
    if document["predictor_ratio"] is not None:
        rows.append(_goal("PyTorch eager / ONNX Runtime", document["predictor_ratio"], 3.0, least=True))
        rows.append(_goal("predictor, ms", document["predictor"]["predictor"]["cpu_ms"], 2.0))
    for fps in (30, 15):
        ours, naive = (_held(document, kind, fps, back=True) for kind in ("signcore", "naive"))
        if naive:
            rows.append(_goal(f"sessions / naive peer's, {fps} fps", ours / naive, 2.0, least=True))
    for back in (True, False):
        than = f"bare MediaPipe's{', sent back' if back else ''}"
        ours, bare = (_held(document, kind, 30, back=back) for kind in ("signcore", "mediapipe"))
        if bare:
            rows.append(_goal(f"sessions / {than}", ours / bare, 0.9, least=True))
        rows.append(_goal(f"cores a session / {than}", _beside_bare(document, back), 1 / 0.9))
    for name, costs in document["whole_session"].items():
        for key, film in (("restless", "nobody, something else moves"), ("nobody", "nobody")):
            rows.append(_goal(f"a whole session, {film} / hand, {name}", costs[key] / costs["hand"], 0.35))
    if document["page"] is not None:
        rows.append(_goal("page, cores a viewer", document["page"]["cores"], 0.10))
    return _table(["", "measured", "goal", ""], rows)


def _goal(name: str, value: float, goal: float, *, least: bool = False) -> list[str]:
    reached = value >= goal if least else value <= goal
    return [name, f"{value:.2f}", f"{'≥' if least else '≤'} {goal:.2f}", "reached" if reached else "**not reached**"]


def _run(document: dict[str, Any], kind: str, fps: int, back: bool) -> dict[str, Any]:
    wanted = (kind, fps, back)
    return next(run for run in document["sessions"] if (run["server"], run["fps"], run["sends_back"]) == wanted)


def _held(document: dict[str, Any], kind: str, fps: int, *, back: bool) -> int:
    return int(_run(document, kind, fps, back)["held"])


def _beside_bare(document: dict[str, Any], back: bool) -> float:
    """What a session takes over what it takes with bare MediaPipe, with as many sessions as both hold.

    One session alone wakes an idle machine up for each picture, which costs differently every time.
    """
    ours, bare = (_run(document, kind, 30, back) for kind in ("signcore", "mediapipe"))
    most = max(1, min(ours["held"], bare["held"]))
    return float(ours["steps"][most - 1]["cores"] / bare["steps"][most - 1]["cores"])


def _times(table: dict[str, dict[str, float]]) -> str:
    keys = ("p50_ms", "p95_ms", "p99_ms", "cpu_ms")
    rows = [[name, *(f"{row[key]:.2f} ms" for key in keys)] for name, row in table.items()]
    return _table(["", "p50", "p95", "p99", "processor time"], rows)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _bars(values: dict[str, float], unit: str) -> str:
    longest, wide = max(values.values()) or 1, max(map(len, values))
    rows = [
        f"{name:{wide}}  {'█' * round(_BAR * value / longest):{_BAR}}  {value:g} {unit}"
        for name, value in values.items()
    ]
    return "\n".join(["```text", *rows, "```"])

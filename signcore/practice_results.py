"""The file of practice figures, and the same figures as a table."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from signcore import __version__
from signcore.practice_accuracy import SourceFigures
from signcore.predictor import SequencePredictor
from signcore.results import Document, file_facts


def practice_document(
    figures: Mapping[str, SourceFigures], predictor: SequencePredictor, clip_file: Path, *, command: str
) -> Document:
    """Practice figures as plain values, ready for JSON: `SourceFigures` by source under `sources`, "all" first."""
    return {
        "command": command,
        "date": datetime.now(UTC).date().isoformat(),
        "version": __version__,
        "model": file_facts(predictor.model_path),
        "clip_file": file_facts(clip_file),
        "sources": {name: asdict(found) for name, found in figures.items()},
    }


def practice_table(figures: Mapping[str, SourceFigures]) -> str:
    """Practice figures for a person to read."""
    page = figures["all"].accepted
    lines = [
        f"Accepted from {page.threshold:.2f} held for {page.hold_s:.2f} s; finger named in minimal pairs; finger",
        "called wrong though the recogniser is sure (with its word, by the shape alone); macro accuracy without and",
        "with a calibration, and what is then accepted, own and another.",
        "",
        _row("", "clips", "own", "another", "named", "wrong", "shape", "before", "after", "own", "another"),
    ]
    for name, found in figures.items():
        then = found.accepted_calibrated
        rates = (
            found.accepted.right, found.accepted.other, found.named, found.sure_called_wrong,
            found.shape_called_wrong, found.uncalibrated, found.calibrated,
            *((None, None) if then is None else (then.right, then.other)),
        )  # fmt: skip
        lines.append(_row(name, str(found.clips), *(_percent(rate) for rate in rates)))
    lines += ["", "All, by threshold and hold time:", _row("", "own", "another")]
    lines += [
        _row(f"  {rule.threshold:.2f}  {rule.hold_s:.2f} s", _percent(rule.right), _percent(rule.other))
        for rule in figures["all"].curve
    ]
    for name, found in figures.items():
        lines += ["", f"{name}: accepted as themselves, " + _list(found.missed, "all always")]
        lines += ["  mistaken, shown and asked for: " + _list(found.mistaken, "none")]
        lines += ["  finger named, shown and asked for: " + _list(found.pairs, "not measured")]
    return "\n".join(line.rstrip() for line in lines)


def _row(name: str, *cells: str) -> str:
    return f"{name[:30]:30}" + "".join(f"{cell:>10}" for cell in cells)


def _list(rates: Mapping[str, float], if_none: str) -> str:
    return ", ".join(f"{name} {_percent(rate)}" for name, rate in rates.items()) or if_none


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f} %"

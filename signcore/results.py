"""The results file: what an evaluation found and what it was found with, for the Model page and the model card."""

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from signcore import __version__
from signcore.errors import SignError
from signcore.evaluation import Result
from signcore.files import whole_file
from signcore.metrics import Acceptance
from signcore.predictor import SequencePredictor

Document = dict[str, Any]


def results_document(
    result: Result, predictor: SequencePredictor, clip_file: Path, *, command: str, include_suspect: bool
) -> Document:
    """An evaluation as plain values, ready for JSON.

    The fields of `Score` (`clips`, `accuracy`, `macro`, `macro_still`, `macro_all`, `moving`) stand at the top and in
    every entry of `per_source`; `mirrored`, `noise`, `dropped` and each of `fps` are such scores. `coverage_at_99` and
    `threshold_at_99` are of `Result.at_99`, `accepted` is `Result.at_model_threshold`. Files are named without folders.
    """
    plain = asdict(result)
    found = plain.pop("score")
    return {
        "command": command,
        "date": datetime.now(UTC).date().isoformat(),
        "version": __version__,
        "model": file_facts(predictor.model_path) | {"window": predictor.window, "threshold": predictor.threshold},
        "clip_file": file_facts(clip_file) | {"include_suspect": include_suspect},
        **found,
        **_at_99(result.at_99),
        "accepted": plain.pop("at_model_threshold"),
        "per_source": {
            name: {
                "licence": source.licence,
                **asdict(source.score),
                "ece": source.ece,
                **_at_99(source.at_99),
                "confusion": source.confusion,
                "per_letter": plain["per_source"][name]["per_letter"],
            }
            for name, source in result.per_source.items()
        },
        **{key: value for key, value in plain.items() if key not in ("per_source", "at_99")},
    }


def write_results(document: Document, path: Path) -> None:
    """Write a results document as JSON, the whole of it or nothing.

    Raises:
        SignError: the file cannot be written.
    """
    try:
        with whole_file(path) as part:
            part.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise SignError(f"{path}: the results cannot be written: {error.strerror}") from error


def results_table(document: Document) -> str:
    """A results document for a person to read."""
    at_model = document["accepted"]
    lines = [
        f"{document['clips']} clips of {document['clip_file']['file']}, read by {document['model']['file']}",
        "",
        _row("", "clips", "macro", "still", "J", "Z", "ECE", "at 99 %"),
        _score_row("all", document, document),
        *(_score_row(name, source, source) for name, source in document["per_source"].items()),
        "",
        _row("under", "clips", "macro", "still", "J", "Z"),
        *(_score_row(f"{fps} fps", found) for fps, found in document["fps"].items()),
        *(_score_row(name, document[name]) for name in ("mirrored", "noise", "dropped") if document[name]),
        "",
        f"accepted at the model's threshold {at_model['threshold']:.2f}: {_percent(at_model['coverage'])}, "
        f"right {_percent(at_model['precision'])}",
        "",
        _row("letter", "clips", "right", "precision") + "   taken for",
        *(_letter_row(label, letter) for label, letter in document["per_letter"].items()),
    ]
    return "\n".join(line.rstrip() for line in lines)


def file_facts(path: Path) -> Document:
    """A file's name, size and hash, by which its results know it."""
    content = path.read_bytes()
    return {"file": path.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _at_99(found: Acceptance) -> Document:
    return {"coverage_at_99": found.coverage, "threshold_at_99": found.threshold if found.coverage else None}


def _score_row(name: str, found: Document, calibration: Document | None = None) -> str:
    moving = found["moving"]
    cells = [str(found["clips"]), *(_share(value) for value in (found["macro"], found["macro_still"]))]
    cells += [_share(moving.get(letter)) for letter in ("J", "Z")]
    if calibration is not None:
        cells += [_share(calibration["ece"]), _percent(calibration["coverage_at_99"])]
    return _row(name, *cells)


def _letter_row(label: str, letter: Document) -> str:
    row = _row(label, str(letter["clips"]), _percent(letter["accuracy"]), _percent(letter["precision"]))
    return f"{row}   {letter['taken_for']} {_percent(letter['taken_for_share'])}" if letter["taken_for"] else row


def _row(name: str, *cells: str) -> str:
    return f"{name[:28]:28}" + "".join(f"{cell:>11}" for cell in cells)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"

"""What is known about the model: from its own file and from the results file beside it. No Streamlit in here."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from signcore.dashboard.charts import label_name
from signcore.errors import SignError

RESULTS_FILE: Final = "results.json"
_NEEDED: Final = ("command", "date", "model", "clip_file", "clips", "labels", "confusion", "per_letter", "per_source")


def read_results(model_path: Path) -> dict[str, Any] | None:
    """The results file beside a model, as `signcore.results.results_document` makes it; None where there is none.

    Raises:
        SignError: the file is not such a document.
    """
    path = model_path.with_name(RESULTS_FILE)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise SignError(f"{path.name}: not a readable results file ({error})") from error
    missing = [key for key in _NEEDED if key not in document] if isinstance(document, dict) else list(_NEEDED)
    if missing:
        raise SignError(f"{path.name}: expected the keys {', '.join(_NEEDED)}; missing: {', '.join(missing)}")
    return dict(document)


def measured_on(document: Mapping[str, Any], model_path: Path) -> bool:
    """Whether the results are those of this very model file."""
    return bool(document["model"].get("sha256") == hashlib.sha256(model_path.read_bytes()).hexdigest())


def training_sources(metadata: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the model says it was trained on: every source with name, licence and clips; empty if it does not say."""
    try:
        return [dict(source) for source in json.loads(metadata["sources"])]
    except (KeyError, ValueError, TypeError):
        return []


def letter_rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The measured classes as rows of a table; shares in per cent."""
    return [
        {
            "Class": label_name(label),
            "Clips": row["clips"],
            "Read right": _percent(row["accuracy"]),
            "Right when said": _percent(row["precision"]),
            "Most often taken for": f"{label_name(row['taken_for'])} {row['taken_for_share']:.1%}"
            if row["taken_for"]
            else "",
        }
        for label, row in document["per_letter"].items()
    ]


def source_rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The measured sources as rows of a table; shares in per cent."""
    return [
        {
            "Signers": name,
            "Clips": row["clips"],
            "Mean over letters": _percent(row["macro"]),
            "J": _percent(row["moving"].get("J")),
            "Z": _percent(row["moving"].get("Z")),
        }
        for name, row in document["per_source"].items()
    ]


def commonest_mistakes(document: Mapping[str, Any], count: int) -> list[str]:
    """The most frequent confusions, as "T for L (31 of 204)": what was answered for what was signed."""
    labels, confusion = document["labels"], document["confusion"]
    pairs = [
        (row[answer], truth, answer)
        for truth, row in enumerate(confusion)
        for answer in range(len(row))
        if answer != truth and row[answer] > 0
    ]
    return [
        f"{label_name(labels[answer])} for {label_name(labels[truth])} ({times} of {sum(confusion[truth])})"
        for times, truth, answer in sorted(pairs, reverse=True)[:count]
    ]


def _percent(share: float | None) -> float | None:
    return None if share is None else 100.0 * share

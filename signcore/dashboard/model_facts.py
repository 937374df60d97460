"""What is known about the model, as rows of tables. Shares are in per cent. No Streamlit in here."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from signcore.dashboard.charts import label_name
from signcore.metrics import LetterScore, confusions
from signcore.model_results import CrossValidation, OwnHandGain, Results, Score
from signcore.model_sources import TrainingSource

_NAMES: Final = {"mirrored": "Mirrored: the other hand", "noise": "Trembling landmarks"}

Row = dict[str, Any]


def training_rows(sources: Sequence[TrainingSource], crossval: CrossValidation | None) -> list[Row]:
    """Every training source, with how well nets that never saw it read it."""
    left_out = crossval.per_source if crossval is not None else {}
    return [
        {
            "Source": each.name,
            "Licence": each.licence,
            "Clips": each.clips,
            **({"Read when left out": _percent(left_out.get(each.name))} if left_out else {}),
        }
        for each in sources
    ]


def short_name(source: str) -> str:
    """A source without the name of its repository, for a narrow table: "owner+repository#p1" is "owner p1"."""
    return re.sub(r"\+[^#)]*", "", source).replace("#", " ")


def letter_rows(per_letter: Mapping[str, LetterScore]) -> list[Row]:
    """The measured classes."""
    return [
        {
            "Class": label_name(label),
            "Clips": row.clips,
            "Read right": _percent(row.accuracy),
            "Right when said": _percent(row.precision),
            "Most often taken for": f"{label_name(row.taken_for)} {row.taken_for_share:.1%}" if row.taken_for else "",
        }
        for label, row in per_letter.items()
    ]


def source_rows(results: Results) -> list[Row]:
    """The measured sources."""
    return [
        {
            "Signers": short_name(name),
            "Clips": row.clips,
            "Mean over letters": _percent(row.macro),
            "J": _percent(row.moving.get("J")),
            "Z": _percent(row.moving.get("Z")),
        }
        for name, row in results.per_source.items()
    ]


def own_hand_rows(people: Sequence[OwnHandGain]) -> list[Row]:
    """What a few clips of each class gain, person by person."""
    return [
        {
            "Signers": short_name(each.person),
            "Clips of each": each.samples,
            **{
                f"{what}, {how}": _percent(getattr(taught, field))
                for what, field in (("Letters", "macro"), ("Errors", "cer"))
                for how, taught in (
                    ("as it is", each.shipped),
                    ("My hand", each.corrected),
                    ("trained on", each.trained),
                )
            },
        }
        for each in people
    ]


def certainty_rows(results: Results) -> list[Row]:
    """How far the stated confidence can be trusted: all clips, then each source."""
    return [
        {
            "Signers": short_name(name),
            "Calibration error": row.ece,
            "Coverage at 99%": _percent(row.coverage_at_99),
            "Sure from": _percent(row.threshold_at_99),
        }
        for name, row in (("All", results), *results.per_source.items())
    ]


def condition_rows(results: Results) -> list[Row]:
    """The same clips under worse conditions, each beside what it is to be compared with."""
    rows = [_condition("As recorded", results, None)]
    rows += [_condition(name, getattr(results, key), results) for key, name in _NAMES.items()]
    fastest = results.fps[max(results.fps)] if results.fps else None
    for fps, score in results.fps.items():
        rows.append(_condition(f"Camera of {fps} fps", score, None if score is fastest else fastest))
    if results.dropped is not None:
        rows.append(_condition("Frames lost", results.dropped, fastest))
    return rows


def word_rows(results: Results) -> list[Row]:
    """Character errors of each source, a column for each speed."""
    if results.words is None:
        return []
    return [
        {"Signers": short_name(name), **{f"{speed} a second": _percent(rate) for speed, rate in rates.items()}}
        for name, rates in {"All": results.words.cer, **results.words.per_source}.items()
    ]


def commonest_mistakes(labels: Sequence[str], confusion: Sequence[Sequence[int]], count: int) -> list[str]:
    """The most frequent confusions, as "T for L (31 of 204)": what was answered for what was signed."""
    return [
        f"{label_name(labels[answer])} for {label_name(labels[truth])} ({times} of {sum(confusion[truth])})"
        for times, truth, answer in confusions(confusion)[:count]
    ]


def _condition(name: str, score: Score, beside: Score | None) -> Row:
    return {
        "Condition": name,
        "Clips": score.clips,
        "Mean over letters": _percent(score.macro),
        "Change, points": None if beside is None else _change(score.macro, beside.macro),
        "J": _percent(score.moving.get("J")),
        "Z": _percent(score.moving.get("Z")),
    }


def _change(share: float | None, other: float | None) -> str | None:
    if share is None or other is None:
        return None
    points = round(100.0 * (share - other), 1)
    # Nothing has no sign.
    return f"{points:+.1f}" if points else "0.0"


def _percent(share: float | None) -> float | None:
    return None if share is None else 100.0 * share

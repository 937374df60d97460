"""The figures of a person's progress. No Streamlit in here."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from signcore.labels import LETTERS
from signcore.progress import NOT_READ, LetterProgress

_QUIET: Final = "rgba(128,134,145,0.55)"
_GRID: Final = "rgba(128,134,145,0.25)"
_CLEAR: Final = "rgba(0,0,0,0)"


def letters_chart(letters: Sequence[LetterProgress], accent: str) -> go.Figure:
    """The share of right answers for each letter, of the last ten; the hover says of how many and how quick."""
    known = {one.letter: one for one in letters}
    shown = [known.get(letter) for letter in LETTERS]
    bars = go.Bar(
        x=list(LETTERS),
        y=[None if one is None else one.recent for one in shown],
        marker={"color": accent, "cornerradius": 3},
        customdata=[_told(one) for one in shown],
        hovertemplate="%{x}: %{y:.0%} lately<br>%{customdata}<extra></extra>",
    )
    return go.Figure(bars, _layout(220, _letters_axis(), {"range": [0, 1.02], "tickformat": ".0%", "dtick": 0.5}))


def seconds_chart(letters: Sequence[LetterProgress], accent: str) -> go.Figure:
    """The median time of the right answers for each letter, seconds."""
    known = {one.letter: one.seconds for one in letters}
    bars = go.Bar(
        x=list(LETTERS),
        y=[known.get(letter) for letter in LETTERS],
        marker={"color": accent, "cornerradius": 3},
        hovertemplate="%{x}: %{y:.1f} s<extra></extra>",
    )
    return go.Figure(bars, _layout(220, _letters_axis(), {"rangemode": "tozero", "ticksuffix": " s", "nticks": 4}))


def days_chart(days: Mapping[date, tuple[int, int]], accent: str) -> go.Figure:
    """For each day how many answers were right and how many were not."""
    x = [day.isoformat() for day in days]
    right = [right for right, _ in days.values()]
    wrong = [total - right for right, total in days.values()]
    bars = [
        go.Bar(x=x, y=right, name="right", marker={"color": accent}, hovertemplate="%{x}: %{y} right<extra></extra>"),
        go.Bar(x=x, y=wrong, name="not", marker={"color": _QUIET}, hovertemplate="%{x}: %{y} not right<extra></extra>"),
    ]  # fmt: skip
    layout = _layout(220, {"type": "category", "nticks": 8}, {"rangemode": "tozero", "nticks": 4})
    return go.Figure(bars, {**layout, "barmode": "stack", "bargap": 0.4 if len(x) > 3 else 0.8})


def confusions_chart(counts: NDArray[np.int64], accent: str) -> go.Figure:
    """What was read for what was asked. Right answers are left out: they would drown the others.

    Args:
        counts: (26, 27), as `signcore.progress.confusions` gives it.
        accent: the colour of the most frequent one.
    """
    wrong = counts.astype(float)
    np.fill_diagonal(wrong, 0.0)
    wrong[wrong == 0.0] = np.nan
    heatmap = go.Heatmap(
        x=[*LETTERS, NOT_READ],
        y=list(LETTERS),
        z=wrong.tolist(),
        zmin=0,
        colorscale=[[0, "rgba(128,134,145,0.28)"], [1, accent]],
        showscale=False,
        xgap=1,
        ygap=1,
        hovertemplate="asked %{y}, read %{x}: %{z}<extra></extra>",
    )
    axis = {"tickfont": {"size": 11}, "dtick": 1, "tickangle": 0, "gridcolor": "rgba(128,134,145,0.12)"}
    layout = _layout(460, {**axis, "title": {"text": "read"}}, {**axis, "title": {"text": "asked"}})
    layout["yaxis"]["autorange"] = "reversed"
    return go.Figure(heatmap, layout)


def _told(one: LetterProgress | None) -> str:
    if one is None:
        return ""
    told = f"{one.right} of {one.attempts} right"
    return told if one.seconds is None else f"{told}, {one.seconds:.1f} s"


def _letters_axis() -> dict[str, Any]:
    return {"categoryorder": "array", "categoryarray": list(LETTERS), "range": [-0.6, len(LETTERS) - 0.4], "dtick": 1}


def _layout(height: int, xaxis: dict[str, Any], yaxis: dict[str, Any]) -> dict[str, Any]:
    return {
        "template": go.layout.Template(),
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": _CLEAR,
        "plot_bgcolor": _CLEAR,
        "showlegend": False,
        "xaxis": {"fixedrange": True, "automargin": True, "showgrid": False, "zeroline": False, **xaxis},
        "yaxis": {"fixedrange": True, "automargin": True, "gridcolor": _GRID, "zeroline": False, **yaxis},
    }

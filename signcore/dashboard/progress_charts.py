"""The figures of a person's progress. No Streamlit in here."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from signcore.dashboard.charts import CLEAR, GRID, QUIET, plain_layout
from signcore.labels import LETTERS
from signcore.progress import NOT_READ, LetterProgress

# The share from which on the heat map is as full as it gets.
FULL_FROM: Final = 0.5
# The same for all bars, so that a letter stands below itself.
_BARS_MARGIN: Final = {"l": 44, "r": 8, "t": 8, "b": 26}
_TOLD: Final = 10
_FEW: Final = 4
_DAYS_NAMED: Final = 6


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


def letters_told(letters: Sequence[LetterProgress]) -> str:
    """What `letters_chart` shows, in words."""
    return "Right, of the last ten times: " + ", ".join(f"{one.letter} {one.recent:.0%}" for one in letters)


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


def seconds_told(letters: Sequence[LetterProgress]) -> str:
    """What `seconds_chart` shows, in words."""
    shown = [f"{one.letter} {one.seconds:.1f} s" for one in letters if one.seconds is not None]
    return "Time to sign: " + ", ".join(shown)


def day_name(day: date) -> str:
    """A day as one says it: 23 Nov."""
    return f"{day.day} {day:%b}"


def days_chart(days: Mapping[date, tuple[int, int]], accent: str) -> go.Figure:
    """For each day how many answers were right and how many were not."""
    x = [day.isoformat() for day in days]
    names = [day_name(day) for day in days]
    right = [right for right, _ in days.values()]
    wrong = [total - right for right, total in days.values()]
    bars = [
        go.Bar(
            x=x,
            y=counts,
            name=name,
            marker={"color": colour},
            customdata=names,
            hovertemplate=f"%{{customdata}}: %{{y}} {name}<extra></extra>",
        )
        for counts, name, colour in ((right, "right", accent), (wrong, "not right", QUIET))
    ]
    # Left to itself, a day with one answer has half of one on its axis.
    whole = {"tickformat": "d", "dtick": 1} if max(map(sum, zip(right, wrong, strict=True)), default=0) <= _FEW else {}
    step = math.ceil(len(x) / _DAYS_NAMED) or 1
    named = {"type": "category", "tickvals": x[::step], "ticktext": names[::step], "tickangle": 0}
    layout = _layout(220, named, {"rangemode": "tozero", "nticks": 4, **whole})
    legend = {
        "orientation": "h",
        "x": 1,
        "xanchor": "right",
        "y": 1,
        "yanchor": "bottom",
        "bgcolor": CLEAR,
        "traceorder": "normal",
    }
    stacked = {"barmode": "stack", "bargap": 0.4 if len(x) > 3 else 0.8}
    margin = {**_BARS_MARGIN, "t": 28}
    return go.Figure(bars, {**layout, **stacked, "showlegend": True, "legend": legend, "margin": margin})


def days_told(days: Mapping[date, tuple[int, int]]) -> str:
    """What `days_chart` shows, in words."""
    return "Day by day: " + ", ".join(f"{day_name(day)} {right} of {total}" for day, (right, total) in days.items())


def confusions_chart(counts: NDArray[np.int64], accent: str) -> go.Figure:
    """How often what was asked was read as something else: a share, on the same axes and colours for whatever counts.

    Right answers are left out: they would drown the others.

    Args:
        counts: (26, 27), as `signcore.progress.confusions` gives it.
        accent: the colour of what goes wrong every second time or more.
    """
    asked = np.broadcast_to(counts.sum(axis=1, keepdims=True), counts.shape)
    wrong = counts * (1 - np.eye(*counts.shape, dtype=np.int64))
    share = np.divide(wrong, asked, out=np.full(counts.shape, np.nan), where=wrong > 0)
    heatmap = go.Heatmap(
        x=[*LETTERS, NOT_READ],
        y=list(LETTERS),
        z=[[None if np.isnan(cell) else round(float(cell), 4) for cell in row] for row in share],
        customdata=np.stack([wrong, asked], axis=-1).tolist(),
        zmin=0,
        zmax=FULL_FROM,
        colorscale=[[0, "rgba(128,134,145,0.22)"], [1, accent]],
        showscale=False,
        xgap=1,
        ygap=1,
        hovertemplate="asked %{y}, read %{x}: %{customdata[0]} of %{customdata[1]}<extra></extra>",
    )
    axis = {"tickfont": {"size": 11}, "dtick": 1, "tickangle": 0, "ticks": "", "gridcolor": "rgba(128,134,145,0.12)"}
    axis["automargin"] = True
    # The name of the last column is wider than it is.
    names = {"tickvals": [*LETTERS, NOT_READ], "ticktext": [*LETTERS, "-"]}
    # Said, because a chart without any mistake has no cell to tell it from.
    x = {
        **axis,
        **names,
        "type": "category",
        "categoryarray": [*LETTERS, NOT_READ],
        "title": {"text": "read"},
        "range": [-0.6, len(LETTERS) + 0.6],
        "showgrid": True,
    }
    y = {
        **axis,
        "type": "category",
        "categoryarray": list(LETTERS),
        "title": {"text": "asked"},
        "range": [len(LETTERS) - 0.4, -0.6],
    }
    return go.Figure(heatmap, {**_layout(460, x, y), "margin": {"l": 8, "r": 8, "t": 8, "b": 8}})


def confusions_told(counts: NDArray[np.int64]) -> str:
    """What `confusions_chart` shows, in words: the most frequent; counts (26, 27)."""
    wrong = counts * (1 - np.eye(*counts.shape, dtype=np.int64))
    most = np.argsort(-wrong, axis=None, kind="stable")[:_TOLD]
    names = [*LETTERS, "nothing"]
    told = [
        f"{LETTERS[row]} read as {names[column]}, {wrong[row, column]} of {counts[row].sum()}"
        for row, column in (divmod(int(place), len(names)) for place in most)
        if wrong[row, column]
    ]
    return f"Mixed up: {'; '.join(told) or 'nothing'}"


def _told(one: LetterProgress | None) -> str:
    if one is None:
        return ""
    told = f"{one.right} of {one.attempts} right"
    return told if one.seconds is None else f"{told}, {one.seconds:.1f} s"


def _letters_axis() -> dict[str, Any]:
    return {"categoryorder": "array", "categoryarray": list(LETTERS), "range": [-0.6, len(LETTERS) - 0.4], "dtick": 1}


def _layout(height: int, xaxis: dict[str, Any], yaxis: dict[str, Any]) -> dict[str, Any]:
    return plain_layout(
        height,
        showlegend=False,
        hovermode="closest",
        dragmode=False,
        margin=_BARS_MARGIN,
        xaxis={"fixedrange": True, "showgrid": False, "zeroline": False, **xaxis},
        yaxis={"fixedrange": True, "gridcolor": GRID, "zeroline": False, **yaxis},
    )

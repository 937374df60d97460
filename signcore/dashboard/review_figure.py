"""The evidence timeline: what was read in a recording and why, over time. No Streamlit in here."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from signcore.alignment import Difference, Pair
from signcore.dashboard.charts import CLEAR, GRID, QUIET, label_name, plain_layout
from signcore.dashboard.review_words import clock, event_sentence
from signcore.features import FloatArray
from signcore.labels import LABELS, NOTHING
from signcore.recording import Recording
from signcore.transcript import EventKind

# Enough for a wide screen; half an hour is 54,000 frames.
COLUMNS: Final = 1200
# The traces whose numbers the browser replaces when a part of the time is looked at closely; `review_timeline.js`
# knows these names.
HEAT: Final = "heat"
CONFIDENCE: Final = "confidence"
HAND: Final = "hand"

# The axis is one of dates, so that it is written in minutes and seconds. Plotly takes a number below 10,000 for a year,
# so the recording begins a day after its zero; `review_timeline.js` knows this number too.
DAY_MS: Final = 86_400_000.0

# From below.
_MARK_ROWS: Final = ("not written", "written", "meant", "notes")
# How probable a label must once have been to have a row, and to how many rows such labels fill up the others.
_WORTH_A_ROW: Final = 0.05
_MOST_ROWS: Final = 12

# In pixels.
_ROW: Final = 15
_MARK_ROW: Final = 19
_CURVE: Final = 36
_STRIP: Final = 10
_GAP: Final = 6
_TOP: Final = 6
_BOTTOM: Final = 24


def timeline(recording: Recording, accent: str, meant: Sequence[tuple[Pair, tuple[float, float]]] = ()) -> go.Figure:
    """Events, probabilities, confidence and hand above one axis of time in milliseconds; as high as its rows need.

    Args:
        recording: what to show; of its notes all.
        accent: the colour of what was read.
        meant: what was meant, beside what was read, from when to when; empty: nothing is known about that.
    """
    columns = min(COLUMNS, len(recording))
    step_ms = max(float(recording.t_ms[-1]), 1.0) / columns
    heat = recording.heat_map(columns)
    rows = _rows(recording, heat, [pair for pair, _ in meant])
    marks = [name for name in _MARK_ROWS if meant or name != "meant"]
    time = {"x0": DAY_MS + step_ms / 2, "dx": step_ms}
    traces = [
        *_event_traces(recording, accent),
        *([_meant_trace(meant, accent)] if meant else []),
        go.Heatmap(
            name=HEAT,
            z=heat[rows],
            y=[label_name(LABELS[row]) for row in rows],
            **time,
            zmin=0,
            zmax=1,
            colorscale=[[0, "rgba(128,134,145,0.10)"], [0.5, _see_through(accent, 0.55)], [1, accent]],
            showscale=False,
            yaxis="y2",
            hovertemplate="%{y} %{z:.0%}<extra></extra>",
        ),
        go.Scatter(
            name=CONFIDENCE,
            x=time["x0"] + time["dx"] * np.arange(columns),
            y=np.max(heat, axis=0),
            mode="lines",
            line={"color": accent, "width": 1.5},
            yaxis="y3",
            hoverinfo="skip",
        ),
        go.Heatmap(
            name=HAND,
            z=[_status(recording, columns)],
            y=["hand"],
            **time,
            zmin=0,
            zmax=2,
            colorscale=[[0, CLEAR], [0.5, QUIET], [1, accent]],
            showscale=False,
            yaxis="y4",
            hoverinfo="skip",
        ),
    ]
    return go.Figure(traces, _layout(recording, len(rows), marks))


def _rows(recording: Recording, heat: FloatArray, meant: Sequence[Pair]) -> list[int]:
    """The labels to draw: what was written or meant, none, and of the others the most probable ones."""
    reached = np.nan_to_num(heat)
    drawn = {event.label for event in recording.events if event.kind is not EventKind.REJECTED}
    drawn |= {pair.meant for pair in meant} | {NOTHING}
    found = {row for row, label in enumerate(LABELS) if label in drawn}
    for row in np.argsort(-reached.sum(axis=1), kind="stable").tolist():
        if len(found) < _MOST_ROWS and reached[row].max() >= _WORTH_A_ROW:
            found.add(row)
    return sorted(found)


def _status(recording: Recording, columns: int) -> list[int]:
    """In the middle of each column: no hand, a window that fills, reading."""
    middles = (np.arange(columns) + 0.5) * float(recording.t_ms[-1]) / columns
    found: list[int] = recording.status[np.searchsorted(recording.t_ms, middles, side="right") - 1].tolist()
    return found


def _event_traces(recording: Recording, accent: str) -> list[go.Scatter]:
    written = [event for event in recording.events if event.kind is not EventKind.REJECTED]
    rejected = [event for event in recording.events if event.kind is EventKind.REJECTED]
    changes = {EventKind.UNDO: "↶", EventKind.CLEAR: "⌫", EventKind.DELETE: "⌫", EventKind.SPACE: "␣"}
    return [
        _marks(
            "notes",
            [note.at_ms for note in recording.notes],
            [f"{clock(note.at_ms)} {note.author}: {note.text}" for note in recording.notes],
            {"symbol": "diamond", "size": 8, "color": QUIET, "line": {"width": 1, "color": accent}},
        ),
        _marks(
            "written",
            [event.end_ms for event in written],
            [f"{clock(event.end_ms)} {event_sentence(event)}" for event in written],
            {"symbol": "square", "size": 13, "color": CLEAR},
            [changes.get(event.kind, event.label or "✓") for event in written],
        ),
        _marks(
            "not written",
            [event.end_ms for event in rejected],
            [f"{clock(event.end_ms)} {event_sentence(event)}" for event in rejected],
            {"symbol": "x-thin", "size": 7, "line": {"width": 1.5, "color": QUIET}},
            ["" if event.label is None else label_name(event.label) for event in rejected],
        ),
    ]


def _meant_trace(meant: Sequence[tuple[Pair, tuple[float, float]]], accent: str) -> go.Scatter:
    return _marks(
        "meant",
        [end for _, (_, end) in meant],
        [f"{pair.meant or 'nothing'}: {pair.difference}" for pair, _ in meant],
        {
            "symbol": "circle-open",
            "size": 17,
            "color": [CLEAR if pair.difference is Difference.NONE else accent for pair, _ in meant],
        },
        [pair.meant or "·" for pair, _ in meant],
    )


def _marks(
    row: str, at_ms: list[float], said: list[str], marker: dict[str, Any], letters: list[str] | None = None
) -> go.Scatter:
    """Marks in one of the rows at the top, with letters that the browser hides where they are too many."""
    return go.Scatter(
        name=row,
        x=[DAY_MS + ms for ms in at_ms],
        y=[row] * len(at_ms),
        mode="markers" if letters is None else "markers+text",
        text=letters,
        textposition="middle right" if row == "not written" else "middle center",
        textfont={"size": 10 if row == "not written" else 13, "weight": "normal" if row == "not written" else "bold"},
        marker=marker,
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
        yaxis="y",
        cliponaxis=False,
    )


def _layout(recording: Recording, rows: int, marks: Sequence[str]) -> dict[str, Any]:
    axis = {"fixedrange": True, "showgrid": False, "zeroline": False, "ticks": "", "tickfont": {"size": 11}}
    heights = (_MARK_ROW * len(marks), _ROW * rows, _CURVE, _STRIP)
    whole = sum(heights) + _GAP * (len(heights) - 1)
    tops = [whole - sum(heights[:above]) - _GAP * above for above in range(len(heights))]
    domains = [[(top - height) / whole, top / whole] for top, height in zip(tops, heights, strict=True)]
    end_ms = DAY_MS + max(float(recording.t_ms[-1]), 1.0)
    threshold = recording.manifest.settings.get("threshold")
    return {
        **plain_layout(_TOP + whole + _BOTTOM),
        "margin": {"l": 72, "r": 10, "t": _TOP, "b": _BOTTOM},
        "showlegend": False,
        "dragmode": "zoom",
        "hovermode": "closest",
        "xaxis": {
            "type": "date",
            "range": [DAY_MS, end_ms],
            "minallowed": DAY_MS,
            "maxallowed": end_ms,
            "tickformatstops": [
                {"dtickrange": [None, 999], "value": "%-M:%S.%L"},
                {"dtickrange": [1000, None], "value": "%-H:%M:%S" if recording.seconds >= 3600 else "%-M:%S"},
            ],
            "anchor": "y4",
            "showgrid": True,
            "gridcolor": GRID,
            "zeroline": False,
            "tickfont": {"size": 11},
        },
        "yaxis": {
            **axis,
            "domain": domains[0],
            "type": "category",
            "categoryarray": list(marks),
            "range": [-0.5, len(marks) - 0.5],
        },
        "yaxis2": {**axis, "domain": domains[1], "autorange": "reversed", "dtick": 1},
        "yaxis3": {**axis, "domain": domains[2], "range": [0, 1.05], "tickvals": [0.5], "ticktext": ["confidence"]},
        "yaxis4": {**axis, "domain": domains[3]},
        "shapes": []
        if threshold is None
        else [
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "yref": "y3",
                "y0": threshold,
                "y1": threshold,
                "line": {"color": QUIET, "width": 1, "dash": "dot"},
            }
        ],
    }


def _see_through(colour: str, share: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"

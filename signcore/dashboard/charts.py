"""The bars of the Live page, and what all figures have in common. No Streamlit in here."""

from typing import Any, Final

import plotly.graph_objects as go

from signcore.features import FloatArray
from signcore.labels import DELETE, LABELS, LETTERS, NOTHING, SPACE

# Greys that can be seen on a light and on a dark page.
QUIET: Final = "rgba(128,134,145,0.55)"
GRID: Final = "rgba(128,134,145,0.25)"
CLEAR: Final = "rgba(0,0,0,0)"
_NAMES: Final = {SPACE: "space", DELETE: "delete", NOTHING: "none"}
# The three long names stand a little apart, where there is room for them.
_PLACES: Final[tuple[float, ...]] = (*range(len(LETTERS)), 27.4, 30.8, 33.9)
# A label that is hardly there is no runner-up worth a mark.
_MARKED_FROM: Final = 0.05
# Names beside the axis that are nearer to each other than this would touch.
_APART: Final = 0.1


def label_name(label: str) -> str:
    """How a label is written for people: the letter, or "space", "delete", "none"."""
    return _NAMES.get(label, label)


def plain_layout(height: int, **more: Any) -> dict[str, Any]:
    """The layout of a figure in the page's own colours, with hardly a margin.

    Args:
        height: in pixels.
        more: of Plotly's layout; it goes before what stands here.
    """
    return {
        # The default template is larger than most figures, and the bars go to the browser 5 times a second.
        "template": go.layout.Template(),
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        **more,
    }


def probability_bars(probabilities: FloatArray | None, accent: str, *, sure_from: float) -> go.Figure:
    """Bars over all 29 classes, always in the same order on the same axis from 0 to 1.

    The most probable class is filled, the second is hatched and outlined; both say how probable they are.

    Args:
        probabilities: (29,) that sum to 1; None: nothing is being read, all bars are 0.
        accent: the colour of the two that are marked.
        sure_from: the probability from which on a letter is sure, as a line across.
    """
    values = [0.0] * len(LABELS) if probabilities is None else probabilities.tolist()
    ranked = sorted(range(len(LABELS)), key=values.__getitem__, reverse=True)
    marked = [index for index in ranked[:2] if values[index] >= _MARKED_FROM]
    top, second = (*marked, None, None)[:2]
    colours = [accent if index in marked else QUIET for index in range(len(LABELS))]
    texts = [f"{values[i]:.0%}" if i in marked else "" for i in range(len(LABELS))]
    bars = go.Bar(
        x=_PLACES,
        y=values,
        width=0.78,
        marker={
            "color": colours,
            "line": {"color": accent, "width": [1.5 if index == second else 0 for index in range(len(LABELS))]},
            "pattern": {
                "shape": ["/" if index == second else "" for index in range(len(LABELS))],
                "fillmode": "replace",
                "size": 5,
            },
            "cornerradius": 3,
        },
        text=texts,
        textposition="outside",
        textangle=0,
        textfont={"size": 12},
        constraintext="none",
        cliponaxis=False,
        hoverinfo="skip",
    )
    names = [label_name(label) for label in LABELS]
    ticks = [f"<b>{name}</b>" if index == top else name for index, name in enumerate(names)]
    return go.Figure(bars, _bars_layout(ticks, sure_from))


def bars_told(probabilities: FloatArray | None) -> str:
    """What the bars show, in words: the two most probable classes that are marked.

    Args:
        probabilities: (29,) that sum to 1; None: nothing is being read.
    """
    if probabilities is None:
        return "How probable each letter is: nothing is read"
    values = probabilities.tolist()
    first, second = sorted(range(len(LABELS)), key=values.__getitem__, reverse=True)[:2]
    then = f", then {label_name(LABELS[second])} {values[second]:.0%}" if values[second] >= _MARKED_FROM else ""
    return f"How probable each letter is: {label_name(LABELS[first])} {values[first]:.0%}{then}"


def _bars_layout(ticks: list[str], sure_from: float) -> dict[str, Any]:
    heights = {**{tick: f"{tick:g}" for tick in (0, 0.5, 1) if abs(tick - sure_from) > _APART}, sure_from: "sure"}
    return {
        **plain_layout(226),
        "margin": {"l": 30, "r": 4, "t": 38, "b": 22},
        "title": {
            "text": "How sure it is of each letter",
            "font": {"size": 13},
            "x": 0,
            "xref": "paper",
            "y": 1,
            "yanchor": "top",
            "pad": {"t": 2},
        },
        "showlegend": False,
        "dragmode": False,
        "uirevision": "bars",
        "shapes": [
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": sure_from,
                "y1": sure_from,
                "line": {"color": QUIET, "width": 2, "dash": "dash"},
            }
        ],
        "xaxis": {
            "range": [-0.7, _PLACES[-1] + 1.3],
            "fixedrange": True,
            "tickvals": _PLACES,
            "ticktext": ticks,
            "tickangle": 0,
            "ticklabelstandoff": 3,
            "tickfont": {"size": 10},
            "showgrid": False,
            "zeroline": False,
            "ticks": "",
        },
        "yaxis": {
            "range": [0, 1],
            "fixedrange": True,
            "tickvals": list(heights),
            "ticktext": list(heights.values()),
            "ticklabelstandoff": 5,
            "tickfont": {"size": 10},
            "gridcolor": "rgba(128,134,145,0.25)",
            "zeroline": False,
        },
    }

"""The figures of the Model page, built from the results file. No Streamlit in here."""

from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from signcore.dashboard.charts import GRID, QUIET, label_name, plain_layout
from signcore.dashboard.model_facts import short_name
from signcore.labels import DELETE, NOTHING, SPACE
from signcore.metrics import ReliabilityBin
from signcore.model_results import OwnHandGain
from signcore.word_accuracy import WordResult

# Narrow enough for the columns of a matrix on a telephone.
_SIGNS: Final = {SPACE: "␣", DELETE: "⌫", NOTHING: "∅"}


def confusion_heatmap(labels: Sequence[str], confusion: Sequence[Sequence[int]], accent: str) -> go.Figure:
    """Which class was answered for which, as shares of each row; rows without clips stay empty.

    Args:
        labels: the classes, in the order of rows and columns.
        confusion: rows (what was signed) of counts (what was answered).
        accent: the colour of a share of 1.
    """
    names = [label_name(label) for label in labels]
    shares = [[count / sum(row) if count else None for count in row] for row in confusion]
    said = [
        [f"signed {truth}, read {answer}: {count} of {sum(row)}" for answer, count in zip(names, row, strict=True)]
        for truth, row in zip(names, confusion, strict=True)
    ]
    heatmap = go.Heatmap(
        x=[_SIGNS.get(label, label) for label in labels],
        y=names,
        z=shares,
        customdata=said,
        zmin=0,
        zmax=1,
        # Even a rare mistake must be seen, so the scale does not begin at nothing.
        colorscale=[[0, "rgba(128,134,145,0.28)"], [1, accent]],
        showscale=False,
        xgap=1,
        ygap=1,
        hovertemplate="%{customdata}<extra></extra>",
    )
    axis = {
        "tickfont": {"size": 11},
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "tickangle": 0,
        "dtick": 1,
    }
    return go.Figure(
        heatmap,
        plain_layout(
            620,
            xaxis={
                **axis,
                "tickfont": {"size": 10},
                "side": "top",
                "title": {"text": "read", "standoff": 4},
                "automargin": True,
            },
            yaxis={**axis, "autorange": "reversed", "title": {"text": "signed", "standoff": 4}, "automargin": True},
        ),
    )


def reliability_diagram(bins: Sequence[ReliabilityBin], accent: str) -> go.Figure:
    """How many answers were right against how sure they were, with the number of answers below, on a log scale.

    Bars that end on the dashed line mean what they say; bars below it promise too much. After Niculescu-Mizil and
    Caruana, "Predicting good probabilities with supervised learning", 2005.
    """
    middles = [(each.low + each.high) / 2 for each in bins]
    widths = [0.9 * (each.high - each.low) for each in bins]
    figure = make_subplots(rows=2, shared_xaxes=True, row_heights=[0.74, 0.26], vertical_spacing=0.06)
    said = [f"sure {each.confidence:.0%}, right {each.accuracy:.0%}: {each.clips:,} clips" for each in bins]
    hover = "%{customdata}<extra></extra>"
    figure.add_bar(
        x=middles,
        y=[each.accuracy for each in bins],
        width=widths,
        marker={"color": accent},
        customdata=said,
        hovertemplate=hover,
        row=1,
        col=1,
    )
    line = {"color": QUIET, "dash": "dash", "width": 2}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=line, hoverinfo="skip", row=1, col=1)
    figure.add_bar(
        x=middles,
        y=[each.clips for each in bins],
        width=widths,
        marker={"color": QUIET},
        customdata=said,
        hovertemplate=hover,
        row=2,
        col=1,
    )
    axis = {"gridcolor": GRID, "zeroline": False, "fixedrange": True, "tickfont": {"size": 11}}
    figure.update_layout(plain_layout(400, showlegend=False, dragmode=False, margin={"l": 8, "r": 24, "t": 8, "b": 8}))
    figure.update_xaxes(
        **axis, range=[0, 1], tickformat=".0%", tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1], showticklabels=True
    )
    figure.update_xaxes(showticklabels=False, row=1)
    figure.update_xaxes(title={"text": "how sure it was", "standoff": 6}, row=2)
    figure.update_yaxes(**axis, automargin=True)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", dtick=0.25, title={"text": "right", "standoff": 12}, row=1)
    figure.update_yaxes(type="log", tickformat="~s", dtick=1, title={"text": "clips", "standoff": 12}, row=2)
    return figure


def word_errors(words: WordResult, accent: str) -> go.Figure:
    """Character errors of the text engine and of two simple rules, at every speed."""
    figure = go.Figure(layout=plain_layout(300, barmode="group", bargap=0.25, bargroupgap=0.08, dragmode=False))
    for name, rates, marker in (
        ("signcore", words.cer, {"color": accent}),
        ("simple rule: 8 of 12", words.eight_of_twelve, {"color": QUIET}),
        ("simple rule: 60 of 60", words.sixty_equal, {"color": QUIET, "pattern": {"shape": "/", "size": 6}}),
    ):
        figure.add_bar(
            name=name,
            x=[f"{speed} a second" for speed in rates],
            y=list(rates.values()),
            marker=marker,
            text=[f"{rate:.0%}" for rate in rates.values()],
            textposition="outside",
            textangle=0,
            constraintext="none",
            cliponaxis=False,
            hoverinfo="skip",
        )
    figure.update_layout(legend={"orientation": "h", "y": 1.04, "yanchor": "bottom", "x": 0}, margin={"t": 34})
    figure.update_xaxes(fixedrange=True, showgrid=False)
    figure.update_yaxes(
        fixedrange=True, gridcolor=GRID, zeroline=False, tickformat=".0%", rangemode="tozero", automargin=True
    )
    return figure


def own_hand_gains(people: Sequence[OwnHandGain], accent: str) -> go.Figure:
    """How many letters of each person are read right: by the model as it is, with a correction, and trained on.

    Args:
        people: all with the same number of clips.
        accent: the colour of the correction.
    """
    names = [short_name(each.person) for each in people]
    figure = go.Figure(layout=plain_layout(120 + 62 * len(people), dragmode=False))
    for name, each in zip(names, people, strict=True):
        shares = [taught.macro for taught in (each.shipped, each.corrected, each.trained)]
        figure.add_scatter(
            x=[min(shares), max(shares)],
            y=[name, name],
            mode="lines",
            line={"color": GRID, "width": 6},
            hoverinfo="skip",
            showlegend=False,
        )
    for how, shares, marker in (
        ("as it is", [each.shipped.macro for each in people], {"color": QUIET, "symbol": "circle"}),
        (
            "trained on",
            [each.trained.macro for each in people],
            {"color": accent, "symbol": "circle-open", "size": 20, "line": {"width": 2}},
        ),
        ("My hand", [each.corrected.macro for each in people], {"color": accent, "symbol": "circle"}),
    ):
        figure.add_scatter(
            name=how,
            x=shares,
            y=names,
            mode="markers",
            marker={"size": 13, **marker},
            hovertemplate=f"{how}: %{{x:.1%}}<extra></extra>",
        )
    figure.update_layout(
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        margin={"t": 34, "r": 16},
    )
    lowest = min((each.shipped.macro for each in people), default=0.0)
    figure.update_xaxes(
        range=[max(0.0, lowest - 0.06), 1.01],
        tickformat=".0%",
        gridcolor=GRID,
        zeroline=False,
        fixedrange=True,
        title={"text": "letters read right", "standoff": 6},
        automargin=True,
    )
    figure.update_yaxes(fixedrange=True, showgrid=False, autorange="reversed", automargin=True)
    return figure

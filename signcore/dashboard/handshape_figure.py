"""A letter's typical hand as a figure that can be turned. No Streamlit in here."""

from typing import Any, Final, Literal

import plotly.graph_objects as go

from signcore.features import FloatArray
from signcore.handshape import Handshape
from signcore.pose import FINGERS, MIRROR

_CHAINS: Final = ((0, 1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20))
_COLOURS: Final = ("#D97706", "#0F766E", "#2563EB", "#9333EA", "#DB2777")
_SYMBOLS: Final = ("diamond", "circle", "square", "cross", "circle-open")
_PALM: Final = (0, 1, 5, 9, 13, 17)


def hand_figure(
    handshape: Handshape, *, mirrored: bool = False, side: Literal["viewer", "signer"] = "viewer", dark: bool = False
) -> go.Figure:
    """A handshape in three dimensions.

    Args:
        handshape: the letter's.
        mirrored: show a left hand.
        side: seen by who faces the signer, or by the signer.
        dark: for a dark page.
    """
    hands = handshape.landmarks[None] if handshape.movement is None else handshape.movement
    hands = hands * MIRROR if mirrored else hands
    figure = go.Figure(_traces(hands[0], dark), _layout(hands, side))
    if len(hands) > 1:
        figure.frames = [go.Frame(data=_traces(hand, dark), name=str(i)) for i, hand in enumerate(hands)]
    return figure


def _traces(hand: FloatArray, dark: bool) -> list[Any]:
    x, y, z = hand[:, 0], hand[:, 2], -hand[:, 1]
    skin = "#4B5563" if dark else "#D6CFC4"
    corners = list(_PALM)
    traces: list[Any] = [
        go.Mesh3d(
            x=x[corners], y=y[corners], z=z[corners], i=[0] * 4, j=[1, 2, 3, 4], k=[2, 3, 4, 5], color=skin,
            opacity=0.8, hoverinfo="skip", flatshading=True,
        )
    ]  # fmt: skip
    for finger, chain, colour, symbol in zip(FINGERS, _CHAINS, _COLOURS, _SYMBOLS, strict=True):
        points = list(chain)
        traces.append(
            go.Scatter3d(
                x=x[points], y=y[points], z=z[points], mode="lines+markers", name=finger,
                line={"width": 14, "color": colour}, marker={"size": 6, "color": colour, "symbol": symbol},
                hovertemplate=f"{finger}<extra></extra>",
            )
        )  # fmt: skip
    return traces


def _layout(hands: FloatArray, side: str) -> dict[str, Any]:
    low, high = hands.min(axis=(0, 1)) - 0.1, hands.max(axis=(0, 1)) + 0.1
    hidden = {"visible": False}
    return {
        "template": go.layout.Template(),
        "height": 340,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "scene": {
            "xaxis": {**hidden, "range": [float(low[0]), float(high[0])]},
            "yaxis": {**hidden, "range": [float(low[2]), float(high[2])]},
            "zaxis": {**hidden, "range": [float(-high[1]), float(-low[1])]},
            "aspectmode": "data",
            "camera": {
                "eye": {"x": 0.4, "y": -1.7 if side == "viewer" else 1.7, "z": 0.3},
                "projection": {"type": "perspective"},
            },
            "dragmode": "orbit",
        },
        "uirevision": "hand",
    }

"""A letter's typical hand as a figure that can be turned. No Streamlit in here."""

from typing import Any, Final, Literal

import numpy as np
import plotly.graph_objects as go

from signcore.dashboard.hand_mesh import FINGER_CHAINS, Mesh, finger_mesh, hand_size, palm_mesh
from signcore.features import FloatArray
from signcore.handshape import DRAWING_TIP, Handshape
from signcore.pose import FINGERS, MIRROR

HEIGHT: Final = 360
# By hue and by lightness, and each with a mark of its own at the tip.
_COLOURS: Final = ("#E69F00", "#1F9E89", "#3B7DD8", "#9B5DE5", "#E0568C")
_MARKS: Final = ("diamond", "circle", "square", "diamond-open", "circle-open")
_SKIN: Final = {True: "#8A8F98", False: "#C9C2B8"}
_LIGHT: Final = {"ambient": 0.62, "diffuse": 0.7, "specular": 0.18, "roughness": 0.6, "fresnel": 0.05}
_LIGHT_FROM: Final = {"x": -400, "y": -900, "z": 1200}
_EVERY: Final = 2  # of the movement's moments is shown
_CLEAR: Final = "rgba(0,0,0,0)"


def hand_figure(
    handshape: Handshape, *, mirrored: bool = False, side: Literal["viewer", "signer"] = "viewer", dark: bool = False
) -> go.Figure:
    """A handshape in three dimensions; J and Z have frames, which say only what changes from one to the next.

    Args:
        handshape: the letter's.
        mirrored: show a left hand.
        side: seen by who faces the signer, or by the signer.
        dark: for a dark page.
    """
    hands = handshape.landmarks[None] if handshape.movement is None else handshape.movement[::_EVERY]
    hands = hands * MIRROR if mirrored else hands
    # Plotly's z is up; a picture's y is down and its z away from the viewer.
    hands = np.stack([hands[..., 0], hands[..., 2], -hands[..., 1]], axis=-1)
    traces = _traces(hands[0], dark)
    layout = _layout(hands, side)
    if len(hands) == 1:
        return go.Figure(traces, layout)
    tip = hands[:, DRAWING_TIP[handshape.letter]]
    traces.append(_trail(tip, dark))
    figure = go.Figure(traces, layout)
    moved = list(range(len(traces) - 1))
    figure.frames = [
        go.Frame(data=[_places(trace) for trace in _traces(hand, dark)], traces=moved, name=str(i))
        for i, hand in enumerate(hands)
    ]
    return figure


def _traces(hand: FloatArray, dark: bool) -> list[Any]:
    """The palm, the fingers, and a mark at each tip, which is what the legend shows."""
    traces: list[Any] = [_solid(palm_mesh(hand), _SKIN[dark])]
    traces += [_solid(finger_mesh(hand, finger), colour) for finger, colour in enumerate(_COLOURS)]
    for finger, chain, colour, mark in zip(FINGERS, FINGER_CHAINS, _COLOURS, _MARKS, strict=True):
        outward = hand[chain[3]] - hand[chain[2]]
        x, y, z = (hand[chain[3]] + outward / max(float(np.linalg.norm(outward)), 1e-6) * 0.09).tolist()
        traces.append(
            go.Scatter3d(
                x=[x], y=[y], z=[z], mode="markers", name=finger, hovertemplate=f"{finger}<extra></extra>",
                marker={"size": 5, "symbol": mark, "color": colour},
            )
        )  # fmt: skip
    return traces


def _solid(mesh: Mesh, colour: str) -> Any:
    x, y, z = mesh.vertices.T.round(3)
    i, j, k = mesh.corners.T
    return go.Mesh3d(
        x=x, y=y, z=z, i=i, j=j, k=k, color=colour, lighting=_LIGHT, lightposition=_LIGHT_FROM, hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip


def _places(trace: Any) -> dict[str, Any]:
    """What of a trace changes from one moment to the next."""
    return {"type": trace.type, "x": trace.x, "y": trace.y, "z": trace.z}


def _trail(path: FloatArray, dark: bool) -> Any:
    """The way of the finger tip that draws the letter."""
    x, y, z = path.T
    colour = "#E5E7EB" if dark else "#374151"
    return go.Scatter3d(
        x=x, y=y, z=z, mode="lines", line={"color": colour, "width": 5}, hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip


def _layout(hands: FloatArray, side: str) -> dict[str, Any]:
    low, high = hands.min(axis=(0, 1)), hands.max(axis=(0, 1))
    middle, reach = (low + high) / 2, max(float((high - low).max()) / 2 + 0.12, 0.85 * hand_size(hands[0]))
    axes = {
        name: {"visible": False, "range": [float(centre) - reach, float(centre) + reach]}
        for name, centre in zip(("xaxis", "yaxis", "zaxis"), middle, strict=True)
    }
    return {
        # The default template is larger than the figure.
        "template": go.layout.Template(),
        "height": HEIGHT,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "paper_bgcolor": _CLEAR,
        "legend": {
            "orientation": "h", "x": 0.5, "xanchor": "center", "y": 0, "yanchor": "bottom", "bgcolor": _CLEAR,
            "itemclick": False, "itemdoubleclick": False, "font": {"size": 11}, "itemsizing": "constant",
        },
        "scene": {
            **axes,
            "aspectmode": "cube",
            "bgcolor": _CLEAR,
            "dragmode": "orbit",
            "camera": {
                "eye": {"x": 0.25, "y": -1.35 if side == "viewer" else 1.35, "z": 0.2},
                "center": {"x": 0, "y": 0, "z": -0.04},
            },
        },
        "uirevision": side,
    }  # fmt: skip

"""A letter's typical hand as a figure that can be turned. No Streamlit in here."""

from typing import Any, Final, Literal

import numpy as np
import plotly.graph_objects as go

from signcore.dashboard.charts import CLEAR, plain_layout
from signcore.dashboard.hand_mesh import Mesh, finger_mesh, palm_mesh
from signcore.features import FINGER_CHAINS, FloatArray
from signcore.handshape import DRAWING_TIP, Handshape
from signcore.pose import FINGERS, MIRROR

HEIGHT: Final = 290
# By hue and by lightness, and each with a mark of its own at the tip.
_COLOURS: Final = ("#E69F00", "#1F9E89", "#3B7DD8", "#9B5DE5", "#E0568C")
_MARKS: Final = ("diamond", "circle", "square", "diamond-open", "circle-open")
_SKIN: Final = {True: "#8A8F98", False: "#C9C2B8"}
_LIGHT: Final = {"ambient": 0.62, "diffuse": 0.7, "specular": 0.18, "roughness": 0.6, "fresnel": 0.05}
_LIGHT_FROM: Final = {"x": -400, "y": -900, "z": 1200}
_EVERY: Final = 2  # of the movement's moments is shown
# What is around the joints, in palms, and the share of the height that the legend takes.
_FINGER_AND_MARK: Final = 0.18
_LEGEND: Final = 0.1
# Where it is seen from, how much of its distance a camera sees upwards (45 degrees in all), and how wide a place is at
# least, in its height.
_FROM: Final = (0.18, -0.97, 0.14)
_SEEN: Final = float(np.tan(np.pi / 8))
_WIDTH: Final = 1.3
_WIDTH_OF_TWO: Final = 0.65


def hand_figure(
    *handshapes: Handshape,
    mirrored: bool = False,
    side: Literal["viewer", "signer"] = "viewer",
    dark: bool = False,
    legend_px: int = 11,
) -> go.Figure:
    """Handshapes side by side, each to be turned.

    J and Z have frames, which say only what changes from one to the next.

    Args:
        handshapes: of one letter, or of those to be told apart.
        mirrored: show left hands.
        side: seen by who faces the signer, or by the signer.
        dark: for a dark page.
        legend_px: how large the fingers' names are.
    """
    figure = go.Figure(layout=_layout(side, legend_px))
    moving: list[tuple[int, list[FloatArray]]] = []
    for number, handshape in enumerate(handshapes):
        moments = handshape.landmarks[None] if handshape.movement is None else handshape.movement
        moments = moments * MIRROR if mirrored else moments
        # Plotly's z is up; a picture's y is down and its z away from the viewer.
        moments = np.stack([moments[..., 0], moments[..., 2], -moments[..., 1]], axis=-1)
        hands = moments[::_EVERY]
        scene = "scene" if number == 0 else f"scene{number + 1}"
        first = len(figure.data)
        figure.add_traces([trace.update(scene=scene) for trace in _traces(hands[0], dark)])
        figure.update_traces(showlegend=False, selector={"scene": scene} if number else {"type": "mesh3d"})
        if len(hands) > 1:
            moving.append((first, list(hands)))
            figure.add_trace(_trail(moments[:, DRAWING_TIP[handshape.letter]], dark).update(scene=scene))
        figure.update_layout({scene: _scene(hands, side, number, len(handshapes))})
        if len(handshapes) > 1:
            figure.add_annotation(**_title(handshape.letter, number, len(handshapes)))
    figure.frames = _frames(moving, dark)
    return figure


def _frames(moving: list[tuple[int, list[FloatArray]]], dark: bool) -> list[go.Frame]:
    """One frame for each moment; who has finished rests until the others have.

    Args:
        moving: for each hand that moves, its first trace, and its moments (21, 3).
        dark: for a dark page.
    """
    frames = []
    for moment in range(max((len(hands) for _, hands in moving), default=0)):
        data: list[dict[str, Any]] = []
        traces: list[int] = []
        for first, hands in moving:
            places = [_places(trace) for trace in _traces(hands[min(moment, len(hands) - 1)], dark)]
            data += places
            traces += range(first, first + len(places))
        frames.append(go.Frame(data=data, traces=traces, name=str(moment)))
    return frames


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


def _scene(hands: FloatArray, side: str, number: int, of: int) -> dict[str, Any]:
    """A place for hands (n, 21, 3), number `number` of `of` from the left, filled by them as they are seen at first."""
    points = hands.reshape(-1, 3)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    half = (points.max(axis=0) - points.min(axis=0)) / 2 + _FINGER_AND_MARK
    from_there = np.array(_FROM) * (1, 1 if side == "viewer" else -1, 1)
    # As far away as lets every point be seen, be it near the camera or far.
    right = np.cross((0, 0, 1), from_there)
    aside, upwards = (
        np.abs((points - middle) @ axis) + _FINGER_AND_MARK for axis in (right, np.cross(from_there, right))
    )
    width = _WIDTH if of == 1 else _WIDTH_OF_TWO
    distance = float((np.maximum(upwards, aside / width) / _SEEN + (points - middle) @ from_there).max())
    # Plotly's scenes are as large as their `aspectratio` in the units of the camera.
    ratio, eye = half / half.max(), from_there * distance / (2 * half.max())
    axes = {
        name: {"visible": False, "range": [float(middle[i] - half[i]), float(middle[i] + half[i])]}
        for i, name in enumerate(("xaxis", "yaxis", "zaxis"))
    }
    return {
        **axes,
        "domain": {"x": [number / of, (number + 1) / of], "y": [_LEGEND, 1]},
        "aspectmode": "manual",
        "aspectratio": dict(zip("xyz", ratio.tolist(), strict=True)),
        "bgcolor": CLEAR,
        "dragmode": "orbit",
        "camera": {"eye": dict(zip("xyz", eye.tolist(), strict=True)), "center": {"x": 0, "y": 0, "z": 0}},
        "uirevision": side,
    }


def _title(letter: str, number: int, of: int) -> dict[str, Any]:
    return {
        "text": f"<b>{letter}</b>", "font": {"size": 22}, "showarrow": False, "xref": "paper", "yref": "paper",
        "x": (number + 0.04) / of, "xanchor": "left", "y": 1, "yanchor": "top",
    }  # fmt: skip


def _layout(side: str, legend_px: int) -> dict[str, Any]:
    return {
        **plain_layout(HEIGHT),
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "legend": {
            "orientation": "h", "x": 0.5, "xanchor": "center", "y": 0, "yanchor": "bottom", "bgcolor": CLEAR,
            "itemclick": False, "itemdoubleclick": False, "font": {"size": legend_px}, "itemsizing": "constant",
        },
        "uirevision": side,
    }  # fmt: skip

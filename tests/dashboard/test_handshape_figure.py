"""A letter's hand as a figure."""

from typing import Literal

import numpy as np
import pytest

from signcore.dashboard.handshape_figure import hand_figure
from signcore.handshape import reference
from signcore.labels import LETTERS, MOVING_LETTERS, STILL_LETTERS
from signcore.pose import FINGERS


@pytest.mark.parametrize("letter", LETTERS)
def test_every_finger_has_a_colour_a_mark_and_a_name(letter: str) -> None:
    figure = hand_figure(reference(letter))
    marks = [trace for trace in figure.data if trace.type == "scatter3d" and trace.name]
    assert tuple(trace.name for trace in marks) == FINGERS
    assert len({trace.marker.symbol for trace in marks}) == len({trace.marker.color for trace in marks}) == len(FINGERS)
    solids = [trace for trace in figure.data if trace.type == "mesh3d"]
    assert len(solids) == 1 + len(FINGERS)
    for solid in solids:
        assert np.isfinite([solid.x, solid.y, solid.z]).all()
        assert max(solid.i.max(), solid.j.max(), solid.k.max()) == len(solid.x) - 1


@pytest.mark.parametrize("letter", LETTERS)
def test_movements_are_animated_and_nothing_else(letter: str) -> None:
    figure = hand_figure(reference(letter))
    assert bool(figure.frames) == (letter in MOVING_LETTERS)
    assert len(figure.to_json()) < 700_000


def test_a_left_hand_and_the_signers_side() -> None:
    right, left = hand_figure(reference("L")), hand_figure(reference("L"), mirrored=True)
    assert np.mean(right.data[1].x) == pytest.approx(-np.mean(left.data[1].x), abs=0.02)
    assert np.mean(right.data[1].x) > 0.1
    signer = hand_figure(reference("L"), side="signer")
    assert right.layout.scene.camera.eye.y < 0 < signer.layout.scene.camera.eye.y


@pytest.mark.parametrize("side", ["viewer", "signer"])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("letter", STILL_LETTERS)
def test_a_hand_fills_its_place_and_stays_inside(
    letter: str, mirrored: bool, side: Literal["viewer", "signer"]
) -> None:
    figure = hand_figure(reference(letter), mirrored=mirrored, side=side)
    scene = figure.layout.scene
    eye = np.array([scene.camera.eye[axis] for axis in "xyz"])
    low, high = np.array([scene[f"{axis}axis"].range for axis in "xyz"]).T
    size = np.array([scene.aspectratio[axis] for axis in "xyz"]) / (high - low)
    points = np.concatenate([np.stack([trace.x, trace.y, trace.z], axis=-1) for trace in figure.data])
    points = (points - (low + high) / 2) * size
    forward = -eye / np.linalg.norm(eye)
    right = np.cross(forward, (0, 0, 1)) / np.linalg.norm(np.cross(forward, (0, 0, 1)))
    # In halves of what Plotly's camera sees from top to bottom.
    away = (np.linalg.norm(eye) + points @ forward) * np.tan(np.pi / 8)
    upwards, aside = np.abs(points @ np.cross(right, forward)) / away, np.abs(points @ right) / away
    assert 0.75 <= max(upwards.max(), aside.max() / 1.3) <= 1.0


def test_two_hands_stand_side_by_side() -> None:
    figure = hand_figure(reference("I"), reference("J"))
    assert figure.layout.scene.domain.x[1] == figure.layout.scene2.domain.x[0] == 0.5
    assert [note.text for note in figure.layout.annotations] == ["<b>I</b>", "<b>J</b>"]
    assert sum(trace.showlegend is not False for trace in figure.data) == len(FINGERS)
    assert {figure.data[i].scene for i in figure.frames[0].traces} == {"scene2"}


def test_two_that_move_both_move() -> None:
    figure = hand_figure(reference("J"), reference("Z"))
    assert {figure.data[i].scene for i in figure.frames[-1].traces} == {"scene", "scene2"}
    assert len(figure.frames[0].data) == len(figure.frames[0].traces)

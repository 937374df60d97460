"""A letter's hand as a figure."""

import numpy as np
import pytest

from signcore.dashboard.handshape_figure import hand_figure
from signcore.handshape import reference
from signcore.labels import LETTERS, MOVING_LETTERS
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

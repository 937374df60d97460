"""A hand of rounded bones: the triangles of tubes between joints and of the palm, for a 3D figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from signcore.features import FINGER_CHAINS, KNUCKLES, FloatArray, IntArray

# How thick each finger is at its joints, in palms.
_THICKNESS: Final = ((0.1, 0.085, 0.075, 0.06), *((0.085, 0.075, 0.066, 0.055),) * 3, (0.078, 0.065, 0.057, 0.048))
_PALM: Final = (0, 1, 5, 9, 13, 17)
_PALM_BONES: Final = ((0, 1), (1, 5), (0, 5), (0, 9), (0, 13), (0, 17), (5, 9), (9, 13), (13, 17))
_PALM_THICKNESS: Final = 0.075
_SIDES: Final = 9
_RINGS: Final = 3


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles: vertices (n, 3) in palms and corners (m, 3), indices into them."""

    vertices: FloatArray
    corners: IntArray


def hand_size(hand: FloatArray) -> float:
    """Twice the mean distance of the wrist to the knuckles in three dimensions.

    A palm unit is measured in the picture's plane, where a palm that points at the viewer is short.
    """
    return 2.0 * float(np.linalg.norm(hand[list(KNUCKLES)] - hand[0], axis=1).mean())


def finger_mesh(hand: FloatArray, finger: int) -> Mesh:
    """One finger, 0 the thumb to 4 the little one, of a hand (21, 3)."""
    chain, thickness = FINGER_CHAINS[finger], hand_size(hand) * np.array(_THICKNESS[finger])
    return _joined([_capsule(hand[chain[i]], hand[chain[i + 1]], thickness[i], thickness[i + 1]) for i in range(3)])


def palm_mesh(hand: FloatArray) -> Mesh:
    """The palm of a hand (21, 3): a rounded slab."""
    size = hand_size(hand)
    normal = np.cross(hand[5] - hand[0], hand[17] - hand[0]).astype(np.float32)
    normal *= 0.95 * _PALM_THICKNESS * size / max(float(np.linalg.norm(normal)), 1e-6)
    fan = np.array([(0, i, i + 1) for i in range(1, len(_PALM) - 1)])
    outline = hand[list(_PALM)]
    faces = [Mesh(outline + normal, fan), Mesh(outline - normal, fan[:, ::-1])]
    bones = [_capsule(hand[a], hand[b], size * _PALM_THICKNESS, size * _PALM_THICKNESS) for a, b in _PALM_BONES]
    return _joined([*faces, *bones])


def _capsule(start: FloatArray, end: FloatArray, first: float, last: float) -> Mesh:
    """A tube with round ends, as thick as `first` at its start and `last` at its end."""
    circle, corners = _capsule_pattern()
    axis = end - start
    axis = axis / max(float(np.linalg.norm(axis)), 1e-6)
    other = np.eye(3)[np.abs(axis).argmin()]
    side = np.cross(axis, other)
    side /= np.linalg.norm(side)
    frame = np.stack([side, np.cross(axis, side), axis])
    half = len(circle) // 2
    vertices = np.concatenate([start + first * circle[:half] @ frame, end + last * circle[half:] @ frame])
    return Mesh(vertices.astype(np.float32), corners)


@cache
def _capsule_pattern() -> tuple[FloatArray, IntArray]:
    """A unit capsule: the rings of its two half balls (2 * rings * sides, 3), axis z, and the triangles between."""
    low = np.linspace(-np.pi / 2 + 0.08, 0, _RINGS)
    heights = np.concatenate([low, -low[::-1]])
    turn = np.arange(_SIDES) * 2 * np.pi / _SIDES
    rings = [
        np.stack([np.cos(h) * np.cos(turn), np.cos(h) * np.sin(turn), np.full(_SIDES, np.sin(h))], axis=1)
        for h in heights
    ]
    corners = []
    for ring in range(len(heights) - 1):
        for i in range(_SIDES):
            a, b = ring * _SIDES + i, ring * _SIDES + (i + 1) % _SIDES
            corners += [(a, b, b + _SIDES), (a, b + _SIDES, a + _SIDES)]
    return np.concatenate(rings).astype(np.float32), np.array(corners)


def _joined(meshes: Sequence[Mesh]) -> Mesh:
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    corners = [mesh.corners + start for mesh, start in zip(meshes, starts[:-1], strict=True)]
    return Mesh(np.concatenate([mesh.vertices for mesh in meshes]), np.concatenate(corners))

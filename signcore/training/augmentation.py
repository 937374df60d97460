"""What a signer, a camera or a landmark model might have done differently: small pure functions on windows.

Every transform takes windows (B, T, 21, 3) float32 in palm units (NaN: no hand) and a random generator, and returns new
windows; all random numbers are drawn per window, so that a window stays one hand in front of one camera.
"""

from itertools import pairwise

import numpy as np

from signcore.features import FINGER_CHAINS, FloatArray


def _normal(rng: np.random.Generator, sigma: float, *shape: int) -> FloatArray:
    return rng.standard_normal(shape, dtype=np.float32) * np.float32(sigma)


def mirror(windows: FloatArray, rng: np.random.Generator, *, share: float = 0.5) -> FloatArray:
    """A `share` of the windows with left and right exchanged: the other hand, or a mirrored camera."""
    sign = np.where(rng.random(len(windows)) < share, -1.0, 1.0).astype(np.float32)
    mirrored = windows.copy()
    mirrored[..., 0] *= sign[:, None, None]
    return mirrored


def rotate_plane(
    windows: FloatArray, rng: np.random.Generator, *, sigma: FloatArray | float = 12.0, drift: float = 3.0
) -> FloatArray:
    """Turned in the picture plane by N(0, sigma) degrees, and on by N(0, drift) from the first frame to the last.

    `sigma` may be one number for every window, (B,).
    """
    size, frames = windows.shape[:2]
    ramp = np.linspace(-0.5, 0.5, frames, dtype=np.float32)
    angle: FloatArray = np.radians(
        _normal(rng, 1.0, size, 1) * np.reshape(sigma, (-1, 1)) + _normal(rng, drift, size, 1) * ramp
    )
    rotated = windows.copy()
    rotated[..., :2] = turned(windows[..., :2], angle[..., None])
    return rotated


def turned(points: FloatArray, angle: FloatArray) -> FloatArray:
    """Points (..., 2) of the picture plane turned about its origin by (...) radians."""
    x, y = points[..., 0], points[..., 1]
    cos, sin = np.cos(angle), np.sin(angle)
    result: FloatArray = np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)
    return result


def rotate_depth(windows: FloatArray, rng: np.random.Generator, *, sigma: float = 15.0) -> FloatArray:
    """The hand seen from elsewhere: turned about its wrist's upright and level axes by N(0, sigma) degrees each."""
    about_x, about_y = np.radians(_normal(rng, sigma, 2, len(windows), 1, 1))
    wrist = windows[:, :, :1]
    x, y, z = np.moveaxis(windows - wrist, -1, 0)
    y, z = np.cos(about_x) * y - np.sin(about_x) * z, np.sin(about_x) * y + np.cos(about_x) * z
    x, z = np.cos(about_y) * x + np.sin(about_y) * z, np.cos(about_y) * z - np.sin(about_y) * x
    turned: FloatArray = np.stack([x, y, z], axis=-1) + wrist
    return turned


def stretch(windows: FloatArray, rng: np.random.Generator, *, aspect: float = 0.08, depth: float = 0.2) -> FloatArray:
    """Width scaled by exp N(0, aspect), depth by exp N(0, depth): lenses, wrong aspects, guessed depth."""
    scale = np.ones((len(windows), 1, 1, 3), dtype=np.float32)
    scale[:, 0, 0, 0] = np.exp(_normal(rng, aspect, len(windows)))
    scale[:, 0, 0, 2] = np.exp(_normal(rng, depth, len(windows)))
    stretched: FloatArray = windows * scale
    return stretched


def perspective(windows: FloatArray, rng: np.random.Generator, *, strength: float = 0.15) -> FloatArray:
    """What is nearer than the wrist looks larger, by up to `strength` a palm: a hand close to a wide lens."""
    wrist = windows[:, :, :1]
    hand = windows - wrist
    inverse_distance = rng.uniform(0.0, strength, (len(windows), 1, 1)).astype(np.float32)
    scale = 1.0 / np.maximum(1.0 + inverse_distance * hand[..., 2], 0.5)
    hand[..., :2] *= scale[..., None]
    return hand + wrist


def bone_lengths(
    windows: FloatArray, rng: np.random.Generator, *, finger: float = 0.03, bone: float = 0.03
) -> FloatArray:
    """Another person's hand: each finger scaled by exp N(0, finger), each of its bones by exp N(0, bone)."""
    changed = windows.copy()
    for chain in FINGER_CHAINS:
        scale = np.exp(_normal(rng, finger, len(windows), 1) + _normal(rng, bone, len(windows), 3))
        scale = scale.astype(np.float32)
        for step, (root, joint) in enumerate(pairwise(chain)):
            bone_vector = windows[:, :, joint] - windows[:, :, root]
            changed[:, :, joint] = changed[:, :, root] + bone_vector * scale[:, None, step : step + 1]
    return changed


def spread_fingers(windows: FloatArray, rng: np.random.Generator, *, sigma: float = 2.0) -> FloatArray:
    """Each finger turned about its knuckle in the picture plane by N(0, sigma) degrees."""
    changed = windows.copy()
    for chain in FINGER_CHAINS:
        angle: FloatArray = np.radians(_normal(rng, sigma, len(windows), 1, 1))
        root = windows[:, :, chain[0], None]
        x, y = np.moveaxis((windows[:, :, chain[1:]] - root)[..., :2], -1, 0)
        changed[:, :, chain[1:], 0] = root[..., 0] + np.cos(angle) * x - np.sin(angle) * y
        changed[:, :, chain[1:], 1] = root[..., 1] + np.sin(angle) * x + np.cos(angle) * y
    return changed


def landmark_noise(
    windows: FloatArray,
    rng: np.random.Generator,
    *,
    finger: float = 0.01,
    landmark: float = 0.006,
    frame: float = 0.004,
) -> FloatArray:
    """The landmark model's errors: constant per finger and per landmark, and fresh in every frame (all palm units)."""
    size, frames = windows.shape[:2]
    noisy = windows + _normal(rng, landmark, size, 1, 21, 3)
    for chain in FINGER_CHAINS:
        noisy[:, :, chain] += _normal(rng, finger, size, 1, 1, 3)
    noisy += _normal(rng, frame, size, frames, 21, 3)
    return noisy


def drift(windows: FloatArray, rng: np.random.Generator, *, sigma: float = 0.012) -> FloatArray:
    """The whole hand wanders: a slow random path of N(0, sigma) palms a frame."""
    size, frames = windows.shape[:2]
    time = np.arange(frames, dtype=np.float32)[None, :, None]
    period = rng.uniform(20.0, 120.0, (size, 1, 1)).astype(np.float32)
    phase = rng.uniform(0.0, 2 * np.pi, (size, 1, 1)).astype(np.float32)
    path = np.sin(2 * np.pi * time / period + phase) * period / 6.0
    moved: FloatArray = windows.copy()
    moved[..., :2] += (path * _normal(rng, sigma, size, 1, 2))[:, :, None]
    return moved


def lower_frame_rate(windows: FloatArray, rng: np.random.Generator, *, share: float = 0.3) -> FloatArray:
    """A `share` of the windows as a 15 or 10 fps camera gives them: every second or third frame, lines in between."""
    slowed = windows.copy()
    last = windows.shape[1] - 1
    step = np.where(rng.random(len(windows)) < share, rng.integers(2, 4, len(windows)), 1)
    for size in (2, 3):
        chosen = np.flatnonzero(step == size)
        at = last - np.arange(last + 1)[::-1]
        newer = last - (last - at) // size * size
        older = np.maximum(newer - size, 0)
        share_of_newer = ((at - older) / np.maximum(newer - older, 1)).astype(np.float32)[:, None, None]
        slowed[chosen] = windows[chosen][:, older] * (1 - share_of_newer) + windows[chosen][:, newer] * share_of_newer
    return slowed


def drop_frames(windows: FloatArray, rng: np.random.Generator, *, share: float = 0.2, most: float = 0.3) -> FloatArray:
    """In a `share` of the windows the hand is lost in up to `most` of the frames."""
    size, frames = windows.shape[:2]
    rate = np.where(rng.random(size) < share, rng.uniform(0.0, most, size), 0.0)
    lost = rng.random((size, frames)) < rate[:, None]
    dropped = windows.copy()
    dropped[lost] = np.nan
    return dropped


def augment(windows: FloatArray, rng: np.random.Generator, turn: FloatArray) -> FloatArray:
    """All the spatial transforms, one after another. `turn` (B,) is how far, degrees, a window may be turned about."""
    for transform in (bone_lengths, spread_fingers, mirror, rotate_depth, perspective):
        windows = transform(windows, rng)
    return landmark_noise(stretch(rotate_plane(windows, rng, sigma=turn), rng), rng)

"""Hands that sign no letter, made out of two that do: some fingers of the one on the palm of the other.

Next to no recording shows a hand that rests, counts or greets, and a net that was never told takes every hand for the
letter that is least unlike it. A mixed hand is no letter when it lies further from every letter's hands than nearly all
hands of a letter lie from the nearest other one.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from signcore.features import FINGER_CHAINS, KNUCKLES, FloatArray, IntArray, window_features
from signcore.training.dataset import MOVING, NOTHING_INDEX, Bank
from signcore.training.model import palm_frame

_SHARE: Final = 0.5  # of the fingers that come from the other hand
_HANDS: Final = 6000
_FURTHER_THAN: Final = 0.95  # of a quarter of them, from the nearest of the others


@dataclass(frozen=True)
class KnownHands:
    """Hands of letters as their palm sees them, and how far from them a hand is no letter any more.

    Attributes:
        framed: (n, 40) palm sizes.
        far: a distance to the nearest of them, palm sizes.
    """

    framed: FloatArray
    far: float

    @classmethod
    def of(cls, bank: Bank) -> "KnownHands":
        """Of a bank's still letters, by their weights."""
        rng = np.random.default_rng(0)
        still = ~np.isin(bank.label, [*MOVING, NOTHING_INDEX])
        clips = rng.permutation(np.unique(bank.draw(_HANDS, rng, among=still)))
        framed = _framed(bank.frames[bank.start[clips] + bank.length[clips] // 2])
        probes, known = np.split(framed, [max(1, len(framed) // 4)])
        return cls(known, float(np.quantile(_to_nearest(probes, known), _FURTHER_THAN)))

    def strange(self, hands: FloatArray) -> NDArray[np.bool_]:
        """Which of the hands (n, 21, 3), palm units, are no letter: (n,)."""
        return _to_nearest(_framed(hands), self.framed) > self.far


def show_strange_hands(
    windows: FloatArray, label: IntArray, known: KnownHands, rng: np.random.Generator, *, share: float = 0.12
) -> tuple[FloatArray, IntArray]:
    """Windows of letters, up to a `share` of which show a hand that is no letter instead.

    Args:
        windows: (B, T, 21, 3) palm units.
        label: (B,) what each shows; J and Z are left as they are.
        known: what is too near to a letter.
        rng: which windows, and whose fingers.
        share: 0..1; mixed hands that are near to a letter stay what they were.

    Returns:
        The windows, and their labels (B,) with NOTHING for the strange hands.
    """
    still = np.flatnonzero(~np.isin(label, MOVING))
    chosen = still[rng.random(len(still)) < share]
    mixed = mix_hands(windows[chosen], windows[rng.choice(still, len(chosen))], rng)
    strange = known.strange(mixed[:, -1])
    shown, says = windows.copy(), label.copy()
    shown[chosen[strange]] = mixed[strange]
    says[chosen[strange]] = NOTHING_INDEX
    return shown, says


def mix_hands(palms: FloatArray, fingers: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Windows of one hand in which each finger, thumb included, is the other's in half of the cases.

    Args:
        palms: (B, T, 21, 3) palm units, NaN where there is no hand.
        fingers: (B, T, 21, 3) whose fingers are put on: turned, scaled and mirrored as the palms need them.
        rng: which fingers; the same ones in all frames of a window.
    """
    towards, towards_other = _towards_knuckles(palms), _towards_knuckles(fingers)
    opposite = _sides(palms) != _sides(fingers)
    turn = np.where(opposite, towards / np.conj(towards_other), towards / towards_other)
    mixed = palms.copy()
    chosen = rng.random((len(palms), len(FINGER_CHAINS))) < _SHARE
    for chain, put_on in zip(FINGER_CHAINS, chosen.T, strict=True):
        at = np.ix_(np.flatnonzero(put_on), np.arange(palms.shape[1]), np.array(chain))
        bones = fingers[at] - fingers[at][:, :, :1]
        plane = bones[..., 0] + 1j * bones[..., 1]
        plane = np.where(opposite[put_on][..., None], np.conj(plane), plane) * turn[put_on][..., None]
        scaled = bones[..., 2] * np.abs(turn[put_on])[..., None]
        mixed[at] = palms[at][:, :, :1] + np.stack([plane.real, plane.imag, scaled], axis=-1)
    return mixed


def _towards_knuckles(hands: FloatArray) -> NDArray[np.complex64]:
    """From the wrist to the middle of the knuckles (...), in the plane as complex numbers."""
    towards = hands[..., KNUCKLES, :2].mean(axis=-2) - hands[..., 0, :2]
    plane: NDArray[np.complex64] = towards[..., 0] + 1j * towards[..., 1]
    return plane


def _sides(hands: FloatArray) -> NDArray[np.bool_]:
    """On which side of the way to the knuckles (...) the little finger is."""
    across = (hands[..., KNUCKLES[-1], :2] - hands[..., KNUCKLES[0], :2]) @ np.array([1, 1j], dtype=np.complex64)
    side: NDArray[np.bool_] = (across / _towards_knuckles(hands)).imag > 0
    return side


def _framed(hands: FloatArray) -> FloatArray:
    """Hands (n, 21, 3) as their palm sees them, (n, 40)."""
    framed: FloatArray = palm_frame(torch.from_numpy(window_features(hands[:, None])[:, 0])).numpy()
    return framed


def _to_nearest(hands: FloatArray, known: FloatArray) -> FloatArray:
    """The root mean square distance (n,) of each to the nearest known one."""
    nearest: FloatArray = torch.cdist(torch.from_numpy(hands), torch.from_numpy(known)).amin(dim=1).numpy()
    return nearest / np.float32(np.sqrt(hands.shape[-1]))

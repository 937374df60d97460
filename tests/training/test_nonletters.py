from pathlib import Path

import numpy as np
import pytest

from signcore.clips import read_clips
from signcore.features import FINGER_CHAINS, FloatArray
from signcore.labels import LABELS, char_to_index
from signcore.training.dataset import NOTHING_INDEX, Bank, build_bank
from signcore.training.nonletters import KnownHands, mix_hands, show_strange_hands
from tests.hands import make_landmarks
from tests.training.conftest import letter_hand

B, J = char_to_index("B"), char_to_index("J")


@pytest.fixture(scope="module")
def bank(clip_file: Path) -> Bank:
    return build_bank(read_clips(clip_file))


@pytest.fixture(scope="module")
def known(bank: Bank) -> KnownHands:
    return KnownHands.of(bank)


def windows(hand: FloatArray, count: int = 40) -> FloatArray:
    return np.broadcast_to(hand / 0.3, (count, 6, 21, 3)).astype(np.float32).copy()


def turned(hands: FloatArray, degrees: float) -> FloatArray:
    angle = np.radians(degrees)
    matrix = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    return (hands @ matrix.T).astype(np.float32)


def test_every_finger_is_one_hands_or_the_others() -> None:
    palms, fingers = windows(make_landmarks()), windows(letter_hand("Z", np.random.default_rng(0)))
    mixed = mix_hands(palms, fingers, np.random.default_rng(1))
    counts = np.zeros(len(palms), dtype=int)
    for chain in FINGER_CHAINS:
        bones, own, other = (hands[:, :, chain] - hands[:, :, chain[:1]] for hands in (mixed, palms, fingers))
        stayed = np.isclose(bones, own, atol=1e-5).all(axis=(1, 2, 3))
        along = np.linalg.norm(bones, axis=-1) / np.linalg.norm(other, axis=-1).clip(1e-9)
        put_on = np.ptp(along[:, :, 1:], axis=(1, 2)) < 0.05
        assert (stayed | put_on).all()
        counts += ~stayed
    assert 0 < counts.mean() < 5


def test_the_palm_and_the_knuckles_stay() -> None:
    palms, fingers = windows(make_landmarks()), turned(windows(letter_hand("E", np.random.default_rng(0))), 120)
    mixed = mix_hands(palms, fingers, np.random.default_rng(1))
    roots = [0, *(chain[0] for chain in FINGER_CHAINS)]
    np.testing.assert_array_equal(mixed[:, :, roots], palms[:, :, roots])


@pytest.mark.parametrize("degrees", [0, 75, 180])
def test_fingers_are_turned_scaled_and_mirrored_with_the_palm(degrees: float) -> None:
    """The same hand elsewhere, larger and as a left hand: its fingers, put on, are the hand's own again."""
    palms = windows(letter_hand("K", np.random.default_rng(0)))
    elsewhere = turned(palms, degrees) * np.float32(2.5) + np.float32(3.0)
    left = elsewhere * np.array([-1, 1, 1], dtype=np.float32)
    for fingers in (elsewhere, left):
        mixed = mix_hands(palms, fingers, np.random.default_rng(1))
        np.testing.assert_allclose(mixed, palms, atol=1e-4)


def test_letters_are_not_strange_and_a_hand_of_none_is(known: KnownHands, bank: Bank) -> None:
    hands = bank.frames[bank.start[bank.label == B]]
    assert known.strange(hands).mean() < 0.2
    spread = hands.copy()
    spread[:, 17:21] = 2 * spread[:, 13:14] - spread[:, 13:17] * np.float32(1.5)
    assert known.strange(spread).all()


def test_strange_hands_say_nothing_and_the_others_stay(known: KnownHands, bank: Bank) -> None:
    clips = np.flatnonzero(bank.label != NOTHING_INDEX)
    hands, label = bank.frames[bank.start[clips]][:, None], bank.label[clips]
    shown, says = show_strange_hands(hands, label, known, np.random.default_rng(0), share=0.8)
    strange = says != label
    assert 0.1 < strange.mean() < 0.8
    assert (says[strange] == NOTHING_INDEX).all()
    assert known.strange(shown[strange, -1]).all()
    np.testing.assert_array_equal(shown[~strange], hands[~strange])
    assert not strange[label == J].any()


def test_without_a_share_nothing_changes(known: KnownHands, bank: Bank) -> None:
    hands, label = bank.frames[bank.start][:, None], bank.label
    shown, says = show_strange_hands(hands, label, known, np.random.default_rng(0), share=0.0)
    np.testing.assert_array_equal(shown, hands)
    np.testing.assert_array_equal(says, label)
    assert set(label.tolist()) <= set(range(len(LABELS)))


def test_two_clips_are_enough_to_begin_with(bank: Bank) -> None:
    two = bank.subset(np.isin(np.arange(len(bank)), [0, len(bank) // 2]))
    known = KnownHands.of(two)
    assert known.framed.shape == (1, 40)
    assert np.isfinite(known.far)

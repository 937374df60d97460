from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from signcore.clips import read_clips
from signcore.features import FloatArray
from signcore.labels import char_to_index
from signcore.training.composites import WINDOW, Batch, make_batch
from signcore.training.dataset import MOVING, NOTHING_INDEX, Bank, build_bank
from signcore.training.motion import j_path, z_path
from signcore.training.nonletters import KnownHands
from tests.hands import make_landmarks


@pytest.fixture(scope="module")
def bank(clip_file: Path) -> Bank:
    return build_bank(read_clips(clip_file))


@pytest.fixture(scope="module")
def batch(bank: Bank) -> Batch:
    return make_batch(bank, KnownHands.of(bank), 2000, np.random.default_rng(0))


@pytest.fixture
def still() -> FloatArray:
    return np.broadcast_to(make_landmarks(), (5, WINDOW, 21, 3)).copy()


PROGRESS = np.repeat(np.clip((np.arange(WINDOW) - 4) / 20, 0, 1)[None], 5, axis=0).astype(np.float32)


def test_a_batch_has_the_promised_shapes(batch: Batch) -> None:
    assert batch.windows.shape == (2000, WINDOW, 21, 3)
    assert batch.windows.dtype == np.float32
    assert batch.target.shape == batch.weight.shape == (2000, WINDOW)
    assert batch.turn.shape == (2000,)
    assert (batch.weight >= 0).all()


def test_the_same_seed_makes_the_same_batch(bank: Bank) -> None:
    first, second = (make_batch(bank, KnownHands.of(bank), 64, np.random.default_rng(9)) for _ in range(2))
    np.testing.assert_array_equal(first.windows, second.windows)
    np.testing.assert_array_equal(first.target, second.target)


def test_without_a_hand_comes_nothing_but_not_at_once(batch: Batch) -> None:
    empty = np.isnan(batch.windows).all(axis=(2, 3))
    since = np.zeros(empty.shape, dtype=int)
    for frame in range(WINDOW):
        since[:, frame] = (since[:, frame - 1] + 1 if frame else 0) * empty[:, frame] + (frame == 0) * empty[:, frame]
    lost = empty & ~empty[:, :1]
    assert (batch.target[lost & (since <= 3)] != NOTHING_INDEX).mean() > 0.9
    assert (batch.target[lost & (since > 6)] == NOTHING_INDEX).all()
    assert (batch.target[empty & empty[:, :1] & (batch.weight > 0)] == NOTHING_INDEX).all()


def test_between_two_letters_comes_nothing(batch: Batch) -> None:
    letters = np.isin(batch.target, [char_to_index(letter) for letter in "ABDI"])
    changes = 0
    for target, is_letter in zip(batch.target, letters, strict=True):
        runs = target[np.flatnonzero(np.diff(target, prepend=-1))]
        for first, second in pairwise(runs):
            both_still = np.isin([first, second], [char_to_index(letter) for letter in "ABDI"]).all()
            assert not both_still
        changes += len(runs) > 2 and is_letter.any()
    assert changes > 200


def test_the_new_letter_is_judged_within_a_few_frames(batch: Batch) -> None:
    waits = []
    for target, weight in zip(batch.target, batch.weight, strict=True):
        begins = np.flatnonzero((np.diff(target) != 0) & (target[:-1] == NOTHING_INDEX) & ~np.isin(target[1:], MOVING))
        for at in begins:
            judged = np.flatnonzero(weight[at + 1 :] > 0)
            if len(judged):
                waits.append(judged[0])
    assert np.median(waits) <= 3


def test_every_class_and_the_last_frame_count(batch: Batch) -> None:
    judged = batch.target[:, -1][batch.weight[:, -1] > 0]
    assert set(judged) == {char_to_index(letter) for letter in "ABDIJZ"} | {NOTHING_INDEX}
    assert batch.weight[:, -1].max() == 3.0


def test_a_j_is_not_yet_named_where_it_begins(batch: Batch) -> None:
    j = char_to_index("J")
    rows = (batch.target[:, -1] == j) & (batch.weight[:, -1] > 0)
    first_named = np.array(
        [np.flatnonzero((t == j) & (w > 0))[0] for t, w in zip(batch.target[rows], batch.weight[rows], strict=True)]
    )
    assert (first_named > 0).mean() > 0.9


def test_letters_that_turn_into_others_are_turned_less(batch: Batch) -> None:
    assert set(batch.turn.tolist()) == {12.0, 28.0}
    assert (batch.turn[(batch.target == char_to_index("B")).all(axis=1)] == 12.0).all()


@pytest.mark.parametrize("path", [j_path, z_path])
def test_a_drawn_letter_moves_the_whole_hand_and_ends(path, still: FloatArray) -> None:
    drawn = path(still, PROGRESS, np.random.default_rng(0))
    wrist = drawn[:, :, 0, :2] - still[:, :, 0, :2]
    np.testing.assert_allclose(wrist[:, :4], 0, atol=1e-6)
    np.testing.assert_allclose(wrist[:, 25:], wrist[:, -1:].repeat(7, axis=1), atol=1e-6)
    assert (np.ptp(wrist, axis=1).max(axis=1) > 0.3).all()


def test_a_drawn_j_goes_down_and_a_drawn_z_across_twice(still: FloatArray) -> None:
    j = j_path(still, PROGRESS, np.random.default_rng(0))[:, :, 0]
    assert (j[:, -1, 1] > j[:, 0, 1]).all() or (j[..., 1].max(axis=1) > j[:, 0, 1] + 0.2).all()
    z = z_path(still, PROGRESS, np.random.default_rng(0))[:, :, 0, 0]
    steps = np.sign(np.diff(z, axis=1))
    turns = [(np.diff(row[row != 0]) != 0).sum() for row in steps]
    assert turns == [2] * 5

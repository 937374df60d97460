from itertools import pairwise

import numpy as np
import pytest

from signcore.features import FloatArray, normalise_hand, palm_size
from signcore.spelling import first_frame, join_letters, word_list
from tests.hands import make_landmarks


def recordings() -> dict[str, FloatArray]:
    """Letters as an open hand turned a little further for each."""
    clips = {}
    for index, letter in enumerate("ABLJ"):
        turn = np.radians(30 * index)
        rotation = np.array([[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
        hand = make_landmarks() @ rotation.T
        clips[letter] = np.stack([hand + np.array([0.01 * step, 0, 0]) for step in range(20)]).astype(np.float32)
    clips["B"] = clips["B"][:1]
    return clips


def test_the_list_is_what_it_says() -> None:
    words = word_list()
    assert len(set(words)) == len(words) == 200
    assert set("".join(words)) == set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for letter in "JZ":
        assert sum(letter in word for word in words) >= 20
    assert sum(any(first == second for first, second in pairwise(word)) for word in words) >= 40


@pytest.mark.parametrize("speed", [1, 2, 3])
def test_a_word_takes_its_time(speed: int) -> None:
    frames = join_letters("ABLA", recordings(), speed, before_s=1.0, after_s=0.5)
    there = ~np.isnan(frames).any(axis=(1, 2))
    assert there.sum() == pytest.approx(4 * 30 / speed, abs=5)
    assert np.flatnonzero(there)[0] == 30
    assert len(frames) - np.flatnonzero(there)[-1] == 16


def test_the_hand_has_one_size_and_each_letters_shape() -> None:
    clips = recordings()
    frames = join_letters("AB", clips, 1, before_s=0.0, after_s=0.0)
    assert palm_size(frames[[0, -1]]) == pytest.approx(0.26, rel=1e-3)
    for frame, letter in ((frames[0], "A"), (frames[-1], "B")):
        np.testing.assert_allclose(normalise_hand(frame), normalise_hand(clips[letter][0]), atol=1e-4)


@pytest.mark.parametrize("speed", [1, 2, 3])
def test_a_letter_is_held_from_its_first_frame(speed: int) -> None:
    clips = recordings()
    frames = join_letters("AB", clips, speed)
    assert np.isnan(frames[first_frame(0, speed) - 1]).all()
    for index, letter in enumerate("AB"):
        held = normalise_hand(frames[first_frame(index, speed)])
        np.testing.assert_allclose(held, normalise_hand(clips[letter][0]), atol=1e-4)
    before = normalise_hand(frames[first_frame(1, speed) - 1])
    assert np.abs(before - normalise_hand(clips["B"][0])).max() > 0.01


def test_a_double_letter_slides_to_the_side() -> None:
    frames = join_letters("BB", recordings(), 2, before_s=0.0, after_s=0.0)
    assert abs(frames[-1, 0, 0] - frames[0, 0, 0]) == pytest.approx(0.8 * 0.26, rel=1e-3)
    assert frames[-1, 0, 1] == pytest.approx(frames[0, 0, 1])


def test_many_double_letters_stay_in_the_picture() -> None:
    frames = join_letters("BB" * 10, recordings(), 3, before_s=0.0, after_s=0.0)
    assert 0 < frames[:, 0, 0].min() < frames[:, 0, 0].max() < 4 / 3


def test_a_moving_letter_is_played_from_end_to_end() -> None:
    clips = recordings()
    frames = join_letters("J", clips, 1, before_s=0.0, after_s=0.0)
    travelled = frames[-1, 0, 0] - frames[0, 0, 0]
    assert travelled == pytest.approx(0.19 * 0.26 / palm_size(clips["J"][0]), rel=1e-3)

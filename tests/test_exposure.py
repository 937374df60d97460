from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from signcore.exposure import Exposure, is_grey, white_level
from signcore.hand import HandTracker
from tests.videos import pictures

Picture = NDArray[np.uint8]


def brightened(picture: Picture) -> Picture:
    return Exposure().corrected(picture, 0.0)


def grey(level: int) -> Picture:
    """With a little colour."""
    return np.full((480, 640, 3), (level, level, 0.9 * level), np.uint8)


def dimmed(picture: Picture, share: float, noise: float, seed: int) -> Picture:
    """What a camera makes of less light: less of everything but noise."""
    noisy = share * picture + np.random.default_rng(seed).normal(0.0, noise, picture.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def test_a_picture_with_light_enough_stays_as_it_is() -> None:
    picture = grey(180)
    assert brightened(picture) is picture


def test_a_dim_picture_becomes_bright_and_keeps_its_original() -> None:
    picture = grey(60)
    assert brightened(picture)[..., 0].mean() == pytest.approx(220, abs=3)
    assert (picture == grey(60)).all()


def test_light_that_goes_out_is_noticed_within_a_quarter_of_a_second_and_at_once_when_it_is_back() -> None:
    exposure = Exposure()
    light, dark = grey(180), grey(60)
    colourless = np.full_like(light, 180)
    assert exposure.corrected(light, 1000.0) is light
    assert exposure.corrected(dark, 1250.0)[..., 0].mean() == pytest.approx(220, abs=3)
    assert exposure.corrected(light, 1283.0) is light
    assert exposure.corrected(colourless, 1533.0) is not colourless
    assert exposure.corrected(light, 1566.0) is light


def test_what_is_blown_out_does_not_count() -> None:
    picture = grey(60)
    picture[:, :200] = 255  # a window
    assert white_level(picture) == 60
    assert brightened(picture)[:, 300:, 0].mean() == pytest.approx(220, abs=3)


def test_a_covered_lens_shows_no_more_than_noise() -> None:
    assert brightened(grey(1)).max() <= 12
    assert brightened(grey(0)).max() == 0
    assert (brightened(grey(255)) == grey(255)).all()


@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))))
def test_it_is_another_picture_of_the_same_size(picture: Picture) -> None:
    before = picture.copy()
    bright = brightened(picture)
    assert (picture == before).all()
    assert bright.shape == picture.shape
    assert bright.dtype == np.uint8
    assert 0 <= white_level(picture) <= 255


def test_hands_without_colour_are_found(hand_model: Path, media_dir: Path) -> None:
    found = []
    for video in sorted(media_dir.glob("?.mp4")):
        with HandTracker(hand_model) as tracker:
            for frame, picture in enumerate(pictures(video, 3)):
                colourless = picture.mean(axis=2, keepdims=True).astype(np.uint8).repeat(3, axis=2)
                assert is_grey(colourless)
                assert not is_grey(picture)
                found.append(tracker.detect(colourless, 33.0 * frame) is not None)
    assert np.mean(found) >= 0.7  # 0.34 without a tint


@pytest.mark.parametrize("window", [False, True])
def test_hands_in_a_fifth_of_the_light_are_found(hand_model: Path, media_dir: Path, *, window: bool) -> None:
    found = []
    for letter in "AEIMS":
        with HandTracker(hand_model) as tracker:
            for frame, picture in enumerate(pictures(media_dir / f"{letter}.mp4", 4)):
                # As a video's encoder leaves it: most of the noise is gone.
                dim = cv2.GaussianBlur(dimmed(picture, 0.2, 2.0, frame), (3, 3), 0)
                if window:
                    dim[:, :110] = 250
                found.append(tracker.detect(dim, 33.0 * frame) is not None)
    assert np.mean(found) >= 0.9

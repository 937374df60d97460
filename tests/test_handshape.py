"""The typical hands that come with the project."""

import numpy as np
import pytest

from signcore.errors import LandmarkError
from signcore.handshape import reference
from signcore.labels import LETTERS, MOVING_LETTERS
from signcore.predictor import SequencePredictor
from signcore.windows import clip_windows


@pytest.mark.parametrize("letter", LETTERS)
def test_recogniser_reads_every_typical_hand_as_its_letter(letter: str, predictor: SequencePredictor) -> None:
    shape = reference(letter)
    clip = shape.landmarks[None] if shape.movement is None else shape.movement
    read, confidence = predictor.predict_sequence(clip_windows(clip, predictor.window)[-1])
    assert read == letter
    assert confidence >= 0.6


@pytest.mark.parametrize("letter", LETTERS)
def test_a_handshape_says_what_it_is(letter: str) -> None:
    shape = reference(letter)
    assert shape.landmarks.shape == (21, 3)
    assert np.abs(shape.landmarks[0]).max() == 0.0
    assert shape.spread.shape == (21,)
    assert (shape.spread >= 0).all()
    assert (shape.movement is not None) == (letter in MOVING_LETTERS)
    assert letter not in shape.confused_with
    assert set(shape.confused_with) <= set(LETTERS)
    assert any(other in shape.sentence for other in shape.confused_with)


@pytest.mark.parametrize("letter", ["a", "SPACE", "", "Ä"])
def test_only_letters_have_a_handshape(letter: str) -> None:
    with pytest.raises(LandmarkError, match="A to Z"):
        reference(letter)

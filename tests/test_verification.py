"""Whether a letter asked for has been signed."""

import numpy as np
import pytest

from signcore.features import FloatArray
from signcore.labels import LABELS, char_to_index
from signcore.verification import ACCEPTED_FROM, HOLD_S, Verifier

STEP_MS = 1000 / 30


def saying(letter: str, chance: float) -> FloatArray:
    chances = np.zeros(len(LABELS), np.float32)
    chances[char_to_index(letter)] = chance
    return chances


def test_a_letter_held_to_the_end_is_accepted_and_stays_so() -> None:
    verifier = Verifier("A")
    steps = [verifier.step(saying("A", 0.9), i * STEP_MS) for i in range(20)]
    progress = [found.progress for found in steps]
    assert progress == sorted(progress)
    assert progress[0] == 0.0
    assert [found.accepted for found in steps].index(True) == round(HOLD_S * 30)
    assert verifier.step(None, 20 * STEP_MS).accepted


def test_a_gap_begins_again() -> None:
    verifier = Verifier("A")
    for i in range(12):
        verifier.step(saying("A", 0.9), i * STEP_MS)
    assert verifier.step(None, 12 * STEP_MS).progress == 0.0
    assert not verifier.step(saying("A", 0.9), 13 * STEP_MS).accepted


@pytest.mark.parametrize("chance", [0.0, ACCEPTED_FROM - 0.01])
def test_another_letter_is_not(chance: float) -> None:
    verifier = Verifier("A")
    for i in range(60):
        found = verifier.step(saying("A", chance) + saying("S", 1 - chance), i * STEP_MS)
        assert (found.progress, found.accepted) == (0.0, False)


def test_a_movement_is_accepted_when_it_ends() -> None:
    verifier = Verifier("J")
    assert not verifier.step(saying("J", 0.9), 0.0).accepted
    assert verifier.step(saying("J", 0.9), 110.0).accepted

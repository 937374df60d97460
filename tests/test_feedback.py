"""What is said about a hand, on the typical hands and on recorded ones."""

import numpy as np
import pytest

from signcore.feedback import SURE, Verdict, feedback
from signcore.handshape import reference
from signcore.labels import LABELS, char_to_index
from signcore.pose import MIRROR
from signcore.verification import ACCEPTED_FROM

FINGERS = {
    "UV": {"index", "middle"}, "VU": {"index", "middle"}, "AS": {"thumb"}, "SA": {"thumb"}, "GQ": {"index"},
    "QG": {"index"}, "KV": {"thumb", "middle"},
}  # fmt: skip


def saying(label: str, chance: float = 0.97) -> np.ndarray:
    """What a recogniser says that reads `label`."""
    chances = np.full(len(LABELS), (1 - chance) / (len(LABELS) - 1), np.float32)
    chances[char_to_index(label)] = chance
    return chances


@pytest.mark.parametrize(("pair", "fingers"), FINGERS.items())
@pytest.mark.parametrize("left", [False, True])
def test_the_finger_that_differs_is_named(pair: str, fingers: set[str], left: bool) -> None:
    shown, asked = pair
    hand = reference(shown).landmarks * (MIRROR if left else 1)
    found = feedback(asked, hand, saying(shown))
    assert found.verdict is Verdict.OTHER
    assert found.looks_like == shown
    assert found.finger in fingers
    assert found.sentence.endswith(f"{shown}.")


def test_nothing_is_wrong_while_the_recogniser_is_sure() -> None:
    found = feedback("V", reference("A").landmarks, saying("V", SURE + 0.01))
    assert (found.verdict, found.finger, found.looks_like) == (Verdict.GOOD, None, None)


def test_what_is_being_accepted_is_never_called_another_letter() -> None:
    chances = saying("V", 0.7)
    chances[char_to_index("U")] = ACCEPTED_FROM - 0.01
    assert feedback("U", reference("V").landmarks, chances).verdict is Verdict.OTHER
    chances[char_to_index("U")] = ACCEPTED_FROM
    found = feedback("U", reference("V").landmarks, chances)
    assert (found.verdict, found.looks_like) == (Verdict.CLOSE, "V")
    assert found.sentence.endswith("; it could also be a V.")


def test_no_hand_is_no_letter() -> None:
    assert feedback("A", None, None).verdict is Verdict.NO_HAND


def test_a_still_i_is_told_to_move() -> None:
    found = feedback("J", reference("I").landmarks, saying("I"))
    assert found.finger == "little"
    assert found.looks_like == "I"

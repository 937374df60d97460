import numpy as np
import pytest

from signcore.framing import Advice, Framing
from signcore.hand import HandFrame, ImageArray
from tests.hands import make_landmarks

BRIGHT = 200


def picture(white: int = BRIGHT) -> ImageArray:
    return np.full((48, 64, 3), (white, white, 0.9 * white), np.uint8)


def hand(x: float = 4 / 6, y: float = 0.8, size: float = 0.5) -> HandFrame:
    return HandFrame(make_landmarks(x, y, size), "Right", 0.9, 0.0)


def advice_after(seconds: float, shown: HandFrame | None, *, sure: bool = False, white: int = BRIGHT) -> Advice | None:
    framing = Framing()
    for t_ms in np.arange(0.0, 1000.0 * seconds + 1.0, 100.0):
        framing.see(picture(white), shown, t_ms, sure=sure)
    return framing.advice


@pytest.mark.parametrize(
    ("shown", "white", "expected"),
    [
        (None, BRIGHT, None),
        (None, 10, Advice.LIGHT),
        (hand(), BRIGHT, None),
        (hand(), 10, None),
        (hand(size=0.2), BRIGHT, Advice.NEARER),
        (hand(x=-0.05), BRIGHT, Advice.INSIDE),
        (hand(x=1.4), BRIGHT, Advice.INSIDE),
        (hand(y=1.4), BRIGHT, Advice.INSIDE),
        (hand(y=0.2), BRIGHT, Advice.INSIDE),
    ],
)
def test_what_would_help_is_said(shown: HandFrame | None, white: int, expected: Advice | None) -> None:
    assert advice_after(1.0, shown, white=white) is expected


def test_a_camera_without_colour_is_named() -> None:
    framing = Framing()
    for t_ms in range(0, 1000, 100):
        grey = np.random.default_rng(t_ms).integers(0, 256, (48, 64, 1), np.uint8).repeat(3, axis=2)
        framing.see(grey, None, t_ms, sure=False)
    assert framing.advice is Advice.COLOUR


def test_a_moment_needs_no_advice() -> None:
    assert advice_after(0.5, hand(x=1.4)) is None


def test_a_sure_letter_needs_no_advice() -> None:
    assert advice_after(1.0, hand(size=0.2), sure=True) is None


def test_advice_that_was_followed_goes_at_once() -> None:
    framing = Framing()
    for t_ms in range(0, 1000, 100):
        framing.see(picture(5), None, t_ms, sure=False)
    assert framing.advice is Advice.LIGHT
    framing.see(picture(BRIGHT), None, 1000.0, sure=False)
    assert framing.advice is None


def test_other_advice_waits_as_well() -> None:
    framing = Framing()
    for t_ms in range(0, 1000, 100):
        framing.see(picture(BRIGHT), hand(x=1.4), t_ms, sure=False)
    framing.see(picture(BRIGHT), hand(size=0.2), 1000.0, sure=False)
    assert framing.advice is Advice.INSIDE
    framing.see(picture(BRIGHT), hand(size=0.2), 1700.0, sure=False)
    assert framing.advice is Advice.NEARER

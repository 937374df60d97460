"""What a person can do so that the camera sees the hand better: more light, colour, nearer, further into the
picture."""

from enum import StrEnum
from typing import Final

from signcore.exposure import is_grey, white_level
from signcore.features import palm_size
from signcore.hand import HandFrame, ImageArray

# Where the tracker begins to lose hands, as docs/decisions/0059 measures it.
_DARK: Final = 24.0  # of 255
_FAR: Final = 0.17  # palm size, of the picture's height
_OUTSIDE: Final = 3  # landmarks of 21
# A hand that comes and goes is at the picture's edge for a moment.
_LASTS_MS: Final = 700.0


class Advice(StrEnum):
    """What to do."""

    LIGHT = "It is dark: turn on a light, or uncover the camera."
    COLOUR = "The picture has no colour: with another camera your hand is found more readily."
    NEARER = "Come nearer: your hand is small."
    INSIDE = "Your hand leaves the picture: move it to the middle."


class Framing:
    """Looks after how one camera's pictures show the hand.

    Attributes:
        advice: what would help now; None: nothing to be said.
    """

    def __init__(self) -> None:
        self.advice: Advice | None = None
        self._candidate: Advice | None = None
        self._since_ms = 0.0

    def see(self, image: ImageArray, hand: HandFrame | None, t_ms: float, *, sure: bool) -> None:
        """Take in what was read in the picture at `t_ms`, milliseconds that rise.

        Args:
            image: (H, W, 3) uint8.
            hand: the hand in it.
            t_ms: when it was taken.
            sure: whether its letter is sure; then nothing needs to be better.
        """
        now = None if sure else _advice(image, hand)
        if now is not self._candidate:
            self._candidate, self._since_ms = now, t_ms
        if now is None or t_ms - self._since_ms >= _LASTS_MS:
            self.advice = now


def _advice(image: ImageArray, hand: HandFrame | None) -> Advice | None:
    if hand is None:
        if white_level(image) < _DARK:
            return Advice.LIGHT
        return Advice.COLOUR if is_grey(image) else None
    aspect = image.shape[1] / image.shape[0]
    x, y = hand.landmarks[:, 0], hand.landmarks[:, 1]
    if ((x < 0) | (x > aspect) | (y < 0) | (y > 1)).sum() >= _OUTSIDE:
        return Advice.INSIDE
    return Advice.NEARER if palm_size(hand.landmarks) < _FAR else None

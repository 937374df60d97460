"""Which pictures of a camera are worth looking at: fewer while nobody is there or a hand is held still."""

from typing import Final

from signcore.features import FloatArray, palm_size
from signcore.gesture import STILL, farthest
from signcore.hand import HandFrame

# A hand that was lost for a moment, or is away between two letters, is looked for in every picture.
_AWAY_MS: Final = 600.0
# A hand that appears right after a look is seen at the next one, less than this later.
_LOOK_MS: Final = 120.0
# A hand that has not moved for so long has its letter; 15 pictures a second are enough to see it move.
_HELD_MS: Final = 1000.0
_LOOK_AT_HELD_MS: Final = 50.0


class Attention:
    """How often one camera's pictures are looked at. Looking costs nearly everything that reading a session costs.

    Ask `due` for each picture, and tell what was found in those that were looked at with `saw`. Times are milliseconds
    that rise.
    """

    def __init__(self) -> None:
        self._looked_ms = -_AWAY_MS
        self._hand_ms = 0.0
        self._place: FloatArray | None = None
        self._place_ms = 0.0

    def due(self, t_ms: float) -> bool:
        """Whether to look at the picture at `t_ms`."""
        since_look = t_ms - self._looked_ms
        if self._place is not None:
            return since_look >= _LOOK_AT_HELD_MS or t_ms - self._place_ms < _HELD_MS
        return since_look >= _LOOK_MS or t_ms - self._hand_ms < _AWAY_MS

    def saw(self, hand: HandFrame | None, t_ms: float) -> None:
        """Take in what the picture at `t_ms` showed."""
        self._looked_ms = t_ms
        if hand is None:
            self._place = None
            return
        self._hand_ms = t_ms
        if self._place is None or farthest(hand.landmarks, self._place) > STILL * palm_size(hand.landmarks):
            self._place, self._place_ms = hand.landmarks, t_ms

    @property
    def on_a_hand(self) -> bool:
        """Whether there was a hand in the last picture that was looked at."""
        return self._place is not None

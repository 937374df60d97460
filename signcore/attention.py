"""Which pictures of a camera are worth looking at: fewer while nobody is there or a hand is held still."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from signcore.features import FloatArray, palm_size
from signcore.gesture import STILL, farthest
from signcore.hand import HandFrame

# A hand that was lost for a moment, or is away between two letters, is looked for in every picture.
_AWAY_MS: Final = 600.0
# A hand that appears right after a look is seen at the next one, less than this later.
_LOOK_MS: Final = 120.0
# Where nothing in the picture has changed for so long no hand has come; but looks may have missed one.
_STILL_MS: Final = 1000.0
_LOOK_AT_STILL_MS: Final = 480.0
_TILES: Final = (40, 30)  # of the picture, across and down; a hand at arm's length covers ten
_CHANGED: Final = 6.0  # of 255, a tile's mean brightness; a camera's noise moves it by one, a hand by tens
# A hand that has not moved for so long has its letter; 15 pictures a second are enough to see it move.
_HELD_MS: Final = 1000.0
_LOOK_AT_HELD_MS: Final = 50.0


class Attention:
    """How often one camera's pictures are looked at. Looking costs nearly everything that reading a session costs.

    Ask `due` for each picture, and tell what was found in those that were looked at with `saw`. Times are milliseconds
    that rise.
    """

    def __init__(self) -> None:
        self._tiles: FloatArray | None = None
        self._changed_ms = 0.0
        self._looked_ms = -_AWAY_MS
        self._hand_ms = 0.0
        self._place: FloatArray | None = None
        self._place_ms = 0.0

    def due(self, t_ms: float, brightness: NDArray[np.uint8] | None = None) -> bool:
        """Whether to look at the picture at `t_ms`.

        Args:
            t_ms: when it was taken.
            brightness: (H, W) uint8 of the picture; with it, less is looked where nobody is there and nothing changes.
        """
        since_look = t_ms - self._looked_ms
        if self._place is not None:
            return since_look >= _LOOK_AT_HELD_MS or t_ms - self._place_ms < _HELD_MS
        if t_ms - self._hand_ms < _AWAY_MS:
            return True
        if since_look < _LOOK_MS:
            return False
        if brightness is None or self._differs(brightness):
            self._changed_ms = t_ms
        return t_ms - self._changed_ms < _STILL_MS or since_look >= _LOOK_AT_STILL_MS

    def _differs(self, brightness: NDArray[np.uint8]) -> bool:
        """Whether the picture is not the last one for which this was true."""
        tiles = cv2.resize(brightness, _TILES, interpolation=cv2.INTER_AREA).astype(np.float32)
        if self._tiles is not None and np.abs(tiles - self._tiles).max() < _CHANGED:
            return False
        self._tiles = tiles
        return True

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

"""What to change about a hand so that it becomes the letter that was asked for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from signcore.features import FloatArray, normalise_hand
from signcore.hand import HandFrame
from signcore.handshape import Handshape, reference
from signcore.labels import BEGINNINGS, LETTERS, MOVING_LETTERS, char_to_index
from signcore.pose import FINGERS, MEASURES, Measure, as_right_hand, pose
from signcore.verification import ACCEPTED_FROM

# The recogniser is believed from here on: no finger is called wrong.
SURE: Final = 0.9
# A letter that is at least so probable is what the hand looks like.
_LIKELY: Final = 0.2
# How many standard deviations from what people do is more than a habit, and the most that one measure can say.
_SIGNIFICANT: Final = 4.0
_MOST: Final = 8.0
# Landmarks tremble and hands differ: no measure is more exact than this (radians, palms, -1..1).
_LEAST_SPREAD: Final = {
    "bend": 0.25, "curl": 0.3, "gap": 0.06, "across": 0.08, "up": 0.08, "palmar": 0.08, "points_up": 0.2,
    "points_across": 0.3,
}  # fmt: skip
_SPREADS: Final = np.array([_LEAST_SPREAD[measure.kind] for measure in MEASURES], dtype=np.float32)
_THUMB: Final = {
    "A": "upright beside the fist", "B": "across the palm", "C": "opposite the fingers, curved",
    "D": "against the middle finger's tip", "E": "below the fingertips", "F": "against the index finger's tip",
    "G": "level with the index finger, a little apart", "H": "on the folded fingers", "I": "across the folded fingers",
    "J": "across the folded fingers", "K": "between index and middle finger", "L": "straight out to the side",
    "M": "under three fingers", "N": "under two fingers", "O": "against the other fingertips",
    "P": "between index and middle finger", "Q": "beside the index finger, a little apart",
    "R": "on the folded fingers", "S": "across the front of the fist", "T": "between index and middle finger",
    "U": "on the folded fingers", "V": "on the folded fingers", "W": "on the little finger",
    "X": "on the folded fingers", "Y": "straight out to the side", "Z": "on the folded fingers",
}  # fmt: skip
# From here on a finger points up or down and not to the side (the cosine of its angle).
_UP: Final = 0.6
# Where the index finger is bent more than this (radians), nobody can say where it points.
_FOLDED: Final = 1.2
_INDEX_CURL: Final = MEASURES.index(Measure("index", "curl"))
_POINTING: Final = tuple(i for i, measure in enumerate(MEASURES) if measure.kind.startswith("points"))
# Fingers with as much of the evidence as this, for the same, are named along with the first.
_ALONGSIDE: Final = 0.5
_FOLDED_OVER: Final = (("M", "ring"), ("M", "middle"), ("N", "middle"))


class Verdict(StrEnum):
    """How near the hand is to the letter asked for."""

    GOOD = "good"
    CLOSE = "close"
    OTHER = "other"
    NO_HAND = "no hand"


@dataclass(frozen=True)
class Feedback:
    """What is said about a hand.

    Attributes:
        verdict: GOOD: the letter asked for, surely; CLOSE: nearly; OTHER: another letter, or none; NO_HAND.
        probability: of the letter asked for, 0..1.
        finger: one of `signcore.pose.FINGERS`, the one that is off; None where none clearly is.
        sentence: what to change, for the person; "" where there is nothing to say.
        looks_like: the letter that the hand looks like instead, None for none.
    """

    verdict: Verdict
    probability: float
    finger: str | None
    sentence: str
    looks_like: str | None


def feedback(letter: str, hand: HandFrame | FloatArray | None, probabilities: FloatArray | None) -> Feedback:
    """What to change so that a hand becomes a letter.

    Args:
        letter: the letter asked for, A to Z.
        hand: a hand, or its landmarks (21, 3) in units of image height; None for no hand.
        probabilities: (29,), what the recogniser says of it; None while it says nothing yet.

    Raises:
        LandmarkError: not one of the 26 letters, or another shape of landmarks.
    """
    target = reference(letter)
    if hand is None:
        return Feedback(Verdict.NO_HAND, 0.0, None, "Show one hand to the camera.", None)
    chances = np.zeros(len(LETTERS), np.float32) if probabilities is None else probabilities[: len(LETTERS)]
    own = float(chances[char_to_index(letter)])
    if own >= SURE:
        return Feedback(Verdict.GOOD, own, None, f"That is {an(letter)}.", None)
    others = [other for other in LETTERS if other != letter]
    rival = max(others, key=lambda other: float(chances[char_to_index(other)]))
    looks_like = rival if chances[char_to_index(rival)] >= _LIKELY else None
    # What is being accepted is never called another letter.
    verdict = Verdict.CLOSE if looks_like is None or own >= ACCEPTED_FROM else Verdict.OTHER
    if looks_like is not None and looks_like in BEGINNINGS.get(letter, ()):
        return Feedback(Verdict.CLOSE, own, _drawing_finger(letter), _draw(letter), looks_like)
    if looks_like in MOVING_LETTERS and letter in BEGINNINGS[looks_like]:
        finger = _drawing_finger(looks_like)
        advice = f"Hold the {_name(finger)} still; moving makes it {an(looks_like)}."
        return Feedback(Verdict.CLOSE, own, finger, advice, looks_like)
    landmarks = hand.landmarks if isinstance(hand, HandFrame) else hand
    off_finger, advice = _correction(target, pose(as_right_hand(normalise_hand(landmarks))), looks_like)
    if off_finger is None:
        advice = target.sentence if verdict is Verdict.OTHER else "Nearly. Hold it."
    elif looks_like is None:
        advice += "."
    else:
        advice += f"; {'now it looks like' if verdict is Verdict.OTHER else 'it could also be'} {an(looks_like)}."
    return Feedback(verdict, own, off_finger, advice, looks_like)


def _correction(target: Handshape, found: FloatArray, looks_like: str | None) -> tuple[str | None, str]:
    """The finger that is most clearly off and what to do with it; None and "" where none is."""
    off = _deviation(found, target)
    evidence = np.where(np.abs(off) >= _SIGNIFICANT, np.minimum(np.abs(off), _MOST) ** 2, 0.0)
    rival = target if looks_like is None else reference(looks_like)
    if rival is not target:
        # The recogniser has seen that it is the other letter. What tells the two apart is what is off.
        off = _deviation(rival.pose, target)
        towards = np.clip((found - target.pose) / np.where(off == 0.0, np.inf, rival.pose - target.pose), 0.0, 1.5)
        evidence = np.minimum(np.abs(off), _MOST) ** 2 * (towards if (towards * off).any() else 1.0)
    if any(shape.pose[_INDEX_CURL] > _FOLDED for shape in (target, rival)):
        evidence[list(_POINTING)] = 0.0
    worst = int(evidence.argmax())
    if evidence[worst] <= 0.0:
        return None, ""
    measure = MEASURES[worst]
    with_it = [
        MEASURES[i].finger
        for i in np.flatnonzero((evidence >= _ALONGSIDE * evidence[worst]) & (np.sign(off) == np.sign(off[worst])))
        if MEASURES[i].kind == measure.kind
    ]
    return measure.finger, _advice(target, measure, with_it, float(off[worst]), found)


def _deviation(found: FloatArray, shape: Handshape) -> FloatArray:
    """How many standard deviations each measure is from a handshape's (17,)."""
    spread = np.hypot(shape.pose_spread, _SPREADS)
    return ((found - shape.pose) / spread).astype(np.float32)


def _advice(target: Handshape, measure: Measure, fingers: list[str], off: float, found: FloatArray) -> str:
    finger = measure.finger
    if finger == "thumb":
        return f"Put the thumb {_THUMB[target.letter]}"
    if measure.kind in ("bend", "curl"):
        if (target.letter, finger) in _FOLDED_OVER:
            return f"Fold the {_name(finger)} over the thumb too"
        return f"Straighten {_names(fingers)}" if off > 0 else f"Bend {_names(fingers)} more"
    if measure.kind == "gap":
        both = f"{finger} and {_name(FINGERS[FINGERS.index(finger) + 1])}"
        if target.letter == "R" and finger == "index":
            return f"Cross {both}"
        if off > 0:
            return f"Bring {both} together"
        return f"Uncross {both}" if found[MEASURES.index(measure)] < 0 and finger == "index" else f"Spread {both}"
    upright = float(target.pose[MEASURES.index(Measure("index", "points_up"))])
    way = "up" if upright > _UP else "down" if upright < -_UP else "to the side"
    return f"Turn the hand until the index finger points {way}"


def _drawing_finger(letter: str) -> str:
    return "little" if letter == "J" else "index"


def _draw(letter: str) -> str:
    return f"Now draw the {letter} in the air with the {_name(_drawing_finger(letter))}."


def _name(finger: str) -> str:
    return "thumb" if finger == "thumb" else f"{finger} finger"


def _names(fingers: list[str]) -> str:
    if len(fingers) == len(FINGERS) - 1:
        return "all four fingers"
    return "the " + " and ".join(filter(None, [", ".join(fingers[:-1]), _name(fingers[-1])]))


def an(letter: str) -> str:
    """A letter as sentences name it: "an A", "a B"."""
    return f"{'an' if letter in 'AEFHILMNORSX' else 'a'} {letter}"

"""What a recogniser gets wrong, to look at: a page of misread hands, each between the two letters in question."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np

from signcore.clips import Clips
from signcore.features import BONES, FloatArray, IntArray, normalise_hand
from signcore.handshape import reference
from signcore.labels import LABELS, LETTERS
from signcore.metrics import confusion_matrix, confusions
from signcore.pose import as_right_hand

_OF_A_SOURCE: Final = 8
_DRAWN: Final = 6  # hands of a mistake
_SIDE: Final = 120  # of a drawing, px
_MARGIN: Final = 12.0
_STYLE: Final = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin: 2rem 0 0 } h3 { font-size: 1rem; margin: 1.2rem 0 0.3rem }
.row { display: flex; flex-wrap: wrap; gap: 0.6rem }
figure { margin: 0; text-align: center; font-size: 0.8rem }
svg { display: block; border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: 8px }
.typical svg { background: color-mix(in srgb, #0f766e 14%, transparent) }
path { fill: none; stroke: currentColor; stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round }
circle { fill: #0f766e }
"""


@dataclass(frozen=True)
class Mistake:
    """Clips of one source and letter that were read as one other class.

    Attributes:
        source: the source's name.
        signed: the label of the clips.
        read: the answer.
        clips: indices of the clips in their file.
        signed_clips: how many clips of the letter the source has.
    """

    source: str
    signed: str
    read: str
    clips: tuple[int, ...]
    signed_clips: int


def find_mistakes(clips: Clips, indices: IntArray, answers: IntArray) -> list[Mistake]:
    """The eight commonest mistakes of each source.

    Args:
        clips: the file.
        indices: (n,) which of them were read.
        answers: (n,) the class that each was read as.
    """
    found = []
    for source in np.unique(clips.source[indices]):
        own = clips.source[indices] == source
        truth, said = clips.label[indices][own], answers[own]
        for _, signed, read in confusions(confusion_matrix(truth, said).tolist())[:_OF_A_SOURCE]:
            wrong = indices[own][(truth == signed) & (said == read)]
            found.append(
                Mistake(
                    clips.source_names[source],
                    LABELS[signed],
                    LABELS[read],
                    tuple(int(index) for index in wrong),
                    int((truth == signed).sum()),
                )
            )
    return found


def mistakes_page(clips: Clips, mistakes: Sequence[Mistake], *, command: str) -> str:
    """An HTML page that needs nothing but itself.

    Every row begins with the typical hand of the letter that was signed and ends with that of the letter it was read
    as; between them are up to six misread hands, from the middle of their clips. All are drawn as right hands.

    Args:
        clips: the file.
        mistakes: of clips of that file.
        command: what the user typed.
    """
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width'><title>Misread hands</title>",
        f"<style>{_STYLE}</style><h1>Misread hands</h1>",
        f"<p>Made by <code>{escape(command)}</code>. On tinted ground: how most people sign the two letters.</p>",
    ]
    source = None
    for mistake in mistakes:
        if mistake.source != source:
            source = mistake.source
            parts.append(f"<h2>{escape(source)}</h2>")
        times = f"{len(mistake.clips)} of {mistake.signed_clips}"
        parts.append(f"<h3>{mistake.signed} read as {mistake.read}: {times} clips</h3><div class='row'>")
        chosen = np.linspace(0, len(mistake.clips) - 1, min(_DRAWN, len(mistake.clips))).round().astype(int)
        misread = (_figure(_middle_hand(clips.clip(mistake.clips[place])), "") for place in chosen)
        parts += [_typical(mistake.signed), *misread, _typical(mistake.read), "</div>"]
    if not mistakes:
        parts.append("<p>Every clip was read right.</p>")
    return "\n".join(parts) + "\n"


def _typical(label: str) -> str:
    """The figure of a letter as most people sign it; nothing for a class that is no letter."""
    if label not in LETTERS:
        return ""
    return _figure(reference(label).landmarks, f"typical {label}", "typical")


def _middle_hand(clip: FloatArray) -> FloatArray | None:
    """The hand (21, 3) half-way through a clip (n, 21, 3), in palm units; None where it never shows one."""
    hands = clip[np.isfinite(clip).all(axis=(1, 2))]
    return as_right_hand(normalise_hand(hands[len(hands) // 2])) if len(hands) else None


def _figure(hand: FloatArray | None, caption: str, style: str = "misread") -> str:
    """A drawing of a hand (21, 3), any unit, that fills its square."""
    drawing = ""
    if hand is not None:
        plane = hand[:, :2] - (hand[:, :2].min(axis=0) + hand[:, :2].max(axis=0)) / 2
        points = plane * (_SIDE - 2 * _MARGIN) / max(float(np.ptp(plane, axis=0).max()), 1e-6) + _SIDE / 2
        lines = "".join(
            f"M{points[a, 0]:.1f} {points[a, 1]:.1f}L{points[b, 0]:.1f} {points[b, 1]:.1f}" for a, b in BONES
        )
        dots = "".join(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3'/>" for x, y in points)
        drawing = f"<path d='{lines}'/>{dots}"
    return (
        f"<figure class='{style}'><svg width='{_SIDE}' height='{_SIDE}' role='img' aria-label='{caption or 'a hand'}'>"
        f"{drawing}</svg>{caption}</figure>"
    )

from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from signcore.clips import Clips, read_clips
from signcore.labels import char_to_index
from signcore.mistakes import find_mistakes, mistakes_page
from tests.clip_files import clip_arrays, write_clips
from tests.hands import make_landmarks

SIGNED = ["K", "K", "K", "U", "NOTHING"]
SOURCES = ["anna", "anna", "anna", "<b>ben", "<b>ben"]


@pytest.fixture
def clips(tmp_path: Path) -> Clips:
    """Three K of one source; a U and a clip without a hand of another."""
    hand, none = make_landmarks()[None], np.full((2, 21, 3), np.nan, dtype=np.float32)
    arrays = clip_arrays([hand] * 4 + [none], SIGNED, sources=SOURCES)
    return read_clips(write_clips(tmp_path / "clips.npz", arrays))


def answers(*labels: str) -> np.ndarray:
    return np.array([char_to_index(label) for label in labels])


class Elements(HTMLParser):
    """The elements of a page, by name."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.found.append(tag)


def test_the_commonest_mistake_of_a_source_comes_first(clips: Clips) -> None:
    found = find_mistakes(clips, np.arange(5), answers("V", "P", "V", "U", "A"))
    assert [(one.source, one.signed, one.read, one.clips, one.signed_clips) for one in found] == [
        ("<b>ben", "NOTHING", "A", (4,), 1),
        ("anna", "K", "V", (0, 2), 3),
        ("anna", "K", "P", (1,), 3),
    ]


def test_clips_that_were_not_read_are_no_mistakes(clips: Clips) -> None:
    assert find_mistakes(clips, np.array([0, 3]), answers("K", "U")) == []


def test_the_page_shows_misread_hands_between_typical_ones(clips: Clips) -> None:
    found = find_mistakes(clips, np.arange(5), answers("V", "V", "V", "U", "NOTHING"))
    page = mistakes_page(clips, found, command="python -m signcore mistakes <clips>")
    elements = Elements()
    elements.feed(page)
    assert elements.found.count("svg") == 1 + 3 + 1
    assert elements.found.count("circle") == 21 * 5
    assert "K read as V: 3 of 3 clips" in page
    assert page.index("typical K") < page.index("misread") < page.index("typical V")
    assert "&lt;clips&gt;" in page


def test_a_clip_without_a_hand_and_a_name_with_markup_do_no_harm(clips: Clips) -> None:
    page = mistakes_page(clips, find_mistakes(clips, np.arange(5), answers("K", "K", "K", "U", "A")), command="x")
    assert "<b>" not in page
    assert page.count("<figure class='misread'>") == 1
    assert "nan" not in page


def test_nothing_misread_is_said(clips: Clips) -> None:
    assert "Every clip was read right" in mistakes_page(clips, [], command="x")

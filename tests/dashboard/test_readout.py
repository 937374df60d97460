import re
from dataclasses import replace

import pytest

from signcore.dashboard.readout import note_html, reading_html, text_html
from signcore.predictor import SequencePredictor
from signcore.recognizer import Recognizer, Snapshot, Status
from tests.hands import make_hand


@pytest.fixture
def empty(predictor: SequencePredictor) -> Snapshot:
    return Recognizer(predictor).snapshot


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&nbsp;", " ").split())


def test_nothing_runs(empty: Snapshot) -> None:
    assert words(reading_html(empty, running=False)) == "- Ready Start the camera, or play a sample. 0 / 32 frames"


def test_a_recording_is_told_in_words(empty: Snapshot) -> None:
    assert "● Recording 4 s" in words(reading_html(empty, running=True, recorded_s=4.2))
    assert "Recording" not in reading_html(empty, running=True)


def test_no_hand(empty: Snapshot) -> None:
    html = reading_html(replace(empty, buffered=32), running=True)
    assert words(html) == "- No hand in view 0 fps · 0 ms Show one hand to the camera. 0 / 32 frames"
    assert "width:0%" in html


def test_collecting_names_no_letter(empty: Snapshot) -> None:
    html = reading_html(
        replace(empty, status=Status.COLLECTING, hand=make_hand(), buffered=12, fps=29.6, latency_ms=14.2), running=True
    )
    assert words(html) == "- Collecting frames… 30 fps · 14 ms 12 / 32 frames"
    assert "width:38%" in html
    assert html.count("[0.") + html.count(", 0.") >= 21, "the hand goes along for the stage"


def reading(empty: Snapshot, *, sure: bool) -> Snapshot:
    return replace(
        empty,
        status=Status.READING,
        hand=make_hand(),
        buffered=32,
        letter="U",
        runner_up="R",
        confidence=0.97,
        sure=sure,
    )


def test_a_sure_letter(empty: Snapshot) -> None:
    assert "U Reading 0 fps · 0 ms 97% sure" in words(reading_html(reading(empty, sure=True), running=True))


def test_an_unsure_letter_says_between_what(empty: Snapshot) -> None:
    html = reading_html(reading(empty, sure=False), running=True)
    assert "unsure: U or R?" in words(html)
    assert "sc-unsure" in html


def test_trouble_stands_in_place_of_a_letter(empty: Snapshot) -> None:
    text = words(reading_html(reading(empty, sure=True), running=True, trouble="No pictures <arrive>."))
    assert text.startswith("- ")
    assert "No pictures &lt;arrive&gt;." in text


def test_what_was_read_before_a_stop_is_over(empty: Snapshot) -> None:
    html = reading_html(reading(empty, sure=True), running=False)
    assert "U" not in words(html).split()
    assert 'data-hand="null"' in html


def test_the_text_is_shown_as_it_is() -> None:
    assert ">A &lt;B  &amp; C <span" in text_html("A <B  & C ")


def test_a_newcomer_is_told_what_it_is_and_where_pictures_are_read() -> None:
    assert "the American Sign Language alphabet: each letter is written here" in text_html("")
    assert "read on this computer and not kept" in note_html(corrected=False, own_machine=True)
    assert "read on the server and not kept. Letters" in note_html(corrected=True, own_machine=False)

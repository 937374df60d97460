import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signcore.labels import char_to_index
from signcore.timed_text import cleared, common_prefix, letters, words
from signcore.transcript import EventKind, Transcriber
from tests.recordings import make_event, spelled


def test_every_letter_has_the_time_of_its_sign() -> None:
    timed = letters(spelled("HI U"))
    assert [(letter.char, letter.start_ms, letter.end_ms) for letter in timed] == [
        ("H", 1250.0, 1500.0),
        ("I", 1750.0, 2000.0),
        (" ", 2250.0, 2500.0),
        ("U", 2750.0, 3000.0),
    ]
    assert [(word.text, word.start_ms, word.end_ms) for word in words(timed)] == [
        ("HI", 1250.0, 2000.0),
        ("U", 2750.0, 3000.0),
    ]


def test_deleted_letter_is_gone_and_undo_brings_its_time_back() -> None:
    signed = spelled("ABC")
    deleted = make_event("AB", 4000.0, kind=EventKind.DELETE, label="DELETE")
    undone = make_event("ABC", 5000.0, kind=EventKind.UNDO, label=None)
    assert letters((*signed, deleted)) == letters(signed[:2])
    assert letters((*signed, deleted, undone)) == letters(signed)


def test_undo_after_undo_goes_further_back() -> None:
    signed = spelled("ABC")
    undos = [make_event(text, 5000.0 + i, kind=EventKind.UNDO, label=None) for i, text in enumerate(("AB", "A"))]
    assert letters((*signed, *undos)) == letters(signed[:1])
    assert letters((*signed, *undos, make_event("AC", 6000.0)))[1].end_ms == 6000.0


def test_clear_and_its_undo() -> None:
    signed = spelled("AB")
    cleared = make_event("", 4000.0, kind=EventKind.CLEAR, label=None)
    undone = make_event("AB", 4500.0, kind=EventKind.UNDO, label=None)
    assert letters((*signed, cleared)) == ()
    assert letters((*signed, cleared, undone)) == letters(signed)


def test_what_was_cleared_is_there_but_for_what_an_undo_brought_back() -> None:
    signed = spelled("HI")
    first = make_event("", 4000.0, kind=EventKind.CLEAR, label=None)
    more = spelled("YO", 5000.0)
    second = make_event("", 7000.0, kind=EventKind.CLEAR, label=None)
    undone = make_event("YO", 8000.0, kind=EventKind.UNDO, label=None)
    assert cleared(signed) == ()
    assert cleared((*signed, first)) == letters(signed)
    assert cleared((*signed, first, *more, second)) == (*letters(signed), *letters(more))
    assert cleared((*signed, first, *more, second, undone)) == letters(signed)
    assert cleared([make_event("", 100.0, kind=EventKind.CLEAR, label=None)], "OLD") == ()


def test_replaced_beginning_takes_the_time_of_the_whole_sign() -> None:
    timed = letters((*spelled("HI"), make_event("HJ", 2600.0, kind=EventKind.REPLACE, label="J")))
    assert [(letter.char, letter.end_ms) for letter in timed] == [("H", 1500.0), ("J", 2600.0)]


def test_suggestion_takes_the_time_of_what_it_replaces() -> None:
    click = make_event("HELLO ", 9000.0, label=None, start_ms=9000.0)
    timed = letters((*spelled("HELIO"), click))
    assert timed[:3] == letters(spelled("HEL"))
    assert [letter.char for letter in timed[3:]] == ["L", "O", " "]
    assert timed[3].start_ms == 2750.0
    assert timed[5].end_ms == 3500.0


def test_letter_put_in_between_lies_between_its_neighbours() -> None:
    timed = letters((*spelled("HELO"), make_event("HELLO", 9000.0, label=None, start_ms=9000.0)))
    assert [letter.char for letter in timed] == list("HELLO")
    assert (timed[3].start_ms, timed[3].end_ms) == (2500.0, 2750.0)


def test_rejected_candidate_changes_nothing() -> None:
    signed = spelled("AB")
    assert letters((signed[0], make_event("A", 1700.0, label="S"), signed[1])) == letters(signed)


def test_text_from_before_the_recording_is_left_out() -> None:
    events = (make_event("OLD", 0.0), make_event("OLDA", 500.0), make_event("OLD", 900.0, kind=EventKind.UNDO))
    assert [letter.char for letter in letters(events[:2], before="OLD")] == ["A"]
    assert letters(events, before="OLD") == ()
    assert [letter.char for letter in letters((make_event("OLX", 500.0),), before="OLD")] == ["X"]


@given(st.text("AB", max_size=6), st.text("AB", max_size=6))
def test_common_prefix(one: str, other: str) -> None:
    length = common_prefix(one, other)
    assert one[:length] == other[:length]
    assert length == min(len(one), len(other)) or one[length] != other[length]


@given(st.lists(st.sampled_from(["A", "B", "DELETE", "space", "undo", "clear", "AXB", "Q"]), max_size=20))
def test_letters_are_always_the_text(acts: list[str]) -> None:
    """Whatever the engine is made to do; "AXB" and "Q" are suggestions that are taken."""
    engine = Transcriber(threshold=0.6, margin=0.1, hold_s=0.25, pause_s=0.0)
    t_ms = 0.0
    for act in acts:
        t_ms += 500.0
        if act == "space":
            engine.space(t_ms)
        elif act == "undo":
            engine.undo(t_ms)
        elif act == "clear":
            engine.clear(t_ms)
        elif act in ("AXB", "Q"):
            engine.take(act, t_ms)
        else:
            for held_ms in (0.0, 150.0, 300.0):
                engine.step(np.eye(29, dtype=np.float32)[char_to_index(act)], None, t_ms + held_ms)
            for gone_ms in (310.0, 450.0):
                engine.step(None, None, t_ms + gone_ms)
    timed = letters(engine.events)
    assert "".join(letter.char for letter in timed) == engine.text
    assert all(letter.start_ms <= letter.end_ms <= t_ms + 300.0 for letter in timed)
    assert [letter.start_ms for letter in timed] == sorted(letter.start_ms for letter in timed)


@pytest.mark.parametrize("text", ["", " ", "  A ", "AB  C"])
def test_words_split_at_any_number_of_spaces(text: str) -> None:
    assert [word.text for word in words(letters(spelled(text)))] == text.split()

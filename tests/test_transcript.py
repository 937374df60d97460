import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signcore.features import FloatArray
from signcore.labels import LABELS, char_to_index
from signcore.transcript import EventKind, Transcriber


def sure_of(label: str, confidence: float = 0.95) -> FloatArray:
    probabilities = np.full(29, (1.0 - confidence) / 28, dtype=np.float32)
    probabilities[char_to_index(label)] = confidence
    return probabilities


def sign(transcriber: Transcriber, spelled: list[tuple[str | None, float]], fps: float = 30.0) -> float:
    """Sign labels (None: no hand) for so many seconds each; returns the time at the end in milliseconds."""
    frame = getattr(transcriber, "frame", 0)
    for label, seconds in spelled:
        for _ in range(round(seconds * fps)):
            frame += 1
            transcriber.step(None if label is None else sure_of(label), 1000.0 * frame / fps)
    transcriber.frame = frame  # type: ignore[attr-defined]
    return 1000.0 * frame / fps


@pytest.fixture
def transcriber() -> Transcriber:
    return Transcriber(threshold=0.6, hold_s=0.25)


@pytest.mark.parametrize("fps", [10, 15, 30, 60])
def test_a_word_is_the_same_at_any_frame_rate(transcriber: Transcriber, fps: int) -> None:
    word: list[tuple[str | None, float]] = [("H", 0.5), ("E", 0.5), ("L", 0.5), (None, 0.3), ("L", 0.5), ("O", 0.5)]
    sign(transcriber, word, fps)
    assert transcriber.text == "HELLO"


def test_a_letter_held_long_is_written_once(transcriber: Transcriber) -> None:
    sign(transcriber, [("A", 20.0)])
    assert transcriber.text == "A"


def test_a_letter_held_too_short_is_not_written(transcriber: Transcriber) -> None:
    sign(transcriber, [("A", 0.2), ("B", 0.2), ("NOTHING", 0.5)])
    assert transcriber.text == ""


def test_an_unsure_letter_is_not_written(transcriber: Transcriber) -> None:
    for frame in range(100):
        transcriber.step(sure_of("A", 0.55), 33.3 * frame)
    assert transcriber.text == ""


@pytest.mark.parametrize("release", [None, "NOTHING"])
def test_the_same_letter_again_needs_a_release(transcriber: Transcriber, release: str | None) -> None:
    sign(transcriber, [("L", 0.5), (release, 0.05), ("L", 0.5)])
    assert transcriber.text == "L"
    sign(transcriber, [(release, 0.3), ("L", 0.5)])
    assert transcriber.text == "LL"


def test_hesitation_or_a_flicker_does_not_write_twice(transcriber: Transcriber) -> None:
    sign(transcriber, [("U", 0.5), ("R", 0.1), ("U", 0.5)])
    transcriber.step(sure_of("U", 0.4), 5000.0)
    sign(transcriber, [("U", 0.5)])
    assert transcriber.text == "U"


def test_another_letter_releases(transcriber: Transcriber) -> None:
    sign(transcriber, [("A", 0.4), ("B", 0.4), ("A", 0.4)])
    assert transcriber.text == "ABA"


def test_space_and_delete_are_signed_once_each(transcriber: Transcriber) -> None:
    sign(transcriber, [("A", 0.5), ("SPACE", 0.9), ("B", 0.5), ("DELETE", 0.9)])
    assert transcriber.text == "A "
    assert [event.kind for event in transcriber.events] == ["letter", "space", "letter", "delete"]


def test_delete_of_nothing_is_no_event(transcriber: Transcriber) -> None:
    sign(transcriber, [("DELETE", 1.0)])
    assert transcriber.text == ""
    assert transcriber.events == ()


@pytest.mark.parametrize(("start", "whole"), [("I", "J"), ("D", "Z"), ("L", "Z")])
def test_the_handshape_that_a_movement_begins_with_gives_way(transcriber: Transcriber, start: str, whole: str) -> None:
    sign(transcriber, [("A", 0.5), (start, 0.4), (whole, 0.4)])
    assert transcriber.text == "A" + whole
    assert transcriber.events[-1].kind is EventKind.REPLACE
    transcriber.undo(9999.0)
    assert transcriber.text == "A" + start


def test_an_i_long_before_a_j_stays(transcriber: Transcriber) -> None:
    sign(transcriber, [("I", 0.5), (None, 2.0), ("J", 0.5)])
    assert transcriber.text == "IJ"


def test_an_event_says_when_what_and_how_sure(transcriber: Transcriber) -> None:
    sign(transcriber, [(None, 1.0), ("K", 0.5)])
    (event,) = transcriber.events
    assert (event.kind, event.label, event.text) == (EventKind.LETTER, "K", "K")
    assert event.start_ms == pytest.approx(1033.3, abs=1)
    assert event.end_ms - event.start_ms == pytest.approx(250.0, abs=34)
    assert event.confidence == pytest.approx(0.95)
    assert event.runner_up in LABELS


actions = st.lists(st.sampled_from(["A", "B", "SPACE", "DELETE", "undo", "clear", "space"]), max_size=25)


@given(actions)
def test_undo_is_the_inverse_of_every_change(steps: list[str]) -> None:
    transcriber = Transcriber(threshold=0.6, hold_s=0.25)
    texts = [""]
    for step in steps:
        t_ms = sign(transcriber, [(None, 0.3)])
        before = transcriber.text
        if step in LABELS:
            sign(transcriber, [(step, 0.4)])
        elif step == "undo":
            transcriber.undo(t_ms)
            texts = texts[:-1] or [""]
        elif step == "clear":
            transcriber.clear(t_ms)
        else:
            transcriber.space(t_ms)
        if step != "undo" and transcriber.text != before:
            texts.append(transcriber.text)
        assert transcriber.text == texts[-1]
    for expected in reversed([*texts[:-1], ""][: len(texts)][:-1]):
        transcriber.undo(0.0)
        assert transcriber.text == expected


@given(st.lists(st.tuples(st.sampled_from([None, *LABELS]), st.floats(0.0, 1.0), st.floats(1, 400)), max_size=80))
def test_nothing_is_never_text_and_events_tell_the_text(stream: list[tuple[str | None, float, float]]) -> None:
    transcriber = Transcriber(threshold=0.6, hold_s=0.25)
    t_ms = 0.0
    for label, confidence, step in stream:
        t_ms += step
        transcriber.step(None if label is None else sure_of(label, confidence), t_ms)
        assert set(transcriber.text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ ")
        assert transcriber.text == (transcriber.events[-1].text if transcriber.events else "")

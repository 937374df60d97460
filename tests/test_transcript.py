from collections.abc import Callable
from itertools import groupby, pairwise
from operator import itemgetter

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from signcore.features import FloatArray, palm_size
from signcore.hand import HandFrame
from signcore.labels import LABELS, MOVING_LETTERS, char_to_index
from signcore.transcript import EventKind, Reason, Transcriber
from tests.hands import make_hand, make_landmarks

PALM = float(palm_size(make_landmarks()))
# Tells the hand from the seconds since a label began.
Path = Callable[[float], HandFrame]


def still(_seconds: float) -> HandFrame:
    return make_hand()


def drawing(seconds: float) -> HandFrame:
    """A hand that goes aside within 0.2 s and back: nobody draws a J so, but it moves."""
    return make_hand(x=0.5 + 2 * PALM * max(0.0, min(seconds, 0.4 - seconds)))


def sliding(side: float) -> Path:
    """A hand that moves 0.8 palms to a side within 0.15 s and stays there."""
    return lambda seconds: make_hand(x=0.5 + side * 0.8 * PALM * min(seconds / 0.15, 1.0))


def drifting(seconds: float) -> HandFrame:
    return make_hand(x=0.5 + 0.3 * PALM * seconds)


def bouncing(seconds: float) -> HandFrame:
    """A hand whose fingers open, and form the same letter again after 0.2 s."""
    landmarks = make_landmarks()
    if seconds < 0.2:
        beyond_the_knuckles = [point for point in range(5, 21) if point % 4 != 1]
        landmarks[beyond_the_knuckles] += (landmarks[beyond_the_knuckles] - landmarks[0]) * np.float32(0.7)
    return HandFrame(landmarks, "Right", 1.0, 0.0)


def sure_of(label: str, confidence: float = 0.95) -> FloatArray:
    probabilities = np.full(29, (1.0 - confidence) / 28, dtype=np.float32)
    probabilities[char_to_index(label)] = confidence
    return probabilities


class Signer:
    """Signs labels to a transcriber, frame by frame."""

    def __init__(self, transcriber: Transcriber) -> None:
        self.transcriber = transcriber
        self.t_ms = 0.0

    def sign(self, *spelled: tuple[str | None, float], fps: float = 30.0, path: Path = still) -> str:
        """Labels (None: no hand) for so many seconds each; returns the text. J and Z are drawn unless the
        hand has a path of its own.
        """
        for label, seconds in spelled:
            shown = drawing if label in MOVING_LETTERS and path is still else path
            for frame in range(round(seconds * fps)):
                self.t_ms += 1000.0 / fps
                hand = None if label is None else shown(frame / fps)
                self.transcriber.step(None if label is None else sure_of(label), hand, self.t_ms)
        return self.transcriber.text

    def changes(self) -> list[EventKind]:
        return [event.kind for event in self.transcriber.events if event.kind is not EventKind.REJECTED]


def make_transcriber(hold_s: float = 0.25) -> Transcriber:
    return Transcriber(threshold=0.5, margin=0.1, hold_s=hold_s, pause_s=1.5)


@pytest.fixture
def signer() -> Signer:
    return Signer(make_transcriber())


@pytest.mark.parametrize("fps", [10, 15, 30, 60])
def test_a_word_is_the_same_at_any_frame_rate(signer: Signer, fps: int) -> None:
    assert signer.sign(("H", 0.5), ("E", 0.5), ("L", 0.5), (None, 0.3), ("L", 0.5), ("O", 0.5), fps=fps) == "HELLO"


@given(
    st.lists(
        st.tuples(st.sampled_from([*"ABCEFHK", "SPACE", "DELETE", "NOTHING", None]), st.floats(0.45, 0.9)),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([10, 15, 24, 60]),
)
def test_any_stream_of_held_signs_is_the_same_at_any_frame_rate(
    spelled: list[tuple[str | None, float]], fps: int
) -> None:
    # What is held on is repeated after a second, and which frame comes first after it depends on the frame rate.
    assume(all(before != after for (before, _), (after, _) in pairwise(spelled)))
    # So is a rest that is just about long enough for a pause.
    rests = [(label in ("NOTHING", None), seconds) for label, seconds in spelled]
    assume(all(abs(sum(s for _, s in run) - 1.5) > 0.25 for down, run in groupby(rests, key=itemgetter(0)) if down))
    assert Signer(make_transcriber()).sign(*spelled, fps=fps) == Signer(make_transcriber()).sign(*spelled)


def test_a_letter_held_long_is_written_once(signer: Signer) -> None:
    assert signer.sign(("A", 20.0)) == "A"


@pytest.mark.parametrize(("hold_s", "written"), [(0.1, True), (0.25, True), (0.5, False), (1.0, False)])
def test_the_hold_time_is_how_long_a_letter_must_be_held(hold_s: float, written: bool) -> None:
    signer = Signer(make_transcriber(hold_s))
    assert signer.sign(("A", 0.2), ("NOTHING", 0.5)) == ("A" if written else "")


def test_the_hold_time_can_be_changed_at_any_time(signer: Signer) -> None:
    signer.transcriber.set_hold(1.0)
    assert signer.sign(("A", 0.5)) == ""
    signer.transcriber.set_hold(0.25)
    assert signer.sign(("B", 0.5)) == "B"


def test_a_passing_letter_is_rejected_with_the_reason(signer: Signer) -> None:
    signer.sign(("A", 0.1), ("NOTHING", 0.5))
    signer.transcriber = make_transcriber(hold_s=0.5)
    signer.sign(("A", 0.2), ("NOTHING", 0.5), ("B", 0.2), (None, 0.5))
    rejected = signer.transcriber.events
    assert [(event.kind, event.label, event.reason) for event in rejected] == [
        (EventKind.REJECTED, "A", Reason.TOO_SHORT),
        (EventKind.REJECTED, "B", Reason.HAND_LOST),
    ]
    assert signer.transcriber.text == ""


def test_an_unsure_letter_is_not_written() -> None:
    transcriber = make_transcriber()
    for frame in range(100):
        transcriber.step(sure_of("A", 0.45), make_hand(), 33.3 * frame)
    assert transcriber.text == ""


def test_a_letter_that_does_not_lead_by_the_margin_is_not_written() -> None:
    transcriber = make_transcriber()
    close = sure_of("U", 0.53)
    close[char_to_index("R")] = 0.46
    for frame in range(100):
        transcriber.step(close, make_hand(), 33.3 * frame)
    assert transcriber.text == ""


@pytest.mark.parametrize("release", [None, "NOTHING"])
def test_the_same_letter_again_needs_a_release(signer: Signer, release: str | None) -> None:
    assert signer.sign(("L", 0.5), (release, 0.05), ("L", 0.5)) == "L"
    assert signer.sign((release, 0.3), ("L", 0.5)) == "LL"


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_a_slide_to_either_side_doubles_a_letter(signer: Signer, side: float) -> None:
    signer.sign(("L", 0.6))
    assert signer.sign(("L", 2.0), path=sliding(side)) == "LL"
    assert signer.transcriber.events[-1].reason is Reason.SLIDE


def test_opening_and_forming_a_letter_again_doubles_it(signer: Signer) -> None:
    signer.sign(("O", 0.6))
    assert signer.sign(("O", 2.0), path=bouncing) == "OO"
    assert signer.transcriber.events[-1].reason is Reason.BOUNCE


@pytest.mark.parametrize("fps", [15, 30])
def test_a_letter_that_slides_before_it_is_written_is_doubled(signer: Signer, fps: int) -> None:
    """At three letters a second the slide has begun when the first one is written: the model's answer is late."""
    signer.sign(("NOTHING", 0.2), fps=fps)
    path = [(0.0, 0.12), (0.8, 0.24), (0.8, 9.0)]

    def quickly(seconds: float) -> HandFrame:
        side = np.interp(seconds, [until for _, until in path], [side for side, _ in path])
        return make_hand(x=0.5 + float(side) * PALM)

    assert signer.sign(("L", 0.6), path=quickly, fps=fps) == "LL"
    assert signer.transcriber.events[-1].reason is Reason.SLIDE


def test_a_letter_that_comes_from_the_side_is_written_once(signer: Signer) -> None:
    signer.sign(("A", 0.5))
    signer.sign(("A", 0.12), path=on_its_way(0.0))
    assert signer.sign(("B", 0.2), path=on_its_way(0.12)) == "AB"
    assert signer.sign(("B", 2.0), path=lambda _: make_hand(x=0.5 + 0.96 * PALM)) == "AB"


def test_a_slow_drift_doubles_nothing(signer: Signer) -> None:
    assert signer.sign(("L", 4.0), path=drifting) == "L"


def test_hesitation_or_a_flicker_does_not_write_twice(signer: Signer) -> None:
    signer.sign(("U", 0.5), ("R", 0.1), ("U", 0.5))
    signer.transcriber.step(sure_of("U", 0.3), make_hand(), signer.t_ms + 10)
    assert signer.sign(("U", 0.5)) == "U"


def test_two_flickers_of_nothing_are_no_release(signer: Signer) -> None:
    signer.sign(("A", 0.5), ("NOTHING", 0.033))
    for _ in range(4):
        signer.t_ms += 33.3
        signer.transcriber.step(sure_of("A", 0.3), make_hand(), signer.t_ms)
    assert signer.sign(("NOTHING", 0.033), ("A", 0.5)) == "A"


def test_another_letter_releases(signer: Signer) -> None:
    assert signer.sign(("A", 0.4), ("B", 0.4), ("A", 0.4)) == "ABA"


def test_space_and_delete_are_signed_once_each(signer: Signer) -> None:
    assert signer.sign(("A", 0.5), ("SPACE", 0.9), ("B", 0.5), ("DELETE", 0.9)) == "A "
    assert signer.changes() == ["letter", "space", "letter", "delete"]


def test_delete_held_on_is_repeated_slowly(signer: Signer) -> None:
    signer.sign(*((letter, 0.5) for letter in "ABCEF"))
    assert signer.sign(("DELETE", 2.2)) == "AB"
    assert signer.transcriber.events[-1].reason is Reason.REPEATED


@pytest.mark.parametrize(("sign", "text"), [("DELETE", "CA"), ("SPACE", "CAT ")])
def test_a_flicker_of_a_sign_that_was_made_does_not_make_it_again(signer: Signer, sign: str, text: str) -> None:
    assert signer.sign(*((letter, 0.5) for letter in "CAT"), (sign, 0.3)) == text
    for _ in range(45):
        signer.t_ms += 33.3
        signer.transcriber.step(sure_of("S", 0.3), make_hand(), signer.t_ms)
    assert signer.sign((sign, 0.033)) == text


def test_a_corrected_word_ends_with_a_pause_too(signer: Signer) -> None:
    signer.sign(*((letter, 0.5) for letter in "CATS"), ("DELETE", 0.3), (None, 2.5))
    assert signer.sign(*((letter, 0.5) for letter in "DOG")) == "CAT DOG"


def test_a_space_that_was_deleted_is_not_written_by_the_same_pause(signer: Signer) -> None:
    assert signer.sign(("A", 0.5), (None, 2.0), ("DELETE", 0.3), (None, 3.0)) == "A"


def test_delete_of_nothing_is_no_event(signer: Signer) -> None:
    assert signer.sign(("DELETE", 1.0)) == ""
    assert signer.transcriber.events == ()


def test_a_hand_that_rests_is_a_pause_too(signer: Signer) -> None:
    assert signer.sign(("A", 0.5), ("NOTHING", 1.4)) == "A"
    assert signer.sign(("NOTHING", 9.0)) == "A "
    assert signer.transcriber.events[-1].reason is Reason.PAUSE
    assert signer.sign(("B", 0.5), ("NOTHING", 1.0), (None, 1.0)) == "A B ", "it may be lowered and taken away"
    assert signer.sign(("C", 0.1), ("NOTHING", 5.0), (None, 5.0)) == "A B ", "once for each word"


def test_a_space_by_pause_that_was_taken_back_stays_so(signer: Signer) -> None:
    signer.sign(("A", 0.5), ("NOTHING", 2.0))
    signer.transcriber.undo(signer.t_ms)
    assert signer.sign(("NOTHING", 3.0), (None, 3.0), ("B", 0.1), ("NOTHING", 3.0)) == "A"


def test_a_hand_that_hesitates_is_no_pause(signer: Signer) -> None:
    signer.sign(("A", 0.5))
    for _ in range(5):
        signer.sign(("NOTHING", 1.0), ("K", 0.1))
    assert signer.transcriber.text == "A"


def test_a_pause_writes_one_space(signer: Signer) -> None:
    assert signer.sign((None, 5.0), ("A", 0.5), (None, 1.4)) == "A"
    assert signer.sign((None, 9.0)) == "A "
    assert signer.transcriber.events[-1].reason is Reason.PAUSE
    assert signer.sign(("B", 0.5), (None, 3.0), ("SPACE", 0.5), (None, 3.0)) == "A B  "


def on_its_way(since: float) -> Path:
    """A hand that began to move so many seconds before a label did: the model's answer follows it."""
    return lambda seconds: make_hand(x=0.5 + 3 * PALM * (since + seconds))


@pytest.mark.parametrize(("start", "whole"), [("I", "J"), ("D", "Z"), ("L", "Z")])
def test_the_handshape_that_a_movement_begins_with_is_not_written(signer: Signer, start: str, whole: str) -> None:
    signer.sign(("A", 0.5))
    signer.sign(("A", 0.12), path=on_its_way(0.0))
    signer.sign((start, 0.3), path=on_its_way(0.12))
    signer.sign((whole, 0.3), path=on_its_way(0.42))
    assert signer.transcriber.text == "A" + whole
    assert EventKind.REPLACE not in signer.changes()


def test_a_letter_that_may_begin_a_movement_is_not_written_while_the_hand_moves(signer: Signer) -> None:
    signer.sign(("NOTHING", 0.12), path=on_its_way(0.0))
    signer.sign(("D", 0.5), ("NOTHING", 0.2), path=on_its_way(0.12))
    (rejected,) = signer.transcriber.events
    assert (rejected.kind, rejected.label, rejected.reason) == (EventKind.REJECTED, "D", Reason.MOVED)


@pytest.mark.parametrize(("start", "whole"), [("I", "J"), ("D", "Z")])
def test_one_held_still_before_the_movement_gives_way(signer: Signer, start: str, whole: str) -> None:
    assert signer.sign(("A", 0.5), (start, 0.5), (whole, 0.4)) == "A" + whole
    assert signer.transcriber.events[-1].kind is EventKind.REPLACE
    signer.transcriber.undo(9999.0)
    assert signer.transcriber.text == "A" + start


def test_the_handshape_that_a_j_ends_with_is_no_i(signer: Signer) -> None:
    assert signer.sign(("J", 0.4), ("I", 2.0)) == "J"
    assert signer.sign(("NOTHING", 0.2), ("I", 0.5)) == "JI"


def test_a_hand_that_has_not_moved_draws_no_j(signer: Signer) -> None:
    assert signer.sign(("H", 0.5), ("I", 0.6)) == "HI"
    # The way from H to I is still in the model's window and looks like the end of a J.
    assert signer.sign(("J", 0.6), path=lambda _seconds: still(0.0)) == "HI"


def test_an_i_long_before_a_j_stays(signer: Signer) -> None:
    assert signer.sign(("I", 0.5), (None, 2.0), ("J", 0.5)).replace(" ", "") == "IJ"


def test_a_suggestion_takes_the_place_of_the_last_word(signer: Signer) -> None:
    signer.sign(("A", 0.5), ("SPACE", 0.5), ("H", 0.5), ("E", 0.5))
    signer.transcriber.take("HELLO", signer.t_ms)
    assert signer.transcriber.text == "A HELLO "
    signer.transcriber.undo(signer.t_ms)
    assert signer.transcriber.text == "A HE"


def test_an_event_says_when_what_why_and_how_sure(signer: Signer) -> None:
    signer.sign((None, 1.0), ("K", 0.5))
    (event,) = signer.transcriber.events
    assert (event.kind, event.reason, event.label, event.text) == (EventKind.LETTER, Reason.HELD, "K", "K")
    assert event.start_ms == pytest.approx(1033.3, abs=1)
    assert 100 <= event.end_ms - event.start_ms <= 250
    assert event.confidence == pytest.approx(0.95)
    assert event.runner_up in LABELS


@given(st.lists(st.sampled_from(["A", "B", "SPACE", "DELETE", "pause", "clear", "space", "take"]), max_size=25))
def test_undo_is_the_inverse_of_every_change(steps: list[str]) -> None:
    signer = Signer(make_transcriber())
    transcriber = signer.transcriber
    texts = [""]
    for step in steps:
        signer.sign((None, 0.3))
        if step in LABELS:
            signer.sign((step, 0.4))
        elif step == "pause":
            signer.sign((None, 2.0))
        elif step == "clear":
            transcriber.clear(signer.t_ms)
        elif step == "take":
            transcriber.take("WORD", signer.t_ms)
        else:
            transcriber.space(signer.t_ms)
    texts += [event.text for event in transcriber.events if event.kind is not EventKind.REJECTED]
    for expected in reversed(texts[:-1]):
        transcriber.undo(signer.t_ms)
        assert transcriber.text == expected
    transcriber.undo(signer.t_ms)
    assert transcriber.text == ""


@given(st.lists(st.tuples(st.sampled_from([None, *LABELS]), st.floats(0.0, 1.0), st.floats(1, 400)), max_size=80))
def test_nothing_is_never_text_and_events_tell_the_text(stream: list[tuple[str | None, float, float]]) -> None:
    transcriber = make_transcriber()
    t_ms = 0.0
    for label, confidence, step in stream:
        t_ms += step
        hand = None if label is None else make_hand()
        transcriber.step(None if label is None else sure_of(label, confidence), hand, t_ms)
        assert set(transcriber.text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ ")
        assert transcriber.text == (transcriber.events[-1].text if transcriber.events else "")

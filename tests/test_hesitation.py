from dataclasses import replace

import numpy as np

from signcore.hesitation import automatic_notes
from signcore.labels import char_to_index
from signcore.recording import Author, Recording
from signcore.transcript import EventKind, Reason
from tests.recordings import make_event, make_recording


def quiet(recording: Recording, first: str = "A", second: str = "S", lead: float = 0.9) -> Recording:
    """The same with one letter leading by `lead` all the time, and a hand in every frame."""
    probabilities = np.zeros_like(recording.probabilities)
    probabilities[:, char_to_index(first)] = (1 + lead) / 2
    probabilities[:, char_to_index(second)] = (1 - lead) / 2
    return replace(recording, probabilities=probabilities, handedness=np.full_like(recording.handedness, 2))


def said(recording: Recording) -> list[str]:
    notes = automatic_notes(recording)
    assert all(note.author is Author.AUTOMATIC for note in notes)
    assert [note.at_ms for note in notes] == sorted(note.at_ms for note in notes)
    return [note.text for note in notes]


def test_a_clear_letter_needs_no_note() -> None:
    assert said(quiet(make_recording(events=[make_event("A", 3000.0)]))) == []


def test_a_letter_close_to_another() -> None:
    recording = quiet(make_recording(events=[make_event("A", 3000.0)]), second="T", lead=0.2)
    assert said(recording) == ["A is close to T"]


def test_every_reason_for_not_writing_has_its_words() -> None:
    events = [
        make_event("", 2000.0 + 500 * i, kind=EventKind.REJECTED, reason=reason, label="U", runner_up="R")
        for i, reason in enumerate((Reason.TOO_SHORT, Reason.UNSURE, Reason.HAND_LOST))
    ]
    assert said(quiet(make_recording(events=events))) == [
        "U held too short (0.25 s)",
        "U or R? Not written",
        "hand lost during U",
    ]


def test_a_short_gap_is_a_lost_hand_and_a_long_one_is_not() -> None:
    recording = quiet(make_recording(120))
    recording.handedness[30:35] = 0
    recording.handedness[60:80] = 0
    assert said(recording) == ["hand lost for 0.20 s"]


def test_few_frames_a_second_are_no_gap() -> None:
    recording = quiet(make_recording(60))
    slow = replace(recording, t_ms=recording.t_ms * 4)
    assert said(slow) == []
    slow.handedness[30] = 0
    assert said(slow) == ["hand lost for 0.27 s"]


def test_what_began_before_the_recording_is_noted_at_its_beginning() -> None:
    event = make_event("", -10.0, kind=EventKind.REJECTED, reason=Reason.UNSURE)
    assert automatic_notes(quiet(make_recording(events=[event])))[0].at_ms == 0.0

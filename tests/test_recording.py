"""A recording in memory."""

import numpy as np
import pytest

from signcore.errors import RecordingError
from signcore.recording import Author, Note
from signcore.recording_file import (
    recording_of,
)
from tests.recordings import make_columns, make_event, make_manifest, make_recording, spelled


def test_what_was_known_at_a_moment() -> None:
    recording = make_recording(300, spelled("QUICK"))
    assert recording.seconds == pytest.approx(299 / 30)
    assert recording.text == "QUICK"
    assert recording.index_at(-5.0) == 0
    assert recording.index_at(1001.0) == 30
    assert recording.index_at(1e9) == 299
    assert recording.hand_at(0) is None
    hand = recording.hand_at(30)
    assert hand is not None
    assert hand.handedness == "Right"
    assert hand.t_ms == pytest.approx(1000.0)
    assert recording.leading[0] == -1
    assert recording.leading[-1] == recording.probabilities[-1].argmax()
    assert np.isnan(recording.confidence[0])
    assert recording.confidence[-1] == recording.probabilities[-1].max()


def test_text_written_before_the_recording() -> None:
    recording = make_recording(300, (make_event("HI A", 2000.0),), text_before="HI ")
    assert recording.text == "A"


def test_heat_map_shows_the_highest_probability_of_each_stretch() -> None:
    recording = make_recording(300)
    found = recording.heat_map(10)
    assert found.shape == (29, 10)
    for column in range(10):
        stretch = recording.probabilities[
            (recording.t_ms >= column * recording.t_ms[-1] / 10)
            & ((recording.t_ms < (column + 1) * recording.t_ms[-1] / 10) | (column == 9))
        ]
        expected = np.fmax.reduce(stretch, axis=0)
        np.testing.assert_array_equal(found[:, column], expected)


def test_heat_map_closer_than_the_frames_has_no_stripes() -> None:
    recording = make_recording(300)
    found = recording.heat_map(1000)
    assert found.shape == (29, 1000)
    # From 6 to 6.5 seconds there is a hand in every frame.
    assert not np.isnan(found[:, 602:652]).any()
    np.testing.assert_array_equal(found[:, 604], recording.probabilities[180])


def test_heat_map_of_one_frame() -> None:
    assert recording_of(make_manifest(), make_columns(1), (), ()).heat_map(4).shape == (29, 4)


def test_notes_are_kept_in_order_of_time() -> None:
    notes = (Note(5000.0, "relax the thumb", Author.TEACHER), Note(100.0, "hand lost", Author.AUTOMATIC))
    assert make_recording().with_notes(notes).notes == notes[::-1]


@pytest.mark.parametrize(
    ("at_ms", "text"), [(-1.0, "x"), (float("nan"), "x"), (0.0, " "), (0.0, "x" * 501), (0.0, "a\nb"), (0.0, "\x00")]
)
def test_impossible_note(at_ms: float, text: str) -> None:
    with pytest.raises(RecordingError, match="a note: expected"):
        Note(at_ms, text)

import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signcore.alignment import align
from signcore.dashboard.charts import label_name
from signcore.dashboard.review_desk import Review, Shelf, plain_title
from signcore.dashboard.review_figure import DAY_MS, timeline
from signcore.dashboard.review_tape import pack_frames, tape_checksum
from signcore.dashboard.review_words import changes_told, clock, event_sentence
from signcore.errors import RecordingError, StoreError
from signcore.export import ExportFormat, export
from signcore.labels import LABELS
from signcore.recording import SIDES, Author, Note
from signcore.recording_file import recording_to_bytes
from signcore.settings import Settings
from signcore.store import Store
from signcore.transcript import EventKind, Reason
from tests.recordings import make_event, make_recording, spelled

ACCENT = "#0f766e"


def own(review: Review) -> list[tuple[float, str, Author]]:
    return [(note.at_ms, note.text, note.author) for note in review.own_recording.notes]


def test_a_note_is_in_the_recording_and_in_the_exports() -> None:
    review = Review("A word", make_recording(events=spelled("QUICK")))
    review.add_note(1200.0, "relax the thumb", Author.TEACHER)
    assert own(review) == [(1200.0, "relax the thumb", Author.TEACHER)]
    for form in ExportFormat:
        assert "relax the thumb" in export(review.recording, form).decode()


def test_automatic_notes_are_there_once_however_often_a_recording_is_opened() -> None:
    rejected = make_event("", 3000.0, kind=EventKind.REJECTED, reason=Reason.UNSURE)
    first = Review("A word", make_recording(events=[rejected]))
    second = Review("A word", first.recording)
    assert second.recording.notes == first.recording.notes
    assert any(note.author is Author.AUTOMATIC for note in first.recording.notes)
    assert own(second) == []


def test_a_note_can_be_taken_back() -> None:
    review = Review("A word", make_recording(notes=[Note(10.0, "one"), Note(20.0, "two")]))
    numbers = [i for i, note in enumerate(review.recording.notes) if note.text == "one"]
    review.remove_note(numbers[0])
    assert [text for _, text, _ in own(review)] == ["two"]
    review.remove_note(10_000)
    review.remove_note(-1)
    assert [text for _, text, _ in own(review)] == ["two"]


def test_notes_that_are_kept_nowhere_are_known() -> None:
    review = Review("A word", make_recording(notes=[Note(10.0, "one")]))
    assert not review.unkept, "that one came with it"
    review.add_note(1200.0, "two", Author.LEARNER)
    assert review.unkept
    review.remove_note([note.text for note in review.recording.notes].index("two"))
    assert not review.unkept
    review.remove_note([note.text for note in review.recording.notes].index("one"))
    assert review.unkept


@pytest.mark.parametrize(("at_ms", "text"), [(-1.0, "a"), (1e9, "a"), (float("nan"), "a"), (0.0, " "), (0.0, "a\nb")])
def test_a_note_that_cannot_be_changes_nothing(at_ms: float, text: str) -> None:
    review = Review("A word", make_recording())
    with pytest.raises(RecordingError):
        review.add_note(at_ms, text, Author.LEARNER)
    assert own(review) == []


def test_notes_go_to_the_shelf_and_come_back_from_it(tmp_path: Path) -> None:
    store = Store.open(Settings(data_dir=tmp_path))
    person = store.add_person("Ada")
    kept = store.upload(person.id, "A word", recording_to_bytes(make_recording(events=spelled("QUICK"))))
    review = Review(kept.name, store.load(person.id, kept.id), shelf=Shelf(store, person, kept))
    review.add_note(1200.0, "relax the thumb", Author.LEARNER)
    review.add_note(2400.0, "good", Author.TEACHER)
    again = Review(kept.name, store.load(person.id, kept.id))
    assert own(again) == own(review)
    assert not review.unkept
    review.remove_note([note.text for note in review.recording.notes].index("relax the thumb"))
    assert [note.text for note in store.load(person.id, kept.id).notes] == ["good"]
    store.delete_recording(person.id, kept.id)
    with pytest.raises(StoreError):
        review.add_note(100.0, "too late", Author.LEARNER)
    assert [text for _, text, _ in own(review)] == ["good"]
    store.close()


@pytest.mark.parametrize(
    ("typed", "right"), [("QUICK", 5), ("quick", 5), ("QUIK", 4), ("kciuq", 1), ("QUICKLY", 5), ("   ", 0)]
)
def test_reading_back_is_scored_by_letters(typed: str, right: int) -> None:
    assert Review("A word", make_recording(events=spelled("QUICK "))).score(typed) == (right, 5)


def test_a_reading_with_other_settings_is_laid_beside_the_first() -> None:
    review = Review("A word", make_recording(events=spelled("QUICK")))
    review.again = make_recording(events=spelled("QUAK"))
    first, again = review.comparison()
    assert list(first) == [
        *("", "Text", "Letters changed", "Not written", "Changes", "Hold each sign for (s)", "Threshold", "Model"),
        "My hand",
    ]
    assert (first["Changes"], again["Changes"]) == ("", "I → A, C gone")
    assert (first["Text"], first["Letters changed"]) == ("QUICK", 0)
    assert (again["Text"], again["Letters changed"]) == ("QUAK", 2)
    review.again = make_recording(events=spelled("QUICK "))
    assert review.comparison()[-1]["Letters changed"] == 0, "a pause at the end is no letter"


def test_a_new_reading_keeps_the_notes_and_the_way_back() -> None:
    first = Review("A word", make_recording(events=spelled("QUICK")))
    first.meant = "quick"
    first.add_note(1200.0, "relax the thumb", Author.TEACHER)
    again = first.reread(make_recording(events=spelled("QUAK")))
    assert (again.title, again.meant, again.recording.text) == ("A word again", "quick", "QUAK")
    again.add_note(2400.0, "good", Author.LEARNER)
    notes = [(1200.0, "relax the thumb", Author.TEACHER), (2400.0, "good", Author.LEARNER)]
    assert own(again) == notes
    again.back_to(first)
    assert own(first) == notes
    assert first.again is again.recording


def test_what_goes_to_the_browser_is_json_and_follows_the_meant_word() -> None:
    review = Review("A word", make_recording(events=spelled("QUICK")))
    view = review.view(accent=ACCENT, meant="QUACK", blind=False, mirrored=True)
    json.dumps(view, allow_nan=False)
    assert [letter["char"] for letter in view["letters"]] == list("QUICK")
    assert [letter["at"] for letter in view["letters"]] == [event.end_ms for event in spelled("QUICK")]
    assert [(pair["meant"], pair["read"]) for pair in view["meant"]][2] == ("A", "I")
    assert "meant" in [trace["name"] for trace in view["figure"]["data"]]
    assert view["checksum"] == tape_checksum(review.tape)
    without = review.view(accent=ACCENT, meant=" ", blind=False, mirrored=True)
    assert without["meant"] == []
    assert "meant" not in [trace["name"] for trace in without["figure"]["data"]]


def test_a_recording_with_nothing_in_it_can_be_reviewed() -> None:
    view = Review("Nothing", make_recording(1)).view(accent=ACCENT, meant="A", blind=False, mirrored=False)
    json.dumps(view, allow_nan=False)
    assert view["letters"] == []


def test_the_timeline_is_aggregated_and_its_marks_stand_at_the_events() -> None:
    events = [*spelled("AB"), make_event("AB", 3000.0, kind=EventKind.REJECTED, reason=Reason.TOO_SHORT, label="V")]
    recording = make_recording(54_000, events=events)
    traces = {trace.name: trace for trace in timeline(recording, ACCENT).data}
    assert traces["heat"].z.shape == (12, 1200)
    names = [label_name(label) for label in LABELS]
    rows = [names.index(name) for name in traces["heat"].y]
    np.testing.assert_array_equal(traces["heat"].z, recording.heat_map(1200)[rows])
    assert len(traces["confidence"].y) == 1200
    assert list(traces["written"].x) == [DAY_MS + event.end_ms for event in spelled("AB")]
    assert "held too short" in traces["not written"].customdata[0]


def test_the_timeline_has_rows_for_what_was_written_meant_or_probable() -> None:
    recording = make_recording(90, events=spelled("AB"))
    read = np.full((90, len(LABELS)), 0.001, dtype=np.float32)
    read[30:60, LABELS.index("C")] = 0.9
    read[60:, LABELS.index("D")] = 0.04
    recording = replace(recording, probabilities=read)
    review = Review("A word", recording)

    def heat(meant: str) -> dict[str, Any]:
        figure = review.view(accent=ACCENT, meant=meant, blind=False, mirrored=False)["figure"]
        return {**{trace["name"]: trace for trace in figure["data"]}["heat"], "height": figure["layout"]["height"]}

    assert heat("")["y"] == ["A", "B", "C", "none"]
    assert heat("XB")["y"] == ["A", "B", "C", "X", "none"]
    assert heat("XB")["height"] > heat("")["height"]


def test_the_tape_can_be_unpacked() -> None:
    recording = make_recording(90)
    tape = pack_frames(recording)
    count, _ = struct.unpack_from("<II", tape)
    assert count == 90
    assert len(tape) == 8 + 90 * 124
    at = 8
    np.testing.assert_array_equal(np.frombuffer(tape, "<f8", count, at), recording.t_ms)
    at += 8 * count
    places = np.frombuffer(tape, "<i2", count * 42, at).reshape(count, 21, 2)
    hand = recording.handedness != 0
    np.testing.assert_allclose(places[hand] / 4000, recording.landmarks[hand, :, :2], atol=1 / 8000 + 1e-6)
    assert (places[~hand] == -32768).all()
    at += 84 * count
    np.testing.assert_array_equal(np.frombuffer(tape, "<u2", count, at), recording.buffered)
    at += 2 * count
    shares = np.frombuffer(tape, np.uint8, count * 29, at).reshape(count, 29)
    read = ~np.isnan(recording.probabilities[:, 0])
    np.testing.assert_allclose(shares[read] / 250, recording.probabilities[read], atol=1 / 500 + 1e-6)
    assert (shares[~read] == 255).all()
    at += 29 * count
    status = np.frombuffer(tape, np.uint8, count, at)
    np.testing.assert_array_equal(status & 3, recording.status)
    np.testing.assert_array_equal(status >> 2, recording.sure)


def test_tapes_of_other_frames_have_other_checksums() -> None:
    checksums = {tape_checksum(pack_frames(make_recording(frames))) for frames in (30, 31, 60)}
    assert len(checksums) == 3


@pytest.mark.parametrize("kind", EventKind)
@pytest.mark.parametrize("reason", Reason)
def test_every_event_has_its_words(kind: EventKind, reason: Reason) -> None:
    assert event_sentence(make_event("A", 1000.0, kind=kind, reason=reason)).count("None") == 0
    sentence = event_sentence(make_event("A", 1000.0, kind=kind, reason=reason, label=None, runner_up=None))
    assert "None" not in sentence


def test_the_words_say_why() -> None:
    assert event_sentence(make_event("U", 1250.0, label="U", runner_up="R")) == (
        "Wrote U: held, ahead for 0.25 s, 90%; next was R"
    )


def test_letters_that_were_cleared_stand_before_those_that_are_left() -> None:
    clear = make_event("", 3000.0, kind=EventKind.CLEAR, label=None)
    review = Review("A word", make_recording(events=[*spelled("HI"), clear, make_event("U", 5000.0, label="U")]))
    shown = review.view(accent=ACCENT, meant="", blind=False, mirrored=False)["letters"]
    assert [(letter["char"], letter["cleared"]) for letter in shown] == [("H", True), ("I", True), ("U", False)]
    assert [letter["at"] for letter in shown] == [1500.0, 2000.0, 5000.0]


def test_changes_are_told_letter_by_letter() -> None:
    assert changes_told(align("A CAT", "A CAT")) == ""
    assert changes_told(align("A CAT", "ACATS")) == "␣ gone, S new"


@pytest.mark.parametrize(("t_ms", "text"), [(0, "0:00.0"), (62_540, "1:02.5"), (59_960, "1:00.0")])
def test_clock(t_ms: float, text: str) -> None:
    assert clock(t_ms) == text


@pytest.mark.parametrize(
    ("file_name", "title"),
    [
        ("word_QUICK.mp4", "word QUICK"),
        ("../../etc/passwd.mp4", "passwd"),
        ("C:\\videos\\mine.mov", "mine"),
        ("<img src=x onerror=alert(1)>.mp4", "img src x onerror alert(1)"),
        ("**bold** `code` $x$.webm", "bold code x"),
        ("....mp4", "Recording"),
        ("<>.mp4", "Recording"),
        ("x" * 300 + ".mp4", "x" * 50),
    ],
)
def test_a_title_is_plain_words(file_name: str, title: str) -> None:
    assert plain_title(file_name) == title


def test_the_typical_hands_of_the_letters_that_were_meant() -> None:
    recording = make_recording(events=spelled("QUICK"))
    shown = Review("A word", recording).view(accent=ACCENT, meant="quiz 7", blind=False, mirrored=False)["references"]
    assert set(shown) == set("QUIZ")
    assert np.shape(shown["Q"]["hand"]) == (21, 2)
    assert shown["Q"]["trail"] == []
    assert len(shown["Z"]["trail"]) > 5
    assert shown["U"]["said"].startswith("U: ")
    sides = {
        side: Review("A word", replace(recording, handedness=np.full_like(recording.handedness, SIDES.index(side))))
        for side in ("Left", "Right")
    }
    left, right = (
        np.array(review.view(accent=ACCENT, meant="u", blind=False, mirrored=False)["references"]["U"]["hand"])
        for review in sides.values()
    )
    np.testing.assert_allclose(left, right * (-1, 1))
    assert Review("A word", recording).view(accent=ACCENT, meant="", blind=False, mirrored=False)["references"] == {}


def test_what_was_meant_may_have_accents_and_punctuation() -> None:
    review = Review("A name", make_recording(events=spelled("JOSE")))
    review.meant = "José!"
    assert review.score("jose") == (4, 4)
    assert (
        review.view(accent=ACCENT, meant="José!", blind=False, mirrored=True)["meant"]
        == (review.view(accent=ACCENT, meant="JOSE", blind=False, mirrored=True)["meant"])
    )

import csv
import io
import json
import warnings
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st
from pympi.Elan import Eaf

from signcore.export import ExportFormat, export, file_name
from signcore.recording import Author, Note, Recording
from signcore.transcript import EventKind
from tests.recordings import make_event, make_recording, spelled

NASTY = "<b>relax</b> & \"the\" 'thumb' --> ü 手"
EVENTS = (
    *spelled("HI YOX"),
    make_event("HI YO", 4400.0, kind=EventKind.DELETE, label="DELETE"),
    make_event("HI YOU", 5000.0, label="U", confidence=0.8125, runner_up="V"),
)
NOTES = (Note(1400.0, NASTY, Author.TEACHER), Note(1600.0, "=1+1"), Note(2000.0, "hand lost", Author.AUTOMATIC))


@pytest.fixture(scope="module")
def recording() -> Recording:
    return make_recording(300, EVENTS, NOTES)


def text_of(recording: Recording, form: ExportFormat) -> str:
    return export(recording, form, "Ana <Ö> & Co").decode()


def test_txt(recording: Recording) -> None:
    assert text_of(recording, ExportFormat.TXT).splitlines() == [
        "HI YOU",
        "",
        f"00:00:01.400 teacher: {NASTY}",
        "00:00:01.600 learner: =1+1",
        "00:00:02.000 automatic: hand lost",
    ]
    assert export(make_recording(30, spelled("A", 500.0)), ExportFormat.TXT) == b"A\n"


def test_csv(recording: Recording) -> None:
    rows = list(csv.DictReader(io.StringIO(text_of(recording, ExportFormat.CSV), newline="")))
    letters = [row for row in rows if row["kind"] == "letter"]
    assert "".join(row["text"] for row in letters) == "HI YOU"
    assert letters[-1] == {
        "kind": "letter",
        "start_ms": "4750",
        "end_ms": "5000",
        "text": "U",
        "confidence": "0.8125",
        "runner_up": "V",
        "author": "",
    }
    assert [(row["start_ms"], row["end_ms"], row["text"]) for row in rows if row["kind"] == "word"] == [
        ("1250", "2000", "HI"),
        ("2750", "5000", "YOU"),
    ]
    assert [(row["start_ms"], row["author"], row["text"]) for row in rows if row["kind"] == "note"] == [
        ("1400", "teacher", NASTY),
        ("1600", "learner", "'=1+1"),
        ("2000", "automatic", "hand lost"),
    ]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@"])
def test_csv_runs_no_formula(begin: str) -> None:
    recording = make_recording(30, notes=[Note(0.0, f"{begin}HYPERLINK(1)")])
    rows = list(csv.DictReader(io.StringIO(text_of(recording, ExportFormat.CSV), newline="")))
    assert rows[0]["text"] == f"'{begin}HYPERLINK(1)"


def test_json(recording: Recording) -> None:
    content = json.loads(text_of(recording, ExportFormat.JSON))
    assert content["text"] == "HI YOU"
    assert content["person"] == "Ana <Ö> & Co"
    assert "".join(letter["char"] for letter in content["letters"]) == "HI YOU"
    assert content["letters"][-1]["end_ms"] == 5000.0
    assert [word["text"] for word in content["words"]] == ["HI", "YOU"]
    assert content["notes"][0] == {"at_ms": 1400.0, "text": NASTY, "author": "teacher"}
    assert [event["text"] for event in content["events"]] == [event.text for event in EVENTS]
    assert content["events"][6]["kind"] == "delete"


def test_webvtt(recording: Recording) -> None:
    captions = webvtt.from_string(text_of(recording, ExportFormat.VTT)).captions
    assert [(caption.start, caption.end, caption.raw_text) for caption in captions] == [
        ("00:00:01.250", "00:00:02.750", "HI"),
        (
            "00:00:01.400",
            "00:00:02.900",
            "Teacher: &lt;b&gt;relax&lt;/b&gt; &amp; \"the\" 'thumb' --&gt; ü 手",
        ),
        ("00:00:01.600", "00:00:03.100", "Learner: =1+1"),
        ("00:00:02.000", "00:00:03.500", "Automatic: hand lost"),
        ("00:00:02.750", "00:00:06.500", "YOU"),
    ]


def test_srt(recording: Recording, tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes(export(recording, ExportFormat.SRT))
    captions = webvtt.from_srt(str(path)).captions
    assert [(caption.start, caption.end) for caption in captions][-1] == ("00:00:02.750", "00:00:06.500")
    assert [caption.text for caption in captions if ":" not in caption.text] == ["HI", "YOU"]
    assert "<" not in "".join(caption.text for caption in captions)


def read_elan(data: bytes, folder: Path) -> Eaf:
    path = folder / "a.eaf"
    path.write_bytes(data)
    with warnings.catch_warnings():
        # pympi-ling knows the format up to 2.8 and says so.
        warnings.simplefilter("ignore")
        return Eaf(str(path))


def test_elan(recording: Recording, tmp_path: Path) -> None:
    document = read_elan(export(recording, ExportFormat.ELAN, "Ana <Ö> & Co"), tmp_path)
    assert list(document.get_tier_names()) == ["letters", "words", "notes-learner", "notes-teacher", "notes-automatic"]
    assert document.get_annotation_data_for_tier("letters") == [
        (1250, 1500, "H"),
        (1750, 2000, "I"),
        (2750, 3000, "Y"),
        (3250, 3500, "O"),
        (4750, 5000, "U"),
    ]
    assert document.get_annotation_data_for_tier("words") == [(1250, 2000, "HI"), (2750, 5000, "YOU")]
    assert document.get_annotation_data_for_tier("notes-teacher") == [(1400, 2900, NASTY)]
    assert document.get_parameters_for_tier("words")["PARTICIPANT"] == "Ana <Ö> & Co"


def test_notes_of_one_moment_are_shown_as_long_as_any(tmp_path: Path) -> None:
    notes = [Note(1000.0, text, author) for author in Author for text in ("one", "two", "three")]
    recording = make_recording(300, notes=[*notes, Note(2500.0, "later")])
    path = tmp_path / "a.srt"
    path.write_bytes(export(recording, ExportFormat.SRT))
    for captions in (webvtt.from_srt(str(path)).captions, webvtt.from_string(text_of(recording, ExportFormat.VTT))):
        shown = [(caption.start_in_seconds, caption.end_in_seconds) for caption in captions]
        assert shown == [(1, 2)] * 9 + [(2, 4)]
    document = read_elan(export(recording, ExportFormat.ELAN), tmp_path)
    tiers = {name: document.get_annotation_data_for_tier(name) for name in document.get_tier_names()}
    assert tiers["notes-learner"] == [(1000, 2500, "one"), (2500, 4000, "later")]
    assert tiers["notes-learner-2"] == [(1000, 2500, "two")]
    assert tiers["notes-automatic-3"] == [(1000, 2500, "three")]


def test_elan_lists_its_time_slots_in_order(recording: Recording) -> None:
    root = ElementTree.fromstring(export(recording, ExportFormat.ELAN))
    times = [int(slot.attrib["TIME_VALUE"]) for slot in root.iter("TIME_SLOT")]
    assert times == sorted(times)
    assert len(times) == 2 * len(list(root.iter("ALIGNABLE_ANNOTATION")))


def test_letters_that_were_cleared_are_told_apart(tmp_path: Path) -> None:
    clear = make_event("", 3000.0, kind=EventKind.CLEAR, label=None, start_ms=3000.0)
    recording = make_recording(300, (*spelled("HI "), clear, make_event("U", 5000.0, label="U")))
    rows = list(csv.DictReader(io.StringIO(text_of(recording, ExportFormat.CSV), newline="")))
    assert [(row["kind"], row["text"]) for row in rows] == [
        ("letter", "U"),
        *(("cleared letter", char) for char in "HI "),
        ("word", "U"),
    ]
    document = read_elan(export(recording, ExportFormat.ELAN), tmp_path)
    assert document.get_annotation_data_for_tier("cleared-letters") == [(1250, 1500, "H"), (1750, 2000, "I")]
    assert document.get_annotation_data_for_tier("letters") == [(4750, 5000, "U")]
    content = json.loads(text_of(recording, ExportFormat.JSON))
    assert ("".join(letter["char"] for letter in content["cleared"]), content["text"]) == ("HI ", "U")
    assert export(recording, ExportFormat.TXT) == b"U\n"


@pytest.mark.parametrize("form", ExportFormat)
def test_recording_in_which_nothing_was_written(form: ExportFormat, tmp_path: Path) -> None:
    data = export(make_recording(30), form)
    if form is ExportFormat.ELAN:
        assert read_elan(data, tmp_path).get_annotation_data_for_tier("letters") == []
    assert form.media_type


def test_suggestion_that_writes_letters_at_one_moment_gives_no_empty_annotation(tmp_path: Path) -> None:
    click = make_event("HELLO ", 2900.0, kind=EventKind.SUGGESTION, label=None, start_ms=2900.0)
    recording = make_recording(300, (*spelled("HEL"), click))
    letters = read_elan(export(recording, ExportFormat.ELAN), tmp_path).get_annotation_data_for_tier("letters")
    assert [text for _, _, text in letters] == list("HELLO")
    assert all(begin < end for begin, end, _ in letters)
    assert all(end <= begin for (_, end, _), (begin, _, _) in pairwise(letters))


@given(
    st.lists(
        st.builds(
            Note,
            st.floats(0, 20_000),
            st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=20).filter(
                lambda text: text.isprintable() and text.strip()
            ),
            st.sampled_from(Author),
        ),
        max_size=6,
    )
)
@settings(max_examples=40, deadline=None)
def test_any_notes_come_back_from_every_format(tmp_path_factory: pytest.TempPathFactory, notes: list[Note]) -> None:
    recording = make_recording(30, spelled("A", 500.0), notes)
    texts = [note.text for note in recording.notes]
    rows = list(csv.DictReader(io.StringIO(text_of(recording, ExportFormat.CSV), newline="")))
    assert [row["text"].removeprefix("'") for row in rows if row["kind"] == "note"] == [
        text.removeprefix("'") for text in texts
    ]
    assert [note["text"] for note in json.loads(text_of(recording, ExportFormat.JSON))["notes"]] == texts
    assert len(webvtt.from_string(text_of(recording, ExportFormat.VTT)).captions) == len(notes) + 1
    document = read_elan(export(recording, ExportFormat.ELAN), tmp_path_factory.mktemp("elan"))
    found = [
        text
        for name in document.get_tier_names()
        if name.startswith("notes-")
        for _, _, text in document.get_annotation_data_for_tier(name)
    ]
    assert sorted(found) == sorted(texts)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Quick fox", "Quick fox.srt"),
        ("../../etc/passwd", "etc-passwd.srt"),
        ("C:\\a\x00", "C--a.srt"),
        ("...", "recording.srt"),
        ("", "recording.srt"),
        ("<b>ö</b>", "b-ö--b.srt"),
        ("a" * 200, "a" * 80 + ".srt"),
    ],
)
def test_file_name_means_nothing_to_a_file_system(name: str, expected: str) -> None:
    assert file_name(name, ExportFormat.SRT) == expected

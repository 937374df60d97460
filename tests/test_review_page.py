"""The Review page, run by Streamlit's own test runner."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from signcore.calibration import Calibration
from signcore.dashboard.review_desk import Review, Shelf
from signcore.dashboard.review_state import open_store
from signcore.dashboard.session import _shared
from signcore.labels import LABELS
from signcore.predictor import SequencePredictor
from signcore.recording import Author
from signcore.recording_file import recording_to_bytes
from signcore.settings import Settings
from signcore.store import Store
from tests.recordings import make_recording, spelled
from tests.videos import picture, write_video

LONGEST_S = 60.0


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where temporary files go."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def page(
    project_dir: Path, hand_model: Path, tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AppTest]:
    monkeypatch.setenv("SIGNCORE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SIGNCORE_HAND_MODEL", str(hand_model))
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    _shared.clear()
    open_store.clear()
    yield AppTest.from_file(str(project_dir / "pages" / "review.py"), default_timeout=60).run()
    open_store.clear()


def html(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))


def press(page: AppTest, label: str) -> None:
    [button] = [button for button in page.button if button.label == label]
    button.click().run()
    assert not page.exception


def upload(page: AppTest, which: int, name: str, content: bytes, kind: str = "video/mp4") -> None:
    page.file_uploader[which].set_value((name, content, kind)).run()
    assert not page.exception


def wait(page: AppTest) -> None:
    """Until nothing is read any more; the page's own clock stands still here."""
    deadline = time.monotonic() + LONGEST_S
    while any(button.label == "Cancel" for button in page.button):
        assert time.monotonic() < deadline
        time.sleep(0.1)
        page.run()
    assert not page.exception


def review_of(page: AppTest) -> Review:
    review: Review = page.session_state["review"]
    return review


def test_the_example_can_be_opened_and_closed(page: AppTest) -> None:
    press(page, "Open the example")
    wait(page)
    assert review_of(page).recording.text == "QUICK"
    assert len(page.get("bidi_component")) == 2
    assert page.header[0].value == "Example QUICK"
    press(page, "Close")
    assert page.session_state["review"] is None
    assert [button.label for button in page.button] == ["Open the example"]


def test_notes_are_not_lost_without_a_question(page: AppTest) -> None:
    press(page, "Open the example")
    wait(page)
    review_of(page).add_note(1000.0, "relax the thumb", Author.TEACHER)
    page.run()
    assert not [button for button in page.button if button.label == "Close"]
    press(page, "Close and lose the notes")
    assert page.session_state["review"] is None


def test_what_was_just_recorded_is_opened_but_never_in_place_of_notes(page: AppTest) -> None:
    store = Store.open(Settings())
    person = store.add_person("Ada")
    kept = store.upload(person.id, "Mine", recording_to_bytes(make_recording(events=spelled("ADA"))))
    press(page, "Open the example")
    wait(page)
    review_of(page).add_note(1000.0, "relax the thumb", Author.TEACHER)
    page.session_state["signcore_session"].recorder.kept = Shelf(store, person, kept)
    page.query_params["just-made"] = "1"
    page.run()
    assert review_of(page).title == "Example QUICK"
    press(page, "Close and lose the notes")
    page.query_params["just-made"] = "1"
    page.run()
    assert (review_of(page).title, review_of(page).recording.text) == ("Mine", "ADA")
    store.close()


def test_a_video_is_read_and_thrown_away(page: AppTest, media_dir: Path, scratch: Path) -> None:
    upload(page, 0, "../U.mp4", (media_dir / "U.mp4").read_bytes())
    wait(page)
    assert review_of(page).title == "U"
    assert review_of(page).recording.text.strip() == "U"
    assert list(scratch.iterdir()) == []
    press(page, "Close")
    assert all(uploader.value is None for uploader in page.file_uploader)


def test_reading_can_be_cancelled(page: AppTest, media_dir: Path, scratch: Path) -> None:
    upload(page, 0, "word.mp4", (media_dir / "word_QUICK.mp4").read_bytes())
    press(page, "Cancel")
    assert "review" not in page.session_state
    assert any(button.label == "Open the example" for button in page.button)
    assert list(scratch.iterdir()) == []


def too_large(path: Path) -> bytes:
    return write_video(path, [picture(width=10_000, height=10_000)], codec="mjpeg", pixels="yuvj420p").read_bytes()


def cut_off(path: Path) -> bytes:
    content = write_video(path, [picture()] * 30).read_bytes()
    return content[: len(content) // 2]


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        pytest.param("letter.mp4", lambda _: b"Dear Sir,\n" * 200, "not a video that can be read", id="text"),
        pytest.param("clip.mp4", cut_off, "not a video that can be read", id="truncated"),
        pytest.param("clip.mov", too_large, "10000 x 10000", id="large"),
        pytest.param("../../../etc/passwd.mp4", lambda _: b"root", "passwd.mp4: not a video", id="path"),
        pytest.param(
            "<img src=x onerror=alert(1)>.mp4", lambda _: b"", "&lt;img src=x onerror=alert(1)&gt;", id="html"
        ),
    ],
)
def test_a_bad_video_is_one_clear_sentence(
    page: AppTest, tmp_path: Path, scratch: Path, name: str, make: Callable[[Path], bytes], said: str
) -> None:
    upload(page, 0, name, make(tmp_path / f"made{Path(name).suffix}"))
    wait(page)
    assert html(page).count('role="alert"') == 1
    assert said in html(page)
    assert "<img" not in html(page)
    assert "review" not in page.session_state
    assert list(scratch.iterdir()) == []
    page.run()
    assert 'role="alert"' not in html(page)


def test_a_recording_file_is_checked_and_opened(page: AppTest) -> None:
    recording = make_recording(events=spelled("QUICK"))
    upload(page, 1, "mine.parquet", b"PAR1 is not enough PAR1", "application/octet-stream")
    assert "expected a recording (a whole .parquet file), found another or a damaged one<" in html(page)
    upload(page, 1, "mine.parquet", recording_to_bytes(recording), "application/octet-stream")
    assert review_of(page).recording.text == "QUICK"
    assert review_of(page).title == "mine"


def test_a_recording_is_kept_for_somebody_and_opened_from_the_shelf(page: AppTest) -> None:
    store = Store.open(Settings())
    store.add_person("Ada")
    store.close()
    press(page, "Open the example")
    wait(page)
    review_of(page).add_note(1000.0, "relax the thumb", Author.TEACHER)
    page.selectbox(key="person").set_value("Ada").run()
    press(page, "Keep")
    assert review_of(page).shelf is not None
    press(page, "Close")
    page.selectbox(key="person").set_value("Ada").run()
    press(page, "Open the recording")
    assert review_of(page).recording.text == "QUICK"
    assert [note.text for note in review_of(page).own_recording.notes] == ["relax the thumb"]

    [name] = [field for field in page.text_input if field.label == "Name of the recording"]
    name.set_value("The  fox").run()
    press(page, "Rename")
    assert review_of(page).title == "The fox"
    assert page.header[0].value == "The fox"
    page.checkbox[0].check().run()
    press(page, "Delete")
    assert "Nothing is kept under this name yet." in [caption.value for caption in page.caption]


def test_without_a_sign_in_names_are_said_to_be_shared(page: AppTest) -> None:
    assert "Names on this server are shared" in " ".join(caption.value for caption in page.caption)


def test_a_server_that_keeps_no_recordings(project_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SIGNCORE_KEEP_RECORDINGS", "0")
    monkeypatch.setenv("SIGNCORE_DATA_DIR", os.fspath(tmp_path / "data"))
    _shared.clear()
    open_store.clear()
    page = AppTest.from_file(str(project_dir / "pages" / "review.py"), default_timeout=60).run()
    assert "This server keeps no recordings." in [caption.value for caption in page.caption]
    press(page, "Open the example")
    wait(page)
    assert not [button for button in page.button if button.label == "Keep"]
    assert not (tmp_path / "data").exists()
    _shared.clear()


def test_reading_back_hides_the_name_and_scores(page: AppTest) -> None:
    press(page, "Open the example")
    wait(page)
    page.button_group(key="review_mode").set_value("Read it back").run()
    assert "QUICK" not in page.header[0].value
    assert not [button for button in page.button if button.label == "Keep"]
    page.text_input[0].set_value("quik").run()
    assert "4 of 5 letters" in page.markdown[0].value


def test_reading_back_what_has_no_letters(page: AppTest) -> None:
    upload(page, 1, "mine.parquet", recording_to_bytes(make_recording()), "application/octet-stream")
    page.button_group(key="review_mode").set_value("Read it back").run()
    page.text_input[0].set_value("hello").run()
    assert page.markdown[0].value.startswith("There is nothing to compare with")
    review_of(page).meant = "hello"
    page.run()
    assert page.markdown[0].value == "**5 of 5 letters.** Meant: **HELLO**. No letter was written."


def test_what_was_meant_stays_with_the_recording(page: AppTest) -> None:
    press(page, "Open the example")
    wait(page)
    page.text_input[0].set_value("quicks").run()
    page.button_group(key="review_mode").set_value("Read it back").run()
    page.text_input[0].set_value("quik").run()
    assert page.markdown[0].value == "**4 of 6 letters.** Meant: **QUICKS**. It was read as **QUICK**."
    page.button_group(key="review_mode").set_value("Look closely").run()
    assert page.text_input[0].value == "quicks"
    press(page, "Close")
    press(page, "Open the example")
    wait(page)
    assert page.text_input[0].value == ""


def test_reading_again_shows_what_changes(page: AppTest) -> None:
    press(page, "Open the example")
    wait(page)
    for name, value in (("Hold", 1.0), ("Threshold", 0.95)):
        [slider] = [slider for slider in page.slider if slider.label.startswith(name)]
        slider.set_value(value).run()
    press(page, "Read again")
    wait(page)
    table = page.dataframe[0].value
    assert list(table["Hold each sign for (s)"]) == [0.25, 1.0]
    assert table["Text"][0] == "QUICK"
    assert table["Letters changed"][1] > 0
    said = " ".join(caption.value for caption in page.caption)
    assert f"Read again, letters changed: {table['Letters changed'][1]}." in said
    review_of(page).add_note(1000.0, "relax the thumb", Author.TEACHER)
    press(page, "Open the new reading")
    assert review_of(page).recording.manifest.settings["hold_s"] == 1.0
    assert review_of(page).unkept
    assert [note.text for note in review_of(page).own_recording.notes] == ["relax the thumb"]
    press(page, "Back to the first reading")
    assert review_of(page).recording.text == "QUICK"
    assert any(button.label == "Open the new reading" for button in page.button)


def labelled(widgets: Sequence[Any], label: str) -> Any:
    [widget] = [widget for widget in widgets if widget.label.startswith(label)]
    return widget


def test_reading_again_begins_with_what_the_recording_was_read_with(page: AppTest) -> None:
    recording = make_recording(events=spelled("QUICK"))
    slow = replace(recording.manifest, settings={"hold_s": 0.6, "threshold": 0.99, "pause_s": 0.0})
    content = recording_to_bytes(replace(recording, manifest=slow))
    upload(page, 1, "slow.parquet", content, "application/octet-stream")
    assert labelled(page.slider, "Hold").value == 0.6
    assert labelled(page.slider, "Threshold").value == 0.95
    assert "My hand" not in " ".join(caption.value for caption in page.caption)
    press(page, "Read again")
    wait(page)
    again = review_of(page).again
    assert again is not None
    assert again.manifest.settings["pause_s"] == 0.0


def test_a_hand_that_is_not_known_here_is_said_to_be(page: AppTest, predictor: SequencePredictor) -> None:
    store = Store.open(Settings())
    ada = store.add_person("Ada")
    size = len(LABELS)
    none = Calibration(
        np.zeros((size, size), np.float32), np.zeros(size, np.float32), ("A", "B"), predictor.fingerprint
    )
    store.keep_calibration(ada.id, none)
    store.close()
    recording = make_recording(events=spelled("QUICK"))
    content = recording_to_bytes(replace(recording, manifest=replace(recording.manifest, calibrated=True)))
    upload(page, 1, "hers.parquet", content, "application/octet-stream")
    assert "which is not known here" in " ".join(caption.value for caption in page.caption)

    page.selectbox(key="person").set_value("Ada").run()
    press(page, "Keep")
    assert "and is again" in " ".join(caption.value for caption in page.caption)
    press(page, "Read again")
    wait(page)
    again = review_of(page).again
    assert again is not None
    assert again.manifest.calibrated


def test_a_model_file_may_be_called_anything(
    project_dir: Path, tmp_path: Path, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(project_dir / "models" / "lstm_alphabet_sequence_mit.onnx", tmp_path / "mine.model")
    monkeypatch.setenv("SIGNCORE_MODEL_PATH", str(tmp_path / "mine.model"))
    _shared.clear()
    page = AppTest.from_file(str(project_dir / "pages" / "review.py"), default_timeout=60).run()
    press(page, "Open the example")
    wait(page)
    [model] = [box for box in page.selectbox if box.label == "Model"]
    assert (model.value, model.options) == ("mine", ["mine"])
    _shared.clear()


def test_nobody_without_the_folder_is_left_without_a_sentence(
    project_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "data"
    blocked.write_text("a file where the folder should be")
    monkeypatch.setenv("SIGNCORE_DATA_DIR", os.fspath(blocked))
    _shared.clear()
    open_store.clear()
    page = AppTest.from_file(str(project_dir / "pages" / "review.py"), default_timeout=60).run()
    assert not page.exception
    assert 'role="alert"' in html(page)
    press(page, "Open the example")
    wait(page)
    assert review_of(page).recording.text == "QUICK"
    assert len(page.get("bidi_component")) == 2

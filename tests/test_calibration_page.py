"""One's own hand on the Practice page, with the shipped recogniser and a real store."""

import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from signcore.buffer import FRAME_MS
from signcore.calibration import Calibration
from signcore.calibrator import Calibrator
from signcore.dashboard.calibration_panel import moment_html
from signcore.dashboard.practice_state import Practice
from signcore.hand import HandFrame
from signcore.labels import STILL_LETTERS
from signcore.predictor import SequencePredictor
from signcore.samples import load_samples
from signcore.settings import load_settings
from signcore.store import Store

pytestmark = pytest.mark.usefixtures("app_test_camera", "fresh_server")


def open_page(project_dir: Path) -> AppTest:
    app = AppTest.from_file(str(project_dir / "pages" / "practice.py"), default_timeout=120).run()
    app.button_group(key="practice_mode").set_value("My hand").run()
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> None:
    [button] = [button for button in app.button if button.label == label]
    button.click().run()
    assert not app.exception


def practice(app: AppTest) -> Practice:
    found: Practice = app.session_state["practice"]
    return found


def show(state: Practice, letters: tuple[str, ...]) -> None:
    """What a camera's thread would do while somebody holds letters, each moved a little three times."""
    samples = load_samples()
    for letter in letters:
        before = state.calibrator.moment.done if state.calibrator else 0
        for step in range(400):
            away = max(0.0, np.sin(step * 2 * np.pi / 45) - 0.6)
            landmarks = samples[letter].frames[-1] + np.float32(0.3 * away)
            t_ms = state.recognizer.snapshot.t_ms + FRAME_MS
            state.step(state.recognizer.step_hand(HandFrame(landmarks, "Right", 1.0, t_ms), t_ms))
            if state.calibrator is not None and state.calibrator.moment.done > before:
                break


def test_a_hand_is_learned_used_and_forgotten(project_dir: Path) -> None:
    app = open_page(project_dir)
    assert "each of them three times" in " ".join(text.value for text in app.markdown)
    said = " ".join(text.value for text in app.caption)
    assert re.search(
        r"read \d+(, \d+)* and \d+ % of the letters right before, and \d+(, \d+)* and \d+ % with it\.", said
    )
    press(app, "Begin")
    assert "Make a fist" in " ".join(element.proto.body for element in app.get("html"))
    state = practice(app)
    show(state, STILL_LETTERS[:3])
    assert state.calibrator is not None
    assert state.calibrator.moment.done == 3
    for _ in STILL_LETTERS[3:]:
        press(app, "Skip")
    app.run()
    assert state.calibrator is None
    assert state.hand.calibration is not None
    assert state.hand.calibration.letters == STILL_LETTERS[:3]
    assert state.recognizer.calibration is state.hand.calibration
    assert state.store is not None
    assert state.person is not None
    assert state.store.calibration(state.person.id) is not None
    assert "Of your own samples, each left out once" in " ".join(caption.value for caption in app.caption)
    app.toggle[-1].set_value(False).run()
    assert state.recognizer.calibration is None
    assert state.hand.calibration is not None
    press(app, "Forget my hand")
    assert state.store.calibration(state.person.id) is None
    assert [button.label for button in app.button if button.label in ("Begin", "Again")] == ["Begin"]


@pytest.mark.parametrize("model", ["", "the fingerprint of another model"])
def test_a_hand_that_another_recogniser_learned_is_sampled_again(project_dir: Path, model: str) -> None:
    store = Store.open(load_settings())
    person = store.add_person("Me")
    old = Calibration(np.eye(29, dtype=np.float32), np.zeros(29, np.float32), ("A", "B"), model)
    store.keep_calibration(person.id, old)
    app = open_page(project_dir)
    state = practice(app)
    assert "The recogniser has changed" in " ".join(element.proto.body for element in app.get("html"))
    assert [toggle.label for toggle in app.toggle if toggle.label.startswith("Read my hand")] == []
    assert state.recognizer.calibration is None
    press(app, "Again")
    show(state, STILL_LETTERS[:2])
    for _ in STILL_LETTERS[2:]:
        press(app, "Skip")
    app.run()
    assert "The recogniser has changed" not in " ".join(element.proto.body for element in app.get("html"))
    kept = store.calibration(person.id)
    assert kept is not None
    assert kept.model == app.session_state["signcore_session"].predictor.fingerprint
    store.close()


def test_an_outdated_hand_can_be_forgotten(project_dir: Path) -> None:
    store = Store.open(load_settings())
    person = store.add_person("Me")
    store.keep_calibration(
        person.id, Calibration(np.eye(29, dtype=np.float32), np.zeros(29, np.float32), ("A",), "another model")
    )
    app = open_page(project_dir)
    press(app, "Forget my hand")
    assert store.calibration(person.id) is None
    assert [button.label for button in app.button if button.label in ("Begin", "Again")] == ["Begin"]
    store.close()


@pytest.mark.parametrize(
    ("url", "name", "used"),
    [
        ("http://localhost:8501", "Me", True),
        ("http://[::1]:8501/practice", "Me", True),
        ("https://signs.example.org", "Me", False),
        ("https://signs.example.org", "Ada", True),
        (None, "Me", False),
    ],
)
@pytest.mark.parametrize("page", ["live", "practice"])
def test_a_hand_is_known_again_on_another_day(
    project_dir: Path, monkeypatch: pytest.MonkeyPatch, page: str, url: str | None, name: str, used: bool
) -> None:
    store = Store.open(load_settings())
    model = SequencePredictor().fingerprint
    for known in {"Me", name}:
        person = store.add_person(known)
        store.keep_calibration(
            person.id, Calibration(np.eye(29, dtype=np.float32), np.zeros(29, np.float32), ("A",), model)
        )
    store.close()
    monkeypatch.setattr(ContextProxy, "url", url)
    app = AppTest.from_file(str(project_dir / "pages" / f"{page}.py"), default_timeout=120)
    if name != "Me":
        app.session_state["person"] = name
    app.run()
    assert not app.exception
    session = app.session_state["signcore_session"]
    recognizer = session.recognizer if page == "live" else practice(app).recognizer
    assert (recognizer.calibration is not None) is used
    if page == "live":
        note = " ".join(element.proto.body for element in app.get("html"))
        assert ("as your hand forms them" in note) is used
        [switch] = [toggle for toggle in app.toggle if toggle.label.startswith("Read my hand")]
        switch.set_value(not used).run()
        assert (recognizer.calibration is not None) is not used


def test_stopping_keeps_nothing(project_dir: Path) -> None:
    app = open_page(project_dir)
    press(app, "Begin")
    press(app, "Stop")
    assert practice(app).calibrator is None
    assert practice(app).hand.calibration is None


def test_it_goes_on_where_it_was_left(project_dir: Path) -> None:
    app = open_page(project_dir)
    press(app, "Begin")
    state = practice(app)
    show(state, STILL_LETTERS[:1])
    app.button_group(key="practice_mode").set_value("Learn").run()
    exercise = state.exercise
    assert exercise is not None
    asked = str(exercise.moment.asked)
    show(state, (asked,))
    assert exercise.moment.letters == 1, "what is shown elsewhere is for the exercise"
    app.button_group(key="practice_mode").set_value("My hand").run()
    assert f"1 of {len(STILL_LETTERS)} letters" in " ".join(element.proto.body for element in app.get("html"))
    assert state.calibrator is not None
    assert (state.calibrator.moment.letter, state.calibrator.moment.taken) == (STILL_LETTERS[1], 0)
    show(state, STILL_LETTERS[1:2])
    assert state.calibrator.moment.done == 2


def test_the_card_says_what_to_do() -> None:
    moment = Calibrator().moment
    assert "Form an A" in moment_html(moment, running=True)
    assert "Start the camera" in moment_html(moment, running=False)

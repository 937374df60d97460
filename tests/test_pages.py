"""Every page, run by Streamlit's own test runner."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from signcore.dashboard.review_state import open_store
from signcore.names import checked_name

PAGES = ("live.py", "practice.py", "review.py", "model.py")


pytestmark = pytest.mark.usefixtures("app_test_camera", "fresh_server")


def run_page(project_dir: Path, page: str) -> AppTest:
    app = AppTest.from_file(str(project_dir / "app.py"), default_timeout=60).run()
    if page != PAGES[0]:
        app.switch_page(f"pages/{page}").run()
    assert not app.exception
    return app


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows(project_dir: Path, page: str) -> None:
    app = run_page(project_dir, page)
    assert not app.error
    assert not app.warning


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opened_by_itself_shows(project_dir: Path, page: str) -> None:
    app = AppTest.from_file(str(project_dir / "pages" / page), default_timeout=60).run()
    assert not app.exception
    assert not app.error


def test_the_text_can_be_changed_and_outlives_a_page_switch(project_dir: Path) -> None:
    app = run_page(project_dir, "live.py")
    recognizer = app.session_state["signcore_session"].recognizer
    press(app, "Space")
    assert recognizer.snapshot.text == " "
    press(app, "Clear")
    assert recognizer.snapshot.text == ""
    press(app, "Undo")
    app.switch_page("pages/model.py").run()
    app.switch_page("pages/live.py").run()
    assert app.session_state["signcore_session"].recognizer is recognizer
    assert 'class="sc-written"> <' in html(app)


def test_a_sample_can_be_chosen_and_played(project_dir: Path) -> None:
    app = run_page(project_dir, "live.py")
    app.button_group(key="source").set_value("Sample").run()
    app.selectbox(key="word").set_value("QUICK").run()
    press(app, "Play")
    session = app.session_state["signcore_session"]
    assert session.player.word == "QUICK"
    assert "Ready" not in html(app)
    press(app, "Stop")
    assert session.player is None
    assert "Ready" in html(app)


def test_the_hold_time_and_ones_own_words(project_dir: Path) -> None:
    app = run_page(project_dir, "live.py")
    session = app.session_state["signcore_session"]
    assert app.slider(key="hold").value == session.settings.hold_s == 0.25
    app.slider(key="hold").set_value(0.6).run()
    app.text_input(key="own_words").set_value("Quibble, Zuzanna").run()
    assert not app.exception
    assert session.settings.hold_s == 0.6
    assert session.suggester.suggest("QUI")[0] == "QUIBBLE"
    app.text_input(key="own_words").set_value("R2D2").run()
    assert "letters A to Z" in " ".join(caption.value for caption in app.caption)
    assert session.suggester.suggest("QUI")[0] == "QUIBBLE"
    assert run_page(project_dir, "live.py").text_input(key="own_words").value == "QUIBBLE, ZUZANNA"


def test_ones_own_words_are_those_of_whoever_is_there(project_dir: Path) -> None:
    app = run_page(project_dir, "live.py")
    app.text_input(key="own_words").set_value("Quibble").run()
    open_store(app.session_state["signcore_session"]).add_person("Anna")
    app.run()
    app.selectbox(key="person").set_value("Anna").run()
    assert app.text_input(key="own_words").value == ""
    app.switch_page("pages/practice.py").run()
    app.button_group(key="practice_mode").set_value("Words").run()
    app.selectbox(key="word_list").set_value("My own words").run()
    app.text_input(key="own_list").set_value("Zuzanna").run()
    app.switch_page("pages/live.py").run()
    assert not app.exception
    assert app.session_state["signcore_session"].suggester.suggest("ZUZ")[0] == "ZUZANNA"
    app.selectbox(key="person").set_value("Me").run()
    assert app.text_input(key="own_words").value == "QUIBBLE"


@pytest.mark.parametrize("typed", ["Anna  B", "Zoe\u0308"])
def test_a_name_that_is_kept_otherwise_than_typed(project_dir: Path, typed: str) -> None:
    app = run_page(project_dir, "live.py")
    for words in ("", "Quibble"):
        # A browser sends what is typed, and not only what is offered.
        app.selectbox(key="person").options.append(typed)
        app.selectbox(key="person").set_value(typed)
        app.text_input(key="own_words").set_value(words)
        app.run()
        assert not app.exception
    [person] = open_store(app.session_state["signcore_session"]).people()
    assert person.name == checked_name(typed)


@pytest.mark.parametrize("page", ["live.py", "practice.py"])
def test_who_finds_every_camera_taken_waits_and_gets_a_turn(
    project_dir: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setenv("SIGNCORE_MAX_SESSIONS", "1")
    app = run_page(project_dir, page)
    seats = app.session_state["signcore_session"].seats
    ticket = seats.take(1)
    app.run()
    assert not app.exception
    assert "You are next" in html(app)
    assert "about a minute" in html(app)
    seats.give_back(ticket)
    app.run()
    assert not app.exception
    assert "You are next" not in html(app)
    assert app.session_state["signcore_session"].refusal is None


def test_two_sessions_share_the_model_and_not_the_text(project_dir: Path) -> None:
    first, second = (run_page(project_dir, "live.py").session_state["signcore_session"] for _ in range(2))
    assert first.predictor is second.predictor
    assert first.recognizer is not second.recognizer
    first.recognizer.space()
    assert second.recognizer.snapshot.text == ""


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [("SIGNCORE_MODEL_PATH", "/nowhere.onnx", "no such file"), ("SIGNCORE_HOLD_S", "soon", "SIGNCORE_HOLD_S")],
)
def test_what_keeps_the_recogniser_from_starting_is_said(
    project_dir: Path, monkeypatch: pytest.MonkeyPatch, page: str, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    app = AppTest.from_file(str(project_dir / "app.py"), default_timeout=60).run()
    if page != PAGES[0]:
        app.switch_page(f"pages/{page}").run()
    assert not app.exception
    assert said in app.error[0].value


def test_what_keeps_the_recogniser_from_starting_is_logged_once(
    project_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SIGNCORE_MODEL_PATH", str(tmp_path / "nowhere.onnx"))
    for _ in range(2):
        AppTest.from_file(str(project_dir / "app.py"), default_timeout=60).run().run()
    [said] = [record.getMessage() for record in caplog.records if record.name.startswith("signcore")]
    assert said.startswith(f"The recogniser cannot start. {tmp_path / 'nowhere.onnx'}: ")


def press(app: AppTest, label: str) -> None:
    [button] = [button for button in app.button if button.label == label]
    button.click().run()

"""The Practice page, run by Streamlit's own test runner, and what tests do on it."""

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from signcore.dashboard.practice_state import Practice
from signcore.quiz import Quiz
from signcore.samples import spell
from signcore.settings import load_settings
from signcore.store import Attempt, Store


def open_page(project_dir: Path, mode: str = "Learn") -> AppTest:
    app = AppTest.from_file(str(project_dir / "pages" / "practice.py"), default_timeout=120).run()
    if mode != "Learn":
        app.button_group(key="practice_mode").set_value(mode).run()
    check(app)
    return app


def check(app: AppTest) -> None:
    assert not app.exception
    assert not app.error


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def practice(app: AppTest) -> Practice:
    found: Practice = app.session_state["practice"]
    return found


def press(app: AppTest, label: str) -> None:
    [button] = [button for button in app.button if button.label == label]
    button.click().run()
    check(app)


def sign(app: AppTest, word: str) -> None:
    """What a camera's thread would do while somebody signs."""
    state = practice(app)
    begin = state.recognizer.snapshot.t_ms + 1.0
    for hand, t_ms in spell(word):
        state.step(state.recognizer.step_hand(hand, begin + t_ms))


def stored() -> tuple[Attempt, ...]:
    store = Store.open(load_settings())
    attempts = tuple(one for person in store.people() for one in store.attempts(person.id))
    store.close()
    return attempts


def exercise(app: AppTest) -> Any:
    found = practice(app).exercise
    assert found is not None
    return found


def quiz(app: AppTest) -> Quiz:
    found = practice(app).quiz
    assert found is not None
    return found


def own_list(project_dir: Path) -> AppTest:
    app = open_page(project_dir, "Words")
    return app.selectbox(key="word_list").set_value("My own words").run()

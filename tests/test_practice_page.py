"""The Practice page in every mode, run by Streamlit's own test runner, with the shipped recogniser and a real store."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from signcore.dashboard import session as dashboard_session
from signcore.dashboard.practice_state import Practice
from signcore.dashboard.review_state import open_store
from signcore.labels import LETTERS
from signcore.practice import SHAPE_GROUPS
from signcore.quiz import Quiz
from signcore.samples import spell
from signcore.settings import load_settings
from signcore.store import Attempt, Store
from signcore.vocabulary import WORD_LISTS

pytestmark = pytest.mark.usefixtures("app_test_camera")


@pytest.fixture(autouse=True)
def fresh_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNCORE_DATA_DIR", str(tmp_path))
    dashboard_session._shared.clear()
    open_store.clear()


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


def test_learn_goes_through_a_group(project_dir: Path) -> None:
    app = open_page(project_dir)
    first = next(iter(SHAPE_GROUPS.values()))
    assert exercise(app).moment.prompt == first
    assert "Make a fist" in html(app)
    sign(app, "A")
    app.run()
    assert exercise(app).moment.asked == "S"
    assert [(one.mode, one.asked, one.right) for one in stored()] == [("learn", "A", True)]
    app.selectbox(key="letter_group").set_value("In motion").run()
    assert exercise(app).moment.asked == "J"
    check(app)


def test_drill_hides_the_hand_until_a_hint(project_dir: Path) -> None:
    app = open_page(project_dir, "Drill")
    asked = exercise(app).moment.asked
    assert "The hand is hidden" in html(app)
    press(app, "Hint")
    assert "The hand is hidden" not in html(app)
    press(app, "Skip")
    assert exercise(app).moment.asked != asked
    assert "The hand is hidden" in html(app)
    [attempt] = stored()
    assert (attempt.asked, attempt.read, attempt.right) == (asked, None, False)


def test_two_letters_are_drilled_against_each_other(project_dir: Path) -> None:
    app = open_page(project_dir, "Drill")
    assert app.selectbox(key="drill_pair").options[1:3] == ["U against V: much alike", "U against R: much alike"]
    app.selectbox(key="drill_pair").set_value("UV").run()
    check(app)
    assert exercise(app).moment.asked == "U"
    assert "The hand is hidden" not in html(app)
    next(one for one in app.toggle if one.label == "Show the hand").set_value(False).run()
    press(app, "Restart")
    assert "The hand is hidden" in html(app)
    asked = []
    for letter in "VUVU":
        sign(app, letter)
        asked.append(exercise(app).moment.asked)
    assert asked == ["U", "V", "U", "V"]
    app.run()
    assert [(one.mode, one.asked, one.read) for one in stored()][:1] == [("drill", "V", "V")]


def test_ones_own_mix_ups_come_first(project_dir: Path) -> None:
    store = Store.open(load_settings())
    person = store.add_person("Me")
    for _ in range(2):
        store.add_attempt(person.id, Attempt("drill", "P", "K", False, 2.0, datetime.now(UTC)))
    store.close()
    app = open_page(project_dir, "Drill")
    assert app.selectbox(key="drill_pair").options[1] == "K against P: mixed up twice"


def test_words_of_a_level_and_of_ones_own(project_dir: Path) -> None:
    app = open_page(project_dir, "Words")
    assert exercise(app).moment.prompt in WORD_LISTS["First words"]
    app.selectbox(key="word_list").set_value("My own words").run()
    assert "at least one word" in html(app)
    app.text_input(key="own_list").set_value("Hello").run()
    sign(app, "HELLO")
    app.run()
    check(app)
    assert [(one.asked, one.right) for one in stored()] == [(letter, True) for letter in "HELLO"]
    assert exercise(app).moment.letters == 5


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("B7X 23", "Digits"),
        ("😀", "😀"),
        (" ", "at least one"),
        (" ".join(a + b + c for a in LETTERS for b in LETTERS for c in LETTERS)[:39_999], "10,000"),
        ("<b>x</b>", "&lt;"),
    ],
)
def test_a_wrong_list_is_told_in_a_sentence(project_dir: Path, typed: str, said: str) -> None:
    app = open_page(project_dir, "Words")
    app.selectbox(key="word_list").set_value("My own words").run()
    app.text_input(key="own_list").set_value(typed).run()
    check(app)
    [problem] = [element.proto.body for element in app.get("html") if 'role="alert"' in element.proto.body]
    assert said in problem
    app.text_input(key="own_list").set_value("Anna").run()
    assert exercise(app).moment.prompt == "ANNA"
    check(app)


def own_list(project_dir: Path) -> AppTest:
    app = open_page(project_dir, "Words")
    return app.selectbox(key="word_list").set_value("My own words").run()


def test_ones_own_words_are_kept_for_each_person(project_dir: Path) -> None:
    app = own_list(project_dir)
    app.text_input(key="own_list").set_value("Zoë, piano").run()
    check(app)
    assert own_list(project_dir).text_input(key="own_list").value == "ZOE, PIANO"
    store = practice(app).store
    assert store is not None
    store.add_person("Anna")
    app.run()
    app.selectbox(key="person").set_value("Anna").run()
    assert app.text_input(key="own_list").value == ""
    assert "at least one word" in html(app)
    app.text_input(key="own_list").set_value("dog").run()
    app.selectbox(key="person").set_value("Me").run()
    assert app.text_input(key="own_list").value == "ZOE, PIANO"
    check(app)
    assert {person.name: store.own_words(person.id) for person in store.people()} == {
        "Anna": ("DOG",),
        "Me": ("ZOE", "PIANO"),
    }


def test_a_wrong_list_loses_nothing(project_dir: Path) -> None:
    app = own_list(project_dir)
    app.text_input(key="own_list").set_value("piano").run()
    app.text_input(key="own_list").set_value("piano, R2D2").run()
    assert app.text_input(key="own_list").value == "piano, R2D2"
    app.selectbox(key="word_list").set_value("Names").run()
    app.selectbox(key="word_list").set_value("My own words").run()
    assert app.text_input(key="own_list").value == "piano, R2D2"
    assert own_list(project_dir).text_input(key="own_list").value == "PIANO"


def test_own_words_are_practised_where_they_cannot_be_kept(project_dir: Path, tmp_path: Path) -> None:
    app = own_list(project_dir)
    (tmp_path / "signcore.sqlite").rename(tmp_path / "away")
    (tmp_path / "signcore.sqlite").mkdir()
    app.text_input(key="own_list").set_value("piano").run()
    check(app)
    assert "cannot be used" in " ".join(caption.value for caption in app.caption)
    assert exercise(app).moment.prompt == "PIANO"
    (tmp_path / "signcore.sqlite").rmdir()
    (tmp_path / "away").rename(tmp_path / "signcore.sqlite")
    app.run()
    assert own_list(project_dir).text_input(key="own_list").value == "PIANO"


def test_speed_counts_down_and_begins_again(project_dir: Path) -> None:
    app = open_page(project_dir, "Speed")
    assert "60 s left" in html(app)
    sign(app, exercise(app).moment.asked)
    app.run()
    assert "60 s left" not in html(app)
    assert exercise(app).moment.letters == 1
    press(app, "Restart")
    assert "60 s left" in html(app)


def test_the_quiz_is_read_and_answered(project_dir: Path) -> None:
    app = open_page(project_dir, "Quiz")
    answer = next(one for one in app.text_input if one.label == "What was spelled?")
    assert answer.disabled
    app.slider(key="quiz_speed").set_value(2.0).run()
    press(app, "Play")
    word = quiz(app).moment.word
    assert word not in html(app)
    next(one for one in app.text_input if one.label == "What was spelled?").set_value(word[0].lower() + "QQ").run()
    check(app)
    assert "1 of 3 letters" in html(app)
    assert [(one.mode, one.asked) for one in stored()] == [("quiz", letter) for letter in word]
    press(app, "Next word")
    assert quiz(app).moment.answer is None


def test_the_quiz_is_answered_by_signing(project_dir: Path) -> None:
    app = open_page(project_dir, "Quiz")
    app.toggle(key="hands_free").set_value(True).run()
    check(app)
    assert "you answer by signing" in html(app)
    assert not [one for one in app.text_input if one.label == "What was spelled?"]
    word = quiz(app).moment.word
    press(app, "Play")
    sign(app, word)
    app.run()
    check(app)
    answer = quiz(app).moment.answer
    assert answer is not None
    assert (answer.word, answer.right) == (word, True)
    assert "1 of 1 words read" in html(app)
    assert [(one.mode, one.read) for one in stored()] == [("quiz", letter) for letter in word]
    press(app, "Next word")
    assert "1 of 1 words read" in html(app)
    app.button_group(key="practice_mode").set_value("Learn").run()
    check(app)
    assert practice(app).quiz is None


def test_progress_shows_exports_and_forgets(project_dir: Path) -> None:
    app = open_page(project_dir, "Progress")
    assert "Nothing practised yet" in app.info[0].value
    app.button_group(key="practice_mode").set_value("Drill").run()
    for _ in range(4):
        press(app, "Skip")
    app.button_group(key="practice_mode").set_value("Progress").run()
    check(app)
    assert len(app.get("plotly_chart")) == 3
    assert "**0 of 4 right**" in [one.value for one in app.markdown]
    [today, everything] = app.select_slider(key="period").options
    assert everything == "All"
    app.select_slider(key="period").set_value(datetime.now(UTC).date().isoformat()).run()
    assert app.select_slider(key="period").value == datetime.now(UTC).date().isoformat()
    assert str(datetime.now(UTC).day) in today
    check(app)
    press(app, "Delete it all")
    assert "Nothing practised yet" in app.info[0].value
    assert stored() == ()


def test_progress_is_there_in_the_next_tab_and_is_each_persons_own(project_dir: Path) -> None:
    app = open_page(project_dir, "Drill")
    press(app, "Skip")
    other = open_page(project_dir, "Drill")
    assert len(practice(other).attempts) == 1
    store = practice(other).store
    assert store is not None
    store.add_person("Anna")
    other.run()
    other.selectbox(key="person").set_value("Anna").run()
    assert practice(other).attempts == []
    press(other, "Skip")
    press(other, "Skip")
    other.selectbox(key="person").set_value("Me").run()
    assert len(practice(other).attempts) == 1
    assert len(stored()) == 3


def test_a_sample_can_be_played_and_counts_for_nobody(project_dir: Path) -> None:
    app = open_page(project_dir)
    app.button_group(key="practice_source").set_value("Sample").run()
    press(app, "Play")
    session = app.session_state["signcore_session"]
    assert session.player.word == "ASETNM"
    session.player.advance(session.player.began_s + 3.0)
    assert exercise(app).moment.letters > 0
    press(app, "Stop")
    assert session.player is None
    assert stored() == ()


def test_a_database_that_fails_is_told_and_loses_nothing(project_dir: Path, tmp_path: Path) -> None:
    app = open_page(project_dir, "Drill")
    database = tmp_path / "signcore.sqlite"
    store = practice(app).store
    assert store is not None
    broken = tmp_path / "away"
    database.rename(broken)
    database.mkdir()
    press(app, "Skip")
    assert "cannot be used" in html(app)
    database.rmdir()
    broken.rename(database)
    press(app, "Skip")
    assert "cannot be used" not in html(app)
    assert len(stored()) == 2


def test_practising_writes_nothing_on_the_live_page(project_dir: Path) -> None:
    app = open_page(project_dir)
    sign(app, "ABC")
    session = app.session_state["signcore_session"]
    assert practice(app).recognizer.snapshot.text != ""
    assert session.recognizer.snapshot.text == ""


def test_another_person_on_the_same_page_shares_nothing(project_dir: Path) -> None:
    first, second = open_page(project_dir), open_page(project_dir)
    exercise(first).skip()
    assert exercise(second).moment.done == 0


def test_a_server_that_keeps_nothing_keeps_no_attempts(project_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNCORE_KEEP_RECORDINGS", "0")
    dashboard_session._shared.clear()
    app = own_list(project_dir)
    app.text_input(key="own_list").set_value("piano").run()
    assert exercise(app).moment.prompt == "PIANO"
    app.button_group(key="practice_mode").set_value("Drill").run()
    press(app, "Skip")
    assert len(practice(app).attempts) == 1
    assert stored() == ()
    app.button_group(key="practice_mode").set_value("Progress").run()
    check(app)
    assert "**0 of 1 right**" in [one.value for one in app.markdown]


def test_a_hidden_hand_can_be_shown_and_then_it_is_learning(project_dir: Path) -> None:
    app = open_page(project_dir, "Drill")
    next(one for one in app.toggle if one.label == "Show the hand").set_value(True).run()
    check(app)
    sign(app, exercise(app).moment.asked)
    app.run()
    assert [one.mode for one in stored()] == ["learn"]

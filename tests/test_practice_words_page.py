"""Words to spell and to read on the Practice page, with the shipped recogniser and a real store."""

from pathlib import Path

import pytest

from signcore.labels import LETTERS
from signcore.vocabulary import WORD_LISTS
from tests.practice_page import check, exercise, html, open_page, own_list, practice, press, quiz, sign, stored

pytestmark = pytest.mark.usefixtures("app_test_camera", "fresh_server")


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
    app.selectbox(key="word_list").set_value("My own words").run()
    app.text_input(key="own_list").set_value("lab").run()
    check(app)
    assert "you answer by signing" in html(app)
    assert not [one for one in app.text_input if one.label == "What was spelled?"]
    press(app, "Play")
    sign(app, "LAB")
    app.run()
    check(app)
    answer = quiz(app).moment.answer
    assert answer is not None
    assert (answer.word, answer.right) == ("LAB", True)
    assert "1 of 1 words read" in html(app)
    assert [(one.mode, one.read) for one in stored()] == [("quiz", letter) for letter in "LAB"]
    press(app, "Next word")
    assert "1 of 1 words read" in html(app)
    app.button_group(key="practice_mode").set_value("Learn").run()
    check(app)
    assert practice(app).quiz is None

"""The Practice page in every mode, run by Streamlit's own test runner, with the shipped recogniser and a real store."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from signcore.dashboard import session as dashboard_session
from signcore.practice import ROUND_S, SHAPE_GROUPS
from signcore.samples import spell
from signcore.settings import load_settings
from signcore.store import Attempt, Store
from tests.practice_page import check, exercise, html, open_page, own_list, practice, press, sign, stored

pytestmark = pytest.mark.usefixtures("app_test_camera", "fresh_server")


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


def test_speed_counts_down_and_begins_again(project_dir: Path) -> None:
    app = open_page(project_dir, "Speed")
    assert "60 s left" in html(app)
    sign(app, exercise(app).moment.asked)
    app.run()
    assert "60 s left" not in html(app)
    assert exercise(app).moment.letters == 1
    press(app, "Restart")
    assert "60 s left" in html(app)


def charts(app: AppTest) -> int:
    return len([one for one in app.get("bidi_component") if "progress_" in one.proto.id])


def test_progress_after_learning_alone_leads_to_what_fills_it(project_dir: Path) -> None:
    app = open_page(project_dir)
    sign(app, "A")
    app.button_group(key="practice_mode").set_value("Progress").run()
    said = " ".join(caption.value for caption in app.caption)
    assert "what you sign from memory: Drill, Words, Speed." in said
    assert charts(app) == 0
    press(app, "Go on with Drill")
    assert app.button_group(key="practice_mode").value == "Drill"


def test_progress_shows_exports_and_forgets(project_dir: Path) -> None:
    app = open_page(project_dir, "Progress")
    assert "Nothing practised yet" in app.info[0].value
    press(app, "Begin with Learn")
    assert app.button_group(key="practice_mode").value == "Learn"
    app.button_group(key="practice_mode").set_value("Drill").run()
    for _ in range(4):
        press(app, "Skip")
    app.button_group(key="practice_mode").set_value("Progress").run()
    check(app)
    assert charts(app) == 3, "nothing was right yet, which is no time"
    assert "**0 of 4 right**" in [one.value for one in app.markdown]
    assert "**0 letters**" not in [one.value for one in app.markdown]
    assert not app.select_slider, "there is one day to choose"
    yesterday = Attempt("drill", "A", "A", True, 2.0, datetime.now(UTC) - timedelta(days=1))
    store = Store.open(load_settings())
    store.add_attempt(store.people()[0].id, yesterday)
    store.close()
    app.button_group(key="practice_mode").set_value("Drill").run()
    app.button_group(key="practice_mode").set_value("Progress").run()
    assert charts(app) == 4
    [_, today, everything] = app.select_slider(key="period").options
    assert everything == "All"
    app.select_slider(key="period").set_value(datetime.now(UTC).date().isoformat()).run()
    assert app.select_slider(key="period").value == datetime.now(UTC).date().isoformat()
    assert str(datetime.now(UTC).day) in today
    check(app)
    press(app, "Delete it all")
    assert "Nothing practised yet" in app.info[0].value
    assert stored() == ()


def test_what_is_read_in_the_quiz_is_not_mixed_up_in_signing(project_dir: Path) -> None:
    store = Store.open(load_settings())
    person = store.add_person("Me")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    for mode, asked, read, at in [
        ("quiz", "W", "K", yesterday),
        ("learn", "A", "S", datetime.now(UTC)),
        ("drill", "B", "B", datetime.now(UTC)),
    ]:
        store.add_attempt(person.id, Attempt(mode, asked, read, asked == read, 1.0, at))
    store.close()
    app = open_page(project_dir, "Progress")
    [chart] = [one for one in app.get("bidi_component") if "progress_confusions" in one.proto.id]
    told = json.loads(chart.proto.json)["label"]
    assert "A read as S" in told
    assert "W read as K" not in told
    assert not app.select_slider, "there is only today"


def test_where_nothing_is_mixed_up_no_empty_map_is_shown(project_dir: Path) -> None:
    store = Store.open(load_settings())
    store.add_attempt(store.add_person("Me").id, Attempt("drill", "B", "B", True, 1.0, datetime.now(UTC)))
    store.close()
    app = open_page(project_dir, "Progress")
    assert "Mixed up: nothing so far." in [one.value for one in app.caption]
    assert not [one for one in app.get("bidi_component") if "progress_confusions" in one.proto.id]


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


def test_progress_shows_what_another_tab_has_added_and_deleted(project_dir: Path) -> None:
    first, second = open_page(project_dir, "Drill"), open_page(project_dir, "Drill")
    press(first, "Skip")
    first.button_group(key="practice_mode").set_value("Progress").run()
    assert "**0 of 1 right**" in [one.value for one in first.markdown]
    press(second, "Skip")
    first.button_group(key="practice_mode").set_value("Drill").run()
    first.button_group(key="practice_mode").set_value("Progress").run()
    assert "**0 of 2 right**" in [one.value for one in first.markdown]
    press(first, "Delete it all")
    second.button_group(key="practice_mode").set_value("Progress").run()
    check(second)
    assert "Nothing practised yet" in second.info[0].value


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
    assert (exercise(app).moment.letters, exercise(app).moment.asked) == (0, "A")
    assert stored() == ()


def test_a_sample_leaves_the_sitting_where_it_was(project_dir: Path) -> None:
    app = open_page(project_dir, "Speed")
    app.button_group(key="practice_source").set_value("Sample").run()
    asked = exercise(app).moment.asked
    press(app, "Play")
    session = app.session_state["signcore_session"]
    session.player.advance(session.player.began_s + 3.0)
    assert exercise(app).moment.remaining_s < ROUND_S
    session.player.began_s -= 60.0
    app.run()
    assert session.player is None
    moment = exercise(app).moment
    assert (moment.asked, moment.letters, moment.best_streak, moment.remaining_s) == (asked, 0, 0, ROUND_S)
    assert moment.helped, "a letter that has just been shown is not known from memory"


def test_a_sample_ends_when_something_else_is_asked(project_dir: Path) -> None:
    app = open_page(project_dir, "Drill")
    app.button_group(key="practice_source").set_value("Sample").run()
    for mode in ("Words", "Quiz"):
        press(app, "Play")
        assert app.session_state["signcore_session"].player is not None
        app.button_group(key="practice_mode").set_value(mode).run()
        check(app)
        assert app.session_state["signcore_session"].player is None
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


def shown_hand(app: AppTest) -> tuple[float, float]:
    """Where the thumb's tip is, from the left, and the camera, from the front, of the reference that is shown."""
    [chart] = [one for one in app.get("bidi_component") if "scene" in one.proto.json]
    figure = json.loads(chart.proto.json)["figure"]
    [thumb] = [trace for trace in figure["data"] if trace.get("name") == "thumb"]
    return thumb["x"][0], figure["layout"]["scene"]["camera"]["eye"]["y"]


def test_the_hand_is_shown_as_in_the_mirror_or_as_one_sees_ones_own(project_dir: Path) -> None:
    app = open_page(project_dir)
    thumb, camera = shown_hand(app)
    assert camera < 0
    app.toggle(key="mirrored").set_value(False).run()
    assert shown_hand(app)[0] == pytest.approx(-thumb, abs=0.05)
    app.toggle(key="from_behind").set_value(True).run()
    assert shown_hand(app)[1] > 0
    seen = shown_hand(app)
    app.toggle(key="mirrored").set_value(True).run()
    assert shown_hand(app) == seen, "no mirror stands behind"


def test_a_left_hand_stays_one_when_it_goes_out_of_view(project_dir: Path) -> None:
    app = open_page(project_dir)
    right, _ = shown_hand(app)
    state = practice(app)
    hand, _ = spell("A")[0]
    assert hand is not None
    state.recognizer.step_hand(replace(hand, handedness="Left"), 10.0)
    app.run()
    left, _ = shown_hand(app)
    assert left == pytest.approx(-right, abs=0.05)
    state.recognizer.step_hand(None, 50.0)
    app.run()
    assert shown_hand(app)[0] == left

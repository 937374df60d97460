import pytest

from signcore.dashboard.model_facts import (
    certainty_rows,
    commonest_mistakes,
    condition_rows,
    letter_rows,
    short_name,
    source_rows,
    training_rows,
    word_rows,
)
from signcore.model_results import CrossValidation, Results
from signcore.model_sources import TrainingSource
from tests.model_documents import CROSSVAL, RESULTS, WORDS

MEASURED = Results.model_validate(RESULTS)
SOURCES = [
    TrainingSource(name="a", licence="MIT", clips=3),
    TrainingSource(name="b", licence="none stated", clips=9),
]


def test_letters_are_rows() -> None:
    first, second = letter_rows(MEASURED.per_letter)
    assert first["Most often taken for"] == ""
    assert second == {
        "Class": "space",
        "Clips": 4,
        "Read right": 25.0,
        "Right when said": None,
        "Most often taken for": "B 75.0%",
    }


def test_sources_are_rows() -> None:
    assert source_rows(MEASURED) == [
        {"Signers": "somebody", "Clips": 14, "Mean over letters": 80.0, "J": 50.0, "Z": None}
    ]


@pytest.mark.parametrize(
    ("source", "name"), [("owner+repo", "owner"), ("owner+repo#p1", "owner p1"), ("who (owner+repo)", "who (owner)")]
)
def test_a_source_goes_by_its_owner(source: str, name: str) -> None:
    assert short_name(source) == name


def test_certainty_is_that_of_all_and_of_each() -> None:
    assert [(row["Signers"], row["Coverage at 99%"]) for row in certainty_rows(MEASURED)] == [
        ("All", 50.0),
        ("somebody", None),
    ]


def test_conditions_are_compared_with_the_same_clips_in_better_ones() -> None:
    changes = {row["Condition"]: row["Change, points"] for row in condition_rows(MEASURED)}
    assert changes == {
        "As recorded": None,
        "Mirrored: the other hand": "-5.0",
        "Trembling landmarks": "-30.0",
        "Camera of 30 fps": None,
        "Camera of 15 fps": "-10.0",
        "Frames lost": "-50.0",
    }


@pytest.mark.parametrize(("macro", "change"), [(0.8004, "0.0"), (0.7996, "0.0"), (0.8006, "+0.1")])
def test_a_change_of_nothing_has_no_sign(macro: float, change: str) -> None:
    mirrored = condition_rows(Results.model_validate({**RESULTS, "mirrored": {**RESULTS["mirrored"], "macro": macro}}))
    assert mirrored[1]["Change, points"] == change


def test_conditions_that_were_not_measured_have_no_row() -> None:
    assert len(condition_rows(Results.model_validate({**RESULTS, "fps": {}, "dropped": None}))) == 3


def test_words_are_rows_where_they_were_measured() -> None:
    assert word_rows(MEASURED) == []
    assert word_rows(Results.model_validate({**RESULTS, "words": WORDS})) == [
        {"Signers": "All", "1 a second": 2.0},
        {"Signers": "somebody", "1 a second": 2.0},
    ]


def test_mistakes_come_most_frequent_first() -> None:
    assert commonest_mistakes(MEASURED.labels, MEASURED.confusion, 5) == ["B for space (3 of 4)", "A for B (2 of 5)"]
    assert commonest_mistakes(MEASURED.labels, MEASURED.confusion, 1) == ["B for space (3 of 4)"]


def test_training_sources_are_rows_with_what_strangers_to_them_read() -> None:
    plain = {"Source": "b", "Licence": "none stated", "Clips": 9}
    assert training_rows(SOURCES, None)[1] == plain
    first, second = training_rows(SOURCES, CrossValidation.model_validate(CROSSVAL))
    assert first["Read when left out"] == 90.0
    assert second == {**plain, "Read when left out": None}

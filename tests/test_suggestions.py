import pytest

from signcore.errors import SettingsError
from signcore.suggestions import Suggester


@pytest.fixture(scope="module")
def suggester() -> Suggester:
    return Suggester({("L", "I"): 0.03, ("U", "R"): 0.1}, names=["Zuzanna", "Hela"])


def test_a_misread_word_is_offered_as_it_was_meant(suggester: Suggester) -> None:
    assert suggester.suggest("HELIO")[0] == "HELLO"
    assert suggester.suggest("SAY HELIO")[0] == "HELLO"


def test_the_models_own_confusions_count_less_than_other_letters() -> None:
    plain, confused = Suggester(), Suggester({("U", "R"): 0.1})
    assert confused.suggest("HORSE")[0] == "HOUSE"
    assert "HOUSE" not in plain.suggest("HORSE")[:1]


def test_a_beginning_is_completed(suggester: Suggester) -> None:
    assert "THANK" in suggester.suggest("THAN")
    assert all(word.startswith("SCHO") for word in suggester.suggest("SCHO")[:2])


def test_a_persons_own_names_come_first(suggester: Suggester) -> None:
    assert suggester.suggest("ZUZ")[0] == "ZUZANNA"
    assert suggester.suggest("HELE")[0] == "HELA"


def test_a_space_changes_nothing(suggester: Suggester) -> None:
    assert suggester.suggest("SAY HELIO ") == suggester.suggest("HELIO")


def test_a_word_that_is_likely_right_is_only_continued(suggester: Suggester) -> None:
    for word in ("HELLO", "QUICK", "SCHOOL"):
        assert all(other.startswith(word) for other in suggester.suggest(word))


@pytest.mark.parametrize("text", ["", " "])
def test_nothing_is_offered_for_no_word(suggester: Suggester, text: str) -> None:
    assert suggester.suggest(text) == ()


def test_the_word_that_stands_there_is_not_offered(suggester: Suggester) -> None:
    assert "HELLO" not in suggester.suggest("HELLO")
    assert len(suggester.suggest("HEL", limit=3)) == 3


def test_words_of_any_length_are_answered(suggester: Suggester) -> None:
    assert suggester.suggest("Q" * 500) == ()


@pytest.mark.parametrize("name", ["R2D2", "ANNA LENA", "<b>", "A" * 41])
def test_a_name_that_cannot_be_spelled_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="a name: expected at most 40 letters A to Z"):
        Suggester(names=[name])

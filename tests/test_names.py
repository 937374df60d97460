import pytest

from signcore.errors import StoreError
from signcore.names import as_markdown, checked_name, name_key


@pytest.mark.parametrize(
    "name",
    [
        "", "   ", "x" * 61, "<script>", "a&b", 'say "hi"', "../etc", "a/b", "a\\b", "..", "a\x00b", "a\u202eb",
        "`code`", "*bold*", "[link](x)", "# title", "a\ud800",
    ],
)  # fmt: skip
def test_name_that_cannot_be(name: str) -> None:
    with pytest.raises(StoreError, match="A name has"):
        checked_name(name)


@pytest.mark.parametrize("name", ["Ana", "O'Brien", "李小龍", "Quick fox, 18:00 (2)", "Zoë 🦊", "e\u0301a", "म\u0941"])
def test_name_that_can_be(name: str) -> None:
    assert checked_name(f"  {name} ") == checked_name(name)


def test_key_is_the_same_for_names_that_look_the_same() -> None:
    assert name_key("Stra\u00dfe") == name_key("STRASSE")
    assert name_key("\uff21na") == name_key("ana")
    assert len(name_key("\ufdfa" * 60)) == 200


def test_in_markdown_every_mark_is_escaped() -> None:
    assert as_markdown("_a_ :cat: 1)") == r"\_a\_ \:cat\: 1\)"
    assert as_markdown("Zoë 🦊 李小龍") == "Zoë 🦊 李小龍"

from datetime import UTC, datetime

import pytest

from signcore.quiz import check

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "right", "read"),
    [
        ("hello", True, list("HELLO")),
        ("H E L L O", True, list("HELLO")),
        ("helo", False, ["H", "E", None, "L", "O"]),
        ("hexlo", False, ["H", "E", "X", "L", "O"]),
        ("helloo", False, list("HELLO")),
        ("12345", False, [None] * 5),
        ("Ж" * 10_000, False, [None] * 5),
    ],
)
def test_what_was_read(typed: str, right: bool, read: list[str | None]) -> None:
    answer = check("HELLO", typed)
    assert answer.right is right
    attempts = answer.attempts(10.0, NOON)
    assert [one.asked for one in attempts] == list("HELLO")
    found = [one.read for one in attempts]
    assert sorted(map(str, found)) == sorted(map(str, read))
    assert all(one.right == (one.read == one.asked) for one in attempts)
    assert {(one.mode, one.seconds) for one in attempts} == {("quiz", 2.0)}

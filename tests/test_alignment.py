import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from signcore.alignment import Difference, align, mistakes, pair_times
from tests.recordings import make_recording, spelled

LETTERS = st.text("ABC ", max_size=8)


def kinds(meant: str, read: str) -> str:
    return "".join(pair.difference.name[0] for pair in align(meant, read))


@pytest.mark.parametrize(
    ("meant", "read", "expected"),
    [
        ("QUICK", "QUICK", "NNNNN"),
        ("quick", "QUICK", "NNNNN"),
        ("QUICK", "quick", "NNNNN"),
        ("QUICK", "QVICK", "NSNNN"),
        ("QUICK", "QUICKK", "NNNNNI"),
        ("HELLO", "HELO", "NNDNN"),
        ("", "AB", "II"),
        ("AB", "", "DD"),
        ("two  words", "TWO WORDS", "NNNNNNNNN"),
        ("José", "JOSE", "NNNN"),
        ("don't, Zoë!", "DONT ZOE", "NNNNNNNN"),
    ],
)
def test_kinds(meant: str, read: str, expected: str) -> None:
    found = kinds(meant, read)
    assert sorted(found) == sorted(expected)
    assert len(found) == len(expected)


@given(LETTERS, LETTERS)
def test_both_texts_can_be_read_from_the_pairs_and_mistakes_are_fewest(meant: str, read: str) -> None:
    meant = " ".join(meant.split())
    pairs = align(meant, read)
    assert "".join(pair.meant or "" for pair in pairs) == meant
    assert "".join(pair.read or "" for pair in pairs) == read
    assert sum(mistakes(pairs).values()) == Levenshtein.distance(meant, read)
    for pair in pairs:
        assert (pair.difference is Difference.NONE) == (pair.meant == pair.read)
        assert pair.read is None or read[pair.position] == pair.read


def test_times_are_those_of_the_letters_and_a_missing_one_lies_between_its_neighbours() -> None:
    recording = make_recording(events=spelled("HELO"))
    pairs = align("HELLO", recording.text)
    times = pair_times(recording, pairs)
    read = [time for pair, time in zip(pairs, times, strict=True) if pair.read is not None]
    assert read == [(letter.start_ms, letter.end_ms) for letter in recording.letters]
    missing = next(i for i, pair in enumerate(pairs) if pair.difference is Difference.DELETION)
    assert times[missing] == (times[missing - 1][1], times[missing + 1][0])


def test_letters_missing_side_by_side_share_the_time() -> None:
    recording = make_recording(events=spelled("B"))
    pairs = align("BCD", recording.text)
    (_, end), second, third = pair_times(recording, pairs)
    assert (second[0], third[1]) == (end, recording.t_ms[-1])
    assert second[1] == third[0] == pytest.approx((second[0] + third[1]) / 2)


def test_letters_missing_at_the_ends_have_a_time_too() -> None:
    recording = make_recording(events=spelled("B"))
    pairs = align("ABC", recording.text)
    times = pair_times(recording, pairs)
    assert times[0] == (0.0, times[1][0])
    assert times[2] == (times[1][1], recording.t_ms[-1])


def test_a_letter_whose_capital_is_two_is_one_letter() -> None:
    pairs = align("STRASSE", "stra\u00dfe")
    assert [pair.read for pair in pairs if pair.read is not None] == list("stra\u00dfe")

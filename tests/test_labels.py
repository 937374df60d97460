import pytest

from signcore.labels import LABELS, LETTERS, MOVING_LETTERS, STILL_LETTERS, char_to_index, index_to_char


def test_the_classes_and_their_order() -> None:
    assert "".join(LABELS[:26]) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert LABELS[26:] == ("SPACE", "DELETE", "NOTHING")


def test_index_and_label_are_inverse() -> None:
    assert [char_to_index(index_to_char(index)) for index in range(29)] == list(range(29))


@pytest.mark.parametrize("index", [-1, 29])
def test_an_index_outside_is_refused(index: int) -> None:
    with pytest.raises(IndexError, match=f"expected 0 to 28, found {index}"):
        index_to_char(index)


def test_j_and_z_move() -> None:
    assert MOVING_LETTERS == ("J", "Z")
    assert sorted(STILL_LETTERS + MOVING_LETTERS) == list(LETTERS)

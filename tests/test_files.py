from pathlib import Path

from signcore.files import whole_file


def test_two_writers_of_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    with whole_file(path) as first:
        first.write_text("first, ")
        with whole_file(path) as second:
            second.write_text("second, the whole of it")
        with first.open("a") as file:
            file.write("the whole of it")
        assert path.read_text() == "second, the whole of it"
    assert path.read_text() == "first, the whole of it"
    assert list(tmp_path.iterdir()) == [path]

import json

import numpy as np
import pytest

from signcore.dashboard.charts import bars_told, label_name, probability_bars
from signcore.labels import LABELS, LETTERS

ACCENT = "#0f766e"
SURE_FROM = 0.81


def distribution(**shares: float) -> np.ndarray:
    values = np.full(29, (1 - sum(shares.values())) / (29 - len(shares)), dtype=np.float32)
    for label, share in shares.items():
        values[LABELS.index(label)] = share
    return values


def test_bars_keep_their_order_and_their_axis() -> None:
    first, second = (
        probability_bars(distribution(**{label: 0.9}), ACCENT, sure_from=SURE_FROM) for label in ("A", "Z")
    )
    for figure in (first, second):
        assert list(figure.layout.yaxis.range) == [0, 1]
        assert len(figure.data[0].y) == 29
        ticks = [text.removeprefix("<b>").removesuffix("</b>") for text in figure.layout.xaxis.ticktext]
        assert ticks == [*LETTERS, "space", "delete", "none"]
    assert list(first.data[0].x) == list(second.data[0].x) == sorted(first.data[0].x)


def test_the_two_best_are_marked_by_more_than_colour() -> None:
    bars = probability_bars(distribution(U=0.6, R=0.3), ACCENT, sure_from=SURE_FROM)
    u, r, a = (LABELS.index(label) for label in "URA")
    marker = bars.data[0].marker
    assert [marker.pattern.shape[i] for i in (u, r, a)] == ["", "/", ""]
    assert [marker.line.width[i] > 0 for i in (u, r, a)] == [False, True, False]
    assert [bars.data[0].text[i] for i in (u, r, a)] == ["60%", "30%", ""]
    assert bars.layout.xaxis.ticktext[u] == "<b>U</b>"


def test_a_runner_up_that_is_hardly_there_is_not_marked() -> None:
    bars = probability_bars(distribution(U=0.98), ACCENT, sure_from=SURE_FROM)
    assert sum(text != "" for text in bars.data[0].text) == 1


def test_nothing_read_is_all_bars_at_zero() -> None:
    bars = probability_bars(None, ACCENT, sure_from=SURE_FROM)
    assert set(bars.data[0].y) == {0.0}
    assert set(bars.data[0].text) == {""}


def test_the_bars_in_words() -> None:
    assert bars_told(distribution(U=0.6, R=0.3)) == "How probable each letter is: U 60%, then R 30%"
    assert bars_told(distribution(NOTHING=0.98)) == "How probable each letter is: none 98%"
    assert "nothing is read" in bars_told(None)


@pytest.mark.parametrize(
    ("sure_from", "names"), [(0.81, ["0", "0.5", "1", "sure"]), (0.95, ["0", "0.5", "sure"]), (0.5, ["0", "1", "sure"])]
)
def test_a_line_says_from_where_on_a_letter_is_sure(sure_from: float, names: list[str]) -> None:
    layout = probability_bars(distribution(U=0.6), ACCENT, sure_from=sure_from).layout
    [line] = layout.shapes
    assert (line.y0, line.y1) == (sure_from, sure_from)
    assert layout.yaxis.tickvals[-1] == sure_from
    assert list(layout.yaxis.ticktext) == names


def test_a_refresh_is_small() -> None:
    assert len(json.dumps(probability_bars(distribution(U=0.6, R=0.3), ACCENT, sure_from=SURE_FROM).to_dict())) < 4500


@pytest.mark.parametrize(("label", "name"), [("A", "A"), ("SPACE", "space"), ("DELETE", "delete"), ("NOTHING", "none")])
def test_labels_are_written_for_people(label: str, name: str) -> None:
    assert label_name(label) == name

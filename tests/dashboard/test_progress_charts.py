from dataclasses import replace
from datetime import UTC, datetime, timedelta

from signcore.dashboard.progress_charts import (
    confusions_chart,
    confusions_told,
    days_chart,
    days_told,
    letters_chart,
    letters_told,
    seconds_chart,
    seconds_told,
)
from signcore.progress import by_day, by_letter, confusions
from signcore.store import Attempt

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ATTEMPTS = [
    Attempt("drill", "A", "A", True, 2.0, NOON),
    Attempt("drill", "A", "S", False, 5.0, NOON),
    Attempt("drill", "B", None, False, 5.0, NOON),
]


def test_letters() -> None:
    [bars] = letters_chart(by_letter(ATTEMPTS), "#123456").data
    assert list(bars.y[:3]) == [0.5, 0.0, None]
    assert bars.customdata[0] == "1 of 2 right, 2.0 s"
    [seconds] = seconds_chart(by_letter(ATTEMPTS), "#123456").data
    assert list(seconds.y[:3]) == [2.0, None, None]


def test_bars_of_a_letter_stand_below_each_other() -> None:
    letters = by_letter(ATTEMPTS)
    above, below = (chart(letters, "#123456").layout for chart in (letters_chart, seconds_chart))
    assert above.margin == below.margin
    assert not above.yaxis.automargin
    assert not below.yaxis.automargin


def test_figures_in_words() -> None:
    letters = by_letter(ATTEMPTS)
    assert letters_told(letters) == "Right, of the last ten times: A 50%, B 0%"
    assert seconds_told(letters) == "Time to sign: A 2.0 s"
    assert days_told(by_day(ATTEMPTS, UTC)) == "Day by day: 23 Nov 1 of 3"
    assert confusions_told(confusions(ATTEMPTS)) == "Mixed up: A read as S, 1 of 2; B read as nothing, 1 of 1"
    assert confusions_told(confusions([])) == "Mixed up: nothing"


def test_days() -> None:
    chart = days_chart(by_day(ATTEMPTS, UTC), "#123456")
    right, wrong = chart.data
    assert (list(right.x), list(right.y), list(wrong.y)) == (["2026-11-23"], [1], [2])
    assert (right.name, wrong.name) == ("right", "not right")
    assert list(chart.layout.xaxis.ticktext) == ["23 Nov"]


def test_days_of_two_years_stand_apart_and_few_of_them_are_named() -> None:
    many = [replace(ATTEMPTS[0], at=NOON + timedelta(days=day)) for day in range(400)]
    chart = days_chart(by_day(many, UTC), "#123456")
    assert len(set(chart.data[0].x)) == 400
    assert list(chart.layout.xaxis.ticktext)[:2] == ["23 Nov", "29 Jan"]
    assert len(chart.layout.xaxis.tickvals) <= 6


def test_a_day_with_few_answers_counts_whole_ones() -> None:
    few, more = (days_chart({NOON.date(): (1, total)}, "#123456").layout.yaxis for total in (1, 20))
    assert few.dtick == 1
    assert more.dtick is None


def test_confusions_leave_right_answers_out() -> None:
    [heatmap] = confusions_chart(confusions(ATTEMPTS), "#123456").data
    assert heatmap.z[0][18] == 0.5
    assert heatmap.z[1][26] == 1.0
    assert list(heatmap.customdata[0][18]) == [1, 2]
    assert sum(value is not None for row in heatmap.z for value in row) == 2


def test_confusions_of_every_period_have_the_same_axes_and_colours() -> None:
    def frame(attempts: list[Attempt]) -> tuple[object, ...]:
        figure = confusions_chart(confusions(attempts), "#123456")
        [heatmap] = figure.data
        return heatmap.x, heatmap.y, heatmap.zmin, heatmap.zmax, heatmap.colorscale, figure.layout

    assert frame([]) == frame(ATTEMPTS) == frame(ATTEMPTS[2:])

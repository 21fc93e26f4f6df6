from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import charts, letters
from domain.elements import Mark, Trend
from domain.volume import DayVolume


def score_by_day(values: Sequence[float | None], start: date = date(2026, 11, 17)) -> Trend:
    points = tuple((start + timedelta(days=i), value) for i, value in enumerate(values))
    return Trend("Score by day", points, "")


COUNTS = st.lists(st.integers(0, 10**6), min_size=5, max_size=5)
PERCENTS = st.floats(0, 100)


@given(COUNTS)
def test_stack_never_hides_a_layer_and_never_outgrows_its_chart(layers: list[int]) -> None:
    shown = charts.stacked(layers, charts.round_top(sum(layers)), 96)
    assert sum(shown) <= 96
    assert [size > 0 for size in shown] == [count > 0 for count in layers]


@given(st.integers(0, 10**9))
def test_axis_ends_above_the_value_and_not_far_above(value: int) -> None:
    top = charts.round_top(value)
    assert value <= top <= max(1, 2 * value)


@given(st.lists(st.none() | PERCENTS, max_size=40))
def test_marks_stay_inside_the_scale(values: list[float | None]) -> None:
    scale = charts.dots(values, 59)
    assert 0 <= scale.bottom < scale.top <= 100
    assert [at is None for at in scale.offsets] == [value is None for value in values]
    assert all(at is None or 0 <= at <= 59 for at in scale.offsets)


@given(PERCENTS, PERCENTS, PERCENTS)
def test_gauge_cells_fill_the_scale_and_none_is_empty(a: float, b: float, c: float) -> None:
    low, at, high = sorted((a, b, c))
    cells = charts.gauge(at, low, high, least=0, most=100)
    assert sum(width for _, width in cells) == pytest.approx(100, abs=0.1)
    assert all(width > 0 for _, width in cells)
    assert [kind for kind, _ in cells].count("mark") == 1


def test_gauge_without_interval_is_a_mark_on_a_track() -> None:
    cells = charts.gauge(0, None, None, least=-100, most=100)
    assert [kind for kind, _ in cells] == ["track", "mark", "track"]


def test_negative_stands_on_the_ground_and_unscored_on_top() -> None:
    chart = charts.volume([DayVolume(date(2026, 11, 19), 10, 20, 30, 15, 25)])
    assert chart.top == 100
    upward = ["negative", "neutral", "positive", "unsure", "unscored"]
    assert [kind for kind, _ in chart.columns[0]] == upward[::-1]


def test_day_without_mentions_has_no_layer() -> None:
    chart = charts.volume([DayVolume(date(2026, 11, 19), 0, 0, 0, 0, 0)])
    assert {size for _, size in chart.columns[0]} == {0}


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        pytest.param(28, ["23 Oct", "30 Oct", "6 Nov", "13 Nov"], id="four-weeks"),
        pytest.param(9, ["23 Oct", ""], id="no-room-for-a-date-below-two-days"),
        pytest.param(1, [""], id="one-day"),
        pytest.param(0, [], id="none"),
    ],
)
def test_weeks_are_named_below_the_chart(days: int, labels: list[str]) -> None:
    start = date(2026, 10, 23)
    chart = charts.trend(score_by_day([60.0] * days, start), ())
    assert [label for label, _ in chart.weeks] == labels
    assert sum(width for _, width in chart.weeks) == pytest.approx(100 if days else 0)


def test_last_day_of_the_trend_stands_out_and_a_missing_one_stays_empty() -> None:
    chart = charts.trend(score_by_day([61, None, 64]), ())
    kinds = [[kind for kind, height in column if height] for column in chart.columns]
    assert kinds == [["bar", ""], [], ["mark", ""]]


@given(st.lists(st.none() | st.tuples(PERCENTS, PERCENTS, PERCENTS).map(sorted), max_size=40))
def test_an_interval_surrounds_its_mark_inside_the_chart(days: list[list[float] | None]) -> None:
    chart = replace(
        score_by_day([one[1] if one else None for one in days]),
        band=tuple((one[0], one[2]) if one else None for one in days),
    )
    for column, one in zip(charts.trend(chart, (), 64).columns, days, strict=True):
        assert [kind for kind, _ in column[::2]] == (["band", "band"] if one else [])
        assert all(height >= 0 for _, height in column)
        assert sum(height for _, height in column) <= 64


MARKS = (
    Mark(date(2026, 11, 18), "Wed 18 Nov: trustpilot is new"),
    Mark(date(2026, 11, 20), "Fri 20 Nov: the formula is ORS-v2", breaks=True),
)


def test_a_mark_has_a_letter_below_its_day_and_a_break_is_a_line_before_it() -> None:
    chart = replace(score_by_day([61, 62, 63, 70, 71]), marks=MARKS)
    signed = letters.signed(chart, 8)
    assert signed == [("a", MARKS[0]), ("b", MARKS[1])]
    frame = charts.trend(chart, signed)
    assert frame.letters == ("", "a", "", "b", "")
    assert set(frame.breaks) == {3}
    assert letters.trend(chart, 8) == ["by day ▁▂▂┊▇█", "        a  b"]


def test_the_oldest_marks_are_left_out_but_the_line_still_ends() -> None:
    chart = replace(score_by_day([61, 62, 63, 70, 71]), marks=MARKS[::-1])
    assert letters.signed(chart, 1) == [("a", MARKS[0])]
    assert letters.trend(chart, 0) == ["by day ▁▂▂┊▇█"]


def test_without_a_value_there_is_no_row_for_marks() -> None:
    assert letters.trend(replace(score_by_day([]), marks=MARKS), 8) == []


@pytest.mark.parametrize(
    ("percent", "bar"),
    [
        pytest.param(0, "    ", id="nothing"),
        pytest.param(50, "██  ", id="half"),
        pytest.param(100, "████", id="all"),
        pytest.param(250, "████", id="more-than-all"),
        pytest.param(28.125, "█▏  ", id="an-eighth-of-a-block"),
    ],
)
def test_block_bar_keeps_its_width(percent: float, bar: str) -> None:
    assert charts.block_bar(percent, 4) == bar


def test_spark_has_one_character_a_day_and_leaves_gaps_open() -> None:
    assert charts.spark([0, None, 7, 14]) == "▁ ▅█"
    assert charts.spark([3, 3]) == "▁▁"
    assert charts.spark([3, 3], least=0) == "██"
    assert charts.spark([None]) == ""
    assert charts.spark([]) == ""

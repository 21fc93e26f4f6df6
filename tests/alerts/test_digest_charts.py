from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import charts
from domain.volume import DayVolume

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
    chart = charts.trend([(start + timedelta(days=i), 60.0) for i in range(days)])
    assert [label for label, _ in chart.weeks] == labels
    assert sum(width for _, width in chart.weeks) == pytest.approx(100 if days else 0)


def test_last_day_of_the_trend_stands_out_and_a_missing_one_stays_empty() -> None:
    chart = charts.trend(
        [(date(2026, 11, 17 + i), value) for i, value in enumerate((61, None, 64))]
    )
    assert [column[0][0] if column else "" for column in chart.columns] == ["bar", "", "mark"]


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

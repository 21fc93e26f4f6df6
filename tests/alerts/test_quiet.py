"""When quiet hours end."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.quiet import quiet_until

BERLIN = ZoneInfo("Europe/Berlin")
TEN, SEVEN, HALF_PAST_TWO = time(22), time(7), time(2, 30)


def berlin(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        pytest.param(berlin(20, 21, 59), None, id="before"),
        pytest.param(berlin(20, 22), berlin(21, 7), id="from the first minute"),
        pytest.param(berlin(21, 3), berlin(21, 7), id="after midnight"),
        pytest.param(berlin(21, 6, 59), berlin(21, 7), id="to the last minute"),
        pytest.param(berlin(21, 7), None, id="after"),
        pytest.param(berlin(28, 23, month=3), berlin(29, 7, month=3), id="the night without 02:30"),
        pytest.param(berlin(24, 23, month=10), berlin(25, 7, month=10), id="the long night"),
    ],
)
def test_a_night(now: datetime, until: datetime | None) -> None:
    assert quiet_until(now, TEN, SEVEN, BERLIN) == until


def test_an_end_that_no_clock_shows_is_the_first_moment_after_it() -> None:
    found = quiet_until(berlin(29, 1, month=3), TEN, HALF_PAST_TWO, BERLIN)
    assert found == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_by_day() -> None:
    noon, one = time(12), time(13)
    assert quiet_until(berlin(20, 12, 30), noon, one, BERLIN) == berlin(20, 13)
    assert quiet_until(berlin(20, 11, 30), noon, one, BERLIN) is None


WALL = st.builds(time, st.integers(0, 23), st.integers(0, 59))


MINUTES = st.integers(0, 366 * 24 * 60)


@given(MINUTES, WALL, WALL)
def test_when_they_are_over_they_are_over(minutes: int, begins: time, ends: time) -> None:
    if begins == ends:
        return
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    until = quiet_until(now, begins, ends, BERLIN)
    if until is not None:
        assert now < until <= now + timedelta(hours=25)
        assert quiet_until(until, begins, ends, BERLIN) is None

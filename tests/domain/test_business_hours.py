"""Due times, held against somebody who looks at the office clock every minute."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.business_hours import BusinessHours, deadline, next_opening
from domain.clock import iso

MINUTE = timedelta(minutes=1)
WEEKDAYS = frozenset(range(5))
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def office(
    zone: str = "Europe/Madrid",
    *,
    days: frozenset[int] = WEEKDAYS,
    opens: time = time(9),
    closes: time = time(17),
    closed: frozenset[date] = frozenset(),
) -> BusinessHours:
    return BusinessHours(days, opens, closes, ZoneInfo(zone), closed)


def at(text: str, zone: str = "Europe/Madrid") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("posted", "minutes", "due"),
    [
        pytest.param("2026-11-27 16:45", 30, "2026-11-30 09:15", id="Friday 16:45"),
        pytest.param("2026-11-27 16:30", 30, "2026-11-27 17:00", id="as it closes"),
        pytest.param("2026-11-27 17:00", 30, "2026-11-30 09:30", id="when it has closed"),
        pytest.param("2026-11-28 03:00", 60, "2026-11-30 10:00", id="in the night to Saturday"),
        pytest.param("2026-11-30 08:59", 15, "2026-11-30 09:15", id="before it opens"),
        pytest.param("2026-11-25 12:00", 24 * 60, "2026-11-30 12:00", id="three days of 8 hours"),
        pytest.param("2026-12-23 16:00", 120, "2026-12-28 10:00", id="closed on two days"),
    ],
)
def test_only_the_time_counts_in_which_the_office_is_open(
    posted: str, minutes: int, due: str
) -> None:
    closed = frozenset({date(2026, 12, 24), date(2026, 12, 25)})
    found = deadline(at(posted), minutes * MINUTE, office(closed=closed))
    assert iso(found) == iso(at(due))
    assert found.tzinfo is UTC


def test_without_hours_it_runs_round_the_clock() -> None:
    posted = at("2026-11-27 16:45")
    assert deadline(posted, timedelta(hours=24), None) - posted == timedelta(hours=24)


@pytest.mark.parametrize(
    ("after", "opens"),
    [
        pytest.param("2026-11-26 12:00", "2026-11-27 09:00", id="tomorrow"),
        pytest.param("2026-11-27 06:00", "2026-11-30 09:00", id="not later today"),
        pytest.param("2026-11-27 23:59", "2026-11-30 09:00", id="after the week-end"),
        pytest.param("2026-12-23 09:00", "2026-12-28 09:00", id="after the holidays"),
    ],
)
def test_the_next_opening_is_on_a_later_day(after: str, opens: str) -> None:
    closed = frozenset({date(2026, 12, 24), date(2026, 12, 25)})
    found = next_opening(at(after), office(closed=closed), ZoneInfo("Asia/Tokyo"))
    assert iso(found) == iso(at(opens))
    assert found.tzinfo is UTC


@pytest.mark.parametrize("zone", ["Europe/Madrid", "America/New_York", "Asia/Kolkata"])
def test_without_hours_the_office_opens_at_nine_in_the_brands_zone(zone: str) -> None:
    found = next_opening(at("2026-11-28 23:30", zone), None, ZoneInfo(zone))
    assert iso(found) == iso(at("2026-11-29 09:00", zone))


@given(
    st.integers(0, 2 * 366 * 24 * 60).map(lambda minutes: NEW_YEAR + minutes * MINUTE),
    st.sampled_from(["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"]),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 22),
)
def test_an_opening_is_when_the_clock_on_the_wall_says_so(
    after: datetime, zone: str, days: frozenset[int], opens: int
) -> None:
    hours = office(zone, days=days, opens=time(opens), closes=time(opens + 1))
    found = next_opening(after, hours, ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
    today = after.astimezone(ZoneInfo(zone)).date()
    assert today < found.date() <= today + timedelta(days=8)
    assert found.weekday() in days
    assert opens in (found.hour, 2), "an hour that a clock jumps over"


ALL_DAYS = frozenset(range(7))


@pytest.mark.parametrize(
    ("zone", "posted", "lasts"),
    [
        pytest.param("Europe/Berlin", "2026-03-29 00:00", 23, id="the day of 23 hours"),
        pytest.param("Europe/Berlin", "2026-10-25 00:00", 25, id="the day of 25 hours"),
        pytest.param("Australia/Lord_Howe", "2026-04-05 00:00", 24.5, id="half an hour more"),
        pytest.param("America/Havana", "2026-03-08 01:00", 23, id="no midnight"),
    ],
)
def test_a_day_that_is_open_throughout_is_as_long_as_it_is(
    zone: str, posted: str, lasts: float
) -> None:
    whole = office(zone, days=ALL_DAYS, opens=time.min, closes=time.min)
    day = timedelta(hours=lasts)
    start = at(posted, zone)
    once_a_week = replace(whole, days=frozenset({start.astimezone(whole.tz).weekday()}))
    assert deadline(start, day, once_a_week) - start == day
    assert deadline(start, day + MINUTE, once_a_week) - start > timedelta(days=6)
    assert deadline(start, timedelta(days=9), whole) - start == timedelta(days=9)


def test_hours_that_the_clock_jumps_over_do_not_count() -> None:
    night = office("Europe/Berlin", days=ALL_DAYS, opens=time(2), closes=time(3))
    found = deadline(at("2026-03-28 12:00", "Europe/Berlin"), 30 * MINUTE, night)
    assert iso(found) == iso(at("2026-03-30 02:30", "Europe/Berlin"))


# --- somebody who looks every minute -------------------------------------------------------------

ZONES = (
    *("UTC", "Europe/Madrid", "America/New_York", "Australia/Lord_Howe"),
    *("Asia/Kolkata", "Pacific/Apia", "America/Sao_Paulo", "Africa/Casablanca"),
)
EARLIEST = 10  # half hours after midnight: clocks are put forward or back before 5 in the morning


def is_open(hours: BusinessHours, instant: datetime) -> bool:
    """By the wall clock alone."""
    shown = instant.astimezone(hours.tz)
    until_midnight = hours.closes == time.min
    return (
        shown.weekday() in hours.days
        and shown.date() not in hours.closed
        and hours.opens <= shown.time()
        and (until_midnight or shown.time() < hours.closes)
    )


def wall(half_hours: int) -> time:
    return time(half_hours // 2 % 24, 30 * (half_hours % 2))


OFFICES = st.builds(
    lambda zone, days, ends: office(zone, days=days, opens=wall(min(ends)), closes=wall(max(ends))),
    st.sampled_from(ZONES),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.sets(st.integers(EARLIEST, 48), min_size=2, max_size=2),
)


@settings(max_examples=60, deadline=None)
@given(OFFICES, st.integers(0, 366 * 24 * 60), st.integers(1, 900))
def test_it_agrees_with_somebody_who_looks_at_the_clock_every_minute(
    hours: BusinessHours, minute: int, promised: int
) -> None:
    posted = datetime(2026, 1, 1, tzinfo=UTC) + minute * MINUTE
    found = deadline(posted, promised * MINUTE, hours)
    assert counted(hours, posted, found) == promised
    assert is_open(hours, found - MINUTE)


def counted(hours: BusinessHours, since: datetime, until: datetime) -> int:
    return sum(is_open(hours, since + one * MINUTE) for one in range((until - since) // MINUTE))

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.clock import iso, local_day, midnight, parse_duration, parse_instant, span, wall_instant
from domain.errors import ConfigError


@pytest.mark.parametrize(
    ("day", "at", "zone", "instant"),
    [
        pytest.param("2026-06-01", "08:00", "Europe/Berlin", "2026-06-01T06:00Z", id="summer"),
        pytest.param("2026-12-01", "08:00", "Europe/Berlin", "2026-12-01T07:00Z", id="winter"),
        pytest.param(
            "2026-10-25", "02:30", "Europe/Berlin", "2026-10-25T00:30Z", id="shown twice: the first"
        ),
        pytest.param(
            "2026-03-29", "02:30", "Europe/Berlin", "2026-03-29T01:00Z", id="never shown: the jump"
        ),
        pytest.param(
            "2026-03-08", "00:30", "America/Havana", "2026-03-08T05:00Z", id="no midnight"
        ),
        pytest.param(
            "2026-10-04",
            "02:15",
            "Australia/Lord_Howe",
            "2026-10-03T15:30Z",
            id="half an hour is missing",
        ),
        pytest.param("2026-06-01", "00:00", "Asia/Kolkata", "2026-05-31T18:30Z", id="half hours"),
        pytest.param(
            "2011-12-30", "08:00", "Pacific/Apia", "2011-12-30T10:00Z", id="a missing day: its end"
        ),
    ],
)
def test_wall_instant(day: str, at: str, zone: str, instant: str) -> None:
    found = wall_instant(date.fromisoformat(day), time.fromisoformat(at), ZoneInfo(zone))
    assert found == parse_instant(instant)
    assert found.tzinfo is UTC


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "UTC"])
def test_days_follow_each_other_without_hole_or_overlap(zone: str) -> None:
    tz = ZoneInfo(zone)
    day = date(2026, 1, 1)
    for _ in range(366):
        begins, ends = midnight(day, tz), midnight(day + timedelta(days=1), tz)
        assert timedelta(hours=23) <= ends - begins <= timedelta(hours=25)
        assert local_day(begins, tz) == local_day(ends - timedelta(seconds=1), tz) == day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        pytest.param(timedelta(seconds=59), "0 m", id="under a minute"),
        pytest.param(timedelta(minutes=45), "45 m", id="minutes"),
        pytest.param(timedelta(hours=3, minutes=20), "3 h 20 m", id="hours"),
        pytest.param(timedelta(days=2, hours=4, minutes=59), "2 d 4 h", id="the two largest"),
        pytest.param(timedelta(days=1, minutes=5), "1 d 5 m", id="nothing in between"),
    ],
)
def test_span(length: timedelta, shown: str) -> None:
    assert span(length) == shown


@pytest.mark.parametrize(
    ("text", "length"),
    [
        pytest.param("90m", timedelta(minutes=90), id="minutes"),
        pytest.param(" 24h ", timedelta(hours=24), id="hours"),
        pytest.param("7d", timedelta(days=7), id="days"),
        pytest.param("2w", timedelta(weeks=2), id="weeks"),
        pytest.param("30s", timedelta(seconds=30), id="seconds"),
    ],
)
def test_durations(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["", "7", "d", "-1d", "1.5h", "0h", "1 day", "1y", "\u0661d "])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ConfigError, match="write for example 90m, 24h or 7d"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        pytest.param("2026-11-20T09:12:00Z", datetime(2026, 11, 20, 9, 12, tzinfo=UTC), id="utc"),
        pytest.param(
            "2026-11-20T10:12:00+01:00", datetime(2026, 11, 20, 9, 12, tzinfo=UTC), id="offset"
        ),
        pytest.param("2026-11-20 09:12", datetime(2026, 11, 20, 9, 12, tzinfo=UTC), id="no zone"),
    ],
)
def test_instants(text: str, at: datetime) -> None:
    assert parse_instant(text) == at
    assert iso(at) == "2026-11-20T09:12:00Z"


def test_no_instant_stays_none() -> None:
    assert iso(None) is None

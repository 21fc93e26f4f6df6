"""Quiet because nothing is said, or quiet because we are deaf."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.coverage import (
    DAY,
    HOUR,
    Condition,
    Hour,
    Promise,
    SourceHealth,
    expected,
    heard,
    verdict,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
QUARTERLY = Promise(timedelta(minutes=15))
WELL = Condition(NOW - timedelta(minutes=5), off=False, trouble="", first_at=NOW - 30 * DAY)


def hour(back: int, new: int = 0, *, passes: int = 4, failed: int = 0) -> Hour:
    return Hour(NOW - back * HOUR, passes, failed, 0, new, new, new)


def days_of(new: int, *, hours: int = 14 * 24, quiet: int = 0) -> list[Hour]:
    """So many new ones an hour, and then `quiet` hours of nothing."""
    return [hour(back, new if back > quiet else 0) for back in range(1, hours + 1)]


@pytest.mark.parametrize(
    ("hours", "condition", "promise", "hearing"),
    [
        pytest.param(days_of(5), WELL, QUARTERLY, SourceHealth.OK, id="as always"),
        pytest.param([], WELL, QUARTERLY, SourceHealth.NEW, id="never listened to"),
        pytest.param(days_of(5, hours=48), WELL, QUARTERLY, SourceHealth.NEW, id="two days"),
        pytest.param(days_of(0), WELL, QUARTERLY, SourceHealth.OK, id="nobody ever says anything"),
        pytest.param(days_of(5, quiet=1), WELL, QUARTERLY, SourceHealth.OK, id="an hour is chance"),
        pytest.param(days_of(5, quiet=3), WELL, QUARTERLY, SourceHealth.SILENT, id="three are not"),
        pytest.param(
            days_of(5, quiet=3),
            Condition(None, off=True, trouble="x: no credits", first_at=None),
            QUARTERLY,
            SourceHealth.OFF,
            id="refused for good",
        ),
        pytest.param(
            days_of(5),
            Condition(NOW - 2 * HOUR, off=False, trouble="x: 503", first_at=None),
            QUARTERLY,
            SourceHealth.FAILING,
            id="no pass for two hours",
        ),
        pytest.param(
            days_of(5),
            Condition(NOW - 2 * HOUR, off=False, trouble="", first_at=None),
            Promise(HOUR),
            SourceHealth.OK,
            id="one that looks every hour may miss two",
        ),
        pytest.param(
            days_of(4),
            Condition(NOW - timedelta(minutes=6), off=False, trouble="", first_at=None),
            Promise(timedelta(minutes=2)),
            SourceHealth.FAILING,
            id="one that looks every two minutes is missed after six",
        ),
        pytest.param(
            [],
            Condition(None, off=False, trouble="x: 401", first_at=NOW - 3 * HOUR),
            QUARTERLY,
            SourceHealth.FAILING,
            id="has never worked",
        ),
        pytest.param(
            days_of(1), WELL, Promise(HOUR, at_least_per_day=30), SourceHealth.FEWER, id="too few"
        ),
        pytest.param(
            days_of(1), WELL, Promise(HOUR, at_least_per_day=20), SourceHealth.OK, id="enough"
        ),
        pytest.param(
            days_of(9, hours=6),
            WELL,
            Promise(HOUR, at_least_per_day=99),
            SourceHealth.NEW,
            id="too soon",
        ),
        pytest.param(
            days_of(9),
            WELL,
            Promise(HOUR, at_most_per_day=100),
            SourceHealth.FLOODED,
            id="too many",
        ),
    ],
)
def test_how_a_source_is_heard(
    hours: list[Hour], condition: Condition, promise: Promise, hearing: SourceHealth
) -> None:
    found = verdict(hours, condition, promise, now=NOW)
    assert found.health is hearing
    assert bool(found.reason) is (hearing not in (SourceHealth.OK, SourceHealth.NEW))


def test_a_night_is_no_silence() -> None:
    """Twenty an hour by day, none by night: six quiet hours at noon are deafness, at night not."""

    def usual(back: int) -> int:
        return 20 if 6 <= (NOW - back * HOUR).hour < 22 else 0

    by_day = [hour(back, usual(back)) for back in range(1, 14 * 24)]
    at_dawn = NOW.replace(hour=6)
    by_night = [Hour(one.at, 4, 0, 0, 0, 0, one.new) for one in by_day if one.at < at_dawn]
    since_dawn = [hour(back, 0 if back <= 6 else usual(back)) for back in range(1, 14 * 24)]

    assert verdict(by_night, WELL, QUARTERLY, now=at_dawn).health is SourceHealth.OK
    # The nights are eight hours long, so six say nothing yet; with seventeen it is certain.
    assert verdict(since_dawn, WELL, QUARTERLY, now=NOW).health is SourceHealth.OK
    later = [hour(back, 0 if back <= 17 else usual(back)) for back in range(1, 14 * 24)]
    assert verdict(later, WELL, QUARTERLY, now=NOW).health is SourceHealth.SILENT


def test_a_silence_says_since_when_and_how_much_is_missing() -> None:
    found = verdict(days_of(5, quiet=4), WELL, QUARTERLY, now=NOW)
    assert found.since == NOW - 4 * HOUR
    assert found.reason == (
        "it answers, and has brought nothing new for 4 hours; about 20 were to be expected"
    )


def test_hours_in_which_every_pass_failed_are_not_silence() -> None:
    hours = [*days_of(5, quiet=0)[4:], *(hour(back, passes=0, failed=4) for back in range(1, 5))]
    assert verdict(hours, WELL, QUARTERLY, now=NOW).health is SourceHealth.OK


def test_what_was_to_be_expected_goes_by_the_hour_of_the_day() -> None:
    before = [hour(back, (NOW - back * HOUR).hour) for back in range(72, 0, -1)]
    assert expected(before, [hour(-3)]) == 15
    assert expected(before[:20], [hour(-3)]) is None


@pytest.mark.parametrize(
    ("missed", "share"),
    [
        ([], 1.0),
        ([(0, 24)], 0.0),
        ([(0, 6)], 0.75),
        ([(0, 6), (3, 9), (4, 5)], 0.625),
        ([(-48, 6), (23, 99)], 17 / 24),
        ([(-48, -24), (30, 40)], 1.0),
    ],
)
def test_the_share_of_a_day_that_was_heard(missed: list[tuple[int, int]], share: float) -> None:
    stretches = [(NOW + start * HOUR, NOW + end * HOUR) for start, end in missed]
    assert heard(stretches, since=NOW, until=NOW + DAY) == pytest.approx(share)


@given(st.lists(st.tuples(st.integers(-50, 80), st.integers(0, 30)), max_size=9))
def test_the_share_is_that_of_the_minutes_nobody_missed(missed: list[tuple[int, int]]) -> None:
    stretches = [(NOW + at * HOUR, NOW + (at + length) * HOUR) for at, length in missed]
    silent = {one for at, length in missed for one in range(at, at + length)}
    assert heard(stretches, since=NOW, until=NOW + DAY) == pytest.approx(
        1 - len(silent & set(range(24))) / 24
    )

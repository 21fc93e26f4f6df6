"""Response figures against published and hand-computed tables."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reputation import Clocked, ResponseTimes
from reputation.response import (
    hour_of_week,
    kaplan_meier,
    percentile,
    precision,
    reached,
    response_by,
    response_times,
    wilson,
)

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
SINCE = NOW - timedelta(days=28)


def asked(
    ago: float, *, answered: float | None = None, closed: float | None = None, promised: float = 4
) -> Clocked:
    """Posted so many hours ago; the other figures are hours after that."""
    at = NOW - ago * HOUR
    return Clocked(
        at,
        at + promised * HOUR,
        None if answered is None else at + answered * HOUR,
        None if closed is None else at + closed * HOUR,
    )


def measure(*clocked: Clocked) -> ResponseTimes:
    return response_times(clocked, since=SINCE, until=NOW, now=NOW)


@pytest.mark.parametrize(
    ("one", "counts"),
    [
        pytest.param(asked(9, answered=3), (1, 1, 1, 0, 0), id="answered in time"),
        pytest.param(asked(9, answered=4), (1, 1, 1, 0, 0), id="answered at the last instant"),
        pytest.param(asked(9, answered=5), (1, 0, 1, 0, 0), id="answered late"),
        pytest.param(asked(1), (0, 0, 0, 1, 0), id="not due yet"),
        pytest.param(asked(4), (1, 0, 0, 0, 1), id="due this instant"),
        pytest.param(asked(1, answered=0.5), (0, 0, 1, 0, 0), id="answered, its time runs on"),
        pytest.param(asked(9, closed=2), (1, 0, 0, 0, 0), id="closed by hand, due by now"),
        pytest.param(asked(3, closed=2), (0, 0, 0, 0, 0), id="closed by hand, not due yet"),
        pytest.param(asked(9, closed=2, answered=5), (1, 0, 1, 0, 0), id="closed, then answered"),
        pytest.param(asked(2, answered=2.5), (0, 0, 0, 1, 0), id="the answer is yet to come"),
    ],
)
def test_what_each_mention_counts_as(one: Clocked, counts: tuple[int, ...]) -> None:
    got = measure(one)

    assert (got.due, got.in_time, got.answered, got.pending, got.overdue) == counts
    assert got.needed == 1


def test_the_share_is_the_true_one_while_promises_run() -> None:
    """A promise a minute over a month, of which every second is kept, after an hour of its four.

    Counted as soon as they were answered, the kept ones of the last hours would come in early.
    """
    minute = 1 / 60
    clocked = [asked(n * minute, answered=1 if n % 2 else None) for n in range(24 * 60)]

    got = measure(*clocked)

    assert got.attainment == pytest.approx(0.5, abs=0.001)
    assert got.due == 20 * 60


def test_a_missed_promise_stays_missed_when_the_next_one_is_kept() -> None:
    missed, kept = asked(30), asked(20, answered=1)

    got = measure(missed, kept)

    assert (got.in_time, got.due) == (1, 2)


def test_what_was_answered_elsewhere_is_told_apart() -> None:
    elsewhere = replace(asked(9, answered=3), is_elsewhere=True)
    late = replace(asked(9, answered=8), is_elsewhere=True)
    early = replace(asked(1, answered=0.5), is_elsewhere=True)

    got = measure(elsewhere, late, early, asked(9, answered=2), asked(9))

    assert (got.answered, got.elsewhere, got.elsewhere_in_time) == (4, 3, 1)
    assert (got.in_time, got.due) == (2, 4)


def test_each_group_has_its_own_figures() -> None:
    one, two = (replace(asked(9), source=name) for name in ("x", "reddit"))
    old = replace(asked(24 * 29), source="forum")

    found = response_by(
        [one, two, two, old], lambda each: each.source, since=SINCE, until=NOW, now=NOW
    )

    assert {name: times.needed for name, times in found.items()} == {"x": 1, "reddit": 2}


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param("2026-11-22T23:30Z", (0, 0), id="Monday has begun"),
        pytest.param("2026-10-25T00:30Z", (6, 2), id="the hour that is"),
        pytest.param("2026-10-25T01:30Z", (6, 2), id="there twice"),
    ],
)
def test_the_hour_is_that_on_the_wall(at: str, expected: tuple[int, int]) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert hour_of_week(datetime.fromisoformat(at), berlin) == expected


def test_how_many_alerts_were_worth_it() -> None:
    got = precision(148, 133)

    assert (got.handled, got.dismissed) == (148, 133)
    assert got.share == pytest.approx(15 / 148)
    assert [got.low, got.high] == pytest.approx([0.0624, 0.1605], abs=5e-5)  # Newcombe, as below
    assert precision(0, 0).share is None


def test_nothing_needed_has_no_shares() -> None:
    assert measure() == ResponseTimes(0, 0, 0, 0, 0, 0, 0, 0, *[None] * 8)


def test_only_mentions_posted_in_the_window_count() -> None:
    early, late = asked(24 * 28 + 1), asked(-1)

    assert measure(early, late, asked(24 * 28)).needed == 1


def test_the_oldest_open_one_is_still_waited_for() -> None:
    got = measure(asked(50, answered=30), asked(40, closed=3), asked(20), asked(2))

    assert got.oldest_open == 20 * HOUR


def test_percentiles_of_the_answered_are_times_that_happened() -> None:
    got = measure(*[asked(48, answered=hours) for hours in range(1, 11)])

    assert (got.answered_p50, got.answered_p90) == (5 * HOUR, 9 * HOUR)
    assert (got.km_p50, got.km_p90) == (5 * HOUR, 9 * HOUR), "all were answered"


def test_below_ten_there_are_no_percentiles() -> None:
    got = measure(*[asked(48, answered=hours) for hours in range(1, 10)])

    assert (got.answered_p50, got.answered_p90, got.km_p50, got.km_p90) == (None,) * 4
    assert percentile([], 50) is None


def test_the_unanswered_are_not_forgotten() -> None:
    """Half are answered within 5 h: of the answered p90 is 5 h, of all it is never reached."""
    quick = [asked(100, answered=hours / 2) for hours in range(1, 11)]
    got = measure(*quick, *[asked(100) for _ in range(9)])

    assert (got.answered_p50, got.answered_p90) == (2.5 * HOUR, 4.5 * HOUR)
    assert (got.km_p50, got.km_p90) == (5 * HOUR, None)


def test_a_mention_closed_by_hand_is_censored_when_it_was_closed() -> None:
    answered = [asked(100, answered=hours) for hours in (2, 2, 2, 2, 2, 8, 8, 8)]
    closed = [asked(100, closed=5) for _ in range(3)]

    got = measure(*answered, *closed)

    # 11 at risk at 2 h, 5 answered: 6/11 are left; 3 leave at 5 h; the last 3 are answered at 8 h.
    assert (got.km_p50, got.km_p90) == (8 * HOUR, 8 * HOUR)
    assert got.answered == 8


def test_an_answer_dated_before_its_mention_took_no_time() -> None:
    got = measure(*[asked(5, answered=-0.01) for _ in range(10)])

    assert got.answered_p90 == timedelta(0)


# Remission times in weeks, 6-mercaptopurine arm (Freireich et al., Blood 21, 1963), the worked
# table of most survival textbooks; a minus marks a patient who was only watched so long.
REMISSION = "6 6 6 -6 7 -9 10 -10 -11 13 16 -17 -19 -20 22 23 -25 -32 -32 -34 -35"
SURVIVAL = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}


def test_kaplan_meier_agrees_with_the_textbook_table() -> None:
    spans = [(timedelta(weeks=abs(int(w))), not w.startswith("-")) for w in REMISSION.split()]

    steps = kaplan_meier(spans[::-1])

    assert {time.days // 7: round(left, 3) for time, left in steps} == SURVIVAL
    assert reached(steps, 50) == timedelta(weeks=23)
    assert reached(steps, 90) is None


# Newcombe, Statistics in Medicine 17 (1998), table I, method 3 (score).
@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        pytest.param(81, 263, 0.2553, 0.3662, id="81 of 263"),
        pytest.param(15, 148, 0.0624, 0.1605, id="15 of 148"),
        pytest.param(0, 20, 0.0000, 0.1611, id="0 of 20"),
        pytest.param(1, 29, 0.0061, 0.1718, id="1 of 29"),
    ],
)
def test_the_interval_agrees_with_the_published_one(
    hits: int, n: int, low: float, high: float
) -> None:
    assert list(wilson(hits, n)) == pytest.approx([low, high], abs=5e-5)


@given(n=st.integers(1, 10_000), data=st.data())
def test_the_interval_holds_the_share(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))

    low, high = wilson(hits, n)

    assert 0 <= low <= hits / n <= high <= 1


@given(
    st.lists(
        st.builds(
            asked,
            st.integers(0, 24 * 28),
            answered=st.none() | st.integers(0, 90),
            closed=st.none() | st.integers(0, 90),
        )
    )
)
def test_the_counts_agree_with_each_other(clocked: list[Clocked]) -> None:
    got = measure(*clocked)

    assert got.in_time <= min(got.answered, got.due) <= got.needed
    assert got.answered + got.pending + got.overdue <= got.needed
    assert got.elsewhere_in_time <= got.elsewhere <= got.answered
    assert got.overdue <= got.due
    assert got == measure(*clocked[::-1])

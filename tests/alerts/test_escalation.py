"""When somebody is reminded: shares of the office's time, peace after an acknowledgement."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alerts.escalation import (
    ACKNOWLEDGED,
    after_acknowledgement,
    due_at,
    plan,
    quiet_until,
    said_by_the_first,
    turn,
)
from alerts.escalation_settings import EscalationSettings, StepSettings, policy
from domain.business_hours import BusinessHours, deadline, open_between
from domain.clock import iso
from domain.escalation import Step, StepState, Telling
from domain.incident import Severity
from tests.alerts.samples import ACKED, HOUR, NOW, OPEN, SNOOZED

MINUTE = timedelta(minutes=1)
MADRID = ZoneInfo("Europe/Madrid")
OFFICE = BusinessHours(frozenset(range(5)), time(9), time(17), MADRID)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MADRID).astimezone(UTC)


def settings(name: str = "on call", *levels: str, after: str = "50%") -> EscalationSettings:
    step = {"after": after, "tell": "thread"}
    return EscalationSettings.model_validate({"name": name, "severities": levels, "steps": [step]})


# --- when ---


@pytest.mark.parametrize(
    ("after", "due"),
    [
        pytest.param("50%", "2026-11-27 17:00", id="half of it, as the office closes"),
        pytest.param("75%", "2026-11-30 09:07:30", id="a share of the open time"),
        pytest.param("100%", "2026-11-30 09:15", id="the promised instant"),
        pytest.param("150%", "2026-11-30 09:30", id="half as much again"),
        pytest.param("10m", "2026-11-27 16:55", id="a length since the post"),
        pytest.param("20m", "2026-11-30 09:05", id="a length that the weekend interrupts"),
        pytest.param("100%+60m", "2026-11-30 10:15", id="a length after the promised instant"),
        pytest.param("100%+8h", "2026-12-01 09:15", id="a length of a day in the office"),
    ],
)
def test_a_step_is_due_in_the_hours_of_the_office(after: str, due: str) -> None:
    posted = at("2026-11-27 16:45")  # a Friday
    promised = deadline(posted, 30 * MINUTE, OFFICE)
    assert iso(due_at(after, posted, promised, OFFICE)) == iso(at(due))


@pytest.mark.parametrize(
    ("posted", "due"),
    [
        pytest.param("2027-03-27 22:00", "2027-03-28 11:00", id="the night has an hour less"),
        pytest.param("2027-10-30 22:00", "2027-10-31 09:00", id="the night has an hour more"),
    ],
)
def test_a_night_in_which_the_clock_is_turned_counts_as_long_as_it_is(
    posted: str, due: str
) -> None:
    always = BusinessHours(frozenset(range(7)), time(0), time(0), MADRID)
    began = at(posted)
    for hours in (always, None):
        promised = deadline(began, 24 * HOUR, hours)
        assert iso(due_at("50%", began, promised, hours)) == iso(at(due))


def test_a_promise_that_does_not_wait_for_the_office_is_halved_on_the_clock() -> None:
    posted = at("2026-11-28 03:00")  # a Saturday
    assert due_at("50%", posted, posted + HOUR, OFFICE) == posted + HOUR / 2


ZONES = ("Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")


@given(
    zone=st.sampled_from(ZONES),
    minute=st.integers(0, 366 * 24 * 60),
    within=st.integers(1, 48 * 60),
    shares=st.lists(st.integers(1, 300), min_size=2, max_size=4),
    is_open=st.booleans(),
)
def test_shares_keep_their_order_and_the_whole_is_the_promise(
    zone: str, minute: int, within: int, shares: list[int], *, is_open: bool
) -> None:
    office = BusinessHours(
        frozenset(range(5)), time(9), time(17), ZoneInfo(zone), {date(2026, 12, 25)}
    )
    hours = office if is_open else None
    posted = datetime(2026, 6, 1, tzinfo=UTC) + minute * MINUTE
    promised = deadline(posted, within * MINUTE, hours)

    found = {share: due_at(f"{share}%", posted, promised, hours) for share in (*shares, 100)}

    assert found[100] == promised
    ordered = [found[share] for share in sorted(found)]
    assert ordered == sorted(ordered)
    assert min(ordered) > posted
    for share in shares:
        counted = open_between(posted, found[share], hours)
        assert abs(counted - within * MINUTE * share / 100) < timedelta(milliseconds=1)


# --- who ---


def test_a_severity_has_the_first_escalation_that_names_it() -> None:
    listed = [settings("one", "high", after="10%"), settings("two", "normal", after="20%")]
    assert [one.after for one in policy(listed, Severity.NORMAL, None)] == ["20%"]
    assert [one.after for one in policy(listed, Severity.HIGH, None)] == ["10%"]


def test_a_rule_asks_for_another_by_its_name() -> None:
    listed = [settings("one", "high"), settings("two", after="99%")]
    assert [one.after for one in policy(listed, Severity.HIGH, "two")] == ["99%"]


@pytest.mark.parametrize("severity", list(Severity))
def test_without_a_table_the_thread_is_told_and_nobody_by_name(severity: Severity) -> None:
    shipped = policy([], severity, None)
    assert {one.tell for one in shipped} == {"thread"}
    assert "100%" in [one.after for one in shipped]
    assert len(shipped) <= 5


@pytest.mark.parametrize("after", ["", "0%", "50", "50%30m", "+30m", "50%+", "0m", "half", "1e2%"])
def test_what_is_no_time_of_a_step_is_refused(after: str) -> None:
    with pytest.raises(ValidationError, match="is not a time of an escalation"):
        StepSettings(after=after, tell="thread")


@pytest.mark.parametrize("tell", ["ana", "@ana", "u0123", "U01>|<!channel>", "C0123", "", "U0 1"])
def test_only_ids_of_slack_are_told(tell: str) -> None:
    with pytest.raises(ValidationError, match="nor an id of Slack"):
        StepSettings(after="50%", tell=tell)


# --- what happens now ---


def step(number: int, due: datetime, **changed: object) -> Step:
    made = Step(3, 1, number, Telling("50%", "thread"), due, OPEN.due_at)
    return replace(made, **changed)  # type: ignore[arg-type]


def test_only_the_newest_of_what_is_due_fires() -> None:
    steps = [step(1, NOW - 3 * HOUR), step(2, NOW - HOUR), step(3, NOW - 2 * HOUR)]
    fire, late = turn(steps)
    assert [one.number for one in fire] == [2]
    assert [one.number for one in late] == [1, 3]


def test_steps_of_one_instant_fire_together() -> None:
    fire, late = turn([step(1, NOW - HOUR), step(2, NOW), step(3, NOW)])
    assert [one.number for one in fire] == [2, 3]
    assert [one.number for one in late] == [1]


def test_the_plan_is_the_policy_with_due_times() -> None:
    made = plan([Telling("50%", "thread"), Telling("100%", "U0123", "C0123")], OPEN, 2, None)
    assert [(one.clock, one.number, one.telling.tell) for one in made] == [
        (2, 1, "thread"),
        (2, 2, "U0123"),
    ]
    assert made[0].due_at == OPEN.posted_at + HOUR / 2
    assert made[1].due_at == OPEN.due_at


def test_a_snoozed_one_is_quiet_until_it_wakes_and_an_open_one_is_not() -> None:
    assert quiet_until(SNOOZED, None, HOUR, None) == SNOOZED.snoozed_until
    assert quiet_until(OPEN, NOW, HOUR, None) is None


def test_the_peace_of_an_acknowledgement_counts_the_hours_of_the_office() -> None:
    friday = at("2026-11-27 16:45")
    assert quiet_until(ACKED, friday, HOUR, None) == friday + HOUR
    assert quiet_until(ACKED, friday, HOUR, OFFICE) == at("2026-11-30 09:45")


def test_the_first_message_says_what_is_late_to_nobody_by_name() -> None:
    late = step(1, NOW)
    assert said_by_the_first(late, NOW)
    assert not said_by_the_first(late, NOW - MINUTE)
    assert not said_by_the_first(replace(late, telling=Telling("50%", "S0123")), NOW)


def test_an_acknowledged_one_speaks_once_more_when_its_policy_is_at_its_end() -> None:
    fired = step(1, NOW - HOUR, state=StepState.FIRED, fired_at=NOW - HOUR)
    more = after_acknowledgement([fired], NOW, HOUR, None)
    assert more is not None
    assert (more.number, more.telling.after, more.due_at) == (2, ACKNOWLEDGED, NOW + HOUR)
    spoken = replace(more, state=StepState.FIRED, fired_at=NOW + HOUR)
    assert after_acknowledgement([fired, more], NOW, HOUR, None) is None
    assert after_acknowledgement([fired, spoken], NOW, HOUR, None) is None
    assert after_acknowledgement([], NOW, HOUR, None) is None

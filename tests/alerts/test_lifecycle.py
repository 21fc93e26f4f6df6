from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.clocks import settled
from alerts.lifecycle import (
    acknowledge,
    assign,
    dismiss,
    follow,
    join,
    judge_anew,
    lose,
    note,
    open_incident,
    rate,
    reopen,
    resolve,
    settle,
    snooze,
    wake,
)
from domain.errors import EarshotError
from domain.incident import (
    LIVE,
    Action,
    Candidate,
    Change,
    Clock,
    Incident,
    Opening,
    Severity,
    State,
)
from domain.press import Elsewhere
from tests.alerts.samples import (
    ACKED,
    ALL,
    BY_HAND,
    DISMISSED,
    GOLD,
    HOUR,
    NOW,
    OPEN,
    OPENING,
    POSTED,
    REPLIED,
    incident,
    triaged,
)

MINUTE = timedelta(minutes=1)

Move = Callable[[Incident], Change]
MOVES: dict[str, Move] = {
    "acknowledge": lambda one: acknowledge(one, by="kim", now=NOW),
    "assign": lambda one: assign(one, "lee", by="kim", now=NOW),
    "snooze": lambda one: snooze(one, NOW + 4 * HOUR, by="kim", now=NOW),
    "wake": lambda one: wake(one, now=NOW),
    "resolve": lambda one: resolve(one, by="kim", now=NOW),
    "dismiss": lambda one: dismiss(one, by="kim", now=NOW),
    "settle": lambda one: settle(one, Elsewhere("phone", NOW), by="kim", now=NOW),
    "rate": lambda one: rate(one, Severity.CRITICAL, due_at=NOW, by="kim", now=NOW),
    "note": lambda one: note(one, "photos came", by="kim", now=NOW),
    "join": lambda one: join(one, triaged(mention_id=8), None, now=NOW),
}
# What each move makes of each state; "no" when it is refused.
TABLE = {
    # move: from open, acknowledged, snoozed, by hand, replied, dismissed
    "acknowledge": ("acknowledged", "no", "acknowledged", "no", "no", "no"),
    "assign": ("open", "acknowledged", "snoozed", "no", "no", "no"),
    "snooze": ("snoozed", "snoozed", "snoozed", "no", "no", "no"),
    "wake": ("no", "no", "open", "no", "no", "no"),
    "resolve": ("resolved", "resolved", "resolved", "no", "no", "no"),
    "dismiss": ("dismissed", "dismissed", "dismissed", "dismissed", "dismissed", "no"),
    "settle": ("resolved", "resolved", "resolved", "no", "no", "no"),
    "rate": ("open", "acknowledged", "snoozed", "no", "no", "no"),
    "note": ("open", "acknowledged", "snoozed", "resolved", "resolved", "dismissed"),
    "join": ("open", "acknowledged", "open", "no", "no", "no"),
}


@pytest.mark.parametrize(
    ("move", "before", "after"),
    [
        pytest.param(MOVES[move], ALL[state], after, id=f"{move} {state}")
        for move, row in TABLE.items()
        for state, after in zip(ALL, row, strict=True)
    ],
)
def test_moves(move: Move, before: Incident, after: str) -> None:
    if after == "no":
        with pytest.raises(EarshotError, match=r"^incident 3 is (already )?\w+"):
            move(before)
        return
    changed, audit = move(before)
    assert changed.state == after
    assert changed.version == before.version + 1 == audit.version
    assert (audit.incident_id, audit.before, audit.after) == (3, before.state, changed.state)
    assert (changed.snoozed_until is not None) is (changed.state is State.SNOOZED)
    assert (changed.resolved_at is None) is (changed.state in LIVE)


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=12))
def test_no_sequence_of_moves_moves_the_promise_later_or_loses_a_version(names: list[str]) -> None:
    now = OPEN
    for name in names:
        try:
            after, audit = MOVES[name](now)
        except EarshotError:
            continue
        assert after.due_at <= now.due_at
        assert after.posted_at <= now.posted_at
        assert audit.version == after.version == now.version + 1
        now = after


def test_the_clock_starts_when_the_post_was_written() -> None:
    opened, audit = open_incident(triaged(customer=GOLD), OPENING, now=NOW, incident_id=3)
    assert opened.posted_at == POSTED
    assert opened.opened_at == NOW
    assert opened.due_at == POSTED + HOUR
    assert (opened.customer, opened.version, opened.state) == (GOLD, 1, State.OPEN)
    assert audit.note == "rule vip: negative with p 0.91 >= 0.50"
    assert (audit.by, audit.before) == ("earshot", None)


def test_a_post_dated_in_the_future_gives_no_respite() -> None:
    opened, _ = open_incident(triaged(published_at=NOW + 24 * HOUR), OPENING, now=NOW)
    assert opened.due_at == NOW + HOUR


def test_acknowledging_does_not_stop_the_clock() -> None:
    acked, audit = acknowledge(OPEN, by="kim", now=NOW)
    assert (acked.due_at, acked.answered_at, acked.acknowledged_at) == (OPEN.due_at, None, NOW)
    assert audit.by == "kim"


def test_the_first_acknowledgement_counts() -> None:
    asleep, _ = snooze(ACKED, NOW + HOUR, by="kim", now=NOW)
    again, _ = acknowledge(asleep, by="lee", now=NOW + MINUTE)
    assert again.acknowledged_at == NOW


@pytest.mark.parametrize(
    ("severity", "within", "graver", "due"),
    [
        pytest.param(Severity.CRITICAL, HOUR, True, OPEN.due_at, id="graver, due later"),
        pytest.param(Severity.NORMAL, 10 * MINUTE, False, NOW + 10 * MINUTE, id="milder, sooner"),
        pytest.param(Severity.HIGH, 24 * HOUR, False, OPEN.due_at, id="as grave, due later"),
    ],
)
def test_a_joining_mention_makes_it_graver_and_sooner_only(
    severity: Severity,
    within: timedelta,
    graver: bool,  # noqa: FBT001 - a column of the table
    due: object,
) -> None:
    opening = Opening("other", severity, within, ())
    after, _ = join(OPEN, triaged(mention_id=8, published_at=NOW), opening, now=NOW)
    assert after.severity is (severity if graver else OPEN.severity)
    assert after.rule == ("other" if graver else "vip")
    assert after.due_at == due


def test_an_earlier_mention_seen_late_moves_the_clock_back() -> None:
    earlier = triaged(mention_id=6, published_at=POSTED - HOUR)
    after, _ = join(OPEN, earlier, OPENING, now=NOW)
    assert (after.posted_at, after.due_at) == (POSTED - HOUR, POSTED)


def test_a_joining_mention_brings_the_customer() -> None:
    after, _ = join(OPEN, triaged(customer=GOLD), None, now=NOW)
    assert after.customer == GOLD


def test_reopening_starts_a_second_clock() -> None:
    again = triaged(mention_id=9, published_at=NOW + HOUR)
    after, audit = reopen(replace(REPLIED, assignee="kim"), again, OPENING, now=NOW + 2 * HOUR)
    assert after.state is State.OPEN
    assert (after.posted_at, after.due_at) == (NOW + HOUR, NOW + 2 * HOUR)
    assert (after.answered_at, after.resolved_at, after.resolution) == (None, None, "")
    assert (after.id, after.opened_at, after.assignee) == (3, NOW, "kim")
    assert (after.clock, audit.note) == (2, "clock 2, by mention 9")


def test_what_cannot_be_reopened_says_so() -> None:
    with pytest.raises(EarshotError, match="incident 3 is dismissed and cannot be reopened"):
        reopen(DISMISSED, triaged(published_at=NOW + HOUR), OPENING, now=NOW + HOUR)


def test_a_snooze_into_the_past_is_refused() -> None:
    with pytest.raises(EarshotError, match="cannot be snoozed until 2026-11-20T09:15:00Z"):
        snooze(OPEN, NOW, by="kim", now=NOW)


@pytest.mark.parametrize(
    ("assignee", "said"),
    [("lee", "already assigned to lee"), (" ", "say to whom")],
    ids=["the same", "nobody"],
)
def test_assigning_needs_somebody_else(assignee: str, said: str) -> None:
    with pytest.raises(EarshotError, match=said):
        assign(replace(OPEN, assignee="lee"), assignee, by="kim", now=NOW)


def moved(one: Incident, *answers: datetime) -> list[Change]:
    """What follows for an incident of one clock when these are all the answers to it."""
    before = [one.present]
    return follow(one, before, settled(before, [], answers), now=NOW + 3 * HOUR)


def test_an_answer_stops_the_clock_at_the_reply_itself() -> None:
    [(after, audit)] = moved(OPEN, NOW)
    assert (after.answered_at, after.resolved_at) == (NOW, NOW + 3 * HOUR)
    assert (after.state, after.resolution) == (State.RESOLVED, "replied")
    assert (audit.action, audit.note) == (Action.ANSWERED, "after 5 m")


def test_closed_by_hand_still_learns_its_answer() -> None:
    [(after, _)] = moved(BY_HAND, NOW + HOUR)
    assert (after.answered_at, after.resolution, after.resolved_at) == (NOW + HOUR, "manual", NOW)


def test_a_dismissed_one_stays_dismissed_when_it_is_answered() -> None:
    [(after, _)] = moved(DISMISSED, NOW)
    assert (after.state, after.answered_at) == (State.DISMISSED, NOW)


def test_an_earlier_answer_seen_late_counts_and_a_later_one_does_not() -> None:
    [(after, _)] = moved(REPLIED, NOW - 2 * MINUTE, NOW - MINUTE)
    assert after.answered_at == NOW - 2 * MINUTE
    assert moved(REPLIED, NOW - MINUTE, NOW) == []


def test_an_answer_from_before_the_post_is_none() -> None:
    assert moved(OPEN, POSTED - MINUTE) == []


def test_an_answer_that_does_not_count_any_more_opens_it_again_with_the_same_clock() -> None:
    acknowledged = replace(REPLIED, acknowledged_at=NOW)
    [(after, audit)] = moved(acknowledged)
    assert (after.state, after.answered_at, after.resolved_at) == (State.OPEN, None, None)
    assert (after.resolution, after.acknowledged_at, after.clock) == ("", NOW, 1)
    assert (after.posted_at, after.due_at) == (REPLIED.posted_at, REPLIED.due_at)
    assert audit.action == Action.UNANSWERED
    assert audit.note == "the answer of 2026-11-20T09:14:00Z does not count"


def test_a_late_seen_answer_leaves_the_newer_complaint_open() -> None:
    newer = triaged(mention_id=9, published_at=NOW + HOUR)
    joined, _ = join(OPEN, newer, OPENING, now=NOW + HOUR)
    post = Clock(NOW + HOUR, NOW + 2 * HOUR, OPENING.severity)
    before = [joined.present]
    changes = follow(joined, before, settled(before, [post], [NOW]), OPENING, now=NOW + 2 * HOUR)
    assert [one.audit.action for one in changes] == [Action.ANSWERED, Action.REOPENED]
    after = changes[-1].incident
    assert (after.state, after.clock, after.version) == (State.OPEN, 2, joined.version + 2)
    assert (after.posted_at, after.due_at) == (NOW + HOUR, NOW + 2 * HOUR)
    assert (after.answered_at, after.resolved_at) == (None, None)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(NOW - MINUTE, ("replied", NOW - MINUTE, ""), id="an earlier reply is seen"),
        pytest.param(NOW + MINUTE, ("elsewhere", NOW, "mail"), id="a later one"),
    ],
)
def test_of_two_answers_the_first_counts(
    seen: datetime, expected: tuple[str, datetime, str]
) -> None:
    told, _ = settle(OPEN, Elsewhere("mail", NOW), by="kim", now=NOW + HOUR)
    changes = moved(told, NOW, seen)
    after = changes[-1].incident if changes else told
    assert (after.resolution, after.answered_at, after.answered_in) == expected
    assert after.state is State.RESOLVED


def test_losing_a_post_brings_no_earlier_clock_back() -> None:
    """One that was answered before it was reopened has a clock that has ended."""
    reopened = incident(posted_at=POSTED + HOUR, due_at=POSTED + 3 * HOUR)
    left = [(POSTED, POSTED + HOUR), (POSTED + 2 * HOUR, POSTED + 4 * HOUR)]
    after = lose(reopened, left, Action.DELETED, now=NOW, note="").incident
    assert (after.posted_at, after.due_at) == (POSTED + 2 * HOUR, POSTED + 4 * HOUR)


# --- judged anew ----------------------------------------------------------------------------------

MILD = Opening("mild", Severity.NORMAL, 24 * HOUR, ("negative",))


def anew(before: Incident, *judged: tuple[Candidate, Opening]) -> Incident:
    return judge_anew(before, judged, Action.CORRECTED, by="kim", now=NOW, note="why").incident


def test_judged_anew_it_may_become_less_grave_and_due_later() -> None:
    after = anew(OPEN, (triaged(), MILD))
    assert (after.severity, after.rule, after.reasons) == (Severity.NORMAL, "mild", ("negative",))
    assert after.due_at == POSTED + 24 * HOUR > OPEN.due_at


def test_the_gravest_and_the_soonest_of_its_mentions_count() -> None:
    later = triaged(mention_id=8, published_at=NOW)
    after = anew(OPEN, (triaged(), MILD), (later, OPENING))
    assert (after.severity, after.rule, after.due_at) == (Severity.HIGH, "vip", NOW + HOUR)


def test_mentions_of_an_earlier_clock_do_not_count() -> None:
    again = replace(OPEN, posted_at=NOW)
    after = anew(again, (triaged(), OPENING), (triaged(published_at=NOW), MILD))
    assert (after.rule, after.due_at) == ("mild", NOW + 24 * HOUR)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(replace(OPEN, severity_by="kim"), id="a person's word"),
        pytest.param(BY_HAND, id="closed"),
    ],
)
def test_what_a_person_said_or_closed_stays(before: Incident) -> None:
    after = anew(before, (triaged(), MILD))
    assert (after.severity, after.due_at) == (before.severity, before.due_at)

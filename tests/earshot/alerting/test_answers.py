from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from domain.incident import State
from domain.mention import Author, Mention, Standing
from domain.reputation import ResponseTimes
from earshot.alerting import actions, escalation
from earshot.alerting import answers as answering
from earshot.compliance import deletions
from earshot.core.app import App
from earshot.reporting import answer_times
from reputation.response import response_times
from storage import clocks, escalation_steps
from storage import deletions as taken_back
from storage.tables import IncidentEventRow, IncidentRow, MentionBrandRow, MentionRow, OutboxRow
from tests.conftest import BASIC, MakeApp
from tests.earshot.world import (
    ACME,
    BEN,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    Feed,
    key_of,
    live,
    mention,
    messages_of,
    reply,
    said,
    store,
    with_sources,
    with_words,
    work,
)


def incident(app: App) -> IncidentRow:
    with app.database.read() as session:
        return session.scalars(select(IncidentRow)).one()


def answered(app: App) -> dict[str, datetime]:
    with app.database.read() as session:
        rows = session.execute(
            select(MentionRow.external_id, MentionBrandRow.answered_at)
            .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
            .where(MentionBrandRow.answered_at.is_not(None))
        )
        return {external_id: at for external_id, at in rows if at is not None}


def sent(app: App) -> None:
    """Every message so far has left, and what had changed was drawn anew."""
    with app.database.begin() as session:
        for row in session.scalars(select(OutboxRow).where(OutboxRow.state != "skipped")):
            if row.ref is not None and row.stale:
                row.stale, row.redrawn_at = "", NOW
            row.state, row.ref, row.sent_at = "sent", f"C0ALERTS/{row.id}", NOW


SECOND = timedelta(seconds=1)
PROMISED = 4 * HOUR
COMPLAINT = mention("1", published_at=NOW - HOUR)


def test_an_answer_closes_the_incident_and_stops_the_clock(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT)
    sent(app)
    live(app, reply("2", to="1", published_at=NOW), now=NOW + MINUTE)

    row = incident(app)
    assert (row.state, row.resolution) == (State.RESOLVED, "replied")
    assert (row.answered_at, row.resolved_at) == (NOW, NOW + MINUTE)
    assert answered(app) == {"1": NOW}
    assert messages_of(app) == [("post", "sent"), ("thread", "pending"), ("update", "pending")]


def test_an_answer_seen_before_the_mention_closes_it_too(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, reply("2", to="1"))
    live(app, COMPLAINT, now=NOW + MINUTE)
    assert incident(app).answered_at == NOW


def test_a_quote_by_the_brand_is_an_answer(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT, reply("2", to="1", conversation_id="2"))
    assert incident(app).state == State.RESOLVED


def test_answered_before_it_was_told_nothing_is_sent(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT, reply("2", to="1"))
    assert incident(app).state == State.RESOLVED
    assert messages_of(app) == [("post", "skipped")]


def test_a_new_complaint_after_an_untold_answer_is_told_as_the_first(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT, reply("2", to="1"))
    again = mention("3", conversation_id="1", published_at=NOW + MINUTE)
    live(app, again, now=NOW + HOUR)
    row = incident(app)
    assert (row.state, row.posted_at, row.answered_at) == (State.OPEN, NOW + MINUTE, None)
    assert messages_of(app) == [("post", "skipped"), ("post", "pending")]


NOT_OURS = Author(id="6666", handle="acme_he1p", name="Acme Help")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(reply("2", to="1", author=NOT_OURS), id="a look-alike account"),
        pytest.param(
            reply("2", to="1", author=Author("7", "someone", name="acme_help")),
            id="the brand's handle as a display name",
        ),
        pytest.param(reply("2", to="8", conversation_id="9"), id="another conversation"),
        pytest.param(reply("2", to="1", source="reddit"), id="another network"),
        pytest.param(reply("2", to="1", is_repost=True), id="a plain repost by the brand"),
        pytest.param(
            mention("2", author=ACME, conversation_id="2", parent_id=None), id="no reply at all"
        ),
        pytest.param(
            reply("2", to="1", author=Author("7", "1000")), id="the brand's id as a handle"
        ),
        pytest.param(
            reply("2", to="1", published_at=NOW - HOUR + 19 * SECOND), id="sooner than a person"
        ),
    ],
)
def test_does_not_answer(make_app: MakeApp, other: Mention) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT, other)
    assert incident(app).state == State.OPEN
    assert answered(app) == {}


def test_a_reply_to_a_sibling_answers_the_sibling_and_not_the_other(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    root = mention("0", "Acme", published_at=NOW - 2 * HOUR, author=BEN)
    ana = mention("1", parent_id="0", conversation_id="0", published_at=NOW - HOUR)
    ben = mention("2", parent_id="0", conversation_id="0", published_at=NOW - HOUR, author=BEN)
    live(app, root, ana, ben, reply("3", to="2", conversation_id="0"))

    with app.database.read() as session:
        keys = {author: key_of(session, author, "0") for author in ("501", "502")}
        states = {row.key: row.state for row in session.scalars(select(IncidentRow))}
    assert states == {keys["501"]: State.OPEN, keys["502"]: State.RESOLVED}
    assert answered(app) == {"0": NOW, "2": NOW}


def test_a_reply_from_before_the_complaint_is_no_answer_to_it(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT, reply("2", to="1", published_at=NOW - 2 * HOUR))
    assert incident(app).state == State.OPEN


def test_a_reply_deep_in_the_thread_answers_all_above_it(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    middle = mention(
        "2", "Acme hello?", parent_id="1", conversation_id="1", published_at=NOW - MINUTE
    )
    live(app, COMPLAINT, middle, reply("3", to="2", conversation_id="1"))
    assert answered(app) == {"1": NOW, "2": NOW}


def test_an_earlier_reply_seen_late_sets_the_clock_back(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT, reply("3", to="1", published_at=NOW))
    live(app, reply("2", to="1", published_at=NOW - 30 * MINUTE), now=NOW + MINUTE)
    assert incident(app).answered_at == NOW - 30 * MINUTE
    assert answered(app) == {"1": NOW - 30 * MINUTE}


def test_a_later_reply_changes_nothing(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT, reply("2", to="1"))
    version = incident(app).version
    live(app, reply("3", to="1", published_at=NOW + MINUTE), now=NOW + HOUR)
    assert incident(app).version == version
    assert answered(app) == {"1": NOW}


def test_the_customer_complains_again_after_the_answer(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT)
    sent(app)
    live(app, reply("2", to="1"))
    sent(app)
    later = NOW + 2 * HOUR
    again = mention("3", parent_id="2", conversation_id="1", published_at=later)
    live(app, again, now=later)

    row = incident(app)
    assert (row.state, row.posted_at, row.due_at) == (State.OPEN, later, later + 4 * HOUR)
    assert [kind for kind, _ in messages_of(app)] == [
        *("post", "update", "thread", "thread", "update"),
    ]

    live(
        app,
        reply("4", to="3", conversation_id="1", published_at=later + HOUR),
        now=later + 2 * HOUR,
    )
    assert incident(app).answered_at == later + HOUR


def test_an_answer_seen_after_the_second_complaint_leaves_that_one_open(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    again = mention("3", conversation_id="1", published_at=NOW)
    live(app, COMPLAINT, again)
    live(app, reply("2", to="1", published_at=NOW - 30 * MINUTE), now=NOW + MINUTE)

    row = incident(app)
    assert (row.state, row.posted_at) == (State.OPEN, NOW)
    with app.database.read() as session:
        actions = list(session.scalars(select(IncidentEventRow.action)))
    assert actions == ["opened", "joined", "answered", "reopened"]


def test_an_incident_closed_by_hand_still_learns_when_it_was_answered(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT)
    actions.resolve(app, 1, by="eva", now=NOW)
    live(app, reply("2", to="1", published_at=NOW + MINUTE), now=NOW + HOUR)
    row = incident(app)
    assert (row.resolution, row.answered_at) == ("manual", NOW + MINUTE)


def test_a_mild_mention_that_was_answered_needs_no_incident(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1", "Acme", published_at=NOW - HOUR), reply("2", to="1"))
    assert answered(app) == {"1": NOW}


@pytest.mark.parametrize(
    ("after", "state"),
    [
        pytest.param(HOUR - MINUTE, State.SNOOZED, id="it sleeps"),
        pytest.param(HOUR, State.OPEN, id="its time has come"),
    ],
)
def test_a_snooze_ends_by_itself(make_app: MakeApp, after: timedelta, state: State) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT)
    actions.snooze(app, 1, "1h", by="eva", now=NOW)
    work(app, now=NOW + after)
    assert incident(app).state == state


def test_answering_again_and_again_changes_nothing(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT, reply("2", to="1"))
    version = incident(app).version
    assert [answering.answer(app, now=NOW + HOUR) for _ in range(3)] == [0, 0, 0]
    assert incident(app).version == version


def test_a_loop_in_the_thread_ends(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    one = reply("2", to="3", conversation_id="1")
    two = reply("3", to="2", conversation_id="1")
    live(app, COMPLAINT, one, two)
    assert incident(app).state == State.RESOLVED


# --- what the thread and the message are told -----------------------------------------------------


def told_in_thread(app: App) -> list[str]:
    return [words for key, words in said(app).items() if ":thread:" in key]


@pytest.mark.parametrize(
    ("answered_at", "line"),
    [
        pytest.param(NOW, "Answered by @acme_help after 1 h, in time", id="in time"),
        pytest.param(
            NOW + 2 * DAY, "Answered by @acme_help after 2 d 1 h, 1 d 21 h late", id="late"
        ),
    ],
)
def test_the_thread_is_told_who_answered_after_how_long(
    make_app: MakeApp, answered_at: datetime, line: str
) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT)
    sent(app)
    url = "https://x.com/acme_help/status/2"
    live(app, reply("2", to="1", published_at=answered_at, url=url), now=answered_at + MINUTE)
    [told] = told_in_thread(app)
    assert line in told
    assert url in told


def test_two_answers_that_are_seen_at_once_are_told_each_with_its_own_clock(
    make_app: MakeApp,
) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT)
    sent(app)
    again = mention("3", conversation_id="1", published_at=NOW + HOUR)
    both = (
        reply("2", to="1", url="https://x.com/acme_help/status/2"),
        reply("4", to="3", conversation_id="1", published_at=NOW + 3 * HOUR),
    )
    live(app, again, *both, now=NOW + 4 * HOUR)
    told = [one for one in told_in_thread(app) if "Answered by" in one]
    assert len(told) == 2
    first = next(one for one in told if "https://x.com/acme_help/status/2" in one)
    assert "Answered by @acme_help after 1 h, in time" in first
    other = next(one for one in told if one != first)
    assert "Answered by @acme_help after 2 h, in time" in other


def test_an_answer_is_told_of_its_own_clock_after_the_next_has_begun(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT)
    sent(app)
    live(app, reply("2", to="1"))
    live(app, mention("3", conversation_id="1", published_at=NOW + HOUR), now=NOW + HOUR)
    told = [one for one in told_in_thread(app) if "Answered by" in one]
    assert len(told) == 1
    assert "after 1 h, in time" in told[0]


def test_an_answer_before_anybody_was_told_is_told_to_nobody(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT, reply("2", to="1"))
    assert told_in_thread(app) == []


def test_a_reply_that_is_gone_names_nobody(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT)
    sent(app)
    live(app, reply("2", to="1"))
    with app.database.begin() as session:
        taken_back.note(session, [2], Standing.GONE, now=NOW)
    [told] = told_in_thread(app)
    assert "Answered by the brand after 1 h" in told
    assert "acme_help" not in told


def test_a_broken_promise_is_said_once_and_at_once(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT)
    sent(app)
    due_at = incident(app).due_at
    assert answering.overdue(app, now=due_at) == 0
    assert answering.overdue(app, now=due_at + timedelta(seconds=20)) == 1
    [told] = said(app).values()
    assert "Normal, overdue" in told
    assert messages_of(app) == [("post", "sent"), ("update", "pending")]
    assert answering.overdue(app, now=due_at + timedelta(seconds=40)) == 0
    assert answering.overdue(app, now=due_at + DAY) == 0


def test_what_left_late_is_drawn_as_overdue(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT)
    assert answering.overdue(app, now=incident(app).due_at + MINUTE) == 1
    [told] = said(app).values()
    assert "Normal, overdue" in told


def test_what_is_over_is_never_overdue(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT)
    sent(app)
    actions.dismiss(app, 1, by="kim", now=NOW)
    assert answering.overdue(app, now=NOW + 30 * DAY) == 0


AUTOMATIC = BASIC.replace(
    "competitors =",
    'auto_responders = ["x:2000"]\nauto_replies = ["We have received your message"]\ncompetitors =',
)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        pytest.param("Hi! WE HAVE RECEIVED, your message. No. 77", False, id="folded, within"),
        pytest.param("We have received your messages", True, id="whole words only"),
        pytest.param("We have read your message", True, id="other words"),
    ],
)
def test_an_automatic_text_is_no_answer(make_app: MakeApp, text: str, *, counts: bool) -> None:
    app = with_words(make_app(basic=AUTOMATIC).app)
    live(app, COMPLAINT, reply("2", to="1", text=text))
    assert (incident(app).state == State.RESOLVED) is counts


def test_an_automatic_account_is_the_brands_own_and_answers_nobody(make_app: MakeApp) -> None:
    app = with_words(make_app(basic=AUTOMATIC).app)
    live(app, COMPLAINT, reply("2", to="1", author=Author("2000", "acme_bot"), text="Acme: awful"))
    assert incident(app).state == State.OPEN
    live(app, reply("3", to="2", conversation_id="1"))
    assert incident(app).state == State.RESOLVED, "a person goes on below it"


def test_an_answer_that_was_seen_before_the_complaint_was_scored_ends_it(
    make_app: MakeApp,
) -> None:
    app = with_words(make_app().app)
    store(app, COMPLAINT, reply("2", to="1"))
    assert answering.answer(app, now=NOW) == 1
    work(app)
    assert (incident(app).state, incident(app).answered_at) == (State.RESOLVED, NOW)


def test_a_missed_promise_stays_missed_when_the_customer_complains_again(
    make_app: MakeApp,
) -> None:
    app = with_words(make_app().app)
    live(app, mention("1", published_at=NOW - 3 * DAY), now=NOW - 3 * DAY)
    late = reply("2", to="1", published_at=NOW - DAY - HOUR)
    again = mention("3", conversation_id="1", published_at=NOW - HOUR)
    soon = reply("4", to="3", conversation_id="1", published_at=NOW - MINUTE)
    for one in (late, again, soon):
        live(app, one, now=one.published_at + SECOND)

    times = response(app, now=NOW)
    assert (times.needed, times.due, times.answered, times.in_time) == (2, 1, 2, 0)
    times = response(app, now=NOW + DAY)
    assert (times.due, times.in_time, times.attainment) == (2, 1, 0.5)


def test_praise_that_a_rule_tells_of_is_no_promise(make_app: MakeApp) -> None:
    rule = '[[alerts.rules]]\nname = "thank"\nsentiment = "positive"\nanswer_within = "24h"\n'
    app = with_words(make_app(rule).app)
    live(app, mention("1", "Acme is lovely"), mention("2", author=BEN))
    with app.database.read() as session:
        assert len(session.scalars(select(IncidentRow)).all()) == 2
    assert response(app, now=NOW + MINUTE).needed == 1


def response(app: App, *, now: datetime) -> ResponseTimes:
    since = NOW - 28 * DAY
    with app.database.read() as session:
        clocked = answer_times.clocked_of(session, "Acme", since=since, until=now)
    return response_times(clocked, since=since, until=now, now=now)


def test_alerts_that_somebody_handled_are_worth_it_or_not(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    names = ["dismissed", "acknowledged", "left alone", "answered"]
    for number, name in enumerate(names, start=1):
        live(app, mention(str(number), author=Author(f"a{number}", name)))
    live(app, reply("9", to="4"))
    actions.acknowledge(app, 1, by="eva", now=NOW)
    actions.dismiss(app, 1, by="eva", now=NOW)
    actions.acknowledge(app, 2, by="eva", now=NOW)
    with app.database.read() as session:
        found = answer_times.precision_of(session, "Acme", since=NOW - DAY, until=NOW + DAY)
    assert (found.handled, found.dismissed, found.share) == (2, 1, 0.5)


# --- answers that are deleted --------------------------------------------------------------------


@dataclass
class Remembering(Feed):
    """A source that can say what has become of its posts."""

    gone: set[str] = field(default_factory=set)
    asked_after: list[str] = field(default_factory=list)
    recheck_at_once: int = 100

    def recheck(self, external_ids: Sequence[str], *, now: datetime) -> Mapping[str, Standing]:
        del now
        self.asked_after += external_ids
        return {one: Standing.GONE if one in self.gone else Standing.THERE for one in external_ids}


X = """
[sources.x]
enabled = true
bearer_token = "env:TOKEN"
"""


@pytest.fixture
def source() -> Remembering:
    return Remembering("x")


@pytest.fixture
def app(make_app: MakeApp, source: Remembering, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("TOKEN", "invented")
    return with_sources(with_words(make_app(X).app), source)


def clocks_of(app: App) -> list[tuple[datetime, datetime | None, str]]:
    with app.database.read() as session:
        [(_, found)] = clocks.of(
            session, [row.id for row in session.scalars(select(IncidentRow))]
        ).items()
    return [(one.posted_at, one.answered_at, one.how) for one in found]


def deleted_after(app: App, source: Remembering, minutes: int) -> None:
    """The own answer of NOW is gone so long after; it is looked up then and once more."""
    source.gone = {"2"}
    for later in (minutes, minutes + 11):
        deletions.recheck(app, now=NOW + later * MINUTE)


def test_an_answer_deleted_within_half_an_hour_was_none(app: App, source: Remembering) -> None:
    live(app, COMPLAINT, reply("2", to="1"))
    sent(app)
    deleted_after(app, source, 29)

    row = incident(app)
    assert (row.state, row.answered_at, row.resolution) == (State.OPEN, None, "")
    assert (row.due_at, row.clock) == (NOW - HOUR + PROMISED, 1)
    assert clocks_of(app) == [(NOW - HOUR, None, "")]
    assert answered(app) == {}
    escalation.escalate(app, now=NOW + 41 * MINUTE)
    with app.database.read() as session:
        steps = escalation_steps.of(session, 1)
    assert [step for step in steps if step.state == "pending"], "it is reminded of again"


def test_an_answer_deleted_later_stays_one(app: App, source: Remembering) -> None:
    live(app, COMPLAINT, reply("2", to="1"))
    deleted_after(app, source, 31)
    source.gone = {"2"}
    for hours in (12, 24):
        deletions.recheck(app, now=NOW + hours * HOUR)
    work(app, now=NOW + 25 * HOUR)

    with app.database.read() as session:
        assert {row.standing for row in session.scalars(select(MentionRow))} >= {"gone"}
    assert incident(app).state == State.RESOLVED
    assert clocks_of(app) == [(NOW - HOUR, NOW, "replied")]


def test_the_next_answer_counts_then(app: App, source: Remembering) -> None:
    next_one = reply("3", to="1", published_at=NOW + 5 * MINUTE)
    live(app, COMPLAINT, reply("2", to="1"), next_one, now=NOW + 6 * MINUTE)
    deleted_after(app, source, 10)
    assert incident(app).state == State.RESOLVED
    assert clocks_of(app) == [(NOW - HOUR, NOW + 5 * MINUTE, "replied")]


def test_with_the_answer_between_them_two_clocks_become_one(app: App, source: Remembering) -> None:
    again = mention("4", conversation_id="1", published_at=NOW + MINUTE)
    live(app, COMPLAINT, reply("2", to="1"), now=NOW)
    live(app, again, now=NOW + 2 * MINUTE)
    assert clocks_of(app) == [(NOW - HOUR, NOW, "replied"), (NOW + MINUTE, None, "")]
    deleted_after(app, source, 20)
    assert clocks_of(app) == [(NOW - HOUR, None, "")]
    assert (incident(app).state, incident(app).clock) == (State.OPEN, 1)


def test_what_a_person_has_closed_stays_closed_without_the_answer(
    app: App, source: Remembering
) -> None:
    live(app, COMPLAINT)
    actions.resolve(app, 1, by="eva", now=NOW)
    live(app, reply("2", to="1"))
    assert clocks_of(app) == [(NOW - HOUR, NOW, "manual")]
    deleted_after(app, source, 20)
    assert clocks_of(app) == [(NOW - HOUR, None, "manual")]
    assert incident(app).state == State.RESOLVED


def test_young_answers_are_looked_up_often_and_other_posts_are_not(
    app: App, source: Remembering
) -> None:
    live(app, COMPLAINT, reply("2", to="1"), reply("9", to="8", published_at=NOW - 31 * MINUTE))
    for minutes in range(0, 60, 5):
        deletions.recheck(app, now=NOW + minutes * MINUTE)
    assert source.asked_after == ["2"] * 6


def test_the_second_complaint_is_deleted_and_the_first_clock_stays_what_it_was(
    app: App, source: Remembering
) -> None:
    live(app, COMPLAINT, reply("2", to="1"))
    live(app, mention("4", conversation_id="1", published_at=NOW + HOUR), now=NOW + HOUR)
    source.gone = {"4"}
    for hours in (13, 14):
        deletions.recheck(app, now=NOW + hours * HOUR)
    assert clocks_of(app) == [(NOW - HOUR, NOW, "replied"), (NOW + HOUR, None, "withdrawn")]
    assert (incident(app).state, incident(app).resolution) == (State.RESOLVED, "deleted")


def test_an_answer_taken_back_opens_no_second_incident_of_one_author(make_app: MakeApp) -> None:
    """The sibling that was really answered comes in when its neighbour has complained anew."""
    app = with_words(make_app().app)
    live(app, COMPLAINT, reply("2", to="7", conversation_id="1"))
    assert incident(app).state == State.RESOLVED
    later = NOW + 4 * DAY
    live(app, mention("3", conversation_id="1", published_at=later), now=later)
    sibling = mention("7", parent_id="1", conversation_id="1", author=BEN)
    live(app, replace(sibling, published_at=NOW - 30 * MINUTE), now=later + HOUR)

    assert set(answered(app)) == {"7"}
    with app.database.read() as session:
        states = [
            row.state for row in session.scalars(select(IncidentRow).order_by(IncidentRow.id))
        ]
    assert states == [State.RESOLVED, State.OPEN, State.RESOLVED]

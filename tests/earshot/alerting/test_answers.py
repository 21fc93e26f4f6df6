from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from domain.incident import State
from domain.mention import Author, Mention, Standing
from earshot.alerting import actions
from earshot.alerting import answers as answering
from earshot.core.app import App
from storage import deletions
from storage.tables import IncidentEventRow, IncidentRow, MentionBrandRow, MentionRow, OutboxRow
from tests.conftest import MakeApp
from tests.earshot.world import (
    ACME,
    BEN,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    key_of,
    live,
    mention,
    messages_of,
    reply,
    said,
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


def test_a_reply_whose_clock_is_behind_answers_at_once(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, COMPLAINT, reply("2", to="1", published_at=NOW - 2 * HOUR))
    assert incident(app).answered_at == COMPLAINT.published_at


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
        deletions.note(session, [2], Standing.GONE, now=NOW)
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

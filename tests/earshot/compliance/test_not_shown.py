"""What is only not shown to us is hidden for as long as it is, and comes back."""

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from domain.errors import RemoteError
from domain.mention import Standing
from earshot.compliance import deletions
from earshot.core.app import App
from storage import incidents, views
from storage.tables import IncidentRow, MentionRow
from tests.alerts.slack_double import SlackDouble
from tests.earshot.compliance.test_deletions import Remembering, deliver
from tests.earshot.world import BEN, DAY, HOUR, MINUTE, NOW, live, mention, store, work
from tests.earshot.world import with_sources as reading

LATER = NOW + 13 * HOUR
AFTER = {"conversation_id": "1"}  # it goes on where the first one began
HIDDEN, THERE, GONE = Standing.HIDDEN, Standing.THERE, Standing.GONE
NOT_SHOWN, WAS_DELETED = "is not shown to us at present", "gone from the platform"


@pytest.fixture
def source(app: App) -> Remembering:
    made = Remembering("x")
    reading(app, made)
    return made


def asked(app: App, source: Remembering, standing: Standing, *, at: datetime) -> None:
    source.standings = {"1": standing}
    deletions.recheck(app, now=at)


def listed(app: App) -> list[str]:
    with app.database.read() as session:
        return [view.mention.text for view in views.search(session, views.Filter())]


def row(app: App) -> tuple[str, datetime | None]:
    with app.database.read() as session:
        found = session.scalars(select(MentionRow).order_by(MentionRow.id)).first()
        assert found is not None
        return found.standing, found.standing_at


def states(app: App) -> list[tuple[str, str]]:
    with app.database.read() as session:
        rows = session.scalars(select(IncidentRow).order_by(IncidentRow.id))
        return [(one.state, one.resolution) for one in rows]


def test_an_alert_says_what_is_not_shown_and_shows_it_again_when_it_is(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1"))
    deliver(app, NOW)
    asked(app, source, HIDDEN, at=LATER)
    deliver(app, LATER)
    [root] = map(json.dumps, slack.roots)
    assert NOT_SHOWN in root
    assert WAS_DELETED not in root
    assert "awful" not in root
    assert states(app) == [("open", "")]

    asked(app, source, THERE, at=LATER + 12 * HOUR)
    deliver(app, LATER + 12 * HOUR)
    [root] = map(json.dumps, slack.roots)
    assert "Acme is awful" in root
    assert NOT_SHOWN not in root


def test_a_post_in_a_thread_says_so_too_and_is_shown_again(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1"))
    deliver(app, NOW)
    live(app, mention("2", "Acme is awful, still", **AFTER), now=NOW + MINUTE)
    deliver(app, NOW + MINUTE)
    source.standings = {"1": THERE, "2": HIDDEN}
    deletions.recheck(app, now=LATER)
    deliver(app, LATER)
    [thread] = [json.dumps(one) for one in slack.messages if one.get("thread_ts")]
    assert NOT_SHOWN in thread
    assert "still" not in thread

    source.standings = {"1": THERE, "2": THERE}
    deletions.recheck(app, now=LATER + 12 * HOUR)
    deliver(app, LATER + 12 * HOUR)
    [thread] = [json.dumps(one) for one in slack.messages if one.get("thread_ts")]
    assert "Acme is awful, still" in thread
    assert NOT_SHOWN not in thread


def test_what_somebody_removed_meanwhile_is_not_posted_again_when_it_is_shown(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1"))
    deliver(app, NOW)
    asked(app, source, HIDDEN, at=LATER)
    slack.messages.clear()
    deliver(app, LATER)
    assert slack.messages == []
    asked(app, source, THERE, at=LATER + 12 * HOUR)
    deliver(app, LATER + 12 * HOUR)
    assert slack.roots == []


def test_it_is_asked_after_for_as_long_as_it_is_hidden(app: App, source: Remembering) -> None:
    store(app, mention("1"), mention("2", published_at=NOW - DAY))
    for day in range(45):
        source.standings = {"1": HIDDEN, "2": THERE}
        deletions.recheck(app, now=LATER + day * DAY)
    assert source.rechecked[-1] == ["1"], "what stands is not, after a month"
    assert listed(app) == ["Acme is awful"]
    asked(app, source, THERE, at=LATER + 45 * DAY)
    assert len(listed(app)) == 2


def test_after_sixty_days_it_counts_as_deleted(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1"))
    deliver(app, NOW)
    for day in (0, 30, 59):
        asked(app, source, HIDDEN, at=LATER + day * DAY)
        assert row(app) == (HIDDEN, LATER)
    asked(app, source, HIDDEN, at=LATER + 60 * DAY)
    deliver(app, LATER + 60 * DAY)
    assert row(app)[0] == GONE
    assert states(app) == [("resolved", "deleted")]
    assert WAS_DELETED in json.dumps(slack.roots)


def test_a_long_error_makes_nothing_deleted(app: App, source: Remembering) -> None:
    store(app, mention("1"))
    asked(app, source, HIDDEN, at=LATER)
    source.error = RemoteError("x: the service fails (503)")
    for day in (1, 40, 80):
        deletions.recheck(app, now=LATER + day * DAY)
    assert row(app) == (HIDDEN, LATER)
    source.error = None
    asked(app, source, THERE, at=LATER + 81 * DAY)
    assert listed(app) == ["Acme is awful"]


def test_where_nobody_asks_any_more_it_does_not_stay_for_ever(
    app: App, source: Remembering
) -> None:
    store(app, mention("1"))
    asked(app, source, HIDDEN, at=LATER)
    reading(app)
    deletions.recheck(app, now=LATER + 59 * DAY)
    assert row(app)[0] == HIDDEN
    assert deletions.recheck(app, now=LATER + 60 * DAY).purged == 1
    assert row(app)[0] == GONE


def test_what_is_hidden_and_called_gone_once_stays_hidden(app: App, source: Remembering) -> None:
    store(app, mention("1"))
    asked(app, source, HIDDEN, at=LATER)
    asked(app, source, GONE, at=LATER + 12 * HOUR)
    assert listed(app) == []
    assert row(app) == (Standing.HIDDEN_ABSENT, LATER)
    asked(app, source, HIDDEN, at=LATER + 13 * HOUR)
    assert row(app) == (HIDDEN, LATER), "since when it is hidden does not begin anew"
    asked(app, source, GONE, at=LATER + 26 * HOUR)
    asked(app, source, GONE, at=LATER + 26 * HOUR + 5 * MINUTE)
    assert row(app)[0] == Standing.HIDDEN_ABSENT, "it is too soon to ask again"
    asked(app, source, GONE, at=LATER + 26 * HOUR + 15 * MINUTE)
    assert row(app)[0] == GONE


def test_what_was_called_gone_once_is_asked_after_whatever_its_age(
    app: App, source: Remembering
) -> None:
    store(app, mention("1", published_at=NOW - timedelta(days=29, hours=12)))
    asked(app, source, GONE, at=LATER - HOUR)
    asked(app, source, GONE, at=LATER + DAY)
    assert row(app)[0] == GONE


def test_what_is_hidden_before_it_is_judged_alerts_when_it_is_shown(
    app: App, source: Remembering
) -> None:
    store(app, mention("1"))
    asked(app, source, HIDDEN, at=LATER)
    work(app, now=LATER)
    assert states(app) == []
    asked(app, source, THERE, at=LATER + 12 * HOUR)
    work(app, now=LATER + 12 * HOUR)
    assert states(app) == [("open", "")]


def test_an_incident_waits_for_the_post_that_is_hidden_when_the_other_is_deleted(
    app: App, source: Remembering
) -> None:
    live(app, mention("1"), mention("2", "Acme is awful, still", **AFTER))
    source.standings = {"1": GONE, "2": HIDDEN}
    deletions.recheck(app, now=LATER)
    deletions.recheck(app, now=LATER + 15 * MINUTE)
    assert states(app) == [("open", "")]
    source.standings = {"2": THERE}
    deletions.recheck(app, now=LATER + 12 * HOUR)
    assert listed(app) == ["Acme is awful, still"]


def test_a_closed_incident_is_not_opened_by_a_post_that_is_shown_again(
    app: App, source: Remembering
) -> None:
    live(app, mention("1"), mention("9", author=BEN))
    with app.database.begin() as session:
        session.execute(update(IncidentRow).values(state="resolved"))
    asked(app, source, HIDDEN, at=LATER)
    asked(app, source, THERE, at=LATER + 12 * HOUR)
    work(app, now=LATER + 12 * HOUR)
    with app.database.read() as session:
        assert incidents.listing(session, live_only=True) == []

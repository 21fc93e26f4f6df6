"""What was deleted on its platform is taken back from the store, the outbox and Slack."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from sqlalchemy import select, text

from domain.errors import RemoteError
from domain.mention import Standing
from earshot import delivery, morning, sweep, troubles
from earshot.sweep import Swept
from earshot.wiring import App
from storage import figures, sources, views
from storage.tables import AuthorRow, IncidentRow, MentionRow, OutboxRow
from tests.alerts.slack_double import TOKEN, SlackDouble
from tests.conftest import MakeApp
from tests.earshot.world import (
    BEN,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    Clock,
    Feed,
    live,
    mention,
    store,
    with_sources,
    with_words,
)

CANARY = "Acme is awful, canary7f3a, it leaks since the first morning"
LATER = NOW + 13 * HOUR


@dataclass
class Remembering(Feed):
    """A source that can say what has become of its posts."""

    standings: dict[str, Standing] = field(default_factory=dict)
    error: RemoteError | None = None
    rechecked: list[Sequence[str]] = field(default_factory=list)
    recheck_at_once: int = 100

    def recheck(self, external_ids: Sequence[str], *, now: datetime) -> Mapping[str, Standing]:
        del now
        self.rechecked.append(external_ids)
        if self.error is not None:
            raise self.error
        return {one: self.standings[one] for one in external_ids if one in self.standings}


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with SlackDouble() as double:
        double.base = int(NOW.timestamp())
        yield double


@pytest.fixture
def app(make_app: MakeApp, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("TOKEN", TOKEN)
    table = f"""
    [sources.x]
    enabled = true
    bearer_token = "env:TOKEN"
    [alerts.slack]
    bot_token = "env:TOKEN"
    channel = "C0ALERTS"
    base_url = "{slack.url}"
    """
    return with_words(make_app(table, notify_console=False).app)


@pytest.fixture
def source(app: App) -> Remembering:
    made = Remembering("x")
    with_sources(app, made)
    return made


def deliver(app: App, at: datetime) -> None:
    clock = Clock(at)
    for _ in range(10):
        delivery.notify(app, clock=clock, wait=clock.wait)


def twice(app: App, *, since: datetime = LATER) -> Swept:
    """The check that misses a post and the one that makes sure."""
    sweep.sweep(app, now=since)
    return sweep.sweep(app, now=since + 15 * MINUTE)


def everywhere(app: App, slack: SlackDouble) -> str:
    """Every text in the database and in Slack."""
    with app.database.read() as session:
        rows = session.scalars(select(MentionRow)).all()
        kept = [f"{row.text} {row.url}" for row in rows]
        kept += [json.dumps(row.payload) for row in session.scalars(select(OutboxRow))]
        kept += [row.handle for row in session.scalars(select(AuthorRow))]
        if app.database.is_sqlite:
            found = session.execute(
                text("SELECT count(*) FROM mention_text WHERE mention_text MATCH 'canary7f3a'")
            )
            kept.append("canary7f3a" * int(found.scalar_one()))
    return " ".join([*kept, json.dumps(slack.messages)])


def standing(app: App, external_id: str = "1") -> tuple[str, datetime | None]:
    with app.database.read() as session:
        row = session.scalars(select(MentionRow).where(MentionRow.external_id == external_id)).one()
        return row.standing, row.standing_at


def test_a_deleted_post_is_nowhere_any_more_and_still_counted(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1", CANARY))
    deliver(app, NOW)
    assert "canary7f3a" in everywhere(app, slack)
    source.standings = {"1": Standing.GONE}

    assert twice(app) == Swept(checked=1, purged=1)
    deliver(app, LATER + HOUR)

    assert "canary7f3a" not in everywhere(app, slack)
    assert "ana_writes" not in everywhere(app, slack)
    assert "The post is gone from the platform" in json.dumps(slack.roots)
    with app.database.read() as session:
        (row,) = session.scalars(select(IncidentRow))
        assert (row.state, row.resolution) == ("resolved", "deleted")
        assert views.search(session, views.Filter()) == []
        counted = figures.posts(session, "Acme", since=NOW - DAY, until=NOW + DAY)
        assert [one.label for one in counted] == ["negative"]


def test_once_not_found_is_not_deleted(app: App, source: Remembering, slack: SlackDouble) -> None:
    live(app, mention("1", CANARY))
    source.standings = {"1": Standing.GONE}
    assert sweep.sweep(app, now=LATER) == Swept(checked=1)
    assert standing(app) == (Standing.ABSENT, LATER)
    assert sweep.sweep(app, now=LATER + 5 * MINUTE) == Swept(), "it is too soon to ask again"

    source.standings = {"1": Standing.THERE}
    assert sweep.sweep(app, now=LATER + 15 * MINUTE) == Swept(checked=1)

    assert standing(app)[0] == Standing.THERE
    assert "canary7f3a" in everywhere(app, slack)


def test_an_error_and_silence_are_no_deletion(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1", CANARY))
    twice(app)
    source.error = RemoteError("x: the service fails (503)")
    twice(app, since=LATER + HOUR)

    assert standing(app) == (Standing.THERE, None)
    assert "canary7f3a" in everywhere(app, slack)
    with app.database.read() as session:
        assert sources.states(session)["x (deletions)"].trouble == str(source.error)
    assert troubles.may_call(
        app.database, "x", now=LATER + HOUR, settings=app.config.sources["x"]
    ), "collecting goes on"


def test_a_hidden_account_is_shown_nowhere_until_it_is_back(app: App, source: Remembering) -> None:
    live(app, mention("1"))
    source.standings = {"1": Standing.HIDDEN}
    assert sweep.sweep(app, now=LATER) == Swept(checked=1, hidden=1)
    with app.database.read() as session:
        assert views.search(session, views.Filter()) == []

    source.standings = {"1": Standing.THERE}
    sweep.sweep(app, now=LATER + 13 * HOUR)
    with app.database.read() as session:
        (view,) = views.search(session, views.Filter())
        assert view.mention.text == "Acme is awful"


def test_every_post_is_asked_after_twice_in_the_time_its_source_gives(
    app: App, source: Remembering
) -> None:
    store(app, mention("1"), mention("2", published_at=NOW - 40 * DAY))
    source.standings = {"1": Standing.THERE, "2": Standing.THERE}
    for hour in range(24):
        sweep.sweep(app, now=NOW + hour * HOUR + MINUTE)
    assert source.rechecked == [["1"], ["1"]], "after 11 and 22 hours; the old one is left alone"


def test_no_more_is_asked_at_once_than_the_source_takes(app: App, source: Remembering) -> None:
    store(app, *(mention(str(n)) for n in range(7)))
    source.recheck_at_once = 3
    sweep.sweep(app, now=LATER)
    assert [len(one) for one in source.rechecked] == [3, 3, 1]


def test_of_several_posts_in_an_incident_only_the_deleted_one_goes(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1", CANARY))
    deliver(app, NOW)
    live(app, mention("2", "Acme is awful, still", conversation_id="1"), now=NOW + MINUTE)
    deliver(app, NOW + MINUTE)
    source.standings = {"1": Standing.THERE, "2": Standing.GONE}

    twice(app)
    deliver(app, LATER + HOUR)

    assert "still" not in everywhere(app, slack)
    assert "canary7f3a" in json.dumps(slack.roots)
    with app.database.read() as session:
        assert [row.state for row in session.scalars(select(IncidentRow))] == ["open"]


def test_a_message_that_has_not_left_never_leaves_with_the_words(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1", CANARY))
    source.standings = {"1": Standing.GONE}
    twice(app)
    deliver(app, LATER + HOUR)
    assert slack.messages == []


def test_a_digest_that_quotes_it_is_drawn_anew(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1", CANARY), mention("2", "Acme is lovely, the lid is a joy", author=BEN))
    morning.send_due(app, now=NOW + 20 * HOUR)
    deliver(app, NOW + 20 * HOUR)
    assert "canary7f3a" in json.dumps(slack.messages)
    source.standings = {"1": Standing.GONE, "2": Standing.THERE}

    twice(app, since=NOW + 21 * HOUR)
    deliver(app, NOW + 22 * HOUR)

    assert "canary7f3a" not in everywhere(app, slack)
    assert "the lid is a joy" in json.dumps(slack.messages)


def test_a_purged_post_does_not_come_back(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1", CANARY))
    source.standings = {"1": Standing.GONE}
    twice(app)
    live(app, mention("1", CANARY + " edited", edited_at=NOW), now=LATER + HOUR)
    assert "canary7f3a" not in everywhere(app, slack)


@pytest.mark.parametrize("how", ["drop", "500", "refuse"])
def test_taking_back_is_tried_until_slack_has_done_it(
    app: App, source: Remembering, slack: SlackDouble, how: str
) -> None:
    live(app, mention("1", CANARY))
    deliver(app, NOW)
    source.standings = {"1": Standing.GONE}
    twice(app)
    slack.fail_next(how, method="chat.update")
    deliver(app, LATER + HOUR)
    deliver(app, LATER + 2 * HOUR)
    assert "canary7f3a" not in json.dumps(slack.messages)

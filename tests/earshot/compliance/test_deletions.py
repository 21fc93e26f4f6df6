"""What was deleted on its platform is taken back from the store, the outbox and Slack."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text, update

from domain.errors import RemoteError
from domain.mention import Author, Standing
from earshot.alerting import delivery
from earshot.compliance import deletions, redaction
from earshot.compliance.deletions import RecheckCounts
from earshot.core import circuit_breaker
from earshot.core.app import App
from earshot.reporting import digest_schedule
from earshot.reporting.digest_facts import digest_of
from listener.source import BatchLostError
from listener.sources.x.settings import XSettings
from listener.sources.x.source import XSource
from storage import deliveries, incident_events, metrics, source_state, undelivered, views
from storage.tables import AuthorRow, IncidentRow, MentionRow, OutboxRow
from tests.alerts.slack_double import Call, Failure, SlackDouble
from tests.earshot.world import (
    BEN,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    Clock,
    Feed,
    day,
    live,
    mention,
    messages_of,
    store,
    with_sources,
)
from tests.net.replay import Answer, serve

CANARY = "Acme is awful, canary7f3a, it leaks since the first morning"
LATER = NOW + 13 * HOUR
AFTER = {"conversation_id": "1"}  # it goes on where the first one began


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


@dataclass
class Ordering(Feed):
    """A source that is told of many posts at once and says later what has become of them."""

    made: dict[str, Sequence[str]] = field(default_factory=dict)  # what the network has, by name
    gone: set[str] = field(default_factory=set)
    ready: bool = True
    dies: bool = False  # once the network has the order
    error: RemoteError | None = None
    fetches: int = 0
    batch_limit: int = 100

    def submit(self, external_ids: Sequence[str], *, name: str, now: datetime) -> dict[str, str]:
        del now
        self.made.setdefault(name, external_ids)
        if self.dies:
            raise DiedError
        if self.error is not None:
            raise self.error
        return {"job": name}

    def poll(
        self, receipt: Mapping[str, str], external_ids: Sequence[str], *, now: datetime
    ) -> Mapping[str, Standing] | None:
        del now
        self.fetches += 1
        if self.error is not None:
            raise self.error
        assert list(self.made[receipt["job"]]) == list(external_ids)
        said = {one: Standing.GONE if one in self.gone else Standing.THERE for one in external_ids}
        return said if self.ready else None


class DiedError(RuntimeError):
    """The process ends here."""


class SlowSlack(SlackDouble):
    """Takes its time to answer: once, something else happens meanwhile."""

    meanwhile: Callable[[], object] | None = None

    def answer(self, call: Call) -> tuple[Failure | None, dict[str, Any]]:
        done = super().answer(call)
        if self.meanwhile is not None:
            happen, self.meanwhile = self.meanwhile, None
            happen()
        return done


@pytest.fixture
def slack() -> Iterator[SlowSlack]:
    with SlowSlack() as double:
        double.base = int(NOW.timestamp())
        yield double


@pytest.fixture
def source(app: App) -> Remembering:
    made = Remembering("x")
    with_sources(app, made)
    return made


@pytest.fixture
def ordering(app: App) -> Ordering:
    made = Ordering("x")
    with_sources(app, made)
    return made


def deliver(app: App, at: datetime) -> None:
    clock = Clock(at)
    for _ in range(3):  # the first sends what is due, the others find what it has left
        delivery.notify(app, clock=clock, wait=clock.wait)


def twice(app: App, *, since: datetime = LATER) -> RecheckCounts:
    """The check that misses a post and the one that makes sure."""
    deletions.recheck(app, now=since)
    return deletions.recheck(app, now=since + 15 * MINUTE)


def everywhere(app: App, slack: SlackDouble) -> str:
    """Every text in the database and in Slack."""
    with app.database.read() as session:
        rows = session.scalars(select(MentionRow)).all()
        kept = [f"{row.text} {row.url}" for row in rows]
        kept += [
            json.dumps([row.payload, row.numbers]) for row in session.scalars(select(OutboxRow))
        ]
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

    assert twice(app) == RecheckCounts(checked=1, purged=1)
    deliver(app, LATER + HOUR)

    assert "canary7f3a" not in everywhere(app, slack)
    assert "ana_writes" not in everywhere(app, slack)
    assert "The post is gone from the platform" in json.dumps(slack.roots)
    with app.database.read() as session:
        (row,) = session.scalars(select(IncidentRow))
        assert (row.state, row.resolution) == ("resolved", "deleted")
        assert views.search(session, views.Filter()) == []
        counted = metrics.posts(session, "Acme", since=NOW - DAY, until=NOW + DAY)
        assert [one.label for one in counted] == ["negative"]


def test_once_not_found_is_not_deleted(app: App, source: Remembering, slack: SlackDouble) -> None:
    live(app, mention("1", CANARY))
    source.standings = {"1": Standing.GONE}
    assert deletions.recheck(app, now=LATER) == RecheckCounts(checked=1)
    assert standing(app) == (Standing.ABSENT, LATER)
    assert deletions.recheck(app, now=LATER + 5 * MINUTE) == RecheckCounts(), (
        "it is too soon to ask again"
    )

    source.standings = {"1": Standing.THERE}
    assert deletions.recheck(app, now=LATER + 15 * MINUTE) == RecheckCounts(checked=1)

    assert standing(app)[0] == Standing.THERE
    assert "canary7f3a" in everywhere(app, slack)


def test_an_error_and_silence_are_no_deletion(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1", CANARY))
    twice(app)
    source.error = RemoteError("x: the service fails (503)")
    twice(app, since=LATER + 12 * HOUR)

    assert standing(app) == (Standing.THERE, None)
    assert "canary7f3a" in everywhere(app, slack)
    with app.database.read() as session:
        assert source_state.states(session)["x (deletions)"].trouble == str(source.error)
    assert circuit_breaker.allows(
        app.database, "x", now=LATER + 12 * HOUR, settings=app.config.sources["x"]
    ), "collecting goes on"


def test_a_hidden_account_is_shown_nowhere_until_it_is_back(app: App, source: Remembering) -> None:
    live(app, mention("1"))
    source.standings = {"1": Standing.HIDDEN}
    assert deletions.recheck(app, now=LATER) == RecheckCounts(checked=1, hidden=1)
    with app.database.read() as session:
        assert views.search(session, views.Filter()) == []

    source.standings = {"1": Standing.THERE}
    deletions.recheck(app, now=LATER + 13 * HOUR)
    with app.database.read() as session:
        (view,) = views.search(session, views.Filter())
        assert view.mention.text == "Acme is awful"


def test_every_post_is_asked_after_twice_in_the_time_its_source_gives(
    app: App, source: Remembering
) -> None:
    store(app, mention("1"), mention("2", published_at=NOW - 40 * DAY))
    source.standings = {"1": Standing.THERE, "2": Standing.THERE}
    for hour in range(24):
        deletions.recheck(app, now=NOW + hour * HOUR + MINUTE)
    assert source.rechecked == [["1"], ["1"]], "after 11 and 22 hours; the old one is left alone"


def test_no_more_is_asked_at_once_than_the_source_takes(app: App, source: Remembering) -> None:
    store(app, *(mention(str(n)) for n in range(7)))
    source.recheck_at_once = 3
    deletions.recheck(app, now=LATER)
    assert [len(one) for one in source.rechecked] == [3, 3, 1]


def test_what_nothing_is_said_of_does_not_keep_the_rest_from_being_asked_after(
    app: App, source: Remembering
) -> None:
    store(app, *(mention(str(n)) for n in range(deletions.CALLS + 1)))
    source.recheck_at_once = 1
    deletions.recheck(app, now=LATER)
    deletions.recheck(app, now=LATER + 15 * MINUTE)
    assert [str(deletions.CALLS)] in source.rechecked


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
    digest_schedule.send_due(app, now=NOW + 20 * HOUR)
    deliver(app, NOW + 20 * HOUR)
    assert "canary7f3a" in json.dumps(slack.messages)
    source.standings = {"1": Standing.GONE, "2": Standing.THERE}

    twice(app, since=NOW + 21 * HOUR)
    deliver(app, NOW + 22 * HOUR)

    assert "canary7f3a" not in everywhere(app, slack)
    assert "the lid is a joy" in json.dumps(slack.messages)


def test_of_several_threads_only_the_one_that_quotes_it_is_emptied(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1", CANARY))
    for number in (2, 3):
        at = NOW + number * MINUTE
        live(app, mention(str(number), f"Acme is awful, still {number}", **AFTER), now=at)
        deliver(app, at)
    source.standings = {"1": Standing.THERE, "2": Standing.GONE, "3": Standing.THERE}

    twice(app)
    deliver(app, LATER + HOUR)

    assert "still 2" not in everywhere(app, slack)
    threads = [one for one in slack.messages if one.get("thread_ts")]
    assert len(threads) == 2
    assert sum("still 3" in json.dumps(one) for one in threads) == 1
    assert sum("The post is gone" in json.dumps(one) for one in threads) == 1


def test_a_thread_of_which_it_is_not_known_what_it_quotes_is_emptied(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1", CANARY), mention("2", "Acme is awful, still", **AFTER))
    deliver(app, NOW)
    with app.database.begin() as session:
        unknown = {"quotes": None, "about": {"mention_id": None}}
        session.execute(update(OutboxRow).values(**unknown))
    source.standings = {"1": Standing.GONE, "2": Standing.THERE}

    twice(app)
    deliver(app, LATER + HOUR)

    [thread] = [one for one in slack.messages if one.get("thread_ts")]
    assert "The post is gone" in json.dumps(thread)


def test_the_clock_is_that_of_the_post_that_is_left(app: App, source: Remembering) -> None:
    live(app, mention("1", CANARY))
    live(app, mention("2", published_at=NOW, **AFTER), now=NOW)
    source.standings = {"1": Standing.GONE, "2": Standing.THERE}
    twice(app)
    with app.database.read() as session:
        (row,) = session.scalars(select(IncidentRow))
        assert (row.posted_at, row.due_at) == (NOW, NOW + 4 * HOUR)
        assert incident_events.of(session, row.id)[-1].note == "mention 1"


def test_words_taken_back_while_their_message_is_on_its_way_do_not_stay(
    app: App, source: Remembering, slack: SlowSlack
) -> None:
    live(app, mention("1", CANARY))
    source.standings = {"1": Standing.GONE}
    slack.meanwhile = lambda: twice(app)

    deliver(app, NOW + MINUTE)
    deliver(app, LATER + HOUR)

    assert "canary7f3a" not in everywhere(app, slack)


def digest_of_three(app: App) -> None:
    live(
        app,
        mention("1", CANARY),
        mention("2", "Acme is lovely, the lid is a joy", author=BEN),
        mention("3", "Acme is lovely, so quiet", author=Author("503", "cleo")),
    )
    digest_schedule.send_due(app, now=NOW + 20 * HOUR)
    deliver(app, NOW + 20 * HOUR)


def test_one_deletion_after_another_leaves_the_rest_of_a_digest(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    digest_of_three(app)
    for number in ("1", "2"):
        source.standings[number] = Standing.GONE
        twice(app, since=NOW + 13 * HOUR * (int(number) + 1))
        deliver(app, NOW + 13 * HOUR * (int(number) + 1) + HOUR)

    shown = everywhere(app, slack)
    assert "canary7f3a" not in shown
    assert "the lid is a joy" not in shown
    assert "so quiet" in json.dumps(slack.messages)


def test_two_deletions_of_one_moment_are_both_done(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    digest_of_three(app)
    with app.database.begin() as session:
        redaction.take_back(session, app, [1], now=LATER)
    deliver(app, LATER)
    with app.database.begin() as session:
        redaction.take_back(session, app, [2], now=LATER)
    deliver(app, LATER)
    assert "the lid is a joy" not in everywhere(app, slack)
    assert "so quiet" in json.dumps(slack.messages)
    assert source.rechecked == []


def test_a_digest_that_does_not_show_it_is_left_alone(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    digest_of_three(app)
    live(app, mention("4", "Acme", published_at=NOW), now=NOW)
    source.standings = {"4": Standing.GONE}
    twice(app, since=NOW + 21 * HOUR)
    with app.database.read() as session:
        assert [one for one in deliveries.waiting(session) if one.delivery.stale] == []
    assert "canary7f3a" in everywhere(app, slack)


def test_a_digest_of_which_it_is_not_known_what_it_shows_is_drawn_anew(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    digest_of_three(app)
    with app.database.begin() as session:
        session.execute(update(OutboxRow).values(quotes=None))
    source.standings = {"1": Standing.GONE}
    twice(app, since=NOW + 21 * HOUR)
    deliver(app, NOW + 22 * HOUR)
    assert "canary7f3a" not in everywhere(app, slack)
    assert "the lid is a joy" in json.dumps(slack.messages)


def test_a_digest_sent_by_hand_is_drawn_anew(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1", CANARY), mention("2", "Acme is lovely, the lid is a joy", author=BEN))
    at = NOW + 20 * HOUR
    with app.database.read() as session:
        made = digest_of(session, app.config.brands[0], day("2026-11-21"), app.config, now=at)
    delivery.send_now(app, digest_schedule.manual(app, made), now=at)
    assert "canary7f3a" in json.dumps(slack.messages)
    source.standings = {"1": Standing.GONE, "2": Standing.THERE}

    twice(app, since=NOW + 21 * HOUR)
    deliver(app, NOW + 22 * HOUR)

    assert "canary7f3a" not in everywhere(app, slack)
    assert "the lid is a joy" in json.dumps(slack.messages)


@pytest.mark.parametrize(
    ("how", "state"),
    [("channel_not_found", "skipped"), ("refuse", "ambiguous"), ("drop", "ambiguous")],
)
def test_a_digest_by_hand_that_does_not_arrive_is_not_sent_later_unless_it_may_have(
    app: App, slack: SlackDouble, how: str, state: str
) -> None:
    with app.database.read() as session:
        made = digest_of(session, app.config.brands[0], day("2026-11-21"), app.config, now=NOW)
    slack.fail_next(how, method="chat.postMessage")
    with pytest.raises(RemoteError):
        delivery.send_now(app, digest_schedule.manual(app, made), now=NOW)
    with app.database.read() as session:
        assert [row.state for row in session.scalars(select(OutboxRow))] == [state]


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


# -- by order


def test_what_the_network_itself_calls_deleted_is_gone_at_the_first_word(
    app: App, ordering: Ordering, slack: SlackDouble
) -> None:
    live(app, mention("1", CANARY), mention("2"))
    deliver(app, NOW)
    ordering.gone, ordering.ready = {"1"}, False

    assert deletions.recheck(app, now=LATER) == RecheckCounts(), "it is ordered"
    assert deletions.recheck(app, now=LATER + 15 * MINUTE) == RecheckCounts(), (
        "it is not answered yet"
    )
    ordering.ready = True
    assert deletions.recheck(app, now=LATER + 30 * MINUTE) == RecheckCounts(checked=2, purged=1)
    deliver(app, LATER + HOUR)

    assert "canary7f3a" not in everywhere(app, slack)
    assert standing(app, "2")[0] == Standing.THERE
    assert list(ordering.made) == ["earshot 2026-11-21T01:00:00Z"]


def test_all_are_asked_after_in_one_order_twice_a_day(app: App, ordering: Ordering) -> None:
    store(app, mention("1"), mention("2", published_at=NOW - 40 * DAY))
    store(app, mention("3"), now=LATER - MINUTE)
    for hour in range(24):
        deletions.recheck(app, now=LATER + hour * HOUR)
    assert list(ordering.made.values()) == [["1", "3"]] * 3, "after 0, 11 and 22 hours"
    assert ordering.fetches == 3


def test_more_than_one_order_holds_go_into_the_next_at_once(app: App, ordering: Ordering) -> None:
    store(app, *(mention(str(n)) for n in range(5)))
    ordering.batch_limit = 3
    for quarter in range(40):
        deletions.recheck(app, now=LATER + quarter * 15 * MINUTE)
    assert list(ordering.made.values()) == [["0", "1", "2"], ["3", "4"]], "and that is all of them"
    deletions.recheck(app, now=LATER + 11 * HOUR)
    assert list(ordering.made.values())[2:] == [["0", "1", "2"]], "until it is time again"


def test_an_order_outlives_its_process(app: App, ordering: Ordering) -> None:
    live(app, mention("1"))
    deletions.recheck(app, now=LATER)
    with_sources(app, Ordering("x", made=ordering.made, gone={"1"}))
    assert deletions.recheck(app, now=LATER + 15 * MINUTE) == RecheckCounts(checked=1, purged=1)
    assert len(ordering.made) == 1


def test_who_dies_before_the_receipt_is_kept_orders_under_the_same_name(
    app: App, ordering: Ordering
) -> None:
    live(app, mention("1"))
    ordering.dies, ordering.gone = True, {"1"}
    with pytest.raises(DiedError):
        deletions.recheck(app, now=LATER)
    ordering.dies = False
    store(app, mention("2"), now=LATER)

    assert deletions.recheck(app, now=LATER + 15 * MINUTE) == RecheckCounts()
    assert deletions.recheck(app, now=LATER + 30 * MINUTE) == RecheckCounts(checked=1, purged=1)
    assert list(ordering.made.values()) == [["1"]], "not with what has come since"


def test_an_order_that_fails_is_told_and_made_again_after_its_pause(
    app: App, ordering: Ordering, slack: SlackDouble
) -> None:
    live(app, mention("1", CANARY))
    ordering.error = RemoteError("x: the service fails (503)")
    deletions.recheck(app, now=LATER)
    with app.database.read() as session:
        assert source_state.states(session)["x (deletions)"].trouble == str(ordering.error)
    ordering.error = None
    deletions.recheck(app, now=LATER + 15 * MINUTE)
    ordering.error = RemoteError("x: no whole answer came")
    deletions.recheck(app, now=LATER + 30 * MINUTE)

    assert "canary7f3a" in everywhere(app, slack)
    assert len(ordering.made) == 1
    ordering.error = None
    assert deletions.recheck(app, now=LATER + 45 * MINUTE) == RecheckCounts(checked=1)
    with app.database.read() as session:
        assert source_state.states(session)["x (deletions)"].trouble == ""


def test_a_lost_order_is_made_anew(app: App, ordering: Ordering) -> None:
    live(app, mention("1"))
    deletions.recheck(app, now=LATER)
    ordering.error = BatchLostError("x: the compliance job has failed")
    deletions.recheck(app, now=LATER + 15 * MINUTE)
    ordering.error = None
    deletions.recheck(app, now=LATER + 30 * MINUTE)
    assert deletions.recheck(app, now=LATER + 45 * MINUTE) == RecheckCounts(checked=1)
    assert len(ordering.made) == 2


def test_an_order_that_is_never_answered_is_given_up_after_a_day(
    app: App, ordering: Ordering
) -> None:
    live(app, mention("1"))
    ordering.ready = False
    for hour in range(25):
        deletions.recheck(app, now=LATER + hour * HOUR)
    assert list(ordering.made) == [
        "earshot 2026-11-21T01:00:00Z",
        "earshot 2026-11-22T01:00:00Z",
    ]


def test_what_is_forgotten_meanwhile_is_not_asked_for(app: App, ordering: Ordering) -> None:
    live(app, mention("1"))
    deletions.recheck(app, now=LATER)
    with app.database.begin() as session:
        session.execute(text("DELETE FROM mention"))
    ordering.made[next(iter(ordering.made))] = []
    assert deletions.recheck(app, now=LATER + 15 * MINUTE) == RecheckCounts()


def test_a_job_on_x_whose_answer_is_lost_is_found_again_by_its_name(app: App) -> None:
    post_id = "1991450000000000001"
    live(app, mention(post_id))
    name = "earshot 2026-11-21T01:00:00Z"
    at_x = "https://api.x.com/2/compliance/jobs/77/"
    job = {"id": "77", "name": name, "upload_url": f"{at_x}up", "download_url": f"{at_x}down"}
    with serve() as x:
        settings = {"bearer_token": "AAAA", "base_url": x.url}
        with_sources(app, XSource(XSettings.model_validate(settings)))  # type: ignore[arg-type]
        x.plan(Answer({"data": {**job, "status": "created"}}), Answer(reset=True))
        deletions.recheck(app, now=LATER)
        open_job = Answer({"data": [{**job, "status": "in_progress"}]})
        x.plan(Answer({"title": "Conflict"}, 409), open_job)
        deletions.recheck(app, now=LATER + 15 * MINUTE)
        deleted = {"id": post_id, "action": "delete", "reason": "deleted"}
        x.plan(Answer({"data": {**job, "status": "complete"}}), Answer(deleted))
        assert deletions.recheck(app, now=LATER + 30 * MINUTE) == RecheckCounts(checked=1, purged=1)
    with app.database.read() as session:
        [row] = session.scalars(select(MentionRow))
        assert (row.standing, post_id in row.external_id) == (Standing.GONE, False)


# --- where Slack refuses --------------------------------------------------------------------------

REFUSED = ["edit_window_closed", "cant_update_message", "is_inactive"]


def gone(app: App, source: Remembering, *ids: str) -> None:
    source.standings = {"1": Standing.THERE, "2": Standing.THERE} | dict.fromkeys(
        ids, Standing.GONE
    )
    twice(app)


@pytest.mark.parametrize("code", REFUSED)
def test_words_whose_edit_is_refused_are_deleted_in_slack(
    app: App, source: Remembering, slack: SlackDouble, code: str
) -> None:
    live(app, mention("1", CANARY))
    deliver(app, NOW)
    slack.fail_next(code, times=1000, method="chat.update")
    gone(app, source, "1")
    deliver(app, LATER + HOUR)

    assert "canary7f3a" not in everywhere(app, slack)
    assert slack.messages == []
    assert messages_of(app) == [("post", "removed")]


@pytest.mark.parametrize("code", ["cant_delete_message", "compliance_exports_prevent_deletion"])
def test_words_that_neither_go_nor_change_are_an_open_task_until_a_person_deletes_them(
    app: App, source: Remembering, slack: SlackDouble, code: str
) -> None:
    live(app, mention("1", CANARY))
    deliver(app, NOW)
    slack.fail_next("edit_window_closed", times=1000, method="chat.update")
    slack.fail_next(code, times=1000, method="chat.delete")
    gone(app, source, "1")
    for minutes in range(60, 120, 10):
        deliver(app, LATER + minutes * MINUTE)

    assert messages_of(app)[0] == ("post", "withdrawing")
    with app.database.read() as session:
        [standing_there] = undelivered.withdrawing(session)
    root = slack.roots[0]
    asked = [one for one in slack.messages if one.get("thread_ts") == root["ts"]]
    assert ["Please delete" in one["text"] for one in asked] == [True], "once"
    assert "canary7f3a" not in json.dumps(asked)

    slack.by_hand(str(standing_there.delivery.sent_ref))
    deliver(app, LATER + 3 * HOUR)
    assert "canary7f3a" not in json.dumps(slack.messages)
    assert messages_of(app)[0] == ("post", "removed")
    with app.database.read() as session:
        assert undelivered.withdrawing(session) == []


def test_a_reply_that_quotes_it_is_deleted_alone(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1", "Acme is awful"))
    deliver(app, NOW)
    live(app, mention("2", CANARY, conversation_id="1"), now=NOW + MINUTE)
    deliver(app, NOW + MINUTE)
    slack.fail_next("edit_window_closed", times=1000, method="chat.update")
    gone(app, source, "2")
    deliver(app, LATER + HOUR)
    assert "canary7f3a" not in json.dumps(slack.messages)


def test_an_incident_that_goes_on_says_so_in_the_thread_before_its_root_is_deleted(
    app: App, source: Remembering, slack: SlackDouble
) -> None:
    live(app, mention("1", CANARY))
    deliver(app, NOW)
    live(app, mention("2", "Acme is awful, still", conversation_id="1"), now=NOW + MINUTE)
    deliver(app, NOW + MINUTE)
    slack.fail_next("edit_window_closed", times=1000, method="chat.update")
    gone(app, source, "1")
    deliver(app, LATER + HOUR)

    assert "canary7f3a" not in json.dumps(slack.messages)
    assert [call.method for call in slack.calls].count("chat.delete") == 1
    assert slack.roots == [], "a tombstone stands in its place, and holds the thread"
    assert json.dumps(slack.messages).count("Acme is awful, still") >= 2
    posted = [call for call in slack.calls if call.method == "chat.postMessage"]
    assert sum("thread_ts" not in call.arguments for call in posted) == 1

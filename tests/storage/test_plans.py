"""The queries that run all the time use their indexes: nothing reads a whole table."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from domain.customer import Basis, Judgement, LinkState
from domain.incident import Incident, IncidentKind, Severity, State
from domain.listing import Role, Stage
from storage import (
    answers,
    authors,
    clocks,
    customer_mentions,
    customers,
    deletions,
    deliveries,
    escalation_steps,
    escalations,
    incident_customers,
    incidents,
    leads,
    link_ledger,
    link_rules,
    link_work,
    linked_posts,
    listings,
    mention_orders,
    mentions,
    metrics,
    noise,
    opinions,
    order_list,
    orders,
    outbox,
    persons,
    presses,
    ranking,
    segments,
    stories,
    undelivered,
    views,
)
from storage.engine import Database
from storage.ranking import Wanted
from storage.views import Filter
from tests.storage.made import DAY, NOW, OWN, author_of, customer, mention, store
from tests.storage.test_answers import reply

SINCE = NOW - 30 * DAY
BIG = (
    *("mention", "mention_brand", "mention_score", "correction", "author", "incident", "outbox"),
    *("customer", "escalation_step", "incident_clock", "link", "link_judgement"),
    *("customer_order", "mention_order", "customer_valuation", "customer_currency_value"),
)
INCIDENT = Incident(
    id=9,
    kind=IncidentKind.COMPLAINT,
    key="complaint:Acme:x:501:1",
    brand="Acme",
    rule="vip",
    severity=Severity.HIGH,
    state=State.OPEN,
    posted_at=NOW,
    opened_at=NOW,
    due_at=NOW + DAY,
)
Query = Callable[[Session], object]


@pytest.fixture
def filled(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    (tmp_path / "earshot.db").write_bytes(sqlite_template.read_bytes())
    made = Database(f"sqlite:///{tmp_path}/earshot.db")
    with made.begin() as session:
        store(session, mention("1", conversation_id="1"), mention("2", parent_id="1"))
        store(session, reply("r", "2"), roles=OWN)
        customers.save(session, [customer()], now=NOW)
        verdict = Judgement(1, LinkState.CONFIRMED, 0.9, Basis.HANDLE_ON_FILE, ())
        link_rules.judge(session, {author_of(session, "501").id: [verdict]}, now=NOW)
    yield made
    made.close()


def plans(database: Database, query: Query) -> list[str]:
    """What SQLite does for each statement of the query, as EXPLAIN QUERY PLAN says it."""
    asked: list[tuple[str, Any]] = []

    def note(*args: Any) -> None:  # noqa: ANN401 -- any field
        asked.append((args[2], args[3]))

    with database.begin() as session:
        event.listen(database.engine, "before_cursor_execute", note)
        query(session)
        event.remove(database.engine, "before_cursor_execute", note)
        connection = session.connection()
        return [
            step[3]
            for statement, values in asked
            if not isinstance(values, list)  # of many rows each is found by its key
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]


def _about(session: Session) -> object:
    """As where a mention names an order that there may be."""
    mention_orders.learn(session, "hubspot", ["AH-100003"])
    mention_orders.save(session, {1: [("ah100003", False)]})
    mention_orders.unread(session, limit=500)
    return mention_orders.about(session, [1, 2])


def _due(session: Session) -> object:
    return deletions.due(
        session, "x", since=SINCE, checked_before=NOW, absent_before=NOW, limit=100
    )


@pytest.mark.parametrize(
    ("query", "index"),
    [
        pytest.param(
            lambda session: views.search(session, Filter(brand="Acme"), limit=100),
            "ix_mention_brand_listing",
            id="the newest of a brand",
        ),
        pytest.param(
            lambda session: views.search(session, Filter(brand="Acme", since=SINCE)),
            "ix_mention_brand_listing",
            id="a brand's last month",
        ),
        pytest.param(
            lambda session: views.search(session, Filter(), limit=100),
            "ix_mention_brand_newest",
            id="the newest of all",
        ),
        pytest.param(
            lambda session: customer_mentions.newest(session, [1, 2], limit=20),
            "ix_mention_author_id",
            id="a customer's newest",
        ),
        pytest.param(
            lambda session: customer_mentions.by_source(session, [1, 2]),
            "ix_mention_author_id",
            id="a customer's, by network",
        ),
        pytest.param(
            lambda session: customer_mentions.earlier(session, [1, 2], "Acme", before=NOW),
            "ix_mention_author_id",
            id="what a customer had written",
        ),
        pytest.param(
            lambda session: customer_mentions.accounts(session, 1),
            "ix_link_customer_id",
            id="a customer's accounts",
        ),
        pytest.param(
            lambda session: order_list.of_person(session, 1),
            "ix_customer_order_customer_id",
            id="a customer's orders",
        ),
        pytest.param(
            lambda session: incidents.of_customer(session, [1, 2]),
            "ix_incident_customer_id",
            id="a customer's incidents",
        ),
        pytest.param(
            lambda session: views.search(session, Filter(customer_id=1), limit=100),
            "ix_mention_author_id",
            id="of a customer",
        ),
        pytest.param(
            lambda session: views.search(session, Filter(ids=[1, 2], roles=(Role.BRAND,))),
            "PRIMARY KEY",
            id="by id",
        ),
        pytest.param(
            lambda session: views.search(session, Filter(search="awful"), limit=100),
            "mention_text VIRTUAL TABLE INDEX",
            id="by words",
        ),
        pytest.param(
            lambda session: listings.waiting(session, Stage.COLLECTED, limit=256),
            "ix_mention_brand_work",
            id="what waits for a step",
        ),
        pytest.param(
            lambda session: listings.waiting(session, Stage.COLLECTED, limit=256, quiet=True),
            "ix_mention_brand_work",
            id="history that waits",
        ),
        pytest.param(
            lambda session: listings.move(
                session, listings.waiting(session, Stage.COLLECTED, limit=9), Stage.SCORED
            ),
            "sqlite_autoindex_mention_brand_1",
            id="moving on",
        ),
        pytest.param(
            lambda session: store(session, mention("1"), mention("3")),
            "sqlite_autoindex_mention_1",
            id="storing",
        ),
        pytest.param(
            lambda session: store(session, mention("3"), mention("4")),
            "sqlite_autoindex_author_1",
            id="storing authors",
        ),
        pytest.param(
            lambda session: presses.stands_below(session, 9, "C0ALERTS/1.1"),
            "ix_outbox_ref",
            id="below which message it was pressed",
        ),
        pytest.param(
            lambda session: presses.incident_at(session, "C0ALERTS/1.1"),
            "ix_outbox_ref",
            id="below which message it was written",
        ),
        pytest.param(
            lambda session: answers.changed(session, since=SINCE),
            "ix_mention_brand_own",
            id="own replies",
        ),
        pytest.param(
            lambda session: answers.changed(session, since=SINCE),
            "ix_mention_brand_answered_by",
            id="what they are noted to answer",
        ),
        pytest.param(
            lambda session: clocks.between(session, "Acme", ["complaint"], since=SINCE, until=NOW),
            "ix_incident_brand_opened_at",
            id="the promises of a window",
        ),
        pytest.param(
            lambda session: answers.changed(session, since=SINCE),
            "sqlite_autoindex_mention_1",
            id="what is above them",
        ),
        pytest.param(
            lambda session: deliveries.waiting(session, due=NOW, here="slack", limit=1),
            "ix_outbox_waiting",
            id="the next message",
        ),
        pytest.param(
            lambda session: deliveries.waiting(session, due=NOW, here="slack", limit=1),
            "ix_outbox_stale",
            id="the next to draw anew",
        ),
        pytest.param(deletions.hiding, "ix_mention_doubted", id="what is not shown to us"),
        pytest.param(_due, "ix_mention_doubted", id="what is asked after whatever its age"),
        pytest.param(_due, "ix_mention_recheck", id="what is asked after"),
        pytest.param(
            lambda session: undelivered.backlog(session, now=NOW),
            "ix_outbox_waiting",
            id="the backlog",
        ),
        pytest.param(
            lambda session: deliveries.fresh(session, "slack", due=NOW, limit=21),
            "ix_outbox_waiting",
            id="who is not told yet",
        ),
        pytest.param(
            lambda session: incidents.opened_since(session, NOW, most=20),
            "ix_incident_opened_at",
            id="whether a storm goes on",
        ),
        pytest.param(
            lambda session: authors.conversations(
                session, "x", "1", "Acme", since=NOW - DAY, until=NOW, most=5
            ),
            "ix_mention_author_id_published_at",
            id="whether an author floods",
        ),
        pytest.param(
            lambda session: link_rules.expire(session, now=NOW),
            "ix_link_judgement_expires_at",
            id="links to end",
        ),
        pytest.param(
            lambda session: link_ledger.listing(session, person_id=1),
            "ix_link_customer_id",
            id="the links of a customer",
        ),
        pytest.param(
            lambda session: link_ledger.ended(session, after=7),
            "PRIMARY KEY",
            id="links that were taken back since",
        ),
        pytest.param(
            lambda session: link_ledger.history(session, 1),
            "ix_link_judgement_link_id",
            id="all that was decided of a link",
        ),
        pytest.param(
            lambda session: link_work.take(session, limit=500, now=NOW),
            "ix_author_unchecked",
            id="authors to check",
        ),
        pytest.param(
            _about, "sqlite_autoindex_customer_order_1", id="which orders a mention is about"
        ),
        pytest.param(_about, "ix_order_number_number", id="by the number that a buyer knows"),
        pytest.param(
            lambda session: incidents.newest_with_key(session, "k"),
            "ix_incident_key",
            id="the incident of a complaint",
        ),
        pytest.param(
            lambda session: metrics.posts(session, "Acme", since=SINCE, until=NOW),
            "ix_mention_brand_listing",
            id="how much was said",
        ),
        pytest.param(
            lambda session: opinions.opinions(session, "Acme", since=SINCE, until=NOW),
            "ix_mention_brand_listing",
            id="what the numbers rest on",
        ),
        pytest.param(
            lambda session: opinions.opinions(session, "Acme", since=SINCE, until=NOW),
            "ix_mention_story_id",
            id="which stories were told before",
        ),
        pytest.param(
            lambda session: opinions.opinions(session, "Acme", since=SINCE, until=NOW),
            "sqlite_autoindex_link_1",
            id="which of its authors are customers",
        ),
        pytest.param(
            lambda session: opinions.asked(session, "Acme", since=SINCE, until=NOW),
            "ix_mention_brand_listing",
            id="what was owed an answer",
        ),
        pytest.param(
            lambda session: opinions.asked(session, "Acme", since=SINCE, until=NOW),
            "ix_incident_mention_mention_id",
            id="what was decided of it",
        ),
        pytest.param(
            lambda session: opinions.waiting(session, "Acme", since=SINCE, until=NOW),
            "ix_mention_brand_listing",
            id="what of it is still to be scored",
        ),
        pytest.param(
            lambda session: views.search(session, Filter(brand="Acme", hidden=True), limit=100),
            "ix_mention_brand_hidden",
            id="what is hidden of a brand",
        ),
        pytest.param(
            lambda session: noise.hidden_between(session, "Acme", since=SINCE, until=NOW),
            "ix_mention_brand_hidden",
            id="why it is hidden",
        ),
        pytest.param(
            lambda session: noise.earlier(session, [1, 2], since=SINCE, until=NOW),
            "ix_mention_author_id",
            id="what authors wrote before",
        ),
        pytest.param(
            lambda session: stories.found(session, [1, 2]),
            "ix_mention_story_id",
            id="copies of a story",
        ),
        pytest.param(
            lambda session: incidents.of_story(session, 1, "Acme", ["complaint"]),
            "ix_mention_story_id",
            id="the incident of a story",
        ),
        pytest.param(
            lambda session: stories.tellers(session, 1),
            "ix_mention_story_id",
            id="who tells a story",
        ),
        pytest.param(
            lambda session: stories.leave(session, [1, 2]),
            "ix_mention_story_id",
            id="who is left of a story",
        ),
        pytest.param(
            lambda session: views.search(session, Filter(brand="Acme", stories=True), limit=100),
            "ix_mention_story_id",
            id="one of each story",
        ),
        pytest.param(
            lambda session: stories.assign(session, {1: [5]}, lambda *_: False, now=NOW),
            "PRIMARY KEY (mark=?)",
            id="who shares a mark",
        ),
        pytest.param(
            lambda session: mentions.forget_stored_before(session, "x", NOW - DAY),
            "ix_mention_kept",
            id="retention",
        ),
        pytest.param(
            lambda session: incident_customers.misidentified(session, ["complaint"]),
            "uq_incident_live_key",
            id="incidents whose links changed",
        ),
        pytest.param(
            lambda session: incident_customers.closed_follow_links(session, [1, 2]),
            "ix_incident_mention_mention_id",
            id="closed ones likewise",
        ),
        pytest.param(
            lambda session: outbox.fallen_due(session, ["complaint"], now=NOW),
            "uq_incident_live_key",
            id="promises that are broken",
        ),
        pytest.param(
            lambda session: incidents.earlier(session, INCIDENT, 1),
            "ix_incident_customer_id",
            id="how a customer's earlier incidents ended",
        ),
        pytest.param(
            lambda session: leads.buying_posts(session, ["Acme"], since=SINCE, until=NOW),
            "ix_mention_score_buying",
            id="what wants to buy",
        ),
        pytest.param(
            lambda session: leads.named(session, [1, 2]),
            "sqlite_autoindex_mention_brand_1",
            id="what it names beside the brand",
        ),
        pytest.param(
            lambda session: leads.persons_of(session, [1, 2]),
            "sqlite_autoindex_link_1",
            id="whom authors are linked with",
        ),
        pytest.param(
            lambda session: persons.holders(session, ["a@x.example"]),
            "ix_customer_email",
            id="who has an address",
        ),
        pytest.param(
            lambda session: persons.records(session, [1, 2]),
            "ix_customer_joined_to",
            id="the records of a person",
        ),
        pytest.param(
            lambda session: orders.of(session, [1, 2]),
            "ix_customer_joined_to",
            id="what a person bought",
        ),
        pytest.param(
            lambda session: ranking.ranked(session, Wanted(currency="EUR"), limit=100),
            "ix_customer_currency_value_currency_revenue_12m",
            id="who paid most in a currency",
        ),
        pytest.param(
            lambda session: segments.of(session, [1, 2]),
            "PRIMARY KEY",
            id="the segments of some customers",
        ),
        pytest.param(
            lambda session: linked_posts.posts(session, {1: 1, 2: 2}, ["Acme"]),
            "ix_mention_author_id_published_at",
            id="the posts of linked customers",
        ),
        pytest.param(
            lambda session: linked_posts.promises(session, {1: 1}, ["Acme"], ["complaint"]),
            "ix_mention_author_id_published_at",
            id="what was promised to linked customers",
        ),
        pytest.param(
            lambda session: escalations.due(session, now=NOW),
            "ix_escalation_step_pending",
            id="the reminders that are due",
        ),
        pytest.param(
            lambda session: escalations.moved(session, limit=500),
            "ix_incident_moved",
            id="incidents that have changed",
        ),
        pytest.param(
            lambda session: escalations.untold(session, [1, 2], together=""),
            "ix_outbox_incident_id",
            id="incidents without a first message",
        ),
        pytest.param(
            lambda session: escalation_steps.fired_since(session, NOW),
            "ix_escalation_step_fired_at",
            id="the reminders of late",
        ),
    ],
)
def test_it_uses_its_index(filled: Database, query: Query, index: str) -> None:
    steps = plans(filled, query)
    assert any(index in step for step in steps), steps
    whole = [f"SCAN {table}" for table in BIG]
    assert not [step for step in steps if step in whole], steps

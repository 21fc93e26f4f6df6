"""A link that was made and taken back leaves everything as if it had never been."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from io import StringIO
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from alerts.notifier import ConsoleNotifier
from domain.customer import CustomerRecord, LinkState, OrderRecord
from domain.incident import State
from domain.mention import Author
from earshot.alerting import answers, escalation
from earshot.config.load import load
from earshot.core.app import App
from earshot.reporting import publishing
from storage import customers, links, orders
from storage.tables import Base
from tests.conftest import BASIC
from tests.earshot.world import (
    ANA,
    DAY,
    HOUR,
    NOW,
    live,
    mention,
    reply,
    said,
    with_words,
    work,
)

UNREAD = """
[[alerts.rules]]
name = "unread"
unread = true
tiers = ["gold"]
answer_within = "8h"
"""
OTHERS = 9  # of whom the shop holds the handle; a tenth makes the customers' voice a number
TEN_DAYS = NOW + 10 * DAY
# What tells what was done, and when, is not as if it had not been done.
PAST = {"link", "link_judgement", "incident_event", "snapshot_voices"}
MOVES = {"version", "moved", "escalated_clock", "link_checked_at"}
Made = Callable[[str], App]


@pytest.fixture
def made(tmp_path: Path, sqlite_template: Path) -> Iterator[Made]:
    """Applications on databases of their own."""
    apps: list[App] = []

    def make(name: str) -> App:
        (tmp_path / f"{name}.db").write_bytes(sqlite_template.read_bytes())
        config = tmp_path / f"{name}.toml"
        config.write_text(f"database = 'sqlite:///{tmp_path}/{name}.db'\n{BASIC}\n{UNREAD}")
        apps.append(with_words(App(load(config), notifier=ConsoleNotifier(StringIO()))))
        return apps[-1]

    yield make
    for app in apps:
        app.close()


def world(app: App) -> None:
    """Ana is in the shop's books, without a handle; nine others are with theirs."""
    people = [CustomerRecord("shop", "ana", "Ana Ruiz")]
    people += [
        CustomerRecord("shop", str(n), f"Customer {n}", handles=(("x", f"author{n}"),))
        for n in range(OTHERS)
    ]
    bought = [
        OrderRecord(one.external_id, date(2026, 10, 1), Decimal(2000), "EUR") for one in people
    ]
    with app.database.begin() as session:
        customers.save(session, people, now=NOW)
        orders.save(session, "shop", bought)
    live(
        app,
        *(
            mention(f"c{n}", "Acme is lovely", author=Author(str(n), f"author{n}"))
            for n in range(32)
        ),
        now=NOW,
    )


def link_ana(app: App) -> int:
    with app.database.begin() as session:
        ana = links.find_author(session, "x", ANA.id)
        assert ana is not None
        return links.add(session, ana, 1, by="eva", now=NOW, evidence=["ticket 881"]).link.id


def ten_days(app: App, *, link: bool) -> int:
    """An open complaint, an answered one, one that nobody could read; each day is published."""
    world(app)
    live(app, mention("first", "Acme is fine"))
    link_id = link_ana(app) if link else 0
    live(app, *(mention(str(n)) for n in (1, 2)), mention("3", "Acme nan"))
    at = NOW + 2 * HOUR
    live(app, reply("4", to="2", published_at=at), now=at)
    for number in (1, 9):
        publishing.publish_due(app, at=NOW + number * DAY)
    return link_id


def tables(app: App) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, without what tells the past."""
    found: dict[str, list[dict[str, Any]]] = {}
    with app.database.read() as session:
        for table in Base.metadata.sorted_tables:
            rows = session.execute(select(table).order_by(*table.primary_key)).mappings()
            found[table.name] = [
                {name: value for name, value in row.items() if name not in MOVES} for row in rows
            ]
    return {name: rows for name, rows in found.items() if name not in PAST}


def shown(app: App) -> dict[str, object]:
    """All that anybody is shown: the tables, of numbers the newest revisions, and the messages.

    What was opened for the sake of the customer alone stands dismissed: it is no promise.
    """
    found: dict[str, Any] = tables(app)
    gone = {row["id"] for row in found["incident"] if row["state"] == State.DISMISSED}
    found["incident"] = [row for row in found["incident"] if row["id"] not in gone]
    for name in ("incident_clock", "incident_mention"):
        found[name] = [row for row in found[name] if row["incident_id"] not in gone]
    found["escalation_step"] = [
        row for row in found["escalation_step"] if row["state"] == "pending"
    ]
    found["setting"] = [row for row in found["setting"] if "links." not in row["key"]]
    found["snapshot"] = {
        (row["day"], row["kind"]): (row["payload"], json.loads(row["watermark"])["digest"])
        for row in sorted(found["snapshot"], key=itemgetter("revision"))
    }
    theirs = {f"incident:{one}:" for one in gone}
    found["outbox"] = {
        key: re.sub(r"version \d+", "", words)
        for key, words in said(app).items()
        if not any(key.startswith(one) for one in theirs)
    }
    return found


def test_what_was_taken_back_was_never_so(made: Made) -> None:
    never, once = made("never"), made("once")
    ten_days(never, link=False)
    link_id = ten_days(once, link=True)
    assert shown(once)["incident"] != shown(never)["incident"]

    with once.database.begin() as session:
        links.decide(session, link_id, LinkState.WITHDRAWN, by="eva", now=TEN_DAYS)
    for app in (never, once):
        work(app, now=TEN_DAYS)
        escalation.escalate(app, now=TEN_DAYS)
        answers.overdue(app, now=TEN_DAYS)
        publishing.publish_due(app, at=TEN_DAYS)

    assert {row["reason"] for row in tables(once)["snapshot"] if row["revision"] > 1} == {
        "1 link withdrawn",
        "1 incident dismissed, 1 link withdrawn",  # which was opened for the customer's sake
    }
    as_it_is, as_if = shown(once), shown(never)
    assert as_it_is.keys() == as_if.keys()
    assert {name for name in as_if if as_it_is[name] != as_if[name]} == set()

"""`customers loyalty`: the figures for people and for scripts."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from domain.customer import Basis, CustomerRecord, Judgement, LinkState, OrderRecord
from domain.incident import Action, Audit, Incident, IncidentKind, Resolution, Severity, State
from domain.listing import Role
from domain.mention import Author, Mention
from storage import clocks, customers, incidents, link_ledger, listings, mentions, orders
from storage.engine import Database
from storage.link_ledger import Entry
from storage.mentions import Listed
from storage.tables import AuthorRow, MentionRow
from tests.conftest import Furnish
from tests.earshot.cli.conftest import NOW, Cli

DAY = timedelta(days=1)
POSTED = NOW - 300 * DAY
CAUSAL = r"\b(because|due to|leads? to|causes?|improves?|thanks to|effects?|impact|loses?|wins?)\b"
ASKED, NEVER_ASKED = 32, 60  # customers; a quarter and a half of them order again


def build(database: Database) -> None:
    """Customers with an order each; those who asked were answered a day late."""
    names = [f"c{number}" for number in range(ASKED + NEVER_ASKED)]
    bought = [(name, 320, "30") for name in names]
    bought += [(name, 290, "10") for name in names[: ASKED // 4]]
    bought += [(name, 280, "20") for name in names[ASKED : ASKED + NEVER_ASKED // 2]]
    bought += [(names[0], 1, "7")]  # until then orders are known
    with database.begin() as session:
        customers.save(session, [CustomerRecord("shop", one, one) for one in names], now=NOW)
        rows = [
            OrderRecord(who, (NOW - ago * DAY).date(), Decimal(amount), "EUR", f"{who}-{ago}")
            for who, ago, amount in bought
        ]
        assert not orders.save(session, "shop", rows).refused
        posts = [
            Listed(
                Mention("x", one, "acme", POSTED, author=Author(f"u-{one}", one)),
                {"Acme": Role.BRAND},
                quiet=False,
            )
            for one in names
        ]
        mentions.add_new(session, posts, now=POSTED)
        ids = {row.external_id: row.id for row in session.scalars(select(MentionRow))}
        asks = {(ids[name], "Acme"): at < ASKED for at, name in enumerate(names)}
        listings.decided(session, asks)
        authors = {row.handle: row.id for row in session.scalars(select(AuthorRow))}
        link_ledger.write(
            session,
            [
                Entry(
                    authors[row.external_id],
                    Judgement(row.id, LinkState.CONFIRMED, 1.0, Basis.GIVEN, ()),
                    "mia",
                )
                for row in customers.every(session)
            ],
            now=NOW,
        )
        for name in names[:ASKED]:
            late = POSTED + DAY
            answered = Incident(
                id=0,
                kind=IncidentKind.COMPLAINT,
                key=name,
                brand="Acme",
                rule="negative",
                severity=Severity.NORMAL,
                state=State.RESOLVED,
                posted_at=POSTED,
                opened_at=POSTED,
                due_at=late - timedelta(minutes=1),
                answered_at=late,
                resolved_at=late,
                resolution=Resolution.REPLIED,
            )
            audit = Audit(0, 1, Action.OPENED, "rule:negative", POSTED, None, State.OPEN)
            stored = incidents.add(session, answered, audit)
            incidents.join(session, stored.id, ids[name])
            clocks.keep(session, replace(answered, id=stored.id))


@pytest.fixture
def shop(cli: Cli, furnish: Furnish) -> Cli:
    furnish("customer_loyalty", lambda: build(cli.app.database))
    return cli


def block(lines: list[str], title: str) -> dict[str, list[str]]:
    """The cells of each group below a title."""
    at = lines.index(title)
    rows = [re.split(r"\s{2,}", line) for line in lines[at + 2 : at + 7]]
    return {group: cells for group, *cells in rows}


def test_groups_stand_beside_each_other_as_they_are_and_matched(shop: Cli) -> None:
    lines = shop("customers", "loyalty").lines

    assert any(re.fullmatch(r"answered late +32", line) for line in lines)
    again = block(lines, "ordered again within 180 days")
    late, alike = again["answered late"], again["never asked"]
    assert late[0].startswith("25% (")
    assert late[0].endswith(" of 32")
    assert late[1] == late[0], "everybody was alike"
    assert late[2].startswith("50% (")
    assert late[2].endswith(" of ~60") or late[2].endswith(" of 60")
    assert alike == [late[2].replace("~", ""), "-", "-"]
    assert again["answered in time"] == ["-", "-", "-"]
    spent = block(lines, "EUR spent in the 180 days after")
    assert spent["answered late"][0].startswith("2.50 (")
    before = block(lines, "EUR spent in the 180 days before")
    assert before["answered late"][0] == "30.00 of 32", "all spent the same: there is no interval"


def test_it_says_that_it_does_not_say_why(shop: Cli) -> None:
    text = shop("customers", "loyalty").out
    assert "tell what was seen together, and not why" in text
    assert "without a known account nothing is seen" in text
    causal = (
        r"\b(because|due to|leads? to|causes?|improves?|thanks to|effect|impact|loses?|wins?)\b"
    )
    assert not re.search(causal, text, re.IGNORECASE)


def test_too_few_have_no_figure(shop: Cli) -> None:
    lines = shop("customers", "loyalty").lines
    silent = block(lines, "silent today, for longer than 3 x their own median gap")
    assert silent["answered late"][0] == "too few (8)", "who ordered on two days"
    figures = shop("customers", "loyalty", "--json").records[1]["silent"]["raw"]
    assert (figures["n"], figures["value"], figures["low"]) == (8, None, None)
    lately = shop("customers", "loyalty", "--since", "200d").lines
    assert "ordered again within 180 days: nobody's is known" in lately


def test_scripts_get_a_line_a_group(shop: Cli) -> None:
    records = shop("customers", "loyalty", "--brand", "acme", "--json").records

    assert [one["group"] for one in records] == [
        "in_time",
        "late",
        "never",
        "elsewhere",
        "never_asked",
    ]
    late = records[1]
    assert (late["brand"], late["customers"], late["pending"]) == ("Acme", 32, 0)
    assert late["repeat"]["raw"]["hits"] == 8
    assert late["repeat"]["alike"]["value"] == pytest.approx(0.5)
    assert (late["linked"], late["unlinked"]) == (92, 0)
    assert sum(late["left_out"].values()) == 0
    [euros] = late["spent"]
    assert euros["change"]["raw"]["value"] == pytest.approx(8 * 10 / 32 - 30)
    assert records[-1]["repeat"]["matched"] is None


def test_a_spreadsheet_gets_a_row_a_figure(shop: Cli) -> None:
    rows = list(csv.DictReader(io.StringIO(shop("customers", "loyalty", "--csv").out)))

    late = {(one["figure"], one["currency"]): one for one in rows if one["group"] == "late"}
    assert set(late) == {
        *((one, "") for one in ("repeat", "retention", "abandonment", "silent")),
        *((f"spent_{one}", "EUR") for one in ("before", "after", "change")),
    }
    record = shop("customers", "loyalty", "--json").records[1]
    assert float(late["repeat", ""]["alike.low"]) == record["repeat"]["alike"]["low"]
    assert json.loads(late["repeat", ""]["raw.hits"]) == 8


def test_only_posts_of_the_time_asked_for_count(shop: Cli) -> None:
    recent = shop("customers", "loyalty", "--since", "299d", "--json").records
    assert {one["customers"] for one in recent} == {0}
    assert recent[0]["left_out"]["no_promise"] == ASKED
    assert recent[0]["left_out"]["quiet"] == NEVER_ASKED
    assert "ordered again within 180 days: nobody's is known" in (
        shop("customers", "loyalty", "--since", "299d").lines
    )


def test_without_a_link_it_says_where_links_are_made(cli: Cli) -> None:
    ran = cli("customers", "loyalty")
    assert "no customer is linked with an account: see earshot links list" in ran.err
    assert "together" in ran.out


def test_one_format_is_chosen(cli: Cli) -> None:
    assert "not both" in cli("customers", "loyalty", "--json", "--csv", code=2).err

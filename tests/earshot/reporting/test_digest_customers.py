"""What a digest says of customers: daily who waits, on Mondays the lists, on the 1st loyalty."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from alerts.digest import digest_text
from crm.clv.valuing import value_customers
from domain.clock import local_day, parse_instant
from domain.customer import Amount, CustomerRecord, LinkState, OrderRecord
from domain.customer_lists import ListName
from domain.digest import Digest, ListNews
from domain.mention import Author
from domain.network import PUBLIC
from earshot.alerting import delivery
from earshot.core.app import App
from earshot.reporting import digest_lists, digest_numbers, digest_schedule
from earshot.reporting.digest_facts import digest_of
from storage import customers, link_ledger, links, orders, valuation_runs, valuations
from storage.tables import SnapshotRow
from tests.conftest import Made, MakeApp
from tests.earshot.world import ANA, BEN, DAY, HOUR, Clock, live, mention, with_words

MONDAY = parse_instant("2026-06-01T07:00Z")  # the first of a month, too
TODAY = date(2026, 6, 1)
CY = Author("cy", "cy_writes", "Cy Ode")


def bought(app: App, author: Author, *paid: tuple[int, str, str], permission: str = "yes") -> None:
    """Make an author a customer with orders: (days ago, amount, currency)."""
    handles = (("x", author.handle),)
    record = CustomerRecord("shop", author.id, author.name, handles=handles, permission=permission)
    rows = [
        OrderRecord(author.id, TODAY - timedelta(days=ago), Decimal(amount), currency)
        for ago, amount, currency in paid
    ]
    with app.database.begin() as session:
        customers.save(session, [record], now=MONDAY - 400 * DAY)
        assert not orders.save(session, "shop", rows).refused


def valued(app: App, on: date = TODAY) -> None:
    with app.database.begin() as session:
        run = valuation_runs.begin(session)
        found = list(valuations.purchases(session))
    valuations.store(app.database, run, *value_customers(found, today=on, years=3))


def made_on(app: App, day: date, now: datetime = MONDAY) -> Digest:
    with app.database.read() as session:
        return digest_of(session, app.config.brands[0], day, app.config, now=now)


def names(digest: Digest) -> list[str]:
    return [one.customer.name for one in digest.waiting_customers]


@pytest.fixture
def made(make_app: MakeApp) -> Made:
    """Ana, Ben and Cy wait; Dee's network links nobody."""
    found = make_app()
    app = with_words(found.app)
    bought(app, ANA, (5, "70", "EUR"), (35, "80", "EUR"), (80, "9", "EUR"))
    bought(app, BEN, (5, "900", "EUR"), (40, "-100", "EUR"))
    bought(app, CY, (5, "20", "USD"))
    valued(app)
    live(
        app,
        mention("1", published_at=MONDAY - 9 * HOUR, author=ANA),
        mention("2", published_at=MONDAY - 5 * HOUR, author=BEN),
        mention("3", published_at=MONDAY - 3 * HOUR, author=BEN),
        mention("4", published_at=MONDAY - 4 * HOUR, author=CY),
        mention("5", source="reddit", published_at=MONDAY - HOUR, author=Author("d", "dee")),
        now=MONDAY - HOUR / 2,
    )
    return found


def test_who_waits_stands_by_value_and_how_much_of_it_is_known(made: Made) -> None:
    digest = made_on(made.app, TODAY)

    assert names(digest) == [BEN.name, CY.name, ANA.name], "the first of each currency first"
    ben = digest.waiting_customers[0]
    assert ben.since == MONDAY - 5 * HOUR, "his oldest"
    assert ben.customer.segment == "occasional"
    assert digest.at_risk is not None
    risk, ana = digest.at_risk, digest.waiting_customers[2].customer
    assert {(one.currency, one.segment.value): one.revenue_12m for one in risk.rows} == {
        ("EUR", "occasional"): 800,
        ("EUR", ana.segment): 159,
        ("USD", "occasional"): 20,
    }
    assert (risk.mentions, risk.linkable, risk.linked, risk.customers) == (5, 4, 4, 3)
    told = " ".join(digest_text(digest, PUBLIC).split())
    assert f"{BEN.name} · silver: EUR 800 in 12 months, occasional segment, 5 h waiting" in told
    assert "5 mentions wait: 4 on networks where an author may be linked" in told


def test_who_paid_nothing_lately_waits_last_in_the_list(made: Made) -> None:
    eve, fay = Author("e", "eve_writes", "Eve Ohm"), Author("f", "fay_writes", "Fay Poe")
    bought(made.app, eve)
    bought(made.app, fay, (500, "70", "EUR"))
    live(
        made.app,
        mention("6", published_at=MONDAY - 9 * HOUR, author=eve),
        mention("7", published_at=MONDAY - 9 * HOUR, author=fay),
        now=MONDAY - HOUR / 2,
    )
    digest = made_on(made.app, TODAY)
    assert names(digest) == [BEN.name, CY.name, ANA.name, eve.name, fay.name]


def test_who_waits_is_named_as_known_when_the_digest_is_sent(made: Made) -> None:
    app = made.app
    assert digest_schedule.send_due(app, now=MONDAY) == 1
    with app.database.begin() as session:
        (cy,) = [one for one in link_ledger.listing(session) if one.customer.name == CY.name]
        links.decide(session, cy.link.id, LinkState.WITHDRAWN, by="eva", now=MONDAY)
        renamed = CustomerRecord("shop", BEN.id, "Benno Q", handles=(("x", BEN.handle),))
        customers.save(session, [renamed], now=MONDAY)
    clock = Clock(MONDAY)
    delivery.notify(app, clock=clock, wait=clock.wait)

    section = made.printed.getvalue().partition("Customers who wait")[2].partition("Lists")[0]
    assert "Benno Q" in section
    assert ANA.name in section
    assert CY.name not in section


def test_a_digest_that_a_former_release_stored_is_read(made: Made) -> None:
    json = digest_numbers.keep(made_on(made.app, TODAY))
    del json["customers"]
    for name in ("waiting_customers", "at_risk", "lists", "loyalty", "first_orders"):
        del json["numbers"][name]

    kept = digest_numbers.read(json)

    assert (kept.customers, kept.numbers.at_risk, kept.numbers.lists) == ((), None, None)


# --- Mondays --------------------------------------------------------------------------------------


def told(news: ListNews | None) -> dict[ListName, tuple[int, int, int]]:
    assert news is not None
    return {one.name: (one.total, one.joined, one.left) for one in news.changes}


def monday(app: App, weeks: int) -> ListNews | None:
    """What the digest of that Monday says of the lists, once it was owed."""
    now = MONDAY + weeks * 7 * DAY
    valued(app, now.date())
    digest_schedule.send_due(app, now=now)
    return made_on(app, now.date(), now).lists


def kept(app: App) -> list[set[str]]:
    with app.database.read() as session:
        rows = session.scalars(
            select(SnapshotRow)
            .where(SnapshotRow.kind == digest_lists.KIND)
            .order_by(SnapshotRow.day)
        )
        return [set(row.payload) for row in rows]


def test_mondays_tell_what_changed_in_the_lists(made: Made) -> None:
    app = made.app
    gone = Author("gone", "gone_away", "Gil")
    bought(app, gone, *((ago, "30", "EUR") for ago in (400, 370, 340, 310)))

    first = monday(app, 0)
    assert first is not None
    assert first.since is None
    assert {(joined, left) for _, joined, left in told(first).values()} == {(0, 0)}
    before = told(first)[ListName.LOST]

    away = Author("away", "away_too", "Ada")
    bought(app, away, *((ago, "25", "EUR") for ago in (330, 300, 270, 240)))
    second = monday(app, 1)
    assert second is not None
    assert second.since == TODAY
    (lost,) = [one for one in second.changes if one.name is ListName.LOST]
    assert (lost.total, lost.joined, lost.left) == (before[0] + 1, 1, 0)
    assert lost.value_joined == (Amount("EUR", 100.0),)

    refused = CustomerRecord("shop", gone.id, gone.name, permission="no")
    with app.database.begin() as session:
        customers.save(session, [refused], now=MONDAY)
    third = monday(app, 3)  # a Monday was missed
    assert third is not None
    assert third.since == TODAY + timedelta(days=7)
    assert told(third)[ListName.LOST] == (before[0], 0, 1)

    assert kept(app) == [{"news"}, {"news"}, {"news", "members"}], "who was on them a week ago"
    late = MONDAY + 30 * DAY
    assert told(made_on(app, TODAY + timedelta(days=7), late).lists) == told(second), "as of then"
    assert made_on(app, TODAY + timedelta(days=14), late).lists is None, "nobody knows any more"
    assert made_on(app, TODAY + timedelta(days=1), late).lists is None, "a Tuesday"


# --- the first of a month -------------------------------------------------------------------------


def customers_of(app: App, people: Iterable[tuple[int, ...]]) -> None:
    for number, ago in enumerate(people):
        author = Author(f"many {number}", f"many{number}", f"Many {number}")
        bought(app, author, *((days, "10", "EUR") for days in ago))


def test_the_first_of_a_month_tells_who_came_back_as_it_was_known_then(made: Made) -> None:
    app = made.app
    customers_of(app, [(100, 70, 40), (100, 40), (100,)])  # first in February
    valued(app)

    now = made_on(app, TODAY).first_orders
    then = made_on(app, date(2026, 4, 1)).first_orders

    assert now is not None
    assert then is not None
    (february,) = [one for one in now.cohorts if one.month == date(2026, 2, 1)]
    assert (february.customers, february.again) == (3, (1, 2, 0)), "March, April, May"
    assert then.as_of == date(2026, 3, 31)
    known_then = [(one.month.month, one.customers, one.again) for one in then.cohorts]
    assert known_then == [(2, 3, (1,)), (3, 1, ())], "March was over, April not"
    assert made_on(app, TODAY + timedelta(days=1)).first_orders is None
    assert "Feb 2026" in digest_text(made_on(app, TODAY), PUBLIC)


def test_loyalty_is_told_on_the_first_alone(made: Made) -> None:
    digest = made_on(made.app, TODAY)
    assert digest.loyalty is not None
    assert digest.loyalty.as_of == local_day(MONDAY, made.app.config.tz)
    past = made_on(made.app, date(2026, 5, 1)).loyalty
    assert past is not None
    assert past.as_of <= date(2026, 5, 2)
    assert made_on(made.app, TODAY + timedelta(days=1)).loyalty is None


def test_where_nothing_was_valued_nothing_is_told_of_it(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, mention("1", published_at=MONDAY - HOUR), now=MONDAY)
    digest = made_on(app, TODAY)
    assert digest.first_orders is None
    assert "Who came back" not in digest_text(digest, PUBLIC)
    assert "Loyalty" not in digest_text(digest, PUBLIC)

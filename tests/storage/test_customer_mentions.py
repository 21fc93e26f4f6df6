"""What a person wrote on all networks, on both databases."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from domain.customer import Basis, Judgement, LinkState, OrderRecord
from domain.listing import Role
from domain.mention import Author
from storage import answers, customer_mentions, customers, link_rules, noise, order_list, orders
from storage.answers import Answer
from storage.engine import Database
from tests.storage.made import (
    BEN,
    DAY,
    HOUR,
    NOW,
    OWN,
    customer,
    mention,
    open_incident,
    row_of,
    store,
)

ELSE = Author(id="900", handle="ana@social.example", name="Ana")
SHARED = Author(id="901", handle="office")


def link_writer(session: Session, external_id: str, *customer_ids: int) -> None:
    """Who wrote this mention is these customers."""
    found = [
        Judgement(one, LinkState.CONFIRMED, 1.0, Basis.HANDLE_ON_FILE, ()) for one in customer_ids
    ]
    link_rules.judge(session, {row_of(session, external_id).author_id or 0: found}, now=NOW)


def test_a_persons_mentions_are_those_of_accounts_that_are_theirs_alone(
    database: Database,
) -> None:
    with database.begin() as session:
        customers.save(session, [customer("C1"), customer("C2")], now=NOW)
        store(session, mention("1", published_at=NOW - 9 * DAY))
        store(session, mention("2", published_at=NOW - 8 * DAY, source="twitter"))
        store(session, mention("3", author=ELSE, source="mastodon", published_at=NOW - 7 * DAY))
        store(session, mention("4", author=SHARED), mention("5", author=BEN))
        store(session, mention("6", published_at=NOW - DAY), roles={"Globex": Role.COMPETITOR})
        store(session, mention("7"), mention("8", published_at=NOW - 2 * HOUR))
        store(session, mention("own", author=BEN), roles=OWN)
        for number in "123":
            link_writer(session, number, 1)
        link_writer(session, "4", 1, 2)
        noise.hide(session, row_of(session, "7").id, "Acme", by="kim", now=NOW)
        theirs = customer_mentions.accounts(session, 1)
        ids = {number: row_of(session, number).id for number in "1234568"}

        assert customer_mentions.accounts(session, 2) == []
        newest = customer_mentions.newest(session, theirs, limit=None)
        assert newest == [ids[one] for one in "86321"]
        assert customer_mentions.newest(session, theirs, limit=2) == newest[:2]
        assert customer_mentions.by_source(session, theirs) == {"x": 4, "mastodon": 1}
        assert customer_mentions.newest(session, [], limit=None) == []
        assert customer_mentions.by_source(session, []) == {}

        reply = row_of(session, "own").id
        for number, took in (("1", 3 * HOUR), ("3", 2 * HOUR)):
            at = row_of(session, number).published_at + took
            answers.note(session, Answer(ids[number], "Acme", at, reply, None))
        opened = open_incident(session, ids["8"])
        told = customer_mentions.earlier(session, theirs, "Acme", before=NOW, incident_id=opened.id)
        assert told.by_source == (("x", 2), ("mastodon", 1))
        assert (told.total, told.answered, told.last_took) == (3, 2, 2 * HOUR)
        before = NOW - 8 * DAY
        first = customer_mentions.earlier(session, theirs, "Acme", before=before)
        assert (first.by_source, first.last_took) == ((("x", 1),), 3 * HOUR)
        none = customer_mentions.earlier(session, [], "Acme", before=NOW)
        assert (none.total, none.last_took) == (0, None)
        assert customer_mentions.answered_by(session, [reply]) == {reply: "ben_brews"}


def test_orders_are_listed_newest_first_after_what_was_paid_back(database: Database) -> None:
    def order(number: str, amount: str, ago: int, currency: str = "EUR") -> OrderRecord:
        day = NOW.date() - timedelta(days=ago)
        return OrderRecord("C1", day, Decimal(amount), currency, external_id=number)

    with database.begin() as session:
        customers.save(session, [customer("C1"), customer("C2")], now=NOW)
        back = [order("A", "-5", 3), order("A", "-2.50", 2), order("GONE", "-4", 1)]
        bought = [*back, order("A", "20", 9), order("B", "7", 5, "USD"), order("", "3", 30)]
        assert orders.save(session, "hubspot", bought).refused == ()
        found = order_list.of_person(session, 1)
        assert order_list.of_person(session, 2) == []
    told = [(one.number, one.amount, one.refunded, one.currency) for one in found]
    assert told == [
        ("GONE", Decimal(-4), Decimal(0), "EUR"),
        ("B", Decimal(7), Decimal(0), "USD"),
        ("A", Decimal("12.50"), Decimal("7.50"), "EUR"),
        ("", Decimal(3), Decimal(0), "EUR"),
    ]
    assert [(NOW.date() - one.ordered_on).days for one in found] == [1, 5, 9, 30]

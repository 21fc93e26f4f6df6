"""What is left of a customer whom their own system has deleted, and what is not."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.customer import Basis, CustomerRecord, LinkState, OrderRecord
from domain.incident import ITSELF, Incident
from domain.mention import Author
from storage import (
    crm_removal,
    customers,
    incident_events,
    incidents,
    link_ledger,
    links,
    orders,
    person_decisions,
    persons,
)
from storage.engine import Database
from storage.tables import (
    AuthorRow,
    Base,
    CustomerRow,
    IncidentRow,
    LinkJudgementRow,
    LinkRow,
    MergeRow,
)
from tests.storage.made import NOW, audit, author_of, customer, incident, mention, store

ANA = Author("99", "ana_writes", "Ana")
BEN = Author("98", "ben", "Ben")


def bought(system: str, external_id: str, session: Session) -> None:
    order = OrderRecord(external_id, NOW.date(), Decimal(5), "EUR", f"of {external_id}")
    assert orders.save(session, system, [order]).refused == ()


def record(system: str, external_id: str, email: str = "a@x.example") -> CustomerRecord:
    return customer(external_id, system=system, email=email, phones=("+493055503761",), tags=("t",))


def settled(session: Session, *records: CustomerRecord) -> None:
    done = customers.save(session, records, now=NOW)
    persons.join(session, done.written)


def about(session: Session, person_id: int) -> Incident:
    made = incidents.add(session, incident(), audit())
    session.get_one(IncidentRow, made.id).customer_id = person_id
    session.flush()
    return made


def rows_with(session: Session, table: str) -> int:
    found = session.scalar(select(func.count()).select_from(Base.metadata.tables[table]))
    return found or 0


def test_of_nobody_left_nothing_is_left(database: Database) -> None:
    with database.begin() as session:
        settled(session, record("hubspot", "h"))
        settled(session, record("hubspot", "h", "new@x.example"))
        bought("hubspot", "h", session)
        store(session, mention("1", author=ANA))
        author = author_of(session, "99")
        links.add(session, author, 1, by="eva", now=NOW)
        author.link_checked_at = NOW
        opened = about(session, 1)

        assert crm_removal.remove_customers(session, "hubspot", ["h", "unknown"], now=NOW) == 1

        theirs = [one for one in Base.metadata.tables if one.startswith(("customer", "link"))]
        left = {one: rows_with(session, one) for one in theirs}
        assert left == dict.fromkeys(theirs, 0)
        assert session.scalars(select(AuthorRow.link_checked_at)).all() == [None]
        assert incidents.get(session, opened.id).customer_id is None
        last = incident_events.of(session, opened.id)[-1]
        assert (last.actor, last.note) == (ITSELF, "its customer was deleted in the CRM")


@pytest.mark.parametrize("stands", ["h", "s"])
def test_a_persons_other_records_keep_orders_links_and_incidents(
    database: Database, stands: str
) -> None:
    both = [record("hubspot", "h"), record("shopify", "s")]
    with database.begin() as session:
        settled(session, *(both if stands == "h" else both[::-1]), record("csv", "c"))
        bought("hubspot", "h", session)
        bought("shopify", "s", session)
        store(session, mention("1", author=ANA), mention("2", author=BEN))
        h = session.scalars(select(CustomerRow.id).where(CustomerRow.external_id == "h")).one()
        links.add(session, author_of(session, "99"), h, by="eva", now=NOW)
        opened = about(session, 1)

        assert crm_removal.remove_customers(session, "hubspot", ["h"], now=NOW) == 1

        [person] = customers.every(session)
        assert person.external_id == "s"
        assert len(orders.of(session, [person.id])[person.id]) == 2
        [view] = link_ledger.listing(session)
        assert (view.customer.id, view.judgement.state) == (person.id, LinkState.CONFIRMED)
        assert incidents.get(session, opened.id).customer_id == person.id


def test_who_is_one_person_is_told_anew(database: Database) -> None:
    """Two of one system had the address; of one who is left it tells."""
    with database.begin() as session:
        settled(session, record("hubspot", "h1"), record("hubspot", "h2"), record("csv", "c"))
        assert len(customers.every(session)) == 3
        crm_removal.remove_customers(session, "hubspot", ["h2"], now=NOW)
        assert [row.external_id for row in customers.every(session)] == ["h1"]


def test_of_two_links_of_one_author_a_persons_decision_stays(database: Database) -> None:
    with database.begin() as session:
        settled(session, record("hubspot", "h"), record("shopify", "s"))
        store(session, mention("1", author=ANA))
        author = author_of(session, "99")
        said = links.add(session, author, 1, by="eva", now=NOW, basis=Basis.PERSON)
        links.decide(session, said.link.id, LinkState.REJECTED, by="eva", now=NOW)
        other = links.add(session, author, 2, by="rule:handle_on_file", now=NOW)
        kept, dropped = said.link.id, other.link.id

        crm_removal.remove_customers(session, "hubspot", ["h"], now=NOW)

        assert session.scalars(select(LinkRow.id)).all() == [kept]
        assert session.get_one(LinkRow, kept).customer_id == 2
        of_it = select(LinkJudgementRow).where(LinkJudgementRow.link_id == dropped)
        assert session.scalars(of_it).all() == []


def test_a_merged_id_that_is_deleted_lives_on_in_what_it_became(database: Database) -> None:
    merged = customer("k", email="k@x.example", merged_ids=("g",))
    with database.begin() as session:
        settled(session, record("hubspot", "g"), merged, record("shopify", "s"))
        bought("hubspot", "g", session)
        assert crm_removal.remove_customers(session, "hubspot", ["g"], now=NOW) == 0
        [person] = customers.every(session)
        assert len(orders.of(session, [person.id])[person.id]) == 1

        assert crm_removal.remove_customers(session, "hubspot", ["k", "g"], now=NOW) == 2
        assert [row.external_id for row in customers.every(session)] == ["s"]
        assert session.scalars(select(MergeRow.external_id)).all() == []


def test_what_somebody_decided_of_the_others_stays(database: Database) -> None:
    with database.begin() as session:
        settled(session, *(record(one, one) for one in ("csv", "wix", "etsy")))
        persons.split(session, 1, by="eva", now=NOW)
        persons.join_by_hand(session, 1, 3, by="eva", now=NOW)
        crm_removal.remove_customers(session, "csv", ["csv"], now=NOW)
        persons.join(session)
        assert [row.external_id for row in customers.every(session)] == ["wix", "etsy"]
        assert [one.records for one in person_decisions.every(session)] == [(2, 3), (3,)]


def test_nothing_to_remove(database: Database) -> None:
    with database.begin() as session:
        assert crm_removal.remove_customers(session, "hubspot", [], now=NOW) == 0


def test_an_order_that_is_gone_takes_its_refunds_with_it(database: Database) -> None:
    kept = OrderRecord("h", NOW.date(), Decimal(9), "EUR", "2")
    gone = replace(kept, external_id="1")
    back = [replace(one, amount=Decimal(-4)) for one in (gone, gone, kept)]
    with database.begin() as session:
        settled(session, record("hubspot", "h"))
        assert orders.save(session, "hubspot", [kept, gone, *back]).new == 5

        assert crm_removal.remove_orders(session, "hubspot", ["1", "unknown"]) == 1

        assert [one.amount for one in orders.of(session, [1])[1]] == [9, -4]

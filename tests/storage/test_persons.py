"""Records of several systems that are one person, and how they come apart again."""

import random
from collections.abc import Sequence

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.customer import CustomerRecord
from storage import customers, persons
from storage.engine import Database
from storage.tables import CustomerRow
from tests.storage.made import NOW, customer


def record(system: str, external_id: str, *emails: str, name: str = "Mira") -> CustomerRecord:
    own, *others = emails or ("",)
    return customer(external_id, system=system, name=name, email=own, other_emails=tuple(others))


def taken_in(session: Session, *records: CustomerRecord) -> dict[int, list[int]]:
    customers.save(session, records, now=NOW)
    return persons.join(session)


def groups(session: Session) -> list[list[str]]:
    """The ids of each person's records, by person."""
    people = customers.every(session)
    found = persons.records(session, [row.id for row in people])
    return [[one.external_id for one in found[row.id]] for row in people]


def test_one_address_in_several_systems_is_one_person(database: Database) -> None:
    with database.begin() as session:
        grown = taken_in(session, record("hubspot", "h", "a@x.example"), record("csv", "z"))
        assert grown == {}
        grown = taken_in(session, record("shopify", "s", "a@x.example"))
        assert list(map(len, grown.values())) == [1], "the import says so, once"
        assert taken_in(session, record("shopify", "s", "a@x.example")) == {}
        assert groups(session) == [["h", "s"], ["z"]]


def test_further_addresses_join_too(database: Database) -> None:
    with database.begin() as session:
        taken_in(
            session,
            record("shopify", "s", "old@x.example"),
            record("woocommerce", "w", "a@x.example"),
            record("hubspot", "h", "a@x.example", "old@x.example"),
        )
        assert groups(session) == [["s", "w", "h"]]


def test_an_address_that_one_system_has_twice_joins_nobody(database: Database) -> None:
    with database.begin() as session:
        taken_in(
            session,
            record("hubspot", "h1", "office@x.example"),
            record("hubspot", "h2", "office@x.example"),
            record("shopify", "s", "office@x.example"),
        )
        assert groups(session) == [["h1"], ["h2"], ["s"]]


def test_no_address_joins_nobody(database: Database) -> None:
    with database.begin() as session:
        taken_in(session, record("hubspot", "h"), record("shopify", "s"))
        assert groups(session) == [["h"], ["s"]]


def test_who_has_a_name_stands_for_the_others(database: Database) -> None:
    with database.begin() as session:
        taken_in(
            session,
            record("shopify", "s", "a@x.example", name=""),
            record("hubspot", "h", "a@x.example"),
        )
        [row] = customers.every(session)
        assert (row.external_id, row.name) == ("h", "Mira")
        for one in session.scalars(select(CustomerRow)):
            found = customers.get(session, one.id)
            assert found is not None
            assert found.id == row.id


def test_records_that_share_nothing_any_more_come_apart(database: Database) -> None:
    with database.begin() as session:
        taken_in(
            session, record("hubspot", "h", "a@x.example"), record("shopify", "s", "a@x.example")
        )
        taken_in(session, record("shopify", "s", "b@x.example"))
        assert groups(session) == [["h"], ["s"]]


def test_what_was_split_stays_apart(database: Database) -> None:
    rows: Sequence[CustomerRecord] = (
        record("hubspot", "h", "a@x.example"),
        record("shopify", "s", "a@x.example"),
        record("woocommerce", "w", "a@x.example"),
    )
    with database.begin() as session:
        taken_in(session, *rows)
        [row] = customers.every(session)
        assert len(persons.split(session, row.id)) == 3
        assert taken_in(session, *rows) == {}
        assert groups(session) == [["h"], ["s"], ["w"]]
        assert persons.split(session, row.id) == []
        taken_in(session, record("stripe", "t", "a@x.example"))
        assert groups(session) == [["h"], ["s"], ["w"], ["t"]]


def test_all_records_of_a_person_may_be_deleted_at_once(database: Database) -> None:
    with database.begin() as session:
        taken_in(
            session, record("hubspot", "h", "a@x.example"), record("shopify", "s", "a@x.example")
        )
        session.execute(delete(CustomerRow))
        assert customers.every(session) == []


def test_handles_of_all_records_are_the_persons(database: Database) -> None:
    with database.begin() as session:
        customers.save(
            session,
            [
                customer("h", ("x", "mira"), email="a@x.example"),
                customer("s", ("x", "mira"), ("bluesky", "m"), system="csv", email="a@x.example"),
            ],
            now=NOW,
        )
        persons.join(session)
        [row] = customers.every(session)
        assert customers.handles(session, row.id) == [("bluesky", "m"), ("x", "mira")]


def test_many_people_are_joined(database: Database) -> None:
    with database.begin() as session:
        rows = [
            record(system, f"{system}{n}", f"p{n}@x.example")
            for n in range(700)
            for system in ("hubspot", "shopify")
        ]
        assert len(taken_in(session, *rows)) == 700
        assert len(customers.every(session)) == 700


@pytest.mark.parametrize("seed", range(3))
def test_looking_only_around_what_was_written_joins_the_same(database: Database, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    with database.begin() as session:
        for _ in range(25):
            batch = [
                record(
                    chance.choice(("hubspot", "shopify", "csv")),
                    f"c{chance.randrange(2)}",
                    *(f"p{chance.randrange(5)}@x.example" for _ in range(chance.randrange(1, 3))),
                    name=chance.choice(("", "Mira")),
                )
                for _ in range(chance.randrange(1, 4))
            ]
            done = customers.save(session, batch, now=NOW)
            persons.join(session, done.written)
            around = groups(session)
            assert persons.join(session) == {}, "nobody was forgotten"
            assert groups(session) == around, "nobody was left with others"
            person = chance.choice(customers.every(session)).id
            if chance.random() < 0.05:
                persons.split(session, person)

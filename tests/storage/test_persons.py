"""Records of several systems that are one person, and how they come apart again."""

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.customer import CustomerRecord, OrderRecord
from storage import customers, near, orders, person_decisions, persons
from storage.engine import Database
from storage.tables import CustomerRow, FormerEmailRow
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


def test_who_changes_an_address_in_one_system_stays_one_person(database: Database) -> None:
    old, new = "old@x.example", "new@x.example"
    with database.begin() as session:
        taken_in(session, *(record(one, one, old) for one in ("hubspot", "shopify", "csv")))
        for system, email in (("shopify", new), ("csv", "other@x.example"), ("hubspot", new)):
            taken_in(session, record(system, system, email))
            assert groups(session) == [["hubspot", "shopify", "csv"]]
        kept = session.scalars(select(FormerEmailRow.sealed)).all()
        assert kept
        assert not any("@" in one for one in kept), "nobody can read them"
        taken_in(session, record("stripe", "stripe", old))
        assert groups(session) == [["hubspot", "shopify", "csv", "stripe"]]


def test_an_address_that_was_passed_on_is_its_new_holders(database: Database) -> None:
    with database.begin() as session:
        taken_in(
            session, record("hubspot", "h", "a@x.example"), record("shopify", "s", "a@x.example")
        )
        taken_in(session, record("hubspot", "h", "b@x.example"))
        assert groups(session) == [["h", "s"]]
        taken_in(session, record("hubspot", "h2", "a@x.example"))
        assert groups(session) == [["h"], ["s", "h2"]]


def test_an_address_that_two_of_one_system_held_once_tells_nothing(database: Database) -> None:
    with database.begin() as session:
        for one in ("h1", "h2"):
            taken_in(session, record("hubspot", one, "a@x.example"))
            taken_in(session, record("hubspot", one, f"{one}@x.example"))
        taken_in(session, record("shopify", "s", "a@x.example"))
        assert groups(session) == [["h1"], ["h2"], ["s"]]


def phoned(system: str, external_id: str, name: str = "Mira Sol") -> CustomerRecord:
    email = f"{external_id}@{system}.example"
    made = record(system, external_id, email, name=name)
    return replace(made, phones=("+493055503761",))


def test_one_telephone_in_several_systems_is_one_person(database: Database) -> None:
    with database.begin() as session:
        taken_in(session, phoned("hubspot", "h"), phoned("shopify", "s", "SOL, Mira A."))
        taken_in(session, phoned("stripe", "t", ""))
        assert groups(session) == [["h", "s", "t"]]


def test_a_familys_telephone_joins_nobody(database: Database) -> None:
    with database.begin() as session:
        taken_in(session, phoned("hubspot", "h"), phoned("shopify", "s", "Jon Sol"))
        assert groups(session) == [["h"], ["s"]]
        taken_in(session, phoned("stripe", "t"))
        assert groups(session) == [["h"], ["s"], ["t"]], "Mira's or Jon's?"


def test_a_telephone_that_one_system_has_twice_joins_nobody(database: Database) -> None:
    with database.begin() as session:
        taken_in(session, phoned("hubspot", "h1"), phoned("hubspot", "h2"), phoned("csv", "c"))
        assert groups(session) == [["h1"], ["h2"], ["c"]]
        taken_in(session, record("hubspot", "h2", "h2@x.example"))
        assert groups(session) == [["h1", "c"], ["h2"]]


def test_a_telephone_of_very_many_joins_nobody(database: Database) -> None:
    with database.begin() as session:
        taken_in(session, *(phoned(f"shopify:{n}", f"s{n}") for n in range(11)))
        assert len(groups(session)) == 11


@pytest.mark.parametrize("first", ["kept", "gone"])
@pytest.mark.parametrize("says", ["kept", "gone"])
def test_what_a_crm_merged_is_one(database: Database, first: str, says: str) -> None:
    gone, kept = record("hubspot", "g", "g@x.example"), record("hubspot", "k", "k@x.example")
    said = (
        {"kept": replace(kept, merged_ids=("g",)), "gone": gone}
        if says == "kept"
        else {"kept": kept, "gone": replace(gone, merged_into="k")}
    )
    with database.begin() as session:
        taken_in(session, record("shopify", "s", "g@x.example"))
        taken_in(session, said.pop(first))
        taken_in(session, *said.values())
        [whole] = groups(session)
        assert sorted(whole) == ["g", "k", "s"]
        assert whole[0] != "g", "what it became stands for the person"


def test_an_order_of_a_merged_id_finds_what_it_became(database: Database) -> None:
    def of(buyer: str) -> OrderRecord:
        return OrderRecord(buyer, NOW.date(), Decimal(5), "EUR", f"order of {buyer}")

    with database.begin() as session:
        taken_in(session, customer("k", merged_ids=("b",)), customer("b", merged_ids=("a",)))
        taken_in(session, customer("z", merged_ids=("k",)))
        done = orders.save(session, "hubspot", [of("a"), of("b"), of("k"), of("q")])
        assert [one.reason for one in done.refused] == [orders.NOBODY]
        [person] = customers.every(session)
        assert (person.external_id, len(orders.of(session, [person.id])[person.id])) == ("z", 3)


def test_an_order_of_a_former_address_finds_who_left_it(database: Database) -> None:
    with database.begin() as session:
        taken_in(session, record("shopify", "s", "a@x.example"))
        taken_in(session, record("shopify", "s", "b@x.example"))
        order = OrderRecord("a@x.example", NOW.date(), Decimal(5), "EUR", "1")
        assert orders.save(session, "shopify", [order]).refused == ()


def test_two_ids_that_became_an_unknown_one_are_one(database: Database) -> None:
    with database.begin() as session:
        taken_in(session, customer("a", merged_into="x"))
        taken_in(session, customer("b", merged_into="x"))
        assert groups(session) == [["a", "b"]]
        assert persons.split(session, 1, by="eva", now=NOW) == [], "that is the CRM's to undo"


def test_of_two_that_became_each_other_the_later_word_holds(database: Database) -> None:
    with database.begin() as session:
        taken_in(session, customer("a", merged_into="b"))
        taken_in(session, customer("b", merged_into="a"))
        assert groups(session) == [["a", "b"]]
        taken_in(session, customer("a", merged_into="b"))
        assert groups(session) == [["b", "a"]]


def test_what_people_decide_wins_and_stays(database: Database) -> None:
    rows = [record("hubspot", "h", "a@x.example"), record("shopify", "s", "a@x.example")]
    stranger = record("hubspot", "h2", "b@x.example")
    with database.begin() as session:
        taken_in(session, *rows, stranger)
        assert persons.split(session, 1, by="eva", now=NOW) == [1, 2]
        assert persons.join_by_hand(session, 2, 3, by="ben", now=NOW) == 2
        for _ in range(2):
            assert groups(session) == [["h"], ["s", "h2"]]
            taken_in(session, *rows, stranger)
        assert persons.join_by_hand(session, 1, 2, by="eva", now=NOW) == 1
        assert groups(session) == [["h", "s", "h2"]]
        assert len(persons.split(session, 1, by="ben", now=NOW)) == 3
        taken_in(session, *rows, stranger)
        assert groups(session) == [["h"], ["s"], ["h2"]]
        told = [(one.verb, one.decided_by, one.records) for one in person_decisions.every(session)]
        assert told == [
            ("split", "eva", (1, 2)),
            ("join", "ben", (2, 3)),
            ("join", "eva", (1, 2, 3)),
            ("split", "ben", (1, 2, 3)),
        ]


def test_who_was_parted_is_not_joined_through_others(database: Database) -> None:
    """Each was joined to somebody else by hand, and may be joined by what they hold again."""
    both = [record("hubspot", "h", "a@x.example"), record("shopify", "s", "a@x.example")]
    with database.begin() as session:
        taken_in(session, *both, record("csv", "c"), record("stripe", "t"))
        persons.split(session, 1, by="eva", now=NOW)
        persons.join_by_hand(session, 1, 3, by="eva", now=NOW)
        persons.join_by_hand(session, 2, 4, by="eva", now=NOW)
        taken_in(session, *both, record("wix", "w", "a@x.example"))
        assert groups(session) == [["h", "c"], ["s", "t"], ["w"]]


def test_what_was_split_stays_apart(database: Database) -> None:
    rows: Sequence[CustomerRecord] = (
        record("hubspot", "h", "a@x.example"),
        record("shopify", "s", "a@x.example"),
        record("woocommerce", "w", "a@x.example"),
    )
    with database.begin() as session:
        taken_in(session, *rows)
        [row] = customers.every(session)
        assert len(persons.split(session, row.id, by="eva", now=NOW)) == 3
        assert taken_in(session, *rows) == {}
        assert groups(session) == [["h"], ["s"], ["w"]]
        assert persons.split(session, row.id, by="eva", now=NOW) == []
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


def test_who_holds_what_very_many_hold_is_not_looked_at_with_all_of_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near, "_MANY", 3)
    with database.begin() as session:
        crowd = [record("hubspot", f"h{n}", "office@x.example") for n in range(9)]
        shared = record("shopify", "s", "s@x.example", "office@x.example")
        taken_in(session, *crowd, shared)
        done = customers.save(session, [replace(shared, name="Mira Sol")], now=NOW)
        found = near.near(session, done.written)
        assert found.records == done.written.records
        assert found.crowded == {"office@x.example"}
        assert persons.join(session, done.written) == {}
        assert len(groups(session)) == 10


@pytest.mark.parametrize("seed", range(3))
def test_looking_only_around_what_was_written_joins_the_same(database: Database, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311

    def some(what: str, most: int) -> tuple[str, ...]:
        return tuple(f"{what}{chance.randrange(6)}" for _ in range(chance.randrange(most + 1)))

    with database.begin() as session:
        for _ in range(20):
            batch = [
                replace(
                    record(
                        chance.choice(("hubspot", "shopify", "csv")),
                        f"c{chance.randrange(3)}",
                        *some("p@", 2),
                        name=chance.choice(("", "Mira", "Mira Sol", "Jon")),
                    ),
                    phones=some("+4930555037", 1),
                    merged_ids=some("c", 1) if chance.random() < 0.1 else (),
                )
                for _ in range(chance.randrange(1, 4))
            ]
            done = customers.save(session, batch, now=NOW)
            persons.join(session, done.written)
            around = groups(session)
            assert persons.join(session) == {}, "nobody was forgotten"
            assert groups(session) == around, "nobody was left with others"
            one, other = (chance.choice(customers.every(session)).id for _ in range(2))
            if chance.random() < 0.1:
                persons.split(session, one, by="eva", now=NOW)
            elif chance.random() < 0.1:
                persons.join_by_hand(session, one, other, by="eva", now=NOW)
            around = groups(session)
            assert persons.join(session) == {}, "nor where somebody decided"
            assert groups(session) == around

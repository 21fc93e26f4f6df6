"""Who a customer is by what people type, on both databases."""

from dataclasses import replace
from typing import Any

from domain.customer import Basis, CustomerRecord, Judgement, LinkState
from storage import customer_search, customers, link_rules, persons
from storage.engine import Database
from tests.storage.made import ANA, NOW, author_of, mention, store


def record(system: str, number: str, name: str, **more: Any) -> CustomerRecord:  # noqa: ANN401 -- any field
    return replace(CustomerRecord(system, number, name), **more)


def test_people_are_found_by_every_name_their_systems_have_for_them(database: Database) -> None:
    found = [
        record("hubspot", "7", "Ana Ruiz", email="ana@a.example", other_emails=("ruiz@b.example",)),
        record("shop", "s-7", "A. Ruiz", email="ruiz@b.example", phones=("+493055503761",)),
        record("hubspot", "8", "Ben", email="ben@a.example", handles=(("x", "ben_b"),)),
        record("shop:north", "7", "Cyra", merged_ids=("6",), email="c@a.example"),
    ]
    with database.begin() as session:
        customers.save(session, found, now=NOW)
        persons.join(session)
        ana, ben, cyra = (row.id for row in customers.every(session))
        # Ben's old address stays his, by its seal.
        customers.save(session, [replace(found[2], email="ben@new.example")], now=NOW)
    with database.begin() as session:
        by_id = customer_search.by_external_id
        assert by_id(session, "7") == {ana, cyra}
        assert by_id(session, "s-7") == by_id(session, "HubSpot:7") == {ana}
        assert by_id(session, "shop:north:7") == by_id(session, "shop:north:6") == {cyra}
        assert by_id(session, "hubspot:9") == by_id(session, ":") == set()
        by_email = customer_search.by_email
        assert by_email(session, "ANA@A.example") == by_email(session, "ruiz@b.example") == {ana}
        assert by_email(session, "ben@new.example") == by_email(session, "ben@a.example") == {ben}
        assert by_email(session, "who@a.example") == set()
        assert customer_search.by_phone(session, ["+493055503761"]) == {ana}
        assert customer_search.by_phone(session, []) == set()
        assert customer_search.by_handle(session, "twitter", "@Ben_B") == {ben}
        assert customer_search.by_handle(session, "x", "nobody") == set()


def test_a_handle_leads_to_who_is_linked_with_it_and_to_nobody_who_is_only_proposed(
    database: Database,
) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        customers.save(session, [record("shop", "1", "Ana"), record("shop", "2", "B")], now=NOW)
        author = author_of(session, ANA.id).id
        for state, expected in ((LinkState.PROPOSED, set()), (LinkState.CONFIRMED, {1})):
            verdict = Judgement(1, state, 0.9, Basis.SCORED, ())
            link_rules.judge(session, {author: [verdict]}, now=NOW)
            assert customer_search.by_handle(session, "x", "ana_writes") == expected


def test_all_who_may_be_called_so_are_read_and_few_others(database: Database) -> None:
    names = ["Ana Ruiz", "RUIZ", "Zoë", "王小明", "Rita Quinz", "Ben", "", "R_u%i*z"]
    with database.begin() as session:
        found = [record("shop", str(at), name) for at, name in enumerate(names)]
        customers.save(session, found, now=NOW)
        named = customer_search.spelled_like(session, ["ruiz"])
        assert {name for _, name in named} == {*names} - {"Ben", ""}
        both = customer_search.spelled_like(session, ["ana", "ruiz"])
        assert {name for _, name in both} == {"Ana Ruiz", "Zoë", "王小明"}
        assert {name for _, name in customer_search.names(session)} == {*names} - {""}

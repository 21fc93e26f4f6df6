from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.customer import Amount, CustomerRecord, LinkState, OrderRecord
from domain.mention import Author
from earshot.core.app import App
from earshot.customers import link as linking
from earshot.customers.profile import values_of
from storage import customers, link_ledger, links, orders, persons, views
from storage.tables import AuthorRow, LinkJudgementRow, LinkRow
from storage.views import Filter
from tests.conftest import MakeApp
from tests.earshot.world import ANA, DAY, NOW, mention, store


def customer(external_id: str, *handles: tuple[str, str]) -> CustomerRecord:
    return CustomerRecord("hubspot", external_id, "Ana Customer", handles=handles)


def import_crm(app: App, *records: CustomerRecord, now: datetime = NOW) -> None:
    """As `earshot customers import` does it."""
    with app.database.begin() as session:
        customers.save(session, records, now=now)


def judged(app: App) -> list[tuple[str, str]]:
    """(CRM id, state) of every link, by CRM id."""
    with app.database.read() as session:
        return sorted(
            (one.customer.external_id, one.judgement.state) for one in link_ledger.listing(session)
        )


@pytest.mark.parametrize(
    ("source", "network"),
    [
        pytest.param("x", "x", id="x"),
        pytest.param("twitter", "x", id="an export calls it twitter"),
        pytest.param("mastodon", "mastodon", id="a network only imported"),
    ],
)
def test_the_exact_handle_on_file_links(make_app: MakeApp, source: str, network: str) -> None:
    app = make_app().app
    import_crm(app, customer("1", (network, "ana_writes")))
    store(app, mention("1", source=source, author=replace(ANA, handle="Ana_Writes")))

    assert linking.link(app, now=NOW) == 1

    with app.database.read() as session:
        link = session.scalars(select(LinkJudgementRow)).one()
    assert (link.state, link.decided_by) == (LinkState.CONFIRMED, "rule:handle_on_file")
    assert link.evidence == [f"CRM hubspot holds @ana_writes for {network}"]


def test_reddit_is_never_linked(make_app: MakeApp) -> None:
    app = make_app().app
    import_crm(app, customer("1", ("reddit", "ana_writes")))
    store(app, mention("1", source="reddit"))
    assert linking.link(app, now=NOW) == 0
    assert judged(app) == []


@pytest.mark.parametrize(
    "author",
    [
        pytest.param(replace(ANA, handle="other", name="ana_writes"), id="the display name"),
        pytest.param(replace(ANA, handle="ana_writes_"), id="a longer handle"),
        pytest.param(replace(ANA, handle="\u0430na_writes"), id="a look-alike letter"),
        pytest.param(Author(id="ana_writes", handle=""), id="no handle at all"),
    ],
)
def test_nothing_else_links(make_app: MakeApp, author: Author) -> None:
    app = make_app().app
    import_crm(app, customer("1", ("x", "ana_writes")))
    store(app, mention("1", author=author))
    assert linking.link(app, now=NOW) == 0


def test_a_handle_of_two_customers_waits_for_a_person(make_app: MakeApp) -> None:
    app = make_app().app
    import_crm(app, customer("1", ("x", "ana_writes")), customer("2", ("x", "ana_writes")))
    store(app, mention("1"))
    linking.link(app, now=NOW)
    assert judged(app) == [("1", LinkState.PROPOSED), ("2", LinkState.PROPOSED)]


def test_an_account_younger_than_the_handle_on_file_waits_for_a_person(make_app: MakeApp) -> None:
    app = make_app().app
    import_crm(app, customer("1", ("x", "ana_writes")), now=NOW - 400 * DAY)
    store(app, mention("1", author=replace(ANA, created_at=NOW - 30 * DAY)))
    linking.link(app, now=NOW)
    assert judged(app) == [("1", LinkState.PROPOSED)]


def test_the_age_of_the_account_counts_when_it_is_told_late(make_app: MakeApp) -> None:
    app = make_app().app
    import_crm(app, customer("1", ("x", "ana_writes")), now=NOW - 400 * DAY)
    store(app, mention("1"))
    linking.link(app, now=NOW)
    assert judged(app) == [("1", LinkState.CONFIRMED)]

    later = mention("2", author=replace(ANA, created_at=NOW - 30 * DAY), published_at=NOW)
    store(app, later)
    linking.link(app, now=NOW)

    assert judged(app) == [("1", LinkState.PROPOSED)]


def test_an_author_who_changes_the_handle_is_looked_at_again(make_app: MakeApp) -> None:
    app = make_app().app
    import_crm(app, customer("1", ("x", "ana_writes")), customer("2", ("x", "ana_now")))
    store(app, mention("1"))
    linking.link(app, now=NOW)

    store(app, mention("2", author=replace(ANA, handle="ana_now"), published_at=NOW))
    linking.link(app, now=NOW)

    assert judged(app) == [("1", LinkState.WITHDRAWN), ("2", LinkState.CONFIRMED)]


@pytest.mark.parametrize("verdict", [LinkState.REJECTED, LinkState.CONFIRMED])
def test_what_a_person_decided_stays(make_app: MakeApp, verdict: LinkState) -> None:
    app = make_app().app
    import_crm(app, customer("1", ("x", "ana_writes")))
    store(app, mention("1"))
    linking.link(app, now=NOW)
    with app.database.begin() as session:
        links.decide(session, session.scalars(select(LinkRow.id)).one(), verdict, by="eva", now=NOW)

    import_crm(app, customer("1", ("x", "ana_writes")))
    linking.link(app, now=NOW)

    with app.database.read() as session:
        [view] = link_ledger.listing(session)
    assert (view.judgement.state, view.judgement.decided_by) == (verdict, "eva")


def test_a_rule_does_not_cast_doubt_on_whom_a_person_confirmed(make_app: MakeApp) -> None:
    app = make_app().app
    import_crm(app, customer("1"), customer("2", ("x", "ana_writes")))
    store(app, mention("1"))
    with app.database.begin() as session:
        author = session.scalars(select(AuthorRow)).one()
        links.add(session, author, 1, evidence=["told us on the phone"], by="eva", now=NOW)

    linking.link(app, now=NOW)

    with app.database.read() as session:
        (view,) = views.search(session, Filter())
    assert view.customer is not None
    assert view.customer.external_id == "1"


def test_a_new_crm_file_looks_again_at_the_authors_it_concerns(make_app: MakeApp) -> None:
    app = make_app().app
    store(app, mention("1"))
    assert linking.link(app, now=NOW) == 0

    import_crm(app, customer("1", ("x", "ana_writes")))
    assert linking.link(app, now=NOW) == 1

    import_crm(app, customer("1", ("x", "somebody_else")))
    linking.link(app, now=NOW)
    assert judged(app) == [("1", LinkState.WITHDRAWN)]


def test_linking_again_doubles_nothing(make_app: MakeApp) -> None:
    app = make_app().app
    import_crm(app, customer("1", ("x", "ana_writes")))
    store(app, mention("1"))
    assert [linking.link(app, now=NOW) for _ in range(3)] == [1, 0, 0]
    assert judged(app) == [("1", LinkState.CONFIRMED)]


def test_more_authors_than_one_batch_are_all_looked_at(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "LINK_BATCH", 3)
    app = make_app().app
    import_crm(app, *(customer(str(n), ("x", f"author{n}")) for n in range(7)))
    store(app, *(mention(str(n), author=Author(str(n), f"author{n}")) for n in range(7)))
    assert linking.link(app, now=NOW) == 7


def joined(app: App, *records: CustomerRecord) -> None:
    """As `earshot customers import` does it."""
    import_crm(app, *records)
    with app.database.begin() as session:
        persons.join(session)


MAIL = "ana@mail.example"


def of_system(system: str, *handles: tuple[str, str], email: str = MAIL) -> CustomerRecord:
    return CustomerRecord(system, "7", f"Ana of {system}", email, handles)


def shown(app: App) -> list[tuple[int | None, int | None]]:
    """The customer and the one a filter finds, of each mention."""
    with app.database.read() as session:
        found = [view.customer.id if view.customer else None for view in _all(session)]
        return [
            (one, len(views.search(session, Filter(customer_id=one))) if one else None)
            for one in found
        ]


def _all(session: Session) -> list[views.MentionView]:
    return views.search(session, Filter())


def test_one_person_with_a_handle_in_two_systems_is_confirmed(make_app: MakeApp) -> None:
    app = make_app().app
    handle = ("x", "ana_writes")
    joined(app, of_system("hubspot", handle), of_system("shopify", handle))
    store(app, mention("1"))

    assert linking.link(app, now=NOW) == 1

    with app.database.read() as session:
        [view] = link_ledger.listing(session)
    assert (view.judgement.state, view.customer.id) == (LinkState.CONFIRMED, 1)
    assert view.judgement.evidence == [
        "CRM hubspot holds @ana_writes for x",
        "CRM shopify holds @ana_writes for x",
    ]
    assert shown(app) == [(1, 1)]


def test_a_link_to_any_record_is_the_persons_and_stays_with_the_record(make_app: MakeApp) -> None:
    app = make_app().app
    joined(app, of_system("hubspot"), of_system("shopify", ("x", "ana_writes")))
    store(app, mention("1"))
    linking.link(app, now=NOW)
    assert shown(app) == [(1, 1)]

    with app.database.begin() as session:
        persons.split(session, 1, by="eva", now=NOW)
    linking.link(app, now=NOW)

    assert shown(app) == [(2, 1)]
    with app.database.read() as session:
        assert len(link_ledger.listing(session)) == 1


def test_two_records_of_one_person_confirmed_by_hand_are_one_customer(make_app: MakeApp) -> None:
    app = make_app().app
    joined(app, of_system("hubspot"), of_system("shopify"))
    store(app, mention("1"))
    with app.database.begin() as session:
        author = session.scalars(select(AuthorRow)).one()
        for customer_id in (1, 2):
            links.add(session, author, customer_id, evidence=["told us"], by="eva", now=NOW)
    assert shown(app) == [(1, 1)]
    with app.database.begin() as session:
        persons.split(session, 1, by="eva", now=NOW)
    assert shown(app) == [(None, None)]


@pytest.mark.parametrize("verdict", [LinkState.REJECTED, LinkState.CONFIRMED])
def test_what_a_person_decided_holds_for_all_records_of_the_customer(
    make_app: MakeApp, verdict: LinkState
) -> None:
    app = make_app().app
    handle = ("x", "ana_writes")
    joined(app, of_system("hubspot", email="a@mail.example"), of_system("shopify", handle))
    store(app, mention("1"))
    linking.link(app, now=NOW)
    with app.database.begin() as session:
        links.decide(session, session.scalars(select(LinkRow.id)).one(), verdict, by="eva", now=NOW)

    joined(app, of_system("hubspot", handle))
    linking.link(app, now=NOW)

    with app.database.read() as session:
        [view] = link_ledger.listing(session)
    assert (view.judgement.state, view.judgement.decided_by) == (verdict, "eva")


def test_orders_and_the_tier_of_all_records_are_the_persons(make_app: MakeApp) -> None:
    app = make_app().app
    joined(app, of_system("hubspot"), replace(of_system("shopify"), tier="Platinum"))
    bought = OrderRecord("7", NOW.date(), Decimal("10.00"), "EUR")
    with app.database.begin() as session:
        orders.save(session, "hubspot", [bought])
        orders.save(session, "shopify", [replace(bought, currency="USD")])
    with app.database.read() as session:
        [row] = customers.every(session)
        [worth] = values_of(session, [row], app.config, now=NOW).values()
    assert (worth.orders, worth.tier, worth.currency) == (2, "Platinum", "mixed")
    assert worth.revenues == (Amount("EUR", 10.0), Amount("USD", 10.0))

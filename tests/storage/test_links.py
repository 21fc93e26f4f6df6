import dataclasses

import pytest
from sqlalchemy.orm import Session

from domain.customer import Basis, Judgement, LinkState
from domain.errors import EarshotError
from domain.listing import Role
from domain.mention import Author
from storage import customer_keys, customers, link_ledger, link_rules, link_work, links, views
from storage.engine import Database
from storage.tables import (
    AuthorRow,
)
from tests.storage.made import (
    ANA,
    BEN,
    DAY,
    NOW,
    author_of,
    customer,
    customer_id,
    mention,
    store,
    unchecked,
)

CONFIRMED, PROPOSED, REJECTED = LinkState.CONFIRMED, LinkState.PROPOSED, LinkState.REJECTED


@pytest.fixture
def known(database: Database) -> Database:
    """Ana and Ben have written; there are three customers, one with Ana's handle."""
    with database.begin() as session:
        store(session, mention("1"), mention("2", author=BEN))
        rows = [customer("C1"), customer("C2", ("x", "two")), customer("C3", ("x", "three"))]
        customers.save(session, rows, now=NOW)
    return database


def judgement(session: Session, name: str, state: LinkState = CONFIRMED) -> Judgement:
    return Judgement(
        customer_id(session, name), state, 0.99, Basis.HANDLE_ON_FILE, ("CRM holds it",)
    )


def judge(session: Session, *names: str, state: LinkState = CONFIRMED) -> None:
    found = [judgement(session, name, state) for name in names]
    link_rules.judge(session, {author_of(session, "501").id: found}, now=NOW)


def ana(session: Session) -> AuthorRow:
    return author_of(session, "501")


def stored(session: Session) -> dict[str, tuple[str, str]]:
    """State and who decided, by customer."""
    return {
        view.customer.external_id: (view.judgement.state, view.judgement.decided_by)
        for view in link_ledger.listing(session)
    }


def shown(session: Session) -> list[str | None]:
    """The customers of Ana's mentions as people see them; both ways of asking must agree."""
    found = [
        view.customer.external_id if view.customer else None
        for view in views.search(session, views.Filter())
        if view.author is not None and view.author.external_id == "501"
    ]
    one = links.confirmed(session, [ana(session).id]).get(ana(session).id)
    assert set(found) == {customers.get(session, one.customer_id).external_id if one else None}  # type: ignore[union-attr]
    return found


def test_every_new_author_is_checked_once(known: Database) -> None:
    with known.begin() as session:
        assert unchecked(session) == ["501", "502"]
        assert [row.external_id for row in link_work.take(session, limit=1, now=NOW)] == ["501"]
        assert unchecked(session) == ["502"]
        assert len(link_work.take(session, limit=0, now=NOW)) == 0


def test_what_a_rule_says_replaces_what_rules_said(known: Database) -> None:
    with known.begin() as session:
        judge(session, "C1", "C2", state=PROPOSED)
        judge(session, "C1")
        assert stored(session) == {
            "C1": ("confirmed", "rule:handle_on_file"),
            "C2": ("withdrawn", "rule:handle_on_file"),
        }
        [view] = link_ledger.listing(session, state=CONFIRMED)
        assert view.judgement.evidence == ["CRM holds it"]
        assert link_ledger.listing(session, state=PROPOSED) == []
        for _ in range(2):
            judge(session)
            assert stored(session)["C1"] == ("withdrawn", "rule:handle_on_file")
        [_, _, once] = link_ledger.history(session, view.link.id)
        assert once.judgement.evidence == ["the rules do not find any more:", "CRM holds it"]
        judge(session, "C1")
        assert stored(session)["C1"] == ("confirmed", "rule:handle_on_file")


@pytest.mark.parametrize("state", [CONFIRMED, REJECTED])
def test_what_a_person_decided_stays_whatever_rules_say(known: Database, state: LinkState) -> None:
    with known.begin() as session:
        judge(session, "C1", state=PROPOSED)
        [view] = link_ledger.listing(session)
        links.decide(session, view.link.id, state, by="maria", now=NOW)
        for names in (("C1",), ()):
            judge(session, *names)
            assert stored(session) == {"C1": (state, "maria")}


def test_the_customer_a_person_confirmed_is_shown_although_a_rule_says_another(
    known: Database,
) -> None:
    with known.begin() as session:
        judge(session, "C1")
        assert shown(session) == ["C1"]
        links.add(
            session, ana(session), customer_id(session, "C2"), evidence=["told"], by="me", now=NOW
        )
        assert shown(session) == ["C2"]
        judge(session, "C1")
        assert shown(session) == ["C2"]


def test_after_a_rejection_the_rules_look_again(known: Database) -> None:
    with known.begin() as session:
        judge(session, "C1")
        link = links.add(
            session, ana(session), customer_id(session, "C2"), evidence=["b"], by="me", now=NOW
        )
        judge(session, "C1")
        links.decide(session, link.link.id, REJECTED, by="me", now=NOW)
        assert "501" in unchecked(session)
        judge(session, "C1")
        assert shown(session) == ["C1"]


def test_an_author_confirmed_as_two_customers_is_shown_as_nobody(known: Database) -> None:
    with known.begin() as session:
        for name in ("C1", "C2"):
            who = customer_id(session, name)
            link = links.add(session, ana(session), who, evidence=["told"], by="me", now=NOW)
        assert shown(session) == [None]
        for wanted in ("C1", "C2"):
            by_customer = views.Filter(customer_id=customer_id(session, wanted))
            assert views.search(session, by_customer) == []
        links.decide(session, link.link.id, REJECTED, by="me", now=NOW)
        assert shown(session) == ["C1"]


@pytest.mark.parametrize("state", [PROPOSED, REJECTED])
def test_only_confirmed_links_are_shown(known: Database, state: LinkState) -> None:
    with known.begin() as session:
        judge(session, "C1", state=state)
        assert shown(session) == [None]


def test_a_stated_link_keeps_its_basis_and_replaces_an_older_one(known: Database) -> None:
    with known.begin() as session:
        judge(session, "C1", state=PROPOSED)
        who = customer_id(session)
        made = links.add(session, ana(session), who, evidence=["ticket 881"], by="maria", now=NOW)
        assert (made.now.basis, made.now.evidence, made.now.state) == (
            Basis.GIVEN,
            ["ticket 881"],
            CONFIRMED,
        )
        again = links.add(
            session, ana(session), who, evidence=["ticket 9"], by="ben", now=NOW + DAY
        )
        assert (again.link.id, again.now.evidence, again.now.decided_by, again.now.at) == (
            made.link.id,
            ["ticket 9"],
            "ben",
            NOW + DAY,
        )


def test_deciding_about_a_link_that_is_none_is_refused(known: Database) -> None:
    told = "there is no link 99: see earshot links list"
    with known.begin() as session, pytest.raises(EarshotError, match=told):
        links.decide(session, 99, CONFIRMED, by="me", now=NOW)


def test_the_newest_decision_is_listed_first(known: Database) -> None:
    with known.begin() as session:
        judge(session, "C1", "C2", state=PROPOSED)
        old = next(v for v in link_ledger.listing(session) if v.customer.external_id == "C1")
        links.decide(session, old.link.id, REJECTED, by="me", now=NOW + DAY)
        assert [view.customer.external_id for view in link_ledger.listing(session)] == ["C1", "C2"]


def test_after_an_import_only_the_authors_it_may_concern_are_looked_at_again(
    known: Database,
) -> None:
    with known.begin() as session:
        store(session, mention("3", author=Author("503", "nobody")))
        link_work.take(session, limit=9, now=NOW)
        link_work.ask(session, {author_of(session, "501").id: [7]}, [])
        ben = author_of(session, "502")
        link_rules.judge(session, {ben.id: [judgement(session, "C3")]}, now=NOW)  # linked before
        imported = {customer_id(session, "C1"): [7], customer_id(session, "C3"): [8]}
        customer_keys.forget(session, imported)
        customer_keys.replace(session, imported)
        assert unchecked(session) == ["501", "502"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        pytest.param("501", "501", id="id"),
        pytest.param("ana_WRITES", "501", id="handle"),
        pytest.param("@Ana_Writes ", "501", id="handle with at"),
        pytest.param("Ana", None, id="display names never count"),
        pytest.param("%", None, id="LIKE"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_an_author_is_found_by_id_or_handle(known: Database, name: str, found: str | None) -> None:
    with known.read() as session:
        row = links.find_author(session, "x", name)
        assert (row.external_id if row else None) == found
        assert links.find_author(session, "reddit", name) is None


def test_of_two_with_a_handle_the_one_seen_last_is_found(known: Database) -> None:
    with known.begin() as session:
        store(session, mention("9", author=Author("900", "ana_writes"), published_at=NOW))
        row = links.find_author(session, "x", "ana_writes")
        assert row is not None
        assert row.external_id == "900"


def test_more_authors_than_a_statement_takes_may_be_asked_for(known: Database) -> None:
    with known.begin() as session:
        judge(session, "C1")
        assert list(links.confirmed(session, range(70_000))) == [ana(session).id]
        assert links.confirmed(session, []) == {}


def test_the_share_of_authors_that_could_be_linked(known: Database) -> None:
    with known.begin() as session:
        judge(session, "C1")
        store(session, mention("r", source="reddit", author=dataclasses.replace(ANA, id="r1")))
        store(session, mention("old", author=Author("9", "old"), published_at=NOW - 99 * DAY))
        store(session, mention("none", author=None))
        store(session, mention("rival", author=Author("8", "r")), roles={"Acme": Role.COMPETITOR})
        share = links.linkable_share(session, "Acme", since=NOW - DAY, may_not=["reddit"])
        assert share == (1, 2, 3)
        assert links.linkable_share(session, "Globex", since=NOW, may_not=[]) == (0, 0, 0)


def test_an_unchanged_judgement_keeps_its_row_and_a_changed_one_its_id(known: Database) -> None:
    with known.begin() as session:
        judge(session, "C1", "C2", state=PROPOSED)
        first = {view.customer.external_id: view.link.id for view in link_ledger.listing(session)}
        found = [judgement(session, "C1", PROPOSED), judgement(session, "C2")]
        link_rules.judge(session, {ana(session).id: found}, now=NOW + DAY)
        again = {view.customer.external_id: view for view in link_ledger.listing(session)}
        assert {name: view.link.id for name, view in again.items()} == first
        assert (again["C1"].judgement.at, again["C2"].judgement.at) == (NOW, NOW + DAY)
        assert again["C2"].judgement.state == CONFIRMED


def test_the_id_of_a_link_that_is_gone_is_not_given_again(known: Database) -> None:
    with known.begin() as session:
        judge(session, "C1")
        gone = link_ledger.listing(session)[0].link.id
        judge(session)
        judge(session, "C2")
        assert link_ledger.listing(session)[0].link.id > gone


def test_each_judgement_is_told_with_what_held_before(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        customers.save(session, [customer()], now=NOW)
        assert (link_ledger.newest(session), link_ledger.turns(session, after=0)) == (0, [])
        ana = author_of(session, "501")
        links.add(session, ana, customer_id(session), by="eva", now=NOW, evidence=["a ticket"])
        first = link_ledger.newest(session)
        links.decide(session, 1, LinkState.WITHDRAWN, by="eva", now=NOW)
        told = [(one.before, one.state) for one in link_ledger.turns(session, after=0)]
        assert told == [(None, "confirmed"), ("confirmed", "withdrawn")]
        [last] = link_ledger.turns(session, after=first)
        assert (last.before, last.author_id, last.judgement_id) == ("confirmed", ana.id, first + 1)
        assert link_ledger.turns(session, after=link_ledger.newest(session)) == []

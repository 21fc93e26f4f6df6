"""Linking on the real way: posts and records in the database, the step, the ledger."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import event, func, select

from crm.linking.evidence import Finding
from crm.linking.weights import shipped
from domain.customer import CustomerRecord, LinkState
from domain.mention import Author
from earshot.core.app import App
from earshot.customers import lessons, order_numbers
from earshot.customers import link as linking
from listener.contracts import contract_of
from storage import customers, link_ledger, links
from storage.tables import LinkJudgementRow
from tests.conftest import MakeApp
from tests.earshot.world import MINUTE, NOW, mention, store

CONFIRMED, PROPOSED = LinkState.CONFIRMED, LinkState.PROPOSED
ANA = CustomerRecord(
    "hubspot",
    "7",
    "Ana Silveira",
    "ana.silveira@mail.example",
    city="Leeds",
    country="GB",
    phones=("+4915112345678",),
)
HERSELF = Author(id="501", handle="moonwalker77", name="Ana Silveira", location="Leeds, UK")
NOBODY = replace(HERSELF, name="", location="")
MAIL = "Acme, mail me at ana.silveira@mail.example"


def bring(app: App, *records: CustomerRecord) -> None:
    with app.database.begin() as session:
        customers.save(session, records, now=NOW)


def step(app: App) -> list[tuple[str, str, str]]:
    """(CRM id, state, basis) of every link, after the steps that read and link."""
    order_numbers.read(app)
    linking.link(app, now=NOW)
    with app.database.read() as session:
        return sorted(
            (one.customer.external_id, one.judgement.state, one.judgement.basis)
            for one in link_ledger.listing(session)
        )


def let_scores_confirm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        linking, "contract_of", lambda source: replace(contract_of(source), may_score=True)
    )


def statements(app: App, do: Callable[[], object]) -> list[str]:
    said: list[str] = []

    def note(*given: object) -> None:
        said.append(str(given[2]))

    event.listen(app.database.engine, "before_cursor_execute", note)
    do()
    event.remove(app.database.engine, "before_cursor_execute", note)
    return said


def test_what_an_author_says_later_links_them(make_app: MakeApp) -> None:
    app = make_app().app
    bring(app, ANA)
    store(app, mention("1", author=NOBODY))
    assert step(app) == []
    store(app, mention("2", MAIL, author=NOBODY, published_at=NOW - MINUTE))
    assert step(app) == [("7", CONFIRMED, "self_stated")]


def test_a_record_that_comes_later_finds_its_author(make_app: MakeApp) -> None:
    app = make_app().app
    store(app, mention("1", author=HERSELF), mention("2", author=Author("9", "kim", "Kim Lee")))
    assert step(app) == []
    bring(app, ANA)
    assert step(app) == [("7", PROPOSED, "scored")]
    bring(app, replace(ANA, city="Boston", country="US"))
    assert step(app) == [("7", LinkState.WITHDRAWN, "scored")]


def test_a_profile_that_changes_is_looked_at_again(make_app: MakeApp) -> None:
    app = make_app().app
    bring(app, ANA)
    store(app, mention("1", author=NOBODY))
    assert step(app) == []
    store(app, mention("2", author=HERSELF, published_at=NOW - MINUTE))
    assert step(app) == [("7", PROPOSED, "scored")]


def test_a_score_confirms_where_the_contract_lets_it(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_scores_confirm(monkeypatch)
    app = make_app().app
    bring(app, ANA)
    store(app, mention("1", author=HERSELF))
    assert step(app) == [("7", CONFIRMED, "scored")]


@pytest.mark.parametrize("source", ["reddit", "youtube", "linkedin"])
def test_where_linking_is_forbidden_nothing_is_even_proposed(
    make_app: MakeApp, source: str
) -> None:
    app = make_app().app
    bring(app, replace(ANA, handles=((source, "moonwalker77"),)))
    store(app, mention("1", MAIL, source=source, author=HERSELF))
    assert step(app) == []


def test_the_order_of_an_import_changes_nothing(make_app: MakeApp) -> None:
    others = (
        replace(ANA, external_id="8", name="Ana Silva", email="", phones=()),
        replace(ANA, external_id="9", city="Boston", email="", phones=()),
    )
    found = []
    for records in ((ANA, *others), (*reversed(others), ANA)):
        app = make_app().app
        bring(app, *records)
        store(app, mention("1", author=HERSELF))
        found.append(step(app))
    assert found[0] == found[1] == [("7", PROPOSED, "scored")]


def test_to_look_again_writes_nothing_where_nothing_changed(make_app: MakeApp) -> None:
    app = make_app().app
    bring(app, ANA)
    store(app, mention("1", MAIL, author=HERSELF))
    first = step(app)
    with app.database.begin() as session:
        author = links.find_author(session, "x", "moonwalker77")
        assert author is not None
        links.look_again(session, [author.id])
    assert step(app) == first
    with app.database.read() as session:
        assert session.scalar(select(func.count()).select_from(LinkJudgementRow)) == 1


def test_authors_without_a_hit_cost_four_statements(make_app: MakeApp) -> None:
    app = make_app().app
    bring(app, ANA)
    linking.link(app, now=NOW)
    strangers = [
        mention(f"{n}", author=Author(f"s{n}", f"stranger{n}", f"Kim{n} Lee")) for n in range(500)
    ]
    store(app, *strangers)
    said = statements(app, lambda: linking.link(app, now=NOW))
    asked = [one for one in said if not one.startswith(("BEGIN", "SET LOCAL"))]
    ends, changed, *of_authors = asked
    assert "expires_at" in ends
    assert "keyed" in changed
    assert len(of_authors) == 4, of_authors


def test_what_people_reject_teaches_the_weights(make_app: MakeApp) -> None:
    app = make_app().app
    names = [f"Ana Silveira{letter}" for letter in "abcdefgh"]
    bring(
        app,
        *(replace(ANA, external_id=name, name=name, email="", phones=()) for name in names),
    )
    store(
        app,
        *(
            mention(name, author=replace(HERSELF, id=name, handle=f"h{n}", name=name))
            for n, name in enumerate(names)
        ),
    )
    assert {state for _, state, _ in step(app)} == {PROPOSED}
    with app.database.begin() as session:
        for view in link_ledger.listing(session):
            links.decide(session, view.link.id, LinkState.REJECTED, by="kim", now=NOW)
    same_city = Finding("place", "same city")
    with app.database.begin() as session:
        learned = lessons.weights(session)
        assert learned.of(same_city) < shipped().of(same_city) - 0.1
        assert lessons.weights(session).counts == learned.counts
    assert {state for _, state, _ in step(app)} == {LinkState.REJECTED}

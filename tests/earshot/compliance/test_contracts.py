"""What a network forbids, the code refuses: one test for each line of a contract."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.contract import Contract
from domain.customer import CustomerRecord
from domain.listing import Role, Stage
from earshot.compliance import retention
from earshot.core.app import App
from earshot.pipeline import collect as collecting
from listener.contracts import contract_of, contracts
from storage import customers, listings, mentions, views
from storage.mentions import Listed
from storage.tables import (
    AuthorRow,
    IncidentRow,
    LinkRow,
    MentionRow,
    ScoreRow,
)
from tests.conftest import MakeApp
from tests.earshot.world import DAY, NOW, Feed, live, mention, page, with_sources, with_words


@pytest.fixture
def app(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("TOKEN", "canary")
    return with_words(make_app("[sources.x]\nenabled = true\nbearer_token = 'env:TOKEN'\n").app)


def rule(monkeypatch: pytest.MonkeyPatch, **changed: object) -> Contract:
    """X with another contract."""
    made: Contract = replace(contract_of("x"), **changed)  # type: ignore[arg-type]
    monkeypatch.setitem(contracts(), "x", made)
    return made


class Strict(Feed):
    @property
    def contract(self) -> Contract:
        return contract_of("x")


def test_authors_that_may_not_be_kept_are_never_stored(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(monkeypatch, keep_authors=False)
    with_sources(app, Strict("x", [page(1, mention("1"))], only_for="Acme"))
    collecting.collect(app, "x", now=NOW)
    with app.database.read() as session:
        assert len(session.scalars(select(MentionRow)).all()) == 1
        assert session.scalars(select(AuthorRow)).all() == []


def test_a_tone_that_may_not_be_derived_is_not_worked_out_and_alerts_nobody(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(monkeypatch, may_derive=False)
    live(app, mention("1"), mention("2", source="forum"))
    with app.database.read() as session:
        told = {
            view.mention.source: view.sentiment for view in views.search(session, views.Filter())
        }
        assert (told["x"] is not None, told["forum"] is not None) == (True, True)
        assert [told["x"].label, told["x"].reason] == [None, "unscored: contract"]  # type: ignore[union-attr]
        assert [row.label for row in session.scalars(select(ScoreRow))].count("negative") == 1
        assert len(session.scalars(select(IncidentRow)).all()) == 1


def test_an_author_who_may_not_be_linked_is_not(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    rule(monkeypatch, may_link=False)
    ana = CustomerRecord("hubspot", "C1", "Ana Ruiz", "a@example.com", (("x", "ana_writes"),))
    with app.database.begin() as session:
        customers.save(session, [ana], now=NOW)
    live(app, mention("1"))
    with app.database.read() as session:
        assert session.scalars(select(LinkRow)).all() == []


def test_nothing_is_kept_longer_than_allowed(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    rule(monkeypatch, retention=timedelta(days=2))
    live(app, mention("1"), mention("2", source="forum"))
    assert retention.comply(app, now=NOW + 3 * DAY) == 1
    with app.database.read() as session:
        assert session.scalars(select(MentionRow.source)).all() == ["forum"]


def test_what_was_edited_while_it_was_scored_is_scored_again(app: App) -> None:
    with app.database.begin() as session:
        mentions.add_new(session, [Listed(mention("1"), {"Acme": Role.BRAND})], now=NOW)
        (work,) = listings.waiting(session, Stage.COLLECTED, limit=9)
        edited = mention("1", "Acme is lovely", edited_at=NOW)
        mentions.add_new(session, [Listed(edited, {"Acme": Role.BRAND})], now=NOW)
        (tone,) = app.classifier.classify([work.text], ["en"], [[]])
        listings.add_scores(session, [(work, tone)], now=NOW)
        (again,) = listings.waiting(session, Stage.COLLECTED, limit=9)
        assert again.text == "Acme is lovely"

"""Confirmed handles written into HubSpot: once, over nobody's words, cleared when a link ends."""

import os

import pytest
from sqlalchemy import select

from crm.api.source import TakesHandles
from domain.customer import Basis, LinkState
from domain.errors import RemoteError
from earshot.core.app import App
from earshot.customers import sync as syncing
from earshot.customers.sync import Pass
from storage import links
from storage.tables import AuthorRow, CustomerRow, LinkRow, WriteBackRow
from tests.conftest import MakeApp
from tests.crm.hubspot_double import TOKEN, HubSpotDouble
from tests.earshot.world import ANA, DAY, NOW, mention, store
from tests.net.conftest import replay
from tests.net.replay import Replay

__all__ = ["replay"]


@pytest.fixture
def portal(replay: Replay) -> HubSpotDouble:
    double = HubSpotDouble()
    replay.by_query = double.answer
    double.contact(51, firstname="Ana")
    return double


@pytest.fixture
def app(
    make_app: MakeApp, portal: HubSpotDouble, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> App:
    del portal
    monkeypatch.setitem(os.environ, "HUBSPOT_TOKEN", TOKEN)
    app = make_app(
        f"""
        [crm.hubspot]
        enabled = true
        access_token = "env:HUBSPOT_TOKEN"
        write_back = "earshot_handle"
        base_url = "{replay.url}"
        """
    ).app
    sync(app)
    store(app, mention("1", author=ANA))
    return app


def sync(app: App, days: float = 0) -> tuple[int, int, int]:
    """Written, cleared, left as it was."""
    done = syncing.sync(app, ["hubspot"], Pass(NOW + days * DAY))[-1]
    assert done.what == "handles written back"
    return done.new, done.deleted, done.refused


def confirm(app: App, basis: Basis = Basis.GIVEN) -> int:
    with app.database.begin() as session:
        author = session.scalars(select(AuthorRow)).one()
        customer_id = session.scalars(select(CustomerRow.id)).first() or 0
        made = links.add(session, author, customer_id, by="ben", now=NOW, basis=basis)
        return made.link.id


def withdraw(app: App, link_id: int) -> None:
    with app.database.begin() as session:
        links.decide(session, link_id, LinkState.WITHDRAWN, by="ben", now=NOW)


def handle(portal: HubSpotDouble) -> object:
    return portal.records["contacts"][51].get("earshot_handle")


@pytest.mark.parametrize("basis", [Basis.GIVEN, Basis.PERSON])
def test_a_confirmed_handle_is_written_once(app: App, portal: HubSpotDouble, basis: Basis) -> None:
    confirm(app, basis)

    assert sync(app, 1) == (1, 0, 0)
    assert sync(app, 2) == (0, 0, 0)
    assert portal.written == [(51, {"earshot_handle": "x:ana_writes"})]


def test_what_is_only_weighed_is_not_written(app: App, portal: HubSpotDouble) -> None:
    confirm(app, Basis.SCORED)

    assert sync(app, 1) == (0, 0, 0)
    assert portal.written == []


def test_what_stands_there_is_neither_overwritten_nor_cleared(
    app: App, portal: HubSpotDouble
) -> None:
    portal.contact(51, earshot_handle="x:ana_writes")
    link_id = confirm(app)
    first = sync(app, 1)
    withdraw(app, link_id)

    assert (first, sync(app, 2)) == ((0, 0, 1), (0, 0, 0))
    assert (handle(portal), portal.written) == ("x:ana_writes", [])


def test_a_link_that_is_withdrawn_takes_back_what_was_written(
    app: App, portal: HubSpotDouble
) -> None:
    link_id = confirm(app)
    sync(app, 1)
    withdraw(app, link_id)

    assert sync(app, 2) == (0, 1, 0)
    assert handle(portal) == ""
    confirm(app)
    assert sync(app, 3) == (1, 0, 0)


def test_what_somebody_wrote_over_it_stays(app: App, portal: HubSpotDouble) -> None:
    link_id = confirm(app)
    sync(app, 1)
    portal.contact(51, earshot_handle="x:another")
    withdraw(app, link_id)

    assert sync(app, 2) == (0, 0, 0)
    assert handle(portal) == "x:another"


def test_what_was_written_without_an_answer_is_known_as_ours(
    app: App, portal: HubSpotDouble
) -> None:
    link_id = confirm(app)
    portal.cuts_write = True
    broken = syncing.sync(app, ["hubspot"], Pass(NOW + DAY))[-1]

    assert broken.trouble == "hubspot: no whole answer came (ChunkedEncodingError)"
    assert sync(app, 2) == (1, 0, 0)
    assert len(portal.written) == 1
    withdraw(app, link_id)
    assert sync(app, 3) == (0, 1, 0)


def test_a_handle_is_not_kept_beside_the_link(app: App) -> None:
    confirm(app)
    sync(app, 1)

    with app.database.read() as session:
        (row,) = session.scalars(select(WriteBackRow))
    assert (row.external_id, row.property, row.state) == ("51", "earshot_handle", "written")
    assert row.seal.startswith("sealed-")


def test_a_link_that_is_gone_with_its_author_is_cleared(app: App, portal: HubSpotDouble) -> None:
    confirm(app)
    sync(app, 1)
    with app.database.begin() as session:
        session.delete(session.scalars(select(LinkRow)).one())

    assert sync(app, 2) == (0, 1, 0)
    assert handle(portal) == ""


def test_who_was_merged_or_deleted_there_gets_nothing(app: App, portal: HubSpotDouble) -> None:
    confirm(app)
    portal.merged[51] = 52
    portal.contact(52, firstname="Another")

    assert sync(app, 1) == (0, 0, 0)
    assert portal.written == []


def test_a_refused_write_does_not_stop_the_reading(app: App, portal: HubSpotDouble) -> None:
    confirm(app)
    portal.may_write = False

    done = syncing.sync(app, ["hubspot"], Pass(NOW + DAY))
    later = syncing.sync(app, ["hubspot"], Pass(NOW + DAY / 24 / 4 + DAY))

    assert "crm.objects.contacts.write" in done[-1].trouble
    assert [one.trouble for one in done[:-1]] == [""] * 4
    assert syncing.left_alone(app, "hubspot", now=NOW + DAY) == ""
    assert later[-1].trouble == ""  # it is left alone for an hour


def test_doctor_says_where_a_property_is_missing(app: App, portal: HubSpotDouble) -> None:
    source = syncing.source_of(app, "hubspot")
    assert isinstance(source, TakesHandles)
    assert source.check().endswith("; handles are written into earshot_handle")
    portal.properties.clear()

    with pytest.raises(RemoteError, match="contacts have no property earshot_handle: make one"):
        source.check()

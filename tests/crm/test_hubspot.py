"""HubSpot against a double of it on loopback."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from crm.api.hubspot.settings import HubSpotSettings
from crm.api.hubspot.source import HubSpotSource
from crm.api.source import Page
from domain.customer import CustomerRecord, OrderRecord
from domain.errors import RemoteError
from tests.crm.hubspot_double import TOKEN, HubSpotDouble
from tests.net.replay import Answer, Replay

RECORDED = Path(__file__).parent / "fixtures" / "recorded"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def source(replay: Replay, portal: HubSpotDouble) -> HubSpotSource:
    del portal
    return HubSpotSource(
        HubSpotSettings(base_url=replay.url, access_token=SecretStr(TOKEN)), phone_region="DE"
    )


def pulled(
    source: HubSpotSource,
    what: str,
    cursor: Mapping[str, Any] | None = None,
    *,
    now: datetime = NOW,
) -> tuple[list[Page], Mapping[str, Any] | None]:
    pages = list(source.pull(what, cursor, now=now))
    return pages, pages[-1].cursor if pages else cursor


def names(pages: list[Page]) -> list[str]:
    return [one.name for page in pages for one in page.customers]


def ids(pages: list[Page]) -> list[str]:
    return [one.external_id for page in pages for one in page.customers]


def test_a_contact_with_all_that_was_asked_for(
    source: HubSpotSource, portal: HubSpotDouble
) -> None:
    portal.contact(
        *(51, "08:30:00"),
        firstname="Ana",
        lastname="Sol",
        email="Ana@Mail.Example",
        hs_additional_emails="ana@work.example;sol@mail.example",
        twitterhandle="@AnaSol",
        hs_linkedin_url="https://www.linkedin.com/in/ana-sol",
        phone="030 1234567",
        city="Berlin",
        createdate="2024-01-05T10:00:00Z",
        hs_email_optout="true",
        hs_merged_object_ids="7;8",
    )

    (page,), _ = pulled(source, "contacts")

    assert page.customers == (
        CustomerRecord(
            *("hubspot", "51", "Ana Sol", "ana@mail.example"),
            handles=(("x", "anasol"), ("linkedin", "ana-sol")),
            updated_at=datetime(2026, 11, 20, 8, 30, tzinfo=UTC),
            other_emails=("ana@work.example", "sol@mail.example"),
            phones=("+49301234567",),
            city="Berlin",
            permission="no",
            created_at=datetime(2024, 1, 5, 10, 0, tzinfo=UTC),
            merged_ids=("7", "8"),
        ),
    )


def test_recorded_answers_can_be_read(source: HubSpotSource, replay: Replay) -> None:
    recorded = json.loads((RECORDED / "hubspot.json").read_text(encoding="utf-8"))
    replay.by_query = lambda asked: Answer(recorded[asked.path.rsplit("/", 1)[1]])

    (people,), _ = pulled(source, "contacts")
    (deals,), _ = pulled(source, "deals")

    (maria,) = people.customers
    assert (maria.external_id, maria.email) == ("1", "emailmaria@hubspot.com")
    assert maria.updated_at == datetime(2023, 2, 24, 14, 7, 59, 929_000, tzinfo=UTC)
    assert maria.created_at == datetime(2023, 2, 24, 3, 0, 13, 460_000, tzinfo=UTC)
    assert (deals.orders, deals.refused) == ((), ())  # open, without an end
    assert deals.deleted_orders == ("6744192456",)


def test_handles_stand_in_properties_of_ones_own_too(replay: Replay, portal: HubSpotDouble) -> None:
    portal.contact(51, firstname="Ana", insta="ana.sol")
    settings = HubSpotSettings.model_validate(
        {
            "base_url": replay.url,
            "access_token": TOKEN,
            "handle_properties": {"Instagram": "insta"},
        }
    )

    (page,), _ = pulled(HubSpotSource(settings), "contacts")

    assert page.customers[0].handles == (("instagram", "ana.sol"),)


def test_all_are_read_first_and_then_what_has_changed(
    source: HubSpotSource, portal: HubSpotDouble
) -> None:
    for number in range(1, 6):
        portal.contact(number, firstname=f"N{number}")
    first, cursor = pulled(source, "contacts")
    portal.contact(3, "09:10:00", firstname="Changed")

    second, cursor = pulled(source, "contacts", cursor, now=NOW + timedelta(minutes=30))
    third, _ = pulled(source, "contacts", cursor, now=NOW + timedelta(minutes=60))

    assert names(first) == ["N1", "N2", "N3", "N4", "N5"]
    assert names(second) == ["Changed"]
    assert names(third) == []
    assert len(third) == 1  # for its cursor


def test_what_was_saved_just_before_the_last_pass_is_read_again(
    source: HubSpotSource, portal: HubSpotDouble
) -> None:
    _, cursor = pulled(source, "contacts")
    portal.contact(1, "08:46:00", firstname="Late")  # the search had not found it yet
    portal.contact(2, "08:44:00", firstname="Long there")

    found, _ = pulled(source, "contacts", cursor)

    assert names(found) == ["Late"]


def test_more_with_one_stamp_than_a_search_shows_all_come(
    source: HubSpotSource, portal: HubSpotDouble
) -> None:
    _, cursor = pulled(source, "contacts")
    for number in range(1, 12):
        portal.contact(number, "09:00:00", firstname=f"N{number}")

    found, _ = pulled(source, "contacts", cursor)

    assert len(names(found)) == len(set(names(found))) == 11


def test_who_changes_during_the_walk_costs_nobody_their_place(
    source: HubSpotSource, portal: HubSpotDouble
) -> None:
    _, cursor = pulled(source, "contacts")
    for number in range(1, 8):
        portal.contact(number, "08:50:00", firstname=f"N{number}")
    met = []
    for page in source.pull("contacts", cursor, now=NOW):
        met += [one.external_id for one in page.customers]
        portal.contact(1, "09:00:00")

    assert met == ["1", "2", "3", "4", "5", "6", "7"]


@pytest.mark.parametrize(
    "changed_only", [pytest.param(False, id="all"), pytest.param(True, id="changed")]
)
def test_a_walk_that_broke_off_goes_on_there(
    source: HubSpotSource, portal: HubSpotDouble, *, changed_only: bool
) -> None:
    cursor = pulled(source, "contacts")[1] if changed_only else None
    for number in range(1, 6):
        portal.contact(number, "09:00:00", firstname=f"N{number}")
    portal.faults = [None, Answer({"status": "error"}, 502)]
    pages: Iterator[Page] = source.pull("contacts", cursor, now=NOW)
    first = next(pages)
    with pytest.raises(RemoteError, match="fails"):
        next(pages)

    rest, _ = pulled(source, "contacts", first.cursor)

    assert [*ids([first]), *ids(rest)] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    "changed_only", [pytest.param(False, id="all"), pytest.param(True, id="changed")]
)
def test_deals_that_were_won_are_orders_of_their_oldest_contact(
    source: HubSpotSource, portal: HubSpotDouble, *, changed_only: bool
) -> None:
    cursor = pulled(source, "deals")[1] if changed_only else None
    portal.deal(901, 52, 51, stamp="09:00:00")
    portal.deal(902, 51, stamp="09:00:00", hs_is_closed_won="false", dealstage="closedlost")
    portal.deal(903, stamp="09:00:00")  # of nobody
    portal.deal(904, 51, stamp="09:00:00", hs_is_closed_won="false", dealstage="1", amount=None)

    pages, _ = pulled(source, "deals", cursor)

    won = OrderRecord(*("51", date(2026, 11, 2), Decimal("120.5000"), "EUR", "901"), is_deal=True)
    orders = [one for page in pages for one in page.orders]
    assert orders[0] == won
    assert [(one.external_id, one.amount) for one in orders[1:]] == [("902", Decimal(0))]
    assert [one.external_id for page in pages for one in page.refused] == ["903"]
    assert [one for page in pages for one in page.deleted_orders] == ["904"]


def test_the_bin_is_looked_through_once_an_hour(
    source: HubSpotSource, portal: HubSpotDouble
) -> None:
    for number in (1, 2, 3):
        portal.contact(number)
        portal.archive("contacts", number)
    portal.contact(4)
    portal.archive("contacts", 4, "08:50:00")  # perhaps merged, which a search finds late
    portal.deal(901, 1)
    portal.archive("deals", 901)

    pages, cursor = pulled(source, "deleted contacts")
    deals, _ = pulled(source, "deleted deals")
    soon, _ = pulled(source, "deleted contacts", cursor, now=NOW + timedelta(minutes=30))
    later, _ = pulled(source, "deleted contacts", cursor, now=NOW + timedelta(minutes=61))

    assert [one for page in pages for one in page.deleted] == ["1", "2", "3"]
    assert [one for page in later for one in page.deleted] == ["1", "2", "3", "4"]
    assert [one for page in deals for one in page.deleted_orders] == ["901"]
    assert (soon, len(later)) == ([], 2)


@pytest.mark.parametrize(
    ("record", "external_id", "reason"),
    [
        pytest.param("text", "", "has no id that can be read", id="no object"),
        pytest.param({"id": "x1", "properties": {}}, "", "has no id that can be read", id="id"),
        pytest.param({"id": "77"}, "77", "has no properties", id="no properties"),
        pytest.param(
            *({"id": "77", "properties": {"email": {"a": 1}}}, "77"),
            "holds a list or an object where a value belongs",
            id="an object in a property",
        ),
        pytest.param(
            *({"id": "77", "properties": {"email": None}}, "77"),
            "has no name, e-mail or handle",
            id="nobody",
        ),
    ],
)
def test_one_bad_record_is_told_and_the_others_come(
    source: HubSpotSource,
    portal: HubSpotDouble,
    record: object,
    external_id: str,
    reason: str,
) -> None:
    portal.contact(1, firstname="Ana")
    portal.broken = [record]

    (page,), _ = pulled(source, "contacts")

    assert (names([page]), page.read) == (["Ana"], 2)
    assert [(one.external_id, one.reason) for one in page.refused] == [(external_id, reason)]


@pytest.mark.parametrize(
    ("answer", "says", "permanent", "wait_s"),
    [
        pytest.param(
            Answer({"status": "error", "category": "EXPIRED_AUTHENTICATION"}, 401),
            "hubspot: refused (401 EXPIRED_AUTHENTICATION); make a new token in the private app "
            "and put it where crm.hubspot.access_token points",
            *(True, None),
            id="a token that has ended",
        ),
        pytest.param(
            Answer({"status": "error", "category": "MISSING_SCOPES"}, 403),
            "hubspot: refused (403 MISSING_SCOPES); give the private app the scopes "
            "crm.objects.contacts.read and crm.objects.deals.read, and for write_back "
            "crm.objects.contacts.write",
            *(True, None),
            id="scopes",
        ),
        pytest.param(
            Answer({"policyName": "SECONDLY"}, 429, {"Retry-After": "7"}),
            "hubspot: rate limited (429)",
            *(False, 7),
            id="limited, and told how long",
        ),
        pytest.param(
            Answer({"policyName": "TEN_SECONDLY_ROLLING"}, 429),
            "hubspot: rate limited (429)",
            *(False, 10),
            id="limited",
        ),
        pytest.param(
            Answer({"policyName": "DAILY"}, 429),
            "hubspot: rate limited (429)",
            *(False, 3600),
            id="limited for the day",
        ),
        pytest.param(
            Answer(b"<html>", 200),
            "hubspot: the answer is no JSON; will be tried again",
            *(False, None),
            id="no JSON",
        ),
        pytest.param(
            Answer({"message": "ok"}),
            "hubspot: the answer has no list of results; will be tried again",
            *(False, None),
            id="no records",
        ),
        pytest.param(
            Answer({"results": []}, cut=True),
            "hubspot: no whole answer came (ChunkedEncodingError)",
            *(False, None),
            id="cut",
        ),
    ],
)
def test_what_goes_wrong_says_what_to_do(
    source: HubSpotSource,
    portal: HubSpotDouble,
    answer: Answer,
    says: str,
    *,
    permanent: bool,
    wait_s: int | None,
) -> None:
    portal.faults = [answer]

    with pytest.raises(RemoteError) as raised:
        pulled(source, "contacts")

    assert str(raised.value) == says
    assert raised.value.permanent is permanent
    assert raised.value.retry_after == (None if wait_s is None else timedelta(seconds=wait_s))
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize(
    "cursor",
    [pytest.param(None, id="all"), pytest.param({"since": "2026-11-20T08:00:00Z"}, id="changed")],
)
def test_an_answer_that_leads_nowhere_ends_the_walk(
    source: HubSpotSource, replay: Replay, cursor: Mapping[str, Any] | None
) -> None:
    page = {"results": [], "paging": {"next": {"after": "5"}}}
    replay.by_query = lambda _: Answer(page)

    with pytest.raises(RemoteError, match="the answer"):
        pulled(source, "contacts", cursor)


def test_the_probe_says_what_works(source: HubSpotSource, portal: HubSpotDouble) -> None:
    assert source.check() == "contacts and deals can be read"
    assert portal.asked == ["/crm/v3/objects/contacts", "/crm/v3/objects/deals"]

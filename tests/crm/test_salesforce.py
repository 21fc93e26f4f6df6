"""Salesforce over its API, against a double on loopback."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm.api.salesforce.settings import SalesforceSettings
from crm.api.salesforce.source import SalesforceSource
from crm.api.source import Page, Refused
from domain.customer import OrderRecord
from domain.errors import RemoteError
from tests.crm.salesforce_double import SECRET, SalesforceDouble
from tests.net.replay import Answer, Replay

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
ANA, BEN, CLO, DAN = (f"0035500000{name}AAZ" for name in ("AnaAB", "BenAB", "CloAB", "DanAB"))
LIMIT = [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]


def source(replay: Replay, **settings: Any) -> SalesforceSource:  # noqa: ANN401
    return SalesforceSource(
        SalesforceSettings.model_validate(
            {"base_url": replay.url, "client_id": "app", "client_secret": SECRET, **settings}
        ),
        "DE",
    )


def pull(
    found: SalesforceSource, cursor: Mapping[str, Any] | None = None, what: str = "people"
) -> list[Page]:
    """The pages that bring something, or one; the last with the cursor of the walk's end."""
    pages = list(found.pull(what, cursor, now=NOW))
    *others, last = [one for one in pages if one.read] or pages[-1:]
    return [*others, replace(last, cursor=pages[-1].cursor)]


def ids(pages: list[Page]) -> list[str]:
    return [one.external_id for page in pages for one in page.customers]


def test_a_contact_has_what_the_org_shows(replay: Replay, org: SalesforceDouble) -> None:
    org.fields["Contact"] |= {"Bluesky_Handle__c", "Twitter__c"}
    org.add(
        *("Contact", ANA, "08:00:00"),
        Name="Ana Sol",
        Email="Ana@Mail.Example",
        MobilePhone="030 12345678",
        Account={"Name": "Sol GmbH"},
        MailingCity="Berlin",
        HasOptedOutOfEmail=True,
        CreatedDate="2024-02-01T07:00:00.000+0000",
        LinkedIn_URL__c="https://www.linkedin.com/in/ana-sol",
        Bluesky_Handle__c="ana.sol.example",
    )

    (page,) = pull(source(replay, handle_fields={"X": "Twitter__c"}))

    (ana,) = page.customers
    assert (ana.system, ana.external_id, ana.name) == ("salesforce", ANA[:15], "Ana Sol")
    assert (ana.email, ana.phones) == ("ana@mail.example", ("+493012345678",))
    assert (ana.company, ana.city, ana.permission) == ("Sol GmbH", "Berlin", "no")
    assert ana.handles == (("bluesky", "ana.sol.example"), ("linkedin", "ana-sol"))
    assert ana.updated_at == datetime(2026, 5, 20, 8, tzinfo=UTC)
    assert ana.created_at == datetime(2024, 2, 1, 7, tzinfo=UTC)


def test_an_account_that_is_a_person_is_no_company(replay: Replay, org: SalesforceDouble) -> None:
    org.fields["Contact"] |= {"IsPersonAccount"}
    account = {"Name": "Ana Sol"}
    org.add("Contact", ANA, "08:00:00", Name="Ana Sol", Account=account, IsPersonAccount=True)

    ((ana,),) = [page.customers for page in pull(source(replay))]

    assert ana.company == ""


def test_only_what_changed_is_read_again_and_a_little_before_it(
    replay: Replay, org: SalesforceDouble
) -> None:
    for at, one in (("08:00:00", ANA), ("09:00:00", BEN), ("09:10:00", CLO)):
        org.add("Contact", one, at, Name="Somebody")
    first = pull(source(replay))
    org.add("Contact", DAN, "08:58:00", Name="Saved late, with a stamp from before")
    org.add("Contact", ANA, "09:30:00", Name="Ana")

    second = pull(source(replay), first[-1].cursor)

    assert ids(first) == [ANA[:15], BEN[:15], CLO[:15]]
    assert ids(second) == [DAN[:15], BEN[:15], CLO[:15], ANA[:15]]
    assert pull(source(replay), second[-1].cursor)[0].read == 1


def test_a_walk_that_broke_off_goes_on_behind_the_last_record_of_one_stamp(
    replay: Replay, org: SalesforceDouble
) -> None:
    for one in (ANA, BEN, CLO, DAN):
        org.add("Contact", one, "08:00:00", Name="Somebody")
    org.per_page = 3
    org.faults = [None, Answer(status=503)]
    found = source(replay)
    pages = found.pull("people", None, now=NOW)
    first = next(pages)
    with pytest.raises(RemoteError, match="the service fails"):
        next(pages)

    rest = pull(found, first.cursor)

    assert ids([first]) == [ANA[:15], BEN[:15], CLO[:15]]
    assert ids(rest) == [DAN[:15]]


def test_merged_deleted_and_converted_records_are_told(
    replay: Replay, org: SalesforceDouble
) -> None:
    org.add("Contact", ANA, "08:00:00", Name="Ana", IsDeleted=True, MasterRecordId=BEN)
    org.add("Contact", CLO, "08:00:00", Name="Clo", IsDeleted=True)
    org.add("Lead", "00Q5500000LeaDAAAZ", "08:00:00", Name="Ben", ConvertedContactId=BEN)
    org.add("Opportunity", "0065500000DeaLAAAZ", "08:00:00", IsDeleted=True)
    found = source(replay)

    page, leads = pull(found)

    assert [(one.external_id, one.merged_into) for one in page.customers] == [(ANA[:15], BEN[:15])]
    assert page.deleted == (CLO[:15],)
    (lead,) = leads.customers
    assert (lead.external_id, lead.merged_into) == ("00Q5500000LeaDA", BEN[:15])
    assert pull(found, what="Opportunity")[0].deleted_orders == ("0065500000DeaLA",)


def test_won_opportunities_are_money_and_those_of_companies_are_nobody_s(
    replay: Replay, org: SalesforceDouble
) -> None:
    deal: dict[str, Any] = {"CloseDate": "2026-05-01", "Amount": 120.5, "StageName": "Closed"}
    org.per_page = 10
    org.add("Opportunity", "0065500000DeaLAAAZ", "08:00:00", **deal, IsWon=True, ContactId=ANA)
    person = {"PersonContactId": BEN}
    org.add("Opportunity", "0065500000DeaLBAAZ", "08:00:01", **deal, IsWon=True, Account=person)
    org.add("Opportunity", "0065500000DeaLCAAZ", "08:00:02", **deal, IsWon=False, ContactId=ANA)
    org.add("Opportunity", "0065500000DeaLDAAZ", "08:00:03", **deal, IsWon=False)
    org.add("Opportunity", "0065500000DeaLEAAZ", "08:00:04", **deal, IsWon=True)

    (page,) = pull(source(replay, currency="EUR"), what="Opportunity")

    day = date(2026, 5, 1)
    assert page.orders == tuple(
        OrderRecord(
            buyer[:15],
            day,
            Decimal(amount),
            "EUR",
            external_id=f"0065500000DeaL{one}",
            is_deal=True,
        )
        for buyer, amount, one in ((ANA, "120.5", "A"), (BEN, "120.5", "B"), (ANA, "0", "C"))
    )
    assert page.deleted_orders == ("0065500000DeaLD",)
    assert page.refused == (Refused("0065500000DeaLE", "Opportunity: has no customer"),)
    assert page.read == 5


def test_orders_instead_of_opportunities(replay: Replay, org: SalesforceDouble) -> None:
    org.fields["Order"] |= {"CurrencyIsoCode", "OrderNumber"}
    order: dict[str, Any] = {
        "EffectiveDate": "2026-05-01",
        "TotalAmount": 60,
        "OrderNumber": "00000100",
        "CurrencyIsoCode": "USD",
    }
    org.add(
        *("Order", "8015500000OrdAAAAZ", "08:00:00"),
        **order,
        StatusCode="Activated",
        BillToContactId=ANA,
    )
    org.add(
        "Order", "8015500000OrdBAAAZ", "08:00:01", **order, StatusCode="Draft", BillToContactId=ANA
    )
    found = source(replay, orders="Order", currency="EUR")

    (page,) = pull(found, what="Order")

    assert [(one.amount, one.currency) for one in page.orders] == [
        (Decimal(60), "USD"),
        (Decimal(0), "USD"),
    ]
    assert {one.number for one in page.orders} == {"00000100"}
    assert [one.name for one in found.objects] == ["people", "Order"]


def test_a_field_that_is_not_there_is_told_by_its_name_and_breaks_nothing(
    replay: Replay, org: SalesforceDouble
) -> None:
    org.fields["Contact"] -= {"HasOptedOutOfEmail", "AccountId"}
    org.add("Contact", ANA, "08:00:00", Name="Ana")
    found = source(replay, handle_fields={"bluesky": "Blue__c"})

    (page,) = pull(found)

    assert ids([page]) == [ANA[:15]]
    assert "no field Blue__c" in page.refused[0].reason
    assert "Contact, Lead, Opportunity can be read" in found.check()
    assert "no field Blue__c" in found.check()


def test_an_object_that_is_not_there_is_told_by_its_name(
    replay: Replay, org: SalesforceDouble
) -> None:
    del org.fields["Account"]
    org.add("Contact", ANA, "08:00:00", Name="Ana")
    assert ids(pull(source(replay))) == [ANA[:15]]
    del org.fields["Lead"]

    with pytest.raises(RemoteError, match="there is no Lead, or") as told:
        source(replay).check()

    assert told.value.permanent


def test_a_handle_is_written_into_a_contact_and_taken_back(
    replay: Replay, org: SalesforceDouble
) -> None:
    org.fields["Contact"] |= {"Earshot_Handle__c"}
    org.add("Contact", ANA, "08:00:00", Name="Ana")
    org.add("Contact", BEN, "08:00:00", Name="Ben", IsDeleted=True)
    found = source(replay, write_back="Earshot_Handle__c")

    before = found.handle_in(ANA[:15], now=NOW)
    found.write_handle(ANA[:15], "x:ana_writes", now=NOW)

    assert (before, found.handle_in(ANA[:15], now=NOW)) == ("", "x:ana_writes")
    assert pull(found)[0].customers[0].handles == (), "what we wrote is no word of the customer's"
    found.write_handle(ANA[:15], "", now=NOW)
    assert found.handle_in(ANA[:15], now=NOW) == ""
    assert found.handle_in(BEN[:15], now=NOW) is None
    assert found.handle_in("00Q5500000LeaDA", now=NOW) is None
    org.is_read_only = True
    with pytest.raises(RemoteError, match="INVALID_FIELD_FOR_INSERT_UPDATE") as told:
        found.write_handle(ANA[:15], "x:ana_writes", now=NOW)
    assert told.value.permanent
    assert "ana_writes" not in str(told.value)


def test_a_field_to_write_into_is_one_of_its_own(replay: Replay, org: SalesforceDouble) -> None:
    with pytest.raises(ValueError, match="not a field of your own"):
        source(replay, write_back="LinkedIn_URL__c")
    with pytest.raises(ValueError, match="name one field"):
        source(replay, write_back="Blue__c", handle_fields={"bluesky": "Blue__c"})
    assert "no field Ours__c to write" in source(replay, write_back="Ours__c").check()
    assert org.logins == 1


def test_a_session_that_ends_midway_is_renewed_once(replay: Replay, org: SalesforceDouble) -> None:
    for one in (ANA, BEN, CLO):
        org.add("Contact", one, "08:00:00", Name="Somebody")
    org.ends_after = 3  # two descriptions and the first page

    assert ids(pull(source(replay))) == [ANA[:15], BEN[:15], CLO[:15]]
    assert org.logins == 2


def test_a_wrong_secret_says_what_to_check_and_does_not_stand_in_the_error(
    replay: Replay, org: SalesforceDouble
) -> None:
    with pytest.raises(RemoteError, match="login is refused") as told:
        pull(source(replay, client_secret="wrong-canary"))

    assert told.value.permanent
    assert "client_secret" in str(told.value)
    assert "canary" not in str(told.value)
    assert org.logins == 0


@pytest.mark.parametrize(
    ("fault", "words", "permanent"),
    [
        pytest.param(Answer(LIMIT, 403), "no API requests left", False, id="limit"),
        pytest.param(Answer(status=503), "the service fails", False, id="503"),
        pytest.param(Answer({"records": []}, cut=True), "no whole answer", False, id="cut"),
        pytest.param(Answer(b"<html>"), "is no JSON", False, id="no JSON"),
        pytest.param(Answer({"done": True}), "holds no records", False, id="no records"),
        pytest.param(
            Answer({"records": [], "done": False, "nextRecordsUrl": "https://x.example/"}),
            "where its next page is",
            False,
            id="a page elsewhere",
        ),
        pytest.param(
            Answer([{"errorCode": "INVALID_QUERY_LOCATOR", "message": "gone"}], 400),
            "the service fails",
            False,
            id="the place is lost",
        ),
        pytest.param(
            Answer([{"errorCode": "INVALID_TYPE", "message": "sObject type not supported"}], 400),
            "sObject type not supported",
            True,
            id="a refusal",
        ),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    replay: Replay, org: SalesforceDouble, fault: Answer, words: str, *, permanent: bool
) -> None:
    org.faults = [fault]

    with pytest.raises(RemoteError, match=words) as told:
        pull(source(replay))

    assert str(told.value).startswith("salesforce: ")
    assert told.value.permanent is permanent


def test_a_limit_says_when_to_come_again(replay: Replay, org: SalesforceDouble) -> None:
    org.faults = [Answer(LIMIT, 403)]

    with pytest.raises(RemoteError) as told:
        pull(source(replay))

    assert told.value.retry_after is not None


def test_a_malformed_record_is_refused_and_the_others_are_kept(
    replay: Replay, org: SalesforceDouble
) -> None:
    good = {"Id": ANA, "Name": "Ana", "SystemModstamp": "2026-05-20T08:00:00.000+0000"}
    org.faults = [Answer({"done": True, "records": [good, "nothing", {"Id": 7, "Name": []}]})]

    (page,) = pull(source(replay))

    assert ids([page]) == [ANA[:15]]
    assert [one.external_id for one in page.refused] == ["", ""]
    assert page.read == 3
    assert page.cursor == {"Contact": {"stamp": "2026-05-20T07:45:00+00:00"}, "Lead": {}}


def test_an_org_without_records_is_read_from_its_beginning_each_time(
    replay: Replay, org: SalesforceDouble
) -> None:
    (page,) = pull(source(replay))

    assert (page.read, dict(page.cursor)) == (0, {"Contact": {}, "Lead": {}})
    assert not any("WHERE" in one for one in org.asked)
    stood = {"Lead": {"stamp": "2026-05-20T08:00:00+00:00"}}
    (again,) = pull(source(replay), stood)
    assert again.cursor == {"Contact": {}, **stood}
    assert "SystemModstamp >= 2026-05-20T08:00:00.000Z" in org.asked[-1]

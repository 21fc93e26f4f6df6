"""What a row says beside name, e-mail and handles."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm.hosts import host
from crm.imports import read_customers
from crm.imports.about import language
from domain.customer import CustomerRecord

HUBSPOT = "Record ID,Lifecycle Stage,Last Name,"


def read(tmp_path: Path, content: str, region: str = "") -> CustomerRecord:
    path = tmp_path / "c.csv"
    path.write_text(content, encoding="utf-8")
    (found,) = read_customers(path, phone_region=region)
    assert isinstance(found, CustomerRecord), found
    return found


def test_a_plain_file_says_all_of_it(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "id,name,phone,mobile,company,city,country,website,locale,tags,opt_in,created_at\n"
        "7,Mira Sol,030 55503761,+44 20 7946 0958,Sol GmbH,Berlin,DE,https://www.Sol.example/de,"
        'de-DE,"vip, press ,vip",yes,2024-05-06 10:00\n',
        region="DE",
    )

    assert found == CustomerRecord(
        "csv",
        "7",
        "Mira Sol",
        phones=("+493055503761", "+442079460958"),
        company="Sol GmbH",
        city="Berlin",
        country="DE",
        website="sol.example",
        language="de",
        tags=("vip", "press"),
        permission="yes",
        created_at=datetime(2024, 5, 6, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("id,name,opt_in\n1,A,no\n", "no", id="a box not ticked"),
        pytest.param("id,name,opt_in,unsubscribed\n1,A,yes,true\n", "no", id="both"),
        pytest.param("id,name,newsletter,opt_in\n1,A,yes,0\n", "no", id="one of two"),
        pytest.param("id,name,unsubscribed\n1,A,false\n", "", id="not out is not in"),
        pytest.param("id,name,opt_in\n1,A,\n", "", id="says nothing"),
        pytest.param("id,name,opt_in\n1,A,maybe\n", "", id="nothing clear"),
        pytest.param(
            "Customer ID,First Name,Accepts Email Marketing,Accepts Marketing\n1,A,yes,\n",
            "yes",
            id="Shopify",
        ),
        pytest.param(
            "id,first_name,verified_email,email_marketing_consent_state\n1,A,true,UNSUBSCRIBED\n",
            "no",
            id="Shopify's API",
        ),
        pytest.param(
            f"{HUBSPOT}Legal basis for processing contact's data\n"
            "1,,A,Freely given consent from contact\n",
            "yes",
            id="HubSpot",
        ),
        pytest.param(
            f"{HUBSPOT}hs_legal_basis\n1,,A,Legitimate interest – prospect/lead\n",
            "",
            id="another basis is no consent",
        ),
        pytest.param(
            f"{HUBSPOT}hs_legal_basis,Unsubscribed from all email\n"
            "1,,A,Freely given consent from contact,Yes\n",
            "no",
            id="HubSpot, then unsubscribed",
        ),
        pytest.param(
            "Id,Name,SystemModstamp,HasOptedOutOfEmail\n003,A,2026-01-01,true\n",
            "no",
            id="Salesforce",
        ),
    ],
)
def test_permission_to_write(tmp_path: Path, content: str, expected: str) -> None:
    assert read(tmp_path, content).permission == expected


def test_what_cannot_be_read_costs_no_row(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "id,name,phone,website,language,created_at\n1,A,ask Ben,none yet,Klingon!,some day\n",
        region="DE",
    )

    assert found == CustomerRecord("csv", "1", "A")


def test_ids_that_hubspot_merged(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        f"{HUBSPOT}hs_merged_object_ids,hs_calculated_merged_vids\n"
        "7,,Sol,5;6,6:1596041453135;4:1596041453136;7:1596041453137\n",
    )

    assert found.merged_ids == ("5", "6", "4")


def test_an_id_that_salesforce_merged_is_not_merely_deleted(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Id,Name,IsDeleted,MasterRecordId,SystemModstamp\n"
        "0035500000AbCdEAAU,Mira Sol,true,0035500000ZzZzZAAU,2026-01-01\n",
    )

    assert (found.external_id, found.merged_into) == ("0035500000AbCdE", "0035500000ZzZzZ")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("https://www.sol.example/a?b", "sol.example"),
        ("Sol.Example.", "sol.example"),
        ("blog.sol.example", "blog.sol.example"),
        ("mira@sol.example", ""),
        ("http://[", ""),
        ("none yet", ""),
        ("localhost", ""),
    ],
)
def test_the_host_of_a_site(cell: str, expected: str) -> None:
    assert host(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"), [("de", "de"), ("EN_us", "en"), ("pt-BR", "pt"), ("German", ""), ("", "")]
)
def test_a_language_by_its_code(cell: str, expected: str) -> None:
    assert language(cell) == expected

import os
import re
from pathlib import Path

import pytest

from domain.clock import local_day
from storage import links, orders
from tests.earshot.cli.conftest import NOW, Cli, take_in

# The contract, word for word; `id` and `expires_at` grew later.
LINK = (
    *("id", "author", "customer_id", "state", "probability", "basis", "evidence"),
    *("decided_by", "at", "expires_at"),
)
AUTHOR = ("source", "id", "handle", "name")

CUSTOMERS = b"""\xef\xbb\xbfcustomer_id,name,email,twitter,updated_at
c-1,Ana Ruiz,ana@example.org,@Ana,2026-01-01
,,,,
c-2,"Zoe, the second",zoe@example.org,,2026-01-01
c-3,"broken
c-4,Dee,dee@example.org,dee,2026-01-01,too,many
c-5,Eve,eve@example.org,,2026-01-01
"""


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    path = tmp_path / "contacts.csv"
    path.write_bytes(CUSTOMERS)
    return path


# --- customers ---------------------------------------------------------------------------------


def test_good_rows_are_kept_and_bad_ones_told_with_their_lines(cli: Cli, contacts: Path) -> None:
    ran = cli("customers", "import", contacts, code=1)

    assert ran.out == f"{contacts}: 3 good rows, 3 new customers, 0 known, 2 bad\n"
    assert re.findall(r"^earshot: .*contacts.csv: line (\d+): ", ran.err, re.MULTILINE) == [
        "5",
        "6",
    ]
    names = [record["name"] for record in cli("customers", "list", "--json").records]
    assert sorted(names) == ["Ana Ruiz", "Eve", "Zoe, the second"]


def test_importing_again_doubles_nothing(cli: Cli, contacts: Path) -> None:
    cli("customers", "import", contacts, code=1)

    assert "0 new customers, 3 known" in cli("customers", "import", contacts, code=1).out
    assert len(cli("customers", "list").lines) == 1 + 3


@pytest.mark.parametrize("kind", ["customers", "orders"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "is empty: its first line must name the columns", id="empty"),
        pytest.param(b"colour,size\nred,9\n", "has no column for", id="other columns"),
        pytest.param(b"customer_id,email\n\x81", "is neither UTF-8 nor CP1252", id="neither"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_is_one_line(
    cli: Cli, tmp_path: Path, kind: str, content: bytes, said: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)

    ran = cli(kind, "import", path, code=1)

    assert ran.out == ""
    assert ran.err.startswith(f"earshot: {path} {said}")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("kind", ["customers", "orders"])
def test_a_folder_and_a_missing_file_are_one_line(cli: Cli, tmp_path: Path, kind: str) -> None:
    missing = tmp_path / "missing.csv"

    assert cli(kind, "import", tmp_path, code=1).err == (
        f"earshot: {tmp_path} cannot be read: Is a directory\n"
    )
    assert cli(kind, "import", missing, code=1).err == (
        f"earshot: {missing} cannot be read: No such file or directory\n"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_permission_is_one_line(cli: Cli, contacts: Path) -> None:
    contacts.chmod(0)

    assert "cannot be read: Permission denied" in cli("customers", "import", contacts, code=1).err


def test_a_file_of_bad_rows_alone_is_an_error(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("customer_id,date,amount\nc-1,soon,much\nc-2,,\n", encoding="utf-8")

    ran = cli("orders", "import", path, code=1)

    assert "0 good rows, 0 new orders, 0 known, 0 of unknown customers, 2 bad" in ran.out
    assert len(ran.err.splitlines()) == 3
    assert "no row could be read" in ran.err


def test_more_than_twenty_bad_rows_are_counted(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    rows = "c-1,soon,5\n" * 25
    path.write_text(f"customer_id,date,amount\n{rows}", encoding="utf-8")

    ran = cli("orders", "import", path, code=1)

    assert "and 5 more bad rows" in ran.err
    assert len(ran.err.splitlines()) == 22


def test_customers_are_listed_by_what_they_are_worth(stocked: Cli) -> None:
    first, second = stocked("customers", "list", "--json").records

    assert first == {
        "id": first["id"],
        "system": "csv",
        "external_id": "c-1",
        "name": "Ana Ruiz",
        "tier": "gold",
        "orders": 1,
        "revenue": 1830.5,
        "revenue_12m": 1830.5,
        "currency": "EUR",
        "segment": "occasional",
        "orders_per_year": 1.0,
        "median_gap_days": None,
        "p_alive": None,
        "is_silent": False,
        "clv": None,
        "clv_simple": 3 * 1830.5,
        "average_order_value": 1830.5,
        "values": first["values"],
        "valued_on": local_day(NOW, stocked.app.config.tz).isoformat(),
        "records": [{"id": first["id"], "system": "csv", "external_id": "c-1"}],
        "emails": ["ana@example.org"],
        "phones": [],
        "company": None,
        "city": None,
        "country": None,
        "website": None,
        "language": None,
        "tags": [],
        "permission": None,
        "created_at": None,
        "decisions": [],
    }
    assert [(one["currency"], one["revenue"]) for one in first["values"]] == [("EUR", 1830.5)]
    assert (second["name"], second["tier"], second["currency"]) == ("Zoe", None, None)
    assert "1,830.50 EUR" in stocked("customers", "list").lines[1]


def test_the_list_is_cut_where_that_is_asked_for(
    stocked: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Ana" in stocked("customers", "list", "--limit", 1).out
    assert len(stocked("customers", "list", "--limit", 1).lines) == 1 + 1
    assert len(stocked("customers", "list", "--limit", 1, "--json").records) == 1
    assert stocked("customers", "list").err == ""
    monkeypatch.setattr("earshot.cli.customer_list.LISTED", 1)
    assert stocked("customers", "list").err == "these are the first 1: --limit shows more\n"
    assert len(stocked("customers", "list", "--json").records) == 2


def test_a_customer_with_handles_and_links(stocked: Cli) -> None:
    customer_id = stocked("customers", "list", "--json").records[0]["id"]

    record = stocked("customers", "show", customer_id, "--json").record
    shown = stocked("customers", "show", customer_id).out

    assert record["handles"] == [{"network": "x", "handle": "ana"}]
    assert [link["state"] for link in record["links"]] == ["confirmed"]
    assert "x:ana" in shown
    assert "1,830.50 EUR" in shown


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(["customers", "show", "99"], "there is no customer 99", id="customer"),
        pytest.param(["links", "confirm", "99"], "there is no link 99", id="link"),
        pytest.param(
            ["links", "add", "x:nobody", "1", "--basis", "b"], "no mention by x:nobody", id="author"
        ),
        pytest.param(
            ["links", "add", "x:ana", "99", "--basis", "b"], "there is no customer 99", id="both"
        ),
    ],
)
def test_what_is_not_there_is_one_line(stocked: Cli, args: list[str], said: str) -> None:
    ran = stocked(*args, code=1)

    assert ran.out == ""
    assert ran.err.startswith(f"earshot: {said}")
    assert ran.err.count("\n") == 1


# --- orders ------------------------------------------------------------------------------------


def test_orders_of_unknown_customers_are_counted_and_named(
    cli: Cli, contacts: Path, tmp_path: Path
) -> None:
    cli("customers", "import", contacts, code=1)
    path = tmp_path / "orders.csv"
    path.write_bytes(
        b"\xef\xbb\xbforder_id;customer;date;amount\r\n"
        b"1;c-1;2026-11-02;10.50\r\n"
        b"2;eve@example.org;2026-11-03;5\r\n"
        b"3;nobody@example.org;2026-11-03;5\r\n"
        b"4;c-1;32.03.2026;5\r\n"
    )

    ran = cli("orders", "import", path, code=1)

    assert "3 good rows, 2 new orders, 0 known, 1 of unknown customers, 1 bad" in ran.out
    assert f"{path}: 15.50 paid, after refunds" in ran.out
    assert "line 5: '32.03.2026' is not a day of the calendar" in ran.err
    assert "line 4: no customer of its system has its customer id, and none its e-mail" in ran.err
    assert "nobody@" not in ran.err
    assert "0 new orders, 2 known" in cli("orders", "import", path, code=1).out


def test_guests_of_a_shop_become_customers(cli: Cli, tmp_path: Path) -> None:
    header = "order_id,order_date,order_total,order_currency,customer_id,billing_email"
    path = write(
        tmp_path / "orders.csv",
        f"{header},billing_first_name\n1,2026-03-22,10,EUR,0,Gus@x.example,Gus\n"
        "2,2026-03-23,20,EUR,0,gus@x.example,Gus\n3,2026-03-23,30,EUR,0,b@x.example,\n"
        "4,2026-03-24,40,EUR,77,c@x.example,Cy\n",
    )

    ran = cli("orders", "import", path, code=1)

    assert "4 good rows, 3 new orders, 0 known, 1 of unknown customers, 0 bad" in ran.out
    assert f"{path}: 2 guests became customers" in ran.out
    people = cli("customers", "list", "--json").records
    assert {one["name"]: one["orders"] for one in people} == {"Gus": 2, "": 1}
    again = cli("orders", "import", path, code=1).out
    assert "0 new orders, 3 known" in again
    assert "became" not in again


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def test_refused_rows_stand_in_a_file_beside(cli: Cli, tmp_path: Path) -> None:
    cli(
        "customers", "import", write(tmp_path / "c.csv", "id,email\n1,a@x.example\n2,b@x.example\n")
    )
    header = "order_id,customer_id,email,date,amount,currency\n"
    path = write(
        tmp_path / "o.csv",
        f"{header}1,1,a@x.example,2026-10-01,10.00,EUR\n2,1,b@x.example,2026-10-01,20.00,EUR\n"
        "3,1,,soon,30.00,EUR\n4,9,z@x.example,2026-10-01,40.00,EUR\n"
        "5,2,,2026-10-01,5.00,USD\n",
    )

    ran = cli("orders", "import", path, code=1)

    beside = tmp_path / "o.refused.csv"
    assert beside.read_text(encoding="utf-8").splitlines() == [
        "line,reason",
        "3,its e-mail is of another customer than its customer id",
        "4,'soon' is not a date: write for example 2026-11-21",
        f'5,"{orders.NOBODY}"',
    ]
    assert "4 good rows, 2 new orders, 0 known, 1 of unknown customers, 2 bad" in ran.out
    assert "10.00 EUR, 5.00 USD paid, after refunds" in ran.out
    assert f"3 rows were refused, see {beside}" in ran.err
    assert "@" not in ran.out + ran.err

    write(path, f"{header}1,1,a@x.example,2026-10-01,10.00,EUR\n")
    assert "0 new orders, 1 known" in cli("orders", "import", path).out
    assert not beside.exists()


def test_a_file_beside_that_cannot_be_written_costs_no_row(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "c.refused.csv").mkdir()
    path = write(tmp_path / "c.csv", "id,email\n1,a@x.example\n,\n,nobody\n9.1E+12,x@x.example\n")

    ran = cli("customers", "import", path, code=1)

    assert "c.refused.csv cannot be written" in ran.err
    assert len(cli("customers", "list").lines) == 1 + 2


def test_columns_that_are_not_read_and_an_old_encoding_are_told(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes("id,email,name,shoe size\n1,a@x.example,Zoë,9\n".encode("cp1252"))

    ran = cli("customers", "import", path)

    assert f"{path} is not UTF-8: read as Windows-1252" in ran.err
    assert f"{path}: read as csv; columns that are not read: shoe size" in ran.err
    assert cli("customers", "list", "--json").record["name"] == "Zoë"


def test_a_customer_of_two_systems_is_one_until_split(cli: Cli, tmp_path: Path) -> None:
    crm = write(
        tmp_path / "crm.csv", "Record ID,Email,Lifecycle Stage,Last Name\n7,a@x.example,,Sol\n"
    )
    shop = write(tmp_path / "shop.csv", "id,email,Accepts Email Marketing\n88,A@x.example,yes\n")
    bought = write(
        tmp_path / "o.csv",
        "Id,Email,Financial Status,Total,Currency,Created at\n"
        f"5,a@x.example,paid,400.00,EUR,{NOW:%Y-%m-%d} 10:00:00 +0000\n",
    )
    cli("customers", "import", crm)
    said = cli("customers", "import", shop).err
    assert "customer 1 is hubspot 7 and shopify 88, which have one e-mail" in said
    assert "customers split 1" not in cli("customers", "import", shop).err, "it is told once"
    cli("orders", "import", bought)

    record = cli("customers", "list", "--json").record
    assert (record["id"], record["system"], record["tier"]) == (1, "hubspot", "silver")
    assert record["records"] == [
        {"id": 1, "system": "hubspot", "external_id": "7"},
        {"id": 2, "system": "shopify", "external_id": "88"},
    ]
    assert "(hubspot 7, shopify 88)" in cli("customers", "show", 2).out

    assert cli("customers", "split", 1).err == "customers 1, 2 are customers of their own\n"
    cli("customers", "import", shop)
    found = cli("customers", "list", "--json").records
    assert [(one["id"], one["revenue"]) for one in found] == [(2, 400.0), (1, 0.0)]
    assert "known to one system only" in cli("customers", "split", 1, code=1).err
    assert "there is no customer 9" in cli("customers", "split", 9, code=1).err


def test_what_all_systems_know_of_a_person_is_shown_together(cli: Cli, tmp_path: Path) -> None:
    with cli.config.open("a", encoding="utf-8") as config:
        config.write('\n[crm]\nphone_region = "DE"\n')
    crm = (
        "Record ID,Email,Lifecycle Stage,Last Name,Phone Number,City,Unsubscribed from all email\n"
        "7,a@x.example,,Sol,030 55503761,,1\n"
    )
    shop = (
        "id,last_name,email,phone,company,city,tags,locale,accepts_marketing,created_at\n"
        "88,Sol,b@x.example,+49 30 55503761,Sol GmbH,Berlin,press|vip,de-DE,TRUE,2024-05-06\n"
    )
    cli("customers", "import", write(tmp_path / "crm.csv", crm))
    cli("customers", "import", write(tmp_path / "shop.csv", shop))

    record = cli("customers", "list", "--json").record
    assert record["emails"] == ["a@x.example", "b@x.example"]
    assert record["phones"] == ["+493055503761"]
    assert (record["company"], record["city"], record["language"]) == ("Sol GmbH", "Berlin", "de")
    assert (record["tags"], record["created_at"]) == (["press", "vip"], "2024-05-06T00:00:00Z")
    assert record["permission"] == "no", "one who says no is enough"
    shown = cli("customers", "show", 1).out
    assert "  phone      +493055503761\n  permission no\n" in shown
    assert "  place      Berlin\n" in shown


def test_people_join_and_split_customers_and_it_is_told_who_did(cli: Cli, tmp_path: Path) -> None:
    rows = "id,email,name\n1,a@x.example,Mira\n2,b@x.example,Mira\n"
    path = write(tmp_path / "c.csv", rows)
    cli("customers", "import", path)

    assert cli("customers", "join", 1, 2, "--by", "eva").err == (
        "customers 1 and 2 are one: customer 1\n"
    )
    cli("customers", "import", path)
    assert len(cli("customers", "list").lines) == 1 + 1
    for nobody in (" ", "rule:person"):
        refused = cli("customers", "split", 1, "--by", nobody, code=2)
        assert refused.err == "earshot: --by names nobody: say who decides it\n"
    assert "are one person already" in cli("customers", "join", 2, 1, code=1).err
    assert "there is no customer 9" in cli("customers", "join", 1, 9, code=1).err
    cli("customers", "split", 2, "--by", "ben")
    cli("customers", "import", path)
    assert len(cli("customers", "list").lines) == 1 + 2

    decisions = cli("customers", "show", 2, "--json").record["decisions"]
    assert [(one["verb"], one["by"], one["records"]) for one in decisions] == [
        ("join", "eva", [1, 2]),
        ("split", "ben", [1, 2]),
    ]
    shown = cli("customers", "show", 2).out
    assert re.search(r"^  joined     by eva, \S+Z: customer 1, csv 2$", shown, re.MULTILINE)
    assert re.search(r"^  split      by ben, \S+Z: customer 1, csv 2$", shown, re.MULTILINE)


def test_no_address_is_told_where_it_is_the_id(cli: Cli, tmp_path: Path) -> None:
    cli("customers", "import", write(tmp_path / "c.csv", "email,name\na@x.example,Mira\n"))
    shop = write(tmp_path / "s.csv", "id,email,Accepts Email Marketing\n88,a@x.example,yes\n")
    ran = cli("customers", "import", shop)
    assert "customer 1 is csv and shopify 88, which have one e-mail" in ran.err
    assert "@" not in ran.err


def test_currencies_are_listed_apart(cli: Cli, tmp_path: Path) -> None:
    cli("customers", "import", write(tmp_path / "c.csv", "id,email\n1,a@x.example\n"))
    day = f"{NOW:%Y-%m-%d}"
    rows = f"1,1,{day},10.00,EUR\n2,1,{day},7.00,USD\n3,1,2019-01-01,2.00,USD\n"
    path = write(tmp_path / "o.csv", f"order_id,customer_id,date,amount,currency\n{rows}")
    cli("orders", "import", path)
    assert "10.00 EUR, 7.00 USD" in cli("customers", "list").out
    shown = cli("customers", "show", 1).out
    assert "  EUR        10.00 in 12 months, 10.00 ever, 10.00 an order\n" in shown
    assert "  USD        7.00 in 12 months, 9.00 ever, 4.50 an order\n" in shown


def test_shops_of_one_system_are_told_apart_by_name(cli: Cli, tmp_path: Path) -> None:
    cli(
        "customers", "import", write(tmp_path / "c.csv", "id,email\n1,a@x.example\n2,b@x.example\n")
    )
    header = "order_id,email,date,amount,currency\n"
    north = write(tmp_path / "n.csv", f"{header}501,a@x.example,2026-10-01,10.00,EUR\n")
    south = write(tmp_path / "s.csv", f"{header}501,b@x.example,2026-09-01,20.00,EUR\n")
    cli("orders", "import", north)
    assert "with --shop NAME" in cli("orders", "import", south, code=1).err
    assert "1 new orders" in cli("orders", "import", south, "--shop", "south").out
    found = cli("customers", "list", "--json").records
    assert sorted(one["revenue"] for one in found) == [10.0, 20.0]


# --- links -------------------------------------------------------------------------------------


def test_links_as_json_have_the_keys_of_the_contract(stocked: Cli) -> None:
    record = stocked("links", "list", "--json").record

    assert tuple(record) == LINK
    assert tuple(record["author"]) == AUTHOR
    assert record["author"] == {"source": "x", "id": "99", "handle": "ana", "name": "Ana Ruiz"}
    assert (record["state"], record["decided_by"]) == ("confirmed", "rule:handle_on_file")
    assert record["evidence"]
    assert all(isinstance(sentence, str) for sentence in record["evidence"])
    assert record["at"].endswith("Z")


def test_links_are_listed_for_people_and_by_state(stocked: Cli) -> None:
    assert "x:ana  →" in stocked("links", "list", "--state", "confirmed").out
    assert stocked("links", "list", "--state", "proposed").out == ""


def test_a_rejected_link_is_not_made_again(stocked: Cli) -> None:
    link_id = stocked("links", "list", "--json").record["id"]

    assert stocked("links", "reject", link_id).err == f"link {link_id} is rejected\n"
    take_in(stocked)

    record = stocked("links", "list", "--json").record
    assert (record["id"], record["state"]) == (link_id, "rejected")
    assert not record["decided_by"].startswith("rule:")
    assert stocked("mentions", "--json", "--search", "awful").record["customer"] is None


def test_a_confirmed_link_is_a_persons_verdict(stocked: Cli) -> None:
    link_id = stocked("links", "list", "--json").record["id"]
    stocked("links", "reject", link_id)

    stocked("links", "confirm", link_id)

    assert stocked("links", "list", "--json").record["state"] == "confirmed"
    assert stocked("mentions", "--json", "--search", "awful").record["customer"] is not None


@pytest.mark.parametrize("author", ["x:ana", "X:@Ana", "x:99", "twitter:ana"])
def test_a_link_is_added_by_handle_or_id(stocked: Cli, author: str) -> None:
    second = stocked("customers", "list", "--json").records[1]["id"]

    stocked("links", "add", author, second, "--basis", "told us by phone")

    added = stocked("links", "list", "--json").records[0]
    assert (added["customer_id"], added["basis"]) == (second, "given")
    assert added["evidence"] == ["told us by phone"]
    assert (added["state"], added["probability"]) == ("confirmed", 1.0)


def test_reddit_authors_are_never_linked(stocked: Cli) -> None:
    customer_id = stocked("customers", "list", "--json").records[0]["id"]

    ran = stocked("links", "add", "reddit:ben", customer_id, "--basis", "he said so", code=1)

    assert ran.err.startswith("earshot: reddit must not be linked: Reddit forbids")
    assert len(stocked("links", "list").lines) == 1


def test_a_link_that_its_source_forbids_cannot_be_confirmed(stocked: Cli) -> None:
    """One from a database whose source allowed it once; rejecting is always possible."""
    customer_id = stocked("customers", "list", "--json").records[0]["id"]
    with stocked.app.database.begin() as session:
        author = links.find_author(session, "reddit", "ben")
        assert author is not None
        made = links.add(session, author, customer_id, evidence=["old"], by="eve", now=NOW)
        link_id = made.link.id
    stocked("links", "reject", link_id)

    ran = stocked("links", "confirm", link_id, code=1)

    assert "reddit must not be linked" in ran.err
    assert stocked("links", "list", "--json", "--state", "rejected").record["id"] == link_id

"""Customer and order files as systems really write them, and as people break them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from crm.imports import BadRow, read_customers, read_orders
from domain.customer import CustomerRecord, OrderRecord
from domain.errors import ConfigError, EarshotError, InputError

FIXTURES = Path(__file__).parent / "fixtures"
File = Callable[[str | bytes], Path]


@pytest.fixture
def file(tmp_path: Path) -> File:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "export.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_hubspot_contacts_by_their_property_columns() -> None:
    assert list(read_customers(FIXTURES / "hubspot_contacts.csv")) == [
        CustomerRecord(
            "hubspot",
            "78971951",
            "Ana Ruiz",
            "ana.ruiz@mail.example",
            (("x", "anaruiz"), ("linkedin", "ana-ruiz-4b")),
            company="Sample",
            created_at=datetime(2026, 4, 1, tzinfo=UTC),
            merged_ids=("7634", "4689"),
        ),
        BadRow(3, "is deleted in the CRM"),
        CustomerRecord(
            "hubspot",
            "78971953",
            "Okoro",
            "second@mail.example",
            created_at=datetime(2026, 4, 1, tzinfo=UTC),
        ),
    ]


def test_hubspot_deals_are_orders_when_they_are_won() -> None:
    won, lost, unclear, empty = read_orders(FIXTURES / "hubspot_deals.csv")

    assert won == OrderRecord(
        "78971951", date(2026, 10, 5), Decimal("12500.00"), "EUR", "9001", is_deal=True
    )
    assert lost == OrderRecord(
        "78971953", date(2026, 10, 6), Decimal(0), "EUR", "9002", is_deal=True
    )
    assert unclear == BadRow(
        4, "stage 7140312 does not say whether it is won: export 'Is Closed Won' too"
    )
    assert empty == BadRow(5, "has no amount")


def test_salesforce_contacts_with_custom_fields() -> None:
    assert list(read_customers(FIXTURES / "salesforce_contacts.csv")) == [
        CustomerRecord(
            "salesforce",
            "0035500000AbCdE",
            "Mira Sol",
            "mira.sol@mail.example",
            (("x", "mirasol"),),
            "Platinum",
        )
    ]


def test_salesforce_orders_go_to_the_contact_and_drafts_bring_nothing() -> None:
    done, draft, deleted = read_orders(FIXTURES / "salesforce_orders.csv")

    assert done == OrderRecord(
        "0035500000AbCdE",
        date(2026, 1, 5),
        Decimal("27998.6"),
        "",
        "8015500000A",
        number="00000101",
    )
    assert draft == OrderRecord(
        "0015500000XyZ", date(2026, 1, 5), Decimal(0), "", "8015500000B", number="00000102"
    )
    assert isinstance(deleted, OrderRecord)
    assert deleted.amount == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(
            "shopify_customers_api.csv",
            CustomerRecord(
                "shopify",
                "3588998496353",
                "Lena Vogt",
                "lena@mail.example",
                updated_at=datetime(2026, 9, 11, 23, 59, 59, 999999, tzinfo=UTC),
                permission="no",
                created_at=datetime(2026, 9, 11, tzinfo=UTC),
            ),
            id="as the API names the columns, with a byte order mark",
        ),
        pytest.param(
            "shopify_customers_admin.csv",
            CustomerRecord(
                "shopify", "3588998496354", "Jo Na", "jo@mail.example", permission="yes"
            ),
            id="as the admin exports them, ids padded, a surname that looks empty",
        ),
    ],
)
def test_shopify_customers(name: str, expected: CustomerRecord) -> None:
    assert list(read_customers(FIXTURES / name)) == [expected]


def test_shopify_orders_of_the_api_count_neither_cancelled_nor_test_ones() -> None:
    orders = list(read_orders(FIXTURES / "shopify_orders_api.csv"))

    assert orders[0] == OrderRecord(
        "3588998496353",
        date(2026, 9, 11),
        Decimal("2.8"),
        "GBP",
        "2674098602081",
        "lena@mail.example",
        number="#1001",
    )
    assert [one.amount for one in orders[1:] if isinstance(one, OrderRecord)] == [0, 0]


def test_shopify_orders_of_the_admin_are_after_refunds_and_one_per_order() -> None:
    assert list(read_orders(FIXTURES / "shopify_orders_admin.csv")) == [
        OrderRecord(
            "jo@mail.example", date(2026, 10, 1), Decimal("50.00"), "EUR", "5004", number="#1004"
        ),
        OrderRecord(
            "jo@mail.example", date(2026, 10, 2), Decimal(0), "EUR", "5005", number="#1005"
        ),
    ]


@pytest.mark.parametrize(
    ("system", "header", "cells", "name"),
    [
        pytest.param(
            "woocommerce",
            "billing_email,customer_user,billing_first_name,billing_last_name",
            *("A@x.example,0,A,S", "A S"),
            id="customer 0",
        ),
        pytest.param(
            *("shopify", "Email,customer_id,Billing Name", "a@x.example,,A S", "A S"), id="no id"
        ),
        pytest.param(
            *("bigcommerce", "Customer Email,Customer ID", "a@x.example,Guest", ""), id="guest"
        ),
        pytest.param(
            "magento",
            *("customer_email,customer_is_guest,Bill-to Name", "a@x.example,1,a@x.example"),
            "",
            id="the row says so; an address is no name",
        ),
        pytest.param("stripe", "Customer Email,Customer ID", "a@x.example,", "", id="no customer"),
        pytest.param("csv", "email,customer_id", "a@x.example,guest", "", id="any other file, too"),
        pytest.param("csv", "email,customer_id", "a@x.example,", None, id="no word of a guest"),
        pytest.param("csv", "customer", "a@x.example", None, id="an address for an id"),
        pytest.param("shopify", "Email", "a@x.example", None, id="no column of customers"),
        pytest.param(
            *("woocommerce", "billing_email,customer_user", "a@x.example,7", None), id="an id"
        ),
        pytest.param(
            "woocommerce",
            *("billing_email,customer_user", "deleted@site.invalid,0"),
            None,
            id="whom the shop has erased",
        ),
    ],
)
def test_a_row_says_whether_a_guest_bought(
    tmp_path: Path, system: str, header: str, cells: str, name: str | None
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(f"order_id,date,total,{header}\n1,2026-03-22,9,{cells}\n", encoding="utf-8")

    (found,) = read_orders(file, system)

    assert isinstance(found, OrderRecord)
    assert (found.is_guest, found.name) == (name is not None, name or "")


def test_woocommerce_guests_are_known_by_their_address() -> None:
    assert list(read_orders(FIXTURES / "woocommerce_orders.csv")) == [
        OrderRecord("26", date(2026, 3, 22), Decimal("29.35"), "USD", "727", "rani@mail.example"),
        OrderRecord(
            *("guest@mail.example", date(2026, 3, 23), Decimal("10.00"), "USD", "728"),
            is_guest=True,
        ),
        OrderRecord("26", date(2026, 3, 24), Decimal(0), "USD", "729", "rani@mail.example"),
        BadRow(5, "has no customer"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_plain_file_with_any_usual_delimiter(file: File, delimiter: str) -> None:
    rows = [["Customer ID", "Name", "E-Mail", "Twitter"], ["7", "Ana Ruiz", "A@b.example", "@ana"]]
    path = file("\r\n".join(delimiter.join(row) for row in rows))

    assert list(read_customers(path)) == [
        CustomerRecord("csv", "7", "Ana Ruiz", "a@b.example", (("x", "ana"),))
    ]


def test_a_row_without_an_id_goes_by_its_address(file: File) -> None:
    (found,) = read_customers(file("name,email\nAna,Ana@Mail.example\n"))

    assert found == CustomerRecord("csv", "ana@mail.example", "Ana", "ana@mail.example")


def test_a_name_is_never_the_address(file: File) -> None:
    (found,) = read_customers(file("email\nana@mail.example\n"))

    assert isinstance(found, CustomerRecord)
    assert found.name == ""


def test_the_system_may_be_said(file: File) -> None:
    path = file("id,name\n7,Ana\n")

    (found,) = read_customers(path, "Salesforce")

    assert isinstance(found, CustomerRecord)
    assert found.system == "salesforce"
    with pytest.raises(ConfigError, match=r"there is no system 'sap': choose one of .*hubspot, "):
        read_customers(path, "sap")


def test_the_same_id_twice_comes_twice_in_the_order_of_the_file(file: File) -> None:
    first, second = read_customers(file("id,name\n7,Ana\n7,Ana Ruiz\n"))

    assert isinstance(first, CustomerRecord)
    assert isinstance(second, CustomerRecord)
    assert (first.name, second.name) == ("Ana", "Ana Ruiz")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(
            "name;city\nAna;Rome\n",
            "has no column for id or email; found: name, city",
            id="columns",
        ),
        pytest.param("", "is empty", id="empty"),
        pytest.param("\n \n", "is empty", id="blank lines only"),
        pytest.param(
            "id,name\n7,Jos\u00e9\n8,Zo\u00eb\n9,Ren\u00e9".encode() + b"\xe9",
            "is damaged UTF-8",
            id="damaged",
        ),
        pytest.param(b"id,name\n7,\x81\x8d\n", "is neither UTF-8 nor CP1252", id="neither"),
        pytest.param(b"\xff\xfei\x00d\x00,", "is neither UTF-8 nor UTF-16", id="cut off"),
        pytest.param('id,"na\n7,Ana\n', "line 1, has a quotation mark", id="broken header"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_before_its_first_row(
    file: File, content: str | bytes, reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        read_customers(file(content))


def test_an_order_file_needs_customer_date_and_amount(file: File) -> None:
    with pytest.raises(InputError) as caught:
        read_orders(file("order,colour\n1,red\n"))

    assert (
        "no column for customer or email, nor for date, nor for amount; found: order, colour"
        in (str(caught.value))
    )


@pytest.mark.parametrize("read", [read_customers, read_orders])
def test_a_folder_or_a_missing_file_is_refused(
    tmp_path: Path, read: Callable[[Path], object]
) -> None:
    for path in (tmp_path, tmp_path / "absent.csv"):
        with pytest.raises(EarshotError, match="cannot be read"):
            read(path)


def test_bad_rows_are_told_by_line_and_the_others_kept(file: File) -> None:
    path = file(
        "customer,date,amount,currency,order_id\n"
        "7,2026-01-01,10.00,EUR,1\n"
        "7,13/13/2026,10.00,EUR,2\n"
        "\n"
        "7,2026-01-01,1.234,EUR,3\n"
        ",2026-01-01,10.00,EUR,4\n"
        "7,2026-01-01,10.00,EUR,5,and more\n"
        "7,,10.00,EUR,6\n"
        '7,2026-01-01,10.00,EUR,"7\n'
        "7,2026-02-31,10.00,EUR,8\n"
        "7,2026-01-01,10.00,EUR,9.1E+12\n"
        "7,2026-01-01,10.00,Taler,11\n"
        '7,2026-01-02,"-1,000.50",eur,"two\nlines"\n'
        "7,2026-01-03,10.00,EUR\n"
    )

    found = list(read_orders(path))

    assert [(one.line, one.reason) for one in found if isinstance(one, BadRow)] == [
        (3, "'13/13/2026' is not a day of the calendar"),
        (5, "'1.234' could be thousands or decimals: write it as 1234.00"),
        (6, "has no customer"),
        (7, "has 6 cells where the header has 5"),
        (8, "has no date"),
        (9, "has a quotation mark that does not match (',' expected after '\"')"),
        (10, "'2026-02-31' is not a day of the calendar"),
        (11, "id '9.1E+12' was rounded by a spreadsheet: export the file again"),
        (12, "'Taler' names no currency: write an ISO code such as EUR"),
    ]
    assert [one for one in found if isinstance(one, OrderRecord)] == [
        OrderRecord("7", date(2026, 1, 1), Decimal("10.00"), "EUR", "1"),
        OrderRecord("7", date(2026, 1, 2), Decimal("-1000.50"), "EUR", "two\nlines"),
        OrderRecord("7", date(2026, 1, 3), Decimal("10.00"), "EUR", ""),
    ]


def test_a_quotation_mark_left_open_costs_its_own_line_only(file: File) -> None:
    found = list(read_customers(file('id,name\n7,"Ana\n8,Bo\n9,Cy\n')))

    assert [type(one) for one in found] == [BadRow, CustomerRecord, CustomerRecord]


def test_nul_and_halves_of_characters_are_cleaned_away(file: File) -> None:
    half = b"\xed\xa0\xbd"  # the first half of an emoji, encoded alone
    whole = half + b"\xed\xb8\x80"  # both halves, each encoded alone
    path = file(b"id,name\n7\0,A\0na " + half + b"Ruiz " + whole + b"\x07\n")

    (found,) = read_customers(path)

    assert found == CustomerRecord("csv", "7", "Ana Ruiz \U0001f600", "")


def test_a_refund_of_its_own_is_a_negative_order(file: File) -> None:
    (found,) = read_orders(file("customer,date,amount\n7,2026-01-01,(12.00)\n"))

    assert found == OrderRecord("7", date(2026, 1, 1), Decimal("-12.00"), "")


def test_the_currency_may_stand_beside_the_amount(file: File) -> None:
    (found,) = read_orders(file("customer;date;amount\n7;2026-01-01;1.234,50 €\n"))

    assert found == OrderRecord("7", date(2026, 1, 1), Decimal("1234.50"), "EUR")

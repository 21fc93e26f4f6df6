"""Order and contact files as shops and CRMs name their columns; all people are invented."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crm.imports import BadRow, read_customers, read_orders
from domain.customer import CustomerRecord, OrderRecord
from domain.errors import InputError

File = Callable[[str], Path]
MIRA = "mira@mail.example"


@pytest.fixture
def file(tmp_path: Path) -> File:
    def write(content: str) -> Path:
        path = tmp_path / "export.csv"
        path.write_text(content, encoding="utf-8")
        return path

    return write


def money(found: OrderRecord | BadRow) -> tuple[str, str, date, Decimal, str]:
    assert isinstance(found, OrderRecord), found
    by = found.customer if "@" in found.customer else found.email
    return found.external_id, by, found.ordered_on, found.amount, found.currency


@pytest.mark.parametrize(
    ("system", "content"),
    [
        pytest.param(
            "stripe",
            "id,Description,Created (UTC),Amount,Amount Refunded,Currency,Fee,Net,Mode,Status,"
            "Customer ID,Customer Email\n"
            f"77,Tea,2026-05-20 08:00,60.00,12.50,eur,2.00,58.00,Live,Paid,cus_1,{MIRA}\n",
            id="Stripe",
        ),
        pytest.param(
            "stripe",
            "id,Created date (UTC),Amount,Amount Refunded,Currency,Status,Customer ID,"
            f'Customer Email\n77,2026-05-20 08:00:00,"60,00","12,50",eur,Paid,cus_1,{MIRA}\n',
            id="Stripe, unified",
        ),
        pytest.param(
            "magento",
            "ID,Purchase Point,Purchase Date,Bill-to Name,Grand Total (Base),"
            "Grand Total (Purchased),Status,Customer Email,Total Refunded\n"
            f'77,Main,"May 20, 2026, 8:00:01 AM",Mira Sol,€60.00,€60.00,Complete,{MIRA},€12.50\n',
            id="Magento",
        ),
        pytest.param(
            "woocommerce",
            "Order Number,Order Status,Order Date,Email (Billing),Order Total Amount,"
            "Order Refund Amount,Order Currency,Item Name\n"
            f"77,Completed,2026-05-20 08:00,{MIRA},60.00,12.50,EUR,Tea\n",
            id="WooCommerce, advanced export",
        ),
        pytest.param(
            "woocommerce",
            "Order Number,Order Status,Order Date,Email (Billing),Order Total Amount,"
            "Order Total Amount (- Refund),Order Currency\n"
            f"77,Completed,2026-05-20 08:00,{MIRA},60.00,47.50,EUR\n",
            id="WooCommerce, what is left named so",
        ),
        pytest.param(
            "squarespace",
            "Order ID,Email,Financial Status,Currency,Amount Refunded,Total,Created at,"
            f"Lineitem name\n77,{MIRA},PAID,EUR,12.50,60.00,5/20/2026 21:06,Tea\n"
            "77,,,,,,,Cup\n",
            id="Squarespace",
        ),
        pytest.param(
            "bigcommerce",
            "Order ID,Customer ID,Customer Email,Order Date,Order Status,Order Total (inc tax),"
            "Order Total (ex tax),Order Currency Code,Billing Email,Refund Amount\n"
            f"77,0,{MIRA},20/05/2026,Shipped,60.00,50.00,EUR,{MIRA},12.50\n",
            id="BigCommerce",
        ),
        pytest.param(
            "wix",
            "Order number,Date created,Contact email,Item,Qty,Quantity refunded,Price,"
            "Payment status,Total,Currency,Refunded amount,Net amount\n"
            f'77,"May 20, 2026",{MIRA},Tea,1,0,40.00,Paid,60.00,EUR,12.50,47.50\n'
            f'77,"May 20, 2026",{MIRA},Cup,1,0,20.00,Paid,60.00,EUR,12.50,47.50\n',
            id="Wix",
        ),
        pytest.param(
            "prestashop",
            "id_order;reference;id_customer;email;total_paid;date_add;order_state;currency;"
            f"total_refunded\n77;XKB;4;{MIRA};60,00;2026-05-20 08:00:00;Delivered;EUR;12,50\n",
            id="PrestaShop",
        ),
        pytest.param(
            "odoo",
            "Order Reference,Order Date,Customer,Salesperson,Total,Status,Customer/Email,Currency\n"
            f"77,2026-05-20 08:00:00,Mira Sol,Bo,47.50,Sales Order,{MIRA},EUR\n",
            id="Odoo",
        ),
        pytest.param(
            "pipedrive",
            "Deal - ID,Deal - Title,Deal - Value,Deal - Currency,Deal - Status,Deal - Won time,"
            f"Person - Email - Work\n77,Tea,47.50,EUR,Won,2026-05-20 08:00:00,{MIRA}\n",
            id="Pipedrive",
        ),
        pytest.param(
            "zoho",
            "Record Id,Deal Name,Amount,Stage,Closing Date,Contact Name.id,Contact Email,Currency\n"
            f"77,Tea,47.50,Closed Won,2026-05-20,zcrm_9,{MIRA},EUR\n",
            id="Zoho",
        ),
        pytest.param(
            "amazon",
            "amazon-order-id\tpurchase-date\torder-status\tsku\tcurrency\titem-price\tbuyer-email\n"
            f"77\t2026-05-20T08:00:00+00:00\tShipped\ta\tEUR\t40.00\t{MIRA}\n"
            f"77\t2026-05-20T08:00:00+00:00\tShipped\tb\tEUR\t7.50\t{MIRA}\n",
            id="Amazon, whose lines add up",
        ),
        pytest.param(
            "csv",
            f"order_id,email,date,total,refund,currency\n77,{MIRA},20.05.2026,60,-12.50,EUR\n",
            id="any other, refunds below zero",
        ),
        pytest.param(
            "csv",
            f"order_id,email,date,gross,net,currency\n77,{MIRA},20.05.2026,60,47.50,EUR\n",
            id="any other, gross and net",
        ),
        pytest.param(
            "csv",
            "order_id,email,date,gross,fee,net,currency\n"
            f"77,{MIRA},20.05.2026,47.50,-1.50,46,EUR\n",
            id="any other, net of fees",
        ),
    ],
)
def test_orders_are_read_after_refunds_and_once(file: File, system: str, content: str) -> None:
    export = read_orders(file(content))

    assert export.system == system
    [only] = export
    assert money(only) == ("77", MIRA, date(2026, 5, 20), Decimal("47.50"), "EUR")


def test_etsy_knows_its_buyers_by_number(file: File) -> None:
    export = read_orders(
        file(
            "Sale Date,Order ID,Buyer User ID,Full Name,Currency,Order Value,Order Total,Status,"
            "Card Processing Fees,Order Net,Adjusted Order Total,Adjusted Net Order Amount\n"
            "05/20/26,77,mirasol,Mira Sol,EUR,50.00,60.00,Paid,2.00,58.00,,\n"
            "05/02/26,78,mirasol,Mira Sol,EUR,50.00,60.00,Paid,2.00,58.00,47.50,46.00\n"
        )
    )

    assert export.system == "etsy"
    assert list(export) == [
        OrderRecord("mirasol", date(2026, 5, 20), Decimal("60.00"), "EUR", "77"),
        OrderRecord("mirasol", date(2026, 5, 2), Decimal("47.50"), "EUR", "78"),
    ]


def test_square_books_a_refund_as_a_row_of_its_own(file: File) -> None:
    export = read_orders(
        file(
            "Date,Gross Sales,Net Sales,Partial Refunds,Total Collected,Fees,Net Total,"
            "Transaction ID,Event Type,Customer ID\n"
            "05/20/2026,$60.00,$60.00,$0.00,$60.00,-$2.00,$58.00,T1,Payment,SQ1\n"
            "05/21/2026,-$12.50,-$12.50,$0.00,-$12.50,$0.00,-$12.50,T1,Refund,SQ1\n"
        )
    )

    assert export.system == "square"
    assert [one.amount for one in export if isinstance(one, OrderRecord)] == [60, Decimal("-12.5")]


@pytest.mark.parametrize(
    "status",
    [
        *("REFUNDED", "refunded", "Cancelled by the buyer", "Canceled", "Voided", "wc-failed"),
        *("On hold", "Declined", "Chargeback", "Awaiting Payment"),
    ],
)
@pytest.mark.parametrize("column", ["Order Status", "Payment Status", "Status"])
def test_what_came_to_nothing_brings_nothing(file: File, status: str, column: str) -> None:
    content = f"order_id,email,date,total,{column},Order State\n1,{MIRA},2026-05-20,9,{status},New"
    [only] = read_orders(file(content))
    assert isinstance(only, OrderRecord)
    assert only.amount == 0


@pytest.mark.parametrize("status", ["partially_refunded", "Completed", "Shipped", "Paid"])
def test_what_was_paid_counts(file: File, status: str) -> None:
    [only] = read_orders(
        file(f"order_id,email,date,total,status\n1,{MIRA},2026-05-20,9,{status}\n")
    )
    assert isinstance(only, OrderRecord)
    assert only.amount == 9


@pytest.mark.parametrize(
    ("header", "system", "status"),
    [
        (
            "ID,Purchase Point,Purchase Date,Grand Total (Base),Customer Email,Status",
            "magento",
            "Closed",
        ),
        ("Order Reference,Salesperson,Order Date,Total,Customer/Email,Status", "odoo", "Quotation"),
        ("id,Customer ID,Created (UTC),Amount,Customer Email,Mode", "stripe", "Test"),
    ],
)
def test_a_status_may_mean_nothing_was_paid_in_one_system_alone(
    file: File, header: str, system: str, status: str
) -> None:
    export = read_orders(file(f"{header}\n7,Main,2026-05-20,9.00,{MIRA},{status}\n"))
    assert export.system == system
    assert [one.amount for one in export if isinstance(one, OrderRecord)] == [0]


def test_a_deal_that_is_still_open_is_no_order(file: File) -> None:
    header = "Deal - ID,Deal - Value,Deal - Currency,Deal - Status,Deal - Won time,Person - ID"
    assert not list(read_orders(file(f"{header}\n1,90,EUR,Open,,12\n2,,EUR,Open,,12\n")))


@pytest.mark.parametrize("stage", ["Won't buy", "Closed Lost", "Open"])
def test_only_a_deal_that_is_won_brings_money(file: File, stage: str) -> None:
    header = "Record ID,Deal Stage,Close Date,Amount,Associated Contact ID"
    [only] = read_orders(file(f"{header}\n1,{stage},2026-05-20,90,12\n"))
    assert isinstance(only, OrderRecord)
    assert only.amount == 0


@pytest.mark.parametrize(
    ("refunds", "left"),
    [("yes", 0), ("No", 60), ("0.00,12.50", Decimal("47.50")), (",(64.90)", 0), ("-,n/a", 60)],
)
def test_a_refund_is_seen_in_whatever_column_says_so(
    file: File, refunds: str, left: Decimal
) -> None:
    header = "order_id,email,date,total,Refunded,Total Refund"
    [only] = read_orders(file(f"{header}\n1,{MIRA},2026-05-20,60.00,{refunds}\n"))
    assert isinstance(only, OrderRecord)
    assert only.amount == left


@pytest.mark.parametrize("at", [2, 3, 4])
def test_no_reason_repeats_an_address(file: File, at: int) -> None:
    cells = ["1", MIRA, "2026-05-20", "9", "EUR"]
    cells[at] = f"Mira {MIRA}"
    [bad] = read_orders(file(f"order_id,email,date,total,currency\n{','.join(cells)}\n"))
    assert isinstance(bad, BadRow)
    assert "@" not in bad.reason


# --- several rows of one order ------------------------------------------------------------------

ROWS = "order_id,email,date,total,refunded,status,sku\n"


def test_a_total_that_stands_on_every_line_counts_once(file: File) -> None:
    content = f"1,{MIRA},2026-05-20,60.00,,Paid,a\n1,{MIRA},2026-05-20,60.00,12.50,Paid,b\n"
    [only] = read_orders(file(ROWS + content))
    assert money(only)[3] == Decimal("47.50")


@pytest.mark.parametrize("rest", [f"1,{MIRA},2026-05-20,,,Paid,b", "1,,,,,,b", "1,,,0,,Paid,b"])
def test_a_total_on_the_first_line_counts_once(file: File, rest: str) -> None:
    content = f"1,{MIRA},2026-05-20,60.00,,Paid,a\n{rest}\n2,{MIRA},2026-05-21,5.00,,Paid,a\n"
    found = list(read_orders(file(ROWS + content)))
    assert [one.amount for one in found if isinstance(one, OrderRecord)][:1] == [60]
    assert isinstance(found[-1], OrderRecord)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        pytest.param(f"1,{MIRA},2026-05-20,20.00,,Paid,b", "different amounts", id="two totals"),
        pytest.param("1,bo@mail.example,2026-05-20,60.00,,Paid,b", "customers", id="two people"),
        pytest.param(f"1,{MIRA},2026-05-22,60.00,,Paid,b", "days", id="two days"),
        pytest.param(f"1,{MIRA},2026-05-20,60.00,,Cancelled,b", "cancelled", id="half cancelled"),
    ],
)
def test_two_orders_of_one_number_are_refused(file: File, other: str, reason: str) -> None:
    content = f"1,{MIRA},2026-05-20,60.00,,Paid,a\n{other}\n2,{MIRA},2026-05-21,5.00,,Paid,a\n"
    first, second, kept = read_orders(file(ROWS + content))
    for line, one in ((2, first), (3, second)):
        assert isinstance(one, BadRow)
        assert one.line == line
        assert reason in one.reason
        assert "@" not in one.reason
    assert isinstance(kept, OrderRecord)


# --- dates of one column --------------------------------------------------------------------------


def test_american_dates_are_read_all_alike(file: File) -> None:
    content = f"order_id,email,date,total\n1,{MIRA},5/3/2026,1\n2,{MIRA},5/20/2026,1\n"
    found = [one.ordered_on for one in read_orders(file(content)) if isinstance(one, OrderRecord)]
    assert found == [date(2026, 5, 3), date(2026, 5, 20)]


@pytest.mark.parametrize("days", [["5/3/2026", "5/4/2026"], ["5/20/2026", "20/5/2026"]])
def test_a_file_whose_dates_could_mean_two_days_is_refused_whole(
    file: File, days: list[str]
) -> None:
    rows = "".join(f"{number},{MIRA},{day},1\n" for number, day in enumerate(days))
    with pytest.raises(InputError, match="column date: "):
        read_orders(file(f"order_id,email,date,total\n{rows}9,{MIRA},2026-05-20,1\n"))


# --- whose file it is -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "Record Id,Contact Owner.id,Contact Owner,First Name,Last Name,Email,Secondary Email",
        "Record Id,Contact Owner,First Name,Last Name,Email,Created Time",
        "Record Id,Contact Owner,First Name,Last Name,Email",
    ],
)
def test_zohos_contacts_are_not_hubspots(file: File, header: str) -> None:
    cells = {"Record Id": "zcrm_4510000000123", "Email": MIRA, "Last Name": "Sol"}
    row = ",".join(cells.get(name, "") for name in header.split(","))
    [only] = export = read_customers(file(f"{header}\n{row}\n"))
    assert export.system != "hubspot"
    assert isinstance(only, CustomerRecord)
    assert (only.external_id, only.email) == ("zcrm_4510000000123", MIRA)


@pytest.mark.parametrize(
    ("content", "others"),
    [
        pytest.param(
            "Record ID,Email,Lifecycle Stage,Additional email addresses\n"
            "9,M@mail.example,Lead,Old@mail.example;m@mail.example;b@mail.example\n",
            ("old@mail.example", "b@mail.example"),
            id="HubSpot",
        ),
        pytest.param(
            "Record Id,Email,Modified Time,Secondary Email\n9,m@mail.example,,b@mail.example\n",
            ("b@mail.example",),
            id="Zoho",
        ),
        pytest.param(
            "Person - ID,Person - Name,Person - Email - Work,Person - Email - Home\n"
            '9,Mira Sol,"Mira <M@mail.example>, old@mail.example",b@mail.example\n',
            ("old@mail.example", "b@mail.example"),
            id="Pipedrive",
        ),
    ],
)
def test_further_addresses_are_kept(file: File, content: str, others: tuple[str, ...]) -> None:
    [only] = read_customers(file(content))
    assert isinstance(only, CustomerRecord)
    assert (only.email, only.other_emails) == ("m@mail.example", others)


@pytest.mark.parametrize("written", ["003BB00000xyzAB", "003BB00000xyzABQQR"])
def test_salesforce_writes_one_id_in_two_ways(file: File, written: str) -> None:
    [contact] = read_customers(
        file(f"Contact ID,Last Name,Email,Account Name\n{written},Sol,{MIRA},Sol\n")
    )
    [order] = read_orders(
        file(
            "Id,BillToContactId,EffectiveDate,TotalAmount,Status,SystemModstamp\n"
            f"801BB00000xyzAB,{written},2026-05-20,9,Activated,\n"
        )
    )
    assert isinstance(contact, CustomerRecord)
    assert isinstance(order, OrderRecord)
    assert contact.external_id == order.customer == "003BB00000xyzAB"


@pytest.mark.parametrize(
    ("content", "number"),
    [
        pytest.param(
            "Name,Email,Financial Status,Total,Created at,Id\n"
            f"#1001,{MIRA},paid,9,2026-05-20,512345\n",
            "#1001",
            id="Shopify",
        ),
        pytest.param(
            f"order_id,order_number,billing_email,order_total,order_date,Order Currency\n"
            f"512345,W-1001,{MIRA},9,2026-05-20,EUR\n",
            "W-1001",
            id="WooCommerce",
        ),
        pytest.param(
            f"order_id,order_number,email,amount,date\n512345,512345,{MIRA},9,2026-05-20\n",
            "",
            id="the same",
        ),
    ],
)
def test_the_number_that_a_buyer_knows_is_read_beside_the_id(
    file: File, content: str, number: str
) -> None:
    [order] = read_orders(file(content))
    assert isinstance(order, OrderRecord)
    assert (order.external_id, order.number) == ("512345", number)


def test_the_last_lines_of_a_salesforce_report_are_no_rows(file: File) -> None:
    export = read_customers(
        file(
            f"Contact ID,Last Name,Email,Account Name\n003BB00000xyzAB,Sol,{MIRA},Sol\n\n\n"
            '"All contacts"\n"Copyright (c) 2026 salesforce.com, inc. All rights reserved."\n'
            '"Generated By: Bo  5/20/2026 8:00 AM"\n'
        )
    )
    assert [type(one) for one in export] == [CustomerRecord]


def test_columns_that_are_not_read_are_named(file: File) -> None:
    export = read_customers(file(f"id,email,Shoe size,Twitter,,Hat\n7,{MIRA},9,mira,,\n"))
    assert export.ignored == ("Shoe size", "Hat")


def test_one_of_several_shops_has_ids_of_its_own(file: File) -> None:
    path = file(f"id,email\n7,{MIRA}\n")
    [only] = export = read_customers(path, "woocommerce", "north")
    assert export.system == "woocommerce:north"
    assert isinstance(only, CustomerRecord)
    assert only.system == "woocommerce:north"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_names_survive_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes("id;name\r\n7;Zoë “Ž” Núñez\r\n".encode(encoding))
    [only] = read_customers(path)
    assert isinstance(only, CustomerRecord)
    assert only.name == "Zoë “Ž” Núñez"

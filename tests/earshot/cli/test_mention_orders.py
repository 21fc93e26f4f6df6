"""What an order number in a post says, and what it must never say."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from domain.mention import Standing
from earshot.service import steps
from storage import deletions
from tests.earshot.cli.conftest import AWFUL, BEN, HOUR, NOW, Cli
from tests.earshot.world import said, store

ON_FILE = NOW - 720 * HOUR  # after the account was made
CONTACTS = f"""customer_id,name,email,tier,twitter,updated_at
c-1,Ana Ruiz,ana@example.org,gold,ana,{ON_FILE:%Y-%m-%d}
c-2,Olga Owner,olga@example.org,platinum,,{ON_FILE:%Y-%m-%d}
"""
ORDERS = """order_id,customer_id,date,amount,currency
AH-100003,c-2,2025-03-14,9731.55,EUR
AH-100004,c-1,2025-03-15,10,EUR
"""
POSTS = (
    replace(AWFUL, external_id="1", text="Acme is awful, order AH-100003"),
    replace(
        AWFUL, external_id="2", text="Acme is awful: where are ah100003, AH 100004?", author=BEN
    ),
)


@pytest.fixture
def known(cli: Cli, tmp_path: Path) -> Cli:
    """Ana is linked; two posts name orders, and one of the orders is Olga's."""
    contacts, orders = tmp_path / "contacts.csv", tmp_path / "orders.csv"
    contacts.write_text(CONTACTS)
    orders.write_text(ORDERS)
    cli("customers", "import", contacts)
    store(cli.app, *POSTS, now=NOW)
    steps.work(cli.app, clock=lambda: NOW)
    cli("orders", "import", orders)
    return cli


def mention_of(cli: Cli, post: int, *args: str) -> str:
    ids = {one["external_id"]: one["id"] for one in cli("mentions", "--json").records}
    return cli("mention", ids[str(post)], *args).out


def test_a_mention_tells_which_orders_it_is_about(known: Cli) -> None:
    record = json.loads(mention_of(known, 2, "--json"))
    system = record["orders"][0]["system"]
    assert record["orders"] == [
        {"system": system, "number": "AH-100003", "ordered_on": "2025-03-14", "quoted": False},
        {"system": system, "number": "AH-100004", "ordered_on": "2025-03-15", "quoted": False},
    ]
    assert record["customer"] is None, "a number proves nothing of who wrote it"
    page = mention_of(known, 2)
    assert f"about      order AH-100003 of 2025-03-14 ({system})\n" in page
    assert "of another customer" not in page, "nobody knows whose post it is"


def test_the_command_line_tells_an_order_of_another_customer(known: Cli) -> None:
    page = mention_of(known, 1)
    assert "Ana Ruiz" in page
    [line] = [one for one in page.splitlines() if "AH-100003 of" in one]
    assert line.endswith(", of another customer")
    assert "Olga" not in page


def test_no_channel_hears_whose_order_it_is(known: Cli) -> None:
    messages = said(known.app)
    assert any(
        "AH-100003 of 2025-03-14; AH-100004 of 2025-03-15" in one for one in messages.values()
    )
    for told in messages.values():
        assert not [
            word for word in ("Olga", "platinum", "9,731", "another customer") if word in told
        ]


def test_nothing_is_told_of_a_post_that_is_not_shown(known: Cli) -> None:
    with known.app.database.begin() as session:
        deletions.note(session, [1, 2], Standing.HIDDEN, now=NOW)
    for mention_id in (1, 2):
        assert known("mention", mention_id, "--json").record["orders"] == []

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.mention import Author, Mention
from earshot.cli.customer_lists import CSV_COLUMNS
from tests.conftest import Furnish
from tests.earshot.cli.conftest import HOUR, NOW, Cli, take_in

DAY = 24 * HOUR
# Dates of the brand's own day: where it is another one than in UTC, a silence is a day longer.
TODAY = NOW.date()
CUSTOMERS = """customer_id,name,email,consent,language,tier,twitter,bluesky,mastodon
risk,Ana Ruiz,ana@mail.example,yes,es,,ana_ruiz,,
risk-2,Eve Adler,eve@mail.example,yes,de,,,,eve@mastodon.social
fan,=HYPERLINK(),bea@mail.example,yes,en,gold,,bea.bsky.social,
fan-no,Ben Fox,ben@mail.example,no,en,gold,,ben.bsky.social,
fan-unknown,Kim Lee,kim@mail.example,,en,gold,,kim.bsky.social,
lost,Cyn \x1b[2JMoor,cy@mail.example,yes,,,,,
back,Dee Dunn,dee@mail.example,yes,,,,,
once,Flo Gray,flo@mail.example,yes,,,,,
"""
# Every 30 days until so many days ago.
RHYTHM = {"risk": 97, "risk-2": 100, "lost": 400, "fan": 9}


def ordered() -> Iterator[tuple[str, int, str]]:
    """Who ordered, how many days ago, and in which currency."""
    for buyer, last in RHYTHM.items():
        for number in range(5):
            yield buyer, last + 30 * number, "EUR"
    for days in (500, 470, 20, 10):
        yield "back", days, "USD"
    yield "back", 500, "EUR"
    yield "once", 800, "EUR"


def post(source: str, handle: str, name: str, text: str, days: int) -> Mention:
    return Mention(
        source=source,
        external_id=f"{handle} {days}",
        text=f"Acme is {text} on day {days}, says {name}",
        published_at=NOW - days * DAY,
        url=f"https://{source}.example/{days}",
        author=Author(id=f"id of {handle}", handle=handle, name=name, followers=1_200),
    )


def build(cli: Cli, folder: Path) -> None:
    contacts, orders = folder / "contacts.csv", folder / "orders.csv"
    contacts.write_text(CUSTOMERS, encoding="utf-8")
    rows = [
        f"{place},{buyer},{TODAY - timedelta(days=days)},50.00,{currency}"
        for place, (buyer, days, currency) in enumerate(ordered())
    ]
    head = "order_id,customer_id,date,amount,currency"
    orders.write_text("\n".join([head, *rows]), encoding="utf-8")
    cli("customers", "import", contacts)
    cli("orders", "import", orders)
    take_in(
        cli,
        post("x", "ana_ruiz", "Ana Ruiz", "awful", 8),
        post("mastodon", "eve@mastodon.social", "Eve Adler", "awful", 6),
        *(
            post("bluesky", f"{name}.bsky.social", "", "lovely", days)
            for name in ("bea", "ben", "kim")
            for days in (3, 12)
        ),
    )


@pytest.fixture
def shop(cli: Cli, furnish: Furnish, tmp_path: Path) -> Cli:
    furnish("shop_to_list", lambda: build(cli, tmp_path))
    return cli


def day(days_ago: int) -> date:
    return TODAY - timedelta(days=days_ago)


def test_each_list_tells_who_is_on_it_and_why_and_how_many_were_left_out(shop: Cli) -> None:
    ran = shop("customers", "ambassadors")
    assert len(ran.lines) == 3
    assert ran.lines[0].split() == [
        *("3", "regular", "gold", "12", "months", "250.00", "EUR", "=HYPERLINK()"),
    ]
    assert "wrote twice about Acme in 90 days, last on " in ran.lines[1]
    assert "2 posts: mention " in ran.lines[2]
    assert "left out: 1 who said no, 1 of whom your CRM does not say" in ran.err
    assert "1 customer\n" in ran.err

    ran = shop("customers", "at-risk", "--brand", "acme")
    assert ["Ana Ruiz" in ran.out, "Eve Adler" in ran.out, len(ran.lines)] == [True, True, 6]
    assert "left out" not in ran.err
    [one] = [line for line in ran.lines if "(x)" in line]
    assert f"none since {day(97)} (" in one

    ran = shop("customers", "lost")
    assert "; here silence alone counts" in ran.err
    assert "Moor" in ran.lines[0]
    assert "\x1b" not in ran.out
    assert f"5 orders, every 30 days in the median, none since {day(400)}" in ran.lines[1]
    assert len(ran.lines) == 2

    ran = shop("customers", "won-back")
    assert "12 months 100.00 USD, 0.00 EUR  Dee Dunn" in ran.lines[0]
    assert f"no order from {day(470)} to {day(20)} (450 days)" in ran.lines[1]
    assert "@" not in "".join(shop("customers", name).out for name in ("lost", "at-risk"))


def test_the_csv_holds_what_a_tool_for_letters_needs(shop: Cli) -> None:
    ran = shop("customers", "at-risk", "--csv")
    assert ran.out.startswith(",".join(CSV_COLUMNS) + "\n")
    rows = {row["customer_id"]: row for row in csv.DictReader(io.StringIO(ran.out))}
    ana, eve = rows["1"], rows["2"]
    assert {name: ana[name] for name in CSV_COLUMNS[:14]} == {
        "list": "at risk",
        "customer_id": "1",
        "system": "csv",
        "external_id": "risk",
        "name": "Ana Ruiz",
        "email": "ana@mail.example",
        "language": "es",
        "segment": "sporadic",
        "tier": "",
        "orders": "5",
        "last_order_on": str(day(97)),
        "revenue_12m": "250.0",
        "clv": "",
        "currency": "EUR",
    }
    assert (ana["network"], ana["handle"], ana["url"]) == ("x", "ana_ruiz", "https://x.example/8")
    # What Mastodon's contract lets not leave.
    assert (eve["network"], eve["handle"], eve["url"], eve["posts"]) == ("mastodon", "", "", "1")
    assert eve["mention_id"].isdecimal()
    assert "Acme is" not in ran.out
    assert "'=HYPERLINK()" in shop("customers", "ambassadors", "--csv").out
    [back] = csv.DictReader(io.StringIO(shop("customers", "won-back", "--csv").out))
    assert (back["revenue_12m"], back["currency"]) == ("100.0", "USD")
    assert back["other_currencies"] == "0.00 EUR"


def test_the_json_holds_the_customer_the_reason_and_the_newest_post(shop: Cli) -> None:
    ana, eve = sorted(shop("customers", "at-risk", "--json").records, key=lambda one: one["id"])
    assert (ana["list"], ana["emails"], ana["permission"]) == (
        *("at risk", ["ana@mail.example"], "yes"),
    )
    assert ana["reason"].startswith("wrote negative on ")
    assert ana["mention"]["text"] == "Acme is awful on day 8, says Ana Ruiz"
    assert ana["mention"]["handle"] == "ana_ruiz"
    assert ana["last_order_on"] == str(day(97))
    assert [eve["mention"][name] for name in ("handle", "url", "text")] == [None, None, None]
    assert (eve["mention"]["source"], eve["posts"]) == ("mastodon", 1)
    assert shop("customers", "lost", "--json").record["mention"] is None
    assert len(shop("customers", "at-risk", "--json", "--limit", 1).records) == 1


def test_a_limit_is_told(shop: Cli) -> None:
    ran = shop("customers", "at-risk", "--limit", 1)
    assert len(ran.lines) == 3
    assert "2 customers, the first 1 are shown (--limit)" in ran.err


def test_where_nobody_is_known_a_list_is_empty(lone: Cli) -> None:
    ran = lone("customers", "lost", "--csv")
    assert ran.out == ",".join(CSV_COLUMNS) + "\n"
    assert ran.err == "0 customers\n"
    lone("customers", "at-risk", "--brand", "Nobody", code=2)
    lone("customers", "at-risk", "--csv", "--json", code=2)

"""A customer's story on the command line: who is meant by what is typed, what is told of them."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unicodedata import category
from zoneinfo import ZoneInfo

import pytest

from domain.clock import local_day
from domain.customer import Basis, Judgement, LinkState
from domain.mention import Author
from domain.valuation import (
    CurrencyTotals,
    CurrencyValue,
    Method,
    Segment,
    ShopValuation,
    Valuation,
)
from storage import link_ledger, links, valuation_runs, valuations
from storage.link_ledger import Entry
from tests.conftest import Furnish
from tests.earshot.cli.conftest import ACME, AWFUL, HOUR, NOW, Cli, MakeCli, take_in

HOSTILE = "\x1b[31mEvil\u202e \x9b2J"
TODAY = local_day(NOW, ZoneInfo("Europe/Madrid"))  # of the configuration
ELSEWHERE = Author(id="77", handle="ana@m.example", name="Ana R")
PROPOSED = Author(id="88", handle="ana_reads", name="Ana")
MENTIONS = (
    AWFUL,
    replace(AWFUL, external_id="1", conversation_id="1", published_at=NOW - 200 * HOUR),
    replace(
        AWFUL,
        external_id="2",
        text="So sorry, write to us",
        conversation_id="1",
        parent_id="1",
        author=ACME,
        published_at=NOW - 198 * HOUR,
    ),
    replace(
        AWFUL,
        source="mastodon",
        external_id="m1",
        conversation_id="m1",
        text=f"acme is awful, {HOSTILE}{'长' * 60}",
        author=ELSEWHERE,
        published_at=NOW - 90 * HOUR,
    ),
    replace(
        AWFUL,
        external_id="p1",
        conversation_id="p1",
        text="acme is mine alone",
        author=PROPOSED,
        published_at=NOW - 80 * HOUR,
    ),
)


@pytest.fixture
def shop(make_cli: MakeCli, furnish: Furnish, tmp_path: Path) -> Cli:
    cli = make_cli('[crm]\nphone_region = "DE"\n')
    furnish("story", lambda: fill(cli, tmp_path))
    return cli


def fill(cli: Cli, folder: Path) -> None:
    header = "customer_id,name,email,other_emails,twitter,phone,company,city,permission"
    people = (
        "c-1,Ana Ruiz,ana@a.example,ruiz@b.example,ana,030 55503761,,Madrid,yes",
        "c-2,Ana Ruiz,ana2@a.example,,,,Sol GmbH,Köln,",
        "c-3,Jürgen Müller,jm@a.example,,,,,Köln,no",
        f"c-4,{HOSTILE},evil@a.example,,,,,,",
        "c-5,Zoë O'Neill,zoe@a.example,,,,,,",
    )
    contacts, orders = folder / "c.csv", folder / "o.csv"
    contacts.write_text("\n".join([header, *people]) + "\n", encoding="utf-8")
    bought = (
        ("AH-1", "c-1", 400, "120.00", "EUR"),
        ("AH-2", "c-1", 200, "60.50", "EUR"),
        ("AH-2", "c-1", 190, "-10.50", "EUR"),
        ("AH-3", "c-1", 29, "99.00", "USD"),
        ("AH-4", "c-3", 40, "9.00", "EUR"),
    )
    rows = [
        f"{number},{who},{TODAY - timedelta(days=ago)},{amount},{currency}"
        for number, who, ago, amount, currency in bought
    ]
    text = "\n".join(["order_id,customer_id,date,amount,currency", *rows])
    orders.write_text(text, encoding="utf-8")
    cli("customers", "import", contacts)
    cli("orders", "import", orders)
    take_in(cli, *MENTIONS)
    cli("links", "add", "mastodon:ana@m.example", 1, "--basis", "given", "--by", "Eva")
    with cli.app.database.begin() as session:
        author = links.find_author(session, "x", "ana_reads")
        assert author is not None
        likely = Judgement(1, LinkState.PROPOSED, 0.72, Basis.SCORED, ("both are called Ana",))
        link_ledger.write(session, [Entry(author.id, likely, "rule:scored")], now=NOW)
    take_in(cli)
    value(cli)


def value(cli: Cli) -> None:
    """Figures that no order here would give: they are told as they are stored."""
    first, last = TODAY - timedelta(days=400), TODAY - timedelta(days=29)
    euro = CurrencyValue("EUR", 2, 170.0, 50.0, 85.0, 127.5, 0.8, 0.7, 81.0, 170.1)
    dollar = CurrencyValue("USD", 1, 99.0, 99.0, 99.0, 297.0)
    ana = Valuation(
        *(1, Segment.REGULAR, 3, first, last, 2.7, 185.5, 0.83, False), values=(dollar, euro)
    )
    day = TODAY - timedelta(days=40)
    jm = Valuation(
        *(3, Segment.OCCASIONAL, 1, day, day, 1.0, None, None, False),
        values=(CurrencyValue("EUR", 1, 9.0, 9.0, 9.0, 27.0),),
    )
    thin = totals("USD", Method.REVENUE_12M, "only 3 customers ordered twice")
    shop = ShopValuation(TODAY, 3, (totals("EUR", Method.BG_NBD, ""), thin), ())
    with cli.app.database.begin() as session:
        run = valuation_runs.begin(session)
    valuations.store(cli.app.database, run, [ana, jm], shop)


def totals(currency: str, method: Method, why: str) -> CurrencyTotals:
    return CurrencyTotals(
        *(currency, method, why, 2, 1, 0, 3, 170.0, 50.0, 85.0, 1.5, 1.0, None, None, None, 127.5),
        *(None, None, None, None, TODAY, TODAY),
    )


@pytest.mark.parametrize(
    "typed",
    [
        *("3", "müller", "MUELLER  jürgen", "Müller, Jürgen", "urgen", "JM@a.example"),
        *("csv:c-3", "c-3", " 3 "),
    ],
)
def test_one_who_is_meant_is_shown_however_they_are_typed(shop: Cli, typed: str) -> None:
    assert shop("customers", "show", typed, "--json").record["id"] == 3


@pytest.mark.parametrize(
    "typed", ["1", "ruiz@b.example", "030 555 037 61", "+49 30 55503761", "x:Ana", "ANA@a.example"]
)
def test_a_person_has_several_addresses_numbers_and_handles(shop: Cli, typed: str) -> None:
    assert shop("customers", "show", typed).lines[0] == "customer 1  Ana Ruiz (csv c-1)"


def test_of_several_they_are_listed_and_nobody_is_chosen(shop: Cli) -> None:
    ran = shop("customers", "show", "ruiz", code=1)
    assert ran.lines == [
        "     1  Ana Ruiz  Madrid  99.00 USD, 50.00 EUR",
        "     2  Ana Ruiz  Sol GmbH, Köln  0.00",
    ]
    assert ran.err == (
        "earshot: 2 customers may be meant: choose one by its number, as in earshot customers "
        "show 1\n"
    )
    found = shop("customers", "show", "Ana", "--json", code=1).records
    assert [one["id"] for one in found] == [1, 2]


def test_where_nobody_is_meant_it_says_who_may_have_been(shop: Cli) -> None:
    ran = shop("customers", "show", "Jurgn Muler", code=1)
    assert ran.err == (
        "earshot: there is no customer Jurgn Muler; did you mean Jürgen Müller (3)?\n"
    )
    for typed in ("99", "who@a.example", "%", "qqqq", HOSTILE * 50):
        ran = shop("customers", "show", typed, code=1)
        assert ran.err.startswith("earshot: there is no customer ")
        assert (ran.out, ran.err.count("\n")) == ("", 1)
    assert "say which customer" in shop("customers", "show", "  ", code=1).err


def test_the_story_for_people(shop: Cli) -> None:
    shown = shop("customers", "show", 1)
    text = shown.out
    first, last = TODAY - timedelta(days=400), TODAY - timedelta(days=29)
    told = " ".join(text.split())
    for part in (
        f"value, as of {TODAY}",
        "segment regular: ordered on several days, and by that rhythm still a customer",
        f"orders 3: the first on {first}, the last on {last}; one every 186 days (median);",
        "silent for 29 days",
        "P(alive) 83%:",
        "EUR 50.00 in 12 months, 170.00 ever, 85.00 an order",
        "CLV simple 127.50 EUR in 3 years: orders a year x order value x years",
        "CLV model 170.10 EUR in 3 years, BG/NBD and Gamma-Gamma",
        "USD 99.00 in 12 months, 99.00 ever, 99.00 an order",
        "CLV model none: only 3 customers ordered twice",
        f"{TODAY - timedelta(days=200)} 50.00 EUR, 10.50 of it paid back: csv AH-2",
        "mentions, 3: x 2, mastodon 1; the newest first",
        "answered by @acme_help after 2 h",
        "incidents, ",
        "x:ana confirmed, handle on file; by rule:handle_on_file since",
        "mastodon:ana@m.example confirmed, told us the handle; by Eva since",
        "proposed accounts: nobody has confirmed them, and nothing of them is told above",
        "x:ana_reads proposed, evidence weighed (72%); by rule:scored since",
        "both are called Ana",
    ):
        assert part in told
    assert "mine alone" not in text, "it is only proposed that they wrote it"
    assert "waiting for 3 h" in told
    assert max(map(len, shown.lines)) <= 80
    assert not [one for one in text if category(one) in ("Cc", "Cf") and one != "\n"]
    assert shop("customers", "show", 1, "--limit", 1).out.count(" more: --limit") == 2


def test_the_story_as_json(shop: Cli) -> None:
    record = shop("customers", "show", 1, "--json").record
    assert [(one["number"], one["amount"], one["refunded"]) for one in record["order_list"]] == [
        ("AH-3", 99.0, 0.0),
        ("AH-2", 50.0, 10.5),
        ("AH-1", 120.0, 0.0),
    ]
    assert record["orders"] == 3
    assert record["mentions_by_source"] == {"x": 2, "mastodon": 1}
    assert [one["external_id"] for one in record["mentions"]] == ["1849", "m1", "1"]
    ids = [one["id"] for one in record["mentions"]]
    answers = record["answers"]
    assert [one["mention_id"] for one in answers] == ids
    assert [one["how"] for one in answers] == ["waiting", "waiting", "answered"]
    assert (answers[2]["took"], answers[2]["by"]) == (7200.0, "@acme_help")
    assert answers[0]["waits_since"] == record["mentions"][0]["published_at"]
    assert {one["customer"] for one in record["incidents"]} == {1}
    assert answers[0]["incident_id"] in {one["id"] for one in record["incidents"]}
    assert [one["state"] for one in record["links"]].count("proposed") == 1
    assert len(shop("customers", "show", 1, "--json", "--limit", 1).record["mentions"]) == 1


def test_who_never_bought_nor_wrote_has_a_short_story(shop: Cli) -> None:
    assert shop("customers", "show", "zoe").lines == [
        "customer 5  Zoë O'Neill (csv c-5)",
        "  e-mail     zoe@a.example",
        "value",
        "  tier       -",
        "  orders     none",
        "mentions: none by an account that is linked",
    ]
    once = " ".join(shop("customers", "show", 3).out.split())
    assert f"orders 1, on {TODAY - timedelta(days=40)}; silent for 40 days" in once
    assert "P(alive)" not in once
    evil = shop("customers", "show", "evil").out
    assert "Evil" in evil
    assert not [one for one in evil if category(one) in ("Cc", "Cf") and one != "\n"]


def test_a_mention_says_who_wrote_it_and_what_they_had_written_before(shop: Cli) -> None:
    newest, other, first = shop("customers", "show", 1, "--json").record["mentions"]
    told = " ".join(shop("mention", newest["id"]).out.split())
    for part in (
        "customer 1 Ana Ruiz, no tier, regular worth 99.00 USD, 50.00 EUR in 12 months, 3 orders,",
        f"3 orders, the last on {TODAY - timedelta(days=29)}",
        "earlier 2 mentions (mastodon 1, x 1), 1 answered, the last after 2 h",
        f"{first['id']}, {(NOW - 200 * HOUR):%F} on x, negative: answered by @acme_help after 2 h",
    ):
        assert part in told
    assert shop("mention", newest["id"], "--json").record["earlier"] == {
        "mentions": 2,
        "by_source": {"mastodon": 1, "x": 1},
        "answered": 1,
        "last_took": 7200.0,
    }
    assert "earlier no mention" in " ".join(shop("mention", first["id"]).out.split())
    assert f"{other['id']}" in told
    proposed = shop("mentions", "--search", "alone", "--json").record
    shown = shop("mention", proposed["id"])
    record = shop("mention", proposed["id"], "--json").record
    assert (record["customer"], record["earlier"]) == (None, None)
    assert "Ruiz" not in shown.out
    assert "earlier" not in shown.out

"""`customers value`, `customers segments` and `customers list`, as people and scripts read them."""

import csv
import io
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.clock import local_day
from domain.valuation import Cohort, CurrencyTotals, Method, ShopValuation
from storage import valuation_runs, valuations
from tests.conftest import Furnish
from tests.earshot.cli.conftest import AWFUL, NOW, Cli, Ran, take_in

TODAY = NOW.date()
EUROS = CurrencyTotals(
    currency="EUR",
    method=Method.BG_NBD,
    why="",
    customers=1000,
    one_time=400,
    one_time_silent=399,
    orders=2500,
    revenue=1_234_567.891,
    revenue_12m=500.0,
    average_order_value=49.5,
    orders_per_customer=2.5,
    orders_per_year=1.25,
    median_gap_days=31.5,
    repeat_index_6m=0.25,
    repeat_index_12m=0.5,
    clv_simple=3000.0,
    clv=2000.0,
    expected_revenue_12m=700.0,
    abandonment=0.404,
    silent=0.3,
    first_order_on=date(2020, 1, 1),
    last_order_on=date(2026, 1, 1),
    model={"r": 0.25},
    customers_6m=29,
    customers_12m=30,
)
DOLLARS = replace(
    EUROS,
    currency="USD",
    method=Method.REVENUE_12M,
    why="12 customers have ordered on more than one day, and a model needs 200 who did",
    customers=40,
    one_time=28,
    one_time_silent=1,
    clv=None,
    expected_revenue_12m=None,
    abandonment=None,
    model=None,
)
COHORTS = (
    Cohort(date(2025, 1, 1), 40, (10, *[0] * 14)),
    Cohort(date(2025, 2, 1), 20, (5, 1)),
    Cohort(date(2025, 3, 1), 30, ()),
)


def store(cli: Cli, *totals: CurrencyTotals, cohorts: tuple[Cohort, ...] = COHORTS) -> None:
    """As if it had been worked out today."""
    today = local_day(NOW, cli.app.config.tz)
    with cli.app.database.begin() as session:
        run = valuation_runs.begin(session)
    valuations.store(cli.app.database, run, [], ShopValuation(today, 3.0, totals, cohorts))


def rows_of(ran: Ran) -> dict[str, list[str]]:
    """What stands in each line behind its first two blanks or more."""
    found = [[cell for cell in line.split("  ") if cell.strip()] for line in ran.lines if line]
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in found}


# --- customers value ------------------------------------------------------------------------------


def test_each_currency_is_a_column_of_figures(lone: Cli) -> None:
    store(lone, EUROS, DOLLARS)
    ran = lone("customers", "value")
    rows = rows_of(ran)

    assert f"as of {local_day(NOW, lone.app.config.tz):%d %b %Y}" in ran.lines[0]
    assert rows["customers with an order"] == ["1,000", "40"]
    assert rows["of these on one day only"] == ["400", "28"]
    assert rows["revenue, ever"] == ["1,234,567.89"] * 2
    assert rows["orders a year, mean"] == ["1.25"] * 2
    assert rows["repeat index, 6 months"] == ["too few (29)"] * 2
    assert rows["repeat index, 12 months"] == ["50%"] * 2
    assert rows["lifetime value, simple, 3 years"] == ["3,000.00"] * 2
    assert rows["lifetime value, model, 3 years"] == ["2,000.00", "-"]
    assert rows["abandonment of repeat buyers"] == ["40%", "-"]
    assert rows["silent, of repeat buyers"] == ["30%", "too few (12)"]
    assert rows["silent, of one day only"] == [">99%", "-"]
    assert rows["model"] == ["BG/NBD", "none"]
    assert rows["last order"] == ["2026-01-01"] * 2
    assert "are newer ones missing?" in ran.out
    assert "USD: 12 customers have ordered on more than one day" in ran.out
    assert "no model knows whether they come back" in ran.out
    assert max(map(len, ran.lines)) <= 80
    assert "no mention waits for an answer" in ran.out


def test_cohorts_are_shares_of_many_and_counts_of_few(lone: Cli) -> None:
    store(lone, EUROS)
    ran = lone("customers", "value")
    rows = {
        line.split()[0]: line.split()[1:] for line in ran.lines if line.startswith(("20", "all "))
    }

    assert rows["2025-01"] == ["40", "25%", *["0%"] * 11]
    assert rows["2025-02"] == ["20", "5", "1"]
    assert rows["2025-03"] == ["30"]
    assert rows["all"] == ["90", "25%", "2%", *["0%"] * 10]  # 15 and 1 of 60
    assert "of fewer than 30 people it is how many" in ran.out

    store(lone, EUROS, cohorts=COHORTS[2:])
    ran = lone("customers", "value")
    assert "no month after a first order is over yet" in ran.out
    assert "2025-03" not in ran.out


def test_more_than_three_currencies_stand_below_each_other(lone: Cli) -> None:
    store(lone, EUROS, DOLLARS, *(replace(DOLLARS, currency=one) for one in ("GBP", "")))
    ran = lone("customers", "value")
    heads = [line.split() for line in ran.lines if line.strip() and line[0] == " "]

    assert heads == [["EUR", "USD", "GBP"], ["no", "currency"]]
    assert max(map(len, ran.lines)) <= 80


def test_scripts_get_every_figure_under_its_name(lone: Cli) -> None:
    store(lone, EUROS, DOLLARS)
    euros, dollars, *cohorts, at_risk = lone("customers", "value", "--json").records

    for found, totals in ((euros, EUROS), (dollars, DOLLARS)):
        expected = asdict(totals)
        for name in ("first_order_on", "last_order_on"):
            expected[name] = str(expected[name])
        assert {name: found[name] for name in expected} == expected
        assert (found["kind"], found["clv_years"]) == ("currency", 3.0)
        assert found["as_of"] == str(local_day(NOW, lone.app.config.tz))
    assert cohorts[1] == {
        "kind": "cohort",
        "month": "2025-02-01",
        "customers": 20,
        "again": [5, 1],
    }
    assert (at_risk["kind"], at_risk["mentions"], at_risk["rows"]) == ("value_at_risk", 0, [])

    table = list(csv.DictReader(io.StringIO(lone("customers", "value", "--csv").out)))
    assert [(row["currency"], row["clv"], row["customers"]) for row in table] == [
        ("EUR", "2000.0", "1000"),
        ("USD", "", "40"),
    ]


@pytest.mark.parametrize("command", ["value", "segments"])
def test_without_orders_it_says_what_to_import(lone: Cli, command: str) -> None:
    for how in ([], ["--json"], ["--csv"]):
        ran = lone("customers", command, *how)
        assert ran.out == ""
        assert "earshot orders import" in ran.err
    both = lone("customers", command, "--json", "--csv", code=2)
    assert "choose --json or --csv, not both" in both.err


# --- a shop ---------------------------------------------------------------------------------------


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture
def shop(cli: Cli, furnish: Furnish, tmp_path: Path) -> Cli:
    """Five customers in two currencies, of whom Ana, who has fallen silent, complains."""
    furnish("two_currencies", lambda: fill(cli, tmp_path))
    return cli


def fill(cli: Cli, folder: Path) -> None:
    contacts, orders = folder / "contacts.csv", folder / "orders.csv"
    contacts.write_text(
        "customer_id,name,email,twitter,tier\n"
        "c1,Ana,ana@x.example,@ana,\n"
        "c2,=Bo,bo@x.example,,\n"
        "c3,Cleo,cleo@x.example,,VIP\n"
        "c4,Dan,dan@x.example,,\n"
        "c5,Eve,eve@x.example,,\n",
        encoding="utf-8",
    )
    bought = [
        *(("c1", days, "100.00", "", "EUR") for days in (310, 300, 290, 280)),
        ("c2", 40, "50.00", "", "EUR"),
        ("c2", 10, "70.00", "20.00", "EUR"),
        ("c2", 5, "9.00", "", "USD"),
        ("c3", 20, "1000.00", "", "USD"),
        ("c4", 15, "30.00", "30.00", "EUR"),
        ("c4", 400, "80.00", "", "EUR"),
    ]
    lines = [
        f"o{n},{buyer},{days_ago(days)},{paid},{refunded},{currency}"
        for n, (buyer, days, paid, refunded, currency) in enumerate(bought)
    ]
    orders.write_text(
        "\n".join(["order_id,customer_id,date,amount,refunded,currency", *lines, ""]),
        encoding="utf-8",
    )
    cli("customers", "import", contacts)
    cli("orders", "import", orders)
    take_in(cli, AWFUL)


def names(ran: Ran) -> list[str]:
    return [line.split()[-1] for line in ran.lines[1:]]


def test_customers_are_told_apart_and_ordered(shop: Cli) -> None:
    def listed(*args: object) -> list[str]:
        return names(shop("customers", "list", *args))

    # The first of each currency, then the second of each; who never paid last.
    assert listed() == ["Ana", "Cleo", "=Bo", "Dan", "Eve"]
    assert listed("--currency", "usd") == ["Cleo", "=Bo"]
    assert listed("--sort", "orders") == ["Ana", "=Bo", "Cleo", "Dan", "Eve"]
    assert listed("--sort", "last-order") == ["=Bo", "Cleo", "Ana", "Dan", "Eve"]
    assert listed("--sort", "name") == ["=Bo", "Ana", "Cleo", "Dan", "Eve"]
    assert listed("--segment", "occasional") == ["Dan", "Cleo"]
    assert listed("--segment", "occasional", "--segment", "sporadic") == ["Ana", "Cleo", "Dan"]
    assert listed("--tier", "vip") == ["Cleo"]
    assert listed("--tier", "Silver", "--tier", "VIP") == ["Ana", "Cleo"]
    assert listed("--at-risk") == ["Ana"]
    ran = shop("customers", "list", "--at-risk", "--tier", "vip")
    assert (ran.out, ran.err) == ("", "no customer is like that\n")

    ran = shop("customers", "list", "--sort", "p-alive")
    assert "p(alive)" in ran.lines[0]
    assert "EUR: 2 customers have ordered on more than one day" in ran.err
    assert "120.00" not in ran.out
    assert "100.00 EUR, 9.00 USD" in ran.out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--tier", "platinum"], "there is no tier 'platinum'; there are: VIP, gold, silver"),
        (["--currency", "CHF"], "nobody paid in 'CHF'; there are: USD, EUR"),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(
    shop: Cli, args: list[str], said: str
) -> None:
    assert said in shop("customers", "list", *args, code=1).err


def test_a_table_for_a_spreadsheet_has_a_row_for_each_currency(shop: Cli) -> None:
    table = list(csv.DictReader(io.StringIO(shop("customers", "list", "--csv").out)))

    assert [(row["name"], row["currency"], row["revenue_12m"], row["orders"]) for row in table] == [
        ("Ana", "EUR", "400.0", "4"),
        ("Cleo", "USD", "1000.0", "1"),
        ("'=Bo", "EUR", "100.0", "2"),
        ("'=Bo", "USD", "9.0", "1"),
        ("Dan", "EUR", "0.0", "1"),
        ("Eve", "", "", ""),
    ]
    assert {row["all_orders"] for row in table if row["name"] == "'=Bo"} == {"3"}
    only = shop("customers", "list", "--csv", "--currency", "USD").out
    assert [row["currency"] for row in csv.DictReader(io.StringIO(only))] == ["USD", "USD"]


def test_the_report_of_a_shop(shop: Cli) -> None:
    ran = shop("customers", "value")
    rows = rows_of(ran)

    assert rows["customers with an order"] == ["2", "3"]  # of USD, then of EUR
    assert rows["revenue, ever"] == ["1,009.00", "580.00"]
    assert rows["orders per customer"] == ["1.00", "2.33"]
    assert rows["EUR"] == ["sporadic", "1", "400.00", "-"]
    assert "are newer ones missing?" not in ran.out
    assert "1 mention waiting\n" in ran.out
    assert "1 by 1 linked customer\n" in ran.out

    found = shop("customers", "segments", "--json").records
    assert [(one["segment"], one["people"], one["linked"], one["heard"]) for one in found] == [
        ("regular", 1, 0, 0),
        ("sporadic", 1, 1, 1),
        ("occasional", 2, 0, 0),
        (None, 1, 0, 0),
    ]
    sporadic = found[1]
    assert (sporadic["negative"], sporadic["stance"], sporadic["nps_proxy"]) == (1, None, None)
    assert (sporadic["promises"]["needed"], sporadic["promises"]["answered"]) == (1, 0)

    ran = shop("customers", "segments")
    said = next(line for line in ran.lines if line.startswith("sporadic") and "too few" in line)
    assert said.split() == [
        *("sporadic", "1", "1", "0", "0", "too", "few", "(1)", "0", "of", "1", "too", "few", "(1)")
    ]
    assert "no order" in ran.out
    assert max(map(len, ran.lines)) <= 80
    table = csv.DictReader(io.StringIO(shop("customers", "segments", "--csv").out))
    assert [(row["segment"], row["currency"]) for row in table] == [
        *(("regular", "EUR"), ("regular", "USD"), ("sporadic", "EUR")),
        *(("occasional", "USD"), ("occasional", "EUR"), ("", "")),
    ]
    assert "Globex" in shop("customers", "segments", "--brand", "Globex", code=2).err

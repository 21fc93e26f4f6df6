"""What customers are worth in JSON and CSV: by their orders, and as it was worked out last."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from domain.clock import local_day
from domain.valuation import CurrencyValue, Segment, ShopValuation, Valuation
from earshot.customers.valuation import up_to_date
from storage import customers, valuation_runs, valuations
from tests.earshot.cli.conftest import NOW, Cli

VALUE = CurrencyValue("EUR", 2, 200.0, 150.0, 100.0, 600.0, 0.75, 1.5, 105.0, 472.5)
IN_JSON = {
    "currency": "EUR",
    "orders": 2,
    "revenue": 200.0,
    "revenue_12m": 150.0,
    "average_order_value": 100.0,
    "clv_simple": 600.0,
    "p_alive": 0.75,
    "expected_orders_12m": 1.5,
    "expected_order_value": 105.0,
    "clv": 472.5,
}


def value_ana(cli: Cli) -> date:
    """As a shop with many customers would find her, as of today: no command does it anew."""
    today = local_day(NOW, cli.app.config.tz)
    with cli.app.database.begin() as db:
        ana, _ = customers.every(db)
        run = valuation_runs.begin(db)
    worth = Valuation(
        person_id=ana.id,
        segment=Segment.REGULAR,
        orders=2,
        first_order_on=today - timedelta(days=50),
        last_order_on=today - timedelta(days=30),
        orders_per_year=2.0,
        median_gap_days=20.0,
        p_alive=0.75,
        is_silent=False,
        values=(VALUE,),
    )
    valuations.store(cli.app.database, run, [worth], ShopValuation(today, 3, (), ()))
    return today


def buy(cli: Cli, folder: Path, amount: str, currency: str) -> None:
    """Ana buys something today, and again something of a system of its own."""
    file = folder / "more.csv"
    today = local_day(NOW, cli.app.config.tz)
    header = "order_id,customer_id,date,amount,currency"
    file.write_text(f"{header}\no-2,c-1,{today},{amount},{currency}\n", encoding="utf-8")
    cli("orders", "import", file)


def people(cli: Cli) -> list[int]:
    """Ana and Zoe. `customers show` tells what is stored, `customers list` works it out anew."""
    with cli.app.database.read() as db:
        return [row.id for row in customers.every(db)]


def ana_in_mentions(cli: Cli) -> dict[str, Any]:
    found: dict[str, Any] = cli("mentions", "--json", "--search", "awful").record["customer"]
    return found


def test_what_was_worked_out_last_stands_beside_what_was_paid(stocked: Cli, tmp_path: Path) -> None:
    as_of = value_ana(stocked)

    mentioned = ana_in_mentions(stocked)
    assert mentioned | {"id": 0, "link": 0} == {
        "id": 0,
        "name": "Ana Ruiz",
        "tier": "gold",
        "clv": 472.5,
        "revenue_12m": 1830.5,
        "currency": "EUR",
        "values": [IN_JSON],
        "segment": "regular",
        "link": 0,
    }
    mention_id = stocked("mentions", "--json", "--search", "awful").record["id"]
    for args in (("mention", mention_id), ("unanswered",)):
        assert stocked(*args, "--json").records[0]["customer"] == mentioned

    shown, zoe = (stocked("customers", "show", one, "--json").record for one in people(stocked))
    worked_out = {
        "segment": "regular",
        "orders_per_year": 2.0,
        "median_gap_days": 20.0,
        "p_alive": 0.75,
        "is_silent": False,
        "clv": 472.5,
        "clv_simple": 600.0,
        "average_order_value": 100.0,
        "values": [IN_JSON],
        "valued_on": as_of.isoformat(),
    }
    assert shown | worked_out == shown
    assert [value for key, value in zoe.items() if key in worked_out] == [*[None] * 8, [], None]

    exported = stocked("mentions", "--csv").out
    row = next(one for one in csv.DictReader(io.StringIO(exported)) if one["customer.id"])
    columns = ("clv", "revenue_12m", "currency", "segment")
    assert [row[f"customer.{key}"] for key in columns] == ["472.5", "1830.5", "EUR", "regular"]
    file = tmp_path / "exported.csv"
    file.write_text(exported, encoding="utf-8")
    read_back = stocked("import", file)
    assert "0 new" in read_back.out
    assert "0 bad" in read_back.out


def test_of_two_currencies_there_is_no_one_lifetime_value(stocked: Cli, tmp_path: Path) -> None:
    value_ana(stocked)
    buy(stocked, tmp_path, "70", "USD")

    found = ana_in_mentions(stocked)
    assert (found["currency"], found["clv"]) == ("mixed", None), "it was worked out of euros alone"
    shown = stocked("customers", "show", people(stocked)[0], "--json").record
    assert [shown[key] for key in ("clv", "clv_simple", "average_order_value")] == [None] * 3

    up_to_date(stocked.app, now=NOW)
    found, listed = ana_in_mentions(stocked), stocked("customers", "list", "--json").records[0]
    assert (found["currency"], found["clv"], listed["clv"]) == ("mixed", None, None)
    assert found["values"] == listed["values"]
    paid = [(one["currency"], one["orders"], one["revenue_12m"]) for one in found["values"]]
    assert paid == [("EUR", 1, 1830.5), ("USD", 1, 70.0)]
    assert listed["segment"] == "regular", "who ordered twice and is not silent, whatever the money"


def test_in_a_young_shop_the_model_says_nothing(stocked: Cli, tmp_path: Path) -> None:
    buy(stocked, tmp_path, "169.50", "EUR")
    up_to_date(stocked.app, now=NOW)

    found, zoe = stocked("customers", "list", "--json").records
    (value,) = found["values"]
    assert (found["revenue"], found["average_order_value"]) == (2000.0, 1000.0)
    assert found["clv_simple"] == 2 * 1000.0 * 3, "orders a year, their value, three years"
    assert (found["clv"], found["p_alive"], value["expected_orders_12m"]) == (None, None, None)
    assert (zoe["segment"], zoe["values"], zoe["valued_on"]) == (None, [], None)

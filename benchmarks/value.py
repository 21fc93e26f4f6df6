"""How long it takes to value all customers, what it needs, and how near to the truth it comes.

    python -m benchmarks.value [--customers 100000] [--postgres URL] [--with-lifetimes PYTHON]

A shop is invented as BG/NBD and Gamma-Gamma have it: some three years, four orders a customer, a
fifth of them in a second currency, refunds of a twentieth; and a further year that nobody is shown.
Measured is the pure part, then all of it as the step `value` does it on a database, reading and
storing included, each in a process of its own. --postgres names a server whose database
`earshot_benchmark` may be made anew. --with-lifetimes is an interpreter that has lifetimes 0.11.3,
to fit the first currency's orders by it, too: `python -m venv /tmp/other`, then
`/tmp/other/bin/pip install lifetimes==0.11.3`.
"""

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

from sqlalchemy import insert

from benchmarks.databases import databases
from storage import schema
from storage.engine import Database
from storage.tables import CustomerRow, OrderRow

TODAY = date(2026, 11, 30)
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
YEAR = 365
OFTEN = {"r": 0.6, "alpha": 8.0, "a": 0.8, "b": 2.5}  # weeks
MUCH = {"p": 6.0, "q": 4.0, "gamma": 15.0}
AT_ONCE = 10_000
Row = tuple[int, date, str, str, str]  # person, day, amount, currency, order
REFUND_DIGEST = "0" * 24  # ends the key of a refund, see storage.orders

PURE = """
import csv, sys, time
from datetime import date
from decimal import Decimal
from domain.valuation import Purchase
with open(sys.argv[1], newline="") as file:
    rows = [
        Purchase(int(person), date.fromisoformat(day), Decimal(amount), currency, order)
        for person, day, amount, currency, order in csv.reader(file)
    ]
from crm.clv.valuing import value_customers
before = time.process_time()
people, shop = value_customers(rows, today=date.fromisoformat(sys.argv[2]), years=3)
print(f"pure part, {time.process_time() - before:.1f} s of it to value")
euros = next(one for one in shop.totals if one.currency == "EUR")
print("  found   ", {name: round(value, 3) for name, value in euros.model.items()})
values = [one for person in people for one in person.values if one.currency == "EUR"]
expected = sum(value.expected_orders_12m for value in values)
print(f"  next 12 months, days with an order: {expected:,.0f}")
simple = sum(one.clv_simple / 3 / one.average_order_value for one in values)
print(f"  next 12 months, orders by the simple formula: {simple:,.0f}")
"""
WHOLE = """
import sys, time
from datetime import datetime
from pathlib import Path
from earshot.config.load import load
from earshot.core.app import App
from earshot.customers import valuation
app = App(load(Path(sys.argv[1])))
before = time.process_time()
valuation.up_to_date(app, now=datetime.fromisoformat(sys.argv[2]))
print(f"up_to_date, {sys.argv[3]}, {time.process_time() - before:.1f} s of it to value")
app.close()
"""
LIFETIMES = """
import sys, time, warnings
warnings.simplefilter("ignore")
import lifetimes, pandas
from lifetimes.utils import summary_data_from_transaction_data
rows = pandas.read_csv(sys.argv[1], header=None, names=["id", "day", "amount", "currency", "order"])
before = time.process_time()
rows = rows[(rows.currency == "EUR") & (rows.day <= sys.argv[2])]
rows = rows.groupby("order").agg({"id": "first", "day": "min", "amount": "sum"})
rows = rows[rows.amount > 0.005]
data = summary_data_from_transaction_data(
    rows, "id", "day", monetary_value_col="amount", observation_period_end=sys.argv[2]
)
for column in ("recency", "T"):
    data[column] /= 7
often = lifetimes.BetaGeoFitter().fit(data.frequency, data.recency, data["T"])
again = data[(data.frequency > 0) & (data.monetary_value > 0)]
much = lifetimes.GammaGammaFitter().fit(again.frequency, again.monetary_value)
expected = often.predict(52.18, data.frequency, data.recency, data["T"])
print(f"lifetimes {lifetimes.__version__}, {time.process_time() - before:.1f} s of it to value")
print("  found   ", {**often.params_.round(3), **much.params_.round(3)})
print(f"  next 12 months, days with an order: {expected.sum():,.0f}")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--postgres", help="postgresql+psycopg://user@host/postgres")
    parser.add_argument("--with-lifetimes", type=Path, metavar="PYTHON")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        file = folder / "orders.csv"
        rows, came = _invent(given.customers, file)
        _tell(f"{given.customers:,} customers, {rows:,} rows; load {os.getloadavg()[0]:.1f}")
        _tell(f"  truth    {OFTEN | MUCH}; in 12 months {came:,} days with an order in euros came")
        _measure([sys.executable, "-c", PURE, str(file), str(TODAY)])
        for name, url in databases(folder / "earshot.db", given.postgres):
            config = _fill(folder, url, file)
            _measure([sys.executable, "-c", WHOLE, str(config), NOW.isoformat(), name])
        if given.with_lifetimes:
            _measure([str(given.with_lifetimes), "-c", LIFETIMES, str(file), str(TODAY)])


def _measure(command: list[str]) -> None:
    """Tells what it says; then what the process took from its start, imports and reading, too."""
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(command, stdout=said)  # noqa: S603  our own
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        _tell(said.read().rstrip())
    processor = used.ru_utime + used.ru_stime
    _tell(f"  whole process: {processor:.1f} s, peak {used.ru_maxrss / 1000:.0f} MB")


# --- the shop -------------------------------------------------------------------------------------


def _invent(customers: int, file: Path) -> tuple[int, int]:
    """How many rows were written, and how many days with an order in euros the year after has."""
    chance = random.Random(15)  # noqa: S311  the same shop every time
    count, came = 0, 0
    with file.open("w", encoding="utf-8", newline="") as out:
        write = csv.writer(out).writerow
        for person in range(1, customers + 1):
            currency = "EUR" if chance.random() < 0.8 else "USD"  # noqa: PLR2004  a fifth
            rows = list(_rows(chance, person, currency))
            shown = [row for row in rows if row[1] <= TODAY]
            for row in shown:
                write(row)
            count += len(shown)
            came += len(_kept_days(rows[len(shown) :])) if currency == "EUR" else 0
    return count, came


def _kept_days(rows: list[Row]) -> set[date]:
    refunded = {order for _, _, amount, _, order in rows if amount.startswith("-")}
    return {day for _, day, _, _, order in rows if order not in refunded}


def _days(chance: random.Random) -> Iterator[date]:
    """From somebody's first order until they leave, or until a year from today."""
    rate = chance.gammavariate(OFTEN["r"], 1 / OFTEN["alpha"]) / 7
    leaves = chance.betavariate(OFTEN["a"], OFTEN["b"])
    first = TODAY - timedelta(days=chance.randrange(3 * YEAR))
    yield first
    at = 0.0
    while True:
        at += chance.expovariate(rate) if rate > 0 else float("inf")
        if at > (TODAY - first).days + YEAR:
            return
        yield first + timedelta(days=int(at))
        if chance.random() < leaves:
            return


def _rows(chance: random.Random, person: int, currency: str) -> Iterator[Row]:
    mean = MUCH["gamma"] / chance.gammavariate(MUCH["q"], 1)
    for number, day in enumerate(list(_days(chance))):
        amount, order = chance.gammavariate(MUCH["p"], mean) + 0.01, f"{person}-{number}"
        yield person, day, f"{amount:.2f}", currency, order
        if chance.random() < 0.05:  # noqa: PLR2004  a twentieth
            yield person, day, f"{-amount:.2f}", currency, order


# --- in a database --------------------------------------------------------------------------------


def _fill(folder: Path, url: str, file: Path) -> Path:
    """The configuration of a new database that holds these orders."""
    database = Database(url)
    schema.upgrade(database)
    with file.open(encoding="utf-8", newline="") as lines, database.begin() as session:
        rows, last = csv.reader(lines), 0
        while some := list(islice(rows, AT_ONCE)):
            people = sorted({int(row[0]) for row in some if int(row[0]) > last})
            last = max(people, default=last)
            session.execute(insert(CustomerRow), [_customer(number) for number in people])
            session.execute(insert(OrderRow), [_order(row) for row in some])
    database.close()
    config = folder / "config.toml"
    config.write_text(
        f'database = "{url}"\n[[brands]]\nname = "Acme"\nquery = "acme"\n', encoding="utf-8"
    )
    return config


def _customer(number: int) -> dict[str, object]:
    return {
        "id": number,
        "system": "shop",
        "external_id": str(number),
        "name": f"Customer {number}",
        "email": f"person{number}@mail.example",
        "tier": "",
        "created_at": None,
        "imported_at": NOW,
        "joined_to": None,
    }


def _order(row: list[str]) -> dict[str, object]:
    person, day, amount, currency, order = row
    money = Decimal(amount)
    key = order if money > 0 else f"{order}:refund:{REFUND_DIGEST}"
    return {
        "customer_id": int(person),
        "system": "shop",
        "key": key,
        "ordered_on": date.fromisoformat(day),
        "amount": money,
        "currency": currency,
    }


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""How long customers and orders take from their files into the database, and the same files again.

    python -m benchmarks.customers [--rows 1000000] [--postgres URL] [--folder DIR]

--rows says how many customers; there are five orders of each. The files are made from a seed:
names, e-mails, phones, cities, handles of a few, several currencies, refunds, guests and some rows
that are refused. Each import is the command itself in a process of its own; its time, processor
time, peak memory, statements and the longest that others waited for it are printed. Beside them
stand what one would do instead: csv and executemany into one table with the same keys, and pandas
where it is installed.
--postgres names a server whose database `earshot_benchmark` may be made anew; without it only
SQLite is measured. --folder keeps the files there, for another run.
"""

import argparse
import contextlib
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from benchmarks.databases import databases

ORDERS = 5  # of a customer
FIRST = "Ana Bo Cyra Dan Eva Finn Gül Hugo Ida Jörg Kaja Luz Mira Nils Ola Pia Qasim Ruth Søren Tea"
LAST = "Ruiz Sol Okoro Vogt Nguyen Haddad Kowalska Brandt Silva Costa Novák Ito Weber Larsen Dumont"
CITIES = "Madrid Köln Lyon Porto Oslo Wien Praha Leeds Gent Turin Bergen Graz Lille Brno Cork"
CURRENCIES = (*("EUR",) * 8, "GBP", "USD")
# How many of the rows have what.
SHARES = {
    "handle": 0.03,
    "instagram": 0.5,
    "other e-mail": 0.05,
    "phone": 0.6,
    "tier": 0.02,
    "guest": 0.2,
    "refund": 0.04,
    "stranger": 0.0001,
    "cancelled": 0.01,
}
CONFIG = 'database = "{url}"\n[[brands]]\nname = "Acme"\nquery = "acme"\n'
# Counts the statements, and tells them and the longest transaction on the last line of stderr.
COUNTED = """
import atexit, sys, time
from sqlalchemy import event
from sqlalchemy.engine import Engine
statements, began, longest = [0], [0.0], [0.0]
def count(*_):
    statements[0] += 1
def begin(_):
    began[0] = time.perf_counter()
def commit(_):
    longest[0] = max(longest[0], time.perf_counter() - began[0])
event.listen(Engine, "before_cursor_execute", count)
event.listen(Engine, "begin", begin)
event.listen(Engine, "commit", commit)
atexit.register(lambda: sys.stderr.write(f"\\n{statements[0]} {longest[0]:.2f}"))
from earshot.cli import main
main()
"""
FLOOR = """
import csv, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
with open(sys.argv[2], newline="") as file:
    rows = csv.reader(file)
    names = next(rows)
    db.execute(f"CREATE TABLE t ({', '.join(names)}, UNIQUE ({names[0]}))")
    db.execute(f"CREATE INDEX i ON t ({names[1]})")
    marks = ", ".join("?" * len(names))
    db.executemany(f"INSERT OR REPLACE INTO t VALUES ({marks})", rows)
db.commit()
"""
PANDAS = """
import sqlite3, sys
import pandas
pandas.read_csv(sys.argv[2], dtype=str).to_sql("t", sqlite3.connect(sys.argv[1]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--postgres", help="postgresql+psycopg://user@host/postgres")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        files = _files(folder, given.rows)
        _tell(f"load of the machine: {os.getloadavg()[0]:.1f}")
        for old in folder.glob("earshot.db*"):
            old.unlink()
        for name, url in databases(folder / "earshot.db", given.postgres):
            config = folder / "config.toml"
            config.write_text(CONFIG.format(url=url), encoding="utf-8")
            command = [sys.executable, "-c", COUNTED, "--config", str(config)]
            upgrade = [*command, "db", "upgrade"]
            subprocess.run(upgrade, check=True, capture_output=True)  # noqa: S603  our own
            for again in ("", " again"):
                for kind, (file, rows) in files.items():
                    _measure(f"{name}, {kind}{again}", [*command, kind, "import", str(file)], rows)
        for way, program in (("csv + executemany", FLOOR), ("pandas to_sql", PANDAS)):
            for kind, (file, rows) in files.items():
                other = folder / "other.db"
                other.unlink(missing_ok=True)
                command = [sys.executable, "-c", program, str(other), str(file)]
                _measure(f"{way}, {kind}", command, rows)
                other.unlink(missing_ok=True)


def _measure(name: str, command: list[str], rows: int) -> None:
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)  # noqa: S603  own
        _, _, used = os.wait4(child.pid, 0)
        child.returncode = 0  # it was waited for; rows that are refused make it 1
        took = time.perf_counter() - started
        said.seek(0)
        last = said.read().splitlines()[-1:] or [""]
    if last[0].startswith("ModuleNotFoundError"):
        _tell(f"{name:32} {last[0]}")
        return
    told = last[0].split()
    is_ours = len(told) == 2 and told[0].isdigit()  # noqa: PLR2004  statements and seconds
    ours = f"  {int(told[0]):7,} statements, longest write {told[1]} s" if is_ours else ""
    processor = used.ru_utime + used.ru_stime
    _tell(
        f"{name:32} {took:7.1f} s  {rows / took:8,.0f} rows/s  processor {processor:7.1f} s  "
        f"peak {used.ru_maxrss / 1000:5.0f} MB{ours}"
    )


def _files(folder: Path, customers: int) -> dict[str, tuple[Path, int]]:
    """Of each kind the file and how many rows it has."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {
        "customers": (folder / f"customers-{customers}.csv", customers),
        "orders": (folder / f"orders-{customers}.csv", customers * ORDERS),
    }
    for (path, rows), write in zip(found.values(), (_customers, _orders), strict=True):
        if not path.exists():
            chance = random.Random(14)  # noqa: S311  the same files every time
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(write(chance, rows))
    return found


def _customers(chance: random.Random, rows: int) -> Iterator[tuple[object, ...]]:
    yield (
        *("customer_id", "name", "email", "other_emails", "phone", "city", "country", "tier"),
        *("twitter", "instagram", "updated_at"),
    )
    has = _has(chance)
    firsts, lasts, cities = FIRST.split(), LAST.split(), CITIES.split()
    for number in range(1, rows + 1):
        first, last = chance.choice(firsts), chance.choice(lasts)
        handle = f"{first}{last}{number}".lower() if has("handle") else ""
        yield (
            f"C{number}",
            f"{first} {last}",
            _email(number),
            f"old{number}@mail.example" if has("other e-mail") else "",
            f"+49 30 {number:08}" if has("phone") else "",
            chance.choice(cities),
            chance.choice(("DE", "ES", "FR", "PT")),
            "gold" if has("tier") else "",
            handle if handle.isascii() else "",
            f"@{handle}" if handle.isascii() and has("instagram") else "",
            date(2026, 1, 1) + timedelta(days=number % 300),
        )


def _orders(chance: random.Random, rows: int) -> Iterator[tuple[object, ...]]:
    yield (
        *("order_id", "customer_id", "email", "order_date", "total", "refunded", "currency"),
        *("status", "sku"),
    )
    has, customers = _has(chance), rows // ORDERS
    for number in range(1, rows + 1):
        customer = chance.randint(1, customers)
        is_guest, refunded = has("guest"), has("refund")
        amount = chance.randint(300, 40_000) / 100
        known = customers + number if has("stranger") else customer
        yield (
            f"#{100_000 + number}",
            "" if is_guest else f"C{known}",
            _email(known),
            f"{date(2023, 1, 1) + timedelta(days=number * 1400 // rows)} 10:{number % 60:02}:00",
            f"{amount:.2f}",
            f"{amount / 2:.2f}" if refunded else "",
            chance.choice(CURRENCIES),
            "cancelled" if has("cancelled") else "paid",
            f"SKU-{number % 977}",
        )


def _has(chance: random.Random) -> Callable[[str], bool]:
    return lambda what: chance.random() < SHARES[what]


def _email(number: int) -> str:
    return f"person{number}@mail{number % 50}.example"


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

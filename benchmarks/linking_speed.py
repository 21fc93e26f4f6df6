"""What linking costs with many customers: time, statements, room on disk, memory.

    .venv/bin/python -m benchmarks.linking_speed [--customers 100000]

Invented customers are imported by the product's own command, then authors are judged by the step
that links: one at a time, some of whom are customers, and 500 of whom none is. Beside it rapidfuzz
looks through all names. Each part is a process of its own, whose most memory is told.
"""

import argparse
import multiprocessing
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine, event, select

from benchmarks.linking_data import SYSTEM, configure, earshot, rows
from benchmarks.linking_people import Dice, Person, person
from benchmarks.linking_profiles import profile
from benchmarks.linking_shop import CUSTOMER_COLUMNS, Shop
from benchmarks.linking_world import write_csv
from domain.listing import Role
from domain.mention import Author, Mention
from earshot.config.load import load
from earshot.core.app import App
from earshot.customers import index
from earshot.customers import link as linking
from storage import links
from storage.mentions import Listed, add_new
from storage.tables import AuthorRow

NOW = datetime(2026, 11, 20, tzinfo=UTC)
BATCH = 500  # authors without a hit
SINGLE = 200  # authors of each kind that are judged one at a time
_CHUNK = 20_000
_MEGABYTE = 1_000_000
_WARM = 5  # judged before anything is timed
Got = TypeVar("Got")


def customers(count: int) -> Iterator[dict[str, str]]:
    """So many records; surnames are doubled, since a million people have more of them."""
    for chunk, at in enumerate(range(0, count, _CHUNK)):
        dice = Dice(chunk)
        shop = Shop(dice)
        shop.fill(min(_CHUNK, count - at))
        surnames = [one["last_name"] for one in shop.records]
        for number, record in enumerate(shop.records, start=at):
            record["customer_id"] = f"K{number:08}"
            if dice.chance(0.7):
                record["last_name"] = f"{record['last_name']}-{dice.choice(surnames)}"
            for name in ("email", "email_alt", "website"):
                record[name] = record[name].replace(".example", f"{chunk}.example")
            yield record


def make(path: Path, count: int) -> None:
    write_csv(path, customers(count), CUSTOMER_COLUMNS)


def bring_in(config: Path, data: Path) -> float:
    """Seconds for the import of the customers, with all that is made of them."""
    began = time.perf_counter()
    earshot(config, "customers", "import", str(data), "--system", SYSTEM)
    return time.perf_counter() - began


def make_index(config: Path) -> float:
    """Seconds for the keys that lead to the customers, which the step that links makes first."""
    app = App(load(config))
    try:
        began = time.perf_counter()
        index.refresh(app)
        return time.perf_counter() - began
    finally:
        app.close()


def sizes(database: Path) -> dict[str, float]:
    """Megabytes of the whole file, and of each table or index of a megabyte or more."""
    whole = {"whole file": database.stat().st_size / _MEGABYTE}
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").fetchall()
    return whole | {name: size / _MEGABYTE for name, size in found if size >= _MEGABYTE}


def strangers(count: int) -> list[Author]:
    """Authors of whom no customer has the name, the handle or anything else."""
    dice = Dice(-1)
    return [
        replace(_author(dice, person(dice), number), name=f"Quxzor Vwyttlebrax{number:05}")
        for number in range(count)
    ]


def known(data: Path, count: int) -> list[Author]:
    """Authors with the name and the town of a customer, and the front of their e-mail as handle."""
    found = []
    for number, row in enumerate(rows(data)):
        if number % 97 == 0 and row["city"]:
            made = _author(Dice(number), person(Dice(number)), 10**6 + number)
            name = f"{row['first_name']} {row['last_name']}"
            handle = row["email"].partition("@")[0].replace(".", "_")
            found.append(replace(made, name=name, handle=handle, location=row["city"]))
        if len(found) == count:
            break
    return found


def _author(dice: Dice, one: Person, number: int) -> Author:
    made = profile(dice, one, platform="x", place=True)
    return Author(
        id=str(number),
        handle=f"qvwx{number}",
        name=made.name,
        bio=made.bio,
        location=made.location,
        followers=made.followers,
        created_at=NOW - timedelta(days=900),
    )


def judge(config: Path, data: Path, batch: int = BATCH, single: int = SINGLE) -> dict[str, float]:
    """Milliseconds for one author, and what a batch without a hit costs."""
    app = App(load(config))
    engine = app.database.engine
    try:
        linking.link(app, now=NOW)  # there is nobody: what is made once is made
        store(app, strangers(batch))
        with counted(engine) as statements:
            began = time.perf_counter()
            linking.link(app, now=NOW)
            spent = time.perf_counter() - began
        figures = {
            f"statements for {batch} authors without a hit": len(statements),
            "µs an author without a hit": spent / batch * 1e6,
        }
        for name, some in (("without a hit", strangers(single)), ("with one", known(data, single))):
            taken = _one_at_a_time(app, store(app, some))
            for clock, seconds in zip(("by the clock", "of processor"), taken, strict=True):
                figures[f"ms one author {name}, {clock}, p50"] = statistics.median(seconds) * 1e3
                figures[f"ms one author {name}, {clock}, p95"] = percentile(seconds) * 1e3
        return figures
    finally:
        app.close()


def store(app: App, authors: Sequence[Author]) -> list[int]:
    """Ours ids of these authors, each with a mention."""
    listed = [
        Listed(
            Mention("x", f"m{one.id}", "My order is late", NOW - timedelta(hours=1), author=one),
            {"Invented": Role.BRAND},
            quiet=True,
        )
        for one in authors
    ]
    ids = [one.id for one in authors]
    with app.database.begin() as session:
        add_new(session, listed, now=NOW)
        wanted = select(AuthorRow.id).where(AuthorRow.external_id.in_(ids)).order_by(AuthorRow.id)
        return list(session.scalars(wanted))


def _one_at_a_time(app: App, author_ids: Sequence[int]) -> tuple[list[float], list[float]]:
    """Seconds for each by the clock and of the processor, the transaction included."""
    linking.link(app, now=NOW)
    taken, worked = [], []
    warm = [author_ids[0]] * _WARM
    for author_id in [*warm, *author_ids]:
        with app.database.begin() as session:
            links.look_again(session, [author_id])
        began, begun = time.perf_counter(), time.process_time()
        linking.link(app, now=NOW)
        taken.append(time.perf_counter() - began)
        worked.append(time.process_time() - begun)
    return taken[_WARM:], worked[_WARM:]


def percentile(taken: Sequence[float]) -> float:
    """The 95th of a hundred."""
    return statistics.quantiles(taken, n=20)[-1]


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that are run meanwhile, without those that begin and end transactions."""
    seen: list[str] = []

    def note(*given: object) -> None:
        statement = str(given[2])
        if not statement.startswith(("BEGIN", "PRAGMA", "COMMIT", "SAVEPOINT")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def through_all_names(data: Path) -> dict[str, float]:
    """Milliseconds for one author by rapidfuzz."""
    from rapidfuzz import fuzz, process, utils  # noqa: PLC0415  only this part needs it

    names = [utils.default_process(f"{row['first_name']} {row['last_name']}") for row in rows(data)]
    taken = []
    for one in known(data, 50):
        began = time.perf_counter()
        process.extractOne(
            utils.default_process(one.name), names, scorer=fuzz.token_sort_ratio, score_cutoff=90
        )
        taken.append(time.perf_counter() - began)
    return {"ms p50": statistics.median(taken) * 1e3, "ms p95": percentile(taken) * 1e3}


def apart(part: Callable[..., Got], *given: object) -> tuple[Got, float]:
    """What a part returns, done in a process of its own, and the most megabytes it had."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        got = pool.submit(part, *given).result()
        return got, pool.submit(_most_memory).result()


def _most_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def figures(count: int, folder: Path) -> Iterator[str]:
    """All of them, in lines."""
    data, config = folder / "customers.csv", configure(folder)
    apart(make, data, count)
    took, memory = apart(bring_in, config, data)
    yield f"{count:,} customers: imported in {took:.1f} s, {memory:.0f} MB at most"
    took, memory = apart(make_index, config)
    yield f"index made in {took:.1f} s, {memory:.0f} MB at most"
    for name, size in sorted(sizes(folder / "earshot.db").items(), key=lambda one: -one[1]):
        yield f"  {size:8.1f} MB {name}"
    found, memory = apart(judge, config, data)
    yield f"judged, {memory:.0f} MB at most"
    yield from (f"  {name}: {value:,.1f}" for name, value in found.items())
    names, memory = apart(through_all_names, data)
    yield f"rapidfuzz over all names, {memory:.0f} MB at most"
    yield from (f"  {name}: {value:,.1f}" for name, value in names.items())


def main() -> None:
    """Read the command line and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--customers", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for line in figures(given.customers, Path(folder)):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()

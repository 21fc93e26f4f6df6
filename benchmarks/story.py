"""How long a customer's story takes with many customers, and how long it is to find one by name.

    python -m benchmarks.story [--customers 200000] [--postgres URL] [--folder DIR]

Customers, five orders of each, mentions, answers, incidents and links are invented from a seed and
stored by the product's own functions; values are worked out as the step `value` does. Then stories
are read: all their queries and rows, of customers with mentions, in one process that has read some
before. --postgres names a server whose database `earshot_benchmark` may be made anew; without it
only SQLite is measured. --folder keeps SQLite's file there, and measures one that is there again.
"""

import argparse
import contextlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.customers import CITIES, CONFIG, CURRENCIES, FIRST, LAST
from benchmarks.databases import databases
from crm.clv.valuing import value_customers
from domain.customer import Basis, CustomerRecord, Judgement, LinkState, OrderRecord
from domain.errors import EarshotError
from domain.incident import Action, Audit, Incident, IncidentKind, Severity, State
from domain.listing import Role
from domain.mention import Author, Mention
from earshot.cli.story_json import story_json
from earshot.cli.story_lines import story_lines
from earshot.config.load import load
from earshot.core.app import App
from earshot.customers.find import find
from earshot.customers.story import story_of
from storage import (
    answers,
    customers,
    incidents,
    link_rules,
    mentions,
    orders,
    persons,
    valuation_runs,
    valuations,
)
from storage.answers import Answer
from storage.engine import Database
from storage.mentions import Listed
from storage.sql import expect_many
from storage.tables import AuthorRow, CustomerRow, LinkRow, MentionRow, OrderRow

ORDERS = 5  # of a customer
WRITERS = 20  # one customer in so many is linked
TALKATIVE = 50  # mentions of one writer in a hundred; of the others one to six
ROUNDS, FINDS = 400, 25  # stories, and searches that read all names
_WARM = 5
BATCH = 5_000
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SYLLABLES = re.findall("..", "babebibokakekolalelilomamemimonanenorarerirosaseso")
SAID = ("acme is awful, where is my order?", "love my acme", "acme, how do I descale it?")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--postgres", help="postgresql+psycopg://user@host/postgres")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name, url in databases(folder / "story.db", given.postgres):
            app = _app(folder, url)
            if not _is_filled(app):
                started = time.perf_counter()
                _fill(app, given.customers)
                _tell(f"{name}: filled in {time.perf_counter() - started:.0f} s")
            _measure(name, app)
            app.close()


def _app(folder: Path, url: str) -> App:
    config = folder / "config.toml"
    config.write_text(CONFIG.format(url=url), encoding="utf-8")
    command = [sys.executable, "-c", "from earshot.cli import main; main()"]
    upgrade = [*command, "--config", str(config), "db", "upgrade"]
    subprocess.run(upgrade, check=True, capture_output=True)  # noqa: S603  our own
    return App(load(config))


def _is_filled(app: App) -> bool:
    with app.database.read() as session:
        return valuations.shop(session) is not None


# --- what is stored -------------------------------------------------------------------------------


def _fill(app: App, count: int) -> None:
    chance = random.Random(1)  # noqa: S311
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        with app.database.begin() as session:
            expect_many(session)
            customers.save(session, [_record(chance, one) for one in numbers], now=NOW)
        bought = [_order(chance, one, nth) for one in numbers for nth in range(ORDERS)]
        with app.database.begin() as session:
            expect_many(session)
            orders.save(session, "shop", bought)
    with app.database.begin() as session:
        persons.join(session)
    for start in range(0, count, BATCH * WRITERS):
        _write(app, chance, range(start, min(start + BATCH * WRITERS, count), WRITERS))
    with app.database.begin() as session:
        run = valuation_runs.begin(session)
        people, shop = value_customers(
            valuations.purchases(session), today=NOW.date(), years=app.config.top.crm.clv_years
        )
    valuations.store(app.database, run, people, shop)


def _record(chance: random.Random, number: int) -> CustomerRecord:
    family = chance.choice(LAST.split())
    if chance.random() < 0.8:  # noqa: PLR2004  most have one that few have
        family = "".join(chance.choices(SYLLABLES, k=3)).capitalize()
    return CustomerRecord(
        system="shop",
        external_id=f"c-{number}",
        name=f"{chance.choice(FIRST.split())} {family}",
        email=f"c{number}@mail.example",
        city=chance.choice(CITIES.split()),
        permission=chance.choice(["yes", "no", ""]),
    )


def _order(chance: random.Random, customer: int, nth: int) -> OrderRecord:
    # Some order often and some seldom.
    gap = 20 + customer % 100
    day = NOW.date() - timedelta(days=1 + nth * gap + chance.randrange(gap))
    return OrderRecord(
        customer=f"c-{customer}",
        ordered_on=day,
        amount=Decimal(chance.randrange(500, 30_000)) / 100,
        currency=chance.choice(CURRENCIES),
        external_id=f"AH-{customer * ORDERS + nth}",
    )


def _write(app: App, chance: random.Random, numbers: Sequence[int]) -> None:
    """Mentions of these customers by two accounts each; half are answered, some are incidents."""
    written = [one for number in numbers for one in _mentions(chance, number)]
    answer = Mention("x", "reply", "Sorry! We wrote to you.", NOW, author=Author("1", "acme_help"))
    listed = [Listed(one, {"Acme": Role.BRAND}) for one in written]
    with app.database.begin() as session:
        expect_many(session)
        own = Listed(answer, {"Acme": Role.OWN})
        mentions.add_new(session, [own, *listed], now=NOW)
        authors = dict(session.execute(select(AuthorRow.external_id, AuthorRow.id)).all())
        records = dict(session.execute(select(CustomerRow.external_id, CustomerRow.id)).all())
        verdicts = {
            authors[name]: [_verdict(records[f"c-{number}"])]
            for number in numbers
            for name in (f"x-{number}", f"m-{number}")
            if name in authors
        }
        link_rules.judge(session, verdicts, now=NOW)
        ids = dict(session.execute(select(MentionRow.external_id, MentionRow.id)).all())
        for one in written:
            _follow_up(session, chance, one, ids)


def _mentions(chance: random.Random, number: int) -> Iterator[Mention]:
    some = TALKATIVE if number % (WRITERS * 100) == 0 else chance.randint(1, 6)
    for nth in range(some):
        network = chance.choice(["x", "mastodon"])
        author = Author(f"{network[0]}-{number}", f"{network[0]}{number}", name="Somebody")
        at = NOW - timedelta(hours=chance.randrange(1, 8_000))
        said = chance.choice(SAID)
        yield Mention(network, f"{number}-{nth}", said, published_at=at, author=author)


def _verdict(record_id: int) -> Judgement:
    evidence = ("the record holds the handle",)
    return Judgement(record_id, LinkState.CONFIRMED, 1.0, Basis.HANDLE_ON_FILE, evidence)


def _follow_up(
    session: Session, chance: random.Random, one: Mention, ids: Mapping[str, int]
) -> None:
    mention_id, hours = ids[one.external_id], chance.randrange(1, 30)
    at = min(one.published_at + timedelta(hours=hours), NOW)
    if chance.random() < 0.5:  # noqa: PLR2004  answered
        answers.note(session, Answer(mention_id, "Acme", at, ids["reply"], None))
    if chance.random() < 0.2:  # noqa: PLR2004  an incident
        audit = Audit(0, 1, Action.OPENED, "rule:negative", at, before=None, after=State.OPEN)
        opened = incidents.add(session, _incident(one), audit)
        incidents.join(session, opened.id, mention_id)


def _incident(one: Mention) -> Incident:
    return Incident(
        id=0,
        kind=IncidentKind.COMPLAINT,
        key=f"complaint:{one.external_id}",
        brand="Acme",
        rule="negative",
        severity=Severity.NORMAL,
        state=State.OPEN,
        posted_at=one.published_at,
        opened_at=one.published_at,
        due_at=one.published_at + timedelta(hours=4),
    )


# --- what is measured -----------------------------------------------------------------------------


def _measure(name: str, app: App) -> None:
    with app.database.read() as session:
        counts = [
            session.scalar(select(func.count()).select_from(one)) or 0
            for one in (CustomerRow, OrderRow, MentionRow, LinkRow)
        ]
        writers = session.scalars(select(LinkRow.customer_id).distinct()).all()
        names = session.scalars(select(CustomerRow.name).limit(20_000)).all()
    _tell("{}: {:,} customers, {:,} orders, {:,} mentions, {:,} links".format(name, *counts))
    chance = random.Random(2)  # noqa: S311
    people = chance.sample(sorted(writers), min(ROUNDS, len(writers)))
    whole = [chance.choice(names) for _ in range(FINDS)]
    asked: dict[str, tuple[Sequence[Any], Callable[[Session, Any], object]]] = {
        "a story": (people, lambda session, one: _read(app, session, one)),
        "a story as JSON": (people, lambda session, one: _read(app, session, one, as_json=True)),
        "found by e-mail": ([f"C{one}@mail.example" for one in people], find),
        "found by an id of the shop": ([f"c-{one}" for one in people[:FINDS]], find),
        "found by name": (whole, find),
        "found by a part of a name": ([one.split()[1][:5] for one in whole], find),
        "not found, and who was meant": ([f"{one[:-2]}qqx" for one in whole], find),
    }
    for what, (these, ask) in asked.items():
        _time(f"{name}, {what}", app.database, these, ask)


def _read(app: App, session: Session, person_id: int, *, as_json: bool = False) -> None:
    row = session.get_one(CustomerRow, person_id)
    most = None if as_json else 20
    told = story_of(session, row, app.config, now=NOW, mentions=most)
    if as_json:
        story_json(told, {})
    else:
        list(story_lines(told, now=NOW, today=NOW.date(), orders=5))


def _time(
    what: str, database: Database, asked: Sequence[Any], ask: Callable[[Session, Any], object]
) -> None:
    """Each in a transaction of its own; the first few are not counted."""
    took, worked = [], []
    for one in asked:
        started, busy = time.perf_counter(), time.process_time()
        with database.read() as session, contextlib.suppress(EarshotError):
            ask(session, one)
        took.append((time.perf_counter() - started) * 1000)
        worked.append((time.process_time() - busy) * 1000)
    _tell(f"{what:40} {_spread(took[_WARM:])}; of the processor {_spread(worked[_WARM:])}")


def _spread(milliseconds: Sequence[float]) -> str:
    late = sorted(milliseconds)[int(len(milliseconds) * 0.95)]
    return f"p50 {statistics.median(milliseconds):6.1f} ms, p95 {late:6.1f} ms"


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201  what a benchmark is for


if __name__ == "__main__":
    main()

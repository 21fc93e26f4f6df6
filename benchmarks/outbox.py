"""How long the worker looks for its next message, however many wait.

    python -m benchmarks.outbox [--waiting 100 30000] [--postgres URL]

A new database is filled with incidents of three messages each (the first one and two for its
thread). Measured is what every round of the service does: the look for the next message while one
is due, and while none is. --postgres names a server's database that the benchmark may make anew;
without it only SQLite is measured.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import create_engine, insert, make_url, text

from storage import deliveries, schema
from storage.engine import Database
from storage.tables import IncidentRow, OutboxRow

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
ROUNDS = 50
NAME = "earshot_benchmark"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, nargs="+", default=[100, 30_000])
    parser.add_argument("--postgres", help="postgresql+psycopg://user@host/postgres")
    given = parser.parse_args()
    for name, database in _databases(given.postgres):
        schema.upgrade(database)
        have = 0
        for count in given.waiting:
            _fill(database, have, count // 3 + 1)
            have = count // 3 + 1
            due, idle = _timed(database, NOW), _timed(database, NOW - timedelta(hours=1))
            sys.stdout.write(
                f"{name:10}  {3 * have:7,} waiting  due {due[0]:5.2f} ms ({due[1]:5.2f} by the "
                f"clock)  none due {idle[0]:5.2f} ms ({idle[1]:5.2f})\n"
            )
        database.close()


def _databases(postgres: str | None) -> Iterator[tuple[str, Database]]:
    with tempfile.TemporaryDirectory() as folder:
        yield "SQLite", Database(f"sqlite:///{folder}/outbox.db")
    if postgres is None:
        return
    server = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {NAME}"))
    url = make_url(postgres).set(database=NAME).render_as_string(hide_password=False)
    yield "PostgreSQL", Database(url)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {NAME} WITH (FORCE)"))
    server.dispose()


def _fill(database: Database, first: int, last: int) -> None:
    made = iter(range(first, last))
    while numbers := list(islice(made, 1_000)):
        with database.begin() as session:
            session.execute(insert(IncidentRow), [_incident(one) for one in numbers])
            session.execute(
                insert(OutboxRow),
                [_message(one, nth) for one in numbers for nth in range(3)],
            )
    with database.begin() as session:
        session.execute(text("ANALYZE"))


def _incident(number: int) -> dict[str, Any]:
    at = dict.fromkeys(("posted_at", "opened_at", "due_at"), NOW)
    words = {"brand": "Acme", "rule": "negative", "severity": "critical", "state": "open"}
    more = {"reasons": [], "resolution": "", "assignee": "", "version": 1, "kind": "complaint"}
    return {"id": number + 1, "key": f"complaint:{number}"} | at | words | more


def _message(number: int, nth: int) -> dict[str, Any]:
    kind = "thread" if nth else "post"
    at = NOW + timedelta(seconds=nth)
    return {
        "id": f"{number}-{nth}",
        "key": f"incident:{number + 1}:{kind}:{nth + 1}",
        "incident_id": number + 1,
        "kind": kind,
        "channel": "C0ALERTS",
        "notifier": "slack",
        "payload": {},
        "subject": "mention" if nth else "incident",
        "about": {"mention_id": number} if nth else {},
        "as_of": at,
        "state": "pending",
        "attempts": 0,
        "created_at": at,
        "next_at": NOW,
        "reason": "",
    }


def _timed(database: Database, due: datetime) -> tuple[float, float]:
    """The median of one look in milliseconds: of this process, and by the clock."""
    took = []
    for _ in range(ROUNDS):
        began = time.process_time(), time.perf_counter()
        with database.begin() as session:
            deliveries.waiting(session, due=due, here="slack", limit=1)
        took.append((time.process_time() - began[0], time.perf_counter() - began[1]))
    own, clock = (1_000 * statistics.median(one) for one in zip(*took, strict=True))
    return own, clock


if __name__ == "__main__":
    main()

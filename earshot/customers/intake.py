"""Customers and orders into the database, a batch at a time, from wherever they come.

Each batch is a transaction of its own, so that nobody waits for a large file, and memory holds one
batch. What was cut off is simply taken in again: what is stored already is known, and not written.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from crm.imports import BadRow
from crm.value import paid, per_currency
from domain.customer import Amount, CustomerRecord, OrderRecord
from storage import customers, mention_orders, orders, persons
from storage.engine import Database
from storage.sql import expect_many

BATCH = 2_000  # rows that are written while everybody else waits: a fifth of a second

Record = TypeVar("Record", CustomerRecord, OrderRecord)
Refuse = Callable[[Iterable[tuple[int, str]]], None]  # takes lines and reasons


@dataclass(slots=True)
class Taken:
    """What was taken in so far."""

    good: int = 0  # rows that could be read
    bad: int = 0  # that could not, or are evidently wrong
    new: int = 0
    known: int = 0
    unknown: int = 0  # orders of nobody known
    guests: int = 0  # who became customers by their orders
    paid: tuple[Amount, ...] = ()
    joined: dict[int, None] = field(default_factory=dict)  # persons whose records grew

    @property
    def rows(self) -> int:
        return self.good + self.bad


Progress = Callable[[Taken], None]


def take_customers(
    database: Database,
    rows: Iterable[CustomerRecord | BadRow],
    *,
    now: datetime,
    refuse: Refuse,
    progress: Progress = lambda _: None,
) -> Taken:
    """Store customers, join those of several systems, look again for whose handle is on file.

    Rows of one customer must follow each other: the last wins.
    """
    taken = Taken()
    for batch in _batches(rows):
        good = _readable(batch, taken, refuse)
        with database.begin() as session:
            expect_many(session)
            done = customers.save(session, good, now=now)
            taken.joined |= dict.fromkeys(persons.join(session, done.written))
        taken.new += done.new
        taken.known += done.known
        progress(taken)
    return taken


def take_orders(
    database: Database,
    system: str,
    rows: Iterable[OrderRecord | BadRow],
    *,
    now: datetime,
    refuse: Refuse,
    progress: Progress = lambda _: None,
) -> Taken:
    """Store orders of known customers and of guests, look again at mentions that name one.

    system: whose ids they have.
    """
    taken = Taken()
    for batch in _batches(rows):
        bad: list[tuple[int, str]] = []
        good = _readable(batch, taken, bad.extend)
        with database.begin() as session:
            expect_many(session)
            done = orders.save(session, system, good, now=now)
        refused = {one.line for one in done.refused}
        unknown = sum(one.reason == orders.NOBODY for one in done.refused)
        taken.new += done.new
        taken.known += done.known
        taken.unknown += unknown
        taken.guests += done.guests
        taken.bad += len(done.refused) - unknown
        stored = paid(one for one in good if one.line not in refused)
        taken.paid = per_currency([*taken.paid, *stored])
        refuse([*bad, *((one.line, one.reason) for one in done.refused)])
        progress(taken)
    with database.begin() as session:
        mention_orders.look_again(session)
    return taken


def _readable(batch: list[Record | BadRow], taken: Taken, refuse: Refuse) -> list[Record]:
    good = [row for row in batch if not isinstance(row, BadRow)]
    taken.good += len(good)
    taken.bad += len(batch) - len(good)
    refuse((row.line, row.reason) for row in batch if isinstance(row, BadRow))
    return good


def _batches(rows: Iterable[Record | BadRow]) -> Iterator[list[Record | BadRow]]:
    """Batches that part no rows of one id."""
    batch: list[Record | BadRow] = []
    for row in rows:
        if len(batch) >= BATCH and _id(row) != _id(batch[-1]):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _id(row: CustomerRecord | OrderRecord | BadRow) -> object:
    return row if isinstance(row, BadRow) else row.external_id or row

"""Orders after refunds, as columns: one row for each order, each currency apart."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

import numpy as np
from numpy.typing import NDArray

from domain.valuation import Purchase

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

PARTS = 100  # of one whole amount: sums of hundredths are exact, and are what is stored


@dataclass(frozen=True, slots=True)
class Ledger:
    """What orders brought after their refunds, by person and day."""

    person: Ints
    day: Ints  # date.toordinal() of the order, of a refund whose order is unknown its own
    amount: Ints  # in hundredths, below 0 where more was refunded than paid
    currency: Ints  # the place in currencies
    currencies: tuple[str, ...]

    def of(self, rows: Flags | Ints) -> Self:
        """Of these rows alone."""
        return type(self)(
            self.person[rows],
            self.day[rows],
            self.amount[rows],
            self.currency[rows],
            self.currencies,
        )

    def orders(self) -> Self:
        """The rows that are orders: something of them was paid and kept."""
        return self.of(self.amount > 0)


def net(purchases: Iterable[Purchase], *, today: date) -> Ledger:
    """Each order less its refunds, on the day it was ordered; nothing that is dated after today.

    A refund without an order stays a row below zero. Free orders, and those that were refunded to
    the cent, leave no row.
    """
    codes: dict[str, int] = {}
    columns = [array("q") for _ in range(5)]
    add_person, add_currency, add_order, add_day, add_amount = (one.append for one in columns)
    for person_id, ordered_on, amount, currency, order in purchases:
        if ordered_on <= today:
            add_person(person_id)
            add_currency(codes.setdefault(currency, len(codes)))
            add_order(hash(order))  # 64 bits: no two of one person's orders share them
            add_day(ordered_on.toordinal())
            add_amount(int((amount * PARTS).to_integral_value()))
    person, found, order_key, day, parts = (np.array(one, np.int64) for one in columns)
    currencies = tuple(sorted(codes))
    places = np.array([currencies.index(name) for name in codes], np.int64)
    return _netted(Ledger(person, day, parts, places[found], currencies), order_key)


def _netted(rows: Ledger, order: Ints) -> Ledger:
    """rows: as they are stored; order: which of them belong together."""
    # What was paid stands before what was refunded, the oldest first: the first row tells the day.
    together = np.lexsort((rows.day, rows.amount <= 0, order, rows.currency, rows.person))
    rows, order = rows.of(together), order[together]
    first = starts(rows.person, rows.currency, order)
    total = sums(rows.amount, first)
    netted = replace(rows.of(first), amount=total)
    kept = np.lexsort((total, netted.day, netted.person, netted.currency))
    return netted.of(kept[total[kept] != 0])


def starts(*columns: Ints | Floats) -> Ints:
    """Where a group begins, of rows that are sorted by these columns."""
    if not len(columns[0]):
        return np.empty(0, np.int64)
    changes = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return np.flatnonzero(np.concatenate(([True], changes)))


def sums(column: Ints, first: Ints) -> Ints:
    """The sum of each group, exact as its parts are whole."""
    return np.add.reduceat(column, first) if len(first) else np.empty(0, np.int64)

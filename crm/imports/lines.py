"""The rows of one order as one order: its total counts once, and two totals count not at all.

Exports give an order of several articles several rows, with its total on the first or on each of
them. A refund booked as a row of its own, below zero, is kept beside the order. Rows that nothing
tells apart are several orders, and numbered.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from crm.imports.reader import BadRow
from crm.imports.records import Line
from domain.customer import OrderRecord

_SAME_ORDER = ("customer", "ordered_on", "currency")


def orders(found: Iterable[Line | BadRow], *, adds_lines: bool) -> Iterator[OrderRecord | BadRow]:
    """Each order where its first row stands; all rows of an order, and all like one, are there.

    adds_lines: each row has an amount of its own.
    """
    rows = list(found)
    seen: Counter[tuple[str, str]] = Counter()
    of_order: dict[str, list[Line]] = {}
    for one in rows:
        if isinstance(one, Line) and one.order.external_id and one.paid >= 0:
            of_order.setdefault(one.order.external_id, []).append(one)
    for one in rows:
        if isinstance(one, BadRow):
            yield one
            continue
        lines = of_order.get(one.order.external_id, [one]) if one.paid >= 0 else [one]
        reason = _two_orders(lines, adds_lines=adds_lines)
        if reason:
            yield BadRow(one.order.line, reason)
        elif lines[0] is one:
            yield _numbered(_added(lines) if adds_lines else _once(lines), seen)


def _two_orders(lines: Sequence[Line], *, adds_lines: bool) -> str:
    """Why these rows are not one order; "" when they are."""
    if len(lines) == 1:
        return ""
    first = lines[0].order
    for name in _SAME_ORDER:
        if any(getattr(one.order, name) != getattr(first, name) for one in lines):
            return f"its order number stands in several rows of different {_WORDS[name]}"
    if adds_lines:
        return ""
    if len({one.counts for one in lines}) > 1:
        return "its order number stands in several rows, of which some are cancelled or not paid"
    for values in ({one.paid for one in lines}, {one.refunded for one in lines}):
        if len(values - {Decimal(0)}) > 1:
            return "its order number stands in several rows with different amounts"
    return ""


_WORDS = {"customer": "customers", "ordered_on": "days", "currency": "currencies"}


def _once(lines: Sequence[Line]) -> OrderRecord:
    order, paid = lines[0].order, max(one.paid for one in lines)
    if paid < 0 or not lines[0].counts:
        return order
    # More may be given back than was paid, for the postage: the order then brought nothing.
    left = max(paid - max(one.refunded for one in lines), Decimal(0))
    return order if left == order.amount else replace(order, amount=left)


def _numbered(order: OrderRecord, seen: Counter[tuple[str, str]]) -> OrderRecord:
    if order.external_id and not order.beside:
        return order
    same = order.external_id, order.content
    seen[same] += 1
    return replace(order, nth=seen[same]) if seen[same] > 1 else order


def _added(lines: Sequence[Line]) -> OrderRecord:
    return replace(
        lines[0].order, amount=sum((one.order.amount for one in lines), start=Decimal(0))
    )

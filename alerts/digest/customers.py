"""The customers who wait, by what they are worth, and what all of them are worth together."""

from datetime import timedelta

from alerts.digest import words
from alerts.digest.cards import NAME
from alerts.escape import cut, one_line
from domain.clock import span
from domain.customer import Amount
from domain.digest import Digest, WaitingCustomer
from domain.elements import Column, Element, Section, Table
from domain.value_at_risk import SegmentAtRisk, ValueAtRisk

WHO = (Column("in 12 months", strong=True), Column("segment"), Column("waiting"))
SEGMENTS = (Column("in 12 months", strong=True), Column(""))


def customers(digest: Digest) -> tuple[Element, ...]:
    """Nothing where nothing waits, and of a digest of a former release."""
    risk = digest.at_risk
    if risk is None or not risk.mentions:
        return ()
    tables = (
        Table("By value", WHO, tuple(_who(one, digest) for one in _named(digest))),
        Table("By segment", SEGMENTS, tuple(map(_row, risk.rows))),
    )
    shown = tuple(table for table in tables if table.rows)
    return (Section("Customers who wait", shown, _linked(risk)),)


def _named(digest: Digest) -> list[WaitingCustomer]:
    """Without a name there is nobody whom a reader could know."""
    return [one for one in digest.waiting_customers if one_line(one.customer.name)]


def _who(one: WaitingCustomer, digest: Digest) -> tuple[str, tuple[str, ...]]:
    customer = one.customer
    named = (cut(one_line(name), NAME) for name in (customer.name, customer.tier))
    waits = span(max(digest.made_at - one.since, timedelta(0)))
    name, spent = " · ".join(filter(None, named)), words.money(customer.spent)
    return name, (spent, one_line(customer.segment), waits)


def _row(one: SegmentAtRisk) -> tuple[str, tuple[str, ...]]:
    money = words.money([Amount(one.currency, one.revenue_12m)])
    name = f"{cut(one_line(one.currency), words.CURRENCY)} {one.segment.value}".strip()
    return name, (money, words.many(one.customers, "customer"))


def _linked(risk: ValueAtRisk) -> str:
    """How much of what waits the value is known of."""
    count = words.many(risk.mentions, "mention")
    verb = "waits" if risk.mentions == 1 else "wait"
    return (
        f"{count} {verb}: {words.number(risk.linkable)} on networks where an author may be linked "
        f"with a customer, {words.number(risk.linked)} by a linked one. Of the others no value is "
        "known."
    )

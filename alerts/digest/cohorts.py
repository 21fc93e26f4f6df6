"""The first of a month: who ordered first in which month, and again, as one chart."""

from collections.abc import Sequence

from alerts.digest import words
from domain.digest import Digest
from domain.elements import Element, Section, Shade, Shades
from domain.network import Networks
from domain.valuation import Cohort

MONTHS = 12  # after the first order, and months of first orders
MIN_PEOPLE = 30  # of fewer no share is told


def cohorts(digest: Digest, _networks: Networks) -> tuple[Element, ...]:
    found = digest.first_orders.cohorts if digest.first_orders else ()
    months = max((min(len(one.again), MONTHS) for one in found), default=0)
    if digest.first_orders is None or not months:
        return ()
    columns = ("people", *(str(nth) for nth in range(1, months + 1)))
    shown = found[-MONTHS:]
    rows = tuple(_row(one, _most(shown)) for one in shown)
    chart = Shades("First order", columns, rows, _summary(shown))
    lead = (
        "Who ordered first in a month, and how many of them ordered again in the 1st, 2nd … month "
        f"after it. As of {words.day(digest.first_orders.as_of)}, of all brands together."
    )
    return (Section("Who came back", (chart,), lead),)


def _row(one: Cohort, most: float) -> tuple[str, tuple[Shade, ...]]:
    again = (_shade(some, one.customers, most) for some in one.again[:MONTHS])
    return f"{one.month:%b %Y}", (Shade(words.number(one.customers)), *again)


def _shade(some: int, people: int, most: float) -> Shade:
    """A share of few people is told as their number. most: the share that is the darkest."""
    if people < MIN_PEOPLE:
        return Shade(words.number(some))
    share = some / people
    return Shade(words.percent(share), share / most if most else 0.0)


def _most(shown: Sequence[Cohort]) -> float:
    """The highest share that is told."""
    shares = (
        some / one.customers
        for one in shown
        if one.customers >= MIN_PEOPLE
        for some in one.again[:MONTHS]
    )
    return max(shares, default=0.0)


def _summary(shown: Sequence[Cohort]) -> str:
    """What the first month after tells of the whole chart, and what in it is no share."""
    over = [one for one in shown if one.again]
    people, again = sum(one.customers for one in over), sum(one.again[0] for one in over)
    few = any(one.customers < MIN_PEOPLE for one in shown)
    of_few = f" Of fewer than {MIN_PEOPLE} people it is how many, without a colour." if few else ""
    share = words.percent(again / people) if people >= MIN_PEOPLE else words.number(again)
    return f"Of {words.number(people)} whose next month is over, {share} ordered in it.{of_few}"

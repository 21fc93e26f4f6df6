"""What customers are worth by the rhythm of their orders: of each person, of a shop, of cohorts.

Each figure of money is of one currency. An order counts after refunds; one that was refunded whole
is none. docs/customers.md defines each figure by the names here.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

SILENT_AFTER = 3  # times the own median gap without an order, and somebody is silent


class Segment(StrEnum):
    """How somebody buys. P(alive): that they still are a customer, see crm.clv."""

    OCCASIONAL = "occasional"  # ordered on one day alone
    SPORADIC = "sporadic"  # on several, and P(alive) < .5; without a model: silent
    REGULAR = "regular"  # on several, and P(alive) >= .5; without a model: not silent
    EXCLUSIVE = "exclusive"  # regular, and of the tenth that is expected to bring most in 12 months


class Method(StrEnum):
    """Where expectations come from."""

    BG_NBD = "bg_nbd"  # BG/NBD of how often, Gamma-Gamma of how much
    REVENUE_12M = "revenue_12m"  # too few or too young: what was paid in 12 months is shown instead


class Purchase(NamedTuple):
    """An order as it is stored, or a refund of one: several rows may share an order."""

    person_id: int
    ordered_on: date
    amount: Decimal
    currency: str  # ISO 4217; "" when the orders do not say
    order: str  # what an order and its refunds share; unique over all systems


def net(purchases: Iterable[Purchase]) -> list[Purchase]:
    """Each order less its refunds, on the day it was ordered; one that was refunded whole is none.

    Oldest first. A refund of which no order is there stays by itself, below 0.
    """
    rows: dict[tuple[int, str, str], list[Purchase]] = defaultdict(list)
    for one in purchases:
        rows[one.person_id, one.order, one.currency].append(one)
    found = []
    for every in rows.values():
        paid = [one.ordered_on for one in every if one.amount > 0]
        day = min(paid or [one.ordered_on for one in every])
        amount = sum((one.amount for one in every), Decimal(0))
        found.append(every[0]._replace(ordered_on=day, amount=amount))
    return sorted((one for one in found if one.amount), key=lambda one: (one.ordered_on, one))


@dataclass(frozen=True, slots=True)
class CurrencyValue:
    """What somebody's orders of one currency are worth."""

    currency: str
    orders: int
    revenue: float
    revenue_12m: float
    average_order_value: float | None  # revenue / orders; None without orders
    clv_simple: float | None  # orders a year x average order value x [crm] clv_years
    # None from here on: Method.REVENUE_12M.
    p_alive: float | None = None  # None also of who ordered on one day alone
    expected_orders_12m: float | None = None  # orders of one day are one
    expected_order_value: float | None = None
    clv: float | None = None  # expected orders of the next [crm] clv_years x expected order value


@dataclass(frozen=True, slots=True)
class Valuation:
    """What a person is worth, by all their orders. Only who ever paid for an order has one."""

    person_id: int
    segment: Segment
    orders: int
    first_order_on: date
    last_order_on: date
    orders_per_year: float  # orders / years since the first, one year at least
    median_gap_days: float | None  # between days on which they ordered; None: there is one alone
    p_alive: float | None  # the highest of their currencies
    is_silent: bool  # for longer than 3 x the own median gap
    values: tuple[CurrencyValue, ...] = ()  # most money of 12 months first, then ever, then by name


@dataclass(frozen=True, slots=True)
class CurrencyTotals:
    """What all customers of one currency are worth together, by their orders in it alone."""

    currency: str
    method: Method
    # Why the method is the simple one, or why the order values that BG_NBD expects are customers'
    # own averages; a sentence without capital and full stop, "" when there is nothing to say.
    why: str
    customers: int  # with an order
    one_time: int  # on one day alone: of them no model knows whether they come back
    one_time_silent: int  # of these, silent for longer than 3 x the median gap of all others
    orders: int
    revenue: float  # less all refunds, also those to who has no order in it
    revenue_12m: float
    average_order_value: float  # revenue / orders
    orders_per_customer: float  # purchase frequency: orders / customers
    orders_per_year: float  # the mean of customers'
    median_gap_days: float | None  # of the customers' medians
    repeat_index_6m: float | None  # of who ordered in the past 6 months, how many twice; None: none
    repeat_index_12m: float | None
    clv_simple: float  # the sum of customers'
    clv: float | None  # likewise
    expected_revenue_12m: float | None  # likewise
    abandonment: float | None  # the mean of 1 - P(alive) over who ordered on more than one day
    silent: float | None  # the share of the same who are silent by the rule; None: there are none
    first_order_on: date
    last_order_on: date
    model: dict[str, float] | None = None  # r, alpha, a, b (weeks); p, q, gamma; "correlation"
    customers_6m: int = 0  # with an order in the past 6 months: whom the repeat index is of
    customers_12m: int = 0


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who ordered first in one month, and how many of them ordered again, by months since."""

    month: date  # its first day
    customers: int
    # Of each month after it that is over, how many ordered in it: the first is the next month.
    again: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShopValuation:
    """What is true of all customers together, as of a day."""

    as_of: date
    years: float  # [crm] clv_years it was made with
    totals: tuple[CurrencyTotals, ...]  # most money of 12 months first
    cohorts: tuple[Cohort, ...]  # oldest first; of persons, whatever they paid in

"""Every figure once more, in plain Python from the orders themselves, the model's parameters given.

Nothing of the product is used here: what it says is compared to this.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import fmean, median

from domain.valuation import Purchase
from tests.crm.clv.published import Parameters, expected_orders, left_to_stayed

YEAR = 365.25


@dataclass
class Bought:
    """What somebody has bought, in one currency or in all."""

    orders: list[tuple[date, Decimal]] = field(default_factory=list)
    refunds: list[tuple[date, Decimal]] = field(default_factory=list)  # of no known order

    @property
    def days(self) -> list[date]:
        return sorted({on for on, _ in self.orders})

    @property
    def gap(self) -> float | None:
        gaps = [(later - earlier).days for earlier, later in pairwise(self.days)]
        return median(gaps) if gaps else None

    def revenue(self, since: date = date.min) -> Decimal:
        return sum((money for on, money in self.orders + self.refunds if on > since), Decimal())

    def per_year(self, today: date) -> float:
        return len(self.orders) / max(1, (today - self.days[0]).days / YEAR)

    def is_silent(self, today: date) -> bool:
        return self.gap is not None and (today - self.days[-1]).days > 3 * self.gap

    def history(self, today: date) -> tuple[int, float, float]:
        first, last = self.days[0], self.days[-1]
        return len(self.days) - 1, (last - first).days / 7, (today - first).days / 7

    def mean_of_later_days(self) -> float:
        later = [float(money) for on, money in self.orders if on > self.days[0]]
        return sum(later) / (len(self.days) - 1) if later else 0.0


def by_person(purchases: Iterable[Purchase], today: date) -> dict[str, dict[int, Bought]]:
    """By currency and person; "*" has all orders of a person."""
    rows: dict[tuple[str, int, str], list[Purchase]] = defaultdict(list)
    for one in purchases:
        if one.ordered_on <= today:
            rows[one.currency, one.person_id, one.order].append(one)
    found: dict[str, dict[int, Bought]] = defaultdict(lambda: defaultdict(Bought))
    for (currency, person, _), group in rows.items():
        paid = [one.ordered_on for one in group if one.amount > 0]
        left = sum((one.amount for one in group), Decimal())
        on = min(paid or [one.ordered_on for one in group])
        if left > 0:
            found[currency][person].orders.append((on, left))
            found["*"][person].orders.append((on, left))
        elif left < 0:
            found[currency][person].refunds.append((on, left))
    return found


def totals(
    people: Sequence[Bought], today: date, *, year_ago: date, half: date
) -> dict[str, object]:
    """Of one currency. year_ago, half: the days after which 12 and 6 months begin."""
    buyers = [one for one in people if one.orders]
    again = [one for one in buyers if len(one.days) > 1]
    gap = median(one.gap for one in again if one.gap is not None)
    revenue = float(sum(one.revenue() for one in people))
    orders = sum(len(one.orders) for one in buyers)

    def repeat_index(since: date) -> float:
        counts = [sum(on > since for on, _ in one.orders) for one in buyers]
        return sum(count > 1 for count in counts) / sum(count > 0 for count in counts)

    return {
        "customers": len(buyers),
        "one_time": len(buyers) - len(again),
        "one_time_silent": sum(
            (today - one.days[-1]).days > 3 * gap for one in buyers if len(one.days) == 1
        ),
        "orders": orders,
        "revenue": revenue,
        "revenue_12m": float(sum(one.revenue(year_ago) for one in people)),
        "average_order_value": revenue / orders,
        "orders_per_customer": orders / len(buyers),
        "orders_per_year": fmean(one.per_year(today) for one in buyers),
        "median_gap_days": gap,
        "repeat_index_6m": repeat_index(half),
        "repeat_index_12m": repeat_index(year_ago),
        "customers_6m": sum(any(on > half for on, _ in one.orders) for one in buyers),
        "customers_12m": sum(any(on > year_ago for on, _ in one.orders) for one in buyers),
        "silent": fmean(one.is_silent(today) for one in again),
        "first_order_on": min(one.days[0] for one in buyers),
        "last_order_on": max(one.days[-1] for one in buyers),
    }


@dataclass(frozen=True)
class Expected:
    p_alive: float
    orders_12m: float
    order_value: float
    clv: float


def expected(one: Bought, model: dict[str, float], today: date, years: int) -> Expected:
    history = one.history(today)
    parameters = Parameters(model["r"], model["alpha"], model["a"], model["b"])
    p, q, gamma = model["p"], model["q"], model["gamma"]
    x = history[0]
    value = p * (gamma + x * one.mean_of_later_days()) / (p * x + q - 1)
    return Expected(
        p_alive=1 / (1 + left_to_stayed(parameters, history)),
        orders_12m=expected_orders(parameters, history, YEAR / 7),
        order_value=value,
        clv=expected_orders(parameters, history, YEAR / 7 * years) * value,
    )

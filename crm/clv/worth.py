"""What the orders of one currency are worth, of each person.

All here is of the orders of this currency alone, the rhythm too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from crm.clv.forecast import Forecast, forecast
from crm.clv.purchases import PARTS, Flags, Floats, Ints, Ledger, starts, sums
from crm.clv.rhythm import Rhythm, months_before, rhythm_of
from crm.clv.segments import top_tenth
from crm.value import year_before
from domain.valuation import CurrencyValue


@dataclass(frozen=True, slots=True)
class Worth:
    """Of each person with an order in it, by id."""

    currency: str
    today: date
    years: float
    rhythm: Rhythm
    revenue: Floats
    revenue_12m: Floats
    forecast: Forecast
    orders_6m: Ints
    orders_12m: Ints
    refunded: Mapping[int, tuple[float, float]]  # who has no order in it: ever, and in 12 months
    paid: float  # by all of them together, less all refunds
    paid_12m: float

    def average(self) -> Floats:
        return self.revenue / self.rhythm.orders

    def clv_simple(self) -> Floats:
        """Orders a year x average order value x years: the simple formula."""
        return self.rhythm.per_year(self.today) * self.average() * self.years

    def expected_revenue_12m(self) -> Floats | None:
        if self.forecast.orders_12m is None or self.forecast.order_value is None:
            return None
        return self.forecast.orders_12m * self.forecast.order_value

    def top(self) -> Flags:
        """The tenth of its customers that is expected to bring most in 12 months.

        Where nothing is expected: that brought most in the past 12.
        """
        expected = self.expected_revenue_12m()
        return top_tenth(self.revenue_12m if expected is None else expected)


def worth(ledger: Ledger, currency: str, *, today: date, years: float) -> Worth:
    """ledger: of this currency alone."""
    orders = ledger.orders()
    rhythm = rhythm_of(orders)
    holders = starts(ledger.person)
    person = ledger.person[holders]
    lately = ledger.day > year_before(today).toordinal()
    revenue = sums(ledger.amount, holders) / PARTS
    revenue_12m = sums(np.where(lately, ledger.amount, 0), holders) / PARTS
    bought = np.isin(person, rhythm.person)
    others = (column[~bought].tolist() for column in (person, revenue, revenue_12m))
    return Worth(
        currency=currency,
        today=today,
        years=years,
        rhythm=rhythm,
        revenue=revenue[bought],
        revenue_12m=revenue_12m[bought],
        forecast=forecast(orders, rhythm, today=today, years=years),
        orders_6m=_since(orders, months_before(today, 6)),
        orders_12m=_since(orders, year_before(today)),
        refunded={who: (ever, year) for who, ever, year in zip(*others, strict=True)},
        paid=int(ledger.amount.sum()) / PARTS,
        paid_12m=int(ledger.amount[lately].sum()) / PARTS,
    )


def _since(orders: Ledger, start: date) -> Ints:
    """How many orders each person has after this day."""
    each = starts(orders.person)
    return sums((orders.day > start.toordinal()).astype(np.int64), each)


def values(one: Worth) -> dict[int, CurrencyValue]:
    """By person."""
    rhythm, told = one.rhythm, one.forecast
    nothing = [None] * len(rhythm.person)
    columns = zip(
        rhythm.person.tolist(),
        rhythm.orders.tolist(),
        one.revenue.tolist(),
        one.revenue_12m.tolist(),
        one.average().tolist(),
        one.clv_simple().tolist(),
        nothing if told.p_alive is None else _known(told.p_alive, rhythm.repeats()),
        *(
            nothing if column is None else column.tolist()
            for column in (told.orders_12m, told.order_value, told.clv)
        ),
        strict=True,
    )
    found = {person: CurrencyValue(one.currency, *rest) for person, *rest in columns}
    for person, (revenue, revenue_12m) in one.refunded.items():
        found[person] = CurrencyValue(one.currency, 0, revenue, revenue_12m, None, None)
    return found


def _known(column: Floats, known: Flags) -> list[float | None]:
    return [
        value if is_known else None
        for value, is_known in zip(column.tolist(), known.tolist(), strict=True)
    ]

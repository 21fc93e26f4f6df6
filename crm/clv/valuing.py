"""Values all customers: the one way in."""

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np

from crm.clv.cohorts import cohorts
from crm.clv.purchases import net
from crm.clv.rhythm import Rhythm, rhythm_of
from crm.clv.segments import segment
from crm.clv.totals import totals
from crm.clv.worth import Worth, values, worth
from domain.valuation import CurrencyValue, Purchase, ShopValuation, Valuation


def value_customers(
    purchases: Iterable[Purchase], *, today: date, years: float
) -> tuple[list[Valuation], ShopValuation]:
    """Of everybody with an order that was not refunded whole, by id; and of all together.

    today: orders after it are left out. years: how far ahead lifetime values look. The order of the
    purchases changes nothing.
    """
    ledger = net(purchases, today=today)
    orders = ledger.orders()
    worths = [
        worth(ledger.of(ledger.currency == place), currency, today=today, years=years)
        for place, currency in enumerate(ledger.currencies)
    ]
    all_totals = [totals(one) for one in worths if len(one.rhythm.person)]
    shop = ShopValuation(
        as_of=today,
        years=years,
        totals=tuple(sorted(all_totals, key=lambda one: (-one.revenue_12m, one.currency))),
        cohorts=cohorts(orders, today=today),
    )
    return _people(rhythm_of(orders), worths, today), shop


def _people(rhythm: Rhythm, worths: Sequence[Worth], today: date) -> list[Valuation]:
    by_currency = [values(one) for one in worths]
    top = {person for one in worths for person in one.rhythm.person[one.top()].tolist()}
    columns = zip(
        rhythm.person.tolist(),
        rhythm.orders.tolist(),
        rhythm.days.tolist(),
        rhythm.first.tolist(),
        rhythm.last.tolist(),
        rhythm.per_year(today).tolist(),
        rhythm.median_gap.tolist(),
        rhythm.silent(today).tolist(),
        strict=True,
    )
    people = []
    for person, orders, days, first, last, per_year, gap, is_silent in columns:
        own = _sorted([values[person] for values in by_currency if person in values])
        p_alive = max((one.p_alive for one in own if one.p_alive is not None), default=None)
        people.append(
            Valuation(
                person_id=person,
                segment=segment(
                    days=days, p_alive=p_alive, is_silent=is_silent, is_top=person in top
                ),
                orders=orders,
                first_order_on=date.fromordinal(first),
                last_order_on=date.fromordinal(last),
                orders_per_year=per_year,
                median_gap_days=None if np.isnan(gap) else gap,
                p_alive=p_alive,
                is_silent=is_silent,
                values=own,
            )
        )
    return people


def _sorted(values: list[CurrencyValue]) -> tuple[CurrencyValue, ...]:
    """Most money of 12 months first, then ever, then by name."""
    if len(values) == 1:
        return tuple(values)
    return tuple(sorted(values, key=lambda one: (-one.revenue_12m, -one.revenue, one.currency)))

"""What all customers of one currency are worth together, by its orders alone."""

from datetime import date

import numpy as np

from crm.clv.purchases import Ints
from crm.clv.worth import Worth
from domain.valuation import SILENT_AFTER, CurrencyTotals, Method


def totals(one: Worth) -> CurrencyTotals:
    """Of a currency with at least one order."""
    rhythm, told, today = one.rhythm, one.forecast, one.today
    repeats, customers = rhythm.repeats(), len(rhythm.person)
    orders = int(rhythm.orders.sum())
    gap = float(np.median(rhythm.median_gap[repeats])) if repeats.any() else None
    silent_for = today.toordinal() - rhythm.last[~repeats]
    expected = one.expected_revenue_12m()
    return CurrencyTotals(
        currency=one.currency,
        method=Method.REVENUE_12M if told.p_alive is None else Method.BG_NBD,
        why=told.why,
        customers=customers,
        one_time=int((~repeats).sum()),
        one_time_silent=0 if gap is None else int((silent_for > SILENT_AFTER * gap).sum()),
        orders=orders,
        revenue=one.paid,
        revenue_12m=one.paid_12m,
        average_order_value=one.paid / orders,
        orders_per_customer=orders / customers,
        orders_per_year=float(rhythm.per_year(today).mean()),
        median_gap_days=gap,
        repeat_index_6m=_repeat_index(one.orders_6m),
        repeat_index_12m=_repeat_index(one.orders_12m),
        clv_simple=float(one.clv_simple().sum()),
        clv=None if told.clv is None else float(told.clv.sum()),
        expected_revenue_12m=None if expected is None else float(expected.sum()),
        abandonment=(None if told.p_alive is None else float((1 - told.p_alive[repeats]).mean())),
        silent=float(rhythm.silent(today)[repeats].mean()) if repeats.any() else None,
        first_order_on=date.fromordinal(int(rhythm.first.min())),
        last_order_on=date.fromordinal(int(rhythm.last.max())),
        model=told.model,
        customers_6m=int((one.orders_6m > 0).sum()),
        customers_12m=int((one.orders_12m > 0).sum()),
    )


def _repeat_index(orders: Ints) -> float | None:
    """Of who ordered in a span, the share who ordered twice. orders: of each customer in it."""
    some = int((orders > 0).sum())
    return int((orders > 1).sum()) / some if some else None

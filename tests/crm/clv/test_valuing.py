from datetime import date, timedelta
from decimal import Decimal

from crm.clv.valuing import value_customers
from domain.valuation import (
    Cohort,
    CurrencyValue,
    Method,
    Purchase,
    Segment,
    ShopValuation,
    Valuation,
)

TODAY = date(2026, 11, 30)


def bought(
    person: int, days_ago: int, amount: str = "20", currency: str = "EUR", order: str = ""
) -> Purchase:
    on = TODAY - timedelta(days=days_ago)
    return Purchase(person, on, Decimal(amount), currency, order or f"{person} {days_ago}")


def valued(*purchases: Purchase) -> tuple[list[Valuation], ShopValuation]:
    return value_customers(purchases, today=TODAY, years=3)


def test_without_orders_there_is_nothing() -> None:
    assert valued() == ([], ShopValuation(TODAY, 3, (), ()))


def test_one_order_in_all() -> None:
    [person], shop = valued(bought(7, 40))

    assert person == Valuation(
        person_id=7,
        segment=Segment.OCCASIONAL,
        orders=1,
        first_order_on=date(2026, 10, 21),
        last_order_on=date(2026, 10, 21),
        orders_per_year=1.0,
        median_gap_days=None,
        p_alive=None,
        is_silent=False,
        values=(CurrencyValue("EUR", 1, 20.0, 20.0, 20.0, 60.0),),
    )
    [totals] = shop.totals
    assert (totals.customers, totals.one_time, totals.one_time_silent) == (1, 1, 0)
    assert (totals.repeat_index_6m, totals.silent, totals.abandonment) == (0.0, None, None)
    assert totals.method is Method.REVENUE_12M
    assert totals.why == "nobody has ordered on more than one day, and a model needs 200 who did"
    assert shop.cohorts == (Cohort(date(2026, 10, 1), 1, ()),)

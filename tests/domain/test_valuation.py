from datetime import date
from decimal import Decimal

from domain.valuation import Purchase, net

DAY, LATER = date(2026, 3, 1), date(2026, 4, 1)


def purchase(on: date, amount: int, order: str, currency: str = "EUR") -> Purchase:
    return Purchase(7, on, Decimal(amount), currency, order)


def test_an_order_counts_after_its_refunds_on_its_own_day() -> None:
    rows = [
        purchase(LATER, -5, "A"),
        purchase(DAY, 20, "A"),
        purchase(DAY, 30, "B"),
        purchase(LATER, -30, "B"),
        purchase(LATER, -9, "A", "USD"),
        purchase(LATER, -7, "gone"),
        purchase(DAY, 0, "free"),
    ]
    assert net(rows) == [
        purchase(DAY, 15, "A"),
        purchase(LATER, -9, "A", "USD"),
        purchase(LATER, -7, "gone"),
    ]
    assert net(rows[::-1]) == net(rows)
    assert net([]) == []


def test_two_people_may_share_a_number() -> None:
    theirs = Purchase(8, DAY, Decimal(20), "EUR", "A")
    assert net([purchase(LATER, -20, "A"), theirs]) == [theirs, purchase(LATER, -20, "A")]

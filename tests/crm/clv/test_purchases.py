from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from crm.clv.purchases import net
from domain.valuation import Purchase

TODAY = date(2026, 11, 30)


def row(
    days_ago: int, amount: str, order: str = "A", currency: str = "EUR", person: int = 1
) -> Purchase:
    return Purchase(person, TODAY - timedelta(days=days_ago), Decimal(amount), currency, order)


def netted(*purchases: Purchase) -> list[tuple[int, int, int, str]]:
    """Person, days ago, hundredths and currency of each row."""
    found = net(purchases, today=TODAY)
    columns = zip(found.person, found.day, found.amount, found.currency, strict=True)
    return [
        (int(person), TODAY.toordinal() - int(day), int(amount), found.currencies[currency])
        for person, day, amount, currency in columns
    ]


@pytest.mark.parametrize(
    ("purchases", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([row(9, "20.50")], [(1, 9, 2050, "EUR")], id="an order"),
        pytest.param([row(9, "20"), row(2, "-5.25")], [(1, 9, 1475, "EUR")], id="refunded in part"),
        pytest.param([row(9, "20"), row(2, "-20")], [], id="refunded whole"),
        pytest.param(
            [row(9, "20"), row(2, "-15"), row(1, "-8")], [(1, 9, -300, "EUR")], id="and beyond"
        ),
        pytest.param([row(9, "0")], [], id="free"),
        pytest.param([row(2, "-5", "B")], [(1, 2, -500, "EUR")], id="a refund of nothing known"),
        pytest.param(
            [row(2, "-5"), row(9, "20", currency="USD")],
            [(1, 2, -500, "EUR"), (1, 9, 2000, "USD")],
            id="a refund in another currency",
        ),
        pytest.param(
            [row(9, "20"), row(9, "-5", person=2)],
            [(1, 9, 2000, "EUR"), (2, 9, -500, "EUR")],
            id="a refund to somebody else",
        ),
        pytest.param(
            [row(9, "20", "A"), row(9, "20", "B")],
            [(1, 9, 2000, "EUR"), (1, 9, 2000, "EUR")],
            id="two orders of one day",
        ),
        pytest.param([row(0, "20"), row(-1, "30", "B")], [(1, 0, 2000, "EUR")], id="to come"),
        pytest.param([row(9, "20"), row(-1, "-20")], [(1, 9, 2000, "EUR")], id="refund to come"),
        pytest.param([row(4, "2"), row(9, "1")], [(1, 9, 300, "EUR")], id="in two parts"),
    ],
)
def test_orders_after_their_refunds(
    purchases: list[Purchase], expected: list[tuple[int, int, int, str]]
) -> None:
    for shuffled in permutations(purchases):
        assert netted(*shuffled) == expected


def test_sums_of_money_are_exact() -> None:
    many = [row(1, "0.10", str(number)) for number in range(3)]

    assert net(many, today=TODAY).amount.sum() == 30


def test_orders_are_sorted_by_currency_person_and_day() -> None:
    found = netted(
        row(1, "1", "A", "USD", 2),
        row(2, "1", "B", "EUR", 7),
        row(1, "1", "C", "EUR", 7),
        row(1, "1", "D", "", 9),
        row(8, "1", "E", "USD", 1),
    )

    assert [(currency, person, days) for person, days, _, currency in found] == [
        ("", 9, 1),
        ("EUR", 7, 2),
        ("EUR", 7, 1),
        ("USD", 1, 8),
        ("USD", 2, 1),
    ]

from decimal import Decimal

import pytest

from domain.money import shown


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0", "USD 0.00"),
        ("0.005", "USD 0.005"),
        ("0.1", "USD 0.10"),
        ("0.035", "USD 0.035"),
        ("1.505", "USD 1.50"),
        ("1234.5678", "USD 1,234.57"),
    ],
)
def test_amounts_as_people_read_them(amount: str, expected: str) -> None:
    assert shown(Decimal(amount)) == expected

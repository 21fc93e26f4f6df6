"""Amounts of what the networks charge, as people read them."""

from decimal import Decimal

CURRENCY = "USD"  # every price table is in it


def shown(amount: Decimal) -> str:
    """USD 1,234.56; a single request costs less than a cent: USD 0.005."""
    cents = f"{amount:,.2f}"
    exact = amount >= 1 or Decimal(cents) == amount
    return f"{CURRENCY} {cents if exact else f'{amount:,.3f}'}"

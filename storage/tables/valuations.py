"""What customers are worth, as it was worked out last."""

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base


class ValuationRow(Base):
    """A person's; made anew each day and after an import, see storage.valuations."""

    __tablename__ = "customer_valuation"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    segment: Mapped[str]
    orders: Mapped[int]
    first_order_on: Mapped[date]
    last_order_on: Mapped[date]
    orders_per_year: Mapped[float]
    median_gap_days: Mapped[float | None]
    p_alive: Mapped[float | None]
    is_silent: Mapped[bool]
    run: Mapped[int]  # of storage.valuations: rows of an older one go when it is done


class CurrencyValueRow(Base):
    """What a person's orders of one currency are worth."""

    __tablename__ = "customer_currency_value"
    __table_args__ = (
        # storage.ranking: who paid most in a currency.
        Index("ix_customer_currency_value_currency_revenue_12m", "currency", "revenue_12m"),
    )

    person_id: Mapped[int] = mapped_column(
        ForeignKey("customer_valuation.person_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    currency: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int]  # among the person's currencies, 0 the one of most money
    orders: Mapped[int]
    revenue: Mapped[float]
    revenue_12m: Mapped[float]
    average_order_value: Mapped[float | None]
    clv_simple: Mapped[float | None]
    p_alive: Mapped[float | None]
    expected_orders_12m: Mapped[float | None]
    expected_order_value: Mapped[float | None]
    clv: Mapped[float | None]


class ShopValuationRow(Base):
    """What is true of all customers together; one row at most."""

    __tablename__ = "shop_valuation"

    run: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    as_of: Mapped[date]
    payload: Mapped[dict[str, Any]]

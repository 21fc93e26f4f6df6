"""What a customer is worth: their orders, and the tier that follows."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from crm.tiers import Tiers, tier_of
from domain.customer import MIXED, Amount, OrderRecord, Value


def value(orders: Sequence[OrderRecord], *, today: date, tiers: Tiers, crm_tier: str) -> Value:
    """Add up one customer's orders, as of today: a day of the brand's.

    orders counts those that brought money after their refunds, see net(). The past 12 months are
    the days after today's date a year ago, today included.
    Amounts of different currencies are never added: both revenues are in the currency most of the
    orders of the past 12 months are in (then of all orders, then by alphabet), and the currency
    says "mixed". The tier is the highest that is reached in any currency.
    """
    orders = net(orders)
    recent = [order for order in orders if year_before(today) < order.ordered_on <= today]
    main = _main_currency(orders, recent)
    return Value(
        orders=sum(order.amount > 0 for order in orders),
        revenue=_sum(orders, main),
        revenue_12m=_sum(recent, main),
        tier=crm_tier or tier_of(_sums(recent), tiers),
        currency=MIXED if len({order.currency for order in orders}) > 1 else main,
        revenues_12m=paid(recent),
        revenues=paid(orders),
        last_order_on=max((order.ordered_on for order in orders if order.amount > 0), default=None),
    )


def net(orders: Iterable[OrderRecord]) -> list[OrderRecord]:
    """Each order after the refunds that are rows of their own, on the order's own day.

    Rows of one external_id are one order, in whichever order they come. A refund without an id,
    whose order is not there, or in another currency is no order: it stands by itself.
    """
    rows = list(orders)
    there = {_order(row) for row in rows if row.external_id and not row.beside}
    back: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.beside:
            back[_order(row)] += row.amount
    return [
        row if row.beside else replace(row, amount=row.amount + back.pop(_order(row), Decimal(0)))
        for row in rows
        if not row.beside or _order(row) not in there
    ]


def paid(orders: Iterable[OrderRecord]) -> tuple[Amount, ...]:
    """What these orders brought, each currency apart."""
    return per_currency(Amount(order.currency, float(order.amount)) for order in orders)


def per_currency(amounts: Iterable[Amount]) -> tuple[Amount, ...]:
    """One amount a currency, most money first; none where nothing was paid."""
    sums: dict[str, Decimal] = {}
    for one in amounts:
        sums[one.currency] = sums.get(one.currency, Decimal(0)) + Decimal(str(one.amount))
    found = [Amount(currency, float(total)) for currency, total in sums.items() if total]
    return tuple(sorted(found, key=lambda one: (-one.amount, one.currency)))


def year_before(day: date) -> date:
    """The same day a year ago: the past 12 months begin after it."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def _order(row: OrderRecord) -> tuple[str, str]:
    return row.external_id, row.currency


def _main_currency(orders: Sequence[OrderRecord], recent: Sequence[OrderRecord]) -> str:
    lately = Counter(order.currency for order in recent)
    ever = Counter(order.currency for order in orders)
    return min(ever, key=lambda name: (-lately[name], -ever[name], name), default="")


def _sum(orders: Sequence[OrderRecord], currency: str) -> Decimal:
    return sum((order.amount for order in orders if order.currency == currency), Decimal(0))


def _sums(orders: Sequence[OrderRecord]) -> dict[str, Decimal]:
    return {one: _sum(orders, one) for one in {order.currency for order in orders}}

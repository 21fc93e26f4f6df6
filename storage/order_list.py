"""A person's orders as people read them: by number, with what was paid back."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.orders import one_order
from storage.tables import CustomerRow, OrderNumberRow, OrderRow

_NO_ID = "row:"  # begins the key of an order whose file gave it no id


@dataclass(frozen=True, slots=True)
class Bought:
    """An order after its refunds, or a refund whose order is not here (below zero)."""

    order_id: int
    system: str
    number: str  # as its buyer knows it; "": its file gave it none
    ordered_on: date
    amount: Decimal
    refunded: Decimal  # what of it was paid back in rows of their own; not below zero
    currency: str


def of_person(session: Session, person_id: int) -> list[Bought]:
    """Newest first. A refund of its own counts on the day of its order, if in its currency."""
    rows = session.execute(
        select(OrderRow, OrderNumberRow.number)
        .join(CustomerRow, CustomerRow.id == OrderRow.customer_id)
        .outerjoin(OrderNumberRow, OrderNumberRow.order_id == OrderRow.id)
        .where(or_(CustomerRow.id == person_id, CustomerRow.joined_to == person_id))
    )
    found: dict[tuple[str, str], Bought] = {}
    # An order stands before its refunds.
    for row, number in sorted(rows, key=lambda one: (one[0].amount < 0, one[0].id)):
        name = (one_order(row.system, row.key), row.currency)
        order = found.get(name)
        if order is None:
            found[name] = _bought(row, number, name[0])
        else:
            found[name] = replace(
                order, amount=order.amount + row.amount, refunded=order.refunded - row.amount
            )
    return sorted(found.values(), key=lambda one: (one.ordered_on, one.order_id), reverse=True)


def _bought(row: OrderRow, number: str | None, name: str) -> Bought:
    own = name.removeprefix(f"{row.system}:")
    return Bought(
        order_id=row.id,
        system=row.system,
        number=number or ("" if own.startswith(_NO_ID) else own),
        ordered_on=row.ordered_on,
        amount=row.amount,
        refunded=Decimal(0),
        currency=row.currency,
    )

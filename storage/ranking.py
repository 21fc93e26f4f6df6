"""Who paid most lately, worked out in the database: no order has to be read for it."""

from datetime import date

from sqlalchemy import BigInteger, and_, case, func, select, type_coerce
from sqlalchemy.orm import Session, aliased

from storage import orders, persons
from storage.tables import CustomerRow, OrderRow


def by_revenue(
    session: Session, *, after: date, until: date, limit: int | None = None
) -> list[int]:
    """Persons by what they paid in these days, most first, then by id; all, those without too.

    after is no day of them, until is. Of several currencies that of most orders in these days
    counts, then of most orders ever, then by alphabet: as in crm.value. So does a refund on the day
    of its order.
    """
    refunded = aliased(OrderRow)
    of_order = and_(
        refunded.system == OrderRow.system,
        refunded.key == orders.refunded_key(),
        refunded.currency == OrderRow.currency,
    )
    day = func.coalesce(refunded.ordered_on, OrderRow.ordered_on)
    recent = and_(day > after, day <= until)
    is_one = refunded.id.is_(None)
    lately = func.sum(case((and_(recent, is_one), 1), else_=0))
    ever = func.sum(case((is_one, 1), else_=0))
    paid = func.sum(case((recent, type_coerce(OrderRow.amount, BigInteger)), else_=0))
    place = func.row_number().over(
        partition_by=persons.PERSON,
        order_by=(lately.desc(), ever.desc(), OrderRow.currency),
    )
    sums = (
        select(persons.PERSON.label("person_id"), paid.label("paid"), place.label("place"))
        .join(CustomerRow, CustomerRow.id == OrderRow.customer_id)
        .outerjoin(refunded, of_order)
        .group_by(persons.PERSON, OrderRow.currency)
        .subquery()
    )
    main = and_(sums.c.person_id == CustomerRow.id, sums.c.place == 1)
    return list(
        session.scalars(
            select(CustomerRow.id)
            .outerjoin(sums, main)
            .where(CustomerRow.joined_to.is_(None))
            .order_by(func.coalesce(sums.c.paid, 0).desc(), CustomerRow.id)
            .limit(limit)
        )
    )

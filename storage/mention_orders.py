"""Mention to order: which orders posts are about, by the numbers that they name.

The numbers are stored as they were named, the orders they mean are looked up when asked: so it does
not matter which came first, and an order that is gone is no longer meant. It tells what a post is
about, and nothing of who wrote it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from domain.listing import Role
from domain.order_number import keys_of, meant, shape_of
from storage import persons
from storage.sql import among, batches, insert, pairs
from storage.tables import (
    AuthorRow,
    CustomerRow,
    MentionBrandRow,
    MentionOrderRow,
    MentionRow,
    MentionUnreadRow,
    OrderNumberRow,
    OrderRow,
    OrderShapeRow,
)


@dataclass(frozen=True, slots=True)
class NamedOrder:
    """An order that a mention names."""

    order_id: int
    system: str
    number: str  # as its shop writes it
    ordered_on: date
    person_id: int  # whose it is: never who wrote the mention
    quoted: bool  # the mention only repeats it in somebody else's words

    @property
    def in_words(self) -> str:
        """For people: nothing of whose it is."""
        return f"{self.number} of {self.ordered_on}{', quoted' if self.quoted else ''}"


@dataclass(frozen=True, slots=True)
class Unread:
    """A mention to be read for order numbers."""

    mention_id: int
    text: str
    is_repost: bool


# --- what is named ------------------------------------------------------------------------------


def to_read(session: Session, mention_ids: Iterable[int], *, edited: bool = False) -> None:
    """Have these mentions read for order numbers. edited: forget what their older words named."""
    for batch in batches(sorted(set(mention_ids))):
        if edited:
            forget(session, batch)
        session.execute(
            insert(session, MentionUnreadRow).on_conflict_do_nothing(),
            [{"mention_id": mention_id} for mention_id in batch],
        )


def forget(session: Session, mention_ids: Sequence[int]) -> None:
    """Forget what these mentions have named."""
    for table in (MentionOrderRow, MentionUnreadRow):
        session.execute(
            delete(table)
            .where(among(table.mention_id, mention_ids))
            .execution_options(synchronize_session=False)
        )


def unread(session: Session, *, limit: int) -> list[Unread]:
    """The newest mentions that have yet to be read; nobody else changes them meanwhile."""
    newest = session.scalars(
        select(MentionUnreadRow.mention_id)
        .order_by(MentionUnreadRow.mention_id.desc())
        .limit(limit)
    ).all()
    rows = session.execute(
        select(MentionRow.id, MentionRow.text, MentionRow.is_repost)
        .where(among(MentionRow.id, newest))
        .order_by(MentionRow.id)  # as collectors lock them
        .with_for_update()
    )
    return [Unread(*row) for row in rows]


def save(
    session: Session,
    named: Mapping[int, Sequence[tuple[str, bool]]],
    telling: Iterable[int] = (),
) -> None:
    """Store the (number, quoted) that each of these mentions names; they are read then.

    Their authors are looked at again where a number was named, and those of the mentions that are
    telling: they may say who wrote them.
    """
    forget(session, list(named))
    rows = [
        {"mention_id": mention_id, "number": number, "quoted": quoted}
        for mention_id, numbers in named.items()
        for number, quoted in numbers
    ]
    if rows:
        session.execute(insert(session, MentionOrderRow), rows)
    again = {*telling, *(one for one, numbers in named.items() if numbers)}
    if again:
        _look_again(session, again)


def _look_again(session: Session, mention_ids: Iterable[int]) -> None:
    for batch in batches(sorted(set(mention_ids))):
        authors = select(MentionRow.author_id).where(among(MentionRow.id, batch))
        session.execute(
            update(AuthorRow)
            .where(AuthorRow.id.in_(authors))
            .values(link_checked_at=None)
            .execution_options(synchronize_session=False)
        )


def look_again(session: Session) -> None:
    """After an import of orders: look again at whoever has named one that there is."""
    rows = session.execute(select(MentionOrderRow.mention_id, MentionOrderRow.number)).all()
    known: set[str] = set()
    for batch in batches(sorted({number for _, number in rows})):
        known |= _orders(session, batch).keys()
    _look_again(session, {mention_id for mention_id, number in rows if number in known})


# --- which orders are meant ---------------------------------------------------------------------


def learn(session: Session, system: str, keys: Iterable[str]) -> None:
    """Know the shapes of these numbers of a system's orders."""
    shapes = {shape for key in keys if (shape := shape_of(key))}
    if shapes:
        session.execute(
            insert(session, OrderShapeRow).on_conflict_do_nothing(),
            [{"system": system, "shape": shape} for shape in sorted(shapes)],
        )


def save_numbers(session: Session, system: str, numbers: Mapping[str, str]) -> None:
    """Know orders of a system, by key, by the numbers that their buyers know, too."""
    for batch in batches(sorted(numbers)):
        known = session.execute(
            select(OrderRow.id, OrderRow.key, OrderNumberRow.number)
            .outerjoin(OrderNumberRow, OrderNumberRow.order_id == OrderRow.id)
            .where(OrderRow.system == system, OrderRow.key.in_(batch))
        )
        rows = [
            {"order_id": order_id, "number": numbers[key]}
            for order_id, key, number in known
            if number != numbers[key]
        ]
        if rows:
            statement = insert(session, OrderNumberRow)
            fresh = {"number": statement.excluded.number}
            statement = statement.on_conflict_do_update(index_elements=["order_id"], set_=fresh)
            session.execute(statement, rows)
            learn(session, system, (str(row["number"]) for row in rows))


def about(session: Session, mention_ids: Iterable[int]) -> dict[int, list[NamedOrder]]:
    """The orders that these mentions name, by mention; those that name none are not there.

    Of mentions that are about a brand of ours only. A number that several orders have is nobody's.
    """
    found: dict[int, list[NamedOrder]] = defaultdict(list)
    for batch in batches(sorted(set(mention_ids))):
        named = session.execute(
            select(MentionOrderRow.mention_id, MentionOrderRow.number, MentionOrderRow.quoted)
            .where(among(MentionOrderRow.mention_id, batch), _OURS)
            .order_by(MentionOrderRow.mention_id, MentionOrderRow.number)
        ).all()
        known = _orders(session, {number for _, number, _ in named}) if named else {}
        for mention_id, number, quoted in named:
            if number in known:
                found[mention_id].append(replace(known[number], quoted=quoted))
    return dict(found)


_OURS = exists().where(
    MentionBrandRow.mention_id == MentionOrderRow.mention_id, MentionBrandRow.role == Role.BRAND
)


def _orders(session: Session, numbers: Iterable[str]) -> dict[str, NamedOrder]:
    """The one order that each of these numbers means."""
    shapes = [
        (system, shape)
        for system, shape in session.execute(select(OrderShapeRow.system, OrderShapeRow.shape))
    ]
    wanted = {number: keys_of(number, shapes) for number in numbers}
    stored = _written(session, {one for some in wanted.values() for one in some})
    found = {}
    for number, some in wanted.items():
        there = [stored[one] for one in some if one in stored]
        names = set(meant(number, [one.number for one in there]))
        exact = [one for one in there if one.number in names]
        # Two systems may both have heard of one order.
        if len({(one.person_id, one.ordered_on) for one in exact}) == 1:
            found[number] = exact[0]
    return found


def _written(
    session: Session, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], NamedOrder]:
    """The orders that these systems write so; the number that a buyer knows before a key."""
    found: dict[tuple[str, str], NamedOrder] = {}
    for batch in batches(sorted(wanted)):
        columns = (OrderRow.id, OrderRow.system, OrderRow.ordered_on, persons.PERSON)
        by_key = (
            select(OrderRow.key, *columns)
            .join(CustomerRow, CustomerRow.id == OrderRow.customer_id)
            .where(pairs(OrderRow.system, OrderRow.key, batch))
        )
        by_number = (
            select(OrderNumberRow.number, *columns)
            .join(OrderRow, OrderRow.id == OrderNumberRow.order_id)
            .join(CustomerRow, CustomerRow.id == OrderRow.customer_id)
            .where(OrderNumberRow.number.in_({number for _, number in batch}))
        )
        for statement in (by_key, by_number):
            for number, order_id, system, ordered_on, person_id in session.execute(statement):
                found[system, number] = NamedOrder(
                    *(order_id, system, number, ordered_on, person_id), quoted=False
                )
    return found

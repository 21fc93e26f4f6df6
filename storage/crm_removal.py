"""What a CRM or shop has no more goes here, too: customers with what they had, and orders.

A person with a record in another system keeps orders and links: these move to that record. Of
nobody left, nothing is left, and incidents and their messages name no customer any more.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from domain.deciding import RULE
from domain.incident import ITSELF, LIVE, Action, Audit
from storage import (
    backups,
    companies,
    deliveries,
    incidents,
    links,
    orders,
    outbox,
    persons,
    surveys,
    valuation_runs,
)
from storage.near import Written, near
from storage.sql import among, batches
from storage.tables import (
    AuthorKeyRow,
    CustomerKeyRow,
    CustomerRow,
    IncidentRow,
    LinkJudgementRow,
    LinkRow,
    MergeRow,
    OrderRow,
)


def remove_customers(
    session: Session, system: str, external_ids: Iterable[str], *, now: datetime
) -> int:
    """Delete the records of these ids, and copies that hold them; how many there were.

    With an account goes what its owner is known for as a guest of the same shop.

    An id that was merged into another one stays what it has become, until that one is deleted.
    Call it after the changes of the same time were saved: a merge may be among them.
    """
    wanted = _with_merged(session, system, set(external_ids))
    gone: list[int] = []
    for batch in batches(sorted(wanted)):
        its = CustomerRow.external_id.in_(batch)
        gone += session.scalars(select(CustomerRow.id).where(CustomerRow.system == system, its))
        session.execute(
            delete(MergeRow).where(MergeRow.system == system, MergeRow.external_id.in_(batch))
        )
        session.execute(
            delete(MergeRow).where(MergeRow.system == system, MergeRow.into_id.in_(batch))
        )
    if not gone:
        return 0
    asked = len(gone)
    gone += _guests(session, system, gone)
    left = near(session, Written(frozenset(gone))).records - set(gone)
    people = persons.records(session, persons.of(session, gone).values())
    for rows in people.values():
        _part(session, rows, set(gone), now=now)
    removed = delete(CustomerRow).where(among(CustomerRow.id, gone))
    session.execute(removed.execution_options(synchronize_session=False))
    session.expire_all()
    backups.remove_after(session)  # a copy from before an upgrade has them, too
    companies.changed(session)
    valuation_runs.changed(session)
    persons.join(session, Written(frozenset(left)))
    return asked


def _guests(session: Session, system: str, gone: Collection[int]) -> list[int]:
    """The records of orders that these customers placed as guests of the same shop.

    One stays where the person has another account there.
    """
    found: list[int] = []
    for rows in persons.records(session, persons.of(session, gone).values()).values():
        others = [one for one in rows if one.system == system and one.id not in gone]
        guests = [one.id for one in others if one.external_id == one.email]
        found += guests if len(guests) == len(others) else []
    return found


def _with_merged(session: Session, system: str, external_ids: set[str]) -> set[str]:
    """Without those that live on in another id, with those that live on in these."""
    wanted: set[str] = set()
    for batch in batches(sorted(external_ids)):
        ours = select(MergeRow.external_id, MergeRow.into_id).where(MergeRow.system == system)
        into = dict(session.execute(ours.where(MergeRow.external_id.in_(batch))).all())
        wanted.update(one for one in batch if into.get(one, one) in external_ids)
    new = wanted
    while new:
        found: set[str] = set()
        for batch in batches(sorted(new)):
            found.update(
                session.scalars(
                    select(MergeRow.external_id).where(
                        MergeRow.system == system, MergeRow.into_id.in_(batch)
                    )
                )
            )
        new = found - wanted
        wanted |= new
    return wanted


def _part(
    session: Session, rows: Sequence[CustomerRow], gone: Collection[int], *, now: datetime
) -> None:
    """Part a person from those of their records that go."""
    going = [row.id for row in rows if row.id in gone]
    staying = sorted(
        (row for row in rows if row.id not in gone),
        key=lambda row: (row.joined_to is not None, not row.name, row.id),
    )
    heir = staying[0].id if staying else None
    for row in rows:
        row.joined_to = None if row.id in gone or row.id == heir else heir
        row.keyed = False  # links follow the person
    session.flush()
    links.look_again(session, _concerned(session, going))
    if heir is not None:
        moved = update(OrderRow).where(among(OrderRow.customer_id, going))
        session.execute(moved.values(customer_id=heir))
        surveys.move(session, going, heir)
        _move_links(session, going, heir)
    _tell(session, going, heir, now=now)


def _concerned(session: Session, ids: Sequence[int]) -> list[int]:
    """Authors who are linked to these records, or were looked for by one of their keys.

    Where two records answered to one name, only one does now.
    """
    linked = select(LinkRow.author_id).where(among(LinkRow.customer_id, ids))
    asking = (
        select(AuthorKeyRow.author_id)
        .join(CustomerKeyRow, CustomerKeyRow.key == AuthorKeyRow.key)
        .where(among(CustomerKeyRow.customer_id, ids))
    )
    return list(session.scalars(linked.union(asking)))


def _move_links(session: Session, going: Collection[int], heir: int) -> None:
    """Of two links of one author, that of which a person has decided stays."""
    rows = session.execute(
        select(LinkRow, LinkJudgementRow.decided_by)
        .join(LinkJudgementRow, LinkJudgementRow.id == LinkRow.present_id)
        .where(among(LinkRow.customer_id, [*going, heir]))
        .order_by(LinkRow.id)
    ).all()
    kept: dict[int, LinkRow] = {}
    for link, _ in sorted(
        rows, key=lambda row: (row[1].startswith(RULE), row[0].customer_id != heir, row[0].id)
    ):
        if link.author_id in kept:
            session.delete(link)
        else:
            kept[link.author_id] = link
    session.flush()
    for link in kept.values():
        link.customer_id = heir
    session.flush()


def _tell(session: Session, going: Collection[int], heir: int | None, *, now: datetime) -> None:
    """Let the incidents of who stood for the person, and their messages, name who does now."""
    rows = session.scalars(select(IncidentRow).where(among(IncidentRow.customer_id, going))).all()
    for row in rows:
        before = incidents.record(row)
        after = replace(before, customer=None, customer_id=heir, version=before.version + 1)
        note = "its customer was deleted in the CRM" if heir is None else f"customer {heir}"
        state = before.state
        audit = Audit(before.id, after.version, Action.IDENTIFIED, ITSELF, now, state, state, note)
        incidents.save(session, after, audit)
        if state in LIVE:
            deliveries.hear_again(session, [before.id], now=now)
        outbox.changed(session, before.id, now=now)


def remove_orders(session: Session, system: str, external_ids: Sequence[str]) -> int:
    """Remove these orders with their refunds; return how many orders there were."""
    removed = 0
    for batch in batches(sorted(set(external_ids))):
        its = select(OrderRow.id, OrderRow.customer_id).where(
            OrderRow.system == system, OrderRow.key.in_(batch)
        )
        gone = dict(session.execute(its).all())
        if gone:
            refunds = select(OrderRow.id).where(
                among(OrderRow.customer_id, gone.values()),
                OrderRow.system == system,
                orders.refunded_key().in_(batch),
            )
            session.execute(
                delete(OrderRow)
                .where(among(OrderRow.id, [*gone, *session.scalars(refunds)]))
                .execution_options(synchronize_session=False)
            )
        removed += len(gone)
    if removed:
        valuation_runs.changed(session)
    return removed

"""What a CRM or shop has no more goes here, too: customers with all they had, and orders."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage import companies, links, outbox, persons
from storage.sql import among, batches
from storage.tables import LIVE, CustomerRow, IncidentRow, LinkRow, MergeRow, OrderRow


def remove_customers(
    session: Session, system: str, external_ids: Sequence[str], *, now: datetime
) -> int:
    """Remove these records with their orders, handles and links; return how many there were.

    One that was merged into another record is not gone but that one: it stays until the other is
    gone, and goes with it. The authors who were linked to them are looked at again, and messages of
    live incidents that told of them are drawn anew.
    """
    removed = 0
    for batch in batches(_with_merged(session, system, external_ids)):
        ids = session.scalars(
            select(CustomerRow.id).where(
                CustomerRow.system == system, CustomerRow.external_id.in_(batch)
            )
        ).all()
        if not ids:
            continue
        authors = session.scalars(select(LinkRow.author_id).where(among(LinkRow.customer_id, ids)))
        links.look_again(session, authors.all())
        told = select(IncidentRow.id).where(LIVE, among(IncidentRow.customer_id, ids))
        for incident_id in session.scalars(told).all():
            outbox.changed(session, incident_id, now=now)
        left = persons.without(session, ids)
        session.execute(
            update(CustomerRow)
            .where(among(CustomerRow.joined_to, ids))
            .values(joined_to=None)
            .execution_options(synchronize_session=False)
        )
        session.execute(
            delete(CustomerRow)
            .where(among(CustomerRow.id, ids))
            .execution_options(synchronize_session=False)
        )
        session.expire_all()
        companies.changed(session)
        persons.join(session, left)
        removed += len(ids)
    return removed


def _with_merged(session: Session, system: str, external_ids: Sequence[str]) -> list[str]:
    """Those of them that are gone, with what was merged into them; their merges are forgotten."""
    gone: set[str] = set()
    asked = sorted(set(external_ids))
    for batch in batches(asked):
        ours = (MergeRow.system == system, MergeRow.external_id.in_(batch))
        gone.update(set(batch) - set(session.scalars(select(MergeRow.external_id).where(*ours))))
    found = sorted(gone)
    while found:
        merged: set[str] = set()
        for batch in batches(found):
            into = (MergeRow.system == system, MergeRow.into_id.in_(batch))
            merged.update(session.scalars(select(MergeRow.external_id).where(*into)))
            session.execute(delete(MergeRow).where(*into))
        found = sorted(merged - gone)
        gone |= merged
    return sorted(gone)


def remove_orders(session: Session, system: str, external_ids: Sequence[str]) -> int:
    """Remove these orders; return how many there were."""
    removed = 0
    for batch in batches(sorted(set(external_ids))):
        ids = session.scalars(
            select(OrderRow.id).where(OrderRow.system == system, OrderRow.key.in_(batch))
        ).all()
        if ids:
            session.execute(
                delete(OrderRow)
                .where(among(OrderRow.id, ids))
                .execution_options(synchronize_session=False)
            )
        removed += len(ids)
    return removed

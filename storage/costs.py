"""The ledger of what was bought from networks that charge: by source, UTC day and kind."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import delete, distinct, func, or_, select
from sqlalchemy.orm import Session

from domain.incident import State
from storage import sealing
from storage.sql import batches, insert
from storage.tables import IncidentMentionRow, IncidentRow, MentionRow, PaidReadRow, SpendRow


def add(
    session: Session, source: str, kind: str, units: int, amount: Decimal, *, day: date
) -> None:
    """Add to what this source has bought of this kind on this day."""
    statement = insert(session, SpendRow).values(
        source=source, day=day, kind=kind, units=units, amount=amount
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "day", "kind"],
            set_={
                "units": SpendRow.units + statement.excluded.units,
                "amount": SpendRow.amount + statement.excluded.amount,
            },
        )
    )


def add_reads(
    session: Session,
    source: str,
    reads: Mapping[str, Sequence[str]],
    price_of: Callable[[str], Decimal],
    *,
    day: date,
) -> None:
    """Add what a page has cost; a thing is paid for once a day, whoever reads it first.

    Of things, authors among them, only seals are kept.
    """
    session.execute(
        delete(PaidReadRow)
        .where(PaidReadRow.source == source, PaidReadRow.day < day)
        .execution_options(synchronize_session=False)
    )
    for kind, things in reads.items():
        units = sum(
            _first_time(session, source, batch, day)
            for batch in batches(sorted({sealing.seal(session, thing) for thing in things}))
        )
        if units:
            add(session, source, kind, units, units * price_of(kind), day=day)


def _first_time(session: Session, source: str, things: Sequence[str], day: date) -> int:
    statement = insert(session, PaidReadRow).on_conflict_do_nothing().returning(PaidReadRow.thing)
    rows = [{"source": source, "day": day, "thing": thing} for thing in things]
    return len(session.scalars(statement, rows).all())


def spent(session: Session, source: str, *, since: date, until: date) -> Decimal:
    """What this source has cost on the days [since, until)."""
    total = session.scalar(
        select(func.sum(SpendRow.amount)).where(
            SpendRow.source == source, SpendRow.day >= since, SpendRow.day < until
        )
    )
    return total if total is not None else Decimal()


def useful_alerts(session: Session, source: str, *, since: datetime, until: datetime) -> int:
    """How many incidents about posts of this source, opened in [since, until), were of use.

    Of use is what somebody took up, what is assigned, and what was answered; nothing dismissed.
    """
    taken_up = or_(
        IncidentRow.acknowledged_at.is_not(None),
        IncidentRow.answered_at.is_not(None),
        IncidentRow.assignee != "",
    )
    statement = (
        select(func.count(distinct(IncidentRow.id)))
        .join(IncidentMentionRow, IncidentMentionRow.incident_id == IncidentRow.id)
        .join(MentionRow, MentionRow.id == IncidentMentionRow.mention_id)
        .where(
            MentionRow.source == source,
            IncidentRow.opened_at >= since,
            IncidentRow.opened_at < until,
            IncidentRow.state != State.DISMISSED,
            taken_up,
        )
    )
    return session.scalars(statement).one()

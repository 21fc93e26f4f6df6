"""Messages that do not get where they belong: how many wait, for how long, and who has to look."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from domain.incident import LIVE
from domain.notification import DeliveryState, Entry, Kind
from storage.outbox import entry_of
from storage.tables import DOUBT, STALE, WAITING, IncidentRow, OutboxRow


def backlog(session: Session, *, now: datetime) -> tuple[int, datetime | None]:
    """How many messages have not left though they may, and since when the oldest waits."""
    free = case(
        (OutboxRow.quiet_until > OutboxRow.created_at, OutboxRow.quiet_until),
        else_=OutboxRow.created_at,
    )
    statement = select(func.count(), func.min(free)).where(WAITING, _wanted(now))
    count, oldest = session.execute(statement.select_from(OutboxRow)).one()
    return count, oldest


def quiet(session: Session, *, now: datetime) -> int:
    """How many messages wait because nobody wants to hear them yet."""
    statement = select(func.count()).where(WAITING, ~_wanted(now))
    return session.scalar(statement.select_from(OutboxRow)) or 0


def _wanted(now: datetime) -> ColumnElement[bool]:
    """Neither it nor what has to leave before it waits quietly."""
    first = aliased(OutboxRow)
    waits_for = exists().where(
        first.incident_id == OutboxRow.incident_id, first.ref.is_(None), _is_quiet(first, now)
    )
    return and_(~_is_quiet(OutboxRow, now), ~waits_for)


def _is_quiet(row: type[OutboxRow], now: datetime) -> ColumnElement[bool]:
    until = row.quiet_until
    pending = row.state == DeliveryState.PENDING
    return and_(until.is_not(None), until > now, pending)


def doubtful(session: Session) -> int:
    """How many messages may have arrived and are being looked for."""
    statement = select(func.count()).where(DOUBT, OutboxRow.state == DeliveryState.AMBIGUOUS)
    return session.scalar(statement.select_from(OutboxRow)) or 0


def overdue(session: Session, *, before: datetime, tries: int, now: datetime) -> list[Entry]:
    """What was tried, in vain, so often or for so long that somebody has to look; oldest first."""
    tried = or_(
        OutboxRow.attempts >= tries, and_(OutboxRow.attempts > 0, OutboxRow.created_at <= before)
    )
    return [
        entry_of(row)
        for row in session.scalars(
            select(OutboxRow)
            .where(
                or_(
                    and_(WAITING, _wanted(now), or_(tried, OutboxRow.printed_at.is_not(None))),
                    and_(STALE, tried),
                ),
                OutboxRow.state != DeliveryState.WITHDRAWING,
            )
            .order_by(OutboxRow.created_at, OutboxRow.key)
        )
    ]


def withdrawing(session: Session) -> list[Entry]:
    """What holds words that were taken back and may be neither changed nor deleted."""
    statement = select(OutboxRow).where(STALE, OutboxRow.state == DeliveryState.WITHDRAWING)
    return [entry_of(row) for row in session.scalars(statement.order_by(OutboxRow.created_at))]


def deleted_roots(session: Session) -> list[int]:
    """The incidents that need somebody still and whose first message was deleted in the channel."""
    statement = (
        select(IncidentRow.id)
        .join(OutboxRow, OutboxRow.incident_id == IncidentRow.id)
        .where(
            OutboxRow.state == DeliveryState.REMOVED,
            OutboxRow.kind == Kind.POST,
            IncidentRow.state.in_(LIVE),
        )
    )
    return list(session.scalars(statement.distinct().order_by(IncidentRow.id)))


def refused(session: Session) -> int:
    """How many messages were refused for good."""
    return (
        session.scalar(
            select(func.count()).select_from(OutboxRow).where(OutboxRow.state == DeliveryState.DEAD)
        )
        or 0
    )


def unprinted(
    session: Session,
    *,
    before: datetime,
    tries: int,
    due_before: datetime,
    limit: int,
    now: datetime,
) -> list[tuple[Entry, datetime | None]]:
    """First messages that wait and were printed nowhere, with the promised answer time.

    Those owed before, tried so often, or with an answer due before; the oldest first.
    """
    rows = session.execute(
        select(OutboxRow, IncidentRow.due_at)
        .outerjoin(IncidentRow, IncidentRow.id == OutboxRow.incident_id)
        .where(
            WAITING,
            _wanted(now),
            OutboxRow.kind == Kind.POST,
            OutboxRow.state == DeliveryState.PENDING,
            OutboxRow.printed_at.is_(None),
            or_(
                OutboxRow.created_at <= before,
                OutboxRow.attempts >= tries,
                IncidentRow.due_at <= due_before,
            ),
        )
        .order_by(OutboxRow.created_at, OutboxRow.incident_id, OutboxRow.key)
        .limit(limit)
    )
    return [(entry_of(row), due_at) for row, due_at in rows]


def printed(session: Session, message_id: str, reason: str, *, now: datetime) -> None:
    """Write down that it was printed, and why it has not left."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == message_id)
        .values(printed_at=now, reason=reason)
        .execution_options(synchronize_session=False)
    )

"""Messages on their way: found when they are due, claimed, and stored with what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Update,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from domain.incident import Action, Severity
from domain.notification import ENDED, DeliveryState, Entry, Fresh, Kind, Stale
from storage.outbox import entry_of
from storage.sql import batches
from storage.tables import DOUBT, STALE, WAITING, IncidentEventRow, IncidentRow, OutboxRow

_IN_HAND = (DeliveryState.SENDING, DeliveryState.AMBIGUOUS)  # it may have arrived


def waiting(
    session: Session,
    *,
    due: datetime | None = None,
    here: str | None = None,
    limit: int | None = None,
) -> list[Entry]:
    """What may be worked on, longest due first: in doubt, then not sent, then sent and stale.

    Of each incident only the first: the later ones wait until it has ended, so that they leave in
    order. What is only drawn anew keeps nothing waiting.
    due: only what has its turn by then. here: the notifier at work; what stands elsewhere is left
    alone, except that a change is told here when the incident has no first message here.
    """
    found: list[Entry] = []
    for statement in _statements(
        due=due is not None, here=here is not None, limit=limit is not None
    ):
        left = None if limit is None else limit - len(found)
        if left != 0:
            asked = {"due": due, "here": here, "left": left}
            found += map(entry_of, session.scalars(statement, asked))
    return found


@cache
def _statements(*, due: bool, here: bool, limit: bool) -> tuple[Select[OutboxRow], ...]:
    """What is in doubt, what was not sent, what is stale; made once, for every round asks it."""
    stale = select(OutboxRow).where(STALE)
    statements = (
        select(OutboxRow).where(DOUBT, ~_blocked()),
        select(OutboxRow).where(WAITING, OutboxRow.state == DeliveryState.PENDING, ~_blocked()),
        stale.where(_told(bindparam("here"))) if here else stale,
    )
    return tuple(_first(one, due=due, limit=limit) for one in statements)


def _first(statement: Select[OutboxRow], *, due: bool, limit: bool) -> Select[OutboxRow]:
    if due:
        statement = statement.where(OutboxRow.next_at <= bindparam("due"))
    return (
        statement.order_by(
            OutboxRow.next_at, OutboxRow.created_at, OutboxRow.incident_id, OutboxRow.key
        )
        .limit(bindparam("left", type_=Integer) if limit else None)
        .execution_options(populate_existing=True)
    )


def _blocked() -> ColumnElement[bool]:
    """An earlier message of the incident has not left."""
    earlier = aliased(OutboxRow)
    return exists().where(
        earlier.incident_id == OutboxRow.incident_id,
        earlier.ref.is_(None),
        earlier.state.not_in(ENDED),
        # …:thread:9 before …:thread:10
        tuple_(earlier.created_at, func.length(earlier.key), earlier.key)
        < tuple_(OutboxRow.created_at, func.length(OutboxRow.key), OutboxRow.key),
    )


def _told(here: BindParameter[str]) -> ColumnElement[bool]:
    first = aliased(OutboxRow)
    told_here = exists().where(
        first.incident_id == OutboxRow.incident_id,
        first.kind == Kind.POST,
        first.notifier == here,
        first.ref.is_not(None),
    )
    return or_(OutboxRow.notifier == here, and_(OutboxRow.stale == Stale.CHANGED, ~told_here))


# --- one message ----------------------------------------------------------------------------------


def release(session: Session, *, now: datetime) -> None:
    """End every lease: for a worker that has just got the lock, so nobody else is sending."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.state == DeliveryState.SENDING)
        .values(lease_until=now, next_at=now)
    )


def store(session: Session, before: Entry, values: Mapping[str, Any]) -> bool:
    """Write what became of a message, if nobody else has touched it since it was read.

    Once it is sent it is not stale any more, unless it was marked after it was drawn. What waits
    longer keeps the later ones of its incident waiting as long.
    """
    more: dict[str, ColumnElement[str]] = {}
    if values.get("state") == DeliveryState.SENT:
        marked = OutboxRow.marks > values.get("drawn", OutboxRow.drawn)
        more = {"stale": case((marked, OutboxRow.stale), else_=Stale.NO.value)}
    statement = (
        update(OutboxRow)
        .where(
            OutboxRow.id == before.delivery.id,
            OutboxRow.state == before.delivery.state,
            OutboxRow.lease_until.is_not_distinct_from(before.delivery.lease_until),
        )
        .values(**values, **more)
        .returning(OutboxRow.incident_id)
        .execution_options(synchronize_session=False)
    )
    found = session.execute(statement).first()
    until = values.get("next_at")
    waits = values.get("state") in (DeliveryState.PENDING, DeliveryState.AMBIGUOUS)
    if found and found.incident_id is not None and until and waits and not values.get("ref"):
        hold(session, [found.incident_id], until=until)
    return found is not None


def hold(session: Session, incident_ids: Sequence[int], *, until: datetime) -> None:
    """Let everything that has not left about these incidents wait until then."""
    for batch in batches(incident_ids):
        session.execute(
            update(OutboxRow)
            .where(WAITING, OutboxRow.incident_id.in_(batch), OutboxRow.next_at < until)
            .values(next_at=until)
            .execution_options(synchronize_session=False)
        )


def keep_quiet(session: Session, incident_id: int, *, until: datetime, why: str) -> None:
    """Let what has not left about an incident wait because nobody wants to hear it before."""
    session.execute(_quiet(until, why).where(OutboxRow.incident_id == incident_id))


def keep_all_quiet(
    session: Session, message_id: str, *, until: datetime, why: str, but: Severity
) -> None:
    """Let this message wait, and what has not left about incidents that are not of this severity.

    Not what stands in the channel already: it may change at any time.
    """
    others = select(IncidentRow.id).where(IncidentRow.severity != but)
    session.execute(
        _quiet(until, why).where(or_(OutboxRow.id == message_id, OutboxRow.incident_id.in_(others)))
    )


def _quiet(until: datetime, why: str) -> Update:
    return (
        update(OutboxRow)
        .where(WAITING, OutboxRow.state == DeliveryState.PENDING, OutboxRow.next_at < until)
        .values(next_at=until, quiet_until=until, reason=why)
        .execution_options(synchronize_session=False)
    )


def hear_again(session: Session, incident_ids: Sequence[int], *, now: datetime) -> None:
    """Have it judged anew whether what waits quietly about these incidents may leave."""
    for batch in batches(incident_ids):
        session.execute(
            update(OutboxRow)
            .where(WAITING, OutboxRow.incident_id.in_(batch), OutboxRow.quiet_until > now)
            .values(next_at=now, quiet_until=now)
            .execution_options(synchronize_session=False)
        )


def redraw(session: Session, message_id: str, *, now: datetime) -> None:
    """Have one message put in its place anew: what it says there is not known."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == message_id)
        .values(stale=Stale.CHANGED, marks=OutboxRow.marks + 1, next_at=now)
        .execution_options(synchronize_session=False)
    )


def root(session: Session, incident_id: int | None, notifier: str) -> Entry | None:
    """The incident's newest first message that stands there or stood there; None: it has none."""
    if incident_id is None:
        return None
    row = session.scalars(
        select(OutboxRow)
        .where(
            OutboxRow.incident_id == incident_id,
            OutboxRow.kind == Kind.POST,
            OutboxRow.notifier == notifier,
            OutboxRow.ref.is_not(None),
        )
        .order_by(OutboxRow.sent_at.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()
    return None if row is None else entry_of(row)


def turns(session: Session, incident_id: int) -> int:
    """How often the incident has changed since it was opened; further mentions do not count."""
    statement = select(func.count()).where(
        IncidentEventRow.incident_id == incident_id,
        IncidentEventRow.action.not_in((Action.OPENED, Action.JOINED)),
    )
    return session.scalar(statement.select_from(IncidentEventRow)) or 0


def skip_key(session: Session, key: str, why: str) -> None:
    """End the message of this key without sending it, and say why."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.key == key)
        .values(state=DeliveryState.SKIPPED, reason=why)
        .execution_options(synchronize_session=False)
    )


# --- storms ---------------------------------------------------------------------------------------


def posted_since(session: Session, channel: str, since: datetime) -> int:
    """How many first messages about incidents were sent to it: what the storm cap counts."""
    statement = select(func.count()).where(
        OutboxRow.kind == Kind.POST,
        OutboxRow.channel == channel,
        OutboxRow.state == DeliveryState.SENT,
        OutboxRow.sent_at > since,
        OutboxRow.incident_id.is_not(None),
    )
    return session.scalar(statement.select_from(OutboxRow)) or 0


def storms_since(session: Session, channel: str, since: datetime) -> list[datetime]:
    """When the channel's messages about storms were first owed, oldest first."""
    statement = select(OutboxRow.created_at).where(
        OutboxRow.channel == channel,
        OutboxRow.subject == "storm",
        OutboxRow.created_at > since,
    )
    return sorted(session.scalars(statement))


def fresh(
    session: Session, notifier: str, *, due: datetime, limit: int | None = None
) -> list[Fresh]:
    """The incidents that are due to be told and have no first message there."""
    statement = (
        select(IncidentRow.id, IncidentRow.brand, IncidentRow.severity, IncidentRow.due_at)
        .join(OutboxRow, OutboxRow.incident_id == IncidentRow.id)
        .where(
            WAITING,
            OutboxRow.next_at <= due,
            OutboxRow.state == DeliveryState.PENDING,
            or_(OutboxRow.kind == Kind.POST, ~_stands(OutboxRow.incident_id, notifier)),
        )
        .distinct()
        .limit(limit)
    )
    return [
        Fresh(row.id, row.brand, Severity(row.severity), row.due_at)
        for row in session.execute(statement)
    ]


def is_untold(session: Session, incident_id: int, notifier: str) -> bool:
    """Whether no first message about the incident stands or stood there, or may."""
    return not session.scalar(select(_stands(incident_id, notifier)))


def _stands(
    incident_id: int | InstrumentedAttribute[int | None], notifier: str
) -> ColumnElement[bool]:
    first = aliased(OutboxRow)
    return exists().where(
        first.incident_id == incident_id,
        first.kind == Kind.POST,
        first.notifier == notifier,
        or_(first.ref.is_not(None), first.state.in_(_IN_HAND)),
    )


def skip_all_of(session: Session, incident_ids: Sequence[int], why: str) -> None:
    """End what waits about these incidents without sending it, and say why."""
    for batch in batches(incident_ids):
        session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.incident_id.in_(batch),
                OutboxRow.state == DeliveryState.PENDING,
                OutboxRow.ref.is_(None),
            )
            .values(state=DeliveryState.SKIPPED, reason=why)
            .execution_options(synchronize_session=False)
        )

"""Messages that must leave: written with what they tell, claimed, sent, looked for if in doubt."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.sql import insert
from storage.tables import NOT_ENDED, OutboxRow

ENDED = ("sent", "dead", "skipped")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to be written into the outbox."""

    key: str  # says what must not be said twice
    kind: str  # post, update, thread, redact
    channel: str
    notifier: str
    payload: Mapping[str, Any]
    incident_id: int | None = None
    ref: str | None = None  # redact: of the message in whose place it goes
    quotes: Sequence[int] | None = None  # our ids of the mentions it shows; None: its incident's


def enqueue(session: Session, letter: Letter, *, now: datetime) -> bool:
    """Write a message once; False when its key is there already.

    An update replaces the ones before it that have not left: the last state is what counts.
    """
    if letter.kind == "update":
        session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.incident_id == letter.incident_id,
                OutboxRow.kind == "update",
                OutboxRow.state == "pending",
                OutboxRow.key != letter.key,  # said again, it still waits
            )
            .values(state="skipped")
        )
    statement = (
        insert(session, OutboxRow)
        .values(
            id=str(uuid.uuid4()),
            key=letter.key,
            incident_id=letter.incident_id,
            kind=letter.kind,
            channel=letter.channel,
            notifier=letter.notifier,
            payload=dict(letter.payload),
            quotes=None if letter.quotes is None else list(letter.quotes),
            state="pending",
            attempts=0,
            created_at=now,
            next_at=now,
            reason="",
            ref=letter.ref,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(OutboxRow.id)
    )
    return session.execute(statement).first() is not None


def release(session: Session, *, now: datetime) -> None:
    """End every lease: for a worker that has just got the lock, so nobody else is sending."""
    session.execute(update(OutboxRow).where(OutboxRow.state == "sending").values(lease_until=now))


def waiting(session: Session) -> list[OutboxRow]:
    """Messages that may be worked on now or later, oldest first: of each incident only the first.

    So the messages of one incident leave in order: the later ones wait until the first has ended.
    """
    rows = session.scalars(
        select(OutboxRow)
        .where(NOT_ENDED)
        .order_by(
            OutboxRow.created_at,
            OutboxRow.incident_id,
            func.length(OutboxRow.key),  # …:thread:9 before …:thread:10
            OutboxRow.key,
        )
    )
    first: dict[object, OutboxRow] = {}
    for row in rows:
        first.setdefault(row.incident_id if row.incident_id is not None else row.id, row)
    return list(first.values())


def has_root(session: Session, incident_id: int) -> bool:
    """Whether the incident's first message was sent or is on its way."""
    statement = select(OutboxRow.id).where(
        OutboxRow.incident_id == incident_id,
        OutboxRow.kind == "post",
        OutboxRow.state.not_in(("skipped", "dead")),
    )
    return session.scalars(statement.limit(1)).first() is not None


def root_ref(session: Session, incident_id: int | None, notifier: str) -> str | None:
    """The notifier's reference of the incident's newest first message; None while it has none."""
    if incident_id is None:
        return None
    return session.scalar(
        select(OutboxRow.ref)
        .where(
            OutboxRow.incident_id == incident_id,
            OutboxRow.kind == "post",
            OutboxRow.notifier == notifier,
            OutboxRow.ref.is_not(None),
        )
        .order_by(OutboxRow.sent_at.desc())
        .limit(1)
    )


def store(
    session: Session,
    message_id: str,
    *,
    was: str,
    lease: datetime | None,
    values: Mapping[str, Any],
) -> bool:
    """Write what became of a message, if nobody else has touched it since it was read."""
    statement = (
        update(OutboxRow)
        .where(
            OutboxRow.id == message_id,
            OutboxRow.state == was,
            OutboxRow.lease_until.is_not_distinct_from(lease),
        )
        .values(**values)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).first() is not None


def postpone(session: Session, notifier: str, *, until: datetime) -> None:
    """Let everything that waits for this notifier wait until then: it asked for a pause."""
    session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.notifier == notifier,
            OutboxRow.state.not_in(ENDED),
            OutboxRow.next_at < until,
        )
        .values(next_at=until)
        .execution_options(synchronize_session=False)
    )


def backlog(session: Session) -> tuple[int, datetime | None]:
    """How many messages have not left, and since when the oldest waits."""
    count, oldest = session.execute(
        select(func.count(), func.min(OutboxRow.created_at)).where(NOT_ENDED)
    ).one()
    return count, oldest


def get(session: Session, key: str) -> OutboxRow:
    """The message with this key, which must have been written."""
    return session.scalars(select(OutboxRow).where(OutboxRow.key == key)).one()


def exists(session: Session, key: str) -> bool:
    """Whether a message with this key was ever written."""
    return session.scalar(select(OutboxRow.id).where(OutboxRow.key == key)) is not None


def newest(session: Session, channel: str, prefix: str, *, since: datetime) -> datetime | None:
    """When the newest message of the channel whose key begins so was written, if since then."""
    return session.scalar(
        select(func.max(OutboxRow.created_at)).where(
            OutboxRow.channel == channel,
            OutboxRow.key.startswith(prefix, autoescape=True),
            OutboxRow.created_at >= since,
        )
    )


def skip_all_of(session: Session, incident_ids: Sequence[int], why: str) -> None:
    """End what waits about these incidents without sending it, and say why."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.incident_id.in_(incident_ids), OutboxRow.state == "pending")
        .values(state="skipped", reason=why)
        .execution_options(synchronize_session=False)
    )


def skip_key(session: Session, key: str, why: str) -> None:
    """End the message of this key without sending it, and say why."""
    session.execute(
        update(OutboxRow).where(OutboxRow.key == key).values(state="skipped", reason=why)
    )


def posted_since(session: Session, channel: str, since: datetime) -> list[datetime]:
    """When the channel's first messages about incidents were sent: what the storm cap counts."""
    return [
        at
        for at in session.scalars(
            select(OutboxRow.sent_at).where(
                OutboxRow.kind == "post",
                OutboxRow.channel == channel,
                OutboxRow.state == "sent",
                OutboxRow.sent_at >= since,
                OutboxRow.incident_id.is_not(None),
            )
        )
        if at is not None
    ]


def refused(session: Session) -> int:
    """How many messages were refused for good."""
    return (
        session.scalar(select(func.count()).select_from(OutboxRow).where(OutboxRow.state == "dead"))
        or 0
    )


def forget_before(session: Session, cutoff: datetime) -> None:
    """Empty the messages written before `cutoff` that have ended: they quote mentions."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.created_at < cutoff, OutboxRow.state.in_(ENDED))
        .values(payload={})
    )


def withdraw(session: Session, incident_id: int) -> bool:
    """Take back all about an incident if its first message has not been tried; say whether so."""
    root = session.scalars(
        select(OutboxRow).where(
            OutboxRow.incident_id == incident_id,
            OutboxRow.kind == "post",
            OutboxRow.state == "pending",
            OutboxRow.attempts == 0,
        )
    ).first()
    if root is None:
        return False
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.incident_id == incident_id, OutboxRow.state == "pending")
        .values(state="skipped", reason="answered before it was sent")
    )
    return True

"""Messages that must leave: owed with what they tell, claimed, sent, and drawn anew when stale."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.orm import Session

from domain.notification import (
    ENDED,
    Delivery,
    DeliveryState,
    DigestOf,
    Edition,
    Entry,
    IncidentOf,
    Kind,
    MentionOf,
    OutgoingMessage,
    Stale,
    StormOf,
    Subject,
)
from storage.sql import among, batches, insert
from storage.tables import UNSETTLED, IncidentMentionRow, MentionRow, OutboxRow

_GIVEN_UP = (DeliveryState.DEAD, DeliveryState.SKIPPED)
_NOT_ENDED = OutboxRow.state.not_in(ENDED)

# --- to owe -------------------------------------------------------------------------------------


def enqueue(
    session: Session, message: OutgoingMessage, *, now: datetime, skipped: str = ""
) -> bool:
    """Owe a message once; False when its key is there already.

    skipped: why it will never be sent, where it is written only so that nobody owes it again.
    """
    subject, about = _columns(message.subject)
    statement = (
        insert(session, OutboxRow)
        .values(
            id=str(uuid.uuid4()),
            key=message.key,
            incident_id=_incident_of(message.subject),
            kind=message.kind,
            channel=message.channel,
            notifier=message.notifier,
            payload={},
            subject=subject,
            about=about,
            as_of=message.as_of,
            numbers=None if message.numbers is None else dict(message.numbers),
            state=DeliveryState.SKIPPED if skipped else DeliveryState.PENDING,
            attempts=0,
            created_at=now,
            next_at=now,
            reason=skipped,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(OutboxRow.id)
    )
    return session.execute(statement).first() is not None


def _incident_of(subject: Subject) -> int | None:
    return subject.incident_id if isinstance(subject, IncidentOf | MentionOf) else None


def _columns(subject: Subject) -> tuple[str, dict[str, Any]]:
    match subject:
        case IncidentOf():
            return "incident", {}
        case MentionOf(_, mention_id):
            return "mention", {"mention_id": mention_id}
        case DigestOf(brand, day, edition):
            return "digest", {"brand": brand, "day": day.isoformat(), "edition": edition.value}
        case StormOf(brand, incident_ids):
            return "storm", {"brand": brand, "incident_ids": list(incident_ids)}


def _subject(row: OutboxRow) -> Subject:
    about = row.about
    if row.subject == "digest":
        day = date.fromisoformat(about["day"])
        return DigestOf(about["brand"], day, Edition(about["edition"]))
    if row.subject == "storm":
        return StormOf(about["brand"], tuple(about["incident_ids"]))
    if row.subject == "mention":
        return MentionOf(row.incident_id or 0, about["mention_id"])
    return IncidentOf(row.incident_id or 0)


def _entry(row: OutboxRow) -> Entry:
    kind = Kind(row.kind)
    return Entry(
        message=OutgoingMessage(
            key=row.key,
            subject=_subject(row),
            kind=kind,
            channel=row.channel,
            notifier=row.notifier,
            as_of=row.as_of or row.created_at,
            numbers=row.numbers,
        ),
        delivery=Delivery(
            id=row.id,
            incident_id=row.incident_id,
            kind=kind,
            channel=row.channel,
            attempts=row.attempts,
            state=DeliveryState(row.state),
            next_at=row.next_at,
            lease_until=row.lease_until,
            sent_ref=row.ref,
            claimed_at=row.claimed_at,
            absent_at=row.absent_at,
            reason=row.reason,
            stale=Stale(row.stale),
        ),
        marks=row.marks,
        quotes=row.quotes,
    )


# --- what was sent and is not true any more -----------------------------------------------------


def changed(session: Session, incident_id: int, *, now: datetime) -> bool:
    """Have the incident's first message drawn as it stands now; False when it has none.

    One that has not left yet says nothing old: it is drawn when it leaves.
    """
    newest = session.scalars(
        select(OutboxRow.id)
        .where(
            OutboxRow.incident_id == incident_id,
            OutboxRow.kind == Kind.POST,
            OutboxRow.state.not_in(_GIVEN_UP),
        )
        .order_by(OutboxRow.ref.is_(None), OutboxRow.sent_at.desc())
        .limit(1)
    ).first()
    if newest is None:
        return False
    _mark(session, [newest], Stale.CHANGED, now=now, as_of=now)
    return True


def withdrawn(session: Session, mention_ids: Collection[int], *, now: datetime) -> None:
    """Have every message drawn anew that shows these mentions, or may: their words have changed."""
    if not mention_ids:
        return
    found = {*_about_incidents(session, mention_ids), *_digests(session, mention_ids)}
    _mark(session, sorted(found), Stale.WITHDRAWN, now=now)


def _about_incidents(session: Session, mention_ids: Collection[int]) -> list[str]:
    holders = (
        select(IncidentMentionRow.incident_id)
        .where(among(IncidentMentionRow.mention_id, mention_ids))
        .distinct()
    )
    rows = session.execute(
        select(OutboxRow.id, OutboxRow.quotes).where(
            OutboxRow.incident_id.in_(holders),
            OutboxRow.kind.in_(Kind),  # former releases had others, of no message of their own
            OutboxRow.state.not_in(_GIVEN_UP),
        )
    )
    return [row_id for row_id, quotes in rows if _may_show(quotes, mention_ids)]


def _digests(session: Session, mention_ids: Collection[int]) -> list[str]:
    first = select(func.min(MentionRow.published_at)).where(among(MentionRow.id, mention_ids))
    rows = session.execute(
        select(OutboxRow.id, OutboxRow.quotes).where(
            OutboxRow.subject == "digest",
            OutboxRow.state.not_in(_GIVEN_UP),
            OutboxRow.created_at >= first.scalar_subquery(),
        )
    )
    return [row_id for row_id, quotes in rows if _may_show(quotes, mention_ids)]


def _may_show(quotes: Sequence[int] | None, mention_ids: Collection[int]) -> bool:
    return quotes is None or not set(mention_ids).isdisjoint(quotes)


def _mark(
    session: Session,
    ids: Sequence[str],
    why: Stale,
    *,
    now: datetime,
    as_of: datetime | None = None,
) -> None:
    """Due at once where it stands in the channel, else when it is due anyhow.

    The worker sees that something was marked while it was sending, and draws it once more.
    """
    more: dict[str, Any] = {} if as_of is None else {"as_of": as_of}
    at = case((OutboxRow.state == DeliveryState.SENT, now), else_=OutboxRow.next_at)
    both = case((OutboxRow.stale == Stale.CHANGED, Stale.CHANGED.value), else_=why.value)
    for batch in batches(ids):
        session.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_(batch))
            .values(stale=both, marks=OutboxRow.marks + 1, next_at=at, **more)
            .execution_options(synchronize_session=False)
        )


# --- to send ------------------------------------------------------------------------------------


def release(session: Session, *, now: datetime) -> None:
    """End every lease: for a worker that has just got the lock, so nobody else is sending."""
    session.execute(
        update(OutboxRow).where(OutboxRow.state == DeliveryState.SENDING).values(lease_until=now)
    )


def waiting(session: Session) -> list[Entry]:
    """What may be worked on now or later, oldest first; last what stands there and is stale.

    Of each incident only the first: the later ones wait until it has ended, so that they leave in
    order. What is only drawn anew keeps nothing waiting.
    """
    rows = session.scalars(
        select(OutboxRow)
        .where(UNSETTLED)
        .order_by(
            OutboxRow.created_at,
            OutboxRow.incident_id,
            func.length(OutboxRow.key),  # …:thread:9 before …:thread:10
            OutboxRow.key,
        )
        .execution_options(populate_existing=True)
    )
    first: dict[object, Entry] = {}
    stale = []
    for row in rows:
        entry = _entry(row)
        if row.ref is not None:
            stale.append(entry)
        else:
            first.setdefault(row.incident_id if row.incident_id is not None else row.id, entry)
    return [*first.values(), *stale]


def has_root(session: Session, incident_id: int) -> bool:
    """Whether the incident's first message was sent or is on its way."""
    statement = select(OutboxRow.id).where(
        OutboxRow.incident_id == incident_id,
        OutboxRow.kind == Kind.POST,
        OutboxRow.state.not_in(_GIVEN_UP),
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
            OutboxRow.kind == Kind.POST,
            OutboxRow.notifier == notifier,
            OutboxRow.ref.is_not(None),
        )
        .order_by(OutboxRow.sent_at.desc())
        .limit(1)
    )


def store(session: Session, before: Entry, values: Mapping[str, Any]) -> bool:
    """Write what became of a message, if nobody else has touched it since it was read.

    Once it is sent it is not stale any more, unless it was marked after it was drawn.
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
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).first() is not None


def note(session: Session, message_id: str, reason: str) -> None:
    """Write down why a message is where it is."""
    session.execute(update(OutboxRow).where(OutboxRow.id == message_id).values(reason=reason))


def postpone(session: Session, notifier: str, *, until: datetime) -> None:
    """Let everything that waits for this notifier wait until then: it asked for a pause."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.notifier == notifier, UNSETTLED, OutboxRow.next_at < until)
        .values(next_at=until)
        .execution_options(synchronize_session=False)
    )


def backlog(session: Session) -> tuple[int, datetime | None]:
    """How many messages have not left, and since when the oldest waits."""
    count, oldest = session.execute(
        select(func.count(), func.min(OutboxRow.created_at)).where(UNSETTLED, _NOT_ENDED)
    ).one()
    return count, oldest


def get(session: Session, key: str) -> Entry:
    """The message with this key, which must have been written."""
    statement = select(OutboxRow).where(OutboxRow.key == key)
    return _entry(session.scalars(statement.execution_options(populate_existing=True)).one())


def exists(session: Session, key: str) -> bool:
    """Whether a message with this key was ever written."""
    return session.scalar(select(OutboxRow.id).where(OutboxRow.key == key)) is not None


def newest_storm(session: Session, channel: str, *, since: datetime) -> datetime | None:
    """When the channel's newest message about a storm was written, if since then."""
    return session.scalar(
        select(func.max(OutboxRow.created_at)).where(
            OutboxRow.channel == channel,
            OutboxRow.subject == "storm",
            OutboxRow.created_at >= since,
        )
    )


def skip_all_of(session: Session, incident_ids: Sequence[int], why: str) -> None:
    """End what waits about these incidents without sending it, and say why."""
    session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.incident_id.in_(incident_ids),
            OutboxRow.state == DeliveryState.PENDING,
            OutboxRow.ref.is_(None),
        )
        .values(state=DeliveryState.SKIPPED, reason=why)
        .execution_options(synchronize_session=False)
    )


def skip_key(session: Session, key: str, why: str) -> None:
    """End the message of this key without sending it, and say why."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.key == key)
        .values(state=DeliveryState.SKIPPED, reason=why)
    )


def posted_since(session: Session, channel: str, since: datetime) -> list[datetime]:
    """When the channel's first messages about incidents were sent: what the storm cap counts."""
    return [
        at
        for at in session.scalars(
            select(OutboxRow.sent_at).where(
                OutboxRow.kind == Kind.POST,
                OutboxRow.channel == channel,
                OutboxRow.state == DeliveryState.SENT,
                OutboxRow.sent_at >= since,
                OutboxRow.incident_id.is_not(None),
            )
        )
        if at is not None
    ]


def refused(session: Session) -> int:
    """How many messages were refused for good."""
    return (
        session.scalar(
            select(func.count()).select_from(OutboxRow).where(OutboxRow.state == DeliveryState.DEAD)
        )
        or 0
    )


def withdraw(session: Session, incident_id: int) -> bool:
    """Take back all about an incident if its first message has not been tried; say whether so."""
    of_it = (
        OutboxRow.incident_id == incident_id,
        OutboxRow.state == DeliveryState.PENDING,
        OutboxRow.ref.is_(None),
    )
    fresh = select(OutboxRow.id).where(*of_it, OutboxRow.kind == Kind.POST, OutboxRow.attempts == 0)
    if session.scalars(fresh.limit(1)).first() is None:
        return False
    session.execute(
        update(OutboxRow)
        .where(*of_it)
        .values(state=DeliveryState.SKIPPED, reason="answered before it was sent")
    )
    return True

"""Messages that must leave: owed with what they tell, and marked when that is true no more."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from domain.notification import (
    AnswerOf,
    DecisionOf,
    Delivery,
    DeliveryState,
    DigestOf,
    DraftOf,
    Edition,
    Entry,
    EscalationOf,
    EscalationsOf,
    Hanging,
    IncidentOf,
    Kind,
    LabelOf,
    MentionOf,
    OutgoingMessage,
    RemovalOf,
    Stale,
    StormOf,
    Subject,
)
from storage.sql import among, batches, insert
from storage.tables import LIVE as LIVE_ROWS
from storage.tables import IncidentMentionRow, IncidentRow, MentionRow, OutboxRow

# These never stood in a channel; what is REMOVED stood there.
_GIVEN_UP = (DeliveryState.DEAD, DeliveryState.SKIPPED)
_NOT_THERE = (*_GIVEN_UP, DeliveryState.REMOVED)

# --- to owe -------------------------------------------------------------------------------------


def enqueue(
    session: Session,
    message: OutgoingMessage,
    *,
    now: datetime,
    skipped: str = "",
    not_before: datetime | None = None,
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
            next_at=max(now, not_before or now),
            reason=skipped,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(OutboxRow.id)
    )
    return session.execute(statement).first() is not None


def _incident_of(subject: Subject) -> int | None:
    return subject.incident_id if isinstance(subject, Hanging) else None


def _columns(subject: Subject) -> tuple[str, dict[str, Any]]:
    match subject:
        case DigestOf(brand, day, edition):
            return "digest", {"brand": brand, "day": day.isoformat(), "edition": edition.value}
        case StormOf(brand, incident_ids):
            return "storm", {"brand": brand, "incident_ids": list(incident_ids)}
        case EscalationsOf(brand, tell, incident_ids):
            ids = list(incident_ids)
            return "escalations", {"brand": brand, "tell": tell, "incident_ids": ids}
        case RemovalOf(thread):
            return "removal", {"thread": thread}
        case LabelOf(draw_id, mention_id):
            return "label", {"draw_id": draw_id, "mention_id": mention_id}
        case _:
            return _columns_of_hanging(subject)


def _columns_of_hanging(subject: Hanging) -> tuple[str, dict[str, Any]]:
    name, about = "incident", dict[str, Any]()
    match subject:
        case MentionOf(_, mention_id, before):
            name, about = "mention", {"mention_id": mention_id, "before": before}
        case DraftOf(_, mention_id):
            name, about = "draft", {"mention_id": mention_id}
        case AnswerOf(_, mention_id):
            name, about = "answer", {"mention_id": mention_id}
        case DecisionOf(_, version):
            name, about = "decision", {"version": version}
        case EscalationOf(_, clock, step):
            name, about = "escalation", {"clock": clock, "step": step}
    return name, about


def _subject(row: OutboxRow) -> Subject:
    about = row.about
    match row.subject:
        case "digest":
            day = date.fromisoformat(about["day"])
            return DigestOf(about["brand"], day, Edition(about["edition"]))
        case "storm":
            return StormOf(about["brand"], tuple(about["incident_ids"]))
        case "escalations":
            return EscalationsOf(about["brand"], about["tell"], tuple(about["incident_ids"]))
        case "removal":
            return RemovalOf(about["thread"])
        case "label":
            return LabelOf(about["draw_id"], about["mention_id"])
        case _:
            return _hanging(row.subject, row.incident_id or 0, about)


def _hanging(subject: str, incident_id: int, about: Mapping[str, Any]) -> Hanging:
    found: Hanging = IncidentOf(incident_id)
    match subject:
        case "mention":
            found = MentionOf(incident_id, about["mention_id"], about.get("before", 0))
        case "draft":
            found = DraftOf(incident_id, about["mention_id"])
        case "answer":
            found = AnswerOf(incident_id, about["mention_id"])
        case "decision":
            found = DecisionOf(incident_id, about["version"])
        case "escalation":
            found = EscalationOf(incident_id, about["clock"], about["step"])
    return found


def entry_of(row: OutboxRow) -> Entry:
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
        owed_at=row.created_at,
    )


# --- what was sent and is not true any more -----------------------------------------------------


def changed(
    session: Session, incident_id: int, *, now: datetime, pace: timedelta = timedelta()
) -> bool:
    """Have the incident's first message drawn as it stands now; False when it has none.

    One that has not left yet says nothing old: it is drawn when it leaves.
    pace: so long after it was last drawn anew it may wait.
    """
    newest = session.scalars(
        select(OutboxRow)
        .where(
            OutboxRow.incident_id == incident_id,
            OutboxRow.kind == Kind.POST,
            OutboxRow.state.not_in(_NOT_THERE),
        )
        .order_by(OutboxRow.ref.is_(None), OutboxRow.sent_at.desc())
        .limit(1)
    ).first()
    if newest is None:
        return False
    _redraw(session, newest, now=now, pace=pace)
    return True


def _redraw(session: Session, row: OutboxRow, *, now: datetime, pace: timedelta) -> None:
    """Mark it as changed: what it waits for already, it does not wait for longer."""
    at = now if row.redrawn_at is None else max(now, row.redrawn_at + pace)
    if row.stale:
        at = min(at, max(now, row.next_at))
    _mark(session, [row.id], Stale.CHANGED, now=at, as_of=now)


def tell_with(
    session: Session, incident_id: int, mention_id: int, *, now: datetime, pace: timedelta
) -> datetime | None:
    """Have the thread's line about further mentions, if it still waits, tell this one, too.

    Else from when on the next line may be sent: so long after the last one. None: it is told.
    """
    row = session.scalars(
        select(OutboxRow)
        .where(OutboxRow.incident_id == incident_id, OutboxRow.subject == "mention")
        .order_by(
            OutboxRow.created_at.desc(), func.length(OutboxRow.key).desc(), OutboxRow.key.desc()
        )
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return now
    if row.state != DeliveryState.PENDING or row.ref is not None or row.claimed_at is not None:
        return max(now, (row.sent_at or row.next_at) + pace)
    about = row.about | {"mention_id": mention_id, "before": row.about.get("before", 0) + 1}
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row.id)
        .values(about=about, as_of=now, stale=Stale.CHANGED, marks=OutboxRow.marks + 1)
        .execution_options(synchronize_session=False)
    )
    return None


def join_storm(
    session: Session,
    channel: str,
    brand: str,
    incident_ids: Sequence[int],
    *,
    since: datetime,
    now: datetime,
    pace: timedelta,
) -> bool:
    """Have the newest message about a storm of this brand, owed since then, tell of these, too.

    False when there is none. pace: so long after it was last drawn anew it may wait.
    """
    rows = session.scalars(
        select(OutboxRow)
        .where(
            OutboxRow.subject == "storm",
            OutboxRow.channel == channel,
            OutboxRow.created_at > since,
            OutboxRow.state.not_in(_GIVEN_UP),
        )
        .order_by(OutboxRow.created_at.desc())
        .execution_options(populate_existing=True)
    )
    row = next((one for one in rows if one.about["brand"] == brand), None)
    if row is None:
        return False
    told = row.about["incident_ids"]
    more = sorted(set(incident_ids).difference(told))
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row.id)
        .values(about={"brand": brand, "incident_ids": told + more})
        .execution_options(synchronize_session=False)
    )
    _redraw(session, row, now=now, pace=pace)
    return True


def fallen_due(session: Session, kinds: Sequence[str], *, now: datetime) -> list[int]:
    """Live incidents of these kinds that are overdue, and whose first message was drawn before."""
    # LIVE_ROWS, word for word, lets SQLite begin at the index of the live ones.
    late = select(IncidentRow.id).where(
        LIVE_ROWS, IncidentRow.kind.in_(kinds), IncidentRow.due_at < now
    )
    drawn_before = select(OutboxRow.id).where(
        OutboxRow.incident_id == IncidentRow.id,
        OutboxRow.kind == Kind.POST,
        OutboxRow.state.not_in(_NOT_THERE),
        OutboxRow.as_of <= IncidentRow.due_at,
    )
    found = select(IncidentRow.id).where(IncidentRow.id.in_(late), drawn_before.exists())
    return list(session.scalars(found.order_by(IncidentRow.due_at, IncidentRow.id)))


def settled(session: Session, key: str, *, now: datetime, why: str) -> None:
    """Have the message with this key drawn as it is now, or not sent where nobody has tried to."""
    skipped = session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.key == key,
            OutboxRow.state == DeliveryState.PENDING,
            OutboxRow.ref.is_(None),
            OutboxRow.claimed_at.is_(None),
        )
        .values(state=DeliveryState.SKIPPED, reason=why)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    ).first()
    row = session.scalars(
        select(OutboxRow)
        .where(OutboxRow.key == key, OutboxRow.state.not_in(_NOT_THERE))
        .execution_options(populate_existing=True)
    ).first()
    if skipped is None and row is not None:
        _redraw(session, row, now=now, pace=timedelta())


def withdrawn(session: Session, mention_ids: Collection[int], *, now: datetime) -> None:
    """Have every message drawn anew that shows these mentions, or may: old words have to go."""
    _mark_showing(session, mention_ids, Stale.WITHDRAWN, now=now)


def restored(session: Session, mention_ids: Collection[int], *, now: datetime) -> None:
    """Have the messages about these mentions drawn anew: they may be shown again."""
    _mark_showing(session, mention_ids, Stale.CHANGED, now=now)


def _mark_showing(
    session: Session, mention_ids: Collection[int], why: Stale, *, now: datetime
) -> None:
    if not mention_ids:
        return
    found = {*_about_incidents(session, mention_ids), *_about_none(session, mention_ids)}
    _mark(session, sorted(found), why, now=now)


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
            OutboxRow.state.not_in(_NOT_THERE),
        )
    )
    return [row_id for row_id, quotes in rows if _may_show(quotes, mention_ids)]


def _about_none(session: Session, mention_ids: Collection[int]) -> list[str]:
    """What shows posts and hangs on no incident: digests, and posts to be labelled."""
    first = select(func.min(MentionRow.published_at)).where(among(MentionRow.id, mention_ids))
    rows = session.execute(
        select(OutboxRow.id, OutboxRow.quotes).where(
            OutboxRow.subject.in_(("digest", "label")),
            OutboxRow.state.not_in(_NOT_THERE),
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
    # Words that were taken back have to go, whatever else has changed.
    both = case((OutboxRow.stale == Stale.WITHDRAWN, Stale.WITHDRAWN.value), else_=why.value)
    for batch in batches(ids):
        session.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_(batch))
            .values(stale=both, marks=OutboxRow.marks + 1, next_at=at, **more)
            .execution_options(synchronize_session=False)
        )


# --- what is known of it ------------------------------------------------------------------------


def get(session: Session, key: str) -> Entry:
    """The message with this key, which must have been written."""
    statement = select(OutboxRow).where(OutboxRow.key == key)
    return entry_of(session.scalars(statement.execution_options(populate_existing=True)).one())


def numbers(session: Session, key: str) -> dict[str, Any] | None:
    """What was stored with this message when it was owed; None: nothing, or there is none."""
    return session.scalar(select(OutboxRow.numbers).where(OutboxRow.key == key))


def exists(session: Session, key: str) -> bool:
    """Whether a message with this key was ever written."""
    return session.scalar(select(OutboxRow.id).where(OutboxRow.key == key)) is not None


def owed(session: Session, keys: Collection[str]) -> dict[str, tuple[datetime, bool]]:
    """Of these messages those that were ever owed: since when, and whether they stand or may."""
    found: dict[str, tuple[datetime, bool]] = {}
    for batch in batches(sorted(keys)):
        for key, at, state in session.execute(
            select(OutboxRow.key, OutboxRow.created_at, OutboxRow.state).where(
                OutboxRow.key.in_(batch)
            )
        ):
            found[key] = at, state not in _NOT_THERE
    return found


def has_root(session: Session, incident_id: int) -> bool:
    """Whether the incident's first message is on its way, or stands or once stood in a channel."""
    statement = select(OutboxRow.id).where(
        OutboxRow.incident_id == incident_id,
        OutboxRow.kind == Kind.POST,
        OutboxRow.state.not_in(_GIVEN_UP),
    )
    return session.scalars(statement.limit(1)).first() is not None


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


def skip_reminders(session: Session, incident_id: int, why: str) -> None:
    """Take back the reminders of an incident that have not left: they are out of date."""
    session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.incident_id == incident_id,
            OutboxRow.subject == "escalation",
            OutboxRow.state == DeliveryState.PENDING,
            OutboxRow.ref.is_(None),
        )
        .values(state=DeliveryState.SKIPPED, reason=why)
        .execution_options(synchronize_session=False)
    )

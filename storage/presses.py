"""What came from Slack: taken once, and below which incident's message it was pressed."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.notification import DeliveryState, Kind
from storage.sql import insert
from storage.tables import OutboxRow, SlackPressRow

KEPT = timedelta(
    days=1
)  # a signature is good for five minutes, a retry of Slack's comes within one
_DOUBT = (DeliveryState.SENDING, DeliveryState.AMBIGUOUS)


def claim(session: Session, once: tuple[str, str, str, str], *, now: datetime) -> bool:
    """Whether it comes for the first time; from now on it is taken."""
    user_id, message_ts, action_id, action_ts = once
    statement = (
        insert(session, SlackPressRow)
        .values(
            user_id=user_id,
            message_ts=message_ts,
            action_id=action_id,
            action_ts=action_ts,
            at=now,
        )
        .on_conflict_do_nothing()
        .returning(SlackPressRow.at)
    )
    return session.execute(statement).first() is not None


def forget_before(session: Session, before: datetime) -> None:
    """Let go of what was taken before then."""
    session.execute(delete(SlackPressRow).where(SlackPressRow.at < before))


def stands_below(session: Session, incident_id: int, ref: str) -> bool:
    """Whether the message of this reference tells of this incident.

    One that Slack has and whose reference we have yet to learn counts as well.
    """
    holders = session.scalars(select(OutboxRow.incident_id).where(OutboxRow.ref == ref)).all()
    if holders:
        return incident_id in holders
    doubtful = select(OutboxRow.id).where(
        OutboxRow.incident_id == incident_id,
        OutboxRow.ref.is_(None),
        OutboxRow.state.in_(_DOUBT),
    )
    return session.scalar(doubtful.limit(1)) is not None


def asks_below(session: Session, key: str, ref: str) -> bool:
    """Whether the message of this reference is the one with this key, as stands_below() says."""
    holders = session.scalars(select(OutboxRow.key).where(OutboxRow.ref == ref)).all()
    if holders:
        return key in holders
    doubtful = select(OutboxRow.id).where(
        OutboxRow.key == key, OutboxRow.ref.is_(None), OutboxRow.state.in_(_DOUBT)
    )
    return session.scalar(doubtful) is not None


def incident_at(session: Session, ref: str) -> int | None:
    """Of which incident the first message has this reference; None: of none."""
    statement = select(OutboxRow.incident_id).where(
        OutboxRow.ref == ref, OutboxRow.kind == Kind.POST
    )
    return session.scalar(statement.limit(1))


def first_message(session: Session, incident_id: int) -> str | None:
    """The reference of the incident's newest first message; None: it has none."""
    statement = (
        select(OutboxRow.ref)
        .where(
            OutboxRow.incident_id == incident_id,
            OutboxRow.kind == Kind.POST,
            OutboxRow.ref.is_not(None),
        )
        .order_by(OutboxRow.created_at.desc(), OutboxRow.key.desc())
    )
    return session.scalar(statement.limit(1))


def speaks_in(session: Session, channel: str) -> bool:
    """Whether a message of ours stands, or stood, in the channel of this ID."""
    statement = select(OutboxRow.id).where(OutboxRow.ref.startswith(f"{channel}/", autoescape=True))
    return session.scalar(statement.limit(1)) is not None

"""Messages that must leave."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    TextClause,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base

_ENDED = "('sent', 'dead', 'skipped', 'removed')"


def _waiting(of: str = "") -> TextClause:
    return text(f"({of}ref IS NULL AND {of}state NOT IN {_ENDED})")


def _stale(of: str = "") -> TextClause:
    drawn_anew = f"({of}state NOT IN {_ENDED} OR ({of}state = 'sent' AND {of}stale != ''))"
    return text(f"({of}ref IS NOT NULL AND {drawn_anew})")


def _doubt(of: str = "") -> TextClause:
    return text(f"({of}ref IS NULL AND {of}state IN ('sending', 'ambiguous'))")


# What may have arrived; what has not left; what stands in a channel and does not show the truth
# any more. Written as the indexes say it, else these would not be used.
DOUBT, WAITING, STALE = _doubt("outbox."), _waiting("outbox."), _stale("outbox.")


class WorkerRow(Base):
    """The one row that says which worker is at work: whoever has an older number writes no more."""

    __tablename__ = "worker"

    id: Mapped[int] = mapped_column(primary_key=True)  # always 1
    tenure: Mapped[int]  # how often the worker's lock was taken


class OutboxRow(Base):
    """A message that must leave, written in the transaction of what it tells.

    It holds no words: whoever sends it draws it then, from what is stored then.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        # storage.deliveries.waiting: the first that is due, however many wait. Small, because
        # settled rows are not in.
        *(
            Index(name, *("next_at", "created_at", "incident_id", "key"), sqlite_where=where)
            for name, where in (
                ("ix_outbox_doubt", _doubt()),
                ("ix_outbox_waiting", _waiting()),
                ("ix_outbox_stale", _stale()),
            )
        ),
        Index("ix_outbox_incident_id", "incident_id"),
        # presses: below which incident's message it was pressed. Not of those that wait, whose own
        # indexes it would lead away from.
        Index("ix_outbox_ref", "ref", sqlite_where=text("ref IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)  # uuid, travels in the message's metadata
    key: Mapped[str]  # incident:3:post:1, digest:Acme:2026-11-21 – what must not be said twice
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    kind: Mapped[str]  # domain.notification.Kind; update, redact: of releases before schema 0012
    channel: Mapped[str]
    notifier: Mapped[str]  # slack or console: whose `ref` this is
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)  # empty: it held words once
    subject: Mapped[str] = mapped_column(
        server_default="incident"
    )  # or mention, answer, decision, digest, storm, removal, escalation, escalations,
    # label
    about: Mapped[dict[str, Any]] = mapped_column(
        server_default="{}"
    )  # the rest of the subject: which mention, brand, day, incidents
    as_of: Mapped[datetime | None]  # None: written by a release before schema 0012
    numbers: Mapped[dict[str, Any] | None]  # of a digest, as of then
    # Our ids of the mentions it shows. None: unknown, or those of its incident.
    quotes: Mapped[list[int] | None]
    state: Mapped[str]  # domain.notification.DeliveryState
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]  # of the last try
    absent_at: Mapped[datetime | None]  # an ambiguous message was looked for and not found then
    ref: Mapped[str | None]  # the notifier's id of the message (Slack: ts)
    sent_at: Mapped[datetime | None]
    reason: Mapped[str]  # why it is where it is
    stale: Mapped[str] = mapped_column(server_default="")  # domain.notification.Stale
    marks: Mapped[int] = mapped_column(server_default=text("0"))  # how often it was marked stale
    drawn: Mapped[int] = mapped_column(server_default=text("0"))  # marks when it was last drawn
    redrawn_at: Mapped[datetime | None]  # the newest truth was put in its place then
    printed_at: Mapped[datetime | None]  # it could not leave and was printed then
    quiet_until: Mapped[datetime | None]  # nobody wanted to hear it before: a mute, quiet hours

"""Messages that must leave."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base

# What has not left, and what was sent and does not show the truth any more.
UNSETTLED = text("(state NOT IN ('sent', 'dead', 'skipped') OR (state = 'sent' AND stale != ''))")


class OutboxRow(Base):
    """A message that must leave, written in the transaction of what it tells.

    It holds no words: whoever sends it draws it then, from what is stored then.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        # storage.outbox.waiting: what has to be worked on; small, because settled rows are not in.
        Index(
            "ix_outbox_unsettled",
            "created_at",
            sqlite_where=UNSETTLED,
        ),
        Index("ix_outbox_incident_id", "incident_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)  # uuid, travels in the message's metadata
    key: Mapped[str]  # incident:3:post:1, digest:Acme:2026-11-21 – what must not be said twice
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    kind: Mapped[str]  # domain.notification.Kind; update, redact: of releases before schema 0012
    channel: Mapped[str]
    notifier: Mapped[str]  # slack or console: whose `ref` this is
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)  # empty: it held words once
    subject: Mapped[str] = mapped_column(server_default="incident")  # or mention, digest, storm
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

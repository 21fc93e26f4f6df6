"""Incidents, the mentions in them, and their audit."""

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    Index,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.incident import IncidentKind
from storage.tables.base import KEEPS_IDS, Base

LIVE = text("state IN ('open', 'acknowledged', 'snoozed')")
# As their indexes say it, else these would not be used.
MOVED, PENDING = text("(incident.moved)"), text("(escalation_step.state = 'pending')")


class IncidentRow(Base):
    __tablename__ = "incident"
    __table_args__ = (
        # At most one live incident per key, whoever opens it and however often a step repeats.
        Index("uq_incident_live_key", "key", unique=True, sqlite_where=LIVE),
        Index("ix_incident_key", "key"),  # triage: what is known of this complaint
        Index("ix_incident_brand_opened_at", "brand", "opened_at"),  # figures, alerts list
        Index("ix_incident_opened_at", "opened_at"),  # whether a storm goes on
        Index("ix_incident_customer_id", "customer_id"),  # how their earlier ones ended
        Index("ix_incident_moved", "id", sqlite_where=text("moved")),  # escalations
        KEEPS_IDS,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(server_default=IncidentKind.COMPLAINT.value)
    key: Mapped[str]
    brand: Mapped[str]
    rule: Mapped[str]
    severity: Mapped[str]
    state: Mapped[str]
    reasons: Mapped[list[str]]
    posted_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str] = mapped_column(server_default="")
    answered_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str]
    answered_in: Mapped[str] = mapped_column(server_default="")
    duplicate_of: Mapped[int | None]  # an incident; ids are never given twice
    severity_by: Mapped[str] = mapped_column(server_default="")  # "": by the rules
    clock: Mapped[int] = mapped_column(server_default=text("1"))
    assignee: Mapped[str]
    snoozed_until: Mapped[datetime | None]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"))
    version: Mapped[int]
    # The newest of its clocks for which an escalation policy was copied; 0: of none.
    escalated_clock: Mapped[int] = mapped_column(server_default=text("0"))
    # Changed since its escalation steps were last held against it.
    moved: Mapped[bool] = mapped_column(server_default=false())


class EscalationStepRow(Base):
    """One step of the policy that was copied into an incident when a clock of it started."""

    __tablename__ = "escalation_step"
    __table_args__ = (
        Index("ix_escalation_step_pending", "due_at", sqlite_where=text("(state = 'pending')")),
        Index("ix_escalation_step_fired_at", "fired_at"),  # how many there were of late
    )

    incident_id: Mapped[int] = mapped_column(
        ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True
    )
    clock: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    after: Mapped[str]
    tell: Mapped[str]  # "thread", or an id that stood in config.toml
    channel: Mapped[str]  # "" where the incident's first message is
    due_at: Mapped[datetime]
    promised_at: Mapped[datetime]
    state: Mapped[str]  # domain.escalation.StepState
    fired_at: Mapped[datetime | None]
    reason: Mapped[str]


class ClockRow(Base):
    """One promise of an incident: each reopening adds one, and none is written over by the next.

    The newest is what the incident itself says of its clock; storage.incidents.save keeps it so.
    """

    __tablename__ = "incident_clock"

    incident_id: Mapped[int] = mapped_column(
        ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)  # from 1
    posted_at: Mapped[datetime]
    due_at: Mapped[datetime]
    severity: Mapped[str]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    how: Mapped[str]
    channel: Mapped[str]
    assignee: Mapped[str]


class IncidentMentionRow(Base):
    __tablename__ = "incident_mention"
    __table_args__ = (Index("ix_incident_mention_mention_id", "mention_id"),)

    incident_id: Mapped[int] = mapped_column(
        ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True
    )
    mention_id: Mapped[int] = mapped_column(
        ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True
    )


class IncidentEventRow(Base):
    """The audit: what happened to an incident, who did it, never the text of a mention."""

    __tablename__ = "incident_event"
    __table_args__ = (Index("ix_incident_event_incident_id", "incident_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    note: Mapped[str]

"""What the channel does not hear of for a while, because somebody asked."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import KEEPS_IDS, Base


class MuteRow(Base):
    __tablename__ = "mute"
    __table_args__ = (KEEPS_IDS,)

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str]  # domain.mute.Muted
    value: Mapped[str]  # of an author the source and a seal: it outlives what is known of them
    author_id: Mapped[int | None] = mapped_column(ForeignKey("author.id", ondelete="SET NULL"))
    brand: Mapped[str]  # "" for all
    reason: Mapped[str]
    by: Mapped[str]
    created_at: Mapped[datetime]
    until: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class MuteIncidentRow(Base):
    """An incident of which the channel did not hear because of a mute."""

    __tablename__ = "mute_incident"
    __table_args__ = (Index("ix_mute_incident_incident_id", "incident_id"),)

    mute_id: Mapped[int] = mapped_column(
        ForeignKey("mute.id", ondelete="CASCADE"), primary_key=True
    )
    incident_id: Mapped[int] = mapped_column(
        ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True
    )

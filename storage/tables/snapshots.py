"""Published numbers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Count


class SnapshotRow(Base):
    """A published number; never overwritten, late data add a revision."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("brand", "day", "kind", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    brand: Mapped[str]
    day: Mapped[date]
    kind: Mapped[str]  # reputation, nps, lists; nps_month: see earshot.reporting.nps_calibration
    revision: Mapped[int]
    timezone: Mapped[str]
    formula: Mapped[str]
    payload: Mapped[dict[str, Any]]
    watermark: Mapped[str]  # what it was computed from: mentions, scores, links, incidents
    computed_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(server_default="")  # why it was revised; "" the first one


class SnapshotVoicesRow(Base):
    """The persons that a published score rests on, packed by who computed it."""

    __tablename__ = "snapshot_voices"

    snapshot_id: Mapped[int] = mapped_column(
        ForeignKey("snapshot.id", ondelete="CASCADE"), primary_key=True
    )
    voices: Mapped[bytes]


class NetworkCountRow(Base):
    """How many posts of a day a network itself counts for a brand or competitor."""

    __tablename__ = "network_count"

    source: Mapped[str] = mapped_column(primary_key=True)
    brand: Mapped[str] = mapped_column(primary_key=True)  # or the competitor
    day: Mapped[date] = mapped_column(primary_key=True)  # UTC
    posts: Mapped[Count]
    counted_at: Mapped[datetime]

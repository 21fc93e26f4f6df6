"""Published numbers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base


class SnapshotRow(Base):
    """A published number; never overwritten, late data add a revision."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("brand", "day", "kind", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    brand: Mapped[str]
    day: Mapped[date]
    kind: Mapped[str]  # reputation, nps, lists
    revision: Mapped[int]
    timezone: Mapped[str]
    formula: Mapped[str]
    payload: Mapped[dict[str, Any]]
    watermark: Mapped[str]  # what it was computed from: mentions, scores, links, incidents
    computed_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(server_default="")  # why it was revised; "" the first one

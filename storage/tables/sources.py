"""What is known of each source: where it goes on, what it missed, cost and found."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Index,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Count
from storage.types import SmallMoney


class CursorRow(Base):
    __tablename__ = "cursor"

    source: Mapped[str] = mapped_column(primary_key=True)
    brand: Mapped[str] = mapped_column(primary_key=True)  # or the competitor
    query: Mapped[str]  # the cursor of another query is worth nothing
    state: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]


class HearingRow(Base):
    """Since when a source is read for a brand or a competitor, without a lapse."""

    __tablename__ = "hearing"

    source: Mapped[str] = mapped_column(primary_key=True)
    brand: Mapped[str] = mapped_column(primary_key=True)  # or the competitor
    since: Mapped[datetime]
    heard_at: Mapped[datetime]  # the last pass


class GapRow(Base):
    __tablename__ = "coverage_gap"
    __table_args__ = (Index("ix_coverage_gap_noted_at", "noted_at"),)  # digest

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    brand: Mapped[str]
    since: Mapped[datetime | None]
    until: Mapped[datetime]
    reason: Mapped[str]
    noted_at: Mapped[datetime]


class CoverageRow(Base):
    """What one source did in one hour; an hour without a row was not listened to."""

    __tablename__ = "coverage"

    source: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)  # its beginning
    passes: Mapped[int]  # that went well
    failed: Mapped[int]
    limited: Mapped[int]  # of the failed ones: the service asked us to wait
    fetched: Mapped[Count]  # things it sent, repetitions included
    matched: Mapped[Count]
    new: Mapped[Count]  # mentions that were not stored before, those of a backfill left out
    # What the network itself had counted for the walks that ended in this hour, and what came.
    counted: Mapped[Count] = mapped_column(server_default=text("0"))
    came: Mapped[Count] = mapped_column(server_default=text("0"))


class SpendRow(Base):
    """What one source has bought of one kind on one day, at the price of that day."""

    __tablename__ = "spend"

    source: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)  # UTC, as the networks bill
    kind: Mapped[str] = mapped_column(primary_key=True)
    units: Mapped[Count]
    amount: Mapped[Decimal] = mapped_column(SmallMoney)


class PaidReadRow(Base):
    """A thing that was paid for: reading it again on that day is free. Kept for that day alone."""

    __tablename__ = "paid_read"
    __table_args__ = ({"sqlite_with_rowid": False},)

    source: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    thing: Mapped[str] = mapped_column(primary_key=True)


class SourceStateRow(Base):
    """How a source or the notifier is doing: for doctor, the digest and the pause after trouble."""

    __tablename__ = "source_state"

    source: Mapped[str] = mapped_column(primary_key=True)
    first_at: Mapped[datetime | None]  # when it was tried first
    last_ok_at: Mapped[datetime | None]
    trouble: Mapped[str]  # one sentence, "" when the last pass went well
    trouble_at: Mapped[datetime | None]
    failures: Mapped[int]  # in a row
    next_at: Mapped[datetime | None]  # do not call it before this
    off: Mapped[bool]  # refused for good: asked once a day until that or the configuration changes
    fingerprint: Mapped[str]  # of the configuration that was refused, "" after other trouble

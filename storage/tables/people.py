"""What else a customer's record holds, and what makes several records one person."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import KEEPS_IDS, Base


class PhoneRow(Base):
    __tablename__ = "customer_phone"
    __table_args__ = (Index("ix_customer_phone_phone", "phone"),)  # who has this number

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
    )
    phone: Mapped[str] = mapped_column(primary_key=True)  # E.164


class TagRow(Base):
    __tablename__ = "customer_tag"

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(primary_key=True)


class FormerEmailRow(Base):
    """An address that some record held once, with each record that held it and that holds it."""

    __tablename__ = "customer_former_email"
    __table_args__ = (Index("ix_customer_former_email_sealed", "sealed"),)  # who has or had it

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
    )
    sealed: Mapped[str] = mapped_column(primary_key=True)  # a keyed hash: it cannot be read


class MergeRow(Base):
    """A system's own word that one of its ids became another; either may be unknown here yet."""

    __tablename__ = "customer_merge"
    __table_args__ = (Index("ix_customer_merge_into", "system", "into_id"),)  # a deleted customer's

    system: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    into_id: Mapped[str]


class PersonDecisionRow(Base):
    """What somebody decided of whole persons. Never changed: of a record, the newest holds."""

    __tablename__ = "customer_decision"
    __table_args__ = (KEEPS_IDS,)

    id: Mapped[int] = mapped_column(primary_key=True)
    verb: Mapped[str]  # "join", "split"
    decided_by: Mapped[str]
    at: Mapped[datetime]


class DecidedRecordRow(Base):
    """A record that a decision is about."""

    __tablename__ = "customer_decision_record"
    __table_args__ = (Index("ix_customer_decision_record_customer_id", "customer_id"),)  # show

    decision_id: Mapped[int] = mapped_column(
        ForeignKey("customer_decision.id", ondelete="CASCADE"), primary_key=True
    )
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
    )

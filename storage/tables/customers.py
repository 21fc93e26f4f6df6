"""Customers, their handles and orders, and the links from authors to them."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    ForeignKey,
    Index,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import KEEPS_IDS, Base, Count

ENDS = text("expires_at IS NOT NULL")
UNKEYED = text("NOT keyed")


class CustomerRow(Base):
    """One system's record of a customer. Records of one person point at one of them, the person."""

    __tablename__ = "customer"
    __table_args__ = (
        UniqueConstraint("system", "external_id"),
        Index("ix_customer_email", "email"),  # orders import by e-mail
        Index("ix_customer_joined_to", "joined_to"),  # storage.persons: the records of a person
        Index("ix_customer_unkeyed", "id", sqlite_where=UNKEYED),  # storage.customer_keys
        KEEPS_IDS,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    system: Mapped[str]
    external_id: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    tier: Mapped[str]  # as the CRM says; "" lets the value decide
    company: Mapped[str] = mapped_column(server_default="")
    city: Mapped[str] = mapped_column(server_default="")
    country: Mapped[str] = mapped_column(server_default="")
    website: Mapped[str] = mapped_column(server_default="")  # the host, without www.
    language: Mapped[str] = mapped_column(server_default="")  # ISO 639
    permission: Mapped[str] = mapped_column(server_default="")  # to be written to: "yes", "no", ""
    created_at: Mapped[datetime | None]  # in the CRM
    imported_at: Mapped[datetime]
    # The person; None: this record itself is. All of a person's records are deleted at once.
    joined_to: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    split: Mapped[bool] = mapped_column(server_default=false())  # by hand: no import joins it again
    # Its keys are as the record is now; see storage.customer_keys.
    keyed: Mapped[bool] = mapped_column(server_default=false())


class EmailRow(Base):
    """A further address of a record, beside the one in its row."""

    __tablename__ = "customer_email"
    __table_args__ = (Index("ix_customer_email_email", "email"),)  # orders import by e-mail

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
    )
    email: Mapped[str] = mapped_column(primary_key=True)


class CustomerKeyRow(Base):
    """A keyed hash that leads to a record: of an address, a number, a site, a form of its name."""

    __tablename__ = "customer_key"
    __table_args__ = (
        Index("ix_customer_key_customer_id", "customer_id"),  # storage.customer_keys: a record's
        {"sqlite_with_rowid": False},
    )

    key: Mapped[Count] = mapped_column(primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
    )


class AuthorKeyRow(Base):
    """A key that an author was looked for by: a record that gets it is a reason to look again."""

    __tablename__ = "author_key"
    __table_args__ = (
        Index("ix_author_key_author_id", "author_id"),  # storage.link_work: an author's
        {"sqlite_with_rowid": False},
    )

    key: Mapped[Count] = mapped_column(primary_key=True, autoincrement=False)
    author_id: Mapped[int] = mapped_column(
        ForeignKey("author.id", ondelete="CASCADE"), primary_key=True
    )


class HandleRow(Base):
    __tablename__ = "customer_handle"

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
    )
    network: Mapped[str] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(primary_key=True)
    on_file_at: Mapped[datetime]  # it was on file then: an account made later is somebody else's


class OrderRow(Base):
    __tablename__ = "customer_order"
    __table_args__ = (
        UniqueConstraint("system", "key"),
        Index("ix_customer_order_customer_id", "customer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    system: Mapped[str]
    key: Mapped[str]  # the shop's order id, or what makes the row the same row in a second import
    ordered_on: Mapped[date]
    amount: Mapped[Decimal]
    currency: Mapped[str]


class LinkRow(Base):
    """An author and a customer of whom something was decided; people type its id."""

    __tablename__ = "link"
    __table_args__ = (
        UniqueConstraint("author_id", "customer_id"),
        Index("ix_link_customer_id", "customer_id"),
        KEEPS_IDS,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    # Its newest judgement. No foreign key: the two tables would wait for each other.
    present_id: Mapped[int | None]


class LinkJudgementRow(Base):
    """What was decided of a pair, by whom, when: rows are added, never changed."""

    __tablename__ = "link_judgement"
    __table_args__ = (
        Index("ix_link_judgement_link_id", "link_id"),  # storage.link_ledger.history
        # storage.links.expire: what an end was set for.
        Index("ix_link_judgement_expires_at", "expires_at", sqlite_where=ENDS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("link.id", ondelete="CASCADE"))
    state: Mapped[str]
    basis: Mapped[str]
    evidence: Mapped[list[str]]  # sentences a person can check
    probability: Mapped[float]
    decided_by: Mapped[str]  # "rule:handle_on_file", "rule:expired", …; else a person's name
    at: Mapped[datetime]
    expires_at: Mapped[datetime | None]  # from then on it does not hold any more

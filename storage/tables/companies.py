"""Companies: those on customers' records, and what people decided of authors and companies."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base


class CompanyRow(Base):
    """What a company of customers is known by; made anew from their records after an import."""

    __tablename__ = "company"

    key: Mapped[str] = mapped_column(primary_key=True)  # domain.company: of its name or its site
    name: Mapped[str]  # as most of its customers have it


class AuthorCompanyRow(Base):
    """What a person decided of an author and a company. What authors say is read, not stored."""

    __tablename__ = "author_company"

    author_id: Mapped[int] = mapped_column(
        ForeignKey("author.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)  # of the company's name
    company: Mapped[str]
    basis: Mapped[str]
    evidence: Mapped[str]
    state: Mapped[str]
    decided_by: Mapped[str]
    at: Mapped[datetime]

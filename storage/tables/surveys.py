"""What customers answered when they were asked."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base


class SurveyAnswerRow(Base):
    """One answer, from 0 to 10, to the question of the Net Promoter Score; without its comment."""

    __tablename__ = "survey_answer"
    __table_args__ = (
        Index("ix_survey_answer_brand_answered_at", "brand", "answered_at"),  # a month's
        Index("ix_survey_answer_customer_id", "customer_id"),  # deletion of a record
    )

    brand: Mapped[str] = mapped_column(primary_key=True)
    survey: Mapped[str] = mapped_column(primary_key=True)  # the tool or file it came from
    response_id: Mapped[str] = mapped_column(primary_key=True)
    answered_at: Mapped[datetime]
    score: Mapped[int]
    customer_id: Mapped[int | None] = mapped_column(
        ForeignKey("customer.id", ondelete="SET NULL")
    )  # the record; None: not known
    imported_at: Mapped[datetime]

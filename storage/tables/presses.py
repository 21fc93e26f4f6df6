"""What was pressed in Slack lately, so that nothing is done twice."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base


class SlackPressRow(Base):
    """One press, dialog, command or reply that was taken; no words of it, and for a day."""

    __tablename__ = "slack_press"
    __table_args__ = (Index("ix_slack_press_at", "at"),)  # presses.forget_before

    user_id: Mapped[str] = mapped_column(primary_key=True)
    message_ts: Mapped[str] = mapped_column(primary_key=True)
    action_id: Mapped[str] = mapped_column(primary_key=True)
    action_ts: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]

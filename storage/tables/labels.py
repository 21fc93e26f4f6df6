"""Who was drawn at random to be labelled by hand, and the labels of their posts."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import KEEPS_IDS, Base, Count


class LabelDrawRow(Base):
    """Somebody who wrote of a brand in a week and was drawn."""

    __tablename__ = "label_draw"
    __table_args__ = (UniqueConstraint("brand", "week", "person"), KEEPS_IDS)

    id: Mapped[int] = mapped_column(primary_key=True)
    brand: Mapped[str]
    week: Mapped[date]  # its Monday
    person: Mapped[Count]  # the opaque number of domain.reputation.Opinion
    probability: Mapped[float]  # of being drawn, of everybody who wrote in that week
    drawn_at: Mapped[datetime]


class LabelPostRow(Base):
    """A post of somebody who was drawn; shown without the model's label."""

    __tablename__ = "label_post"
    __table_args__ = (Index("ix_label_post_mention_id", "mention_id"),)  # deletion of a mention

    draw_id: Mapped[int] = mapped_column(
        ForeignKey("label_draw.id", ondelete="CASCADE"), primary_key=True
    )
    mention_id: Mapped[int] = mapped_column(
        ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True
    )
    label: Mapped[str | None]  # None: not yet
    by: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime | None]

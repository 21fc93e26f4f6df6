"""Order numbers: the shapes that shops give them, and which ones posts name."""

from sqlalchemy import ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base


class OrderShapeRow(Base):
    """A shape that numbers of a system's orders have: each digit is a 9."""

    __tablename__ = "order_shape"

    system: Mapped[str] = mapped_column(primary_key=True)
    shape: Mapped[str] = mapped_column(primary_key=True)


class OrderNumberRow(Base):
    """The number by which its buyer knows an order whose key is another."""

    __tablename__ = "order_number"
    __table_args__ = (Index("ix_order_number_number", "number"),)  # which order is meant

    order_id: Mapped[int] = mapped_column(
        ForeignKey("customer_order.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[str]


class MentionOrderRow(Base):
    """An order number that a mention names, whether there is such an order or not yet."""

    __tablename__ = "mention_order"

    mention_id: Mapped[int] = mapped_column(
        ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[str] = mapped_column(primary_key=True)  # letters, lower-cased, then digits
    quoted: Mapped[bool] = mapped_column(server_default=false())  # in somebody else's words


class MentionUnreadRow(Base):
    """A mention whose words have yet to be read for order numbers: it is new, or was edited."""

    __tablename__ = "mention_unread"

    mention_id: Mapped[int] = mapped_column(
        ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True
    )

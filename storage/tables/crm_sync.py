"""How far each CRM or shop has been read over its API, and what it has brought."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import KEEPS_IDS, Base, Count


class CrmCursorRow(Base):
    __tablename__ = "crm_cursor"

    system: Mapped[str] = mapped_column(primary_key=True)
    object: Mapped[str] = mapped_column(primary_key=True)  # "contacts"
    state: Mapped[dict[str, Any]]  # of the last page stored; {} where everything is to be read
    # While everything is read to find what is gone: the number of that walk. 0: no such walk.
    walk: Mapped[Count]
    # Orders have changed since mentions that may name them were looked at again.
    unsettled: Mapped[bool]
    updated_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]  # when a pass last came to its end


class CrmRecordRow(Base):
    """A record that a system has sent: whether it has changed, and whether it is still there."""

    __tablename__ = "crm_record"
    __table_args__ = ({"sqlite_with_rowid": False},)

    system: Mapped[str] = mapped_column(primary_key=True)
    object: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    seal: Mapped[str]  # of what it held: storage.sealing; "" where it could not be read
    walk: Mapped[Count]  # the last walk over everything that has met it


class WriteBackRow(Base):
    """A handle that was written into a CRM: only what we wrote there is ever cleared."""

    __tablename__ = "crm_write_back"
    __table_args__ = (
        Index(
            "ix_crm_write_back_link_id", "link_id"
        ),  # whether it was written, or is to be cleared
        KEEPS_IDS,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Of no table: what was written stays to be cleared when the link is gone.
    link_id: Mapped[int]
    system: Mapped[str]
    external_id: Mapped[str]
    property: Mapped[str]
    seal: Mapped[str]  # of what was written: storage.sealing
    state: Mapped[str]  # storage.write_back
    at: Mapped[datetime]

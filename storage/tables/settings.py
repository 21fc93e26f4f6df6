"""Small facts about the database."""

from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base


class SettingRow(Base):
    """Small facts about this database: which model's scores count."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]

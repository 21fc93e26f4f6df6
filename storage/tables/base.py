"""What every table shares: names of constraints, types of columns, ids that are never reused."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    BigInteger,
    MetaData,
    Text,
)
from sqlalchemy.orm import DeclarativeBase, mapped_column

from storage.types import Json, Money, UtcDateTime

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


Count = Annotated[int, mapped_column(BigInteger)]  # a viral post passes 2^31 views


# People type the ids of these tables: one that was deleted must never name something else later.
KEEPS_IDS = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    """All texts are unbounded, all instants aware UTC."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        datetime: UtcDateTime(),
        Decimal: Money(),
        dict[str, Any]: Json(),
        list[str]: Json(),
        list[int]: Json(),
    }

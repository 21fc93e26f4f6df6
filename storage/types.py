"""Column types that behave the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class Json(TypeDecorator[Any]):
    """JSON, on PostgreSQL JSONB, which keeps no key order and no duplicates: nothing needs them."""

    impl = JSON
    cache_ok = True
    should_evaluate_none = True  # as JSON has it

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return super().load_dialect_impl(dialect)
        # To import it takes a tenth of what a list on SQLite costs.
        from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415

        return dialect.type_descriptor(JSONB())


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant. SQLite has no zone and gives naive values back: both ends are UTC here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database: give it a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """An amount with two decimals, kept as whole hundredths: SQLite would make a float of it."""

    impl = BigInteger
    cache_ok = True
    parts = 100  # of one whole

    @classmethod
    def kept(cls, value: Decimal) -> Decimal:
        """The amount as it comes back."""
        return Decimal(int((value * cls.parts).to_integral_value())) / cls.parts

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        del dialect
        return None if value is None else int((value * self.parts).to_integral_value())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        del dialect
        return None if value is None else Decimal(value) / self.parts


class SmallMoney(Money):
    """An amount with four decimals: a single read costs a fraction of a cent."""

    cache_ok = True
    parts = 10_000

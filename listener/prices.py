"""What reading costs where a network charges for it: the [sources.NAME.prices] tables."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Price = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=4)]  # as the ledger keeps it


class Read(StrEnum):
    """What is charged for; the keys of a price table, and what the ledger files it under."""

    POST = "post"
    USER = "user"
    OWNED_POST = "owned_post"
    COUNTS = "counts_request"
    ARCHIVE_COUNTS = "archive_counts_request"


class Prices(BaseModel):
    """A [sources.NAME.prices] table, in US dollars; what is not said costs what it costs at X."""

    # Built when a table is read: those of all networks cost 40 ms that lists do not have.
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    post: Price = Decimal("0.005")
    user: Price = Decimal("0.010")
    owned_post: Price = Decimal("0.001")
    counts_request: Price = Decimal("0.005")
    archive_counts_request: Price = Decimal("0.010")
    users_billed: bool = True  # whether the author that comes with a post is charged for
    read_on: date = date(2026, 8, 22)  # when somebody looked these up

    def of(self, kind: str) -> Decimal:
        """What one of this kind costs."""
        if kind == Read.USER and not self.users_billed:
            return Decimal()
        price: Decimal = getattr(self, kind)
        return price

    def with_author(self, kind: Read) -> Decimal:
        """What one post costs at most: its author may be charged for, too."""
        return self.of(kind) + self.of(Read.USER)

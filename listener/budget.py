"""The budget of a source that costs money: the source checks it before it reads."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from listener.prices import Read
from listener.source import Watch


class Budget(Protocol):
    """The budget of one source; its purchases are kept in a ledger."""

    def left(self, *, now: datetime) -> Decimal:
        """What may still be spent this month; never negative."""
        ...

    def must_pay(self, amount: Decimal, *, now: datetime) -> None:
        """Raises RemoteError, with the figures, when what is left does not pay this."""
        ...

    def pay(self, kind: Read, units: int, *, now: datetime) -> None:
        """Write down what was bought beside pages; what is in a page is in Page.reads."""
        ...


@runtime_checkable
class Payer(Protocol):
    """A source whose network charges for what is read."""

    def pays_from(self, budget: Budget) -> None:
        """Spend from this budget from now on; without one nothing is asked for, no limit kept."""
        ...


@runtime_checkable
class Counter(Protocol):
    """A source that can say how much there is without reading it."""

    def expected(self, watch: Watch, *, since: datetime, now: datetime) -> int:
        """About how many posts a watch would bring; what asking costs is paid from the budget.

        Raises RemoteError when the service refuses or the budget does not pay it.
        """
        ...


@runtime_checkable
class DayCounter(Protocol):
    """A source whose network tells how many posts of each day there are."""

    def daily(self, watch: Watch, *, now: datetime) -> Mapping[date, int]:
        """How many posts it counts for the query, for each whole day of the past week, in UTC.

        Own posts are among them. What asking costs is paid from the budget.
        Raises ConfigError when it cannot be asked that, RemoteError when the service refuses or
        fails or the budget does not pay it.
        """
        ...

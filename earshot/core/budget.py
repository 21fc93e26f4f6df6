"""What the sources that cost money have spent, may spend, and have brought for it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from domain.digest import Spending
from domain.errors import RemoteError
from domain.money import shown
from earshot.config.model import Config
from listener.prices import Read
from listener.settings import PaidSettings, SourceSettings
from storage import costs

if TYPE_CHECKING:
    from storage.engine import Database

LOOK_AGAIN = timedelta(hours=1)  # the budget may have been raised; looking costs nothing


class MonthlyBudget:
    """The budget of one source for a calendar month in UTC: when it is spent, nothing is read."""

    def __init__(
        self, database: Callable[[], "Database"], source: str, settings: PaidSettings
    ) -> None:
        """database: opened when it is first asked, not when sources are made."""
        self._database = database
        self._source = source
        self._settings = settings

    def left(self, *, now: datetime) -> Decimal:
        """See Budget.left."""
        return max(self._settings.monthly_budget - self._spent(now), Decimal())

    def must_pay(self, amount: Decimal, *, now: datetime) -> None:
        """See Budget.must_pay."""
        spent, budget = self._spent(now), self._settings.monthly_budget
        if spent + amount > budget:
            _, until = month_of(now)
            raise RemoteError(
                f"{self._source}: {shown(spent)} of the {shown(budget)} for this month are spent, "
                f"and the next request may cost {shown(amount)}: nothing is read before {until}; "
                f"sources.{self._source}.monthly_budget sets the limit",
                retry_after=LOOK_AGAIN,
            )

    def pay(self, kind: Read, units: int, *, now: datetime) -> None:
        """See Budget.pay."""
        amount = units * self._settings.prices.of(kind)
        with self._database().begin() as session:
            costs.add(session, self._source, kind, units, amount, day=day_of(now))

    def _spent(self, now: datetime) -> Decimal:
        return spent_this_month(self._database(), self._source, now=now)


def book(
    session: Session,
    source: str,
    settings: SourceSettings,
    reads: Mapping[str, Sequence[str]],
    *,
    now: datetime,
) -> None:
    """Write down what a page has cost, in the transaction that stores it."""
    if reads and isinstance(settings, PaidSettings):
        costs.add_reads(session, source, reads, settings.prices.of, day=day_of(now))


def spending(
    session: Session, config: Config, *, yesterday: date, now: datetime
) -> tuple[Spending, ...]:
    """What each enabled source that costs money has cost, for all brands together."""
    return tuple(
        _spending(session, name, settings, yesterday, now)
        for name, settings in config.enabled.items()
        if isinstance(settings, PaidSettings)
    )


def _spending(
    session: Session, name: str, settings: PaidSettings, yesterday: date, now: datetime
) -> Spending:
    since, until = month_of(now)
    begun = datetime(since.year, since.month, since.day, tzinfo=UTC)
    return Spending(
        source=name,
        yesterday=costs.spent(session, name, since=yesterday, until=yesterday + timedelta(days=1)),
        month=costs.spent(session, name, since=since, until=until),
        budget=settings.monthly_budget,
        useful_alerts=costs.useful_alerts(session, name, since=begun, until=now),
    )


def spent_this_month(database: "Database", source: str, *, now: datetime) -> Decimal:
    """What this source has cost so far."""
    since, until = month_of(now)
    with database.read() as session:
        return costs.spent(session, source, since=since, until=until)


def left_of(database: "Database", name: str, settings: SourceSettings, *, now: datetime) -> str:
    """What doctor says of the budget; "" for a source that costs nothing."""
    if not isinstance(settings, PaidSettings):
        return ""
    spent, (_, until) = spent_this_month(database, name, now=now), month_of(now)
    left = max(settings.monthly_budget - spent, Decimal())
    return f"{shown(left)} of {shown(settings.monthly_budget)} left until {until}"


def day_of(now: datetime) -> date:
    """The day that is billed."""
    return now.astimezone(UTC).date()


def month_of(now: datetime) -> tuple[date, date]:
    """The first day of the month that is billed, and that of the next one."""
    first = day_of(now).replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1)

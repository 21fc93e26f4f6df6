"""Estimates what X costs in a month, from the number of posts of the past week."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from domain.errors import ConfigError
from earshot.core.app import App
from listener.budget import Counter
from listener.prices import Prices, Read
from listener.settings import PaidSettings

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
_EDGE = timedelta(minutes=5)  # our clock may be wrong, and X refuses a beginning before the week


@dataclass(frozen=True, slots=True)
class Estimate:
    """One brand or competitor."""

    name: str
    week: int  # posts of the past 7 days
    month: int  # as many in 30 days
    cost: Decimal  # of the month, if authors are charged for, each of them once a post
    cost_without_users: Decimal


def settings_of(app: App) -> PaidSettings:
    """The [sources.x] table. Raises ConfigError when X is off: then nobody can be asked."""
    settings = app.config.enabled.get("x")
    if not isinstance(settings, PaidSettings):
        raise ConfigError(
            f"X is not enabled in {app.config.path}: set enabled = true and bearer_token in "
            "[sources.x]; only X itself can count what a query would bring"
        )
    return settings


def estimates(app: App, names: Collection[str], *, now: datetime) -> Iterator[Estimate]:
    """Ask X how many posts there were for each of these; every question is charged."""
    prices, source = settings_of(app).prices, app.sources["x"]
    if not isinstance(source, Counter):
        raise ConfigError("sources.x: this source cannot count")
    for one in app.config.tracked:
        if one.name in names:
            week = source.expected(one.watch, since=now - WEEK + _EDGE, now=now)
            yield _estimate(one.name, week, prices)


def _estimate(name: str, week: int, prices: Prices) -> Estimate:
    month = round(week * (MONTH / WEEK))
    posts = month * prices.of(Read.POST)
    return Estimate(name, week, month, posts + month * prices.user, posts)


def total(found: Collection[Estimate]) -> Estimate:
    """All of them together; a post that names two is counted twice, and charged once."""
    return Estimate(
        "together",
        sum(one.week for one in found),
        sum(one.month for one in found),
        sum((one.cost for one in found), Decimal()),
        sum((one.cost_without_users for one in found), Decimal()),
    )

"""Asks the networks once a day how many posts they count themselves, for the share of voice."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.errors import ConfigError, RemoteError
from earshot.brands.tracked import TrackedBrand, competing
from earshot.config.model import Config
from earshot.core import budget, circuit_breaker
from earshot.core.app import App
from listener.budget import DayCounter
from listener.query import UnsayableError
from storage import network_counts

log = logging.getLogger(__name__)

AFTER_FAILURE = timedelta(hours=6)  # an answer that makes no sense is charged, too


def count(app: App, *, now: datetime) -> int:
    """Count what was not counted yet on this day in UTC; return of how many.

    Where there is no competitor there is nothing to count for. One network that fails stops no
    other: its trouble is kept beside that of its passes.
    """
    compared = list(_compared(app.config))
    if not compared:
        return 0
    return sum(
        _count(app, name, source, compared, now)
        for name, source in app.sources.items()
        if isinstance(source, DayCounter)
    )


def _compared(config: Config) -> Iterator[TrackedBrand]:
    """Every brand with a competitor, and every competitor, each once."""
    found: dict[str, TrackedBrand] = {}
    for one in config.tracked:
        rivals = list(competing(config.tracked, one.brand)) if one.brand is not None else []
        for side in (one, *rivals) if rivals else ():
            found.setdefault(side.name, side)
    yield from found.values()


def _count(
    app: App, name: str, source: DayCounter, compared: list[TrackedBrand], now: datetime
) -> int:
    trouble, settings = circuit_breaker.beside(name, "counts"), app.config.sources[name]
    with app.database.read() as session:
        last = network_counts.counted_at(session, name)
    today = budget.day_of(now)
    due = [one for one in compared if one.name not in last or budget.day_of(last[one.name]) < today]
    if not due or not circuit_breaker.allows(app.database, trouble, now=now, settings=settings):
        return 0
    counted = 0
    try:
        for one in due:
            counted += _store(app, name, source, one, now)
    except (RemoteError, ConfigError) as error:
        log.warning("counting posts failed source=%s reason=%s", name, error)
        jitter = app.jitter(trouble, now)
        circuit_breaker.failed(
            *(app.database, trouble, error),
            now=now,
            settings=settings,
            alone=AFTER_FAILURE,
            jitter=jitter,
        )
    else:
        circuit_breaker.succeeded(app.database, trouble, now=now)
    return counted


def _store(app: App, name: str, source: DayCounter, one: TrackedBrand, now: datetime) -> bool:
    """False: the network cannot be asked for it, as `check-config` says."""
    try:
        posts = source.daily(one.watch, now=now)
    except UnsayableError:
        return False
    with app.database.begin() as session:
        network_counts.save(session, name, one.name, posts, now=now)
    return True

"""When a digest is due, and that each day and brand has exactly one."""

import logging
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.brand import Brand
from domain.clock import local_day, wall_instant
from domain.digest import (
    Digest,
)
from domain.notification import DigestOf, Edition, Kind, OutgoingMessage
from earshot.core.app import App
from earshot.reporting import digest_lists, digest_numbers
from earshot.reporting.digest_facts import digest_of
from earshot.reporting.digest_numbers import key_of
from storage import (
    metrics,
    outbox,
)

log = logging.getLogger(__name__)

CATCH_UP = timedelta(hours=12)  # a digest later than this is skipped, with the reason LATE
LATE = "more than 12 hours late: earshot was not running"


def send_due(app: App, *, now: datetime) -> int:
    """Put the digests that are due into the outbox, one per brand and local day; return how many.

    Runs every minute and decides by itself: schedulers skip a day or fire twice around DST.
    """
    day, since = due(now, at=app.config.top.digest.wall_time, tz=app.config.tz)
    return sum(_owe(app, brand, day, since, now=now) for brand in app.config.brands)


def _owe(app: App, brand: Brand, day: date, since: datetime, *, now: datetime) -> bool:
    """Whether a digest was owed. Its facts take seconds: nobody has to wait for them to write."""
    key = key_of(brand.name, day)
    with app.database.read() as session:
        begun = metrics.first_stored_at(session, brand.name)
        if begun is None or outbox.exists(session, key):
            return False
    if now - since > CATCH_UP:
        if begun <= since:  # else nothing was missed: there were no mentions then
            _skip(app, key, DigestOf(brand.name, day), now=now)
        return False
    digest_lists.keep(app.database, brand, day, app.config, now=now)
    with app.database.read() as session:
        made = digest_of(session, brand, day, app.config, now=now)
    owed = _outgoing(app, key, DigestOf(brand.name, day), digest_numbers.keep(made), as_of=now)
    with app.database.begin() as session:
        return outbox.enqueue(session, owed, now=now)


def _skip(app: App, key: str, subject: DigestOf, *, now: datetime) -> None:
    log.warning("digest skipped brand=%r day=%s reason=%s", subject.brand, subject.day, LATE)
    with app.database.begin() as session:
        outbox.enqueue(
            session, _outgoing(app, key, subject, None, as_of=now), now=now, skipped=LATE
        )


def due(now: datetime, *, at: time, tz: ZoneInfo) -> tuple[date, datetime]:
    """The newest local day whose digest may be out by now, and since when."""
    day = local_day(now, tz)
    since = wall_instant(day, at, tz)
    # Where a zone changed its side of the date line a day is missing.
    while since > now or local_day(since, tz) != day:
        day -= timedelta(days=1)
        since = wall_instant(day, at, tz)
    return day, since


def _outgoing(
    app: App, key: str, subject: DigestOf, numbers: dict[str, Any] | None, *, as_of: datetime
) -> OutgoingMessage:
    return OutgoingMessage(
        key=key,
        subject=subject,
        kind=Kind.POST,
        channel=app.channel.address,
        notifier=app.channel.name,
        as_of=as_of,
        numbers=numbers,
    )


def manual(app: App, made: Digest) -> OutgoingMessage:
    """A digest that somebody wants sent, whether or not the day's own has gone out."""
    key = f"{key_of(made.brand, made.date)}:by-hand:{made.made_at:%Y%m%dT%H%M%S%f}"
    subject = DigestOf(made.brand, made.date, Edition.MANUAL)
    return _outgoing(app, key, subject, digest_numbers.keep(made), as_of=made.made_at)

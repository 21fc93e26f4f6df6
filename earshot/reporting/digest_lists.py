"""Mondays' digests tell how the lists of customers changed since the Monday before.

Who was on them is kept until the next Monday, by our ids, and how they changed for good.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from crm.value import per_currency
from domain.brand import Brand
from domain.clock import local_day
from domain.customer import Amount
from domain.customer_lists import ListChange, ListName
from domain.digest import ListNews
from earshot.config.model import Config
from earshot.reporting.customer_lists import members
from earshot.reporting.leads import leads_of
from storage import snapshots
from storage.engine import Database
from storage.snapshots import Published, Snapshot

KIND = "lists"
LEADS_WROTE = timedelta(days=90)  # as `earshot leads list` takes them
_MONDAY = 0
_LOOKED_BACK = timedelta(weeks=4)  # for a Monday that told
_NEWS = TypeAdapter(ListNews)

Members = Mapping[ListName, Mapping[int, tuple[Amount, ...]]]  # by our id, with what they paid


@dataclass(frozen=True, slots=True)
class Told:
    """What a Monday says, and who is on the lists."""

    news: ListNews
    members: Members


def keep(database: Database, brand: Brand, day: date, config: Config, *, now: datetime) -> None:
    """On a Monday, store what news() tells from then on."""
    if day.weekday() != _MONDAY:
        return
    with database.read() as session:
        if snapshots.latest(session, brand.name, day, KIND) is not None:
            return
        told = _told(session, brand, day, config, now=now)
    with database.begin() as session:
        _keep(session, brand, day, config, told, now=now)


def _keep(
    session: Session, brand: Brand, day: date, config: Config, told: Told, *, now: datetime
) -> None:
    payload = {
        "news": _NEWS.dump_python(told.news, mode="json"),
        "members": {name.value: sorted(ids) for name, ids in told.members.items()},
    }
    snapshots.drop(session, brand.name, KIND, "members", until=day)
    snapshots.publish(
        session,
        Snapshot(
            brand=brand.name,
            day=day,
            kind=KIND,
            timezone=config.top.timezone,
            formula="",
            payload=payload,
            watermark="",
        ),
        now=now,
    )


def news(
    session: Session, brand: Brand, day: date, config: Config, *, now: datetime
) -> ListNews | None:
    """What was stored for that Monday; of today as it is; None: no Monday, or nothing is known."""
    if day.weekday() != _MONDAY:
        return None
    stored = snapshots.latest(session, brand.name, day, KIND)
    if stored is not None:
        return _NEWS.validate_python(stored.payload["news"])
    if day != local_day(now, config.tz):
        return None
    return _told(session, brand, day, config, now=now).news


def _told(session: Session, brand: Brand, day: date, config: Config, *, now: datetime) -> Told:
    on_now = _members(session, brand, config, now=now)
    known = [one for one in _before(session, brand, day) if "members" in one.payload]
    before = known[-1] if known else None
    held = before.payload["members"] if before is not None else on_now
    changes = tuple(_change(name, ids, set(held.get(name, ()))) for name, ids in on_now.items())
    return Told(ListNews(before.day if before is not None else None, changes), on_now)


def _members(session: Session, brand: Brand, config: Config, *, now: datetime) -> Members:
    found = members(session, config, brand=brand.name, now=now)
    since = now - LEADS_WROTE
    leads = leads_of(session, config, brand=brand.name, since=since, now=now)
    return {
        **{name: {one.person_id: one.values_12m for one in on_it} for name, on_it in found.items()},
        ListName.LEADS: {one.author_id: () for one in leads},
    }


def _change(name: ListName, on_now: Mapping[int, Iterable[Amount]], before: set[int]) -> ListChange:
    joined = on_now.keys() - before
    return ListChange(
        name=name,
        total=len(on_now),
        joined=len(joined),
        left=len(before - on_now.keys()),
        value_joined=per_currency(amount for one in sorted(joined) for amount in on_now[one]),
    )


def _before(session: Session, brand: Brand, day: date) -> list[Published]:
    """Of the Mondays before, oldest first."""
    return snapshots.trend(session, brand.name, KIND, since=day - _LOOKED_BACK, until=day)

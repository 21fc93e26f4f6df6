"""Segments beside each other: what they are worth, what they say, and how they are answered."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from math import fsum

from sqlalchemy.orm import Session

from domain.clock import local_day
from domain.reputation import Clocked, Opinion
from domain.segments import SegmentFigures
from domain.valuation import Segment
from earshot.config.model import Config
from earshot.reporting.answer_times import clocked_of
from earshot.reporting.customer_lists import may_link, opinion_of
from reputation.nps_proxy import MIN_PERSONS, WINDOW, nps_proxy
from reputation.response import response_by, response_times
from reputation.voices import Voices, voices
from storage import customer_posts, segments
from storage.customer_posts import Account

BEST_FIRST: tuple[Segment | None, ...] = (*reversed(Segment), None)
Accounts = Mapping[int, Account]  # by author
Placed = Mapping[int, Segment | None]  # persons; None: never ordered


def segments_of(
    session: Session, config: Config, *, brand: str | None, now: datetime
) -> list[SegmentFigures]:
    """Every segment that has anybody, exclusive first. Reads what was valued last.

    brand: whose posts and promises count, None: those of all. Orders belong to no brand.
    """
    sizes, values = segments.sizes(session), segments.values(session)
    accounts = {
        author_id: one
        for author_id, one in customer_posts.accounts(session).items()
        if may_link(one)
    }
    placed = _placed(session, (one.person_id for one in accounts.values()))
    spoke = _voices(session, accounts, placed, brand=brand, now=now)
    clocked = _promises(session, config, placed, brand=brand, now=now)
    since = now - WINDOW
    answered = response_by(
        clocked, lambda one: placed[one.customer_id or 0], since=since, until=now, now=now
    )
    none = response_times((), since=since, until=now, now=now)
    today = local_day(now, config.tz)
    return [
        SegmentFigures(
            segment=one,
            people=sizes[one].people,
            linked=sum(segment == one for segment in placed.values()),
            orders_per_year=sizes[one].orders_per_year,
            values=values.get(one, ()) if one is not None else (),
            stance=_stance(spoke[one]),
            nps=nps_proxy(brand or "", today, spoke[one]),
            promises=answered.get(one, none),
        )
        for one in BEST_FIRST
        if one in sizes
    ]


def _placed(session: Session, person_ids: Iterable[int]) -> Placed:
    ids = set(person_ids)
    known = segments.of(session, ids)
    return {one: known.get(one) for one in ids}


def _voices(
    session: Session, accounts: Accounts, placed: Placed, *, brand: str | None, now: datetime
) -> Mapping[Segment | None, Voices]:
    """Who of each segment wrote; a copy is heard where it was first."""
    found = customer_posts.by_accounts(
        session, accounts, brand=brand, since=now - WINDOW, until=now
    )
    of_segment: defaultdict[Segment | None, list[Opinion]] = defaultdict(list)
    for post in found:
        if not post.is_copy:
            of_segment[placed[post.person_id]].append(opinion_of(post))
    return {one: voices(of_segment[one], since=now - WINDOW, until=now) for one in BEST_FIRST}


def _stance(people: Voices) -> float | None:
    return fsum(people.stance) / len(people) if len(people) >= MIN_PERSONS else None


def _promises(
    session: Session, config: Config, placed: Placed, *, brand: str | None, now: datetime
) -> list[Clocked]:
    """Those for posts of linked customers."""
    names = [one.name for one in config.brands if brand in (None, one.name)]
    since = now - WINDOW
    found = (one for name in names for one in clocked_of(session, name, since=since, until=now))
    return [one for one in found if one.customer_id in placed]

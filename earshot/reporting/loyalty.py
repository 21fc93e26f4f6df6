"""Loyalty beside the mood: what linked customers bought after they wrote."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from operator import attrgetter

from sqlalchemy.orm import Session

from alerts.kinds import named
from domain.clock import local_day
from domain.loyalty import Case, Loyalty, Order, Outside, Start
from domain.valuation import Purchase, Valuation, net
from earshot.config.model import Config
from earshot.reporting.customer_lists import may_link
from reputation.loyalty import LOOKED_BACK, groups_of
from reputation.loyalty_starts import Looked, starts
from storage import customer_posts, linked_posts, orders, persons, valuations

_DAY = timedelta(days=1)


def loyalty_of(
    session: Session,
    config: Config,
    *,
    brand: str | None,
    now: datetime,
    since: datetime | None = None,
) -> Loyalty:
    """The figures of every group. brand: None counts a post about any brand.

    since: posts from when on; None: from LOOKED_BACK on. P(alive) is as it was worked out last.
    """
    today = local_day(now, config.tz)
    looked = Looked(
        since=now - LOOKED_BACK if since is None else since,
        now=now,
        until=min(today - _DAY, orders.newest_day(session) or date.min),
        tz=config.tz,
    )
    brands = [one.name for one in config.brands] if brand is None else [brand]
    authors = _authors(session)
    linked = set(authors.values())
    bought = _bought(session, linked)
    found = starts(
        linked,
        linked_posts.promises(session, authors, brands, named(attrgetter("asks"))),
        linked_posts.posts(session, authors, brands),
        {person_id: first for person_id in linked if (first := _first(bought[person_id]))},
        looked,
    )
    worth = valuations.of(session, linked)
    cases = [
        _case(start, bought[person_id], worth.get(person_id))
        for person_id, start in found.items()
        if isinstance(start, Start)
    ]
    outside = Counter(one for one in found.values() if isinstance(one, Outside))
    return Loyalty(
        brand=brand,
        since=local_day(looked.since, config.tz),
        until=looked.until,
        as_of=today,
        groups=groups_of(cases, until=looked.until),
        linked=len(linked),
        left_out={one: outside[one] for one in Outside},
        unlinked=persons.count(session) - len(linked),
    )


def _authors(session: Session) -> dict[int, int]:
    """Who each linked author is, as far as their network lets a link rest on what it rests on."""
    accounts = customer_posts.accounts(session)
    return {author_id: one.person_id for author_id, one in accounts.items() if may_link(one)}


def _bought(session: Session, person_ids: Collection[int]) -> Mapping[int, Sequence[Purchase]]:
    found: dict[int, list[Purchase]] = defaultdict(list)
    for one in valuations.purchases(session, person_ids):
        found[one.person_id].append(one)
    return found


def _first(bought: Sequence[Purchase]) -> date | None:
    return min((one.ordered_on for one in bought if one.amount > 0), default=None)


def _case(start: Start, bought: Sequence[Purchase], worth: Valuation | None) -> Case:
    """Before the index day nobody knew of the refunds after it."""
    several = worth is not None and worth.median_gap_days is not None
    return Case(
        start=start,
        orders=_orders(bought),
        known=_orders(one for one in bought if one.ordered_on < start.day),
        p_alive=worth.p_alive if worth is not None else None,
        is_silent=worth.is_silent if worth is not None and several else None,
    )


def _orders(bought: Iterable[Purchase]) -> tuple[Order, ...]:
    return tuple(Order(one.ordered_on, one.amount, one.currency) for one in net(bought))

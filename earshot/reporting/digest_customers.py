"""What a digest says of customers: who waits, and what they bought after they wrote.

How the lists of customers changed stands in earshot.reporting.digest_lists.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from domain.brand import Brand
from domain.clock import midnight
from domain.digest import FirstOrders, WaitingCustomer
from domain.incident import CustomerProfile
from domain.loyalty import Loyalty
from domain.valuation import Cohort
from earshot.config.model import Config
from earshot.reporting.loyalty import loyalty_of
from storage import valuations
from storage.views import MentionView

MOST = 10  # customers who are named
_DAY = timedelta(days=1)


def by_value(
    waiting: Iterable[MentionView], known: Mapping[int, CustomerProfile]
) -> tuple[WaitingCustomer, ...]:
    """Who waits, each once, with their mention that has waited longest.

    First the most valuable of each currency, then the second of each: amounts of two currencies
    are never compared. Who paid nothing in 12 months comes last.
    """
    oldest: dict[int, MentionView] = {}
    for view in sorted(waiting, key=lambda view: view.mention.published_at, reverse=True):
        if view.customer is not None:
            oldest[view.customer.id] = view
    found = [
        WaitingCustomer(view.mention.id, known[person_id], view.mention.published_at)
        for person_id, view in oldest.items()
        if person_id in known
    ]
    return tuple(_ranked(found))[:MOST]


def _ranked(found: Iterable[WaitingCustomer]) -> Sequence[WaitingCustomer]:
    paid: defaultdict[str, list[WaitingCustomer]] = defaultdict(list)
    rest: list[WaitingCustomer] = []
    for one in sorted(found, key=lambda one: one.customer.id):
        spent = one.customer.spent[0]
        (paid[spent.currency] if spent.amount > 0 else rest).append(one)
    placed = []
    for currency, ones in paid.items():
        ones.sort(key=lambda one: -one.customer.spent[0].amount)
        placed += [(place, currency, one) for place, one in enumerate(ones)]
    placed.sort(key=lambda one: one[:2])
    return [*(one for _, _, one in placed), *rest]


def loyalty(
    session: Session, brand: Brand, day: date, config: Config, *, now: datetime
) -> Loyalty | None:
    """On the first of a month, as of that day; else None."""
    if day.day != 1:
        return None
    until = min(now, midnight(day + _DAY, config.tz))
    return loyalty_of(session, config, brand=brand.name, now=until)


def first_orders(session: Session, day: date) -> FirstOrders | None:
    """On the first of a month, as far as it was known then; else None, as without a valuation."""
    shop = valuations.shop(session) if day.day == 1 else None
    if shop is None:
        return None
    cohorts = tuple(_until(one, day) for one in shop.cohorts if one.month < day)
    return FirstOrders(min(shop.as_of, day - _DAY), cohorts)


def _until(one: Cohort, first: date) -> Cohort:
    """Without the months that were not over on this first of a month."""
    over = 12 * (first.year - one.month.year) + first.month - one.month.month - 1
    return replace(one, again=one.again[:over])

"""Whose mention waits for an answer, and what these customers are worth."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from math import fsum
from operator import attrgetter

from sqlalchemy.orm import Session

from alerts.kinds import named
from domain.clock import local_day, midnight
from domain.incident import Incident
from domain.listing import Role
from domain.valuation import CurrencyValue, Segment, Valuation
from domain.value_at_risk import SegmentAtRisk, ValueAtRisk
from earshot.config.model import Config
from listener.contracts import contract_of
from storage import incidents, valuations, views
from storage.views import Filter, MentionView

DAYS = 28  # for so long a mention that is in no incident counts as waiting
_BEST_FIRST = tuple(reversed(Segment))


def of(session: Session, config: Config, *, brand: str | None, now: datetime) -> ValueAtRisk:
    """The value at risk of a brand, None: of all together. Reads what was valued last."""
    since = midnight(local_day(now, config.tz) - timedelta(days=DAYS), config.tz)
    brands = [one.name for one in config.brands if brand in (None, one.name)]
    return among(session, (view for name in brands for view in waiting(session, name, since=since)))


def among(session: Session, waiting_ones: Iterable[MentionView]) -> ValueAtRisk:
    """The value at risk of these mentions. Reads what was valued last."""
    found = {view.mention.id: view for view in waiting_ones}
    people = {view.customer.id for view in found.values() if view.customer is not None}
    valued = valuations.of(session, people)
    return ValueAtRisk(
        rows=by_segment(valued.values()),
        customers=len(people),
        without_orders=len(people - valued.keys()),
        mentions=len(found),
        linkable=sum(contract_of(view.mention.source).may_link for view in found.values()),
        linked=sum(view.customer is not None for view in found.values()),
    )


def waiting(session: Session, brand: str, *, since: datetime) -> list[MentionView]:
    """The brand's mentions that wait: those of open incidents, whatever their age.

    And those since then that ask, have no answer and are in no incident; what was dismissed or
    closed by hand does not wait any more.
    """
    live = [one.id for one in open_incidents(session, brand)]
    held = [one for ids in incidents.mention_ids(session, live).values() for one in ids]
    of_incidents = Filter(ids=held, brand=brand, roles=(Role.BRAND,), hidden=None)
    unanswered = Filter(brand=brand, since=since, waits=True, roles=(Role.BRAND,))
    return [
        *views.search(session, of_incidents),
        *(view for view in views.search(session, unanswered) if view.incident is None),
    ]


def open_incidents(session: Session, brand: str) -> list[Incident]:
    """The brand's live incidents of the kinds that ask for an answer."""
    asking = named(attrgetter("asks"))
    found = incidents.listing(session, live_only=True, brand=brand)
    return [one for one in found if one.kind in asking]


def by_segment(people: Iterable[Valuation]) -> tuple[SegmentAtRisk, ...]:
    """What these are worth, each currency and segment apart."""
    groups: defaultdict[str, dict[Segment, list[CurrencyValue]]] = defaultdict(dict)
    for one in people:
        for value in one.values:
            groups[value.currency].setdefault(one.segment, []).append(value)
    rows = {
        currency: [_row(currency, one, held[one]) for one in _BEST_FIRST if one in held]
        for currency, held in groups.items()
    }
    most_first = sorted(rows, key=lambda one: (-fsum(row.revenue_12m for row in rows[one]), one))
    return tuple(row for currency in most_first for row in rows[currency])


def _row(currency: str, segment: Segment, values: Collection[CurrencyValue]) -> SegmentAtRisk:
    expected = [one.clv for one in values if one.clv is not None]
    return SegmentAtRisk(
        currency=currency,
        segment=segment,
        customers=len(values),
        revenue_12m=fsum(one.revenue_12m for one in values),
        clv=fsum(expected) if len(expected) == len(values) else None,
    )

"""The facts of a digest: what happened to a brand up to a day."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy.orm import Session

from crm.value import per_currency
from domain.brand import Brand
from domain.clock import local_day, midnight
from domain.digest import (
    Digest,
    Linking,
    OpenIncident,
    Quote,
    SourceHealth,
    Untold,
)
from domain.incident import GRAVITY
from domain.listing import Role
from domain.mute import Mute
from domain.reputation import NpsProxy
from domain.sentiment import Label
from domain.volume import DayVolume
from earshot.config.model import Config
from earshot.core import budget
from earshot.customers.profile import customer_profiles
from earshot.reporting import coverage, digest_customers, digest_lists, published, value_at_risk
from earshot.reporting.answer_times import clocked_of
from earshot.reporting.coverage import Ledger, Usual
from earshot.reporting.digest_reputation import reputations
from earshot.reporting.share_of_voice import of_day
from earshot.reporting.unanswered import Unanswered, unanswered
from listener.contracts import contract_of
from listener.sources import SOURCES
from reputation.response import response_times
from reputation.score import WINDOW
from storage import (
    incident_events,
    incidents,
    links,
    metrics,
    mutes,
    noise,
    source_state,
    views,
)
from storage.metrics import ScoredPost
from storage.views import Filter, MentionView

DAYS = 28
SHOWN_QUOTES = 5
UNSURE = "unsure"


def digest_of(
    session: Session, brand: Brand, day: date, config: Config, *, now: datetime
) -> Digest:
    """The digest of the morning of `day`: it reports on the day before."""
    reported = day - timedelta(days=1)
    since, until = midnight(day - timedelta(days=DAYS), config.tz), midnight(day, config.tz)
    posts = list(metrics.posts(session, brand.name, since=since, until=until))
    yesterday = midnight(reported, config.tz)
    ledger = coverage.read(session, config, since=since, now=now)
    usual = coverage.usual(session, brand.name, since=since, until=until)
    clocked = clocked_of(session, brand.name, since=now - WINDOW, until=now)
    views_waiting = value_at_risk.waiting(session, brand.name, since=since)
    known = customer_profiles(session, views_waiting, config, now=now)
    scored = reputations(session, brand, reported, config, now=now)
    asking = unanswered(session, config, since=since, now=now, brand=brand.name)
    return Digest(
        brand=brand.name,
        date=day,
        timezone=config.top.timezone,
        made_at=now,
        days=_volumes(posts, day, ledger, usual),
        reputation=scored.now,
        reputation_before=scored.before,
        nps=published.nps_on(session, brand.name, reported, config, now=now),
        nps_before=_nps_before(session, brand, reported, config, now=now),
        reputation_trend=scored.scores,
        response=response_times(clocked, since=now - WINDOW, until=now, now=now),
        open_incidents=_open(session, brand, config, now=now),
        dismissed=tuple(
            incident_events.dismissed_by(session, brand.name, since=yesterday, until=until)
        ),
        worst=_quotes(session, brand, Label.NEGATIVE, yesterday, until),
        best=_quotes(session, brand, Label.POSITIVE, yesterday, until),
        voices=(),
        share_of_voice=of_day(session, config, brand, reported),
        health=_health(session, brand, ledger, yesterday, until),
        customers_waiting=len(known),
        value_waiting=per_currency(one for each in known.values() for one in each.revenues_12m),
        linking=_linking(session, brand, since=since),
        hidden=tuple(noise.hidden_between(session, brand.name, since=yesterday, until=until)),
        unread=tuple(metrics.unread_languages(session, brand.name, since=since, until=until)),
        spending=budget.spending(session, config, yesterday=reported, now=now),
        mutes=_mutes(session, brand, since=yesterday),
        unanswered=len(asking),
        untold=tuple(map(_untold, (one for one in asking if one.no_alert))),
        waiting_customers=digest_customers.by_value(views_waiting, known),
        at_risk=value_at_risk.among(session, views_waiting),
        lists=digest_lists.news(session, brand, day, config, now=now),
        loyalty=digest_customers.loyalty(session, brand, day, config, now=now),
        first_orders=digest_customers.first_orders(session, day),
        not_final=scored.now.revision is None,
        comparison=scored.comparison,
        trend_changes=scored.changes,
        trend_intervals=scored.intervals,
        told_before=scored.told_before,
        revised=scored.revised,
    )


def _mutes(session: Session, brand: Brand, *, since: datetime) -> tuple[Mute, ...]:
    """Without names: a digest that was sent is not drawn anew when an author is forgotten."""
    found = mutes.held_since(session, brand.name, since=since)
    return tuple(replace(one, handle="") for one in found)


def _untold(one: Unanswered) -> Untold:
    return Untold(
        quote=quote_of(one.view),
        customer=one.candidate.customer,
        due_at=one.due_at,
        severity=one.severity,
        why=one.why,
        no_alert=one.no_alert,
    )


def _volumes(
    posts: Sequence[ScoredPost], day: date, ledger: Ledger, usual: Usual
) -> tuple[DayVolume, ...]:
    tz = ledger.config.tz
    counts = Counter((local_day(post.published_at, tz), _tone(post)) for post in posts)
    days = [day - timedelta(days=back) for back in range(DAYS, 0, -1)]
    nights = [midnight(one, tz) for one in (*days, day)]
    return tuple(
        DayVolume(
            date=one,
            negative=counts[one, Label.NEGATIVE],
            neutral=counts[one, Label.NEUTRAL],
            positive=counts[one, Label.POSITIVE],
            unsure=counts[one, UNSURE],
            unscored=counts[one, None],
            heard=share,
        )
        for one, share in zip(
            days, coverage.shares(ledger, list(pairwise(nights)), usual), strict=True
        )
    )


def _tone(post: ScoredPost) -> str | None:
    """The tone under which a post is counted."""
    return UNSURE if post.unsure else post.label


def _nps_before(
    session: Session, brand: Brand, reported: date, config: Config, *, now: datetime
) -> NpsProxy | None:
    before = published.nps_on(session, brand.name, reported - timedelta(days=7), config, now=now)
    return before if before.n_authors else None


def _open(
    session: Session, brand: Brand, config: Config, *, now: datetime
) -> tuple[OpenIncident, ...]:
    rows = value_at_risk.open_incidents(session, brand.name)
    # The gravest first, and among equals the one that waits longest past its promise.
    rows.sort(key=lambda row: (-GRAVITY[row.severity], row.due_at, row.id))
    ids = incidents.mention_ids(session, [row.id for row in rows])
    every = [mention_id for found in ids.values() for mention_id in found]
    wanted = Filter(ids=every, brand=brand.name, roles=(Role.BRAND,), hidden=None)
    found = views.search(session, wanted)
    by_id = {view.mention.id: view for view in found}
    known = customer_profiles(session, found, config, now=now)
    waiting = []
    for row in rows:
        first = next((by_id[one] for one in ids[row.id] if one in by_id), None)
        if first is not None:
            customer = known.get(first.customer.id) if first.customer else None
            incident = replace(row, customer=customer)
            waiting.append(OpenIncident(incident, len(ids[row.id]), quote_of(first)))
    return tuple(waiting)


def _quotes(
    session: Session, brand: Brand, label: Label, since: datetime, until: datetime
) -> tuple[Quote, ...]:
    """The day's mentions surely of that tone, widest reach first."""
    wanted = Filter(
        brand=brand.name,
        since=since,
        until=until,
        label=label,
        roles=(Role.BRAND,),
        stories=True,
    )
    found = [view for view in _sure(session, wanted) if not view.mention.is_repost]
    found.sort(
        key=lambda view: (-(view.author.followers or 0) if view.author else 0, view.mention.id)
    )
    return tuple(map(quote_of, found[:SHOWN_QUOTES]))


def _sure(session: Session, wanted: Filter) -> list[MentionView]:
    """What fits, without the mentions of whose tone the model is unsure."""
    return [
        view
        for view in views.search(session, wanted)
        if view.sentiment is None or not view.sentiment.unsure
    ]


def quote_of(view: MentionView) -> Quote:
    """The mention as a digest quotes it."""
    sentiment = view.sentiment
    return Quote(
        mention_id=view.mention.id,
        source=view.mention.source,
        author_handle=view.author.handle if view.author else "",
        author_name=view.author.name if view.author else "",
        followers=view.author.followers if view.author else None,
        text=view.mention.text,
        url=view.mention.url,
        published_at=view.mention.published_at,
        label=sentiment.label if sentiment else None,
        confidence=sentiment.confidence if sentiment else 0.0,
        corrected_by=sentiment.corrected_by if sentiment else "",
        customer_name=view.customer.name if view.customer else "",
        customer_tier=view.customer.tier if view.customer else "",
    )


def _health(
    session: Session, brand: Brand, ledger: Ledger, since: datetime, until: datetime
) -> tuple[SourceHealth, ...]:
    counts = metrics.by_source(session, brand.name, since=since, until=until)
    states, enabled = ledger.states, ledger.config.enabled
    reasons = {name: ledger.verdict(name).reason for name in enabled}
    missed: dict[str, list[str]] = {}
    for gap in source_state.gaps(session, since=since):
        if gap.brand in (brand.name, ""):
            missed.setdefault(gap.source, []).append(gap.reason)
    names = sorted({*counts, *enabled, *missed, *(n for n in states if states[n].trouble)})
    return tuple(
        SourceHealth(
            source=name,
            mentions=counts.get(name, 0),
            last_ok_at=states[name].last_ok_at if name in states else None,
            trouble=(states[name].trouble if name in states else "") or reasons.get(name, ""),
            gaps=tuple(missed.get(name, ())),
        )
        for name in names
    )


def _linking(session: Session, brand: Brand, *, since: datetime) -> Linking:
    may_not = [name for name in SOURCES if not contract_of(name).may_link]
    return Linking(*links.linkable_share(session, brand.name, since=since, may_not=may_not))

"""The morning digest: when it is due, what it says, and that each day has exactly one."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from alerts.digest import digest_message
from alerts.incident_messages import deleted_message
from alerts.kinds import named
from alerts.lifecycle import GRAVITY
from crm.value import per_currency
from domain.brand import Brand
from domain.clock import local_day, midnight, wall_instant
from domain.digest import (
    Digest,
    Linking,
    OpenIncident,
    Quote,
    SourceHealth,
    Voice,
)
from domain.elements import Message
from domain.incident import CustomerProfile, Incident
from domain.listing import Role
from domain.notification import DigestOf, Edition, Kind, OutgoingMessage
from domain.reputation import NpsProxy, Reputation
from domain.sentiment import Label
from domain.volume import DayVolume
from earshot.config.load import Config
from earshot.core import budget
from earshot.core.app import App
from earshot.customers.profile import customer_profiles
from earshot.reporting import coverage, digest_numbers
from earshot.reporting import metrics as numbers
from earshot.reporting.coverage import Ledger
from earshot.reporting.digest_numbers import Kept, KeptIncident
from listener.contracts import contract_of
from listener.sources import SOURCES
from reputation.response import response_times
from storage import incidents, links, metrics, noise, outbox, snapshots, source_state, views
from storage.metrics import ScoredPost
from storage.views import Filter, MentionView

log = logging.getLogger(__name__)

DAYS = 28
CATCH_UP = timedelta(hours=12)  # a digest later than this is skipped, and said to be
SHOWN_QUOTES = 5
UNSURE = "unsure"
LATE = "more than 12 hours late: earshot was not running"


def send_due(app: App, *, now: datetime) -> int:
    """Put the digests that are due into the outbox, one per brand and local day; return how many.

    Runs every minute and decides by itself: schedulers skip a day or fire twice around DST.
    """
    day, since = due(now, at=app.config.top.digest.wall_time, tz=app.config.tz)
    sent = 0
    for brand in app.config.brands:
        with app.database.begin() as session:
            key = key_of(brand.name, day)
            begun = metrics.first_stored_at(session, brand.name)
            if begun is None or outbox.exists(session, key):
                continue
            if now - since > CATCH_UP:
                if begun > since:
                    continue  # nothing was missed: that morning there was nothing to tell
                log.warning("digest skipped brand=%r day=%s reason=%s", brand.name, day, LATE)
                missed = _outgoing(app, key, DigestOf(brand.name, day), None, as_of=now)
                outbox.enqueue(session, missed, now=now, skipped=LATE)
            else:
                made = digest(session, brand, day, app.config, now=now)
                owed = _outgoing(
                    app, key, DigestOf(brand.name, day), digest_numbers.keep(made), as_of=now
                )
                sent += outbox.enqueue(session, owed, now=now)
    return sent


def due(now: datetime, *, at: time, tz: ZoneInfo) -> tuple[date, datetime]:
    """The newest local day whose digest may be out by now, and since when."""
    day = local_day(now, tz)
    since = wall_instant(day, at, tz)
    # Where a zone changed its side of the date line a day is missing: it has no morning.
    while since > now or local_day(since, tz) != day:
        day -= timedelta(days=1)
        since = wall_instant(day, at, tz)
    return day, since


def message(made: Digest, config: Config) -> Message:
    """The digest as it looks in the channel."""
    return digest_message(made, config.networks)


def key_of(brand: str, day: date) -> str:
    """What the digest of a brand's morning is called in the outbox."""
    return f"digest:{brand}:{day}"


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


def drawn(
    session: Session,
    app: App,
    subject: DigestOf,
    numbers: Mapping[str, Any] | None,
    *,
    as_of: datetime,
) -> Message:
    """The digest as it is sent now.

    numbers: as they were kept when it was owed; None: nobody did, so they are made again.
    """
    brand = next((one for one in app.config.brands if one.name == subject.brand), None)
    if brand is None:
        return deleted_message(None)
    if numbers is None:
        made = digest(session, brand, subject.day, app.config, now=as_of)
    else:
        made = _with_words(session, brand, app.config, digest_numbers.read(numbers))
    return message(made, app.config)


def _with_words(session: Session, brand: Brand, config: Config, kept: Kept) -> Digest:
    """The digest that was kept, with what its mentions say and its incidents are now.

    Of what is not shown any more there are no words: a quote is left out, an incident that waited
    stays, because it was counted.
    """
    ids = [*kept.worst, *kept.best, *(one.mention_id for one in kept.waiting)]
    wanted = Filter(ids=ids, brand=brand.name, roles=(Role.BRAND,), hidden=None)
    found = {view.mention.id: view for view in views.search(session, wanted)}
    shown = {one: view for one, view in found.items() if not view.listing.hidden}
    known = customer_profiles(session, list(found.values()), config, now=kept.numbers.made_at)
    return replace(
        kept.numbers,
        worst=tuple(_quote(shown[one]) for one in kept.worst if one in shown),
        best=tuple(_quote(shown[one]) for one in kept.best if one in shown),
        open_incidents=tuple(
            _waiting(session, one, found.get(one.mention_id), known) for one in kept.waiting
        ),
    )


def _wordless(kept: KeptIncident) -> Quote:
    """In the place of a mention whose words were taken back."""
    return Quote(
        mention_id=kept.mention_id,
        source="",
        author_handle="",
        author_name="",
        followers=None,
        text="",
        url="",
        published_at=kept.posted_at,
        label=None,
        confidence=0.0,
    )


def _waiting(
    session: Session,
    kept: KeptIncident,
    view: MentionView | None,
    known: Mapping[int, CustomerProfile],
) -> OpenIncident:
    incident = replace(incidents.get(session, kept.incident_id), due_at=kept.due_at)
    if view is None or view.no_longer_named:
        return OpenIncident(incident, kept.mentions, _wordless(kept))
    customer = known.get(view.customer.id) if view.customer else None
    return OpenIncident(replace(incident, customer=customer), kept.mentions, _quote(view))


def digest(session: Session, brand: Brand, day: date, config: Config, *, now: datetime) -> Digest:
    """The digest of the morning of `day`: it reports on the day before."""
    reported = day - timedelta(days=1)
    since, until = midnight(day - timedelta(days=DAYS), config.tz), midnight(day, config.tz)
    posts = list(metrics.posts(session, brand.name, since=since, until=until))
    yesterday = midnight(reported, config.tz)
    ledger = coverage.read(session, config, since=since, now=now)
    clocked = numbers.clocked_of(session, brand.name, since=now - numbers.WINDOW, until=now)
    waiting = _waiting_customers(session, brand, config, since=since, now=now)
    return Digest(
        brand=brand.name,
        date=day,
        timezone=config.top.timezone,
        made_at=now,
        days=_volumes(posts, day, ledger),
        reputation=numbers.reputation_of(session, brand.name, reported, config),
        reputation_before=_reputation_before(session, brand, reported, config),
        nps=numbers.nps_of(session, brand.name, reported, config),
        nps_before=_nps_before(session, brand, reported, config),
        reputation_trend=_trend(session, brand, day),
        response=response_times(clocked, since=now - numbers.WINDOW, until=now, now=now),
        open_incidents=_open(session, brand, config, now=now),
        dismissed=tuple(incidents.dismissed_by(session, brand.name, since=yesterday, until=until)),
        worst=_quotes(session, brand, Label.NEGATIVE, yesterday, until),
        best=_quotes(session, brand, Label.POSITIVE, yesterday, until),
        voices=_voices(session, brand, posts, since, until),
        health=_health(session, brand, ledger, yesterday, until),
        customers_waiting=len(waiting),
        value_waiting=per_currency(one for each in waiting for one in each.revenues_12m),
        linking=_linking(session, brand, since=since),
        hidden=tuple(noise.hidden_between(session, brand.name, since=yesterday, until=until)),
        spending=budget.spending(session, config, yesterday=reported, now=now),
    )


def _volumes(posts: Sequence[ScoredPost], day: date, ledger: Ledger) -> tuple[DayVolume, ...]:
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
        for one, share in zip(days, coverage.shares(ledger, list(pairwise(nights))), strict=True)
    )


def _tone(post: ScoredPost) -> str | None:
    """What a count of tones takes it for."""
    return UNSURE if post.unsure else post.label


def _reputation_before(
    session: Session, brand: Brand, reported: date, config: Config
) -> Reputation | None:
    before = numbers.reputation_of(session, brand.name, reported - timedelta(days=7), config)
    return before if before.n_authors else None


def _nps_before(session: Session, brand: Brand, reported: date, config: Config) -> NpsProxy | None:
    before = numbers.nps_of(session, brand.name, reported - timedelta(days=7), config)
    return before if before.n_authors else None


def _trend(session: Session, brand: Brand, day: date) -> tuple[tuple[date, float | None], ...]:
    rows = snapshots.trend(
        session, brand.name, "reputation", since=day - timedelta(days=DAYS), until=day
    )
    return tuple((row.day, row.payload["score"]) for row in rows)


def _open(
    session: Session, brand: Brand, config: Config, *, now: datetime
) -> tuple[OpenIncident, ...]:
    rows = _waiting_for_answers(session, brand)
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
            waiting.append(OpenIncident(incident, len(ids[row.id]), _quote(first)))
    return tuple(waiting)


def _waiting_for_answers(session: Session, brand: Brand) -> list[Incident]:
    """The brand's live incidents of the kinds that ask for an answer."""
    asking = named(attrgetter("asks"))
    found = incidents.listing(session, live_only=True, brand=brand.name)
    return [one for one in found if one.kind in asking]


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
    return tuple(map(_quote, found[:SHOWN_QUOTES]))


def _sure(session: Session, wanted: Filter) -> list[MentionView]:
    """What fits, without the mentions of whose tone the model is unsure."""
    return [
        view
        for view in views.search(session, wanted)
        if view.sentiment is None or not view.sentiment.unsure
    ]


def _quote(view: MentionView) -> Quote:
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


def _voices(
    session: Session, brand: Brand, posts: Sequence[ScoredPost], since: datetime, until: datetime
) -> tuple[Voice, ...]:
    voices = [_voice(brand.name, posts)]
    for rival in brand.competitors:
        theirs = list(metrics.posts(session, rival, since=since, until=until))
        voices.append(_voice(rival, theirs))
    return tuple(voices)


def _voice(name: str, posts: Sequence[ScoredPost]) -> Voice:
    tones = Counter(_tone(post) for post in posts)
    return Voice(name, len(posts), tones[Label.NEGATIVE], tones[Label.POSITIVE])


def _health(
    session: Session, brand: Brand, ledger: Ledger, since: datetime, until: datetime
) -> tuple[SourceHealth, ...]:
    counts = metrics.by_source(session, brand.name, since=since, until=until)
    states, enabled = ledger.states, ledger.config.enabled
    said = {name: ledger.verdict(name).reason for name in enabled}
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
            trouble=(states[name].trouble if name in states else "") or said.get(name, ""),
            gaps=tuple(missed.get(name, ())),
        )
        for name in names
    )


def _waiting_customers(
    session: Session, brand: Brand, config: Config, *, since: datetime, now: datetime
) -> list[CustomerProfile]:
    """Linked customers who wait: those of open incidents, whatever their age.

    And those with an unanswered mention, surely negative, of which no rule has made an incident;
    what was dismissed or closed by hand does not wait any more.
    """
    live = [one.id for one in _waiting_for_answers(session, brand)]
    held = [one for ids in incidents.mention_ids(session, live).values() for one in ids]
    of_incidents = Filter(ids=held, brand=brand.name, roles=(Role.BRAND,), hidden=None)
    unanswered = Filter(
        brand=brand.name, since=since, label=Label.NEGATIVE, unanswered=True, roles=(Role.BRAND,)
    )
    found = [
        *views.search(session, of_incidents),
        *(view for view in _sure(session, unanswered) if view.incident is None),
    ]
    return list(customer_profiles(session, found, config, now=now).values())


def _linking(session: Session, brand: Brand, *, since: datetime) -> Linking:
    may_not = [name for name in SOURCES if not contract_of(name).may_link]
    return Linking(*links.linkable_share(session, brand.name, since=since, may_not=may_not))

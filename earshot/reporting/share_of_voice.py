"""The share of voice of a brand and its competitors, from what all of them are heard by."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from domain.brand import Brand
from domain.clock import local_day, midnight
from domain.reputation import Opinion
from domain.share_of_voice import NetworkCount, NotCompared, ShareOfVoice
from earshot.brands.tracked import TrackedBrand, competing
from earshot.config.model import Config
from earshot.reporting.rivals import left_out
from listener.sources import SOURCES
from reputation.share_of_voice import shares
from storage import hearing, metrics, network_counts, opinions
from storage import share_of_voice as stored

WINDOW = timedelta(days=28)
COUNTED_DAYS = 7  # of a network's own count
ALWAYS = datetime(1, 1, 1, tzinfo=UTC)
TOGETHER = timedelta(days=1)  # who are heard from so near on were told to be heard at once


def share_of_voice(
    session: Session, config: Config, brand: Brand, *, since: datetime, until: datetime
) -> ShareOfVoice:
    """Who speaks of the brand and of its competitors in [since, until), like with like.

    On the sources that hear all of them alone, in the brand's languages, and without what any of
    them writes itself. Days are local ones; the last one has to be over.
    """
    sides = sides_of(config, brand)
    day = local_day(until - timedelta(microseconds=1), config.tz)
    began = hearing.since(session, [one.name for one in sides])
    compared, apart = _sources(session, config, sides, began, (since, until))
    later = {name: at for name in compared if (at := _together_since(began.get(name, {}))) > since}
    ours = left_out(session, config, brand)
    said = {
        one.name: [
            post
            for post in _said(session, one.name, brand, compared, ours, since=since, until=until)
            if post.source not in later or post.published_at >= later[post.source]
        ]
        for one in sides
    }
    found = shares(brand.name, day, said)
    return ShareOfVoice(
        brand=brand.name,
        date=day,
        since=since,
        until=until,
        persons=found.persons,
        status=found.status,
        sides=found.sides,
        compared=tuple(sorted(compared)),
        later=tuple(sorted(later.items())),
        left_out=tuple(apart),
        counts=tuple(_counts(session, sides, day)) if len(sides) > 1 else (),
    )


def of_day(session: Session, config: Config, brand: Brand, day: date) -> ShareOfVoice:
    """The same for the 28 days that end with this local day."""
    until = midnight(day + timedelta(days=1), config.tz)
    since = midnight(day + timedelta(days=1) - WINDOW, config.tz)
    return share_of_voice(session, config, brand, since=since, until=until)


def sides_of(config: Config, brand: Brand) -> Sequence[TrackedBrand]:
    """The brand, then its competitors."""
    own = [one for one in config.tracked if one.name == brand.name]
    return (*own, *competing(config.tracked, brand))


def _sources(
    session: Session,
    config: Config,
    sides: Sequence[TrackedBrand],
    began: Mapping[str, Mapping[str, datetime]],
    window: tuple[datetime, datetime],
) -> tuple[set[str], list[NotCompared]]:
    """Which sources hear all sides, and which do not."""
    watches = [one.watch for one in sides]
    reasons = {
        name: SOURCES[name].unheard(settings, watches) for name, settings in config.enabled.items()
    }
    for name, known in began.items():
        new = [one.name for one in sides if one.name not in known]
        if new and reasons.get(name) == "":
            reasons[name] = f"{' and '.join(new)} was not heard there yet"
    since, until = window
    brought = {
        one.name: set(metrics.by_source(session, one.name, since=since, until=until))
        for one in sides
    }
    for name in set().union(*brought.values()) - set(reasons):
        lacking = [side for side, sources in brought.items() if name not in sources]
        reasons[name] = f"nothing was imported of {' or '.join(lacking)}" if lacking else ""
    apart = [NotCompared(name, why) for name, why in sorted(reasons.items()) if why]
    return {name for name, why in reasons.items() if not why}, apart


def _together_since(began: Mapping[str, datetime]) -> datetime:
    """From when on a source hears all that it hears: a competitor may have been added later."""
    first, last = min(began.values(), default=ALWAYS), max(began.values(), default=ALWAYS)
    return last if last - first > TOGETHER else ALWAYS


def _said(
    session: Session,
    name: str,
    brand: Brand,
    compared: Collection[str],
    ours: Collection[int],
    *,
    since: datetime,
    until: datetime,
) -> list[Opinion]:
    apart = stored.unlike(session, name, since=since, until=until, languages=brand.languages)
    heard = opinions.opinions(
        session, name, since=since, until=until, left_out=ours, sources=compared
    )
    return [one for one in heard if (one.source, one.external_id) not in apart]


def _counts(session: Session, sides: Sequence[TrackedBrand], day: date) -> Iterator[NetworkCount]:
    """What networks count themselves, of the seven days up to this one that all sides have."""
    since, until = day + timedelta(days=1 - COUNTED_DAYS), day + timedelta(days=1)
    names = [one.name for one in sides]
    found = network_counts.by_day(session, names, since=since, until=until)
    for source in sorted({source for source, _ in found}):
        days = set.intersection(*(set(found.get((source, name), ())) for name in names))
        for name in names if days else ():
            posts = sum(found[source, name][one] for one in days)
            yield NetworkCount(source, name, posts, min(days), max(days) + timedelta(days=1))

"""Sets the NPS proxy of a day right by what customers answered until then."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from domain.clock import local_day, midnight
from domain.reputation import NpsProxy
from domain.survey import Tally, group
from earshot.config.model import Config
from reputation.nps_calibration import MOST_MONTHS, Calibrated, Month, Pair, by_months, by_pairs
from reputation.nps_proxy import WINDOW, classes
from reputation.voices import Voices
from storage import linked_voices, segments, snapshots, surveys

# A month's proxy that was measured when its answers were imported, where no day of it is published.
MEASURED = "nps_month"
NEVER_ORDERED = "never ordered"

_NPS = TypeAdapter(NpsProxy)


def calibrated(
    session: Session, proxy: NpsProxy, people: Voices, config: Config, *, until: datetime
) -> NpsProxy:
    """The proxy as the answers before `until`, its day's end, have it; as it is without enough.

    people: the persons it rests on. Months come first, pairs of person and answer last.
    """
    if proxy.value is None or surveys.span(session, proxy.brand) is None:
        return proxy
    by_line = by_survey(session, proxy, config, until=until)
    if by_line is not None:
        return by_line
    return _set(proxy, _by_pairs(session, proxy.brand, people, until=until)) or proxy


def by_survey(
    session: Session, proxy: NpsProxy, config: Config, *, until: datetime
) -> NpsProxy | None:
    """The proxy as the months before `until` have it; None: they are too few."""
    seen = months(session, proxy.brand, config, until=until, model=proxy.model)
    return _set(proxy, by_months(seen, tally_of(proxy)))


def _set(proxy: NpsProxy, found: Calibrated | None) -> NpsProxy | None:
    if found is None:
        return None
    return replace(
        proxy,
        value=found.value,
        low=found.low,
        high=found.high,
        calibration=found.state,
        before_errors=False,
    )


def read(payload: Mapping[str, object]) -> NpsProxy:
    """A proxy as it was published."""
    return _NPS.validate_python(payload)


def tally_of(proxy: NpsProxy) -> Tally:
    return Tally(proxy.promoters, proxy.passives, proxy.detractors)


def months(
    session: Session, brand: str, config: Config, *, until: datetime, model: str
) -> list[Month]:
    """The months that were over at `until`, with what was answered and what was said in public.

    Only those whose proxy is by the same model: another one is wrong in another way.
    """
    asked = surveys.span(session, brand)
    if asked is None:
        return []
    every = [
        one
        for one in months_between(local_day(asked[0], config.tz), local_day(asked[1], config.tz))
        if midnight(after(one), config.tz) <= until
    ][-MOST_MONTHS:]
    proxies = last_of_months(session, brand, every)
    return [
        Month(one, answered(session, brand, one, config), tally_of(proxies[one]))
        for one in every
        if one in proxies and proxies[one].model in ("", model)
    ]


def answered(session: Session, brand: str, month: date, config: Config) -> Tally:
    """What was answered in a month of the configured zone."""
    since, until = midnight(month, config.tz), midnight(after(month), config.tz)
    return surveys.tally(session, brand, since=since, until=until)


def last_of_months(session: Session, brand: str, every: Iterable[date]) -> dict[date, NpsProxy]:
    """The proxy of the last day of each month that was published, else the one measured for it.

    What an earlier release published counts accounts, so it is none.
    """
    wanted = sorted(every)
    found: dict[date, NpsProxy] = {}
    if not wanted:
        return found
    for kind in (MEASURED, "nps"):
        for row in snapshots.trend(session, brand, kind, since=wanted[0], until=after(wanted[-1])):
            proxy = read(row.payload)
            if proxy.n_persons:
                found[row.day.replace(day=1)] = proxy
    return {month: found[month] for month in wanted if month in found}


def months_between(first: date, last: date) -> Iterator[date]:
    """The first days of the months from one day's to the other's."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = after(month)


def after(month: date) -> date:
    """The first day of the next month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


# --- persons who answered and spoke ---------------------------------------------------------------


def _by_pairs(
    session: Session, brand: str, people: Voices, *, until: datetime
) -> Calibrated | None:
    newest = surveys.of_customers(session, brand, since=until - WINDOW, until=until + WINDOW)
    spoke = groups_of_customers(session, people)
    placed = segment_of(session, {*spoke, *(one.person_id for one in newest)})
    pairs = [
        Pair(placed[one.person_id], group(one.score), spoke[one.person_id])
        for one in newest
        if one.person_id in spoke
    ]
    return by_pairs(
        pairs,
        [(placed[person_id], stance) for person_id, stance in spoke.items()],
        Counter(placed[one.person_id] for one in newest),
    )


def groups_of_customers(session: Session, people: Voices) -> dict[int, int]:
    """The class of each linked customer who spoke, by person."""
    found = classes(people)
    numbers = {
        int(number): int(one)
        for number, one, known in zip(people.person, found, people.is_customer, strict=True)
        if known
    }
    whose = linked_voices.customers(session, numbers.keys())
    return {person_id: numbers[number] for number, person_id in whose.items()}


def segment_of(session: Session, person_ids: Iterable[int]) -> Mapping[int, str]:
    """The segment of each of these persons, as they were valued last."""
    ids = set(person_ids)
    known = segments.of(session, ids)
    return {one: str(known.get(one, NEVER_ORDERED)) for one in ids}

"""What customers answered beside what is said in public: month by month, and by segment."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt

from sqlalchemy.orm import Session

from domain.clock import local_day, midnight
from domain.reputation import NpsProxy
from domain.survey import Tally, group
from domain.valuation import Segment
from earshot.config.model import Config
from earshot.core.app import App
from earshot.reporting import nps_calibration as calibration
from earshot.reporting.measure import end_of, last_whole_day, nps_of
from earshot.reporting.published import kept
from reputation.nps_calibration import MIN_ANSWERS, MOST_MONTHS, Line, line
from reputation.nps_proxy import FORMULA, MIN_PERSONS, WINDOW, Z_95, adjusted_wald, variance
from reputation.voices import voices
from storage import metrics, opinions, snapshots, surveys
from storage.snapshots import Snapshot

REVISED = 7  # days before the last one: so it compares with that of a week before
MIN_SHOWN = MIN_PERSONS  # answers or persons below which there is no number, on purpose


@dataclass(frozen=True, slots=True)
class Figure:
    """A net share of promoters. Below 30 there is none."""

    n: int
    value: float | None
    low: float | None  # adjusted Wald, 95 %
    high: float | None


@dataclass(frozen=True, slots=True)
class Beside:
    """What was answered beside what was said in public, before it was set right by any of this."""

    nps: Figure
    proxy: Figure
    difference: float | None  # NPS less proxy; None: one of them is too few
    low: float | None  # its 95 % interval
    high: float | None


@dataclass(frozen=True, slots=True)
class MonthBeside:
    month: date  # its first day
    is_over: bool
    proxy_on: (
        date | None
    )  # the day of the proxy: the last of the month there is; None: there is none
    beside: Beside


@dataclass(frozen=True, slots=True)
class SegmentBeside:
    segment: str
    beside: Beside


def figure(of: Tally) -> Figure:
    if of.n < MIN_SHOWN:
        return Figure(of.n, None, None, None)
    low, high = adjusted_wald(of.promoters, of.detractors, of.n)
    return Figure(of.n, of.net, low, high)


def beside(answers: Tally, spoke: Tally) -> Beside:
    nps, proxy = figure(answers), figure(spoke)
    if nps.value is None or proxy.value is None:
        return Beside(nps, proxy, None, None, None)
    apart = nps.value - proxy.value
    half = Z_95 * sqrt(variance(answers) + variance(spoke))
    return Beside(nps, proxy, apart, apart - half, apart + half)


def by_month(session: Session, brand: str, config: Config, *, now: datetime) -> list[MonthBeside]:
    """Every month from the first answer to the last, oldest first; none without answers."""
    asked = surveys.span(session, brand)
    if asked is None:
        return []
    every = list(
        calibration.months_between(local_day(asked[0], config.tz), local_day(asked[1], config.tz))
    )
    proxies = calibration.last_of_months(session, brand, every)
    return [_month(session, brand, one, proxies.get(one), config, now=now) for one in every]


def _month(
    session: Session,
    brand: str,
    month: date,
    proxy: NpsProxy | None,
    config: Config,
    *,
    now: datetime,
) -> MonthBeside:
    spoke = calibration.tally_of(proxy) if proxy is not None else Tally(0, 0, 0)
    return MonthBeside(
        month=month,
        is_over=midnight(calibration.after(month), config.tz) <= now,
        proxy_on=proxy.date if proxy is not None else None,
        beside=beside(calibration.answered(session, brand, month, config), spoke),
    )


def line_of(session: Session, brand: str, config: Config, *, day: date, model: str) -> Line | None:
    """NPS = a + b x proxy, as the months before a day's end have it; None: they are too few."""
    until = end_of(day, config)
    return line(calibration.months(session, brand, config, until=until, model=model))


def by_segment(session: Session, brand: str, config: Config, *, day: date) -> list[SegmentBeside]:
    """The newest answer of each customer in the 90 days that end with the day, by their segment.

    Beside it what the linked customers of the segment say in public. Best customers first.
    """
    until = end_of(day, config)
    since = until - WINDOW
    newest = surveys.of_customers(session, brand, since=since, until=until)
    if not newest:
        return []
    heard = opinions.opinions(session, brand, since=since, until=until)
    spoke = calibration.groups_of_customers(session, voices(heard, since=since, until=until))
    placed = calibration.segment_of(session, {*spoke, *(one.person_id for one in newest)})
    answers = _by_segment({one.person_id: group(one.score) for one in newest}, placed)
    public = _by_segment(spoke, placed)
    order = [*map(str, reversed(Segment)), calibration.NEVER_ORDERED]
    return [
        SegmentBeside(one, beside(answers[one], public.get(one, Tally(0, 0, 0))))
        for one in order
        if one in answers
    ]


def _by_segment(groups: Mapping[int, int], placed: Mapping[int, str]) -> dict[str, Tally]:
    counts = Counter((placed[person_id], one) for person_id, one in groups.items())
    return {
        segment: Tally(*(counts[segment, one] for one in (1, 0, -1)))
        for segment in {segment for segment, _ in counts}
    }


def measure_months(
    app: App, brand: str, *, now: datetime, tell: Callable[[date], None] = lambda _: None
) -> int:
    """Keep the proxy of the last day of each month with enough answers of which none is published.

    So that answers of before Earshot was there, or before its days were of persons, can be learned
    from. What rests on the same posts as before is not measured again. How many months were.
    """
    config = app.config
    with app.database.read() as session:
        wanted = _unpublished(session, brand, config, now=now)
    done = 0
    for month in wanted:
        day = calibration.after(month) - timedelta(days=1)
        with app.database.read() as session:
            watermark = metrics.listed_until(session, brand, end_of(day, config))
            before = snapshots.latest(session, brand, day, calibration.MEASURED)
            if before is not None and before.watermark == watermark:
                continue
            tell(month)
            proxy = nps_of(session, brand, day, config)
        done += 1
        snapshot = Snapshot(
            *(brand, day, calibration.MEASURED, config.top.timezone, FORMULA, kept(proxy)),
            watermark=watermark,
        )
        with app.database.begin() as session:
            snapshots.publish(session, snapshot, now=now)
    return done


def set_right(app: App, brand: str, *, now: datetime) -> int:
    """Publish what answers that came say of the last days, as revisions; of how many days.

    What the days rest on stays as it was published. Only months do that: pairs are found
    when a day is measured.
    """
    config, done = app.config, 0
    last = last_whole_day(now, config)
    for back in range(REVISED, -1, -1):
        day = last - timedelta(days=back)
        with app.database.read() as session:
            stored = snapshots.latest(session, brand, day, "nps")
            if stored is None or not stored.payload.get("n_persons"):
                continue
            before = calibration.read(stored.payload)
            after = calibration.by_survey(session, before, config, until=end_of(day, config))
        if after is None or after == before:
            continue
        done += 1
        snapshot = Snapshot(
            *(brand, day, stored.kind, stored.timezone, stored.formula, kept(after)),
            watermark=stored.watermark,
            reason="answers of a survey were imported",
        )
        with app.database.begin() as session:
            snapshots.publish(session, snapshot, now=now)
    return done


def _unpublished(session: Session, brand: str, config: Config, *, now: datetime) -> list[date]:
    """The months that are over, have enough answers, and of which no day of persons is published.

    Those of before anything was said of the brand are none.
    """
    asked = surveys.span(session, brand)
    begun = metrics.first_published_at(session, brand)
    if asked is None or begun is None:
        return []
    first, last = (local_day(at, config.tz) for at in (max(asked[0], begun), asked[1]))
    every = list(calibration.months_between(first, last))[-MOST_MONTHS:]
    if not every:
        return []
    since, until = every[0], calibration.after(every[-1])
    published = {
        row.day.replace(day=1)
        for row in snapshots.trend(session, brand, "nps", since=since, until=until)
        if row.payload.get("n_persons")
    }
    return [
        one
        for one in every
        if one not in published
        and midnight(calibration.after(one), config.tz) <= now
        and calibration.answered(session, brand, one, config).n >= MIN_ANSWERS
    ]

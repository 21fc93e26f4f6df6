"""Reputation: the score with what it is made of and its trend, and the NPS-proxy."""

from datetime import date, timedelta

from alerts.digest import words
from alerts.escape import cut, one_line
from alerts.letters import up_first
from domain.digest import Digest
from domain.elements import Bar, Bars, Column, Element, Gauge, Section, Trend
from domain.network import Networks
from domain.reputation import NpsProxy, Part, Reputation

TREND_DAYS = 28
COLUMNS = (
    Column("Value", "value", 7),
    Column("Weight", "x", 4),
    Column("Points", "=", 5, strong=True),
    Column("n", "n", 6),
)
Points = tuple[tuple[date, float | None], ...]


def reputation(digest: Digest, _networks: Networks) -> tuple[Element, ...]:
    now = digest.reputation
    points = _trend(digest.reputation_trend)
    elements: tuple[Element, ...] = (
        _score(now, digest.reputation_before),
        *([_made_of(now)] if now.parts and now.score is not None else []),
        Trend("Score by day", points, _trend_summary(points)),
        _nps(digest.nps, digest.nps_before),
    )
    return (Section("Reputation", elements),)


def _score(now: Reputation, before: Reputation | None) -> Gauge:
    value = "" if now.score is None else words.score(now.score)
    interval = words.interval(words.score, now.low, now.high)
    return Gauge(
        name="Score of 100",
        value=value,
        unit="of 100",
        interval=interval,
        missing=f"{_insufficient(now.n_authors)}: a number on so few voices would be chance",
        basis=words.many(now.n_authors, "author"),
        change=words.changed(now, before),
        note="",
        scale=(0, 100),
        low=now.low,
        at=now.score,
        high=now.high,
        spoken=f"Reputation {value} on a scale from 0 to 100, interval {interval}",
    )


def _nps(now: NpsProxy, before: NpsProxy | None) -> Gauge:
    value = "" if now.value is None else words.signed(now.value)
    interval = words.interval(words.signed, now.low, now.high)
    return Gauge(
        name="NPS-proxy",
        value=value,
        unit="",
        interval=interval,
        missing=_insufficient(now.n_authors),
        basis=f"{words.many(now.n_authors, 'author')}, {cut(one_line(now.calibration), 60)}",
        change=words.changed(now, before),
        note=f"{_split(now)}. Not NPS: nobody was asked.",
        scale=(-100, 100),
        low=now.low,
        at=now.value,
        high=now.high,
        spoken=f"NPS-proxy {value} on a scale from minus 100 to plus 100, interval {interval}",
    )


def _insufficient(authors: int) -> str:
    return f"insufficient ({words.number(authors)} of {words.AT_LEAST} authors)"


def _split(nps: NpsProxy) -> str:
    promoters = words.many(nps.promoters, "promoter")
    passives = words.many(nps.passives, "passive")
    return f"{promoters}, {passives}, {words.many(nps.detractors, 'detractor')}"


def _made_of(now: Reputation) -> Bars:
    known = sum(part.value is not None for part in now.parts)
    title = f"Made of {known} of {words.many(len(now.parts), 'part')}"
    return Bars(title, COLUMNS, tuple(map(_part, now.parts)))


def _part(part: Part) -> Bar:
    known = part.value is not None
    cells = (
        "missing" if part.value is None else words.score(part.value),
        words.percent(part.weight) if known else "",
        words.score(part.contribution) if known else "",
        words.number(part.n),
    )
    return Bar(up_first(one_line(part.name)), part.value, cells, one_line(part.note))


def _trend(stored: Points) -> Points:
    """The last four weeks of stored scores, one entry a calendar day; () before the second one."""
    known = dict(stored)
    with_score = [value for value in known.values() if value is not None]
    if not with_score[1:]:
        return ()
    last = max(known)
    days = [last - timedelta(days=back) for back in range(TREND_DAYS - 1, -1, -1)]
    return tuple((day, known.get(day)) for day in days)


def _trend_summary(points: Points) -> str:
    """The chart in a sentence: its lowest and its highest day."""
    known = [(value, day) for day, value in points if value is not None]
    if not known:
        return "No trend yet: it takes scores of two days."
    (low, low_day), (high, high_day) = min(known), max(known)
    lowest = f"Lowest {words.score(low)} on {words.day(low_day)}"
    return f"{lowest}, highest {words.score(high)} on {words.day(high_day)}."

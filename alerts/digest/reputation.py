"""Reputation: the score with what it is made of and its trend, and the NPS-proxy."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from alerts.digest import beside, comparing, words
from alerts.escape import cut, one_line
from alerts.letters import up_first
from domain.digest import Digest
from domain.elements import Bar, Bars, Column, Element, Gauge, Mark, Section, Trend
from domain.network import Networks
from domain.reputation import BEFORE_ERRORS, NpsProxy, Part, Reputation

TREND_DAYS = 28
COLUMNS = (
    Column("Value", "value", 7),
    Column("Weight", "x", 4),
    Column("Points", "=", 5, strong=True),
    Column("n", "n", 6),
)
NAME = 60  # characters of a name
Points = tuple[tuple[date, float | None], ...]


def reputation(digest: Digest, networks: Networks) -> tuple[Element, ...]:
    """As a channel shows it: what else is to be known of the score in two sentences."""
    note = " ".join((*comparing.sentences(digest, most=1), *beside.sentences(digest.reputation)))
    numbers = (*_numbers(digest, note), *beside.stars(digest.reputation, networks))
    return (Section("Reputation", (*numbers, _nps(digest))),)


def mail_reputation(digest: Digest, networks: Networks) -> tuple[Element, ...]:
    """The same with all that stands beside the score."""
    note = " ".join(comparing.sentences(digest, most=5))
    numbers = (*_numbers(digest, note), *beside.panels(digest, networks))
    return (Section("Reputation", (*numbers, _nps(digest))),)


def _numbers(digest: Digest, note: str) -> Iterator[Element]:
    now = digest.reputation
    yield _score(digest, note)
    if now.parts and now.score is not None:
        yield _made_of(now)
    yield _trend(digest)


def _score(digest: Digest, note: str) -> Gauge:
    now = digest.reputation
    value = "" if now.score is None else words.score(now.score)
    interval = words.interval(words.score, now.low, now.high)
    final = _final(digest)
    return Gauge(
        name="Score of 100",
        value=value,
        unit="of 100",
        interval=interval,
        missing=", ".join((_too_few(now), *final)),
        basis=", ".join((*final, words.voices_of(now), _errors(now))),
        change=comparing.changed(digest),
        note=note,
        scale=(0, 100),
        low=now.low,
        at=now.score,
        high=now.high,
        spoken=f"Reputation {value} on a scale from 0 to 100, interval {interval}",
    )


def _final(digest: Digest) -> tuple[str, ...]:
    """What is said of numbers that may change before they are published."""
    return ("not final",) if digest.not_final else ()


def _errors(now: Reputation) -> str:
    """Whether the model's own errors are in the number."""
    if not now.labelled:
        return BEFORE_ERRORS
    return f"corrected by {words.many(now.labelled, 'label')}"


def _nps(digest: Digest) -> Gauge:
    now, final = digest.nps, _final(digest)
    value = "" if now.value is None else words.signed(now.value)
    interval = words.interval(words.signed, now.low, now.high)
    calibration = cut(one_line(now.calibration), NAME)
    errors = (BEFORE_ERRORS,) if now.before_errors else ()
    return Gauge(
        name="NPS-proxy",
        value=value,
        unit="",
        interval=interval,
        missing=", ".join((_insufficient(words.voices(now)), *final)),
        basis=", ".join((*final, words.voices_of(now), calibration, *errors)),
        change=words.proxy_changed(now, digest.nps_before),
        note=f"{_split(now)}. Not NPS: nobody was asked.",
        scale=(-100, 100),
        low=now.low,
        at=now.value,
        high=now.high,
        spoken=f"NPS-proxy {value} on a scale from minus 100 to plus 100, interval {interval}",
    )


def _too_few(now: Reputation) -> str:
    return f"{_insufficient(words.voices(now))}: a number on so few voices would be chance"


def _insufficient(persons: int) -> str:
    return f"insufficient ({words.number(persons)} of {words.AT_LEAST} persons)"


def _split(nps: NpsProxy) -> str:
    promoters = words.many(nps.promoters, "promoter")
    passives = words.many(nps.passives, "passive")
    return f"{promoters}, {passives}, {words.many(nps.detractors, 'detractor')}"


def _made_of(now: Reputation) -> Bars:
    known = sum(part.value is not None for part in now.parts)
    title = f"Made of {known} of {words.many(len(now.parts), 'part')}"
    return Bars(title, COLUMNS, tuple(_part(part, now) for part in now.parts))


def _part(part: Part, now: Reputation) -> Bar:
    known = part.value is not None
    cells = (
        "missing" if part.value is None else words.score(part.value),
        words.percent(part.weight) if known else "",
        words.score(part.contribution) if known else "",
        words.number(part.n),
    )
    name = up_first(one_line(part.name))
    if part.name == "response" and now.answer_yardstick is not None:
        name = f"{name} within {words.within(now.answer_yardstick)}"
    interval = words.interval(words.score, part.low, part.high)
    note = one_line(part.note) or (f"95% interval {interval}" if interval else "")
    return Bar(name, part.value, cells, note)


def _trend(digest: Digest) -> Trend:
    points = _points(digest.reputation_trend)
    marks = _marks(digest, points)
    known = {day: (low, high) for day, low, high in digest.trend_intervals}
    return Trend(
        "Score by day",
        points,
        _trend_summary(points, marks),
        marks=marks,
        band=tuple(known.get(day) for day, _ in points) if known else (),
        caption=_caption(digest, points),
    )


def _points(stored: Points) -> Points:
    """The last four weeks of stored scores, one entry a calendar day; () before the second one."""
    known = dict(stored)
    with_score = [value for value in known.values() if value is not None]
    if not with_score[1:]:
        return ()
    last = max(known)
    days = [last - timedelta(days=back) for back in range(TREND_DAYS - 1, -1, -1)]
    return tuple((day, known.get(day)) for day in days)


def _marks(digest: Digest, points: Points) -> tuple[Mark, ...]:
    """One for each day of the chart with which something changed."""
    drawn = {day for day, _ in points}
    changes = [one for one in digest.trend_changes if one.day in drawn]
    marks = []
    for day in sorted({one.day for one in changes}):
        found = [one for one in changes if one.day == day]
        told, breaks = "; ".join(one_line(one.what) for one in found), any(o.breaks for o in found)
        until = "; the days before do not compare" if breaks else ""
        marks.append(Mark(day, f"{words.day(day)}: {told}{until}", breaks))
    return tuple(marks)


def _trend_summary(points: Points, marks: Sequence[Mark]) -> str:
    """The chart in a sentence: its lowest and its highest day, of those that compare with today."""
    start = max((mark.day for mark in marks if mark.breaks), default=date.min)
    known = [(value, day) for day, value in points if value is not None and day >= start]
    if not known:
        return "No trend yet: it takes scores of two days."
    (low, low_day), (high, high_day) = min(known), max(known)
    lowest = f"Lowest {words.score(low)} on {words.day(low_day)}"
    return f"{lowest}, highest {words.score(high)} on {words.day(high_day)}."


def _caption(digest: Digest, points: Points) -> str:
    return "" if not points or digest.reputation.labelled else up_first(f"{BEFORE_ERRORS}.")

"""Answers: how many came in time, what has none yet, and how long they took."""

from datetime import timedelta

from alerts.digest import words
from domain.digest import Digest
from domain.elements import Column, Element, Gauge, Section, Table, Tile, Tiles
from domain.network import Networks
from domain.reputation import ResponseTimes


def answers(digest: Digest, _networks: Networks) -> tuple[Element, ...]:
    times = digest.response
    elements: tuple[Element, ...] = (
        _in_time(times),
        _open(times),
        *([_times(times)] if times.needed else []),
    )
    return (Section("Answers", elements),)


def _in_time(times: ResponseTimes) -> Gauge:
    share = times.attainment
    value = "" if share is None else words.percent(share)
    interval = words.interval(words.percent, times.attainment_low, times.attainment_high)
    answered = words.number(times.answered)
    return Gauge(
        name="In time",
        value=value,
        unit="in time",
        interval=interval,
        missing="nothing was due, so there is no share in time",
        basis=f"{words.number(times.in_time)} of {words.number(times.due)} due",
        change="",
        note=f"{words.many(times.needed, 'mention')} needed an answer, {answered} got one.",
        scale=(0, 100),
        low=_hundred(times.attainment_low),
        at=_hundred(share),
        high=_hundred(times.attainment_high),
        spoken=f"In time {value}, interval {interval}",
        sign="%",
    )


def _open(times: ResponseTimes) -> Tiles:
    return Tiles(
        (
            Tile("Overdue", words.number(times.overdue), "unanswered"),
            Tile("Oldest", words.waited(times.oldest_open, "none"), "unanswered"),
            Tile("Pending", words.number(times.pending), "not due yet"),
            Tile("Elsewhere", words.number(times.elsewhere), "answered, as somebody says"),
        )
    )


def _times(times: ResponseTimes) -> Table:
    return Table(
        "Time to an answer",
        (
            Column(f"among the answered ({words.number(times.answered)})"),
            Column(f"with those still waiting ({words.number(times.needed)})", strong=True),
        ),
        (
            ("Half within (p50)", _pair(times, times.answered_p50, times.km_p50)),
            ("Nine in ten within (p90)", _pair(times, times.answered_p90, times.km_p90)),
        ),
    )


def _pair(
    times: ResponseTimes, answered: timedelta | None, everyone: timedelta | None
) -> tuple[str, str]:
    """A percentile among the answered, and with those still waiting counted as waiting."""
    few = f"fewer than {words.PERCENTILES_FROM}"
    never = "not reached" if times.needed >= words.PERCENTILES_FROM else few
    return words.waited(answered, few), words.waited(everyone, never)


def _hundred(share: float | None) -> float | None:
    return None if share is None else 100 * share

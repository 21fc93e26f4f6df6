"""Mentions: how many a day, in what tone, and how much of the days was covered."""

from collections.abc import Sequence
from datetime import timedelta

from alerts.digest import words
from domain.digest import (
    Digest,
)
from domain.elements import Column, Element, Section, Table, Volume
from domain.network import Networks
from domain.volume import DayVolume

FULLY = 0.99  # a quarter of an hour of a day may be missing: a pass is rarely on the minute
COLUMNS = (
    Column("All", strong=True),
    Column("Negative"),
    Column("Neutral"),
    Column("Positive"),
    Column("Unsure"),
    Column("Not scored"),
)


def mentions(digest: Digest, _networks: Networks) -> tuple[Element, ...]:
    summary, any_at_all = _volume(digest), any(one.total for one in digest.days)
    chart = Volume("Mentions by day and tone", digest.days, summary)
    return (Section("Mentions", (chart, _week(digest.days)) if any_at_all else (), summary),)


def _week(days: Sequence[DayVolume]) -> Table:
    return Table("The last week", COLUMNS, tuple(map(_row, days[:-8:-1])), detail=True)


def _row(one: DayVolume) -> tuple[str, tuple[str, ...]]:
    counts = (one.total, one.negative, one.neutral, one.positive, one.unsure, one.unscored)
    return words.day(one.date), tuple(map(words.number, counts))


def _volume(digest: Digest) -> str:
    if not digest.days or not any(one.total for one in digest.days):
        return " ".join(filter(None, ("No mentions in these days.", _heard(digest.days))))
    reported = words.day(digest.date - timedelta(days=1))
    last, usual = digest.days[-1], words.usual_total(digest.days)
    tones = [
        f"{words.number(last.negative)} negative",
        f"{words.number(last.neutral)} neutral",
        f"{words.number(last.positive)} positive",
        *([f"{words.number(last.unsure)} unsure"] if last.unsure else []),
        *([f"{words.number(last.unscored)} not scored"] if last.unscored else []),
    ]
    before = (
        "No usual day yet: it takes a week of mentions."
        if usual is None
        else f"A usual day has {words.number(round(usual))} (median of the days before)."
    )
    detail = f": {', '.join(tones)}" if last.total else ""
    sentences = (
        f"{reported}: {words.many(last.total, 'mention')}{detail}.",
        before,
        _heard(digest.days),
    )
    return " ".join(filter(None, sentences))


def _heard(days: Sequence[DayVolume]) -> str:
    """How much of these days was covered by the sources; "" if all of it was."""
    known = [one for one in days if one.heard is not None]
    partly = [one for one in known if one.heard is not None and one.heard < FULLY]
    if not partly:
        return ""
    last = known[-1]
    share = f", the last one to {int(100 * (last.heard or 0))}%" if last in partly else ""
    return f"Not heard in full on {len(partly)} of {words.many(len(known), 'day')}{share}."

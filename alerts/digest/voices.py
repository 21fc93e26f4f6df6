"""Share of voice: the brand beside its competitors."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from zoneinfo import ZoneInfo

from alerts.digest import words
from alerts.escape import cut, one_line
from domain.digest import Digest, Voice
from domain.elements import Bar, Bars, Column, Element, Section, Table, Text
from domain.network import Networks
from domain.reputation import BEFORE_ERRORS
from domain.share_of_voice import NetworkCount, ShareOfVoice, Side

TITLE = "Share of voice"
ALONE = "No competitor is watched, so there is nothing to compare with."
NAME = 24  # letters of a brand or a source in a sentence
REASON = 70  # letters of why a source is left out
SHOWN = 4  # names in a sentence
ROWS = 8  # sources that are left out
COLUMNS = (
    Column("Persons", "n", 6),
    Column("Share", "share", 5, strong=True),
    Column("95% interval", "95%", 11, detail=True),
    Column("Mentions", "all", 6, detail=True),
    Column("Negative", "neg", 12, detail=True),
)
NEGATIVE = f"negative: of the persons scored, {BEFORE_ERRORS}"


def voices(digest: Digest, networks: Networks) -> tuple[Element, ...]:
    found = digest.share_of_voice
    if found is None:
        return _of_mentions(digest)
    if not found.sides[1:]:
        return (Section(TITLE, (Text(ALONE),), detail=True),)
    bars = tuple(_bar(side, first=n == 0) for n, side in enumerate(found.sides))
    bars = (replace(bars[0], note=NEGATIVE), *bars[1:])
    beside = [
        *counted(found.counts, networks),
        *_later(digest, found, networks),
        *_left_out(found, networks),
    ]
    table = Table("In no share", (), tuple((one, ()) for one in beside), detail=True)
    elements: list[Element] = [Bars("Brand", COLUMNS, bars), *([table] if beside else [])]
    return (Section(TITLE, tuple(elements), " ".join(_lead(digest, found, networks))),)


def counted(counts: Sequence[NetworkCount], networks: Networks) -> Iterator[str]:
    """What each network counts itself, a sentence each."""
    for source, group in groupby(counts, key=lambda one: one.source):
        found = list(group)
        days = (found[0].until - found[0].since).days
        first, *others = found
        told = [f"{words.many(first.posts, 'post')} for {_short(first.name)}"]
        told += [f"{words.number(one.posts)} for {_short(one.name)}" for one in others[:SHOWN]]
        yield (
            f"{_short(networks.title_of(source))} itself counts {', '.join(told)} "
            f"({words.many(days, 'day')} from {words.day(found[0].since)})."
        )


def _lead(digest: Digest, found: ShareOfVoice, networks: Networks) -> Iterator[str]:
    on = [_short(networks.title_of(one)) for one in found.compared]
    told = on if len(on) <= SHOWN else [*on[:SHOWN], f"{len(on) - SHOWN} more"]
    window = f"The last {words.many(digest.window.days, 'day')}"
    yield f"{window}, on {words.listed(told)}." if on else f"{window}: no source hears all of them."
    if found.left_out:
        yield f"{words.many(len(found.left_out), 'source')} left out."
    if found.sides[0].share is None:
        persons = words.many(found.persons, "person")
        yield f"Insufficient: {persons}, a share takes {words.AT_LEAST}."


def _later(digest: Digest, found: ShareOfVoice, networks: Networks) -> Iterator[str]:
    for source, at in found.later[:ROWS]:
        on = words.instant(at, ZoneInfo(digest.timezone))
        yield f"{_short(networks.title_of(source))} before {on}, when it did not hear all of them"


def _left_out(found: ShareOfVoice, networks: Networks) -> Iterator[str]:
    for one in found.left_out[:ROWS]:
        reason = cut(one_line(one.reason), REASON)
        yield f"{_short(networks.title_of(one.source))} is left out: {reason}"
    more = len(found.left_out) - ROWS
    if more > 0:
        yield f"and {more} more"


def _bar(side: Side, *, first: bool) -> Bar:
    cells = (
        words.number(side.persons),
        "–" if side.share is None else words.percent(side.share),
        words.interval(words.percent, side.low, side.high),
        words.number(side.mentions),
        "–" if side.negative is None else f"{words.percent(side.negative)} of {side.scored:,}",
    )
    percent = None if side.share is None else 100 * side.share
    return Bar(one_line(side.name), percent, cells, first=first)


def _short(name: str) -> str:
    return cut(one_line(name), NAME)


# --- a digest of a release that counted mentions ----------------------------------------------


def _of_mentions(digest: Digest) -> tuple[Element, ...]:
    if not digest.voices[1:]:
        return (Section(TITLE, (Text(ALONE),), detail=True),)
    total = sum(voice.mentions for voice in digest.voices)
    bars = tuple(_mentions(voice, total, first=n == 0) for n, voice in enumerate(digest.voices))
    columns = (
        Column("Mentions", "n", 6),
        Column("Share", "share", 5, strong=True),
        Column("Negative", "neg", 4, detail=True),
        Column("Positive", "pos", 4, detail=True),
    )
    window = f"The last {words.many(digest.window.days, 'day')}"
    return (Section(TITLE, (Bars("Brand", columns, bars),), window),)


def _mentions(voice: Voice, total: int, *, first: bool) -> Bar:
    cells = (
        words.number(voice.mentions),
        words.ratio(voice.mentions, total),
        words.ratio(voice.negative, voice.mentions),
        words.ratio(voice.positive, voice.mentions),
    )
    percent = 100 * voice.mentions / total if total else 0.0
    return Bar(one_line(voice.name), percent, cells, first=first)

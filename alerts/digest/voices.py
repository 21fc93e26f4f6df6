"""Share of voice: the brand beside its competitors."""

from alerts.digest import words
from alerts.escape import one_line
from domain.digest import Digest, Voice
from domain.elements import Bar, Bars, Column, Element, Section, Text
from domain.network import Networks

TITLE = "Share of voice"
ALONE = "No competitor is watched, so there is nothing to compare with."
COLUMNS = (
    Column("Mentions", "n", 6),
    Column("Share", "share", 5, strong=True),
    Column("Negative", "neg", 4, detail=True),
    Column("Positive", "pos", 4, detail=True),
)


def voices(digest: Digest, _networks: Networks) -> tuple[Element, ...]:
    if not digest.voices[1:]:
        return (Section(TITLE, (Text(ALONE),), detail=True),)
    total = sum(voice.mentions for voice in digest.voices)
    bars = tuple(_bar(voice, total, first=n == 0) for n, voice in enumerate(digest.voices))
    window = f"The last {words.many(digest.window.days, 'day')}"
    return (Section(TITLE, (Bars("Brand", COLUMNS, bars),), window),)


def _bar(voice: Voice, total: int, *, first: bool) -> Bar:
    cells = (
        words.number(voice.mentions),
        words.ratio(voice.mentions, total),
        words.ratio(voice.negative, voice.mentions),
        words.ratio(voice.positive, voice.mentions),
    )
    percent = 100 * voice.mentions / total if total else 0.0
    return Bar(one_line(voice.name), percent, cells, first=first)

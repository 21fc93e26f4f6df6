"""What stands beside the score: who is in no number, what may lean on it, and each source alone."""

from collections.abc import Iterator

from alerts.digest import words
from alerts.escape import cut, one_line
from domain.digest import Digest
from domain.elements import Column, Element, Facts, Notes, Table
from domain.network import Networks
from domain.reputation import Reputation

HEARD_WELL = 0.95  # share of the window from which on it needs no word in a channel
YOUNG_MATTERS = 0.05  # points below which young accounts move nothing that is shown
LINE = 200  # characters of a sentence from elsewhere
ADDED = "ratings (with 7 of 3.5 added)"  # what docs/reputation.md adds to the stars


def sentences(now: Reputation) -> Iterator[str]:
    """What a channel has to know: each only where it is out of the ordinary."""
    if now.without_author.n:
        yield f"{_without_author(now)}."
    if now.young.n and abs(now.young.points or 0) >= YOUNG_MATTERS:
        yield f"{_young(now)}."
    if now.heard is not None and now.heard < HEARD_WELL:
        yield f"Heard {words.percent(now.heard)} of the time."
    if now.waiting:
        yield f"{words.many(now.waiting, 'post')} still to be scored."


def panels(digest: Digest, networks: Networks) -> Iterator[Element]:
    """All that stands beside the score; nothing of one that a former release computed."""
    now = digest.reputation
    if now.formula == words.OLD_FORMULA:
        return
    alone = tuple(
        (
            cut(networks.title_of(one.source), 40) + " alone",
            (
                "" if one.value is None else words.score(one.value),
                words.number(one.n),
                "" if one.heard is None else words.percent(one.heard),
            ),
        )
        for one in now.sources
    )
    if alone:
        columns = (Column("of 100", strong=True), Column("persons"), Column("heard"))
        yield Table("By source", columns, alone)
    yield from stars(now, networks)
    yield Facts(tuple(_facts(digest)))
    marks = [cut(one_line(mark), LINE) for mark in now.marks]
    if marks:
        yield Notes(tuple(marks))


def stars(now: Reputation, networks: Networks) -> Iterator[Element]:
    """The stars of review sites, which are no part of the score."""
    rows = tuple(
        (
            f"{cut(networks.title_of(one.source), 40)} stars",
            (f"{one.mean:.1f}", words.number(one.n)),
        )
        for one in now.stars
    )
    if rows:
        yield Table("Review sites", (Column("of 5", strong=True), Column(ADDED)), rows)


def _facts(digest: Digest) -> Iterator[tuple[str, str]]:
    now = digest.reputation
    if now.without_author.n:
        yield "In no number", _without_author(now)
    if now.young.n:
        yield "Young accounts", _young(now)
    if now.negative_reach:
        followers = words.many(now.negative_reach, "follower")
        yield "Negative reach", f"{followers} of those who are negative, together"
    if now.answer_yardstick is not None:
        yield "Yardstick", f"answered within {words.within(now.answer_yardstick)}"
    if now.heard is not None:
        heard = words.percent(now.heard)
        yield "Heard", f"{heard} of the {words.many(digest.window.days, 'day')}"
    if now.waiting or now.unscored:
        yield "Not scored", _unscored(now)


def _without_author(now: Reputation) -> str:
    posts, negative = now.without_author.n, now.without_author.negative
    return f"{words.many(posts, 'post')} without author, {words.ratio(negative, posts)} negative"


def _young(now: Reputation) -> str:
    of = f"{words.number(now.young.n)} of {words.many(now.n_persons, 'person')}"
    have = "has an account" if now.young.n == 1 else "have accounts"
    told = f"{of} {have} younger than 30 days"
    points = now.young.points
    if points is None:
        return told
    if abs(points) < YOUNG_MATTERS:
        return f"{told}: without them the score is the same"
    more = "less" if points > 0 else "more"
    return f"{told}: without them {words.score(abs(points))} points {more}"


def _unscored(now: Reputation) -> str:
    waiting = (f"{words.many(now.waiting, 'post')} still to be scored",) if now.waiting else ()
    never = (f"{words.many(now.unscored, 'post')} without a score",) if now.unscored else ()
    return ", ".join((*waiting, *never))

"""What moved a brand's score between two days, with the names of who and what moved it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from alerts.escape import cut, one_line
from domain.reputation import Comparison, Reputation
from earshot.config.model import Config
from earshot.reporting import measure, published
from reputation.compare import compare, in_tenths, likeness
from reputation.explain import Explanation, How, PersonDelta, StoryDelta, explanation
from reputation.influence import influences
from reputation.measured import Measured
from reputation.score import WINDOW
from storage import known_voices
from storage.known_voices import Known

ERASED = "no longer known"
_EXCERPT = 80  # characters of a story
_AUTHORS = 5  # of those who hold the score up or down most


@dataclass(frozen=True, slots=True)
class Mover:
    """Somebody, or all who are no longer known, and what they moved."""

    name: str
    n: int  # persons
    how: How | None  # None: of several
    was_customer: bool
    is_customer: bool
    before: float | None  # their stance, in [-1, 1]
    after: float | None
    points: float


@dataclass(frozen=True, slots=True)
class StoryMover:
    """A story, and what it moved."""

    story: int  # 0: what is of no story
    source: str  # of its first post that is still shown; "": there is none
    url: str
    excerpt: str
    n_before: int
    n_after: int
    points: float


@dataclass(frozen=True, slots=True)
class Account:
    """Why the score of a day is not what it was on an earlier one."""

    brand: str
    before: Reputation
    after: Reputation
    found: Explanation
    comparison: Comparison
    alike: float | None  # like for like in tenths that add up with the comparison's lines
    persons: Sequence[Mover] = field(default_factory=tuple)  # largest first
    stories: Sequence[StoryMover] = field(default_factory=tuple)
    authors: Sequence[tuple[str, float]] = field(default_factory=tuple)  # hold it up or down most


def account_of(
    session: Session, brand: str, then: date, day: date, config: Config, *, now: datetime
) -> Account:
    """From what is stored with both days; names are looked up in what is stored now."""
    before = published.measured_on(session, brand, then, config, now=now)
    after = published.measured_on(session, brand, day, config, now=now)
    known = known_voices.named(
        session,
        brand,
        {*map(int, before.voices.person), *map(int, after.voices.person)},
        since=measure.window_of(then, WINDOW, config)[0],
        until=measure.end_of(day, config),
    )
    found = explanation(before, after, known.same)
    heads = known_voices.heads(session, brand, [one.story for one in found.stories if one.story])
    alike, _ = in_tenths(
        likeness(before, after, known.same, draws=1), before.reputation, after.reputation
    )
    return Account(
        brand=brand,
        before=before.reputation,
        after=after.reputation,
        found=found,
        comparison=compare(before, after, known.same),
        alike=alike,
        persons=_movers(found.persons, known),
        stories=[_story(one, heads.get(one.story)) for one in found.stories],
        authors=_authors(after, known),
    )


def _movers(persons: Iterable[PersonDelta], known: Known) -> list[Mover]:
    """Whoever is no longer known is one of them together."""
    found: list[Mover] = []
    erased = Mover(ERASED, 0, None, False, False, None, None, 0.0)  # noqa: FBT003 - of several
    for one in persons:
        name = known.names.get(one.person)
        if name is None:
            erased = replace(erased, n=erased.n + 1, points=erased.points + one.points)
        else:
            facts = (one.was_customer, one.is_customer, one.before, one.after, one.points)
            found.append(Mover(name, 1, one.how, *facts))
    if erased.n:
        found.append(erased)
    return sorted(found, key=lambda one: -abs(one.points))


def _story(one: StoryDelta, head: known_voices.Head | None) -> StoryMover:
    counts = (one.n_before, one.n_after, one.points)
    if head is None:
        return StoryMover(one.story, "", "", "", *counts)
    return StoryMover(one.story, head.source, head.url, cut(one_line(head.text), _EXCERPT), *counts)


def _authors(day: Measured, known: Known) -> list[tuple[str, float]]:
    found = ((known.names.get(one.person, ERASED), one.points) for one in influences(day))
    return [pair for pair, _ in zip(found, range(_AUTHORS), strict=False)]


def account_json(found: Account) -> dict[str, Any]:
    """The contract's JSON: every view of the change, each of which adds up to `change`."""
    moved = found.found
    return {
        "brand": found.brand,
        "before": published.reputation_json(found.before),
        "after": published.reputation_json(found.after),
        "change": moved.change,
        "parts": [
            {
                "name": one.name,
                "delta": one.delta,
                "before": one.before,
                "after": one.after,
                "by_value": one.by_value,
                "by_weight": one.by_weight,
            }
            for one in moved.parts
        ],
        "persons": [asdict(one) for one in found.persons],
        "time": asdict(moved.time),
        "sources": [asdict(one) for one in moved.sources],
        "stories": [asdict(one) for one in found.stories],
        "response": moved.response,
        "weights": moved.weights,
        "rest": moved.rest,
        "comparison": {
            **asdict(found.comparison),
            "against": found.comparison.against.isoformat(),
            "lines": list(found.comparison.lines),
        },
        "authors": [{"author": who, "points": points} for who, points in found.authors],
    }

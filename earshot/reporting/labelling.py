"""The weekly sample of persons whose posts people label, and what it says of the model's error."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from math import prod
from statistics import fmean

from sqlalchemy.orm import Session

from domain.clock import local_day, midnight
from domain.reputation import Labelled
from domain.sentiment import Label
from earshot.config.model import Config
from earshot.core.app import App
from storage import labels, outbox
from storage.labels import Blind, Judged, Week

log = logging.getLogger(__name__)

PERSONS = 20  # a week and brand, or all where fewer wrote
ASKED_FOR = timedelta(weeks=4)  # what nobody has labelled by then is not asked for any more
COUNTS_FOR = timedelta(days=180)  # a label: opinion and language move on
PATIENCE = timedelta(days=1)  # so long after the week's end its scores are waited for

_VALUE = {Label.NEGATIVE: -1.0, Label.NEUTRAL: 0.0, Label.POSITIVE: 1.0}

# --- to draw --------------------------------------------------------------------------------------


def draw_due(app: App, *, now: datetime) -> int:
    """Draw the last whole week's persons of each brand, once; return how many were drawn."""
    return sum(_draw(app, brand.name, now=now) for brand in app.config.brands)


def _draw(app: App, brand: str, *, now: datetime) -> int:
    """Nobody has to wait for the persons to be found before they write."""
    week = monday_of(local_day(now, app.config.tz)) - timedelta(weeks=1)
    since = midnight(week, app.config.tz)
    until = midnight(week + timedelta(weeks=1), app.config.tz)
    with app.database.read() as session:
        if labels.is_drawn(session, brand, week):
            return 0
        if now < until + PATIENCE and labels.waits_for_scores(
            session, brand, since=since, until=until
        ):
            return 0
        wrote = labels.who_wrote(session, brand, week, since=since, until=until)
    drawn = wrote[:PERSONS]
    if not drawn:
        return 0
    with app.database.begin() as session:
        if labels.is_drawn(session, brand, week):
            return 0
        chance = len(drawn) / len(wrote)
        labels.draw(session, brand, week, drawn, probability=chance, now=now)
    log.info("labels drawn brand=%r week=%s persons=%d of=%d", brand, week, len(drawn), len(wrote))
    return len(drawn)


def monday_of(day: date) -> date:
    """The first day of its ISO week."""
    return day - timedelta(days=day.weekday())


def first_week(now: datetime, config: Config) -> date:
    """The oldest week whose posts are still asked for."""
    return monday_of(local_day(now - ASKED_FOR, config.tz))


def waiting(session: Session, brand: str, config: Config, *, now: datetime) -> list[Blind]:
    """The brand's posts that are to be labelled, in the order they are asked for."""
    return labels.waiting(session, brand, since=first_week(now, config))


def key_of(draw_id: int, mention_id: int) -> str:
    """The key of the message in which a post is offered to be labelled."""
    return f"label:{draw_id}:{mention_id}"


def give(
    session: Session, draw_id: int, mention_id: int, said: Label | None, *, by: str, now: datetime
) -> None:
    """Store what a person says of a post; None: nobody can tell. Its message says so from now on.

    Raises EarshotError when it is not asked for any more, or somebody was faster.
    """
    labels.give(session, draw_id, mention_id, said, by=by, now=now)
    _changed(session, draw_id, mention_id, now)


def take_back(session: Session, draw_id: int, mention_id: int, *, by: str, now: datetime) -> None:
    """Forget what this person said of a post: it is asked for again."""
    labels.take_back(session, draw_id, mention_id, by=by)
    _changed(session, draw_id, mention_id, now)


def _changed(session: Session, draw_id: int, mention_id: int, now: datetime) -> None:
    key = key_of(draw_id, mention_id)
    outbox.settled(session, key, now=now, why="labelled before it was sent")


# --- to correct by --------------------------------------------------------------------------------


def labelled(
    session: Session, brand: str, config: Config, *, until: datetime, model: str | None = None
) -> list[Labelled]:
    """The persons by whose labels of the 180 days before `until` the model can be corrected.

    model: None: the one in use.
    One who was drawn in several weeks is one person. Everybody stands for as many as had their
    chance of being labelled in at least one of the weeks in which they wrote: who writes every week
    is met more often, and is still one.
    """
    since = until - COUNTS_FOR
    found: defaultdict[int, list[Judged]] = defaultdict(list)
    for one in labels.judged(session, brand, since=since, until=until, model=model):
        found[one.person].append(one)
    if not found:
        return []
    chances = {
        one.week: _chance(one) for one in labels.weeks(session, brand, since=since, until=until)
    }
    wrote = _weeks_written(session, brand, found, config, since=min(chances))
    return [
        Labelled(
            predicted=fmean(one.polarity for one in theirs),
            truth=fmean(_VALUE[one.label] for one in theirs),
            weight=1 / (1 - prod(1 - chances[week] for week in wrote[person] if week in chances)),
        )
        for person, theirs in found.items()
    ]


def _chance(week: Week) -> float:
    """Of being drawn in that week and labelled, where not everybody who was drawn has a label."""
    return week.probability * week.labelled / week.drawn


def _weeks_written(
    session: Session,
    brand: str,
    found: Mapping[int, Sequence[Judged]],
    config: Config,
    *,
    since: date,
) -> dict[int, set[date]]:
    """The Mondays of the weeks in which each person wrote of the brand."""
    persons = {
        one.author_id: person
        for person, theirs in found.items()
        for one in theirs
        if one.author_id is not None
    }
    weeks = {person: {one.week for one in theirs} for person, theirs in found.items()}
    since_at = midnight(since, config.tz)
    for author_id, at in labels.wrote_at(session, brand, list(persons), since=since_at):
        weeks[persons[author_id]].add(monday_of(local_day(at, config.tz)))
    return weeks

"""Persons who are drawn at random each week, and what people say of their posts without the score.

These labels are no corrections: they change the tone of no post, or the sample would be its own
answer.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, update
from sqlalchemy.orm import Session

from domain.errors import EarshotError
from domain.listing import Role, Stage
from domain.sentiment import Label
from storage import effective_sentiment, opinions, sealing
from storage.sql import among, insert
from storage.tables import (
    SHOWN,
    LabelDrawRow,
    LabelPostRow,
    MentionBrandRow,
    MentionRow,
    ScoreRow,
)

MOST_POSTS = 5  # of one person: the newest

# --- to draw --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person who wrote of a brand in a week."""

    person: int  # the opaque number of domain.reputation.Opinion
    mention_ids: tuple[int, ...]  # of theirs, the newest first, at most MOST_POSTS


def who_wrote(
    session: Session, brand: str, week: date, *, since: datetime, until: datetime
) -> list[Somebody]:
    """Those who wrote of the brand in [since, until), in an order drawn at random for that week.

    It is the same whenever it is drawn in this database and its copies, and writing more does not
    move anybody forward. Posts that are not shown, hidden as noise or not scored count for nobody.
    """
    ids = _shown(session, brand, since=since, until=until)
    posts: defaultdict[int, list[int]] = defaultdict(list)
    for one in reversed(opinions.opinions(session, brand, since=since, until=until)):
        mention_id = ids.get((one.source, one.external_id))
        if one.person is not None and one.label is not None and mention_id is not None:
            posts[one.person].append(mention_id)
    mark = sealing.marker(session)
    order = {person: mark(f"draw:{brand}:{week}:{person}") for person in posts}
    return [
        Somebody(person, tuple(posts[person][:MOST_POSTS]))
        for person in sorted(posts, key=order.__getitem__)
    ]


def _shown(
    session: Session, brand: str, *, since: datetime, until: datetime
) -> dict[tuple[str, str], int]:
    rows = session.execute(
        select(MentionRow.source, MentionRow.external_id, MentionRow.id)
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(*_within(brand, since, until), MentionRow.standing.in_(SHOWN))
    )
    return {(source, post): mention_id for source, post, mention_id in rows}


def _within(brand: str, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        MentionBrandRow.brand == brand,
        MentionBrandRow.role == Role.BRAND,
        MentionBrandRow.hidden == "",
        MentionBrandRow.published_at >= since,
        MentionBrandRow.published_at < until,
    )


def waits_for_scores(session: Session, brand: str, *, since: datetime, until: datetime) -> bool:
    """Whether something of the brand in [since, until) is still to be scored."""
    waiting = select(MentionBrandRow.mention_id).where(
        *_within(brand, since, until), MentionBrandRow.stage == Stage.COLLECTED
    )
    return session.scalar(waiting.limit(1)) is not None


def is_drawn(session: Session, brand: str, week: date) -> bool:
    """Whether somebody was drawn of that week. week: its Monday."""
    found = select(LabelDrawRow.id).where(LabelDrawRow.brand == brand, LabelDrawRow.week == week)
    return session.scalar(found.limit(1)) is not None


def draw(
    session: Session,
    brand: str,
    week: date,
    drawn: Sequence[Somebody],
    *,
    probability: float,
    now: datetime,
) -> None:
    """Store who was drawn, once. probability: the chance that each of that week had."""
    for one in drawn:
        draw_id = session.scalar(
            insert(session, LabelDrawRow)
            .values(
                brand=brand, week=week, person=one.person, probability=probability, drawn_at=now
            )
            .on_conflict_do_nothing(index_elements=["brand", "week", "person"])
            .returning(LabelDrawRow.id)
        )
        if draw_id is None:
            continue
        session.execute(
            insert(session, LabelPostRow).on_conflict_do_nothing(),
            [
                {"draw_id": draw_id, "mention_id": mention_id, "label": None, "by": "", "at": None}
                for mention_id in one.mention_ids
            ],
        )


# --- to label -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Blind:
    """A post to be labelled, without what the model says of it."""

    draw_id: int
    mention_id: int
    brand: str
    week: date  # its Monday
    source: str
    text: str
    published_at: datetime
    lang: str | None


_POST: Select[*tuple[Any, ...]] = (
    select(
        LabelPostRow.draw_id,
        LabelPostRow.mention_id,
        LabelDrawRow.brand,
        LabelDrawRow.week,
        MentionRow.source,
        MentionRow.text,
        MentionRow.published_at,
        MentionRow.lang,
    )
    .join(LabelDrawRow, LabelDrawRow.id == LabelPostRow.draw_id)
    .join(MentionRow, MentionRow.id == LabelPostRow.mention_id)
    .where(
        MentionRow.standing.in_(SHOWN),
        exists().where(
            MentionBrandRow.mention_id == LabelPostRow.mention_id,
            MentionBrandRow.brand == LabelDrawRow.brand,
            MentionBrandRow.hidden == "",
        ),
    )
)


def waiting(session: Session, brand: str, *, since: date, limit: int | None = None) -> list[Blind]:
    """What nobody has looked at, of the weeks from `since` on: the newest week first.

    In a week, one person after the other. What was taken back or is hidden as noise is left out.
    """
    found = (
        _POST.where(
            LabelDrawRow.brand == brand, LabelDrawRow.week >= since, LabelPostRow.at.is_(None)
        )
        .order_by(LabelDrawRow.week.desc(), LabelPostRow.draw_id, LabelPostRow.mention_id)
        .limit(limit)
    )
    return [Blind(*row) for row in session.execute(found)]


def asked(session: Session, brand: str, *, since: date) -> list[tuple[int, int]]:
    """Draw and mention of every post that was drawn in the weeks from `since` on."""
    rows = session.execute(
        select(LabelPostRow.draw_id, LabelPostRow.mention_id)
        .join(LabelDrawRow, LabelDrawRow.id == LabelPostRow.draw_id)
        .where(LabelDrawRow.brand == brand, LabelDrawRow.week >= since)
    )
    return [(draw_id, mention_id) for draw_id, mention_id in rows]


def brand_of(session: Session, draw_id: int) -> str:
    """Of which brand somebody was drawn; "" when nobody was."""
    found = session.scalar(select(LabelDrawRow.brand).where(LabelDrawRow.id == draw_id))
    return found or ""


def post(session: Session, draw_id: int, mention_id: int) -> Blind | None:
    """A post that was drawn; None: it is not shown any more, or never was drawn."""
    found = _POST.where(LabelPostRow.draw_id == draw_id, LabelPostRow.mention_id == mention_id)
    row = session.execute(found).first()
    return None if row is None else Blind(*row)


@dataclass(frozen=True, slots=True)
class Given:
    """What a person has said of a post that was drawn."""

    label: Label | None  # None: it was skipped
    by: str
    at: datetime


def given(session: Session, draw_id: int, mention_id: int) -> Given | None:
    """None: nobody has looked at it."""
    row = session.execute(
        select(LabelPostRow.label, LabelPostRow.by, LabelPostRow.at).where(
            LabelPostRow.draw_id == draw_id, LabelPostRow.mention_id == mention_id
        )
    ).first()
    if row is None or row.at is None:
        return None
    return Given(Label(row.label) if row.label else None, row.by, row.at)


def give(
    session: Session, draw_id: int, mention_id: int, label: Label | None, *, by: str, now: datetime
) -> None:
    """Say what the post is to the brand; None: nobody can tell, so that it is not asked again.

    Raises EarshotError when it is not asked for, or somebody was faster.
    """
    done = session.execute(
        update(LabelPostRow)
        .where(
            LabelPostRow.draw_id == draw_id,
            LabelPostRow.mention_id == mention_id,
            LabelPostRow.at.is_(None),
        )
        .values(label=label, by=by, at=now)
        .returning(LabelPostRow.mention_id)
        .execution_options(synchronize_session=False)
    ).first()
    if done is not None:
        return
    other = given(session, draw_id, mention_id)
    if other is None:
        raise EarshotError("this post is not to be labelled any more: see earshot label --list")
    raise EarshotError(f"this post is labelled already, by {other.by}")


def take_back(session: Session, draw_id: int, mention_id: int, *, by: str) -> None:
    """Forget what this person said of a post: it is asked for again."""
    session.execute(
        update(LabelPostRow)
        .where(
            LabelPostRow.draw_id == draw_id,
            LabelPostRow.mention_id == mention_id,
            LabelPostRow.by == by,
        )
        .values(label=None, by="", at=None)
        .execution_options(synchronize_session=False)
    )


# --- to correct by --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judged:
    """A post with a person's label and the model's own score."""

    week: date
    person: int
    author_id: int | None  # None: it was deleted since
    label: Label
    polarity: float  # P(positive) - P(negative) by the model


def judged(
    session: Session, brand: str, *, since: datetime, until: datetime, model: str | None = None
) -> list[Judged]:
    """What was labelled in [since, until) and has a score of a model. model: None: the one in use.

    A person's correction of a post is not the model's word, so it is not taken for it.
    """
    rows = session.execute(
        select(
            LabelDrawRow.week,
            LabelDrawRow.person,
            MentionRow.author_id,
            LabelPostRow.label,
            ScoreRow.positive,
            ScoreRow.negative,
        )
        .join(LabelDrawRow, LabelDrawRow.id == LabelPostRow.draw_id)
        .join(MentionRow, MentionRow.id == LabelPostRow.mention_id)
        .join(
            ScoreRow,
            (ScoreRow.mention_id == LabelPostRow.mention_id)
            & (ScoreRow.brand == LabelDrawRow.brand),
        )
        .where(
            *_labelled(brand, since, until),
            ScoreRow.model == (model or effective_sentiment.current_model(session)),
            ScoreRow.label.is_not(None),
        )
        .order_by(LabelPostRow.draw_id, LabelPostRow.mention_id)
    )
    return [
        Judged(week, person, author_id, Label(label), good - bad)
        for week, person, author_id, label, good, bad in rows
        if label is not None
    ]


def _labelled(brand: str, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        LabelDrawRow.brand == brand,
        LabelPostRow.label.is_not(None),
        LabelPostRow.at >= since,
        LabelPostRow.at < until,
    )


@dataclass(frozen=True, slots=True)
class Week:
    """How a week's draw went."""

    week: date  # its Monday
    probability: float  # that each person of that week had of being drawn
    drawn: int
    labelled: int  # of the drawn: who has a label


def weeks(session: Session, brand: str, *, since: datetime, until: datetime) -> list[Week]:
    """The weeks of which somebody was labelled in [since, until), oldest first."""
    drawn = {
        week: (probability, count)
        for week, probability, count in session.execute(
            select(LabelDrawRow.week, func.max(LabelDrawRow.probability), func.count())
            .where(LabelDrawRow.brand == brand)
            .group_by(LabelDrawRow.week)
        )
    }
    labelled = session.execute(
        select(LabelDrawRow.week, func.count(LabelDrawRow.id.distinct()))
        .join(LabelPostRow, LabelPostRow.draw_id == LabelDrawRow.id)
        .where(*_labelled(brand, since, until))
        .group_by(LabelDrawRow.week)
        .order_by(LabelDrawRow.week)
    )
    return [Week(week, *drawn[week], count) for week, count in labelled]


def persons(session: Session, brand: str, *, since: datetime, until: datetime) -> int:
    """How many persons were labelled in [since, until), whatever the model says of them now."""
    found = session.scalar(
        select(func.count(LabelDrawRow.person.distinct()))
        .join(LabelPostRow, LabelPostRow.draw_id == LabelDrawRow.id)
        .where(*_labelled(brand, since, until))
    )
    return found or 0


def wrote_at(
    session: Session, brand: str, author_ids: Collection[int], *, since: datetime
) -> list[tuple[int, datetime]]:
    """When each of these authors wrote of the brand since then."""
    rows = session.execute(
        select(MentionRow.author_id, MentionBrandRow.published_at)
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(
            among(MentionRow.author_id, author_ids),
            MentionRow.is_repost.is_(False),
            MentionBrandRow.brand == brand,
            MentionBrandRow.role == Role.BRAND,
            MentionBrandRow.hidden == "",
            MentionRow.published_at >= since,
        )
    )
    return [(author_id, at) for author_id, at in rows if author_id is not None]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the labelling of a brand has come."""

    week: date | None  # the newest that was drawn, by its Monday; None: none was
    drawn: int  # persons of that week
    waiting: int  # posts of all weeks that are still asked for


def progress(session: Session, brand: str, *, since: date) -> Progress:
    """since: the oldest week that is still asked for."""
    week = session.scalar(select(func.max(LabelDrawRow.week)).where(LabelDrawRow.brand == brand))
    drawn = session.scalar(
        select(func.count())
        .select_from(LabelDrawRow)
        .where(LabelDrawRow.brand == brand, LabelDrawRow.week == week)
    )
    return Progress(week, drawn or 0, len(waiting(session, brand, since=since)))

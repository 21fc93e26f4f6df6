"""Reads what metrics are computed from: sentiments, volumes and authors of a brand over time."""

from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from domain.listing import Role
from domain.sentiment import UNREAD_LANGUAGE
from storage import effective_sentiment
from storage.tables import (
    MentionBrandRow,
    MentionRow,
)


class ScoredPost(NamedTuple):
    """One listing with the tone that counts, as volumes need it."""

    mention_id: int
    source: str
    author_id: int | None
    published_at: datetime
    negative: float
    positive: float
    label: str | None  # None: not scored, counts nowhere
    unsure: bool  # the label is a guess: the probabilities say so, a count of labels would not


def posts(session: Session, brand: str, *, since: datetime, until: datetime) -> list[ScoredPost]:
    """The brand's listings published in [since, until), oldest first.

    Own posts, plain reposts and what is hidden as noise are left out.
    """
    statement: Select[*tuple[Any, ...]] = (
        select(
            MentionRow.id,
            MentionRow.source,
            MentionRow.author_id,
            MentionBrandRow.published_at,
            effective_sentiment.NEGATIVE,
            effective_sentiment.POSITIVE,
            effective_sentiment.LABEL,
            effective_sentiment.UNSURE,
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(*_counted(brand, since, until), MentionRow.is_repost.is_(False))
        .order_by(MentionBrandRow.published_at, MentionBrandRow.mention_id)
    )
    # As the driver gives them: what a session would make of the rows takes as long as reading them.
    rows = session.connection().execute(effective_sentiment.with_tone(session, statement))
    return [ScoredPost(*row) for row in rows.all()]


def unread_languages(
    session: Session, brand: str, *, since: datetime, until: datetime
) -> list[tuple[str, int]]:
    """In which languages that the model does not read how many of `posts` are, most first."""
    statement: Select[*tuple[Any, ...]] = (
        select(effective_sentiment.REASON, func.count())
        .select_from(MentionBrandRow)
        .join(MentionRow, MentionRow.id == MentionBrandRow.mention_id)
        .where(*_counted(brand, since, until), MentionRow.is_repost.is_(False))
        .where(
            effective_sentiment.REASON.startswith(UNREAD_LANGUAGE),
            effective_sentiment.LABEL.is_(None),
        )
        .group_by(effective_sentiment.REASON)
    )
    found: Counter[str] = Counter()
    for reason, count in session.execute(effective_sentiment.with_tone(session, statement)):
        found[reason.removeprefix(UNREAD_LANGUAGE).partition(":")[0]] += count
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))


def _counted(brand: str, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    """What is said of the brand in [since, until): not by itself, and not hidden as noise."""
    return (
        MentionBrandRow.brand == brand,
        MentionBrandRow.role != Role.OWN,
        MentionBrandRow.published_at >= since,
        MentionBrandRow.published_at < until,
        MentionBrandRow.hidden == "",
    )


def by_source(session: Session, brand: str, *, since: datetime, until: datetime) -> dict[str, int]:
    """How many listings of the brand each source brought in [since, until).

    Own posts and what is hidden as noise are left out.
    """
    rows = session.execute(
        select(MentionRow.source, func.count())
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(*_counted(brand, since, until))
        .group_by(MentionRow.source)
        .order_by(MentionRow.source)
    )
    return dict(rows.all())


def span_of(session: Session, brand: str, author_id: int) -> tuple[datetime, datetime] | None:
    """When an author's first and last listing of the brand were published; None without any."""
    at = MentionBrandRow.published_at
    found = session.execute(
        select(func.min(at), func.max(at))
        .join(MentionRow, MentionRow.id == MentionBrandRow.mention_id)
        .where(MentionRow.author_id == author_id, MentionBrandRow.brand == brand)
        .having(func.count() > 0)
    ).first()
    return None if found is None else (found[0], found[1])


def first_published_at(session: Session, brand: str) -> datetime | None:
    """When the first of the brand's mentions that are here was published; None without any."""
    return session.scalar(
        select(func.min(MentionBrandRow.published_at)).where(MentionBrandRow.brand == brand)
    )


def listed_until(session: Session, brand: str, until: datetime) -> str:
    """How many mentions of a brand were published before, and which was stored last."""
    count, newest = session.execute(
        select(func.count(), func.max(MentionBrandRow.mention_id)).where(
            MentionBrandRow.brand == brand, MentionBrandRow.published_at < until
        )
    ).one()
    return f"listings={count} newest={newest or 0}"


def first_stored_at(session: Session, brand: str) -> datetime | None:
    """When the first of the brand's mentions that are still here was stored; None without any."""
    # Ids rise as mentions are stored: to find the first one reads an index, and no mention.
    first = select(func.min(MentionBrandRow.mention_id)).where(MentionBrandRow.brand == brand)
    return session.scalar(
        select(MentionRow.collected_at).where(MentionRow.id == first.scalar_subquery())
    )

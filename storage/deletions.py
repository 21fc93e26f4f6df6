"""Posts deleted on their platform: looked up, confirmed, emptied here, and still counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from domain.mention import Standing
from storage import outbox
from storage.sql import among, batches, forget_words
from storage.tables import (
    SHOWN,
    AuthorRow,
    IncidentMentionRow,
    MentionRow,
    StoryMarkRow,
)


@dataclass(frozen=True, slots=True)
class Due:
    """One mention to look up on its platform."""

    mention_id: int
    external_id: str
    absent: bool  # it was not found the last time


def due(
    session: Session,
    source: str,
    *,
    since: datetime,
    checked_before: datetime,
    absent_before: datetime,
    limit: int,
) -> list[Due]:
    """Mentions published since then that were last asked after before the given instants.

    Those that were not found come first, then the ones that waited longest.
    """
    last_at = func.coalesce(MentionRow.checked_at, MentionRow.collected_at)
    absent = MentionRow.standing == Standing.ABSENT
    rows = session.execute(
        select(MentionRow.id, MentionRow.external_id, MentionRow.standing)
        .where(
            MentionRow.source == source,
            MentionRow.published_at >= since,
            MentionRow.standing != Standing.GONE,
            or_(last_at < checked_before, absent & (last_at < absent_before)),
        )
        .order_by(case((absent, 0), else_=1), last_at, MentionRow.id)
        .limit(limit)
    )
    return [
        Due(row_id, external_id, standing == Standing.ABSENT)
        for row_id, external_id, standing in rows
    ]


def of(session: Session, source: str, mention_ids: Sequence[int]) -> list[Due]:
    """Those of these mentions that are still kept and not gone, in order of their ids."""
    found: list[Due] = []
    for some in batches(sorted(mention_ids)):
        rows = session.execute(
            select(MentionRow.id, MentionRow.external_id, MentionRow.standing)
            .where(
                among(MentionRow.id, some),
                MentionRow.source == source,
                MentionRow.standing != Standing.GONE,
            )
            .order_by(MentionRow.id)
        )
        found += [
            Due(row_id, external_id, standing == Standing.ABSENT)
            for row_id, external_id, standing in rows
        ]
    return found


def asked(session: Session, mention_ids: Sequence[int], *, now: datetime) -> None:
    """Store that these mentions were looked up and the platform gave no answer for them."""
    session.execute(
        update(MentionRow)
        .where(among(MentionRow.id, mention_ids), MentionRow.standing != Standing.GONE)
        .values(checked_at=now)
        .execution_options(synchronize_session=False)
    )


def note(
    session: Session, mention_ids: Sequence[int], standing: Standing, *, now: datetime
) -> None:
    """Store the standing of these mentions; messages that show them are drawn anew."""
    shown = MentionRow.standing.in_(SHOWN)
    moved = select(MentionRow.id).where(
        among(MentionRow.id, mention_ids),
        MentionRow.standing != Standing.GONE,
        ~shown if standing in SHOWN else shown,
    )
    outbox.withdrawn(session, session.scalars(moved).all(), now=now)
    session.execute(
        update(MentionRow)
        .where(among(MentionRow.id, mention_ids), MentionRow.standing != Standing.GONE)
        .values(
            checked_at=now,
            standing_at=case((MentionRow.standing == standing, MentionRow.standing_at), else_=now),
            standing=standing,
        )
        .execution_options(synchronize_session=False)
    )


def purge(session: Session, mention_ids: Sequence[int], *, now: datetime) -> None:
    """Empty these mentions: text, address and author go, tone and counts stay to be counted.

    The row stays too, so that the post is not collected again.
    """
    authors = session.scalars(
        select(MentionRow.author_id).where(among(MentionRow.id, mention_ids)).distinct()
    ).all()
    session.execute(
        update(MentionRow)
        .where(among(MentionRow.id, mention_ids))
        .values(
            text="",
            url="",
            author_id=None,
            standing=Standing.GONE,
            standing_at=now,
            checked_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    forget_words(session)
    session.execute(
        delete(StoryMarkRow)
        .where(among(StoryMarkRow.mention_id, mention_ids))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(AuthorRow)
        .where(
            among(AuthorRow.id, [one for one in authors if one is not None]),
            ~exists().where(MentionRow.author_id == AuthorRow.id),
        )
        .execution_options(synchronize_session=False)
    )


def incidents_of(session: Session, mention_ids: Sequence[int]) -> list[int]:
    """Our ids of the incidents that hold any of these mentions."""
    return list(
        session.scalars(
            select(IncidentMentionRow.incident_id)
            .where(among(IncidentMentionRow.mention_id, mention_ids))
            .distinct()
            .order_by(IncidentMentionRow.incident_id)
        )
    )

"""How the posts about a brand stand: by this a published number tells what changed since."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from domain.incident import NO_PROMISE, Resolution, State
from domain.listing import Role, Stage
from domain.mention import Standing
from storage import effective_sentiment
from storage.tables import (
    SHOWN,
    CorrectionRow,
    IncidentMentionRow,
    IncidentRow,
    MentionBrandRow,
    MentionRow,
)


class ListingState(NamedTuple):
    """One listing that counts, or that would if it were not hidden as noise."""

    mention_id: int
    published_at: datetime
    author_id: int | None  # None: nobody, or the post was deleted
    label: str | None  # of the tone that counts; None: not scored
    corrected: str | None  # what a person says instead of the model
    is_hidden: bool
    waits: bool  # to be scored: a try is due
    edited_at: datetime | None
    is_deleted: bool
    answered_at: datetime | None  # on its platform


class IncidentState(NamedTuple):
    """An incident of which a person said that it is owed no answer, or had one elsewhere."""

    incident_id: int
    mention_id: int  # one of its posts
    published_at: datetime  # of that post
    how: str  # "dismissed", else as Resolution has it


def listings(
    session: Session, brand: str, *, since: datetime, until: datetime, model: str | None = None
) -> list[ListingState]:
    """Of what was published in [since, until), oldest first; own posts and plain reposts are none.

    model: by whose scores; None: by those of the model in use.
    """
    statement: Select[*tuple[Any, ...]] = (
        select(
            MentionRow.id,
            MentionBrandRow.published_at,
            MentionRow.author_id,
            effective_sentiment.LABEL,
            CorrectionRow.label,
            MentionBrandRow.hidden != "",
            and_(
                MentionBrandRow.stage == Stage.COLLECTED,
                MentionBrandRow.hidden == "",
                MentionRow.standing.in_(SHOWN),
            ),
            MentionRow.edited_at,
            MentionRow.standing == Standing.GONE,
            MentionBrandRow.answered_at,
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(
            MentionBrandRow.brand == brand,
            MentionBrandRow.role != Role.OWN,
            MentionRow.is_repost.is_(False),
            MentionBrandRow.published_at >= since,
            MentionBrandRow.published_at < until,
        )
        .order_by(MentionBrandRow.published_at)
    )
    # As the driver gives them, without what a session would make of them: half the time.
    rows = session.connection().execute(effective_sentiment.with_tone(session, statement, model))
    return [ListingState(*row) for row in rows]


def incidents(
    session: Session, brand: str, *, since: datetime, until: datetime
) -> list[IncidentState]:
    """The incidents of posts that were published in [since, until), once for each of the posts."""
    closed = IncidentRow.resolution.in_(_TOLD)
    rows = session.execute(
        select(
            IncidentRow.id,
            IncidentMentionRow.mention_id,
            MentionBrandRow.published_at,
            IncidentRow.state,
            IncidentRow.resolution,
        )
        .join(IncidentMentionRow, IncidentMentionRow.incident_id == IncidentRow.id)
        .join(MentionBrandRow, MentionBrandRow.mention_id == IncidentMentionRow.mention_id)
        .where(
            IncidentRow.brand == brand,
            or_(IncidentRow.state == State.DISMISSED, closed),
            MentionBrandRow.brand == brand,
            MentionBrandRow.published_at >= since,
            MentionBrandRow.published_at < until,
        )
    )
    return [
        IncidentState(
            incident_id, mention_id, at, State.DISMISSED if state == State.DISMISSED else how
        )
        for incident_id, mention_id, at, state, how in rows
    ]


_TOLD = (Resolution.ELSEWHERE, *sorted(set(NO_PROMISE) & set(Resolution)))

"""Which posts of linked customers asked for an answer, and what was promised for them.

It begins at the links, which are few: no post of anybody else is read.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.incident import WITHDRAWN_POSTS, State
from domain.listing import Role
from domain.loyalty import Post, Promise
from storage import clocks
from storage.sql import among, batches
from storage.tables import (
    SHOWN,
    IncidentMentionRow,
    IncidentRow,
    MentionBrandRow,
    MentionRow,
)


def posts(session: Session, authors: Mapping[int, int], brands: Sequence[str]) -> list[Post]:
    """Posts about these brands, noise and plain reposts left out. authors: whose each is.

    One of which a person said that no alert should have told of it asks for nothing.
    """
    found: list[Post] = []
    for batch in batches(sorted(authors)):
        theirs = among(MentionRow.author_id, batch)
        dismissed = {tuple(row) for row in session.execute(_DISMISSED.where(theirs))}
        for author_id, mention_id, brand, at, asks in session.execute(_POSTS.where(theirs)):
            asked = asks and (mention_id, brand) not in dismissed
            if brand in brands and author_id is not None:
                found.append(Post(authors[author_id], at, asked))
    return found


# Without a condition on the brand, by whose index SQLite would read the posts of everybody.
_POSTS = (
    select(
        MentionRow.author_id,
        MentionRow.id,
        MentionBrandRow.brand,
        MentionRow.published_at,
        MentionBrandRow.asks_for_answer,
    )
    .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
    .where(
        MentionBrandRow.role == Role.BRAND,
        MentionBrandRow.hidden == "",
        MentionRow.standing.in_(SHOWN),
        MentionRow.is_repost.is_(False),
    )
)
_DISMISSED = (
    select(MentionRow.id, IncidentRow.brand)
    .join(IncidentMentionRow, IncidentMentionRow.mention_id == MentionRow.id)
    .join(IncidentRow, IncidentRow.id == IncidentMentionRow.incident_id)
    .where(IncidentRow.state == State.DISMISSED)
)


def promises(
    session: Session, authors: Mapping[int, int], brands: Sequence[str], kinds: Sequence[str]
) -> list[Promise]:
    """The clocks of these brands' incidents of these kinds that hold a post of theirs.

    Without those of which no post asks for an answer, a rule of one's own may be about praise,
    unless what asked was taken back. An incident of two of them is the first one's.
    """
    person: dict[int, tuple[datetime, int]] = {}
    asking: set[int] = set()
    for batch in batches(sorted(authors)):
        rows = session.execute(_HELD.where(among(MentionRow.author_id, batch)))
        for incident_id, brand, kind, author_id, at, asks in rows:
            if brand not in brands or kind not in kinds or author_id is None:
                continue
            mine = (at, authors[author_id])
            person[incident_id] = min(mine, person.get(incident_id, mine))
            if asks is not False:
                asking.add(incident_id)
    return [
        Promise(person[incident_id][1], clock)
        for incident_id, every in clocks.of(session, sorted(person)).items()
        for clock in every
        if incident_id in asking or clock.how == WITHDRAWN_POSTS
    ]


_HELD = (
    select(
        IncidentRow.id,
        IncidentRow.brand,
        IncidentRow.kind,
        MentionRow.author_id,
        MentionRow.published_at,
        MentionBrandRow.asks_for_answer,
    )
    .join(IncidentMentionRow, IncidentMentionRow.incident_id == IncidentRow.id)
    .join(MentionRow, MentionRow.id == IncidentMentionRow.mention_id)
    .join(
        MentionBrandRow,
        (MentionBrandRow.mention_id == MentionRow.id)
        & (MentionBrandRow.brand == IncidentRow.brand),
    )
    .where(MentionRow.standing.in_(SHOWN))
)

"""Which brands a conversation belongs to, by the stored posts in it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import sealing
from storage.sql import batches, pairs
from storage.tables import (
    LIVE,
    OWN,
    AuthorRow,
    IncidentMentionRow,
    IncidentRow,
    MentionBrandRow,
    MentionRow,
)

_Key = tuple[str, str]  # source, external_id


@dataclass(frozen=True, slots=True)
class Concern:
    """Why replies below a post belong to a brand's conversation."""

    brand: str
    is_own: bool  # the brand wrote it; else it stands in a live incident
    author: str = ""  # of a complaint: the platform's id of who wrote it, "" unknown


def concerns(session: Session, posts: Collection[_Key]) -> dict[_Key, list[Concern]]:
    """Which of these posts a brand has written, and which stand in a live incident of one."""
    found: dict[_Key, list[Concern]] = {}
    sealed = sealing.seals(session, posts)  # of those that are gone
    for batch in batches(sorted({*posts, *sealed})):
        these = pairs(MentionRow.source, MentionRow.external_id, batch)
        own = (
            select(MentionRow.source, MentionRow.external_id, MentionBrandRow.brand)
            .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
            .where(these, OWN)
        )
        for source, external_id, brand in session.execute(own):
            post = sealed.get((source, external_id), (source, external_id))
            found.setdefault(post, []).append(Concern(brand, is_own=True))
        complaints = (
            select(
                MentionRow.source, MentionRow.external_id, IncidentRow.brand, AuthorRow.external_id
            )
            .join(IncidentMentionRow, IncidentMentionRow.mention_id == MentionRow.id)
            .join(IncidentRow, IncidentRow.id == IncidentMentionRow.incident_id)
            .join(AuthorRow, AuthorRow.id == MentionRow.author_id, isouter=True)
            .where(these, LIVE)
        )
        for source, external_id, brand, author in session.execute(complaints):
            concern = Concern(brand, is_own=False, author=author or "")
            post = sealed.get((source, external_id), (source, external_id))
            found.setdefault(post, []).append(concern)
    return found

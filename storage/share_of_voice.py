"""What has to be left out where a brand and its competitors are compared."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from domain.listing import Naming
from storage.tables import MentionBrandRow, MentionRow


def unlike(
    session: Session,
    name: str,
    *,
    since: datetime,
    until: datetime,
    languages: Collection[str] = (),
) -> set[tuple[str, str]]:
    """(source, external id) of what is listed under the name in [since, until) and has no like.

    Such is what only stands in a conversation of the brand's, for those of a competitor are not
    read; and what its source says to be in another language than these, where there are any.
    """
    elsewhere = MentionBrandRow.naming == Naming.OTHERWISE
    if languages:
        other = and_(MentionRow.lang.is_not(None), MentionRow.lang.not_in(sorted(languages)))
        elsewhere = or_(elsewhere, other)
    rows = session.execute(
        select(MentionRow.source, MentionRow.external_id)
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(
            MentionBrandRow.brand == name,
            MentionBrandRow.published_at >= since,
            MentionBrandRow.published_at < until,
            elsewhere,
        )
    )
    return {(source, external_id) for source, external_id in rows}

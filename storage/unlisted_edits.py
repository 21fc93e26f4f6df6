"""Remembers edited posts that named nobody and were not stored: of an older version nothing counts.

Of a post only its seal is kept, and when it was last changed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.mention import Mention
from storage import sealing
from storage.sql import batches, insert, pairs
from storage.tables import UnlistedEditRow

KEPT = timedelta(days=60)  # an archive or a search index that still has the older version is rare

_Name = tuple[str, str]  # source, external_id


def note(session: Session, mentions: Iterable[Mention], *, now: datetime) -> None:
    """Remember of each the newest time of change; those without one tell nothing."""
    edited = {(one.source, one.external_id): one.edited_at for one in mentions if one.edited_at}
    rows = [
        {
            "source": source,
            "external_id": seal,
            "edited_at": min(edited[source, name], now),
            "noted_at": now,
        }
        for (source, seal), (_, name) in sealing.seals(session, edited).items()
    ]
    if rows:
        statement = insert(session, UnlistedEditRow)
        came = statement.excluded
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["source", "external_id"],
                set_={"edited_at": came.edited_at, "noted_at": came.noted_at},
                where=UnlistedEditRow.edited_at < came.edited_at,
            ),
            rows,
        )


def last_edits(session: Session, names: Iterable[_Name]) -> Mapping[_Name, datetime]:
    """When those of these posts that are remembered were last changed."""
    sealed = sealing.seals(session, names)
    found: dict[_Name, datetime] = {}
    for batch in batches(sorted(sealed)):
        these = pairs(UnlistedEditRow.source, UnlistedEditRow.external_id, batch)
        for row in session.scalars(select(UnlistedEditRow).where(these)):
            found[sealed[row.source, row.external_id]] = row.edited_at
    return found


def forget_before(session: Session, cutoff: datetime) -> None:
    """Forget what was noted before `cutoff`."""
    session.execute(
        delete(UnlistedEditRow)
        .where(UnlistedEditRow.noted_at < cutoff)
        .execution_options(synchronize_session=False)
    )

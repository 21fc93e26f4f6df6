"""Updates a stored mention when it is collected again: edited, counted anew, or just repeated.

The newest version decides which brands a mention names; a listing it does not name any more stays
as history, unless the mention belongs to the brand's conversation.
Every rule here gives the same row in whatever order the versions come.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import case, delete, null, or_, update
from sqlalchemy.orm import Session

from domain.deciding import RULE
from domain.listing import Naming, Role, Stage
from domain.mention import Engagement, Mention
from storage import mention_orders, outbox, stories
from storage.sql import among
from storage.tables import (
    MentionBrandRow,
    MentionRow,
    ScoreRow,
)

_WRITTEN = ("text", "url", "lang", "parent_id", "conversation_id", "rating", "is_repost")
_COUNTED = ("likes", "reposts", "replies", "views")
# Whether it is noise is decided anew with the new text, unless a person has decided it.
_BY_RULES = or_(MentionBrandRow.sifted_by == "", MentionBrandRow.sifted_by.startswith(RULE))
_NAMED = MentionBrandRow.naming == Naming.NAMED
AGAIN: Mapping[str, Any] = {
    "stage": Stage.COLLECTED,
    "sifted_by": case((_BY_RULES, null()), else_=MentionBrandRow.sifted_by),
    "hidden": case((_BY_RULES, ""), else_=MentionBrandRow.hidden),
}
NEVER = datetime.min.replace(tzinfo=UTC)


def newer(one: Mention, other: Mention) -> Mention:
    """One mention of two versions: the fields of the newer one, and the higher of each count."""
    first, last = sorted((one, other), key=version)
    counts = {
        name: _higher(getattr(one.engagement, name), getattr(other.engagement, name))
        for name in _COUNTED
    }
    return replace(
        last,
        author=last.author or first.author,
        published_at=min(one.published_at, other.published_at),
        engagement=Engagement(**counts),
    )


def take_in(
    session: Session,
    rows: Iterable[MentionRow],
    newer: Mapping[int, Mapping[str, Any]],
    *,
    now: datetime,
) -> set[int]:
    """Update stored mentions with newer: column values by our id.

    A changed text is scored and judged again: the old score does not count, and the mention names
    no brand until the caller says so.

    Returns our ids of those of which an older version came.
    """
    reworded, outdated = [], set()
    for row in rows:
        values = newer[row.id]
        came, stored = _version(values["edited_at"], values["text"]), version(row)
        if came < stored:
            outdated.add(row.id)
        if came > stored:
            if values["text"] != row.text:
                reworded.append(row.id)
            for name in (*_WRITTEN, "edited_at"):
                _set(row, name, values[name])
        for name in _COUNTED:
            _set(row, name, _higher(getattr(row, name), values[name]))
        _set(row, "author_id", values["author_id"] if row.author_id is None else row.author_id)
        said_at = (values["published_at"], values["dated_ahead"])
        if said_at < (row.published_at, row.dated_ahead):
            _date(session, row, *said_at)
    session.flush()
    if reworded:
        _start_again(session, reworded)
        outbox.withdrawn(session, reworded, now=now)
    return outdated


def version(mention: Mention | MentionRow) -> tuple[datetime, int, str]:
    """What makes one version of a mention newer than another."""
    return _version(mention.edited_at, mention.text)


def _version(edited_at: datetime | None, text: str) -> tuple[datetime, int, str]:
    # Of two without a time of change it is unknown which is newer; the longer one stays, because
    # services send texts cut short and whole, never the other way round.
    return (edited_at or NEVER, len(text), text)


def _higher(one: int | None, other: int | None) -> int | None:
    return max((count for count in (one, other) if count is not None), default=None)


def _set(row: MentionRow, name: str, value: object) -> None:
    """Only what differs becomes an UPDATE: most of what comes again has not changed."""
    if getattr(row, name) != value:
        setattr(row, name, value)


def _date(session: Session, row: MentionRow, at: datetime, ahead: bool) -> None:  # noqa: FBT001
    row.published_at, row.dated_ahead = at, ahead
    session.execute(
        update(MentionBrandRow)
        .where(MentionBrandRow.mention_id == row.id)
        .values(published_at=at)
        .execution_options(synchronize_session=False)
    )


def _start_again(session: Session, mention_ids: list[int]) -> None:
    stories.leave(session, mention_ids)
    mention_orders.to_read(session, mention_ids, edited=True)
    session.execute(
        delete(ScoreRow)
        .where(among(ScoreRow.mention_id, mention_ids))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(MentionBrandRow)
        .where(among(MentionBrandRow.mention_id, mention_ids), MentionBrandRow.role != Role.OWN)
        .values(naming=case((_NAMED, Naming.FORMERLY), else_=MentionBrandRow.naming), **AGAIN)
        .execution_options(synchronize_session=False)
    )

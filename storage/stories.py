"""Which stored mentions tell one story. Whether two do is decided by whoever calls."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from storage.sql import among, batches, insert
from storage.tables import AuthorRow, MentionRow, StoryMarkRow

_CROWD = 50  # stories that share a mark: it tells nothing any more
_MOST_COMPARED = 20  # stories that one mention is compared with, those that share most marks first


@dataclass(frozen=True, slots=True)
class Told:
    """One stored mention."""

    mention_id: int
    source: str
    handle: str  # of its author; "" when unknown
    text: str
    at: datetime  # published


Same = Callable[[Told, Told], bool]


def tell(
    session: Session, marked: Mapping[int, Sequence[int]], same: Same, *, now: datetime
) -> int:
    """Put mentions to the stories stored before, in the order given; return how many were copies.

    marked: the marks of each mention, by its id. A mention is compared with those that first told
    a story, not with their copies: so a chain of small changes does not join what is not alike.
    Where one text is alike to two that are not, it depends on the order how many stories there are.
    """
    known = _holders(session, {mark for marks in marked.values() for mark in marks})
    near = {one for holders in known.values() for one in holders}
    told = _told(session, [*marked, *near])
    copies: dict[int, list[int]] = {}
    remembered: list[dict[str, Any]] = []
    for mention_id, marks in marked.items():
        if mention_id not in told:
            continue
        shared = Counter(one for mark in marks for one in known.get(mark, ()) if one in told)
        shared.pop(mention_id, None)
        compared = (one for one, _ in shared.most_common(_MOST_COMPARED))
        first = next((one for one in compared if same(told[one], told[mention_id])), None)
        if first is not None:
            copies.setdefault(first, []).append(mention_id)
            continue
        for mark in marks:
            holders = known.setdefault(mark, [])
            if mention_id not in holders and len(holders) < _CROWD:
                holders.append(mention_id)
                remembered.append({"mark": mark, "mention_id": mention_id, "stored_at": now})
    if remembered:
        session.execute(insert(session, StoryMarkRow).on_conflict_do_nothing(), remembered)
    for first, others in copies.items():
        _join(session, first, others)
    return sum(map(len, copies.values()))


def _holders(session: Session, marks: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for batch in batches(sorted(marks)):
        rows = session.execute(
            select(StoryMarkRow.mark, StoryMarkRow.mention_id).where(StoryMarkRow.mark.in_(batch))
        )
        for mark, mention_id in rows:
            found.setdefault(mark, []).append(mention_id)
    return found


def _told(session: Session, ids: Sequence[int]) -> dict[int, Told]:
    rows = session.execute(
        select(
            MentionRow.id,
            MentionRow.source,
            func.coalesce(AuthorRow.handle, ""),
            MentionRow.text,
            MentionRow.published_at,
        )
        .outerjoin(AuthorRow, AuthorRow.id == MentionRow.author_id)
        .where(among(MentionRow.id, ids))
    )
    return {row[0]: Told(*row) for row in rows}


def _join(session: Session, first: int, others: Sequence[int]) -> None:
    session.execute(
        update(MentionRow)
        .where(among(MentionRow.id, (first, *others)), MentionRow.story_id.is_(None))
        .values(story_id=first)
        .execution_options(synchronize_session=False)
    )


def sizes(session: Session, story_ids: Sequence[int]) -> dict[int, int]:
    """How many mentions tell each story."""
    rows = session.execute(
        select(MentionRow.story_id, func.count())
        .where(among(MentionRow.story_id, story_ids))
        .group_by(MentionRow.story_id)
    )
    return {story_id: count for story_id, count in rows if story_id is not None}


def mention_ids(session: Session, story_id: int) -> list[int]:
    """Every mention that tells the story, the first seen first."""
    return list(
        session.scalars(
            select(MentionRow.id).where(MentionRow.story_id == story_id).order_by(MentionRow.id)
        )
    )


def forget_before(session: Session, cutoff: datetime) -> None:
    """Forget by what stories of before could be found: nobody tells them anew."""
    session.execute(
        delete(StoryMarkRow)
        .where(StoryMarkRow.stored_at < cutoff)
        .execution_options(synchronize_session=False)
    )

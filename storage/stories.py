"""Which stored mentions are copies of one story, and which is first; the caller compares texts."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, literal, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from domain.listing import Role
from storage.sql import among, batches, insert
from storage.tables import SHOWN, AuthorRow, MentionBrandRow, MentionRow, StoryMarkRow

_CROWD = 50  # stories that share a mark: above that it distinguishes nothing
_MOST_COMPARED = 20  # stories that one mention is compared with, those that share most marks first


@dataclass(frozen=True, slots=True)
class StoredText:
    """One stored mention."""

    mention_id: int
    source: str
    handle: str  # of its author; "" when unknown
    text: str
    at: datetime  # published


Same = Callable[[StoredText, StoredText], bool]


def assign(
    session: Session, marked: Mapping[int, Sequence[int]], same: Same, *, now: datetime
) -> int:
    """Assign mentions to stored stories, in the order given; return how many were copies.

    marked: the marks of each mention, by its id. A mention is compared with the first one of a
    story, not with its copies: a chain of small changes must not join texts that are not alike.
    Where one text is like two that are not alike, the number of stories depends on the order.
    """
    known = _holders(session, {mark for marks in marked.values() for mark in marks})
    near = {one for holders in known.values() for one in holders}
    texts = _texts(session, [*marked, *near])
    copies: dict[int, list[int]] = {}
    remembered: list[dict[str, Any]] = []
    for mention_id, marks in marked.items():
        if mention_id not in texts:
            continue
        shared = Counter(one for mark in marks for one in known.get(mark, ()) if one in texts)
        shared.pop(mention_id, None)
        compared = (one for one, _ in shared.most_common(_MOST_COMPARED))
        first = next((one for one in compared if same(texts[one], texts[mention_id])), None)
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


def _texts(session: Session, ids: Sequence[int]) -> dict[int, StoredText]:
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
    return {row[0]: StoredText(*row) for row in rows}


def _join(session: Session, first: int, others: Sequence[int]) -> None:
    session.execute(
        update(MentionRow)
        .where(among(MentionRow.id, (first, *others)), MentionRow.story_id.is_(None))
        .values(story_id=first)
        .execution_options(synchronize_session=False)
    )


def leave(session: Session, mention_ids: Sequence[int]) -> None:
    """Take mentions whose text has changed out of their stories; the copies go on without them."""
    session.execute(
        update(MentionRow)
        .where(among(MentionRow.id, mention_ids))
        .values(story_id=None)
        .execution_options(synchronize_session=False)
    )
    rows = session.execute(
        select(MentionRow.story_id, func.min(MentionRow.id))
        .where(among(MentionRow.story_id, mention_ids))
        .group_by(MentionRow.story_id)
    )
    for story_id, heir in rows.all():
        session.execute(
            update(MentionRow)
            .where(MentionRow.story_id == story_id)
            .values(story_id=heir)
            .execution_options(synchronize_session=False)
        )
        marks = select(StoryMarkRow.mark, literal(heir), StoryMarkRow.stored_at).where(
            StoryMarkRow.mention_id == story_id
        )
        session.execute(
            insert(session, StoryMarkRow)
            .from_select(["mark", "mention_id", "stored_at"], marks)
            .on_conflict_do_nothing()
        )


# --- the head -----------------------------------------------------------------------------------

# A story as it is listed: its number, the brand, whether it is hidden as noise.
Key = tuple[int, str, bool]


# Which listings count: what is still there, and not by the brand itself.
_TELLS = (MentionRow.standing.in_(SHOWN), MentionBrandRow.role != Role.OWN)


@dataclass(frozen=True, slots=True)
class Story:
    """A story as lists show it."""

    head: int  # its first mention: the earliest published, of several the lowest id
    tellers: int  # with the head


def is_head() -> ColumnElement[bool]:
    """That no copy is earlier under the same brand, among listings that are as hidden as this one.

    A condition on MentionRow and MentionBrandRow. What is alone is the head of its own.
    """
    other, listing = aliased(MentionRow), aliased(MentionBrandRow)
    # The listing is asked for last: a join would let SQLite walk all that the brand ever had.
    beside = (
        exists()
        .where(
            listing.mention_id == other.id,
            listing.brand == MentionBrandRow.brand,
            (listing.hidden != "") == (MentionBrandRow.hidden != ""),
            listing.role != Role.OWN,
        )
        .correlate(other, MentionBrandRow)
    )
    earlier = (
        exists()
        .where(
            other.story_id == MentionRow.story_id,
            tuple_(other.published_at, other.id) < tuple_(MentionRow.published_at, MentionRow.id),
            other.standing.in_(SHOWN),
            beside,
        )
        .correlate(MentionRow, MentionBrandRow)
    )
    return ~earlier


def found(session: Session, story_ids: Collection[int]) -> dict[Key, Story]:
    """The heads of these stories, and the number of mentions in each."""
    hidden = MentionBrandRow.hidden != ""
    alike = (MentionRow.story_id, MentionBrandRow.brand, hidden)
    earliest_first = (MentionBrandRow.published_at, MentionBrandRow.mention_id)
    ranked = (
        select(
            MentionRow.story_id,
            MentionBrandRow.brand,
            hidden.label("hidden"),
            MentionRow.id,
            func.count().over(partition_by=alike).label("tellers"),
            func.row_number().over(partition_by=alike, order_by=earliest_first).label("place"),
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(among(MentionRow.story_id, story_ids), *_TELLS)
        .subquery()
    )
    rows = session.execute(select(ranked).where(ranked.c.place == 1))
    return {
        (story_id, brand, hidden): Story(head, tellers)
        for story_id, brand, hidden, head, tellers, _ in rows
    }


def tellers(session: Session, story_id: int) -> dict[Key, list[int]]:
    """Every mention of the story, its head first."""
    rows = session.execute(
        select(MentionBrandRow.brand, MentionBrandRow.hidden, MentionRow.id)
        .join(MentionRow, MentionRow.id == MentionBrandRow.mention_id)
        .where(MentionRow.story_id == story_id, *_TELLS)
        .order_by(MentionRow.published_at, MentionRow.id)
    )
    by_key: dict[Key, list[int]] = {}
    for brand, hidden, mention_id in rows:
        by_key.setdefault((story_id, brand, bool(hidden)), []).append(mention_id)
    return by_key


def forget_before(session: Session, cutoff: datetime) -> None:
    """Forget the marks of older stories: later copies are not compared with them."""
    session.execute(
        delete(StoryMarkRow)
        .where(StoryMarkRow.stored_at < cutoff)
        .execution_options(synchronize_session=False)
    )


def same(session: Session, mention_id: int, other_id: int) -> bool:
    """Whether two mentions are one, or copies of one story."""
    told = select(MentionRow.story_id).where(MentionRow.id == mention_id).scalar_subquery()
    copy = select(MentionRow.id).where(MentionRow.id == other_id, MentionRow.story_id == told)
    return mention_id == other_id or session.scalar(copy) is not None

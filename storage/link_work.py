"""What the link step works on: authors to look at, what they wrote, the keys they ask for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import (
    Integer,
    String,
    cast,
    delete,
    exists,
    func,
    literal,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from storage.sql import among, insert
from storage.tables import AuthorKeyRow, AuthorRow, LinkRow, MentionOrderRow, MentionRow

POSTS = 20  # of an author, the newest, that are read for what they say of themselves


@dataclass(slots=True)
class Heard:
    """What is known of an author beside their profile."""

    posts: dict[int, str] = field(default_factory=dict)  # text by mention, newest first
    orders: set[int] = field(default_factory=set)  # of those mentions: they name order numbers
    linked: bool = False  # something was decided of them
    keyed: bool = False  # they were looked for before


def take(session: Session, *, limit: int, now: datetime) -> list[AuthorRow]:
    """Authors whose customer has not been looked for since they or the CRM changed; now it is."""
    waiting = (
        select(AuthorRow.id)
        .where(AuthorRow.link_checked_at.is_(None))
        .order_by(AuthorRow.id)
        .limit(limit)
    )
    rows = session.scalars(
        update(AuthorRow)
        .where(AuthorRow.id.in_(waiting))
        .values(link_checked_at=now)
        .returning(AuthorRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(rows, key=lambda row: row.id)


def heard(session: Session, author_ids: Sequence[int]) -> Mapping[int, Heard]:
    """What these authors wrote, and whether anything was decided of them, in one statement."""
    place = func.row_number().over(
        partition_by=MentionRow.author_id,
        order_by=(MentionRow.published_at.desc(), MentionRow.id.desc()),
    )
    newest = (
        select(MentionRow.id, MentionRow.author_id, place.label("place"))
        .where(among(MentionRow.author_id, author_ids), MentionRow.is_repost.is_(False))
        .subquery()
    )
    posts = (
        select(
            newest.c.author_id,
            MentionRow.id.label("mention_id"),
            MentionRow.text,
            exists().where(MentionOrderRow.mention_id == MentionRow.id),
        )
        .join(MentionRow, MentionRow.id == newest.c.id)
        .where(newest.c.place <= POSTS)
    )
    linked = (
        select(
            LinkRow.author_id, cast(null(), Integer), literal(_LINKED, String), literal(value=False)
        )
        .where(among(LinkRow.author_id, author_ids))
        .distinct()
    )
    keyed = (
        select(
            AuthorKeyRow.author_id,
            cast(null(), Integer),
            literal(_KEYED, String),
            literal(value=False),
        )
        .where(among(AuthorKeyRow.author_id, author_ids))
        .distinct()
    )
    found: dict[int, Heard] = defaultdict(Heard)
    for author_id, mention_id, text, orders in session.execute(union_all(posts, linked, keyed)):
        one = found[author_id]
        if mention_id is not None:
            one.posts[mention_id] = text
            one.orders.update([mention_id] if orders else [])
        elif text == _LINKED:
            one.linked = True
        else:
            one.keyed = True
    return found


_LINKED, _KEYED = "linked", "keyed"


def ask(session: Session, keys: Mapping[int, Iterable[int]], known: Iterable[int]) -> None:
    """Note the keys that these authors are looked for by; known: of whom older ones are noted."""
    before = sorted(known)
    if before:
        session.execute(
            delete(AuthorKeyRow)
            .where(among(AuthorKeyRow.author_id, before))
            .execution_options(synchronize_session=False)
        )
    rows = [{"key": key, "author_id": one} for one, found in keys.items() for key in set(found)]
    if rows:
        statement = insert(session, AuthorKeyRow).on_conflict_do_nothing()
        session.connection().execute(statement, rows)  # sessions would take each row apart

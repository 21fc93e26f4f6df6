"""Own replies and the mentions they answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from domain.listing import Role
from storage.sql import batches, pairs
from storage.tables import (
    OWN,
    MentionBrandRow,
    MentionRow,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An own reply below a mention, earlier than any answer noted so far."""

    mention_id: int
    brand: str
    reply_id: int
    reply_published_at: datetime  # never before the mention, whatever the clocks said


@dataclass(frozen=True, slots=True)
class _Post:
    """The fields of a stored post that are needed to walk up its thread."""

    id: int
    source: str
    external_id: str
    parent_id: str | None
    conversation_id: str | None
    author_id: int | None

    @property
    def begins_thread(self) -> bool:
        """A quote names a parent outside its thread: replies below it do not answer that parent."""
        return self.conversation_id == self.external_id


@dataclass(frozen=True, slots=True)
class _Reply:
    brand: str
    at: datetime
    post: _Post


_COLUMNS = (
    MentionRow.id,
    MentionRow.source,
    MentionRow.external_id,
    MentionRow.parent_id,
    MentionRow.conversation_id,
    MentionRow.author_id,
)
_Key = tuple[str, str]  # source, external_id


def candidates(session: Session, *, since: datetime) -> list[Candidate]:
    """Own replies and the mentions above them, both published at or after `since`.

    The oldest reply comes first. A reply answers the nearest post of somebody else above it that is
    stored, if need be the root of its thread, and what its author wrote further up; it answers
    nobody else there and no sibling. An own quote answers what it quotes.
    """
    replies = _own_replies(session, since)
    posts = _above(session, [reply.post for reply in replies])
    chains = [_answered(reply.post, _chain(reply.post, posts)) for reply in replies]
    open_since = _listings(session, {post.id for chain in chains for post in chain}, since)
    found = []
    for reply, chain in zip(replies, chains, strict=True):
        for post in chain:
            published_at, answered_at = open_since.get((post.id, reply.brand), (None, None))
            if published_at is None:
                continue
            at = max(reply.at, published_at)
            if answered_at is None or at < answered_at:
                found.append(Candidate(post.id, reply.brand, reply.post.id, at))
    return found


def _own_replies(session: Session, since: datetime) -> list[_Reply]:
    rows = session.execute(
        select(*_COLUMNS, MentionBrandRow.brand, MentionBrandRow.published_at)
        .join(MentionRow, MentionRow.id == MentionBrandRow.mention_id)
        .where(
            OWN,
            MentionBrandRow.published_at >= since,
            MentionRow.parent_id.is_not(None),
            MentionRow.is_repost.is_(False),
        )
        .order_by(MentionBrandRow.published_at, MentionBrandRow.mention_id)
    )
    return [_Reply(row.brand, row.published_at, _Post(*row[:6])) for row in rows]


def _above(session: Session, replies: Sequence[_Post]) -> dict[_Key, _Post]:
    """Every stored post above the replies, fetched level by level for all of them at once."""
    found: dict[_Key, _Post] = {}
    tried: set[_Key] = set()
    wanted = {
        (post.source, name)
        for post in replies
        for name in (post.parent_id, post.conversation_id)
        if name is not None
    }
    while wanted:
        tried |= wanted
        level = _fetch(session, sorted(wanted))
        found |= {(post.source, post.external_id): post for post in level}
        wanted = {
            (post.source, post.parent_id)
            for post in level
            if post.parent_id is not None and not post.begins_thread
        } - tried
    return found


def _fetch(session: Session, keys: Sequence[_Key]) -> list[_Post]:
    return [
        _Post(*row)
        for batch in batches(keys)
        for row in session.execute(
            select(*_COLUMNS).where(pairs(MentionRow.source, MentionRow.external_id, batch))
        )
    ]


def _chain(reply: _Post, posts: Mapping[_Key, _Post]) -> list[_Post]:
    """The stored posts above a reply, nearest first, then the root; a loop of parents ends it."""
    chain: list[_Post] = []
    post: _Post | None = reply
    while post is not None and post.parent_id is not None:
        if post.begins_thread and post != reply:
            break
        post = posts.get((reply.source, post.parent_id))
        if post is None or post in chain or post == reply:
            break
        chain.append(post)
    root = posts.get((reply.source, reply.conversation_id or ""))
    if root is not None and root not in chain and root != reply:
        chain.append(root)
    return chain


def _answered(reply: _Post, chain: Sequence[_Post]) -> list[_Post]:
    """The nearest post of somebody else and what else they wrote; alone where nobody knows who."""
    others = [post for post in chain if not reply.author_id or post.author_id != reply.author_id]
    writer = others[0].author_id if others else None
    return [*others[:1], *(post for post in others[1:] if writer and post.author_id == writer)]


def _listings(
    session: Session, mention_ids: Iterable[int], since: datetime
) -> dict[tuple[int, str], tuple[datetime, datetime | None]]:
    """When the brands' mentions among these were published, and answered if they were."""
    found: dict[tuple[int, str], tuple[datetime, datetime | None]] = {}
    for batch in batches(sorted(mention_ids)):
        rows = session.execute(
            select(
                MentionBrandRow.mention_id,
                MentionBrandRow.brand,
                MentionBrandRow.published_at,
                MentionBrandRow.answered_at,
            ).where(
                MentionBrandRow.mention_id.in_(batch),
                MentionBrandRow.role == Role.BRAND,
                MentionBrandRow.published_at >= since,
            )
        )
        found |= {(row_id, brand): (role, answered) for row_id, brand, role, answered in rows}
    return found


def mark(session: Session, mention_id: int, brand: str, *, at: datetime) -> bool:
    """Note the first answer a mention got; False when an earlier one is noted already."""
    statement = (
        update(MentionBrandRow)
        .where(
            MentionBrandRow.mention_id == mention_id,
            MentionBrandRow.brand == brand,
            or_(MentionBrandRow.answered_at.is_(None), MentionBrandRow.answered_at > at),
        )
        .values(answered_at=at)
        .returning(MentionBrandRow.mention_id)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).first() is not None

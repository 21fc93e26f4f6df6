"""Threads: which stored posts stand above a reply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.sql import batches, pairs
from storage.tables import MentionRow


@dataclass(frozen=True, slots=True)
class Post:
    """The fields of a stored post that are needed to walk up its thread."""

    id: int
    source: str
    external_id: str
    parent_id: str | None
    conversation_id: str | None
    author_id: int | None
    published_at: datetime

    @property
    def begins_thread(self) -> bool:
        """A quote names a parent outside its thread: replies below it do not answer that parent."""
        return self.conversation_id == self.external_id


COLUMNS = (
    MentionRow.id,
    MentionRow.source,
    MentionRow.external_id,
    MentionRow.parent_id,
    MentionRow.conversation_id,
    MentionRow.author_id,
    MentionRow.published_at,
)
Key = tuple[str, str]  # source, external_id


def above(session: Session, replies: Sequence[Post]) -> dict[Key, Post]:
    """Every stored post above the replies, fetched level by level for all of them at once."""
    found: dict[Key, Post] = {}
    tried: set[Key] = set()
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


def _fetch(session: Session, keys: Sequence[Key]) -> list[Post]:
    return [
        Post(*row)
        for batch in batches(keys)
        for row in session.execute(
            select(*COLUMNS).where(pairs(MentionRow.source, MentionRow.external_id, batch))
        )
    ]


def chain_of(reply: Post, posts: Mapping[Key, Post]) -> list[Post]:
    """The stored posts above a reply, nearest first, then the root; a loop of parents ends it."""
    chain: list[Post] = []
    post: Post | None = reply
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

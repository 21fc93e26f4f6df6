"""A mention: one post somewhere that names a brand, and who wrote it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """What is known of a post on its platform."""

    THERE = "there"
    ABSENT = "absent"  # called gone once: not enough to delete it here
    HIDDEN = "hidden"  # not shown to us at present: it may come back
    HIDDEN_ABSENT = "hidden, absent"  # not shown to us, and called gone once since
    GONE = "gone"  # deleted, by its author or the platform


@dataclass(frozen=True, slots=True)
class Author:
    id: str  # the platform's own user id; the handle where a platform has no other
    handle: str  # as written on the platform, without @
    name: str = ""
    bio: str = ""
    location: str = ""
    url: str = ""
    followers: int | None = None  # None: the source does not say
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Engagement:
    """Counts as the source gave them; None where it gives none."""

    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    views: int | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    source: str  # "x", "reddit", or any name an import gives
    external_id: str  # unique within the source
    text: str  # whole text, unescaped, as a reader on the platform sees it
    published_at: datetime  # aware UTC
    url: str = ""
    lang: str | None = None  # ISO 639-1 as the source says; None when it does not
    parent_id: str | None = None  # external_id this one answers, quotes or reposts
    conversation_id: str | None = None  # external_id of the thread's root
    author: Author | None = None  # None: deleted or withheld
    engagement: Engagement = field(default_factory=Engagement)
    rating: float | None = None  # stars, where the source has them
    is_repost: bool = False  # nothing of the author's own: a plain repost
    edited_at: datetime | None = None  # of its newest change, where the source tells
    addressed: tuple[str, ...] = ()  # whom it answers or names, where told: ids, @handles
    former_ids: tuple[str, ...] = ()  # by which it may be stored, of a source that changes them

"""An own page or account on Meta's networks: what tags it, what is said on it, and below that.

A new comment may stand below an old post, so every pass looks at the posts of the past weeks.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from domain.mention import Mention
from listener.clean import identifier, words
from listener.dates import instant
from listener.source import Page, Watch
from listener.sources.meta.graph import Thing, following, read_each, things, within
from listener.streams import each_stream
from listener.walk import Answer, Reach, newest_first
from net.json_api import Api

PER_PAGE = 50  # Graph refuses answers that grow too large
_DISCUSSED = timedelta(days=28)  # below a post older than this no new comment is looked for
_MOST_NESTED = 20  # pages of comments below one post, in one pass


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a network lists what, and how it is read."""

    name: str  # of the source
    tagged: str  # the edge with what others post and tag the account in
    own: str  # the edge with what stands on the account itself
    dated: str  # the field that says when
    post: str  # fields of a post
    comment: str  # fields of a comment
    comments: str  # the comments of a post among its fields, newest first; {} for their fields
    asked: Mapping[str, str]  # the same for the comments of one post
    read_post: Callable[[Thing, datetime], Mention | None]
    read_comment: Callable[[str, Thing, datetime], Mention | None]  # the post's id first


class OwnPage:
    """One page or account, which is one brand's."""

    def __init__(self, api: Api, shape: Shape, account: str, brand: str) -> None:
        self._api, self._shape, self._account, self._brand = api, shape, account, brand
        self._reach = Reach(shape.name, lasting=False, most_pages=20)

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; nothing for another brand."""
        if watch.brand.casefold() != self._brand.strip().casefold():
            return
        fetches = {self._shape.tagged: self._tagged, self._shape.own: self._own}

        def walk(edge: str, state: Mapping[str, Any] | None) -> Iterator[Page]:
            fetch = partial(fetches[edge], watch, now)
            return newest_first(fetch, state, self._reach, since=since, now=now)

        yield from each_stream(cursor, tuple(fetches), walk)

    def check(self) -> str:
        """Its own id, which costs one call."""
        self._api.get(self._account, {"fields": "id"}, now=None)
        return f"{self._shape.name}: {self._account} answers and the token is accepted"

    def _tagged(self, watch: Watch, now: datetime, bookmark: str, _back_to: datetime) -> Answer:
        shape = self._shape
        answer = self._listed(shape.tagged, shape.post, bookmark, now)
        posts = things(shape.name, answer)
        mentions, broken = read_each(shape.name, posts, partial(_at, shape.read_post, now))
        kept = self._without_own(mentions, {self._account}, watch)
        return Answer(kept, len(posts), tuple(broken), following(answer))

    def _own(self, watch: Watch, now: datetime, bookmark: str, back_to: datetime) -> Answer:
        shape = self._shape
        fields = f"{shape.post},{shape.comments.format(shape.comment)}"
        answer = self._listed(shape.own, fields, bookmark, now)
        posts = things(shape.name, answer)
        mentions, broken = read_each(shape.name, posts, partial(_at, shape.read_post, now))
        fetched, oldest, ours = len(posts), now, {self._account}
        for post in (one for one in posts if isinstance(one, dict)):
            oldest = min(oldest, instant(post.get(shape.dated)) or oldest)
            ours.add(words(post.get("username")))  # an account lists its own media
            comments = self._comments(post, back_to, now)
            read = partial(shape.read_comment, identifier(post.get("id")))
            said, unreadable = read_each(shape.name, comments, partial(_at, read, now))
            mentions, broken = mentions + said, broken + unreadable
            fetched += len(comments)
        new = [mention for mention in mentions if mention.published_at >= back_to]
        over = oldest < min(back_to, now - _DISCUSSED)
        kept = self._without_own(new, ours - {""}, watch)
        return Answer(kept, fetched, tuple(broken), "" if over else following(answer))

    def _listed(self, edge: str, fields: str, bookmark: str, now: datetime) -> object:
        asked = {"fields": fields, "limit": PER_PAGE}
        after = {"after": bookmark} if bookmark else {}
        answer: object = self._api.get(f"{self._account}/{edge}", asked | after, now=now)
        return answer

    def _comments(self, post: Thing, back_to: datetime, now: datetime) -> list[object]:
        """What stands below a post, replies too, page after page until it is older than back_to."""
        shape, listing, found = self._shape, post.get("comments"), []
        for _ in range(_MOST_NESTED):
            comments = within(listing)
            found += [*comments, *(reply for one in comments for reply in _replies(one))]
            last = comments[-1] if comments else None
            at = instant(last.get(shape.dated)) if isinstance(last, dict) else None
            bookmark = following(listing)
            if not bookmark or at is None or at < back_to:
                break
            asked = {**shape.asked, "fields": shape.comment, "limit": PER_PAGE, "after": bookmark}
            path = f"{quote(identifier(post.get('id')), safe='')}/comments"
            listing = self._api.get(path, asked, now=now)
        return found

    def _without_own(
        self, mentions: list[Mention], ours: set[str], watch: Watch
    ) -> tuple[Mention, ...]:
        """What a brand says itself is no mention; where own_accounts names it, it is an answer."""
        return tuple(
            mention
            for mention in mentions
            if (author := mention.author) is None
            or ours.isdisjoint((author.id, author.handle))
            or any(own.is_author(mention.source, author) for own in watch.own_accounts)
        )


def _at(
    read: Callable[[Thing, datetime], Mention | None], now: datetime, thing: Thing
) -> Mention | None:
    return read(thing, now)


def _replies(comment: object) -> list[object]:
    return within(comment.get("replies")) if isinstance(comment, dict) else []

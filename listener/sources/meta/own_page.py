"""An own page or account on Meta's networks: what tags it, what is said on it, and below that.

A new comment may stand below an old post, so every pass looks at the posts of the past weeks.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from domain.contract import Contract
from domain.mention import Mention
from listener.clean import words
from listener.contracts import contract_of
from listener.dates import instant
from listener.source import Page, Watch
from listener.sources.meta.comments import Comments, Shape
from listener.sources.meta.graph import (
    HOST,
    VERSION,
    Graph,
    PageRequests,
    Thing,
    following,
    read_each,
    things,
)
from listener.sources.meta.settings import OwnPageSettings
from listener.streams import each_stream
from listener.walk import FIRST_LOOK, Answer, Reach, newest_first

_PER_PAGE = 50  # Graph refuses answers that grow too large
_DISCUSSED = timedelta(days=28)  # below a post older than this no new comment is looked for


class OwnPage:
    """The source of one page or account, which is one brand's."""

    def __init__(self, shape: Shape, settings: OwnPageSettings, account: str) -> None:
        self.name = shape.name
        self.contract: Contract = contract_of(shape.name)
        base_url = f"{settings.base_url or HOST}/{VERSION}"
        self._graph = Graph(shape.name, base_url, settings, shape.needs)
        self._shape, self._account, self._brand = shape, account, settings.brand
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
            fetch = partial(fetches[edge], watch, PageRequests(self._graph, _PER_PAGE, now))
            return newest_first(fetch, state, self._reach, since=since, now=now)

        yield from each_stream(cursor, tuple(fetches), walk)

    def check(self) -> str:
        """See Source.check. The first page of both lists."""
        now = datetime.now(UTC)
        requests = PageRequests(self._graph, _PER_PAGE, now)
        comments = Comments(self._shape, requests, now - FIRST_LOOK)
        self._listed(self._shape.tagged, "", requests, lambda _: self._shape.post)
        self._listed(self._shape.own, "", requests, comments.fields)
        return f"{self.name}: {self._account} answers and the token is accepted"

    def _tagged(
        self, watch: Watch, requests: PageRequests, bookmark: str, _back_to: datetime
    ) -> Answer:
        shape = self._shape
        answer = self._listed(shape.tagged, bookmark, requests, lambda _: shape.post)
        posts = things(self.name, answer)
        mentions, broken = read_each(self.name, posts, partial(_at, shape.read_post, requests.now))
        kept = self._without_own(mentions, {self._account}, watch)
        bookmark = following(answer)
        full = requests.is_full(answer)
        return Answer(kept, len(posts), tuple(broken), bookmark, full=full)

    def _own(
        self, watch: Watch, requests: PageRequests, bookmark: str, back_to: datetime
    ) -> Answer:
        shape, now = self._shape, requests.now
        comments = Comments(shape, requests, back_to)
        answer = self._listed(shape.own, bookmark, requests, comments.fields)
        posts, full = things(self.name, answer), requests.is_full(answer)
        mentions, broken = read_each(self.name, posts, partial(_at, shape.read_post, now))
        known = [one for one in posts if isinstance(one, dict)]
        fetched = len(posts)
        for post in known:
            things_below = comments.of(post)
            fetched += len(things_below)
            read = partial(_at, partial(shape.read_comment, post), now)
            found, unreadable = read_each(self.name, things_below, read)
            mentions += found
            broken += unreadable
        new = [mention for mention in mentions if mention.published_at >= back_to]
        ours = {self._account, *(words(post.get("username")) for post in known)} - {""}
        over = self._is_discussed_no_more(known, back_to, now)
        return Answer(
            self._without_own(new, ours, watch),
            fetched,
            tuple(broken),
            "" if over else following(answer),
            full=full and not over,
            missing="; ".join(comments.missing),
        )

    def _listed(
        self, edge: str, bookmark: str, requests: PageRequests, fields: Callable[[int], str]
    ) -> object:
        after = {"after": bookmark} if bookmark else {}
        return requests.get(
            f"{self._account}/{edge}",
            lambda page_size: {"fields": fields(page_size), "limit": page_size, **after},
        )

    def _is_discussed_no_more(
        self, posts: Sequence[Thing], back_to: datetime, now: datetime
    ) -> bool:
        dates = (instant(post.get(self._shape.dated)) for post in posts)
        oldest = min(filter(None, dates), default=now)
        return oldest < min(back_to, now - _DISCUSSED)

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

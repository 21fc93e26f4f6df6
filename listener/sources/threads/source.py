"""Threads: public posts and replies that name the brand, by keyword search (Graph API).

Sees     what Threads finds for a keyword, newest first; nothing for words it deems offensive. Each
         word of an OR is a search of its own; all else of a query is matched here.
Needs    [sources.threads] access_token with threads_basic and threads_keyword_search. Until Meta
         has approved the latter only posts of the token's own user are found. For own replies
         threads_read_replies too.
Limits   2,200 searches in 24 hours and user, those that find nothing not counted. Only the name of
         an author is given. What is gone and what may not be seen answer alike: no deletions.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from domain.contract import Contract
from domain.mention import Mention
from listener.clean import UnreadableError, identifier, link, not_ahead, words
from listener.contracts import contract_of
from listener.dates import instant, needed
from listener.source import Page, Watch
from listener.sources.meta.graph import (
    Graph,
    PageRequests,
    Thing,
    author_of,
    following,
    id_of,
    read_each,
    things,
)
from listener.sources.threads.asks import searches
from listener.sources.threads.settings import ThreadsSettings
from listener.streams import each_stream
from listener.walk import FIRST_LOOK, Answer, Reach, newest_first

_HOST = "https://graph.threads.net"
_PER_PAGE = 100
_FIELDS = "id,text,permalink,timestamp,username,media_type,replied_to,root_post"
_REACH = Reach("threads", lasting=False, most_pages=20)
_FIRST = 1_688_540_400  # July 2023: an older `since` is refused
_PROBE = "earshotdoctor7c1f"
_OWN_REPLIES = "me/replies"  # no keyword holds a slash


class ThreadsSource:
    """Keyword search, and what the token's own user has replied."""

    name = "threads"
    contract: Contract = contract_of("threads")

    def __init__(self, settings: ThreadsSettings) -> None:
        base_url = f"{settings.base_url or _HOST}/v1.0"
        needs = "threads_basic and threads_keyword_search"
        self._searches = Graph(self.name, base_url, settings, needs)
        self._replies = Graph(self.name, base_url, settings, "threads_read_replies")

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; own replies are read for a brand that names its account here."""
        own = any(account.source == self.name for account in watch.own_accounts)
        asks = (*searches(watch).asks, *[_OWN_REPLIES] * own)

        def walk(ask: str, state: Mapping[str, Any] | None) -> Iterator[Page]:
            graph = self._replies if ask == _OWN_REPLIES else self._searches
            fetch = partial(_fetch, ask, PageRequests(graph, _PER_PAGE, now))
            return newest_first(fetch, state, _REACH, since=since, now=now)

        yield from each_stream(cursor, asks, walk)

    def check(self) -> str:
        """Search for a word nobody writes: what finds nothing is not counted."""
        now = datetime.now(UTC)
        _fetch(_PROBE, PageRequests(self._searches, _PER_PAGE, now), "", now - FIRST_LOOK)
        return "threads: keyword search answers and the token is accepted"


def _fetch(ask: str, requests: PageRequests, bookmark: str, back_to: datetime) -> Answer:
    asked: dict[str, Any] = {"fields": _FIELDS, **({"after": bookmark} if bookmark else {})}
    if ask != _OWN_REPLIES:
        since = max(_FIRST, int(back_to.timestamp()))
        asked |= {"q": ask, "search_type": "RECENT", "since": since}
    path = _OWN_REPLIES if ask == _OWN_REPLIES else "keyword_search"
    answer = requests.get(path, lambda page_size: {**asked, "limit": page_size})
    posts = things("threads", answer)
    mentions, broken = read_each("threads", posts, partial(_mention, requests.now))
    after, full = following(answer), requests.is_full(answer)
    return Answer(tuple(mentions), len(posts), tuple(broken), after, full=full)


def _mention(now: datetime, post: Thing) -> Mention | None:
    """None for a picture without a word."""
    if not isinstance(post.get("text"), str) and "media_type" not in post:
        raise UnreadableError("it has no text")
    is_repost = post.get("media_type") == "REPOST_FACADE"
    if not words(post.get("text")) or is_repost:
        return None
    external_id = id_of(post)
    parent, root = (_id_in(post.get(name)) for name in ("replied_to", "root_post"))
    return Mention(
        source="threads",
        external_id=external_id,
        text=words(post.get("text")),
        published_at=not_ahead(needed(instant(post.get("timestamp")), "timestamp"), now),
        url=link(post.get("permalink")),
        parent_id=parent or None,
        conversation_id=root or external_id,
        author=author_of({"username": post.get("username")}),
    )


def _id_in(thing: object) -> str:
    return identifier(thing.get("id")) if isinstance(thing, dict) else ""

"""RSS and Atom: articles, blog posts, releases, status pages: whatever has a feed (feedparser).

Sees     every entry of the given feeds that is still listed, with the text the feed carries. Which
         brand an entry names is found out here; one that leaves the feed is not noticed.
Needs    [sources.rss] feeds.
Limits   none but manners: a feed that has not changed is not sent again (ETag, Last-Modified).
         Of one longer than 5 MiB, or too costly to read, the first entries are read, and that
         is told.
         Feeds inside the own network are refused unless allow_private is set.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from domain.clock import iso
from domain.contract import Contract
from domain.errors import RemoteError
from listener.clean import words
from listener.contracts import contract_of
from listener.dates import instant
from listener.source import Gap, Page, Watch
from listener.sources.rss.corrections import corrected
from listener.sources.rss.posts import Feed, parsed, read_feed
from listener.sources.rss.settings import RssSettings
from listener.streams import each_stream
from net.fetch import Fetched, Fetcher, named

_ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.1"
_NOT_MODIFIED = 304
# What a feed says of its version, and how it is asked whether that is still the newest.
_VERSIONS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


class RssSource:
    """The listed feeds, one after the other, read once for all brands."""

    name = "rss"
    contract: Contract = contract_of("rss")

    def __init__(self, settings: RssSettings) -> None:
        self._feeds = settings.feeds
        self._fetcher = Fetcher(
            self.name, allow_private=settings.allow_private, base_url=settings.base_url
        )

    def collect(
        self,
        watch: Watch,  # noqa: ARG002 (feeds are not searched)
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; a feed is one page, and every entry in it comes each time.

        The store knows which are new. So one that is dated back, or edited, is not missed.
        """

        def walk(feed: str, state: Mapping[str, Any] | None) -> Iterator[Page]:
            state = state or {}
            fetched = self._fetch(feed, {} if since else _conditions(state), now)
            if fetched.status == _NOT_MODIFIED:
                yield Page((), state, 0)
                return
            yield _page(feed, read_feed(fetched, now), fetched, state, since=since, now=now)

        return each_stream(cursor, self._feeds, walk)

    def check(self) -> str:
        """Each feed once."""
        if not self._feeds:
            return "rss: no feed is listed; write some addresses into sources.rss.feeds"
        failed: list[RemoteError] = []
        for feed in self._feeds:
            try:
                parsed(self._fetch(feed, {}, None))
            except RemoteError as error:
                failed.append(error)
        if failed:
            permanent = all(error.permanent for error in failed)
            raise RemoteError("; ".join(map(str, failed)), permanent=permanent)
        return f"rss: {len(self._feeds)} of {len(self._feeds)} feeds answer"

    def _fetch(self, feed: str, conditions: Mapping[str, str], now: datetime | None) -> Fetched:
        return self._fetcher.get(feed, {"Accept": _ACCEPT, **conditions}, now=now, cut=True)


def _conditions(state: Mapping[str, Any]) -> dict[str, str]:
    said = {header: words(state.get(name)) for name, header in _VERSIONS.items()}
    return {header: value for header, value in said.items() if value.isprintable() and value}


def _page(
    url: str,
    feed: Feed,
    fetched: Fetched,
    state: Mapping[str, Any],
    *,
    since: datetime | None,
    now: datetime,
) -> Page:
    mark = instant(state.get("newest_at"))
    # A state of before there were corrections named some entries otherwise, and lost some.
    first = mark is None or since is not None or "said" not in state
    said = state.get("said")
    mentions, says = corrected(feed.mentions, said if isinstance(said, dict) else {}, now)
    newest = min(max(feed.dates, default=now), now)
    cursor = {
        "newest_at": iso(max(filter(None, [mark, newest]))),
        "said": says,
        **{name: words(fetched.headers.get(name)) for name in _VERSIONS},
    }
    return Page(
        mentions,
        cursor,
        len(mentions) + len(feed.broken),
        (*feed.broken, *filter(None, [feed.lost])),
        _gap(url, feed, mark, now),
        backlog=first,
        ageless=feed.undated if first else frozenset(),
    )


def _gap(url: str, feed: Feed, mark: datetime | None, now: datetime) -> Gap | None:
    """A feed whose oldest entry is younger than the newest one known: some may have left it.

    What is dated ahead tells nothing of when it was written. Of a feed that was cut off the rest is
    older only where its entries stand newest first.
    """
    past = [at for at in feed.dates if at <= now]
    oldest = min(past, default=None)
    if feed.lost and (oldest is None or past[0] < past[-1]):
        return Gap(mark, now, feed.lost)
    if feed.lost and mark is None:
        return Gap(None, oldest or now, feed.lost)
    if mark is None or oldest is None or oldest <= mark:
        return None
    listed = len(feed.mentions) + len(feed.broken)
    reason = f"rss: {named(url)} lists {listed} entries only, all of them new; look more often"
    return Gap(mark, oldest, reason)

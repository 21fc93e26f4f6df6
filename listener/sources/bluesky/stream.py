"""Which of the posts that Bluesky pushes may be about somebody; each is looked up before it counts.

A pushed record says nothing of its author but a DID, and nothing of what became of it. Looked up,
it is the same mention that a search finds.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from atproto import models

from domain.errors import RemoteError
from listener.clean import UnreadableError, count, words
from listener.dates import instant
from listener.query import Matcher
from listener.source import Page, Watch
from listener.sources.bluesky.jetstream import Message, messages
from listener.sources.bluesky.posts import listed, own_accounts, read_posts, text_of, uri_of
from listener.sources.bluesky.session import BlueskySession
from net.refusals import BadRequestError

AT_ONCE = 25  # what app.bsky.feed.getPosts takes
# Between two look-ups, and from a post to its own: 300 of the 3,000 requests in 5 minutes, whatever
# is pushed; the passes share them.
SOON = timedelta(seconds=1)
LATER = timedelta(seconds=10)  # Bluesky's own index may know a post only after the stream does
CURSOR_EVERY = timedelta(seconds=30)  # where nothing matches
OVERLAP = timedelta(seconds=5)
REPLAYED = timedelta(hours=1)  # of a longer absence the passes find everything with fewer bytes
_MOST_LATE = 1_000
_MOST_TOLD = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class BlueskyStream:
    """Follows the Jetstream, with a session that nobody uses beside it."""

    def __init__(self, session: BlueskySession, address: str) -> None:
        self._session, self._address = session, address
        self._dids: dict[str, str] = {}  # by own account, once it was found

    def follow(
        self,
        watches: Sequence[Watch],
        cursor: Mapping[str, Any] | None,
        *,
        take: Callable[[Page], None],
        stop: Event,
        clock: Callable[[], datetime],
    ) -> None:
        """See Streams.stream."""
        begun_at, handed_on = clock(), False
        wanted = _Wanted(watches, self._own(watches, begun_at))
        since = _since(cursor, begun_at)
        waiting = _Waiting(page_at=begun_at, at_us=since or 0)
        with closing(messages(self._address, since, stop=stop, clock=clock)) as pushed:
            for message in pushed:
                now = clock()
                waiting.add(message, now, matches=wanted.matches(message))
                if waiting.is_due(now) and not stop.wait(waiting.pause(now)):
                    take(self._page(waiting, clock()))
                    handed_on = True
        if not handed_on and not stop.is_set():
            raise RemoteError("bluesky: the stream was closed before it brought anything")

    def _page(self, waiting: "_Waiting", now: datetime) -> Page:
        uris = waiting.due(now)
        posts, refused = self._looked_up(uris, now) if uris else ([], [])
        mentions, broken = read_posts(posts, now)
        waiting.looked_up(uris, set(map(uri_of, posts)), now)
        told = [*refused, *broken, *waiting.told()]
        return Page(tuple(mentions), {"time_us": waiting.at_us}, len(posts), tuple(told))

    def _looked_up(self, uris: Sequence[str], now: datetime) -> tuple[list[Any], list[str]]:
        """The posts, and a sentence where a stranger's addresses are not taken."""
        asked = models.AppBskyFeedGetPosts.Params(uris=uris)
        try:
            return listed(self._session.query("app.bsky.feed.getPosts", asked, now), "posts"), []
        except BadRequestError as error:
            return [], [f"{error}: {len(uris)} pushed posts are left to the searches"]

    def _own(self, watches: Sequence[Watch], now: datetime) -> frozenset[str]:
        """The DIDs of the own accounts; one that is not there is told by the passes."""
        accounts = {own.account for watch in watches for own in own_accounts(watch)}
        for account in sorted(accounts - self._dids.keys()):
            did = account if account.startswith("did:") else self._did(account, now)
            if did:
                self._dids[account] = did
        return frozenset(self._dids.values())

    def _did(self, handle: str, now: datetime) -> str:
        asked = models.AppBskyActorGetProfile.Params(actor=handle)
        try:
            return words(self._session.query("app.bsky.actor.getProfile", asked, now).get("did"))
        except BadRequestError:
            return ""


class _Wanted:
    """Whether a pushed post may answer a watch; what only a whole post can tell is given."""

    def __init__(self, watches: Sequence[Watch], own: frozenset[str]) -> None:
        loosely = (watch.query.without_fields for watch in watches)
        self._matcher = Matcher({str(number): query for number, query in enumerate(loosely)})
        self._own = own

    def matches(self, message: Message) -> bool:
        if not message.uri:
            return False
        try:
            text = text_of(message.record)
        except UnreadableError:
            return False
        return message.did in self._own or bool(self._matcher.matching(text))


@dataclass(slots=True)
class _Waiting:
    """The posts to look up, and how far the stream was read."""

    page_at: datetime
    at_us: int  # where the stream was seen last, in microseconds since 1970; 0: nowhere yet
    seen_at: str = ""  # since the last page, as the stream writes it
    fresh: dict[str, datetime] = field(default_factory=dict)  # by address: when to look it up
    late: dict[str, datetime] = field(default_factory=dict)  # the same, those not there at first
    broken: list[str] = field(default_factory=list)

    def add(self, message: Message, now: datetime, *, matches: bool) -> None:
        self.seen_at = message.seen_at or self.seen_at
        if message.broken and len(self.broken) < _MOST_TOLD:
            self.broken.append(message.broken)
        if matches and message.uri not in self.late:
            self.fresh.setdefault(message.uri, now + SOON)

    def is_due(self, now: datetime) -> bool:
        if len(self.fresh) >= AT_ONCE:
            return True
        if self.seen_at and now - self.page_at >= CURSOR_EVERY:
            return True
        first = (next(iter(some.values())) for some in (self.fresh, self.late) if some)
        return any(at <= now for at in first)

    def pause(self, now: datetime) -> float:
        """Seconds to wait before a page: while this one is busy, the server's buffers fill."""
        return max((self.page_at + SOON - now).total_seconds(), 0.0)

    def due(self, now: datetime) -> list[str]:
        late = [uri for uri, at in self.late.items() if at <= now]
        return [*self.fresh, *late][:AT_ONCE]

    def looked_up(self, uris: Sequence[str], found: set[str], now: datetime) -> None:
        """Ask for what was not there once more; whatever was seen till now is dealt with."""
        for uri in uris:
            was_late = self.late.pop(uri, None) is not None
            if not was_late and uri not in found and len(self.late) < _MOST_LATE:
                self.late[uri] = now + LATER
        self.fresh.clear()
        self.page_at = now
        seen = instant(self.seen_at)
        if seen is not None:  # a time that is still to come would skip what is written until then
            self.at_us = max(self.at_us, _micros(min(seen, now)))
        self.seen_at = ""

    def told(self) -> list[str]:
        told, self.broken = self.broken, []
        return told


def _since(cursor: Mapping[str, Any] | None, now: datetime) -> int | None:
    """Where to begin; None: at what is written now."""
    at_us = count((cursor or {}).get("time_us"))
    if at_us is None or not _micros(now - REPLAYED) <= at_us <= _micros(now):
        return None
    return at_us - OVERLAP // _MICROSECOND


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND

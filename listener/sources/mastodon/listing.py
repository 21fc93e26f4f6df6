"""Reads a server's listings into mentions, page by page, for the walks of one pass."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from domain.brand import OwnAccount
from domain.mention import Mention
from listener.sources.mastodon.posts import local_id, read_statuses, uri_of
from listener.sources.mastodon.server import Listing, Server
from listener.walk import Answer
from net.refusals import NotThereError

Fetch = Callable[[str, datetime], Answer]  # as newest_first takes it


@dataclass(frozen=True, slots=True)
class Reader:
    server: Server
    now: datetime

    def posts(self, listed: Callable[[str, datetime], Listing]) -> Fetch:
        """What a hashtag or a search lists."""
        return lambda bookmark, _back_to: self._read(listed(bookmark, self.now))

    def own_posts(self, own: OwnAccount, handle: str) -> Fetch:
        """What an own account wrote, each new answer with the names of what it answers."""

        def fetch(bookmark: str, back_to: datetime) -> Answer:
            try:
                account_id = self.server.account_id(handle, self.now)
            except NotThereError:
                told = f"mastodon: own account {handle} is not known to {self.server.name}"
                return Answer((), 0, (told,) if own.source else ())  # else of any network
            listing = self.server.written_by(account_id, bookmark, self.now)
            answer = self._read(listing)
            numbers = {uri_of(status): local_id(status) for status in listing.statuses}
            placed = [
                self._in_thread(one, numbers[one.external_id])
                if one.published_at >= back_to and one.conversation_id is None
                else one
                for one in answer.mentions
            ]
            return replace(answer, mentions=tuple(placed))

        return fetch

    def _read(self, listing: Listing) -> Answer:
        mentions, broken = read_statuses(
            listing.statuses, self.server.name, self.now, domain=self.server.domain(self.now)
        )
        return Answer(tuple(mentions), len(listing.statuses), tuple(broken), listing.bookmark)

    def _in_thread(self, answer: Mention, number: str) -> Mention:
        """The answer with the names of its parent and its thread's root, which it lacks itself."""
        try:
            above = [uri for uri in map(uri_of, self.server.above(number, self.now)) if uri]
        except NotThereError:
            return answer
        return replace(answer, parent_id=above[-1], conversation_id=above[0]) if above else answer

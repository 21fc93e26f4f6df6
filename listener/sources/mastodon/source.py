"""Mastodon: posts with given hashtags on given servers, and what search finds (Mastodon.py).

Sees     public posts that a server knows: of its own people and whom they follow elsewhere. By
         hashtag always; by any word only with an access_token, on a server with full text search,
         and only authors who agreed to be found. And what the brand's own accounts wrote.
Needs    [sources.mastodon] servers, and hashtags there or #tags in the brands' queries.
Limits   300 requests in 5 minutes and server. Each server has rules of its own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from domain.contract import Contract
from domain.errors import ConfigError
from domain.mention import Standing
from listener.contracts import contract_of
from listener.source import Page, Watch
from listener.sources.mastodon.elsewhere import Elsewhere
from listener.sources.mastodon.listing import Fetch, Reader
from listener.sources.mastodon.posts import asks, handle_of, hashtags_of, standing_of, uri_of
from listener.sources.mastodon.server import Server
from listener.sources.mastodon.settings import MastodonSettings
from listener.streams import each_stream
from listener.walk import Reach, newest_first
from net.fetch import Fetcher
from net.refusals import FailingError, NoAnswerError, NotThereError, RateLimitedError

_REACH = Reach("mastodon")
_SEARCH = Reach("mastodon", lasting=False)  # its pages are counted from the newest, which moves
# What the server answers to one listing it would answer to the others.
_DOWN = (RateLimitedError, FailingError, NoAnswerError)
_LOCAL = re.compile(
    r"(?P<account>https?://(?P<host>[^/]+)/(?:ap/)?users/(?P<name>[^/]+))/statuses/(?P<number>[0-9]+)"
)


class MastodonSource:
    """One or more servers, read one after the other."""

    name = "mastodon"
    contract: Contract = contract_of("mastodon")
    recheck_at_once = 20

    def __init__(self, settings: MastodonSettings) -> None:
        if not settings.servers:
            raise ConfigError("sources.mastodon.servers is empty: name at least one server")
        token = settings.access_token.get_secret_value()
        addresses = [settings.base_url] if settings.base_url else [*dict.fromkeys(settings.servers)]
        # A token is a secret of one server, the first: no other may see it.
        self._servers = {
            address: Server(address, "" if number else token)
            for number, address in enumerate(addresses)
        }
        self._first = self._servers[addresses[0]]
        self._by_host = {server.name: server for server in self._servers.values()}
        if settings.base_url:
            hosts = [urlsplit(address).netloc for address in settings.servers]
            self._by_host |= dict.fromkeys(hosts, self._first)
        # A gateway stands for the servers that are named, not for all others.
        self._elsewhere = None if settings.base_url else Elsewhere(Fetcher(self.name))
        self._hashtags = settings.hashtags
        self._hashtags_read_at: datetime | None = None

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; a server that fails does not stop the others."""
        hashtags = list(dict.fromkeys([*self._hashtags_of_all(now), *hashtags_of(watch)]))

        def read(address: str, state: Mapping[str, Any] | None) -> Iterator[Page]:
            self._servers[address].domain(now)
            walks = self._walks(self._servers[address], watch, hashtags, now)

            def walk(name: str, its: Mapping[str, Any] | None) -> Iterator[Page]:
                fetch, reach = walks[name]
                return newest_first(fetch, its, reach, since=since, now=now)

            return each_stream(state, list(walks), walk, ends_all=_DOWN)

        return each_stream(cursor, list(self._servers), read)

    def check(self) -> str:
        """A page of one hashtag of each server, and of its search where we may search."""
        told = []
        hashtag = next(iter(self._hashtags), "mastodon")
        for server in self._servers.values():
            server.tagged(hashtag, "", None)
            searched = server.has_token and server.found("mastodon", "", None).statuses
            kinds = "hashtags and search" if searched else "hashtags"
            empty = ", its search finds nothing" if server.has_token and not searched else ""
            told.append(f"{server.name} answers ({kinds}{empty})")
        if not (self._hashtags or self._first.has_token):
            told.append("no hashtags are set, so only #tags of the brands' queries are read")
        return f"mastodon: {'; '.join(told)}"

    def recheck(self, external_ids: Sequence[str], *, now: datetime) -> Mapping[str, Standing]:
        """Our servers are asked for their own posts; what came from elsewhere is asked for there.

        Here it has another number, and may be forgotten without having been deleted. A server does
        not find the posts of an account that is suspended: they may come back.
        """
        found, foreign = {}, []
        suspended: dict[str, bool] = {}
        for external_id in external_ids:
            named = _LOCAL.fullmatch(external_id)
            server = self._by_host.get(named["host"]) if named else None
            if named is None or server is None:
                foreign.append(external_id)
                continue
            try:
                status = server.status(named["number"], now)
            except NotThereError:
                author = named["account"]
                if author not in suspended:
                    suspended[author] = server.is_suspended(named["name"], now)
                found[external_id] = Standing.HIDDEN if suspended[author] else Standing.GONE
            else:
                if uri_of(status) == external_id:
                    found[external_id] = standing_of(status)
        if self._elsewhere is not None:
            found |= self._elsewhere.standings(foreign, now=now)
        return found

    def _hashtags_of_all(self, now: datetime) -> Sequence[str]:
        """Those of the settings: read once a pass, with the brand whose turn comes first."""
        if self._hashtags_read_at == now:
            return ()
        self._hashtags_read_at = now
        return self._hashtags

    def _walks(
        self, server: Server, watch: Watch, hashtags: Sequence[str], now: datetime
    ) -> dict[str, tuple[Fetch, Reach]]:
        """What is read of one server, by name; what own accounts wrote first."""
        walks: dict[str, tuple[Fetch, Reach]] = {}
        reader = Reader(server, now)
        for own in watch.own_accounts:
            handle = handle_of(own) if own.source in ("", self.name) else ""
            if handle and self._home(handle) is server:
                walks[f"@{handle}"] = reader.own_posts(own, handle), _REACH
        for tag in hashtags:
            walks[f"#{tag}"] = reader.posts(partial(server.tagged, tag)), _REACH
        for ask in asks(watch).asks if server.has_token else ():
            walks[f"?{ask}"] = reader.posts(partial(server.found, ask)), _SEARCH
        return walks

    def _home(self, handle: str) -> Server:
        """The account's own server if it is one of ours, else the one that may know it."""
        domain = handle.partition("@")[2]
        homes = (one for one in self._servers.values() if one.is_home_of(domain))
        return self._by_host.get(domain) or next(homes, self._first)

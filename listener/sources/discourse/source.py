"""Discourse: every public post of the forums given, matched here.

Sees     topics and answers, the brand's own among them; no private messages. With an API key also
         what its user may read. An own account is written NAME@HOST.
Needs    [sources.discourse] servers; for a closed forum api_key and api_username, and only one.
Limits   as each forum sets them, often 60 requests a minute for a key and 200 for an address.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.contract import Contract
from domain.errors import ConfigError, RemoteError
from domain.mention import Standing
from listener.contracts import contract_of
from listener.pages import Thing, read_each
from listener.source import Page, Watch
from listener.sources.discourse.posts import host_of, post, post_id, standing_of
from listener.sources.discourse.settings import DiscourseSettings
from listener.streams import each_stream
from listener.walk import Answer, Reach, newest_first
from net.json_api import Api
from net.refusals import NotThereError

_STRIDE = 50  # a page is of so many ids back: there may be less posts in it, or none at all


class DiscourseSource:
    """The latest posts of each forum, newest first, back by their numbers."""

    name = "discourse"
    contract: Contract = contract_of("discourse")
    recheck_at_once = 3  # each is a request of its own, and a pass makes twenty calls

    def __init__(self, settings: DiscourseSettings) -> None:
        if not settings.servers:
            raise ConfigError("sources.discourse.servers is empty: name a forum")
        key = settings.api_key.get_secret_value()
        login = {"Api-Key": key, "Api-Username": settings.api_username} if key else {}
        self._servers = {host_of(server): server for server in settings.servers}
        self._forums = {
            host_of(server): Api(
                f"discourse: {host_of(server)}",
                settings.base_url or server,
                headers=login,
                keys="sources.discourse.servers and api_key",
            )
            for server in settings.servers
        }

    def collect(
        self,
        watch: Watch,  # noqa: ARG002 (the stream is the same for everybody)
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; a forum that fails does not stop the others."""

        def walk(host: str, state: Mapping[str, Any] | None) -> Iterator[Page]:
            def fetch(bookmark: str, _back_to: datetime) -> Answer:
                return self._page(host, bookmark, now)

            return newest_first(fetch, state, Reach(f"discourse {host}"), since=since, now=now)

        return each_stream(cursor, list(self._forums), walk)

    def check(self) -> str:
        """The newest page of every forum."""
        for host in self._forums:
            self._listed(host, {}, None)
        return f"discourse: the latest posts of {', '.join(self._forums)} can be read"

    def recheck(self, external_ids: Sequence[str], *, now: datetime) -> Mapping[str, Standing]:
        """One by one, by topic and number; a post of a forum no longer given is left out."""
        found = {}
        for one in external_ids:
            place = re.fullmatch(r"(.+)/([0-9]+/[0-9]+)", one)
            if place is not None and place[1] in self._forums:
                found[one] = self._standing(place[1], place[2], now)
        return found

    def _page(self, host: str, bookmark: str, now: datetime) -> Answer:
        asked = {"before": bookmark} if bookmark else {}
        things = self._listed(host, asked, now)

        def name(thing: Thing) -> str:
            return f"discourse {host} post {post_id(thing) or 'without id'}"

        following = _before(things, bookmark)
        server = self._servers[host]
        return read_each(things, lambda one: post(server, one, now), name, bookmark=following)

    def _listed(self, host: str, asked: Mapping[str, str], now: datetime | None) -> list[Any]:
        answer = self._forums[host].get("posts.json", asked, now=now)
        things = answer.get("latest_posts") if isinstance(answer, dict) else None
        if not isinstance(things, list):
            raise RemoteError(f"discourse: {host}: the answer lists no posts; will be tried again")
        return things

    def _standing(self, host: str, place: str, now: datetime) -> Standing:
        """A forum does not find what was deleted, and refuses what is for others to see."""
        try:
            thing = self._forums[host].get(f"posts/by_number/{place}.json", {}, now=now)
        except NotThereError:
            return Standing.GONE
        except RemoteError as error:
            if not error.permanent:
                raise
            self._listed(host, {}, now)  # raises where the forum refuses everything
            return Standing.HIDDEN
        if not isinstance(thing, dict):
            raise RemoteError("discourse: the answer is no post; will be tried again")
        return standing_of(thing)


def _before(things: Sequence[object], bookmark: str) -> str:
    """Where the next page begins; some versions list that post again, others the one before it."""
    ids = [number for one in things if isinstance(one, dict) and (number := post_id(one))]
    asked = int(bookmark) if bookmark.isdecimal() else None
    lowest = min(ids, default=None)
    if lowest is None or (asked is not None and lowest >= asked):
        lowest = asked - _STRIDE if asked is not None else None
    return str(lowest) if lowest is not None and lowest > 1 else ""

"""Bluesky: posts of the whole network that name the brand, by its search (atproto).

Sees     posts, answers and quotes; what names the brand in a link card or a picture's description
         is found too, and shown with the words. And what the brand's own accounts wrote. Its stream
         brings what names the brand within seconds.
Needs    [sources.bluesky] handle and app_password of any account.
Limits   3,000 requests in 5 minutes, 10,000 posts a search; 10 refused logins a day.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from threading import Event
from typing import Any

from atproto import models

from domain.brand import OwnAccount
from domain.clock import iso
from domain.contract import Contract
from domain.errors import ConfigError
from domain.mention import Standing
from listener.clean import words
from listener.contracts import contract_of
from listener.source import Page, Watch
from listener.sources.bluesky.posts import (
    asks,
    author_of,
    is_withheld,
    listed,
    own_accounts,
    read_posts,
    standing_of,
    uri_of,
)
from listener.sources.bluesky.session import BlueskySession
from listener.sources.bluesky.settings import BlueskySettings
from listener.sources.bluesky.stream import BlueskyStream
from listener.streams import each_ask
from listener.walk import ALL_THERE_IS, Answer, Reach, newest_first
from net.refusals import BadRequestError

_PER_PAGE = 100
# A search's bookmark is a count from the newest post, which is another one in the next pass.
_SEARCH = Reach("bluesky", cut_at=9_900, lasting=False)
_OWN_POSTS = Reach("bluesky")
_AWAY = ("AccountTakedown", "AccountDeactivated")


class BlueskySource:
    """One account's view of what is public."""

    name = "bluesky"
    contract: Contract = contract_of("bluesky")
    recheck_at_once = 25

    def __init__(self, settings: BlueskySettings) -> None:
        password = settings.app_password.get_secret_value()
        if not settings.handle or not password:
            raise ConfigError("sources.bluesky needs handle and app_password (env: or file:)")
        self._session = BlueskySession(settings.handle, password, settings.base_url)
        # It runs beside the passes, and a session is for one at a time.
        session = BlueskySession(settings.handle, password, settings.base_url)
        self._stream = BlueskyStream(session, settings.stream_url)
        self.streaming = settings.stream

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; what own accounts wrote comes first."""
        own = {f"@{one.account}": one for one in own_accounts(watch)}

        def walk(name: str, state: Mapping[str, Any] | None) -> Iterator[Page]:
            if name in own:
                fetch, reach = partial(self._written_by, own[name], now), _OWN_POSTS
            else:
                fetch, reach = partial(self._found, name, now), _SEARCH
            return newest_first(fetch, state, reach, since=since, now=now)

        return each_ask(cursor, [*own, *asks(watch).asks], walk)

    def stream(
        self,
        watches: Sequence[Watch],
        cursor: Mapping[str, Any] | None,
        *,
        take: Callable[[Page], None],
        stop: Event,
        clock: Callable[[], datetime],
    ) -> None:
        """See Streams.stream; what may match is looked up, and so is what own accounts write."""
        self._stream.follow(watches, cursor, take=take, stop=stop, clock=clock)

    def check(self) -> str:
        """A login and the search of a pass."""
        self._search("bluesky", None, "", ALL_THERE_IS)
        return "bluesky: search answers and the app password is accepted"

    def recheck(self, external_ids: Sequence[str], *, now: datetime) -> Mapping[str, Standing]:
        """What is not there is gone, unless its whole account is away: that may come back."""
        posts = [one for one in external_ids if author_of(one)]
        if not posts:
            return {}
        answer = self._session.query(
            "app.bsky.feed.getPosts", models.AppBskyFeedGetPosts.Params(uris=posts), now
        )
        there = {uri_of(post): post for post in listed(answer, "posts")}
        missing = {author_of(one) for one in posts if one not in there}
        away = {did for did in missing if self._is_away(did, now)}
        found = {}
        for one in posts:
            if one not in there:
                found[one] = Standing.HIDDEN if author_of(one) in away else Standing.GONE
            else:
                found[one] = standing_of(there[one])
        return found

    def _is_away(self, did: str, now: datetime) -> bool:
        """Whether an account is suspended, switched off or blocked, not deleted."""
        asked = models.AppBskyActorGetProfile.Params(actor=did)
        try:
            return is_withheld(self._session.query("app.bsky.actor.getProfile", asked, now))
        except BadRequestError as error:
            return error.name in _AWAY

    def _found(self, ask: str, now: datetime, bookmark: str, back_to: datetime) -> Answer:
        answer = self._search(ask, now, bookmark, back_to)
        return _read(answer, listed(answer, "posts"), now)

    def _search(
        self, ask: str, now: datetime | None, bookmark: str, back_to: datetime
    ) -> Mapping[str, Any]:
        asked = models.AppBskyFeedSearchPosts.Params(
            q=ask, sort="latest", since=iso(back_to), limit=_PER_PAGE, cursor=bookmark or None
        )
        return self._session.query("app.bsky.feed.searchPosts", asked, now)

    def _written_by(
        self, own: OwnAccount, now: datetime, bookmark: str, _back_to: datetime
    ) -> Answer:
        """A page of an own account; one that is not there does not stop the rest."""
        asked = models.AppBskyFeedGetAuthorFeed.Params(
            actor=own.account,
            filter="posts_with_replies",
            limit=_PER_PAGE,
            cursor=bookmark or None,
        )
        try:
            answer = self._session.query("app.bsky.feed.getAuthorFeed", asked, now)
        except BadRequestError as error:
            told = f"bluesky: own account {own.account} is not there or not shown ({error.name})"
            return Answer((), 0, (told,) if own.source else ())  # else it is of any network
        items = listed(answer, "feed")
        given = [one for one in items if isinstance(one, dict) and not one.get("reason")]
        posts = [one.get("post") for one in given]  # a reason is that of a repost
        return replace(_read(answer, posts, now), fetched=len(items))


def _read(answer: Mapping[str, Any], posts: Sequence[object], now: datetime) -> Answer:
    mentions, broken = read_posts(posts, now)
    return Answer(tuple(mentions), len(posts), tuple(broken), words(answer.get("cursor")))

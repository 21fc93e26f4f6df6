"""X: posts that name the brand, by recent search, and what mentions it by @ (tweepy).

Sees     posts, replies and quotes of the past 7 days, edited ones in their newest words; further
         back by `collect --since` with archive = true. Its own accounts' answers come by the same
         search. Plain reposts no longer come by keyword since 2026-05-04.
Needs    [sources.x] bearer_token of an app with credits: every post read costs money, and what
         monthly_budget does not pay is not read.
Limits   450 searches per 15 minutes and app, 300 of the archive; queries of 512 characters; what
         an account is mentioned in ends after 800 posts.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import tweepy

from domain.clock import iso
from domain.contract import Contract
from domain.errors import ConfigError, RemoteError
from listener import wire
from listener.contracts import contract_of
from listener.prices import Read
from listener.purse import Purse
from listener.settings import XSettings
from listener.source import Page, Watch
from listener.sources.x_errors import BadRequestError, answered
from listener.sources.x_posts import read_page
from listener.sources.x_spend import reads_of, too_dear, total_of
from listener.sources.x_walk import (
    MENTIONS,
    Walk,
    left_deep,
    mentioned,
    next_token,
    plan,
    searches,
)
from listener.streams import each_ask

_HOST = "https://api.twitter.com"  # written into tweepy; api.x.com is the same service
# The archive would give 500, but each page must be payable before it is asked for: small ones
# leave less of the budget unused.
_PER_PAGE = 100
_MOST_PAGES = 100  # of one pass, 10,000 posts; the next pass goes on where this one stopped
_ARCHIVE_PACE_S = 1.0  # https://docs.x.com/x-api/posts/search/introduction
_ARCHIVE_FROM = datetime(2006, 3, 22, tzinfo=UTC)
_MENTIONS_FROM = datetime(2010, 11, 7, tzinfo=UTC)
_FAR = timedelta(hours=6)  # who reaches further back counts first
_ASK_AGAIN = timedelta(days=1)  # counting costs something, too
_FIELDS = {
    # The posts that are referred to are not asked for: they would be charged, and are not ours.
    "expansions": "author_id",
    "tweet_fields": (
        "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,"
        "lang,note_tweet,public_metrics,referenced_tweets"
    ),
    "user_fields": "created_at,description,location,name,public_metrics,url,username",
}


@dataclass(frozen=True, slots=True)
class _Listing:
    """One of X's lists of posts, newest first."""

    call: Callable[..., object]  # of tweepy's client
    asked: Mapping[str, object]  # what makes it this one
    read: Read = Read.POST  # what a post of it is charged as
    bookmark: str = "next_token"  # the parameter its bookmark goes into
    pace_s: float = 0.0  # between two requests
    ends_after: int | None = None  # posts, whatever more there are


class XSource:
    """Search, and the mentions of own accounts, with one app's bearer token."""

    name = "x"
    contract: Contract = contract_of("x")

    def __init__(self, settings: XSettings) -> None:
        token = settings.bearer_token.get_secret_value()
        if not token:
            raise ConfigError(
                "sources.x.bearer_token is missing: give it as env:NAME or file:/path"
            )
        _silence_tweepy()
        self._prices = settings.prices
        self._own_mentions = settings.own_mentions
        self._archive = settings.archive
        self._purse: Purse | None = None
        self._client = tweepy.Client(token, return_type=dict)
        self._client.session = wire.session(settings.base_url, instead_of=f"{_HOST}/")

    def pays_from(self, purse: Purse) -> None:
        """See Payer.pays_from."""
        self._purse = purse

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect; a walk that an earlier pass left open is finished first.

        Mentions of own accounts come before the searches, which then find them paid for.
        """
        asks = (*mentioned(watch, self._own_mentions), *searches(watch).asks)
        return each_ask(cursor, asks, lambda ask, state: self._walk(ask, state, since, now))

    def expected(self, watch: Watch, *, since: datetime, now: datetime) -> int:
        """About how many posts the searches for this watch would bring; counting is charged.

        since: at most 7 days back.
        """
        asks = searches(watch).asks
        return sum(self._count(ask, since, now, archive=False) for ask in asks)

    def check(self) -> str:
        """Search for a phrase nobody writes: X charges for posts read, and there are none."""
        asked = {"query": '"earshot doctor asks whether search answers 7c1f"', "max_results": 10}
        answered(self._client.search_recent_tweets, None, **asked)
        return "x: recent search answers and the token is accepted"

    def _walk(
        self, ask: str, cursor: Mapping[str, Any] | None, since: datetime | None, now: datetime
    ) -> Iterator[Page]:
        walk, seen = self._plan(ask, cursor, since, now), 0
        for number in range(_MOST_PAGES):
            gap, listing = walk.gap, self._listing(walk)
            if number:
                time.sleep(listing.pace_s)
            if self._purse is not None:
                page_cost = _PER_PAGE * self._prices.with_author(listing.read)
                self._purse.must_pay(page_cost, now=now)
            walk, answer = self._ask(walk, listing, now)
            mentions, broken, fetched = read_page(answer, now)
            walk = walk.after(answer, mentions)
            reads, seen = reads_of(answer, listing.read), seen + fetched
            if listing.ends_after is not None and seen >= listing.ends_after:
                gap = gap or walk.cut_off(seen)
            yield Page(
                mentions,
                walk.cursor(),
                fetched,
                broken,
                gap or walk.gap,
                backlog=walk.is_backlog(),
                reads=reads,
            )
            if walk.open:
                walk = replace(walk, gap=None)
            elif walk.resumed:
                walk = self._plan(ask, walk.cursor(), None, now)
            else:
                return

    def _plan(
        self, ask: str, cursor: Mapping[str, Any] | None, since: datetime | None, now: datetime
    ) -> Walk:
        """The walk to make, once it is known that the budget pays what it may bring."""
        if ask.startswith(MENTIONS):
            return plan(cursor, query=ask, since=since, now=now, listed_from=_MENTIONS_FROM)
        deep = self._archive and (since is not None or left_deep(cursor))
        listed_from = _ARCHIVE_FROM if deep else None
        walk = plan(cursor, query=ask, since=since, now=now, listed_from=listed_from)
        if self._purse is not None and not walk.resumed and now - walk.unheard_since > _FAR:
            self._weigh(walk, self._purse, now, by_hand=since is not None)
        return walk

    def _weigh(self, walk: Walk, purse: Purse, now: datetime, *, by_hand: bool) -> None:
        """Raises RemoteError when the walk is likely to cost more than is left of the month."""
        # Without money for a page there is nothing to count for.
        purse.must_pay(_PER_PAGE * self._prices.with_author(Read.POST), now=now)
        expected = self._count(walk.query, walk.unheard_since, now, archive=walk.deep)
        cost = expected * self._prices.with_author(Read.POST)
        left = purse.left(now=now)
        if cost > left:
            told = too_dear(expected, cost, left, walk.unheard_since)
            raise RemoteError(told, retry_after=None if by_hand else _ASK_AGAIN)

    def _count(self, query: str, since: datetime, now: datetime, *, archive: bool) -> int:
        """How many posts a search would find; every request is paid for."""
        call, kind = self._client.get_recent_tweets_count, Read.COUNTS
        if archive:
            call, kind = self._client.get_all_tweets_count, Read.ARCHIVE_COUNTS
        total, asked = 0, {"query": query, "start_time": iso(since), "granularity": "day"}
        for _ in range(_MOST_PAGES):  # recent counts have one page, those of the archive a month
            if self._purse is not None:
                self._purse.must_pay(self._prices.of(kind), now=now)
            answer = answered(call, now, **asked)
            if self._purse is not None:
                self._purse.pay(kind, 1, now=now)
            total += total_of(answer)
            asked["next_token"] = next_token(answer)
            if not asked["next_token"]:
                break
            time.sleep(_ARCHIVE_PACE_S)
        return total

    def _listing(self, walk: Walk) -> _Listing:
        if walk.query.startswith(MENTIONS):
            asked = {"id": walk.query.removeprefix(MENTIONS)}
            call = self._client.get_users_mentions
            return _Listing(call, asked, Read.OWNED_POST, "pagination_token", ends_after=800)
        if walk.deep:
            asked = {"query": walk.query}
            return _Listing(self._client.search_all_tweets, asked, pace_s=_ARCHIVE_PACE_S)
        return _Listing(self._client.search_recent_tweets, {"query": walk.query})

    def _ask(self, walk: Walk, listing: _Listing, now: datetime) -> tuple[Walk, Mapping[str, Any]]:
        """One page; a position that X does not take is given up for a safer one."""
        while True:
            asked = {**listing.asked, "max_results": _PER_PAGE, **_FIELDS}
            try:
                return walk, answered(listing.call, now, **asked, **walk.position(listing.bookmark))
            except BadRequestError:
                safer = walk.step_back()
                if safer is None:
                    raise
                walk = safer


def _silence_tweepy() -> None:
    """Keep the bearer token, which tweepy logs at DEBUG, out of the logs at every level."""
    log = logging.getLogger("tweepy.client")
    if _above_debug not in log.filters:
        log.addFilter(_above_debug)


def _above_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.INFO

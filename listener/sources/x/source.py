"""X: posts that name the brand, by recent search, and what mentions it by @ (tweepy).

Sees     posts, replies and quotes of the past 7 days, edited ones in their newest words; further
         back by `collect --since` with archive = true. Its own accounts' answers, and the replies
         to them, come by the same search. Plain reposts no longer come by keyword since 2026-05-04.
         With stream = true most of it comes within seconds; the searches find the rest.
Needs    [sources.x] bearer_token of an app with credits: every post read costs money, and what
         monthly_budget does not pay is not read.
Limits   450 searches per 15 minutes and app, 300 of the archive; queries of 512 characters; what
         an account is mentioned in ends after 800 posts.
"""

import logging
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import tweepy

from domain.clock import iso
from domain.contract import Contract
from domain.errors import ConfigError, RemoteError
from domain.mention import Standing
from listener.budget import Budget
from listener.contracts import contract_of
from listener.prices import Read
from listener.source import Page, Watch
from listener.sources.x.asks import MENTIONS, mentioned, reworded, searches
from listener.sources.x.compliance import MOST, Compliance
from listener.sources.x.errors import BadRequestError, answered, with_posts
from listener.sources.x.posts import read_page
from listener.sources.x.settings import XSettings
from listener.sources.x.spend import reads_of, too_dear, total_of
from listener.sources.x.stream import XStream
from listener.sources.x.walk import Walk, left_deep, next_token, plan
from listener.sources.x.wire import FIELDS, session
from listener.streams import each_ask

_PER_PAGE = 100
_ARCHIVE_PER_PAGE = 500  # where the budget pays so many; each page must be payable beforehand
_MOST_PAGES = 100  # of one pass; the next one goes on where this one stopped
_ARCHIVE_PACE_S = 1.0  # https://docs.x.com/x-api/posts/search/introduction
_ARCHIVE_FROM = datetime(2006, 3, 22, tzinfo=UTC)
_MENTIONS_FROM = datetime(2010, 11, 7, tzinfo=UTC)
_FAR = timedelta(hours=6)  # who reaches further back counts first
_ASK_AGAIN = timedelta(days=1)  # counting costs something, too


@dataclass(frozen=True, slots=True)
class _Listing:
    """One of X's lists of posts, newest first."""

    call: Callable[..., object]  # of tweepy's client
    asked: Mapping[str, object]  # what makes it this one
    read: Read = Read.POST  # what a post of it is charged as
    bookmark: str = "next_token"  # the parameter its bookmark goes into
    per_page: int = _PER_PAGE  # posts, at most
    pace_s: float = 0.0  # between two requests
    ends_after: int | None = None  # posts, whatever more there are


class XSource:
    """Search, and the mentions of own accounts, with one app's bearer token."""

    name = "x"
    contract: Contract = contract_of("x")
    batch_limit = MOST

    def __init__(self, settings: XSettings) -> None:
        token = settings.bearer_token.get_secret_value()
        if not token:
            raise ConfigError(
                "sources.x.bearer_token is missing: give it as env:NAME or file:/path"
            )
        _silence_tweepy()
        self._settings = settings
        self._prices = settings.prices
        self._own_mentions = settings.own_mentions
        self._archive = settings.archive
        self._budget: Budget | None = None
        self._client = tweepy.Client(token, return_type=dict)
        self._client.session = session(settings.base_url)
        self._compliance = Compliance(self._client, settings.base_url)

    def pays_from(self, budget: Budget) -> None:
        """See Payer.pays_from."""
        self._budget = budget

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
        made = searches(watch).asks
        asks = (*mentioned(watch, self._own_mentions), *made)
        return each_ask(
            reworded(cursor, made), asks, lambda ask, state: self._walk(ask, state, since, now)
        )

    @property
    def streaming(self) -> bool:
        """See Streams.streaming."""
        return self._settings.stream

    def stream(
        self,
        watches: Sequence[Watch],
        cursor: Mapping[str, Any] | None,
        *,
        take: Callable[[Page], None],
        stop: Event,
        clock: Callable[[], datetime],
    ) -> None:
        """See Streams.stream; there is no place to go on from."""
        del cursor
        XStream(self._settings, self._budget, take=take, stop=stop, clock=clock).listen(watches)

    def expected(self, watch: Watch, *, since: datetime, now: datetime) -> int:
        """About how many posts the searches for this watch would bring; counting is charged.

        since: at most 7 days back.
        """
        asks = searches(watch).asks
        return sum(self._count(ask, since, now, archive=False) for ask in asks)

    def submit(self, external_ids: Sequence[str], *, name: str, now: datetime) -> Mapping[str, Any]:
        """See BatchLookup.submit: a compliance job, because looking posts up is charged."""
        return self._compliance.submit(external_ids, name=name, now=now)

    def poll(
        self, receipt: Mapping[str, Any], external_ids: Sequence[str], *, now: datetime
    ) -> Mapping[str, Standing] | None:
        """See BatchLookup.poll."""
        return self._compliance.poll(receipt, external_ids, now=now)

    def check(self) -> str:
        """Search for a phrase nobody writes: X charges for posts read, and there are none."""
        asked = {"query": '"earshot doctor asks whether search answers 7c1f"', "max_results": 10}
        answered(self._client.search_recent_tweets, None, **asked)
        return "x: recent search answers and the token is accepted"

    def _walk(
        self, ask: str, cursor: Mapping[str, Any] | None, since: datetime | None, now: datetime
    ) -> Iterator[Page]:
        walk, seen = (yield from self._begin(ask, cursor, since, now)), 0
        for number in range(_MOST_PAGES):
            gap, listing = walk.gap, self._listing(walk)
            if number:
                time.sleep(listing.pace_s)
            walk, answer = self._ask(walk, listing, self._page_size(listing, now), now)
            mentions, broken, fetched = read_page(answer, now)
            walk = walk.after(answer, mentions)
            reads, seen = reads_of(answer, listing.read), seen + fetched
            if listing.ends_after is not None and seen >= listing.ends_after:
                gap = gap or walk.cut_off(seen)
            gap = gap or walk.gap or walk.fell_short()
            yield Page(
                mentions,
                walk.cursor(),
                fetched,
                broken,
                gap,
                backlog=walk.is_backlog(),
                reads=reads,
                counted=walk.tally(),
            )
            if walk.open:
                walk = replace(walk, gap=None)
            elif walk.resumed:
                walk = yield from self._begin(ask, walk.cursor(), None, now)
            else:
                return

    def _page_size(self, listing: _Listing, now: datetime) -> int:
        """How many posts to ask for. Raises RemoteError when the budget does not pay 100."""
        each = self._prices.with_author(listing.read)
        if self._budget is None or not each:
            return listing.per_page
        paid_for = int(self._budget.left(now=now) // each)
        size = max(_PER_PAGE, min(listing.per_page, paid_for))
        self._budget.must_pay(size * each, now=now)
        return size

    def _begin(
        self, ask: str, cursor: Mapping[str, Any] | None, since: datetime | None, now: datetime
    ) -> Generator[Page, None, Walk]:
        """The walk to make, once it is known that the budget pays what it may bring."""
        if ask.startswith(MENTIONS):
            return plan(cursor, query=ask, since=since, now=now, listed_from=_MENTIONS_FROM)
        deep = self._archive and (since is not None or left_deep(cursor))
        listed_from = _ARCHIVE_FROM if deep else None
        walk = plan(cursor, query=ask, since=since, now=now, listed_from=listed_from)
        if self._budget is not None and not walk.resumed and now - walk.unheard_since > _FAR:
            counted = self._weigh(walk, self._budget, now, by_hand=since is not None)
            walk = replace(walk, counted=counted)
            # Kept at once: what fails from here on must not make us pay for the count again.
            yield Page((), walk.cursor(), 0, gap=walk.gap, backlog=walk.is_backlog())
            walk = replace(walk, gap=None)
        return walk

    def _weigh(self, walk: Walk, budget: Budget, now: datetime, *, by_hand: bool) -> int:
        """How many posts X counts for it.

        Raises RemoteError when they are likely to cost more than is left of the month.
        """
        # Without money for a page there is nothing to count for.
        budget.must_pay(_PER_PAGE * self._prices.with_author(Read.POST), now=now)
        expected = self._count(walk.query, walk.unheard_since, now, archive=walk.deep)
        cost = expected * self._prices.with_author(Read.POST)
        left = budget.left(now=now)
        if cost > left:
            told = too_dear(expected, cost, left, walk.unheard_since)
            raise RemoteError(told, retry_after=None if by_hand else _ASK_AGAIN)
        return expected

    def _count(self, query: str, since: datetime, now: datetime, *, archive: bool) -> int:
        """How many posts a search would find; every request is paid for."""
        call, kind = self._client.get_recent_tweets_count, Read.COUNTS
        if archive:
            call, kind = self._client.get_all_tweets_count, Read.ARCHIVE_COUNTS
        total, asked = 0, {"query": query, "start_time": iso(since), "granularity": "day"}
        for _ in range(_MOST_PAGES):  # recent counts have one page, those of the archive a month
            if self._budget is not None:
                self._budget.must_pay(self._prices.of(kind), now=now)
            answer = answered(call, now, **asked)
            if self._budget is not None:
                self._budget.pay(kind, 1, now=now)
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
            return _Listing(
                self._client.search_all_tweets,
                asked,
                per_page=_ARCHIVE_PER_PAGE,
                pace_s=_ARCHIVE_PACE_S,
            )
        return _Listing(self._client.search_recent_tweets, {"query": walk.query})

    def _ask(
        self, walk: Walk, listing: _Listing, size: int, now: datetime
    ) -> tuple[Walk, Mapping[str, Any]]:
        """One page; a position that X does not take is given up for a safer one."""
        while True:
            asked = {**listing.asked, "max_results": size, **FIELDS}
            try:
                where = walk.position(listing.bookmark)
                return walk, with_posts(answered(listing.call, now, **asked, **where))
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

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
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
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
from listener.query import X_DIALECT, compiled
from listener.source import Page, Watch
from listener.sources.x.asks import MENTIONS, mentioned, reworded, searches
from listener.sources.x.compliance import MOST, Compliance
from listener.sources.x.errors import answered, with_posts
from listener.sources.x.posts import read_page
from listener.sources.x.settings import XSettings
from listener.sources.x.spend import days_of, reads_of, too_dear, total_of
from listener.sources.x.stream import XStream
from listener.sources.x.walk import (
    REACH,
    Reading,
    Tally,
    before_the_oldest,
    is_deep,
    left_deep,
    next_token,
    position,
    read_state,
    tally,
)
from listener.sources.x.wire import FIELDS, session
from listener.streams import each_ask
from listener.walk import Answer, Reach, Walk, one_walk, plan

_PER_PAGE = 100
_FEWEST = 10  # that X gives
_ARCHIVE_PER_PAGE = 500  # where the budget pays so many; each page must be payable beforehand
_MOST_COUNT_PAGES = 100
_WHOLE_DAYS = timedelta(days=6)  # of the 7 that recent counts reach back to
_MOST_MENTIONS = 800  # then the mentions of an account end, whatever more there are
_ARCHIVE_PACE_S = 1.0  # https://docs.x.com/x-api/posts/search/introduction
_ARCHIVE_FROM = datetime(2006, 3, 22, tzinfo=UTC)
_MENTIONS_FROM = datetime(2010, 11, 7, tzinfo=UTC)
_PROBE = '"earshot doctor asks whether search answers 7c1f"'
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

    def daily(self, watch: Watch, *, now: datetime) -> Mapping[date, int]:
        """See DayCounter.daily; of a query that takes several searches, a post may count twice."""
        asks = compiled(watch.query, X_DIALECT, languages=watch.languages).asks
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        since, call = midnight - _WHOLE_DAYS, self._client.get_recent_tweets_count
        found: Counter[date] = Counter()
        for ask in asks:
            for answer in self._counted(call, Read.COUNTS, ask, since, now):
                found.update(days_of(answer))
        return found

    def submit(self, external_ids: Sequence[str], *, name: str, now: datetime) -> Mapping[str, Any]:
        """See BatchLookup.submit: a compliance job, because looking posts up is charged."""
        return self._compliance.submit(external_ids, name=name, now=now)

    def poll(
        self, receipt: Mapping[str, Any], external_ids: Sequence[str], *, now: datetime
    ) -> Mapping[str, Standing] | None:
        """See BatchLookup.poll."""
        return self._compliance.poll(receipt, external_ids, now=now)

    def check(self) -> str:
        """The search of a pass for a phrase nobody writes: X charges for posts read alone."""
        listing = self._listing(_PROBE, deep=False)
        now = datetime.now(UTC)
        where = position("", now - timedelta(hours=1), now)
        asked = {**listing.asked, "max_results": _FEWEST, **FIELDS, **where}
        answered(listing.call, None, **asked)
        return "x: recent search answers and the token is accepted"

    def _walk(
        self, ask: str, cursor: Mapping[str, Any] | None, since: datetime | None, now: datetime
    ) -> Iterator[Page]:
        state = read_state(cursor, ask)
        while True:
            reach = self._reach(ask, since, state, now)
            walk, gap = plan(state, reach, since, now)
            reading = Reading(tally(walk, state, ask, now))
            budget = self._budget
            if budget is not None and _must_count(walk, reading.tally, now):
                by_hand = since is not None
                reading.count(self._weigh(reading.tally, budget, now, by_hand=by_hand))
                # Kept at once: what fails from here on must not make us pay for the count again.
                state = reading.tally.kept_in(walk.cursor(reach))
                yield Page((), state, 0, gap=gap, backlog=walk.is_backlog(reach))
            fetch = partial(self._fetch, reading, now)
            closed = yield from one_walk(
                fetch, state, reach, since=since, now=now, finish=reading.finish
            )
            if closed is None or not walk.resumed:
                return
            state, since = reading.cursor, None

    def _reach(
        self, ask: str, since: datetime | None, state: Mapping[str, Any], now: datetime
    ) -> Reach:
        if ask.startswith(MENTIONS):
            return Reach(
                "x mentions",
                farthest=now - _MENTIONS_FROM,
                cut_at=_MOST_MENTIONS,
                lists_by_edit=True,
            )
        deep = self._archive and (since is not None or left_deep(state))
        return Reach("x", farthest=now - _ARCHIVE_FROM if deep else REACH, lists_by_edit=True)

    def _fetch(self, reading: Reading, now: datetime, bookmark: str, back_to: datetime) -> Answer:
        listing = self._listing(reading.tally.ask, deep=is_deep(back_to, now))
        if reading.pages:
            time.sleep(listing.pace_s)
        asked = {**listing.asked, "max_results": self._page_size(listing, now), **FIELDS}
        where = position(bookmark, back_to, now, name=listing.bookmark)
        answer = with_posts(answered(listing.call, now, **asked, **where))
        mentions, broken, fetched = read_page(answer, now)
        read = Answer(
            mentions,
            fetched,
            broken,
            bookmark=next_token(answer),
            fallback=before_the_oldest(answer),
            reads=reads_of(answer, listing.read),
        )
        reading.add(read, from_the_top=not bookmark)
        return read

    def _page_size(self, listing: _Listing, now: datetime) -> int:
        """How many posts to ask for. Raises RemoteError when the budget does not pay 100."""
        each = self._prices.with_author(listing.read)
        if self._budget is None or not each:
            return listing.per_page
        paid_for = int(self._budget.left(now=now) // each)
        size = max(_PER_PAGE, min(listing.per_page, paid_for))
        self._budget.must_pay(size * each, now=now)
        return size

    def _weigh(self, wanted: Tally, budget: Budget, now: datetime, *, by_hand: bool) -> int:
        """How many posts X counts for a walk.

        Raises RemoteError when they are likely to cost more than is left of the month.
        """
        # Without money for a page there is nothing to count for.
        budget.must_pay(_PER_PAGE * self._prices.with_author(Read.POST), now=now)
        expected = self._count(wanted.ask, wanted.since, now, archive=wanted.deep)
        cost = expected * self._prices.with_author(Read.POST)
        left = budget.left(now=now)
        if cost > left:
            reason = too_dear(expected, cost, left, wanted.since)
            raise RemoteError(reason, retry_after=None if by_hand else _ASK_AGAIN)
        return expected

    def _count(self, query: str, since: datetime, now: datetime, *, archive: bool) -> int:
        """How many posts a search would find; every request is paid for."""
        call, kind = self._client.get_recent_tweets_count, Read.COUNTS
        if archive:
            call, kind = self._client.get_all_tweets_count, Read.ARCHIVE_COUNTS
        answers = self._counted(call, kind, query, since, now)
        return sum(map(total_of, answers))

    def _counted(
        self, call: Callable[..., object], kind: Read, query: str, since: datetime, now: datetime
    ) -> Iterator[Mapping[str, Any]]:
        """Each page of the counts by day."""
        asked = {"query": query, "start_time": iso(since), "granularity": "day"}
        for _ in range(_MOST_COUNT_PAGES):  # recent counts have one, the archive's a page a month
            if self._budget is not None:
                self._budget.must_pay(self._prices.of(kind), now=now)
            answer = answered(call, now, **asked)
            if self._budget is not None:
                self._budget.pay(kind, 1, now=now)
            yield answer
            asked["next_token"] = next_token(answer)
            if not asked["next_token"]:
                break
            time.sleep(_ARCHIVE_PACE_S)

    def _listing(self, ask: str, *, deep: bool) -> _Listing:
        if ask.startswith(MENTIONS):
            asked = {"id": ask.removeprefix(MENTIONS)}
            call = self._client.get_users_mentions
            return _Listing(call, asked, Read.OWNED_POST, "pagination_token")
        if deep:
            return _Listing(
                self._client.search_all_tweets,
                {"query": ask},
                per_page=_ARCHIVE_PER_PAGE,
                pace_s=_ARCHIVE_PACE_S,
            )
        return _Listing(self._client.search_recent_tweets, {"query": ask})


def _must_count(walk: Walk, wanted: Tally, now: datetime) -> bool:
    """Whether so much may have been posted that the budget must be asked first."""
    is_search = not wanted.ask.startswith(MENTIONS)
    return is_search and not walk.resumed and now - wanted.since > _FAR


def _silence_tweepy() -> None:
    """Keep the bearer token, which tweepy logs at DEBUG, out of the logs at every level."""
    log = logging.getLogger("tweepy.client")
    if _above_debug not in log.filters:
        log.addFilter(_above_debug)


def _above_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.INFO

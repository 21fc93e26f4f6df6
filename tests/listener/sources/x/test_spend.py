"""The ways into X that cost differently: counts, the archive, own mentions, and a budget."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.brand import OwnAccount
from domain.errors import RemoteError
from listener.prices import Read
from listener.query import parse
from listener.source import Counted, Page, Watch
from listener.sources.x.settings import XSettings
from listener.sources.x.source import XSource
from tests.net.replay import Answer, Asked, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WATCH = Watch("Acme", parse("acme"), (OwnAccount("x", "1000"), OwnAccount("reddit", "2000")))
QUERY = "acme OR from:1000 OR to:1000"
RECENT, ALL, MENTIONS = "/2/tweets/search/recent", "/2/tweets/search/all", "/2/users/1000/mentions"
COUNTS, ALL_COUNTS = "/2/tweets/counts/recent", "/2/tweets/counts/all"


class Coins:
    """A budget of so many dollars."""

    def __init__(self, dollars: str) -> None:
        self.dollars = Decimal(dollars)
        self.paid: list[tuple[Read, int]] = []

    def left(self, *, now: datetime) -> Decimal:
        del now
        return self.dollars

    def must_pay(self, amount: Decimal, *, now: datetime) -> None:
        del now
        if amount > self.dollars:
            raise RemoteError(f"x: {amount} is too much")

    def pay(self, kind: Read, units: int, *, now: datetime) -> None:
        del now
        self.paid.append((kind, units))


Make = Callable[..., XSource]


@pytest.fixture
def make(replay: Replay) -> Make:
    def made(budget: Coins | None = None, **more: object) -> XSource:
        table = {"bearer_token": "invented", "base_url": replay.url, **more}
        source = XSource(XSettings.model_validate(table))
        if budget is not None:
            source.pays_from(budget)
        return source

    return made


def collect(
    source: XSource,
    cursor: Mapping[str, Any] | None = None,
    *,
    since: datetime | None = None,
    now: datetime = NOW,
) -> list[Page]:
    return list(source.collect(WATCH, cursor, since=since, now=now))


def posts(*numbers: int, ago: timedelta = timedelta(hours=1), token: str = "") -> Answer:
    at = NOW - ago
    data = [
        {
            "id": str(1991450000000000000 + number),
            "text": f"acme {number}",
            "author_id": "501",
            "created_at": f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
        }
        for number in numbers
    ]
    users = [{"id": "501", "username": "ana"}] if data else []
    meta = {"result_count": len(data)} | ({"next_token": token} if token else {})
    return Answer({"data": data, "includes": {"users": users}, "meta": meta})


def counted(total: int, token: str = "") -> Answer:
    meta = {"total_tweet_count": total} | ({"next_token": token} if token else {})
    return Answer({"data": [], "meta": meta})


def by_path(replay: Replay, answers: Mapping[str, Answer]) -> None:
    replay.plan()
    replay.by_query = lambda asked: answers[asked.path]


def paths(replay: Replay) -> list[str]:
    return [asked.path for asked in replay.asked]


# -- counting first


def test_a_first_pass_counts_before_it_reads(make: Make, replay: Replay) -> None:
    budget = Coins("50")
    by_path(replay, {COUNTS: counted(40), RECENT: posts(2, 1)})

    begun, page = collect(make(budget))

    assert paths(replay) == [COUNTS, RECENT]
    assert (begun.mentions, begun.fetched, begun.reads) == ((), 0, {})
    assert replay.asked[0].query == {
        "query": QUERY,
        "start_time": "2026-11-19T12:00:00Z",
        "granularity": "day",
    }
    assert budget.paid == [(Read.COUNTS, 1)]
    assert page.backlog
    assert page.reads == {
        "post": ["post:1991450000000000002", "post:1991450000000000001"],
        "user": ["user:501"],
    }


def test_what_is_likely_to_cost_more_than_is_left_is_not_begun(make: Make, replay: Replay) -> None:
    by_path(replay, {COUNTS: counted(12_345), RECENT: posts(1)})

    with pytest.raises(RemoteError) as caught:
        collect(make(Coins("41.20")))

    assert str(caught.value) == (
        "x: about 12,345 posts since 2026-11-19T12:00:00Z would cost USD 185.18, and USD 41.20 of "
        "this month's budget is left: narrow the query, go back less far, or raise "
        "sources.x.monthly_budget"
    )
    assert (caught.value.permanent, caught.value.retry_after) == (False, DAY)
    assert paths(replay) == [COUNTS]


def test_a_backfill_that_is_too_dear_does_not_stop_the_next_pass(
    make: Make, replay: Replay
) -> None:
    by_path(replay, {COUNTS: counted(12_345), RECENT: posts(1)})

    with pytest.raises(RemoteError) as caught:
        collect(make(Coins("41.20")), since=NOW - 2 * DAY)

    assert caught.value.retry_after is None


@pytest.mark.parametrize(
    ("pause", "counts"),
    [
        pytest.param(timedelta(minutes=15), False, id="as usual"),
        pytest.param(timedelta(hours=6), False, id="six hours"),
        pytest.param(timedelta(hours=7), True, id="after a pause"),
    ],
)
def test_counts_only_when_more_than_six_hours_are_unheard(
    make: Make, replay: Replay, pause: timedelta, *, counts: bool
) -> None:
    """However long ago the newest post is: a quiet brand must not be counted every time."""
    by_path(replay, {COUNTS: counted(1), RECENT: posts(1, ago=timedelta(hours=20))})
    cursor = collect(make(Coins("50")))[-1].cursor
    replay.asked.clear()

    collect(make(Coins("50")), cursor, now=NOW + pause)

    assert (COUNTS in paths(replay)) is counts


def test_a_walk_that_goes_on_is_not_counted_again(make: Make, replay: Replay) -> None:
    by_path(replay, {COUNTS: counted(1), RECENT: posts(50, token="t1")})
    walk = make(Coins("50")).collect(WATCH, None, since=None, now=NOW)
    _, first = next(walk), next(walk)
    by_path(replay, {RECENT: posts(40)})

    collect(make(Coins("50")), first.cursor)

    assert replay.asked[0].query["next_token"] == "t1"


def test_a_search_that_fails_after_the_count_is_not_counted_again(
    make: Make, replay: Replay
) -> None:
    budget = Coins("50")
    by_path(replay, {COUNTS: counted(40), RECENT: Answer({}, 503)})
    walk = make(budget).collect(WATCH, None, since=None, now=NOW)
    cursor = next(walk).cursor
    with pytest.raises(RemoteError, match="503"):
        next(walk)
    for hour in range(3):
        with pytest.raises(RemoteError, match="503"):
            collect(make(budget), cursor, now=NOW + hour * timedelta(hours=1))
    assert budget.paid == [(Read.COUNTS, 1)]

    by_path(replay, {RECENT: posts(1)})
    found = collect(make(budget), cursor, now=NOW + timedelta(hours=4))

    starts = [asked.query["start_time"] for asked in replay.asked]
    assert starts == ["2026-11-19T12:00:00Z", "2026-11-20T10:45:00Z"], "then what is new"
    assert found[0].backlog
    assert budget.paid == [(Read.COUNTS, 1)]


def test_what_is_older_than_search_sees_is_told_with_the_count(make: Make, replay: Replay) -> None:
    by_path(replay, {COUNTS: counted(1), RECENT: posts(1)})

    begun, page = collect(make(Coins("50")), since=NOW - 40 * DAY)

    assert begun.gap is not None
    assert begun.gap.since == NOW - 40 * DAY
    assert page.gap is None


# -- what was counted, and what came


@pytest.mark.parametrize(
    ("counts", "short"),
    [
        pytest.param(6, False, id="all of them"),
        pytest.param(0, False, id="more than that"),
        pytest.param(12, False, id="half of them"),
        pytest.param(13, False, id="few are missing"),
        pytest.param(16, True, id="much less"),
        pytest.param(1_000, True, id="next to nothing"),
    ],
)
def test_a_walk_that_brings_much_less_than_was_counted_is_a_gap(
    make: Make, replay: Replay, counts: int, *, short: bool
) -> None:
    pages = [posts(6, 5, 4, token="t1"), posts(3, 2, 1)]

    def answer(asked: Asked) -> Answer:
        return counted(counts) if asked.path == COUNTS else pages.pop(0)

    replay.plan()
    replay.by_query = answer
    *before, last = collect(make(Coins("50")))

    assert [(page.gap, page.counted) for page in before] == [(None, None)] * 2
    assert last.counted == Counted(counts, came=6)
    assert (last.gap is not None) is short
    if last.gap is not None:
        assert (last.gap.since, last.gap.until) == (NOW - DAY, NOW)
        assert last.gap.reason == f"x: X counted {counts:,} posts and 6 came"


def test_a_walk_that_is_gone_on_with_adds_up_what_came(make: Make, replay: Replay) -> None:
    by_path(replay, {COUNTS: counted(20), RECENT: posts(*range(20, 10, -1), token="t1")})
    walk = make(Coins("50")).collect(WATCH, None, since=None, now=NOW)
    _, first = next(walk), next(walk)
    by_path(replay, {RECENT: posts(*range(10, 4, -1))})

    found = collect(make(Coins("50")), first.cursor)

    assert [page.gap for page in found] == [None, None], "16 of 20 came"


def test_what_was_posted_outside_of_what_was_counted_does_not_make_up_for_it(
    make: Make, replay: Replay
) -> None:
    by_path(replay, {COUNTS: counted(1), RECENT: posts(1, ago=timedelta(hours=20))})
    cursor = collect(make(Coins("50")))[-1].cursor
    seen_before = posts(*range(30, 0, -1), ago=timedelta(hours=20))
    by_path(replay, {COUNTS: counted(12), RECENT: seen_before})

    *_, last = collect(make(Coins("50")), cursor, now=NOW + timedelta(hours=8))

    assert last.gap is not None
    assert last.gap.reason == "x: X counted 12 posts and 0 came"
    assert last.gap.since == NOW


@pytest.mark.parametrize("answer", [{"data": []}, {"meta": {"total_tweet_count": "many"}}])
def test_counts_that_say_no_number_are_told(
    make: Make, replay: Replay, answer: dict[str, object]
) -> None:
    by_path(replay, {COUNTS: Answer(answer)})

    with pytest.raises(RemoteError, match="holds no count of posts; will be tried again"):
        collect(make(Coins("50")))


def test_the_new_spelling_of_counts_is_read(make: Make, replay: Replay) -> None:
    by_path(replay, {COUNTS: Answer({"data": [], "meta": {"total_post_count": 7}})})

    assert make(Coins("1")).expected(WATCH, since=NOW - 6 * DAY, now=NOW) == 7


def test_without_a_budget_nothing_is_counted(make: Make, replay: Replay) -> None:
    by_path(replay, {RECENT: posts(1)})

    assert len(collect(make())) == 1


def test_the_days_of_a_week_are_counted_without_what_own_accounts_bring(
    make: Make, replay: Replay
) -> None:
    coins = Coins("1")
    days = [
        {"start": "2026-11-14T00:00:00.000Z", "end": "2026-11-15T00:00:00.000Z", "tweet_count": 5},
        {"start": "2026-11-15T00:00:00.000Z", "end": "2026-11-16T00:00:00.000Z", "post_count": 0},
        {"start": "2026-11-20T00:00:00.000Z", "end": "2026-11-20T12:00:00.000Z", "tweet_count": 9},
        {"start": "2026-11-16T00:00:00.000Z", "end": "2026-11-17T00:00:00.000Z"},
        "odd",
    ]
    by_path(replay, {COUNTS: Answer({"data": days, "meta": {"total_tweet_count": 14}})})

    found = make(coins).daily(replace(WATCH, languages=("en",)), now=NOW)

    assert found == {date(2026, 11, 14): 5, date(2026, 11, 15): 0}
    (asked,) = replay.asked
    assert asked.query["query"] == "acme lang:en"
    assert (asked.query["start_time"], asked.query["granularity"]) == (
        "2026-11-14T00:00:00Z",
        "day",
    )
    assert coins.paid == [(Read.COUNTS, 1)]


def test_counts_without_a_whole_day_are_no_counts(make: Make, replay: Replay) -> None:
    by_path(replay, {COUNTS: Answer({"data": [], "meta": {"total_tweet_count": 0}})})

    with pytest.raises(RemoteError, match="no count of a whole day"):
        make(Coins("1")).daily(WATCH, now=NOW)


def test_counts_that_the_budget_does_not_pay_are_not_asked_for(make: Make, replay: Replay) -> None:
    with pytest.raises(RemoteError, match="too much"):
        make(Coins("0.004")).daily(WATCH, now=NOW)
    assert replay.asked == []


# -- the hard stop


def test_what_does_not_pay_a_whole_page_asks_nothing(make: Make, replay: Replay) -> None:
    replay.plan(posts(1))

    with pytest.raises(RemoteError, match=r"1\.500 is too much"):
        collect(make(Coins("1.49")))

    assert replay.asked == [], "not even how much there would be"


def test_a_page_costs_less_where_authors_are_not_charged(make: Make, replay: Replay) -> None:
    by_path(replay, {COUNTS: counted(1), RECENT: posts(1)})

    assert collect(make(Coins("0.51"), prices={"users_billed": False}))


def test_the_budget_is_looked_at_before_every_page(make: Make, replay: Replay) -> None:
    budget = Coins("2")
    by_path(replay, {COUNTS: counted(1), RECENT: posts(50, token="t1")})
    walk = make(budget).collect(WATCH, None, since=None, now=NOW)
    next(walk)
    budget.dollars = Decimal("0.50")
    replay.asked.clear()

    with pytest.raises(RemoteError, match="too much"):
        next(walk)

    assert replay.asked == []


# -- own mentions


def test_mentions_of_own_accounts_are_read_first_and_cost_less(make: Make, replay: Replay) -> None:
    by_path(replay, {MENTIONS: posts(9), RECENT: posts(9, 8)})

    own, searched = collect(make(own_mentions=["1000"]))

    assert paths(replay) == [MENTIONS, RECENT]
    assert replay.asked[0].query["start_time"] == "2026-11-19T12:00:00Z"
    assert replay.asked[0].query["expansions"] == "author_id"
    assert own.reads["owned_post"] == ["post:1991450000000000009"]
    assert own.reads["owned_post"][0] in searched.reads["post"], "the same thing, so paid for"
    assert set(searched.cursor["asks"]) == {"mentions:1000", QUERY}


def test_only_the_brands_own_accounts_are_read_for_it(make: Make, replay: Replay) -> None:
    by_path(replay, {RECENT: posts(1)})

    collect(make(own_mentions=["2000", "3000"]))

    assert paths(replay) == [RECENT], "2000 is an account of another network"


def test_mentions_page_by_their_own_bookmark(make: Make, replay: Replay) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == RECENT:
            return posts()
        return posts(8) if "pagination_token" in asked.query else posts(9, token="m1")

    replay.plan()
    replay.by_query = answer
    collect(make(own_mentions=["1000"]))

    assert replay.asked[1].query["pagination_token"] == "m1"
    assert "next_token" not in replay.asked[1].query


def test_mentions_that_end_after_800_are_a_gap(make: Make, replay: Replay) -> None:
    def answer(asked: Asked) -> Answer:
        at = int(asked.query.get("pagination_token", "8"))
        if asked.path == RECENT:
            return posts()
        return posts(*range(at * 100, at * 100 - 100, -1), token=str(at - 1) if at > 1 else "")

    replay.plan()
    replay.by_query = answer
    *_, last, _ = collect(make(own_mentions=["1000"]))

    assert last.gap is not None
    assert last.gap.reason == "x mentions: the listing ended after 800, before what was known"
    assert (last.gap.since, last.gap.until) == (NOW - DAY, NOW - timedelta(hours=1))


# -- the archive


def test_a_backfill_beyond_seven_days_takes_the_archive_where_that_is_allowed(
    make: Make, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    budget, since = Coins("50"), NOW - 40 * DAY
    counts = [counted(2, token="c1"), counted(1)]
    pages = [posts(40, 30, ago=10 * DAY, token="a1"), posts(20, ago=30 * DAY)]

    def answer(asked: Asked) -> Answer:
        return (counts if asked.path == ALL_COUNTS else pages).pop(0)

    replay.plan()
    replay.by_query = answer
    found = collect(make(budget, archive=True), since=since)

    assert paths(replay) == [ALL_COUNTS, ALL_COUNTS, ALL, ALL]
    assert replay.asked[1].query["next_token"] == "c1"
    assert replay.asked[2].query["start_time"] == "2026-10-11T12:00:00Z"
    assert budget.paid == [(Read.ARCHIVE_COUNTS, 1)] * 2
    assert [page.gap for page in found] == [None, None, None]
    assert all(page.backlog for page in found), "what is old wakes nobody"
    assert max(slept) <= 1
    assert slept.count(1) == 2, "one request a second"


@pytest.mark.parametrize(
    ("dollars", "size"),
    [
        pytest.param("50", 500, id="all it gives"),
        pytest.param("7.50", 500, id="just paid"),
        pytest.param("7.49", 499, id="a cent less"),
        pytest.param("1.50", 100, id="no fewer than a page of the search"),
    ],
)
def test_the_archive_is_asked_for_as_much_as_the_budget_pays(
    make: Make, replay: Replay, dollars: str, size: int
) -> None:
    by_path(replay, {ALL_COUNTS: counted(3), ALL: posts(3, ago=10 * DAY)})

    collect(make(Coins(dollars), archive=True), since=NOW - 40 * DAY)

    assert replay.asked[-1].query["max_results"] == str(size)


def test_the_archive_gives_whole_pages_where_nothing_is_charged(make: Make, replay: Replay) -> None:
    by_path(replay, {ALL_COUNTS: counted(3), ALL: posts(3, ago=10 * DAY)})
    free = {"post": 0, "users_billed": False}

    collect(make(Coins("0.10"), archive=True, prices=free), since=NOW - 40 * DAY)

    assert replay.asked[-1].query["max_results"] == "500"


def test_a_budget_that_ends_within_the_archive_asks_for_nothing_more(
    make: Make, replay: Replay
) -> None:
    budget = Coins("20")
    by_path(replay, {ALL_COUNTS: counted(3), ALL: posts(3, ago=10 * DAY, token="a1")})
    walk = make(budget, archive=True).collect(WATCH, None, since=NOW - 40 * DAY, now=NOW)
    next(walk), next(walk)
    budget.dollars = Decimal("1.49")
    replay.asked.clear()

    with pytest.raises(RemoteError, match=r"1\.500 is too much"):
        next(walk)

    assert replay.asked == []


def test_a_backfill_from_the_archive_is_gone_on_with_after_a_crash(
    make: Make, replay: Replay
) -> None:
    by_path(replay, {ALL: posts(40, ago=10 * DAY, token="a1"), RECENT: posts(90)})
    source = make(archive=True)
    first = next(source.collect(WATCH, None, since=NOW - 40 * DAY, now=NOW))
    by_path(replay, {ALL: posts(30, ago=20 * DAY), RECENT: posts(90)})

    later = collect(source, first.cursor, now=NOW + DAY)

    assert [m.text for page in later for m in page.mentions] == ["acme 30", "acme 90"]
    assert paths(replay) == [ALL, RECENT]
    assert replay.asked[0].query["next_token"] == "a1"


def test_the_archive_is_asked_by_hand_alone(make: Make, replay: Replay) -> None:
    by_path(replay, {RECENT: posts(1)})
    cursor = collect(make(archive=True))[-1].cursor
    replay.asked.clear()

    (page,) = collect(make(archive=True), cursor, now=NOW + 9 * DAY)

    assert paths(replay) == [RECENT]
    assert page.gap is not None


def test_without_the_archive_a_backfill_ends_at_seven_days(make: Make, replay: Replay) -> None:
    by_path(replay, {RECENT: posts(1)})

    (page,) = collect(make(), since=NOW - 40 * DAY)

    assert page.gap is not None
    assert page.gap.since == NOW - 40 * DAY

"""The walk every newest-first source makes, against a small service that grows and fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import RemoteError
from domain.mention import Mention
from listener.backfill import OVERLAP
from listener.source import Gap, Page
from listener.streams import each_ask
from listener.walk import Answer, Reach, newest_first

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PER_PAGE = 3
LASTING = Reach("w", first_look=None)
PASSING = replace(LASTING, lasting=False)


@dataclass
class Service:
    """Lists posts newest first; a bookmark is the id of the last post given."""

    posts: Sequence[Mention] = ()
    asked: int = 0
    fails_at: int = -1  # this request is refused
    error: RemoteError | None = None

    def fetch(self, bookmark: str, _back_to: datetime) -> Answer:
        self.asked += 1
        if self.asked == self.fails_at and self.error is not None:
            raise self.error
        listed = sorted(self.posts, key=lambda one: one.external_id, reverse=True)
        found = [one for one in listed if not bookmark or one.external_id < bookmark]
        page, more = found[:PER_PAGE], len(found) > PER_PAGE
        return Answer(tuple(page), len(page), (), page[-1].external_id if more else "")


def post(number: int, *, at: datetime | None = None) -> Mention:
    written = at or NOW - 200 * MINUTE + number * MINUTE
    return Mention("w", f"{number:04}", "", written)


def numbered(count: int) -> list[Mention]:
    return [post(number) for number in range(count)]


def walk(
    service: Service,
    cursor: Mapping[str, Any] | None = None,
    *,
    reach: Reach = LASTING,
    since: datetime | None = None,
    now: datetime = NOW,
) -> list[Page]:
    return list(newest_first(service.fetch, cursor, reach, since=since, now=now))


def ids(pages: Sequence[Page]) -> list[int]:
    return [int(one.external_id) for page in pages for one in page.mentions]


def test_the_first_pass_takes_all_and_the_next_only_what_is_new() -> None:
    service = Service([post(20 * number) for number in range(7)])
    first = walk(service)
    assert ids(first) == [120, 100, 80, 60, 40, 20, 0]
    service.posts = [*service.posts, post(150)]

    second = walk(service, first[-1].cursor)

    assert ids(second) == [150, 120, 100, 80, 60, 40], "its last page lies behind the overlap"
    assert [page.backlog for page in (*first, *second)] == [True, True, True, False, False]


@pytest.mark.parametrize("wrong", [NOW - 9000 * DAY, NOW - 48 * HOUR])
def test_a_wrong_date_at_the_end_of_a_page_ends_no_walk(wrong: datetime) -> None:
    service = Service(numbered(3))
    cursor = walk(service)[-1].cursor
    late = [*map(post, range(100, 104)), post(104, at=wrong), post(105), post(106)]
    service.posts = [*numbered(3), *late]
    assert set(range(100, 107)) <= set(ids(walk(service, cursor)))


def test_a_first_look_goes_back_a_day_only() -> None:
    service = Service([post(n, at=NOW - (30 - n) * HOUR) for n in range(30)])
    assert min(ids(walk(service, reach=Reach("w")))) == 3, "the page in which the day ends is whole"


def test_a_crash_between_pages_goes_on_where_it_was_and_then_looks_for_the_newest() -> None:
    service = Service(numbered(9))
    cut = walk(service)[0]
    service.posts = [*service.posts, post(20)]

    again = walk(service, cut.cursor)

    assert ids(again) == [5, 4, 3, 2, 1, 0, 20, 8, 7, 6, 5, 4, 3, 2, 1, 0][: len(ids(again))]
    assert 20 in ids(again)
    assert set(range(6)) <= set(ids(again))


def test_where_bookmarks_do_not_last_a_cut_walk_starts_at_the_top() -> None:
    service = Service(numbered(9))
    cut = walk(service, reach=PASSING)[0]
    assert ids(walk(service, cut.cursor, reach=PASSING)) == list(range(8, -1, -1))


def test_a_bookmark_that_is_refused_later_is_given_up_for_the_top() -> None:
    service = Service(numbered(9))
    cut = walk(service)[0]
    service.asked, service.fails_at = 0, 1
    service.error = RemoteError("w: refused (400)", permanent=True)
    assert ids(walk(service, cut.cursor)) == list(range(8, -1, -1))


@pytest.mark.parametrize("permanent", [True, False])
def test_trouble_on_the_way_ends_the_pass_and_keeps_what_came(*, permanent: bool) -> None:
    service = Service(numbered(9), fails_at=2, error=RemoteError("w: 503", permanent=permanent))
    pages = newest_first(service.fetch, None, LASTING, since=None, now=NOW)
    assert ids([next(pages)]) == [8, 7, 6]
    with pytest.raises(RemoteError, match="503"):
        next(pages)


def test_a_service_that_repeats_itself_is_left_with_a_gap() -> None:
    def fetch(_bookmark: str, _back_to: datetime) -> Answer:
        return Answer((post(5),), 1, (), "same")

    pages = list(newest_first(fetch, None, LASTING, since=NOW - DAY, now=NOW))
    assert len(pages) == 2
    assert pages[-1].gap is not None
    assert (pages[-1].gap.since, pages[-1].gap.until) == (NOW - DAY, post(5).published_at)
    assert "repeated itself" in pages[-1].gap.reason


def test_endless_empty_pages_end() -> None:
    numbers = iter(range(10_000))

    def fetch(_bookmark: str, _back_to: datetime) -> Answer:
        return Answer((), 0, (), str(next(numbers)))

    pages = list(newest_first(fetch, None, LASTING, since=None, now=NOW))
    assert len(pages) == 10
    assert pages[-1].gap is not None


def test_some_empty_pages_on_the_way_are_walked_through() -> None:
    answers = [
        Answer((post(9),), 1, (), "a"),
        Answer((), 0, (), "b"),
        Answer((), 0, (), "c"),
        Answer((post(1),), 1, (), ""),
    ]
    pages = list(newest_first(lambda _b, _t: answers.pop(0), None, LASTING, since=None, now=NOW))
    assert ids(pages) == [9, 1]
    assert pages[-1].gap is None


@pytest.mark.parametrize(
    ("reach", "count", "gap"),
    [
        pytest.param(replace(LASTING, cut_at=6), 9, None, id="it reaches what was known"),
        pytest.param(replace(LASTING, cut_at=6), 3, None, id="short: it is all there is"),
    ],
)
def test_a_listing_that_is_whole_has_no_gap(reach: Reach, count: int, gap: object) -> None:
    service = Service(numbered(count))
    first = walk(service, reach=reach)
    assert first[-1].gap is gap
    assert walk(service, first[-1].cursor, reach=reach)[-1].gap is gap


def test_a_listing_that_ends_before_what_was_known_has_lost_something() -> None:
    reach = replace(LASTING, cut_at=6)
    first = walk(Service(numbered(3)), reach=reach)
    later = Service([post(n) for n in range(100, 106)])

    gap = walk(later, first[-1].cursor, reach=reach)[-1].gap

    assert gap is not None
    assert (gap.since, gap.until) == (post(2).published_at, post(100).published_at)
    assert "ended after 6" in gap.reason


def told(answer: Answer) -> list[Page]:
    reach = replace(PASSING, first_look=DAY)
    return list(newest_first(lambda *_: answer, None, reach, since=None, now=NOW))


def test_a_full_page_without_one_behind_it_has_proved_no_end() -> None:
    (page,) = told(Answer((post(150), post(100)), 2, full=True))
    assert page.gap is not None
    assert (page.gap.since, page.gap.until) == (NOW - DAY, post(100).published_at)
    assert page.gap.reason == "w: a full page and none after it, older posts may be missing"


def test_a_full_page_that_reaches_what_is_known_is_no_gap() -> None:
    (page,) = told(Answer((post(150), post(0, at=NOW - 2 * DAY)), 2, full=True))
    assert page.gap is not None, "one old date is not believed"
    old = tuple(post(number, at=NOW - 2 * DAY) for number in (3, 2, 1))
    (page,) = told(Answer((post(150), *old), 4, full=True))
    assert page.gap is None


def test_what_did_not_come_with_a_page_is_a_gap_up_to_now() -> None:
    (page,) = told(Answer((post(150),), 1, missing="w: comments are missing"))
    assert page.gap == Gap(NOW - DAY, NOW, "w: comments are missing")


def test_what_lies_further_back_than_the_service_lists_is_a_gap() -> None:
    reach = replace(LASTING, farthest=7 * DAY)
    first = walk(Service(numbered(3)), reach=reach)
    later = NOW + 9 * DAY
    pages = walk(Service([post(99, at=later - HOUR)]), first[-1].cursor, reach=reach, now=later)
    gap = pages[0].gap
    assert gap is not None
    assert gap.until == later - 7 * DAY
    assert "nothing older than 7 days" in gap.reason
    assert walk(Service(), pages[-1].cursor, reach=reach, now=later)[0].gap is None


def test_more_than_a_pass_takes_is_continued_in_the_next_one() -> None:
    service, reach = Service(numbered(12)), replace(LASTING, most_pages=2)
    first = walk(service, reach=reach)
    second = walk(service, first[-1].cursor, reach=reach)
    assert ids(first) + ids(second) == list(range(11, -1, -1))


def test_where_bookmarks_do_not_last_it_is_a_gap() -> None:
    service = Service(numbered(12))
    first = walk(service, reach=replace(PASSING, most_pages=2))
    assert first[-1].gap is not None
    assert "more than 6 posts at once" in first[-1].gap.reason


def test_a_backfill_goes_back_to_its_instant_and_is_history() -> None:
    service = Service(numbered(30))
    first = walk(service)
    since = post(10).published_at
    pages = walk(service, first[-1].cursor, since=since)
    assert set(range(10, 30)) <= set(ids(pages))
    assert all(page.backlog for page in pages)


def test_a_backfill_that_is_cut_goes_on_to_its_instant() -> None:
    service, reach = Service(numbered(30)), replace(LASTING, most_pages=4)
    mark = walk(service)[-1].cursor
    first = walk(service, mark, since=post(2).published_at, reach=reach)
    second = walk(service, first[-1].cursor, reach=reach)
    third = walk(service, second[-1].cursor, reach=reach)
    assert set(range(2, 30)) <= set(ids(first) + ids(second) + ids(third))


def cut_backfill(service: Service, since: datetime) -> Mapping[str, Any]:
    """The cursor of a backfill that was killed after its third page, by then at post 21."""
    mark = walk(service)[-1].cursor
    pages = newest_first(service.fetch, mark, LASTING, since=since, now=NOW)
    cut = [next(pages) for _ in range(3)][-1]
    service.asked = 0
    return cut.cursor


@pytest.mark.parametrize(
    ("again", "later"),
    [
        pytest.param(post(2).published_at, MINUTE, id="the same instant"),
        pytest.param(post(2).published_at + HOUR, HOUR, id="a span, an hour later"),
        pytest.param(post(2).published_at - MINUTE, MINUTE, id="hardly further"),
    ],
)
def test_a_backfill_that_is_called_again_goes_on_where_it_was_cut(
    again: datetime, later: timedelta
) -> None:
    service = Service(numbered(30))
    cursor = cut_backfill(service, post(2).published_at)
    service.posts = [*service.posts, post(200)]

    pages = walk(service, cursor, since=again, now=NOW + later)

    assert ids(pages)[:18] == list(range(20, 2, -1))
    assert 200 in ids(pages), "then it looks for what is new"
    assert ids(pages).count(5) == 1
    assert "walk" not in pages[-1].cursor


def test_a_backfill_further_back_than_the_cut_one_begins_at_the_top() -> None:
    service = Service(numbered(30))
    cursor = cut_backfill(service, post(22).published_at)
    pages = walk(service, cursor, since=post(2).published_at)
    assert ids(pages)[0] == 29
    assert set(range(2, 30)) <= set(ids(pages))


def test_a_backfill_to_before_what_is_listed_is_resumed_too() -> None:
    service, reach = Service(numbered(30)), replace(LASTING, farthest=4 * HOUR)
    first = next(newest_first(service.fetch, None, reach, since=NOW - 9 * DAY, now=NOW))
    again = walk(service, first.cursor, since=NOW - 9 * DAY, reach=reach, now=NOW + MINUTE)
    assert ids(again)[0] == 26


def test_a_bookmark_of_a_cut_backfill_that_is_refused_is_given_up_for_the_top() -> None:
    service = Service(numbered(30))
    cursor = cut_backfill(service, post(2).published_at)
    service.fails_at, service.error = 1, RemoteError("w: refused (400)", permanent=True)
    pages = walk(service, cursor, since=post(2).published_at)
    assert ids(pages)[0] == 29
    assert set(range(2, 30)) <= set(ids(pages))


def test_a_finished_backfill_is_not_made_again_while_the_others_of_its_call_are() -> None:
    service, since = Service(numbered(30)), post(2).published_at
    filled = walk(service, walk(service)[-1].cursor, since=since)[-1].cursor
    for cursor in (filled, walk(service, filled)[-1].cursor):
        again = walk(service, cursor, since=since + HOUR, now=NOW + HOUR)
        assert not any(page.backlog for page in again)
    assert walk(service, filled, since=since - HOUR)[0].backlog, "further back"
    assert walk(service, filled, since=since, now=NOW + 2 * DAY)[0].backlog, "another day"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer((post(150),), 1, missing="w: lost"), id="a part is missing"),
        pytest.param(Answer((post(150),), 1, full=True), id="no end was proved"),
        pytest.param(Answer((post(5),), 1, (), "same"), id="it repeated itself"),
        pytest.param(Answer((post(5),), 3), id="it was cut off"),
        pytest.param(Answer((post(5),), 2, ("w 6: it has no date",)), id="it held what is broken"),
    ],
)
def test_a_backfill_that_missed_something_is_made_again(answer: Answer) -> None:
    since, reach = NOW - DAY, replace(LASTING, cut_at=3)
    first = list(newest_first(lambda *_: answer, None, reach, since=since, now=NOW))
    again = walk(Service(numbered(30)), first[-1].cursor, since=since, now=NOW + MINUTE)
    assert again[0].backlog, "it goes back to before what is known"


def test_the_mark_never_lies_in_the_future() -> None:
    service = Service([post(1, at=NOW + DAY)])
    (page,) = walk(service)
    service.posts = [post(2, at=NOW + HOUR), *service.posts]
    assert 2 in ids(walk(service, page.cursor, now=NOW + 2 * HOUR))


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param({}, id="empty"),
        pytest.param({"newest_at": "soon", "walk": 7}, id="nonsense"),
        pytest.param({"newest_at": None, "walk": {"back_to": 1, "bookmark": 2}}, id="numbers"),
    ],
)
def test_a_cursor_that_cannot_be_read_starts_anew(cursor: Mapping[str, Any]) -> None:
    assert ids(walk(Service(numbered(4)), cursor)) == [3, 2, 1, 0]


def test_a_first_pass_that_could_read_nothing_has_not_been() -> None:
    unreadable = Answer((), 3, ("w 1: it has no id",) * 3)
    (page,) = newest_first(lambda _b, _t: unreadable, None, LASTING, since=None, now=NOW)
    assert ids(walk(Service(numbered(2)), page.cursor)) == [1, 0]


def test_every_ask_has_a_cursor_of_its_own_and_old_ones_are_dropped() -> None:
    seen: list[tuple[str, object]] = []

    def one(ask: str, state: Mapping[str, Any] | None) -> Any:  # noqa: ANN401
        seen.append((ask, state))
        yield Page((), {"at": ask}, 0)

    pages = list(each_ask({"asks": {"a": {"at": 1}, "gone": {"at": 2}}}, ["a", "b"], one))
    assert seen == [("a", {"at": 1}), ("b", None)]
    assert pages[-1].cursor == {"asks": {"a": {"at": "a"}, "b": {"at": "b"}}}


# --- whatever is late, whenever it is cut ------------------------------------------------------

MINUTES = st.lists(st.integers(0, 300), min_size=20, max_size=60)
DELAYS = st.lists(st.integers(0, 10), min_size=60, max_size=60)
CUTS = st.lists(st.integers(0, 6), min_size=1, max_size=5)


@given(MINUTES, DELAYS, CUTS, st.sampled_from([LASTING, PASSING]))
def test_nothing_is_lost_whatever_is_late_and_wherever_it_stops(
    minutes: list[int], late: list[int], cuts: list[int], reach: Reach
) -> None:
    """Posts become visible up to ten minutes after they were written."""
    start = NOW - DAY
    posts = [
        (post(1000 + n, at=start + at * MINUTE), start + (at + delay) * MINUTE)
        for n, (at, delay) in enumerate(zip(sorted(minutes), late, strict=False))
    ]
    stored: set[str] = set()
    cursor: Mapping[str, Any] | None = None
    now = start
    for pages in [*cuts, 10_000]:
        now += 61 * MINUTE
        service = Service()
        walked = newest_first(service.fetch, cursor, reach, since=None, now=now)
        clock = now
        for number in range(pages + 1):
            clock += timedelta(seconds=20)
            service.posts = [one for one, visible in posts if visible <= clock]
            page = next(walked, None)
            if page is None or number == pages:
                break  # a page that was asked for, but whose transaction never ended
            cursor = page.cursor
            stored |= {one.external_id for one in page.mentions}
    settled = now - 10 * MINUTE
    assert {one.external_id for one, _ in posts if one.published_at <= settled} <= stored


def test_a_pass_with_nothing_new_asks_once() -> None:
    service = Service(numbered(200))
    first = walk(service, now=NOW)
    service.asked = 0
    walk(service, first[-1].cursor, now=NOW + OVERLAP)
    assert service.asked <= OVERLAP / MINUTE / PER_PAGE + 2

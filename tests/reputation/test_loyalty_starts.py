from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.incident import DISMISSED, WITHDRAWN_POSTS, Clock, Resolution, Severity
from domain.loyalty import Answered, Outside, Post, Promise, Start
from reputation.loyalty_starts import Looked, starts

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LOOKED = Looked(NOW - 730 * DAY, NOW, date(2026, 11, 19), ZoneInfo("Europe/Madrid"))
LONG_AGO = date(2020, 1, 1)
ANA = 7


def clock(
    days_ago: float = 300, *, answered_h: float | None = None, how: str = "", due_h: float = 4
) -> Clock:
    """Of a post of so many days ago, answered so many hours later."""
    posted = NOW - days_ago * DAY
    answered = None if answered_h is None else posted + answered_h * HOUR
    return Clock(posted, posted + due_h * HOUR, Severity.NORMAL, answered, answered, how)


def post(days_ago: float, *, asks: bool | None = False, person_id: int = ANA) -> Post:
    return Post(person_id, NOW - days_ago * DAY, asks)


def day(days_ago: float) -> date:
    return (NOW - days_ago * DAY).date()


def start(
    clocks: Sequence[Clock] = (), posts: Sequence[Post] = (), first_order: date | None = LONG_AGO
) -> Start | Outside:
    first_orders = {} if first_order is None else {ANA: first_order}
    return starts([ANA], [Promise(ANA, one) for one in clocks], posts, first_orders, LOOKED)[ANA]


@pytest.mark.parametrize(
    ("one", "answered"),
    [
        pytest.param(clock(answered_h=4), Answered.IN_TIME, id="at the last moment"),
        pytest.param(clock(answered_h=4.1), Answered.LATE, id="just after it"),
        pytest.param(clock(), Answered.NEVER, id="it still runs"),
        pytest.param(clock(how=Resolution.MANUAL), Answered.NEVER, id="closed without a reply"),
        pytest.param(
            clock(answered_h=1, how=Resolution.ELSEWHERE), Answered.ELSEWHERE, id="elsewhere"
        ),
        pytest.param(
            clock(answered_h=99, how=Resolution.ELSEWHERE), Answered.ELSEWHERE, id="and late"
        ),
        pytest.param(clock(answered_h=301 * 24), Answered.NEVER, id="an answer yet to come"),
    ],
)
def test_a_customer_is_in_the_group_of_how_they_were_answered(
    one: Clock, answered: Answered
) -> None:
    assert start([one]) == Start(answered, day(300))


def test_of_several_promises_the_first_counts_whose_time_is_over() -> None:
    in_time, late = clock(200, answered_h=1), clock(300, answered_h=9)
    runs = clock(400, due_h=500 * 24)
    for order in ([in_time, late, runs], [runs, late, in_time]):
        assert start(order) == Start(Answered.LATE, day(300))


def test_an_answer_before_its_time_is_over_does_not_count_before_that_of_others() -> None:
    assert start([clock(1, answered_h=1, due_h=48)]) is Outside.RUNNING


@pytest.mark.parametrize(
    "how", [WITHDRAWN_POSTS, Resolution.NO_ANSWER_NEEDED, Resolution.DUPLICATE]
)
def test_what_was_no_promise_leaves_nobody_answered_and_nobody_who_never_asked(how: str) -> None:
    assert start([clock(how=how)], [post(300)]) is Outside.NO_PROMISE
    assert start([clock(how=how), clock(100)]) == Start(Answered.NEVER, day(100))


def test_what_should_never_have_rung_was_no_question() -> None:
    assert start([clock(how=DISMISSED)], [post(300)]) == Start(Answered.NEVER_ASKED, day(300))


@pytest.mark.parametrize(
    ("clocks", "posts", "why"),
    [
        pytest.param([clock(731)], [], Outside.NO_PROMISE, id="asked before the time looked at"),
        pytest.param([], [post(300, asks=True)], Outside.NO_PROMISE, id="no clock ever ran"),
        pytest.param([], [post(800, asks=True), post(9)], Outside.NO_PROMISE, id="asked long ago"),
        pytest.param([], [post(3, asks=None), post(9)], Outside.UNREAD, id="one is not read yet"),
        pytest.param([], [post(731)], Outside.QUIET, id="wrote before the time looked at"),
        pytest.param([], [], Outside.QUIET, id="wrote nothing"),
    ],
)
def test_why_a_customer_is_in_no_group(
    clocks: list[Clock], posts: list[Post], why: Outside
) -> None:
    assert start(clocks, posts) is why


def test_who_had_not_ordered_by_then_is_no_customer_to_lose() -> None:
    for ordered in (None, day(299)):
        assert start([clock(300)], first_order=ordered) is Outside.NEVER_ORDERED
        assert start([], [post(300)], first_order=ordered) is Outside.NEVER_ORDERED
    assert isinstance(start([clock(300)], first_order=day(300)), Start)


def test_the_day_is_that_of_the_configured_zone() -> None:
    late_evening = NOW.replace(hour=23, minute=30) - 300 * DAY  # half past midnight in Madrid
    found = start([], [Post(ANA, late_evening, asks=False)])
    assert found == Start(Answered.NEVER_ASKED, late_evening.date() + DAY)


def test_of_the_posts_of_who_never_asked_one_is_drawn_and_stays() -> None:
    posts = [post(one) for one in (200, 300, 400)]
    drawn = start([], posts)
    assert start([], posts[::-1]) == drawn
    recent = [*posts, post(20), post(179)]
    assert start([], recent) == drawn, "who can be followed for 180 days is"
    assert start([], posts, first_order=day(250)) == Start(Answered.NEVER_ASKED, day(200))
    assert start([], [post(20)]) == Start(Answered.NEVER_ASKED, day(20))


def test_each_of_the_posts_is_drawn_as_often() -> None:
    people = range(1, 901)
    posts = [post(ago, person_id=one) for one in people for ago in (200, 300, 400)]
    found = starts(people, [], posts, dict.fromkeys(people, LONG_AGO), LOOKED)
    counts = Counter(one.day for one in found.values() if isinstance(one, Start))
    assert set(counts) == {day(200), day(300), day(400)}
    assert all(240 <= one <= 360 for one in counts.values())

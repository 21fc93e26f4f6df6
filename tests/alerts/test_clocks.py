"""The clocks of an incident, as its posts and the answers to them make them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.clocks import settled
from domain.incident import Clock, Resolution, Severity

NOW = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


def clock(at: float, answered: float | None = None, *, promised: float = 4) -> Clock:
    """Begun so many hours after NOW, answered so many hours after NOW."""
    posted = NOW + at * HOUR
    replied = None if answered is None else NOW + answered * HOUR
    how = Resolution.REPLIED if replied else ""
    return Clock(posted, posted + promised * HOUR, Severity.NORMAL, replied, replied, how)


def decided(at: float, ended: float, how: str = "manual") -> Clock:
    return replace(clock(at), ended_at=NOW + ended * HOUR, how=how)


def hours(*at: float) -> list[datetime]:
    return [NOW + one * HOUR for one in at]


def spans(clocks: tuple[Clock, ...]) -> list[tuple[float, float | None, str]]:
    return [
        (
            (one.posted_at - NOW) / HOUR,
            None if one.answered_at is None else (one.answered_at - NOW) / HOUR,
            one.how,
        )
        for one in clocks
    ]


@pytest.mark.parametrize(
    ("clocks", "posts", "answers", "expected"),
    [
        pytest.param([clock(0)], [0], [], [(0, None, "")], id="nothing happens"),
        pytest.param([clock(0)], [0], [2], [(0, 2, "replied")], id="an answer ends it"),
        pytest.param([clock(1)], [1], [0], [(1, None, "")], id="not one from before"),
        pytest.param([clock(0)], [0, 1], [2], [(0, 2, "replied")], id="of both posts before it"),
        pytest.param(
            [clock(0, 3)], [0, 2], [1, 3], [(0, 1, "replied"), (2, 3, "replied")],
            id="an earlier answer leaves what was written since",
        ),
        pytest.param(
            [clock(0, 3)], [0, 2], [1], [(0, 1, "replied"), (2, None, "")],
            id="which may still wait",
        ),
        pytest.param(
            [clock(2, 3)], [0, 2], [3], [(0, 3, "replied")], id="an earlier post seen late"
        ),
        pytest.param(
            [clock(2, 3)], [0, 2], [1, 3], [(0, 1, "replied"), (2, 3, "replied")],
            id="and its answer",
        ),
        pytest.param(
            [clock(0, 1), clock(2)], [0, 2], [], [(0, None, "")],
            id="without the answer between there is one clock",
        ),
        pytest.param(
            [clock(0, 1), clock(2, 3)], [0, 2], [3], [(0, 3, "replied")],
            id="which the next answer ends",
        ),
        pytest.param(
            [decided(0, 1), clock(2)], [0, 2], [], [(0, None, "manual"), (2, None, "")],
            id="what a person ended stays ended",
        ),
        pytest.param(
            [decided(0, 1), clock(2)], [0, 2], [3], [(0, None, "manual"), (2, 3, "replied")],
            id="a later answer is to the next",
        ),
        pytest.param(
            [decided(0, 1, "dismissed")], [0, 2], [], [(0, None, "dismissed")],
            id="what was dismissed begins no other",
        ),
        pytest.param(
            [decided(0, 1)], [0], [3], [(0, 3, "manual")], id="or to it, when there is no next"
        ),
        pytest.param(
            [decided(2, 3), clock(1)], [1, 2], [], [(2, None, "manual"), (1, None, "")],
            id="a post from before what a person ended, seen after",
        ),
    ],
)  # fmt: skip
def test_the_clocks_are_those_of_posts_and_answers(
    clocks: list[Clock],
    posts: list[float],
    answers: list[float],
    expected: list[tuple[float, float | None, str]],
) -> None:
    assert spans(settled(clocks, map(clock, posts), hours(*answers))) == expected


def test_what_was_promised_stays_promised() -> None:
    """A post of a stored clock is judged by today's rules, which may promise something else."""
    stored = replace(clock(0), due_at=NOW + 9 * HOUR)
    assert settled([stored], [clock(0), clock(1, promised=1)], []) == (stored,)


def test_of_two_clocks_that_become_one_the_sooner_and_graver_promise_counts() -> None:
    first = replace(clock(0, 1, promised=9), severity=Severity.HIGH, assignee="kim")
    (one,) = settled([first, clock(2, promised=1)], [], [])
    assert one == Clock(NOW, NOW + 3 * HOUR, Severity.HIGH, assignee="kim")


HOURS = st.integers(0, 12).map(float)


@given(st.sets(HOURS, min_size=1), st.sets(HOURS.map(lambda one: one + 0.5)), st.data())
def test_the_order_in_which_answers_are_seen_does_not_matter(
    posts: set[float], answers: set[float], data: st.DataObject
) -> None:
    asked = [clock(one) for one in sorted(posts)]
    at_once = settled([asked[0]], asked, hours(*answers))
    step_by_step: tuple[Clock, ...] = (asked[0],)
    seen: list[float] = []
    for one in data.draw(st.permutations(sorted(answers))):
        seen.append(one)
        step_by_step = settled(step_by_step, asked, hours(*seen))
    assert spans(step_by_step) == spans(at_once)
    for before, after in pairwise(at_once):
        assert before.answered_at is not None
        assert before.answered_at < after.posted_at
    assert settled(at_once, asked, hours(*answers)) == at_once


@given(st.sets(HOURS, min_size=1), st.sets(HOURS.map(lambda one: one + 0.5), min_size=1), st.data())
def test_an_answer_that_is_taken_back_leaves_nothing_behind(
    posts: set[float], answers: set[float], data: st.DataObject
) -> None:
    asked = [clock(one) for one in sorted(posts)]
    gone = data.draw(st.sampled_from(sorted(answers)))
    with_it = settled([asked[0]], asked, hours(*answers))
    without = settled(with_it, asked, hours(*(answers - {gone})))
    assert spans(without) == spans(settled([asked[0]], asked, hours(*(answers - {gone}))))

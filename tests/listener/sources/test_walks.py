"""The walks of X and Reddit against small worlds that grow meanwhile, and crash anywhere."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.mention import Mention
from listener.backfill import OVERLAP
from listener.source import Page
from listener.sources.x.walk import REACH
from listener.walk import Answer, Reach, newest_first, plan

DAY = datetime(2026, 11, 20, tzinfo=UTC)
PER_PAGE = 3


class World:
    """Posts become visible up to ten minutes after they were written."""

    def __init__(self, minutes: list[int], late: list[int]) -> None:
        self.posts = [
            (DAY + timedelta(minutes=at), DAY + timedelta(minutes=at + delay), str(1000 + n))
            for n, (at, delay) in enumerate(zip(sorted(minutes), late, strict=False))
        ]
        self.stored: set[str] = set()

    def visible(self, now: datetime) -> list[Mention]:
        """Newest first, as both services list."""
        return [
            Mention("w", external_id, "", written)
            for written, seen, external_id in reversed(self.posts)
            if seen <= now
        ]


def listed(
    world: World, clock: Iterator[datetime], *, since: bool
) -> Callable[[str, datetime], Answer]:
    """Three posts a page; since: none older than what is asked for."""

    def fetch(bookmark: str, back_to: datetime) -> Answer:
        found = [
            one for one in world.visible(next(clock)) if not since or one.published_at >= back_to
        ]
        at = bookmark.removeprefix("before ")
        found = [one for one in found if not at or int(one.external_id) < int(at)]
        page, more = found[:PER_PAGE], len(found) > PER_PAGE
        oldest = page[-1].external_id if page else ""
        return Answer(
            tuple(page),
            len(page),
            bookmark=oldest if more else "",
            fallback=f"before {oldest}" if oldest else "",
        )

    return fetch


def ticking(now: datetime) -> Iterator[datetime]:
    while True:
        now += timedelta(seconds=20)
        yield now


def x_pass(world: World, cursor: Any, now: datetime) -> Iterator[Page]:  # noqa: ANN401
    fetch = listed(world, ticking(now), since=True)
    return newest_first(fetch, cursor, Reach("x", farthest=REACH), since=None, now=now)


def reddit_pass(world: World, cursor: Any, now: datetime) -> Iterator[Page]:  # noqa: ANN401
    reach = Reach("reddit", first_look=None, cut_at=100, lasting=False)
    fetch = listed(world, ticking(now), since=False)
    return newest_first(fetch, cursor, reach, since=None, now=now)


MINUTES = st.lists(st.integers(0, 300), min_size=20, max_size=60)
DELAYS = st.lists(st.integers(0, 10), min_size=60, max_size=60)
CRASHES = st.lists(st.integers(0, 6), min_size=1, max_size=5)


@given(MINUTES, DELAYS, CRASHES, st.sampled_from([x_pass, reddit_pass]))
def test_nothing_is_lost_whatever_is_late_and_wherever_it_stops(
    minutes: list[int],
    late: list[int],
    crashes: list[int],
    one_pass: Any,  # noqa: ANN401
) -> None:
    world, cursor, now = World(minutes, late), None, DAY
    for pages in [*crashes, 10_000]:
        now += timedelta(minutes=61)
        for number, page in enumerate(one_pass(world, cursor, now)):
            if number == pages:
                break  # this page was asked for, but its transaction never ended
            cursor = page.cursor
            world.stored |= {one.external_id for one in page.mentions}
    settled = now - timedelta(minutes=10)  # what was written since may not have been visible yet
    written = {external_id for at, _, external_id in world.posts if at <= settled}
    assert written <= world.stored


@given(MINUTES, DELAYS)
def test_a_pass_with_nothing_new_asks_for_one_stretch_only(
    minutes: list[int], late: list[int]
) -> None:
    world, now = World(minutes, late), DAY + timedelta(hours=12)
    *_, last = x_pass(world, None, now)
    walk, _ = plan(last.cursor, Reach("x", farthest=REACH), None, now + timedelta(minutes=15))
    newest = max((one.published_at for one in world.visible(now)), default=None)
    assert newest is None or walk.back_to == newest - OVERLAP

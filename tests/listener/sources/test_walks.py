"""Both walks against small worlds that grow while they are listed, and crash anywhere."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.mention import Mention
from listener.sources.reddit import listing as reddit_listing
from listener.sources.reddit.posts import Listing
from listener.sources.x import walk as x_walk
from listener.walk import OVERLAP

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


def x_pass(world: World, cursor: Any, now: datetime) -> Iterator[Any]:  # noqa: ANN401
    walk = x_walk.plan(cursor, query="q", since=None, now=now)
    while True:
        now += timedelta(seconds=20)
        where = walk.position()
        start = datetime.fromisoformat(where["start_time"])
        found = [one for one in world.visible(now) if one.published_at >= start]
        if "next_token" in where:
            found = [one for one in found if int(one.external_id) < int(where["next_token"])]
        page, more = found[:PER_PAGE], len(found) > PER_PAGE
        meta = {"next_token": page[-1].external_id} if more else {}
        answer = {"data": [{"id": one.external_id} for one in page], "meta": meta}
        walk = walk.after(answer, page)
        yield walk.cursor(), page
        if not walk.open:
            if not walk.resumed:
                return
            walk = x_walk.plan(walk.cursor(), query="q", since=None, now=now)


def reddit_pass(world: World, cursor: Any, now: datetime) -> Iterator[Any]:  # noqa: ANN401
    look, after = reddit_listing.plan(cursor, since=None, now=now), None
    while look.open:
        now += timedelta(seconds=20)
        found = [one for one in world.visible(now) if after is None or one.external_id < after]
        page, more = found[:PER_PAGE], len(found) > PER_PAGE
        after = page[-1].external_id if more else None
        look = look.saw(Listing(tuple(page), (), len(page), after or ""), more=more)
        yield look.cursor(), page


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
        for number, (after, page) in enumerate(one_pass(world, cursor, now)):
            if number == pages:
                break  # this page was asked for, but its transaction never ended
            cursor = after
            world.stored |= {one.external_id for one in page}
    settled = now - timedelta(minutes=10)  # what was written since may not have been visible yet
    written = {external_id for at, _, external_id in world.posts if at <= settled}
    assert written <= world.stored


@given(MINUTES, DELAYS)
def test_a_pass_with_nothing_new_asks_for_one_stretch_only(
    minutes: list[int], late: list[int]
) -> None:
    world, now = World(minutes, late), DAY + timedelta(hours=12)
    *_, (cursor, _) = x_pass(world, None, now)
    walk = x_walk.plan(cursor, query="q", since=None, now=now + timedelta(minutes=15))
    newest = max((one.published_at for one in world.visible(now)), default=None)
    assert newest is None or walk.start == newest - OVERLAP

from datetime import timedelta
from itertools import permutations

import pytest

from domain.reputation import Stars
from reputation.stars import stars
from tests.reputation.opinions import UNTIL, opinion

SINCE, HOUR = UNTIL - timedelta(days=28), timedelta(hours=1)


def test_each_persons_newest_rating_of_each_source_counts_once() -> None:
    said = [
        opinion(1, rating=1.0, ago=9 * HOUR, source="shop"),
        opinion(1, rating=4.0, ago=2 * HOUR, source="shop"),
        opinion(1, rating=2.0, ago=HOUR, source="store"),
        opinion(2, None, rating=5.0, source="shop"),
        opinion(3, source="shop"),
        opinion(None, rating=1.0, source="shop"),
        opinion(4, rating=1.0, ago=timedelta(days=29), source="shop"),
    ]
    expected = (
        Stars("shop", 2, (7 * 3.5 + 9) / 9),
        Stars("store", 1, (7 * 3.5 + 2) / 8),
    )
    for order in permutations(said[:3]):
        assert stars([*order, *said[3:]], since=SINCE, until=UNTIL) == expected


def test_few_are_not_certain() -> None:
    [few] = stars([opinion(1, rating=5.0)], since=SINCE, until=UNTIL)
    [many] = stars([opinion(one, rating=5.0) for one in range(93)], since=SINCE, until=UNTIL)
    assert [few.mean, many.mean] == pytest.approx([3.6875, 4.895])


def test_without_ratings_there_are_no_stars() -> None:
    assert stars([opinion(1)], since=SINCE, until=UNTIL) == ()

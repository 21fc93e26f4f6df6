"""The stars of sources that have them: shown beside the score, never mixed into it."""

from collections.abc import Iterable
from datetime import datetime
from math import fsum

from domain.reputation import Opinion, Stars

PRIOR, PRIOR_MEAN = 7, 3.5  # ratings that every mean begins with, as Trustpilot's does


def stars(opinions: Iterable[Opinion], *, since: datetime, until: datetime) -> tuple[Stars, ...]:
    """The mean rating of each source in [since, until), by name: of each person the newest one.

    Nobody's ratings are in none, as nobody's posts are in no score.
    """
    rated: dict[str, dict[int, Opinion]] = {}
    for one in opinions:
        if one.rating is None or one.person is None or not since <= one.published_at < until:
            continue
        of_source = rated.setdefault(one.source, {})
        newest = of_source.get(one.person, one)
        if _when(one) >= _when(newest):
            of_source[one.person] = one
    return tuple(_stars(source, rated[source].values()) for source in sorted(rated))


def _when(one: Opinion) -> tuple[datetime, str]:
    """The id decides between two of one instant, in whatever order they come."""
    return one.published_at, one.external_id


def _stars(source: str, newest: Iterable[Opinion]) -> Stars:
    ratings = [one.rating for one in newest if one.rating is not None]
    total = PRIOR * PRIOR_MEAN + fsum(ratings)
    return Stars(source, len(ratings), total / (PRIOR + len(ratings)))

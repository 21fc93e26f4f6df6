"""Sixty days in which nobody changes their mind, while everything else about a brand changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

import numpy as np

from benchmarks.numbers_people import UNTIL, Random
from domain.reputation import Asked, Opinion
from reputation.compare import compare
from reputation.measured import Measured
from reputation.score import WINDOW, reputation, response
from reputation.voices import Floats, voices

DAYS = 60
AN_HOUR, A_DAY, A_WEEK = timedelta(hours=1), timedelta(days=1), 7
SPREAD, NOISE = 0.35, 0.15  # around the mean, and of a post around what its author thinks

# The days on which something changes.
SOURCE, MODEL, LINKED, YARDSTICK, RULES = 32, 38, 44, 50, 56
BEGUN = {"x": -28, "trustpilot": SOURCE}
HAPPY = 0.5  # what they think whom the new source brings
HAPPY_SHARE = 0.4  # of all who write after it came


@dataclass(frozen=True, slots=True)
class Sixty:
    """What the days of one seed showed."""

    scores: list[float]  # of the days that had one, while nothing but time went by
    parts: list[float]  # the part "sentiment" of the same days
    whole: list[float]  # changes of the whole score to the day before, all days
    alike: list[float]  # of them, like for like
    compared: int  # days that could be compared with one a week before
    beyond: int  # of them: said to be more than chance
    unlike: frozenset[str]  # what the comparisons said was not alike, without its points


def sixty(n: int, mean: float, seed: int, *, spread: float = SPREAD) -> Sixty:
    """A stream of which 28 days hold n persons; nobody wrote before its first day."""
    random = np.random.default_rng([seed, n, int(100 * mean) + 100])
    posts, asked = _stream(random, n, mean, spread)
    days = [_day(posts, asked, number) for number in range(DAYS)]
    quiet = [one.reputation for one in days[:SOURCE] if one.reputation.score is not None]
    everybody = {one.person for one in posts if one.person is not None}
    since_linked = {one: _person(one) for one in everybody if not one % 4}
    daily = [compare(a, b, since_linked) for a, b in pairwise(days)]
    weekly = [
        compare(days[number - A_WEEK], days[number], since_linked) for number in range(A_WEEK, DAYS)
    ]
    told = [one for one in weekly if one.beyond_chance is not None]
    return Sixty(
        scores=[one.score for one in quiet if one.score is not None],
        parts=[one.parts[0].value for one in quiet if one.parts[0].value is not None],
        whole=[one.change for one in daily if one.change is not None],
        alike=[one.like_for_like for one in daily if one.like_for_like is not None],
        compared=len(told),
        beyond=sum(one.beyond_chance is True for one in told),
        unlike=frozenset(line.partition(":")[0] for one in weekly for line in one.lines),
    )


def _stream(
    random: Random, n: int, mean: float, spread: float
) -> tuple[list[Opinion], list[Asked]]:
    """One post of most, two or three of some; the new source adds others from its day on."""
    posts: list[Opinion] = []
    asked: list[Asked] = []
    begin = UNTIL - DAYS * A_DAY
    for person in range(round(n * DAYS / 28)):
        mind = random.uniform(mean - spread, mean + spread)
        first = DAYS * random.random()
        times = first + np.concatenate([[0.0], 10 * random.random(random.poisson(0.4))])
        _write(random, posts, person, mind, times, source="x")
        if random.random() < 0.5:  # noqa: PLR2004  half of them ask
            at = begin + first * A_DAY
            asked.append(Asked(person, at, at + 8 * AN_HOUR * random.random()))
    extra = round(n * HAPPY_SHARE / (1 - HAPPY_SHARE) * (DAYS - SOURCE) / 28)
    for number in range(extra):
        mind = random.uniform(HAPPY - spread, HAPPY + spread)
        came = SOURCE + (DAYS - SOURCE) * random.random(1)
        _write(random, posts, 1_000_000 + number, mind, came, source="trustpilot")
    return posts, asked


def _write(
    random: Random,
    posts: list[Opinion],
    person: int,
    mind: float,
    times: Floats,
    *,
    source: str,
) -> None:
    start = UNTIL - DAYS * A_DAY
    for time in times:
        if time < DAYS:
            posts.append(
                Opinion(
                    source=source,
                    external_id=str(len(posts)),
                    published_at=start + float(time) * A_DAY,
                    person=person,
                    account=person,
                    is_customer=False,
                    polarity=mind + random.uniform(-NOISE, NOISE),
                    label=None,
                )
            )


def _day(posts: Sequence[Opinion], asked: Sequence[Asked], number: int) -> Measured:
    """What is measured of a day with all that has changed until then."""
    until = UNTIL - (DAYS - 1 - number) * A_DAY
    since = until - WINDOW
    seen = [one for one in posts if since <= one.published_at < until]
    if number >= LINKED:  # a quarter of them turn out to be customers, some of two accounts
        seen = [_linked(one) for one in seen]
    yardstick = 4 * AN_HOUR if number < YARDSTICK else 24 * AN_HOUR
    heard = voices(seen, since=since, until=until)
    score = reputation(
        "Acme",
        until.date(),
        heard,
        response(asked, since=since, until=until, yardstick=yardstick),
        draws=2,
    )
    return Measured(
        replace(
            score,
            sources=tuple(
                replace(one, heard=min(1.0, (number + 1 - BEGUN[one.source]) / WINDOW.days))
                for one in score.sources
            ),
            model="first" if number < MODEL else "second",
            rules="first" if number < RULES else "second",
            answer_yardstick=yardstick,
        ),
        heard,
    )


def _linked(post: Opinion) -> Opinion:
    if post.person is None or post.person % 4:
        return post
    return post._replace(person=_person(post.person), is_customer=True)


def _person(account: int) -> int:
    """Who writes from it, once it is linked."""
    return account if account % 4 else account - account % 8

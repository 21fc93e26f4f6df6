"""How often a change of the score is called more than chance, where there is one and where not.

    .venv/bin/python -m benchmarks.changes [--rounds 400]

People of a fixed mind write at their own pace, some often and most once, and are scored with noise.
Two days a week apart are compared as the digest does. Steady: nobody's opinion changes, so each
"more than chance" is false. Shifted: whatever is posted in the last week is that much lower.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from domain.reputation import Asked, Opinion
from reputation.compare import compare
from reputation.measured import Measured
from reputation.score import WINDOW, reputation, response
from reputation.voices import voices

UNTIL = datetime(2026, 11, 21, tzinfo=UTC)
SPAN = timedelta(days=7)
YARDSTICK = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class World:
    """Whom a window of 28 days hears."""

    persons: int  # in the mean
    mean: float  # of what they think, in [-1, 1]
    asking: float = 0.3  # share of posts that ask for an answer; half of them have it in time
    customers: float = 0.2  # share of persons
    shift: float = 0.0  # of what is posted in the last week


def beyond_chance(world: World, *, rounds: int, seed: int = 0) -> float:
    """The share of rounds in which the change of a week is said to be more than chance."""
    found = [_compared(world, np.random.default_rng([seed, one])) for one in range(rounds)]
    return sum(found) / rounds


def _compared(world: World, random: np.random.Generator) -> bool:
    posts, asked = _posts(world, random)
    before, after = _measured(posts, asked, UNTIL - SPAN), _measured(posts, asked, UNTIL)
    return compare(before, after).beyond_chance is True


def _measured(posts: list[Opinion], asked: list[Asked], until: datetime) -> Measured:
    spoke = voices(posts, since=until - WINDOW, until=until)
    day = (until - timedelta(days=1)).date()
    answers = response(asked, since=until - WINDOW, until=until, yardstick=YARDSTICK)
    return Measured(reputation("Acme", day, spoke, answers, draws=2), spoke)


def _posts(world: World, random: np.random.Generator) -> tuple[list[Opinion], list[Asked]]:
    """Posts of 36 days; who writes is drawn so that a window has about as many as it should."""
    length = WINDOW + SPAN + timedelta(days=1)
    pool = 3 * world.persons
    rates = random.gamma(0.5, size=pool)  # posts in a window: a few write often, most once
    low, high = 0.0, 50.0
    for _ in range(40):  # the pace at which the mean number of persons is as asked
        pace = (low + high) / 2
        low, high = (
            (pace, high) if (1 - np.exp(-rates * pace)).sum() < world.persons else (low, pace)
        )
    minds = np.clip(random.normal(world.mean, 0.5, pool), -1, 1)
    known = random.random(pool) < world.customers
    opinions: list[Opinion] = []
    asked: list[Asked] = []
    for person in range(pool):
        for _ in range(random.poisson(rates[person] * pace * (length / WINDOW))):
            at = UNTIL - length * random.random()
            polarity = minds[person] + random.normal(0, 0.3)
            if at >= UNTIL - SPAN:
                polarity += world.shift
            opinions.append(
                Opinion(
                    source="x",
                    external_id=str(len(opinions)),
                    published_at=at,
                    person=person,
                    account=person,
                    is_customer=bool(known[person]),
                    polarity=float(np.clip(polarity, -1, 1)),
                    label="neutral",
                )
            )
            if random.random() < world.asking:
                late = YARDSTICK * (2 * random.random())
                asked.append(Asked(person, at, at + late))
    return opinions, asked


def cells() -> Iterator[World]:
    """What is told of: three sizes and three moods."""
    for persons in (45, 100, 300):
        for mean in (-0.5, 0.0, 0.6):
            yield World(persons, mean)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    rounds = parser.parse_args().rounds
    sys.stdout.write("persons  mean   steady  -0.3 in the last week  -0.6\n")
    for world in cells():
        shares = [
            beyond_chance(replace(world, shift=shift), rounds=rounds) for shift in (0, -0.3, -0.6)
        ]
        shown = "  ".join(f"{one:6.1%}" for one in shares)
        sys.stdout.write(f"{world.persons:7}  {world.mean:+.1f}  {shown}\n")


if __name__ == "__main__":
    main()

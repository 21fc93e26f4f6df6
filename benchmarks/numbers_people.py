"""Invented people, what they think and what they post, of whom the truth is known."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np

from domain.reputation import Asked, Labelled, Opinion
from reputation.score import WINDOW
from reputation.voices import Voices, voices

DAY = date(2026, 11, 20)
UNTIL = datetime(2026, 11, 21, tzinfo=UTC)
SINCE = UNTIL - WINDOW
YARDSTICK = timedelta(hours=24)
RECALL = (0.72, 0.64, 0.75)  # of a model, of negative, neutral and positive posts
TONE = 0.8  # what a post of a class is scored, give or take
AT_MOST = 60  # posts of one person

Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Public:
    """Who writes about a brand."""

    mean: float  # of what they think, in [-1, 1]
    customers: float = 0.1  # share of persons
    asking: float = 0.5  # share of persons who ask for an answer; half of that is answered in time
    spread: float = 0.5  # of what they think
    activity: float = 1.0  # of the logarithm of how often they write


@dataclass(slots=True)
class World:
    """What is posted, as it is and as a model reads it."""

    real: list[Opinion] = field(default_factory=list)
    read: list[Opinion] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)


def world(random: Random, n: int, public: Public) -> World:
    """So many persons who posted in the 28 days before UNTIL, each several times or once.

    What one person posts is alike: it is drawn around what they think.
    """
    found = World()
    minds = random.normal(public.mean, public.spread, n)
    posts = np.clip(random.lognormal(0.3, public.activity, n).astype(int), 1, AT_MOST)
    for person in range(n):
        known = bool(random.random() < public.customers)
        for real, read in _posts(random, person, minds[person], int(posts[person]), known=known):
            found.real.append(real)
            found.read.append(read)
        if random.random() < public.asking:
            found.asked += _asked(random, person)
    return found


def _posts(
    random: Random, person: int, mind: float, count: int, *, known: bool
) -> Iterator[tuple[Opinion, Opinion]]:
    real = random.choice(3, size=count, p=_classes(mind))
    ages = random.random(count)
    jitter = random.normal(0, 0.1, (2, count))
    for number, (kind, age) in enumerate(zip(real, ages, strict=True)):
        post = Opinion(
            source="x",
            external_id=f"{person} {number}",
            published_at=UNTIL - WINDOW * float(age),
            person=person,
            account=person,
            is_customer=known,
            polarity=_tone(kind, jitter[0, number]),
            label=None,
        )
        heard = kind
        if random.random() >= RECALL[kind]:
            heard = random.choice([one for one in range(3) if one != kind])
        yield post, post._replace(polarity=_tone(heard, jitter[1, number]))


def _classes(mind: float) -> tuple[float, float, float]:
    """How often somebody of this mind is negative, neutral and positive."""
    lean = float(np.clip(mind / TONE, -0.98, 0.98))
    neutral = 0.4 * (1 - abs(lean))
    return (1 - neutral - lean) / 2, neutral, (1 - neutral + lean) / 2


def _tone(kind: int, jitter: float) -> float:
    return float(np.clip(TONE * (kind - 1) + jitter, -1, 1))


def _asked(random: Random, person: int) -> Iterator[Asked]:
    for _ in range(1 + random.poisson(0.5)):
        at = UNTIL - YARDSTICK - WINDOW * random.random()
        in_time = random.random() < 0.5  # noqa: PLR2004  half
        yield Asked(person, at, at + YARDSTICK / 2 if in_time else None)


def people(posts: list[Opinion]) -> Voices:
    """The persons who wrote them."""
    return voices(posts, since=SINCE, until=UNTIL)


def labelled(random: Random, count: int, public: Public) -> list[Labelled]:
    """So many other persons of the same kind, whose posts were labelled by hand."""
    found = world(random, count, public)
    real, read = people(found.real), people(found.read)
    return [
        Labelled(float(predicted), float(truth), 1.0)
        for predicted, truth in zip(read.stance, real.stance, strict=True)
    ]

"""Measured days to compare and explain, and random ones."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import strategies as st

from domain.reputation import Opinion, Reputation
from reputation.measured import Measured
from reputation.score import WINDOW, Response, reputation
from reputation.voices import voices
from tests.reputation.opinions import DAY, UNTIL

WEEK_AGO = DAY - timedelta(days=7)
NOBODY = Response(0, 0.0)


def measured(
    opinions: list[Opinion],
    day: date = DAY,
    asked: Response = NOBODY,
    **more: Any,  # noqa: ANN401 - any field of the reputation
) -> Measured:
    """A day as it is kept, by default the later one."""
    until = UNTIL + (day - DAY)
    spoke = voices(opinions, since=until - WINDOW, until=until)
    found = reputation("Acme", day, spoke, asked, draws=2)
    return Measured(replace(found, **more), spoke)


def score(day: Measured) -> float:
    assert day.reputation.score is not None
    return day.reputation.score


def heard(day: Measured, **shares: float) -> Measured:
    """The day with the share of its window in which some sources were heard."""
    told: Reputation = day.reputation
    sources = tuple(replace(one, heard=shares.get(one.source, one.heard)) for one in told.sources)
    return replace(day, reputation=replace(told, sources=sources))


def posts(seed: int) -> list[Opinion]:
    """Opinions of the five weeks before the later day's end, of persons who come and go."""
    random = np.random.default_rng(seed)
    return [
        Opinion(
            source=str(random.choice(["forum", "reddit", "x"])),
            external_id=f"{person} {turn}",
            published_at=UNTIL - timedelta(hours=random.uniform(1, 24 * 35)),
            person=person,
            account=person,
            is_customer=person % int(random.integers(2, 6)) == 0,
            polarity=random.uniform(-1, 1),
            label="neutral",
            story=(None, None, 7, 8)[int(random.integers(4))],
        )
        for person in range(int(random.integers(30, 61)))
        for turn in range(int(random.integers(1, 4)))
    ]


POSTS = st.builds(posts, st.integers(0, 2**32))
RESPONSES = st.builds(
    lambda persons, share: Response(persons, persons * share), st.integers(0, 60), st.floats(0, 1)
)

"""Who moves the score: the difference each person makes, against really leaving them out."""

from dataclasses import replace

import numpy as np
import pytest

from reputation.influence import influences
from reputation.measured import Measured
from reputation.score import level
from tests.reputation.days import measured, posts, score
from tests.reputation.opinions import crowd, opinion


def without(day: Measured, person: int) -> float:
    """The score with the parts' weights as they were."""
    rest = day.voices.where(day.voices.person != person)
    values = {"sentiment": np.ones(len(rest), dtype=bool), "customers": rest.is_customer}
    return sum(
        part.weight * level(rest, values[part.name])
        for part in day.reputation.parts
        if part.value is not None
    )


def test_it_is_what_the_score_loses_when_the_person_is_left_out() -> None:
    day = measured(posts(3))

    found = influences(day)

    assert len(found) == len(day.voices)
    for one in found:
        assert one.points == pytest.approx(score(day) - without(day, one.person), abs=1e-9)


def test_the_strongest_comes_first_whichever_way_it_pulls() -> None:
    first, *others = influences(measured([*crowd(45, 0.2), opinion(500, -1.0)]))

    assert first.person == 500
    assert first.points < 0
    assert abs(first.points) > abs(others[0].points) >= abs(others[-1].points)


def test_the_only_customer_takes_no_part_away() -> None:
    day = measured([*crowd(45), opinion(500, -1.0, is_customer=True)])

    assert influences(day)[0].points == pytest.approx(
        day.reputation.parts[0].weight * (score_of_all(day) - 50), abs=1e-9
    )


def score_of_all(day: Measured) -> float:
    value = day.reputation.parts[0].value
    assert value is not None
    return value


def test_without_a_score_nobody_moves_it() -> None:
    few = measured(crowd(29))
    assert influences(few) == []
    assert influences(replace(few, voices=measured([]).voices)) == []

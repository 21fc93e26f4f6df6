from datetime import date, timedelta
from math import fsum

import numpy as np
import pytest

from domain.reputation import Opinion, Status
from reputation.share_of_voice import shares
from tests.reputation.opinions import DAY, crowd, opinion


def of(n: int, *, first: int = 1, label: str | None = None) -> list[Opinion]:
    """One opinion each of n persons."""
    return crowd(n, first=first, label=label)


def test_persons_are_counted_and_not_posts() -> None:
    loud = [opinion(1, ago=timedelta(minutes=one), label="negative") for one in range(1000)]
    found = shares("Acme", DAY, {"Acme": [*loud, *of(29, first=2)], "Globex": of(30, first=100)})

    acme, globex = found.sides
    assert (acme.persons, acme.mentions, acme.share) == (30, 1029, 0.5)
    assert (globex.persons, globex.mentions, globex.share) == (30, 30, 0.5)
    assert (found.persons, found.status) == (60, Status.OK)


def test_who_speaks_of_both_counts_once_for_each() -> None:
    found = shares("Acme", DAY, {"Acme": of(40), "Globex": of(20)})

    assert [one.persons for one in found.sides] == [40, 20]
    assert found.sides[0].share == pytest.approx(40 / 60)
    assert found.persons == 40
    assert fsum(one.share or 0 for one in found.sides) == pytest.approx(1)


def test_who_speaks_of_both_has_one_weight_in_both() -> None:
    (acme, _) = shares("Acme", DAY, {"Acme": of(200), "Globex": of(200)}).sides
    (other, _) = shares("Acme", DAY, {"Acme": of(200), "Globex": of(200, first=900)}).sides

    assert width(acme.low, acme.high) < 0.02, "nobody who could be drawn speaks of one alone"
    assert 0.09 < width(other.low, other.high) < 0.11


def test_below_thirty_persons_there_is_no_share_and_no_negative_share() -> None:
    found = shares("Acme", DAY, {"Acme": of(20, label="negative"), "Globex": of(9, first=50)})

    assert (found.persons, found.status) == (29, Status.INSUFFICIENT)
    assert [(one.share, one.low, one.high, one.negative) for one in found.sides] == [
        (None,) * 4
    ] * 2
    assert [(one.persons, one.scored) for one in found.sides] == [(20, 20), (9, 0)]


def test_nothing_is_insufficient() -> None:
    assert shares("Acme", DAY, {"Acme": [], "Globex": []}).status is Status.INSUFFICIENT


def test_posts_without_author_are_mentions_of_nobody() -> None:
    nobody = [opinion(None, label="negative", external_id=str(one)) for one in range(50)]
    (acme, globex) = shares("Acme", DAY, {"Acme": [*nobody, *of(30)], "Globex": of(30)}).sides

    assert (acme.mentions, acme.persons, acme.share) == (80, 30, globex.share)
    assert (acme.scored, acme.scored_mentions, acme.negative_mentions) == (0, 50, 50)


def test_the_negative_share_is_of_persons_who_were_scored() -> None:
    loud = [opinion(1, ago=timedelta(minutes=one), label="negative") for one in range(1000)]
    said = [*loud, *of(39, first=2, label="positive"), *of(60, first=100)]
    (acme, globex) = shares("Acme", DAY, {"Acme": said, "Globex": of(60)}).sides

    assert (acme.persons, acme.scored) == (100, 40)
    assert acme.negative == pytest.approx(1 / 40)
    assert (acme.scored_mentions, acme.negative_mentions) == (1039, 1000)
    assert (globex.scored, globex.negative) == (0, None)


def test_a_story_is_told_once_and_counted() -> None:
    told = [opinion(one, story=7 if one == 1 else None) for one in range(1, 41)]
    (acme, _) = shares("Acme", DAY, {"Acme": told, "Globex": of(30, first=90)}).sides
    assert (acme.mentions, acme.stories) == (40, 1)


def test_few_who_agree_are_not_certain() -> None:
    (acme, globex) = shares("Acme", DAY, {"Acme": of(30), "Globex": []}).sides
    assert (acme.share, acme.high, globex.share, globex.low) == (1, 1, 0, 0)
    assert acme.low is not None
    assert 0.82 < acme.low < 0.95


def test_the_order_of_posts_changes_nothing_and_the_day_draws_anew() -> None:
    said = {"Acme": of(60), "Globex": of(50, first=40)}
    turned = {name: list(reversed(posts)) for name, posts in said.items()}

    assert shares("Acme", DAY, said) == shares("Acme", DAY, turned)
    other = shares("Acme", DAY - timedelta(days=1), said)
    assert other.sides[0].share == shares("Acme", DAY, said).sides[0].share
    assert other.sides[0].low != shares("Acme", DAY, said).sides[0].low


@pytest.mark.parametrize("n", [30, 200])
@pytest.mark.parametrize("truth", [0.05, 0.4])
@pytest.mark.parametrize("both", [0.0, 0.3])
def test_the_interval_covers_the_share(n: int, truth: float, both: float) -> None:
    """Persons each of whom speaks of Acme, of Globex or, a part of them, of both."""
    random = np.random.default_rng(7)
    rounds, covered = 300, 0
    acme, globex = truth * (1 - both) + both, (1 - truth) * (1 - both) + both
    wanted = acme / (acme + globex)
    for number in range(rounds):
        first, of_both = random.random(n) < truth, random.random(n) < both
        said = {
            "Acme": [opinion(one) for one in np.flatnonzero(first | of_both).tolist()],
            "Globex": [opinion(one) for one in np.flatnonzero(~first | of_both).tolist()],
        }
        day = date(2026, 1, 1) + timedelta(days=number)
        (found, _) = shares("Acme", day, said, draws=400).sides
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= wanted <= found.high
    assert covered / rounds >= 0.92


def width(low: float | None, high: float | None) -> float:
    assert low is not None
    assert high is not None
    return high - low

"""The NPS proxy: classes per person, and an interval that covers what it says."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reputation import LabelMix, NpsProxy, Opinion, Status
from domain.survey import Tally
from reputation.nps_proxy import WINDOW, adjusted_wald, label_mix, nps_proxy, variance
from reputation.voices import voices
from tests.reputation.opinions import DAY, UNTIL, crowd, opinion


def proxy(opinions: list[Opinion]) -> NpsProxy:
    return nps_proxy("Acme", DAY, voices(opinions, since=UNTIL - WINDOW, until=UNTIL))


def authors(n: int, polarity: float, *, days_ago: float = 80) -> list[Opinion]:
    return crowd(n, polarity, first=int(1000 * polarity), ago=timedelta(days=days_ago))


@pytest.mark.parametrize(
    ("polarity", "counts"),
    [
        pytest.param(0.33, (30, 0, 0), id="at the upper cut-off"),
        pytest.param(0.3299, (0, 30, 0), id="below it"),
        pytest.param(-0.3299, (0, 30, 0), id="above the lower one"),
        pytest.param(-0.33, (0, 0, 30), id="at the lower cut-off"),
    ],
)
def test_an_author_is_classed_by_stance(polarity: float, counts: tuple[int, int, int]) -> None:
    result = proxy(authors(30, polarity))

    assert (result.promoters, result.passives, result.detractors) == counts
    assert result.value == 100 * (counts[0] - counts[2]) / 30


def test_a_mean_that_misses_the_cut_by_its_last_bit_counts() -> None:
    posts = [
        opinion(person, sign * 0.33, ago=timedelta(days=day + 0.1 * person))
        for person, sign in enumerate([1.0, -1.0] * 15)
        for day in (1, 4, 9)
    ]

    result = proxy(posts)

    assert (result.promoters, result.passives, result.detractors) == (15, 0, 15)


def test_the_labels_of_the_posts_stand_beside_the_classes_of_the_persons() -> None:
    posts = [
        *(opinion(1, -0.34, label="neutral", ago=timedelta(hours=n)) for n in range(1, 5)),
        opinion(2, 0.9, label="positive"),
        opinion(3, -0.9, label="negative"),
        opinion(None, -0.9, label="negative"),
        opinion(4, None, label=None),
        opinion(5, -0.9, label="negative", ago=timedelta(days=91)),
    ]

    mix = label_mix(posts, since=UNTIL - WINDOW, until=UNTIL)

    assert mix == LabelMix(negative=1, neutral=4, positive=1)
    assert proxy(posts).detractors == 2, "whom four neutral posts made one is seen by the labels"


def test_chance_is_what_the_interval_is_made_of() -> None:
    low, high = adjusted_wald(60, 20, 100)
    assert 1.96 * variance(Tally(60, 20, 20)) ** 0.5 == pytest.approx((high - low) / 2)


def test_a_hundred_posts_of_one_author_are_one_detractor() -> None:
    rants = [opinion(9999, -1.0, ago=timedelta(hours=i)) for i in range(1, 101)]

    result = proxy([*authors(40, 0.9), *rants])

    assert (result.promoters, result.detractors, result.n_authors) == (40, 1, 41)


def test_below_thirty_authors_the_counts_are_shown_and_no_number() -> None:
    result = proxy(authors(29, 0.9))

    assert (result.value, result.low, result.high) == (None, None, None)
    assert (result.status, result.promoters, result.n_authors) == (Status.INSUFFICIENT, 29, 29)


def test_it_looks_back_ninety_days_and_names_its_calibration() -> None:
    old = authors(40, -0.9, days_ago=90.001)

    result = proxy([*authors(30, 0.0, days_ago=90), *old])

    assert (result.n_authors, result.value, result.calibration) == (30, 0, "uncalibrated")


def test_the_interval_adds_three_fourths_of_a_person_to_each_end() -> None:
    low, high = adjusted_wald(60, 20, 100)  # p = 60.75 / 103, d = 20.75 / 103

    assert [low, high] == pytest.approx([23.38, 54.29], abs=0.01)
    assert (high - low) / 2 == pytest.approx(15, abs=1), "the published half-width at 100 authors"


@given(n=st.integers(30, 5000), data=st.data())
def test_the_interval_holds_the_number_and_stays_in_range(n: int, data: st.DataObject) -> None:
    promoters = data.draw(st.integers(0, n))
    detractors = data.draw(st.integers(0, n - promoters))

    low, high = adjusted_wald(promoters, detractors, n)

    assert -100 <= low <= 100 * (promoters - detractors) / n <= high <= 100


@pytest.mark.parametrize(
    ("n", "shares", "plain_at_most"),
    [
        pytest.param(5, (0.90, 0.10), 0.45, id="five authors of an extreme population"),
        pytest.param(10, (0.90, 0.10), 0.70, id="ten of it"),
        pytest.param(30, (0.30, 0.30), 0.96, id="thirty of a typical one"),
        pytest.param(100, (0.30, 0.30), 0.97, id="a hundred of it"),
    ],
)
def test_the_interval_covers_the_truth_where_the_plain_one_does_not(
    n: int, shares: tuple[float, float], plain_at_most: float
) -> None:
    up, down = shares
    truth, draws = 100 * (up - down), 4000
    drawn = np.random.default_rng(7).multinomial(n, [up, down, max(0.0, 1 - up - down)], size=draws)

    covered = plain_covered = 0
    for promoters, detractors, _ in drawn.tolist():
        low, high = adjusted_wald(promoters, detractors, n)
        covered += low <= truth <= high
        p, d = promoters / n, detractors / n
        half = 196 * ((p + d - (p - d) ** 2) / n) ** 0.5
        plain_covered += abs(100 * (p - d) - truth) <= half

    assert 0.91 <= covered / draws <= 0.98
    assert plain_covered / draws <= plain_at_most

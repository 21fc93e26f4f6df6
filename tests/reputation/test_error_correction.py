"""The model's own error is taken out by labels, and what that leaves open is said."""

from datetime import date

import numpy as np
import pytest

from domain.reputation import Labelled, Reputation
from reputation.error_correction import MIN_LABELLED, estimate, sample
from reputation.nps_proxy import nps_proxy
from reputation.score import WINDOW, Response, reputation
from reputation.voices import Floats, voices
from tests.reputation.opinions import DAY, UNTIL, crowd

# How the model reads a negative, a neutral and a positive text (metrics: .72/.64/.75).
CONFUSION = np.array([[0.72, 0.20, 0.08], [0.18, 0.64, 0.18], [0.07, 0.18, 0.75]])


def people(random: np.random.Generator, mean: float, n: int) -> tuple[Floats, Floats]:
    """What n persons of a population with this mean think, and what the model reads of it."""
    neutral = 0.3
    up = (1 - neutral + mean) / 2
    thinks = random.choice([-1, 0, 1], p=[1 - neutral - up, neutral, up], size=n)
    reads = (random.random((n, 1)) > CONFUSION.cumsum(1)[thinks + 1]).sum(1) - 1
    return thinks.astype(np.float64), reads.astype(np.float64)


def labels(thinks: Floats, reads: Floats, weight: float = 1.0) -> list[Labelled]:
    pairs = zip(reads, thinks, strict=True)
    return [Labelled(float(read), float(true), weight) for read, true in pairs]


def test_an_estimate_small_enough_to_add_up_by_hand() -> None:
    # The model reads 0 where people read -1, in half of the cases.
    found = sample([Labelled(0.0, -1.0, 1.0), Labelled(0.5, 0.5, 1.0)] * 30)
    assert found is not None
    assert found.error == pytest.approx(-0.5)
    got = estimate(np.array([0.2, 0.6]), found)
    assert got.value == pytest.approx(0.4 - 0.5)
    assert got.correction == pytest.approx(-0.5)
    assert got.low < got.value < got.high


def test_who_had_half_the_chance_counts_twice() -> None:
    found = sample([Labelled(0.0, -1.0, 2.0), Labelled(0.0, 1.0, 1.0)] * 30)
    assert found is not None
    assert found.error == pytest.approx(-1 / 3)


def test_few_labels_correct_nothing() -> None:
    one = Labelled(0.0, -1.0, 1.0)
    assert sample([one] * (MIN_LABELLED - 1)) is None
    assert sample([one] * MIN_LABELLED) is not None


def test_the_order_of_labels_changes_nothing() -> None:
    given = labels(*people(np.random.default_rng(1), -0.3, 80))
    assert score(0.2, given) == score(0.2, given[::-1])


def test_an_estimate_stays_where_stances_are() -> None:
    found = sample([Labelled(0.5, -1.0, 1.0)] * 60)
    assert found is not None
    got = estimate(np.full(40, -0.9), found)
    assert (got.value, got.low) == (-1.0, -1.0)


@pytest.mark.parametrize("drift", [0.0, 0.2, 0.4])
def test_the_interval_covers_also_when_opinion_has_moved_since_the_labels(drift: float) -> None:
    random = np.random.default_rng(7)
    covered = []
    for n in (30, 100, 300):
        for truth in (-0.6, -0.3, 0.0, 0.3):
            for side in (-1, 1) * 15:
                then = float(np.clip(truth + side * drift, -0.65, 0.65))
                found = sample(labels(*people(random, then, 300)))
                assert found is not None
                got = estimate(people(random, truth, n)[1], found)
                covered.append(got.low <= truth <= got.high)
    assert np.mean(covered) >= 0.93


def test_without_labels_the_model_pulls_to_the_middle_and_with_them_it_does_not() -> None:
    random = np.random.default_rng(3)
    naive, corrected = [], []
    for _ in range(200):
        found = sample(labels(*people(random, -0.6, 300)))
        assert found is not None
        reads = people(random, -0.6, 300)[1]
        naive.append(reads.mean())
        corrected.append(estimate(reads, found).value)
    assert np.mean(naive) > -0.45
    assert np.mean(corrected) == pytest.approx(-0.6, abs=0.02)


def test_shares_of_classes_are_corrected_alike() -> None:
    random = np.random.default_rng(4)
    found = sample(labels(*people(random, -0.6, 4000)))
    assert found is not None
    reads = people(random, -0.6, 4000)[1]
    got = estimate(
        (reads == -1).astype(np.float64), found.as_classes(0.33).share(-1), bounds=(0.0, 1.0)
    )
    assert got.low <= 0.65 <= got.high
    assert (reads == -1).mean() < got.low


# --- in the score ---------------------------------------------------------------------------------


def score(
    stance: float, given: list[Labelled], *, n: int = 100, day: date = DAY, customers: int = 0
) -> Reputation:
    some = [
        *crowd(n - customers, stance),
        *crowd(customers, stance, first=5000, is_customer=True),
    ]
    found = voices(some, since=UNTIL - WINDOW, until=UNTIL)
    return reputation("Acme", day, found, Response(10, 5.0), given)


def test_what_labels_correct_is_said_and_adds_up() -> None:
    given = labels(*people(np.random.default_rng(1), -0.5, 200))
    raw, corrected = score(-0.2, [], customers=30), score(-0.2, given, customers=30)
    assert (raw.labelled, corrected.labelled) == (0, 200)
    assert {part.correction for part in raw.parts} == {0.0}
    error = 50 * float(np.mean([one.truth - one.predicted for one in given]))
    for before, after in zip(raw.parts, corrected.parts, strict=True):
        assert before.value is not None
        assert after.value is not None
        assert after.correction == pytest.approx(0.0 if after.name == "response" else error)
        assert after.value - after.correction == pytest.approx(before.value)
        assert after.weight == before.weight
    assert corrected.score == pytest.approx(sum(part.contribution for part in corrected.parts))


def test_labels_make_the_interval_wider() -> None:
    given = labels(*people(np.random.default_rng(1), 0.0, 60))
    raw, corrected = score(0.0, []), score(0.0, given)
    for one in (raw, corrected):
        assert one.low is not None
        assert one.high is not None
        assert one.score is not None
        assert one.low < one.score < one.high
    assert raw.low is not None
    assert raw.high is not None
    assert corrected.low is not None
    assert corrected.high is not None
    assert corrected.high - corrected.low > raw.high - raw.low


def test_nothing_moves_when_labels_stay_and_opinion_does() -> None:
    given = labels(*people(np.random.default_rng(1), 0.0, 60))
    one, other = score(-0.1, given), score(0.1, given)
    assert one.parts[0].correction == pytest.approx(other.parts[0].correction)


def test_a_corrected_score_stays_between_0_and_100() -> None:
    found = score(-1.0, [Labelled(0.5, -1.0, 1.0)] * 60)
    assert found.parts[0].value == 0.0
    assert found.parts[0].low == 0.0
    assert found.score is not None
    assert 0 <= found.score <= 100


def test_too_few_persons_have_no_score_with_labels_either() -> None:
    found = score(0.0, [Labelled(0.0, -1.0, 1.0)] * 60, n=29)
    assert (found.score, found.labelled) == (None, 0)


# --- in the NPS proxy -----------------------------------------------------------------------------


def test_the_proxy_is_corrected_in_classes_and_says_so() -> None:
    given = labels(*people(np.random.default_rng(1), -0.6, 200))
    some = [*crowd(60, -1.0), *crowd(20, 0.0, first=100), *crowd(20, 1.0, first=200)]
    found = voices(some, since=UNTIL - WINDOW, until=UNTIL)
    raw, better = nps_proxy("Acme", DAY, found), nps_proxy("Acme", DAY, found, labelled=given)
    assert (raw.value, raw.labelled, raw.before_errors) == (-40.0, 0, True)
    error = 100 * np.mean([one.truth - one.predicted for one in given])
    assert better.value == pytest.approx(-40.0 + error)
    assert (better.raw, better.labelled, better.before_errors) == (-40.0, 200, False)
    assert better.calibration == "audit-calibrated (200)"
    assert (better.promoters, better.detractors) == (raw.promoters, raw.detractors)
    assert raw.low is not None
    assert raw.high is not None
    assert better.low is not None
    assert better.high is not None
    assert better.high - better.low > raw.high - raw.low


def test_a_few_labels_leave_the_proxy_as_it_is() -> None:
    found = voices(crowd(40, -1.0), since=UNTIL - WINDOW, until=UNTIL)
    few = labels(*people(np.random.default_rng(1), -0.6, MIN_LABELLED - 1))
    assert nps_proxy("Acme", DAY, found, labelled=few) == nps_proxy("Acme", DAY, found)

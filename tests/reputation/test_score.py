"""ORS-v2: the promises of its definition."""

from datetime import timedelta

import pytest

from domain.reputation import Asked, Opinion, Reputation, Status
from reputation.score import WINDOW, Response, ends, reputation, response
from reputation.voices import voices
from tests.reputation.opinions import DAY, UNTIL, crowd, opinion

HOUR = timedelta(hours=1)
NOBODY = Response(0, 0.0)


def score(opinions: list[Opinion], asked: Response = NOBODY) -> Reputation:
    return reputation("Acme", DAY, voices(opinions, since=UNTIL - WINDOW, until=UNTIL), asked)


def number(result: Reputation) -> float:
    assert result.score is not None
    return result.score


def test_a_score_small_enough_to_add_up_by_hand() -> None:
    asked = Response(20, 10.0)
    found = score([*crowd(40, 0.5), *crowd(20, -1.0, first=100, is_customer=True)], asked)
    # S: (40 * .5 - 20) / 60 = 0. C: -1. R: 10.5 of 21. Both of 20, so they count half.
    assert [part.value for part in found.parts] == pytest.approx([50.0, 0.0, 50.0])
    base = [0.60, 0.15 / 2, 0.25 / 2]
    assert [part.weight for part in found.parts] == pytest.approx([one / 0.8 for one in base])
    assert number(found) == pytest.approx((0.6 * 50 + 0.125 * 50) / 0.8)
    assert [part.n for part in found.parts] == [60, 20, 20]
    assert (found.n_persons, found.n_authors, found.formula) == (60, 60, "ORS-v2")


def test_below_thirty_persons_there_is_no_number() -> None:
    found = score(crowd(29))
    assert (found.score, found.low, found.status) == (None, None, Status.INSUFFICIENT)
    assert all(part.weight == 0 for part in found.parts)
    assert score(crowd(30)).status is Status.OK


def test_who_writes_a_thousand_times_is_one_person() -> None:
    others = crowd(99, 0.2)
    once = score([*others, opinion(500, -1.0)])
    loud = [opinion(500, -1.0, external_id=str(n)) for n in range(1000)]
    assert number(score([*others, *loud])) == pytest.approx(number(once))


def test_a_part_comes_in_without_a_step() -> None:
    before = number(score(crowd(100, -0.5)))
    assert abs(number(score(crowd(100, -0.5), Response(1, 0.0))) - before) < 1


def test_an_answer_counts_by_the_share_of_what_a_person_asked() -> None:
    at = UNTIL - timedelta(days=3)
    asked = [
        Asked(1, at, at + 24 * HOUR),
        Asked(1, at, at + 25 * HOUR),
        Asked(2, at, None),
        Asked(3, UNTIL - HOUR, None),  # its time has not ended
        Asked(4, UNTIL - WINDOW - 24 * HOUR - HOUR, None),  # it had, before the window
    ]
    assert response(asked, since=UNTIL - WINDOW, until=UNTIL, yardstick=24 * HOUR) == Response(
        2, 0.5
    )


def test_the_interval_holds_the_score_and_narrows_with_more_persons() -> None:
    few, many = (
        score([*crowd(15, 0.6), *crowd(15, -0.6, first=50)]),
        score([*crowd(150, 0.6), *crowd(150, -0.6, first=500)]),
    )
    for one in (few, many):
        assert one.low is not None
        assert one.high is not None
        assert one.low < number(one) < one.high
    assert few.high is not None
    assert few.low is not None
    assert many.high is not None
    assert many.low is not None
    assert few.high - few.low > 2 * (many.high - many.low)


def test_the_same_brand_and_day_give_the_same_interval() -> None:
    opinions = [*crowd(20, 0.6), *crowd(20, -0.6, first=50)]
    assert score(opinions) == score(opinions[::-1])


def test_of_few_persons_the_interval_goes_further_out_than_its_share_of_the_draws() -> None:
    # Student's 2.0452 of 29 degrees of freedom times sqrt(31 / 29), below which lies 1.72 %.
    assert ends(30) == pytest.approx((0.01725, 0.98275), abs=5e-5)
    assert ends(100_000) == pytest.approx((0.025, 0.975), abs=5e-5)

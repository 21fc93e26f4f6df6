"""What must not move the score, or only by so much: attacks and accidents, each with its bar."""

import random
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reputation import Asked, Opinion, Reputation
from reputation.score import WINDOW, Response, reputation, response
from reputation.voices import voices
from tests.reputation.opinions import DAY, UNTIL, crowd, opinion

HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)
NOBODY = Response(0, 0.0)
ASKED = Response(40, 20.0)
LOUDEST = 1.5  # points that one person may move, from 100 persons on

stances = st.lists(st.floats(-1, 1), min_size=30, max_size=60)


def score(opinions: list[Opinion], asked: Response = NOBODY) -> Reputation:
    return reputation("Acme", DAY, voices(opinions, since=UNTIL - WINDOW, until=UNTIL), asked)


def number(opinions: list[Opinion], asked: Response = NOBODY) -> float:
    heard = voices(opinions, since=UNTIL - WINDOW, until=UNTIL)
    found = reputation("Acme", DAY, heard, asked, draws=2).score
    assert found is not None
    return found


def public(n: int, mean: float, seed: int = 1) -> list[Opinion]:
    """One to four posts each of n people of an opinion around `mean`, a tenth of them customers."""
    chance = random.Random(seed)  # noqa: S311
    found = []
    for person in range(1, n + 1):
        likes = chance.gauss(mean, 0.6)
        for _ in range(chance.randint(1, 4)):
            polarity = max(-1.0, min(1.0, chance.gauss(likes, 0.4)))
            ago = timedelta(days=28 * chance.random())
            found.append(opinion(person, polarity, ago=ago, is_customer=person % 10 == 0))
    return found


def enemy(posts: int = 1, person: int = 9_999, **more: Any) -> list[Opinion]:  # noqa: ANN401 - any field
    return [opinion(person, -1.0, external_id=f"{person} says {n}", **more) for n in range(posts)]


@pytest.mark.parametrize("mean", [-0.5, 0.0, 0.6])
@pytest.mark.parametrize("asked", [NOBODY, Response(50, 25.0)], ids=["nobody asked", "half asked"])
def test_one_person_more_moves_a_hundred_by_a_point_and_a_half(
    mean: float, asked: Response
) -> None:
    others = public(100, mean)
    assert abs(number([*others, *enemy()], asked) - number(others, asked)) <= LOUDEST


@pytest.mark.parametrize("mean", [-0.5, 0.0, 0.6])
def test_who_turns_and_asks_and_is_not_answered_is_one_person_still(mean: float) -> None:
    others = public(100, mean)
    before = number([*others, opinion(9_999, 0.0)], Response(50, 25.0))
    assert abs(number([*others, *enemy()], Response(51, 25.0)) - before) <= LOUDEST


def test_how_much_one_person_moves_does_not_depend_on_how_much_they_write() -> None:
    others = public(100, 0.6)
    once = number([*others, *enemy()])
    assert number([*others, *enemy(1000)]) == pytest.approx(once, abs=1e-9)
    cross_posted = [
        one for n in range(50) for one in enemy(20, source=f"site{n}", account=10_000 + n)
    ]
    assert number([*others, *cross_posted]) == pytest.approx(once, abs=1e-9)
    spread = [opinion(9_999, -1.0, ago=n * HOURS) for n in range(1, 600)]
    assert number([*others, *spread]) == pytest.approx(once, abs=0.01)


def test_a_person_who_asks_a_thousand_times_is_one_of_those_who_asked() -> None:
    at = UNTIL - 5 * DAYS
    others = [Asked(one, at, at + HOURS if one % 2 else None) for one in range(1, 41)]
    loud = [Asked(999, at + n * timedelta(minutes=1), None) for n in range(1000)]
    found = response([*others, *loud], since=UNTIL - WINDOW, until=UNTIL, yardstick=24 * HOURS)
    assert found == Response(41, 20.0)
    people = public(100, 0.0)
    assert abs(number(people, found) - number(people, ASKED)) <= 1


@pytest.mark.parametrize("mean", [-0.5, 0.0, 0.6])
def test_the_first_missed_answer_costs_less_than_a_point(mean: float) -> None:
    people = public(100, mean)
    before = number(people)
    assert abs(number(people, Response(1, 0.0)) - before) < 1
    assert abs(number(people, Response(1, 1.0)) - before) < 1


@pytest.mark.parametrize("mean", [-0.5, 0.0, 0.6])
def test_no_part_comes_in_with_a_step(mean: float) -> None:
    people = public(100, mean)
    scores = [number(people, Response(n, 0.0)) for n in range(60)]
    assert max(abs(b - a) for a, b in pairwise(scores)) <= LOUDEST


@pytest.mark.parametrize("mean", [-0.5, 0.0, 0.6])
def test_the_tenth_customer_is_no_more_than_the_ninth_or_the_eleventh(mean: float) -> None:
    others = public(100, mean)
    plain = [one._replace(is_customer=False) for one in others]

    def with_customers(n: int) -> float:
        """As if the first n were linked, and they the angriest."""
        return number(
            [
                one._replace(is_customer=True, polarity=-1.0) if (one.person or 0) <= n else one
                for one in plain
            ]
        )

    def unlinked(n: int) -> float:
        return number(
            [one._replace(polarity=-1.0) if (one.person or 0) <= n else one for one in plain]
        )

    # What linking the n-th one does, beside that they are angry.
    steps = [with_customers(n) - unlinked(n) for n in range(31)]
    assert max(abs(b - a) for a, b in pairwise(steps)) <= 1


def test_the_thirtieth_person_switches_nothing_on() -> None:
    """A score begins where the opinion is, whatever was said in the months before."""
    first = number(crowd(30, -0.5))
    assert first == pytest.approx(25.0)
    assert number(crowd(31, -0.5)) == pytest.approx(first)


def test_a_hundred_people_who_leave_a_window_empty_of_news_leave_the_score_where_it_is() -> None:
    """Time passes and nobody writes: all grow old alike."""
    people = public(100, 0.3)
    recent = [one for one in people if UNTIL - one.published_at < 14 * DAYS]
    assert len({one.person for one in recent}) > 50
    today = number(recent)
    for later in range(1, 14):
        until = UNTIL + later * DAYS
        found = reputation(
            "Acme", DAY, voices(recent, since=until - WINDOW, until=until), NOBODY
        ).score
        assert found == pytest.approx(today, abs=1e-9)


def test_a_steady_stream_is_steady_from_its_first_day_with_thirty_persons() -> None:
    """1.3 new persons a day at -0.5: no prior comes in, so nothing but who speaks moves it."""
    stream = [opinion(n, -0.5, ago=timedelta(days=60) - n * DAYS / 1.3) for n in range(1, 78)]
    seen = []
    for day in range(60):
        until = UNTIL - (59 - day) * DAYS
        heard = voices(stream, since=until - WINDOW, until=until)
        seen.append(reputation("Acme", DAY, heard, NOBODY).score)
    told = [one for one in seen if one is not None]
    assert len(told) > 25
    assert told == pytest.approx([25.0] * len(told))


def test_two_hundred_sock_puppets_are_told_beside_the_score() -> None:
    others = public(300, 0.4)
    puppets = [
        opinion(one, -1.0, account_created_at=UNTIL - 3 * DAYS) for one in range(5_000, 5_200)
    ]
    before, found = score(others), score([*others, *puppets])
    assert before.young.n == 0
    assert found.young.n == 200
    assert found.young.share == 0.4
    assert found.score is not None
    assert before.score is not None
    assert found.score < before.score - 10
    assert found.young.points == pytest.approx(found.score - before.score, abs=1)


@given(stances, st.data())
def test_who_thinks_better_makes_it_no_worse(values: list[float], data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(values) - 1))
    better = data.draw(st.floats(values[which], 1))

    def of(polarities: list[float]) -> float:
        return number(
            [
                opinion(n, one, is_customer=n % 3 == 0, ago=timedelta(hours=1 + 20 * n % 600))
                for n, one in enumerate(polarities)
            ],
            ASKED,
        )

    assert of([*values[:which], better, *values[which + 1 :]]) >= of(values) - 1e-9


@given(stances, st.integers(0, 60), st.floats(0, 1), st.randoms(use_true_random=False))
def test_whatever_is_said_it_is_within_its_bounds_and_in_no_order(
    values: list[float], persons: int, share: float, chance: random.Random
) -> None:
    opinions = [
        opinion(n % 40, one, source="xyz"[n % 3], external_id=str(n), is_customer=n % 40 < 7)
        for n, one in enumerate(values)
    ]
    asked = Response(persons, persons * share)
    found = score(opinions, asked)
    if found.score is not None:
        assert found.low is not None
        assert found.high is not None
        assert 0 <= found.low <= found.score <= found.high <= 100
        assert sum(part.contribution for part in found.parts) == pytest.approx(
            found.score, abs=1e-9
        )
        assert sum(part.weight for part in found.parts) == pytest.approx(1)
    shuffled = [*opinions, *opinions[:5]]
    chance.shuffle(shuffled)
    assert score(shuffled, asked) == found


def test_posts_without_author_are_nobody() -> None:
    others = public(100, 0.6)
    anonymous = [
        opinion(None, -1.0, external_id=str(n), label="negative", source="forum")
        for n in range(200)
    ]
    assert score([*others, *anonymous]) == score(others)


def test_reach_gives_nobody_a_louder_voice_and_is_told_apart() -> None:
    others = public(100, 0.6)
    small, large = (score([*others, *enemy(followers=followers)]) for followers in (3, 50_000_000))
    assert small.score == large.score
    assert large.negative_reach - small.negative_reach == 50_000_000 - 3

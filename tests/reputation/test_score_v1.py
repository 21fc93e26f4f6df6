"""The reputation score: the worked example, the promises of the definition, the hostile author."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clock import midnight
from domain.reputation import Clocked, Part, Reputation, Status, Tone
from reputation.score_v1 import prior_mean, reputation

DAY = date(2026, 11, 21)
UNTIL = datetime(2026, 11, 21, tzinfo=UTC)
WINDOW = timedelta(days=28)
NEWEST = UNTIL - timedelta(microseconds=1)
HOUR = timedelta(hours=1)


def tone(author: str, polarity: float = 0.0, *, ago: timedelta | None = None) -> Tone:
    """A text of its own by an author nobody follows, by default a moment before the end."""
    at = NEWEST if ago is None else UNTIL - ago
    return Tone(author, at, polarity, 0, None, f"{author} {at.isoformat()} {polarity}")


def crowd(n: int, polarity: float = 0.0, *, name: str = "x") -> list[Tone]:
    return [tone(f"{name}:{i}", polarity) for i in range(n)]


def customers(n: int, polarity: float, weight: float = 1.0) -> list[Tone]:
    return [replace(one, tier_weight=weight) for one in crowd(n, polarity, name="customer")]


def due(hits: int, misses: int) -> list[Clocked]:
    posted = UNTIL - timedelta(days=5)
    hit = Clocked(posted, posted + HOUR, posted + HOUR)
    return [hit] * hits + [replace(hit, answered_at=posted + 2 * HOUR)] * misses


def score(
    tones: Sequence[Tone], clocked: Sequence[Clocked] = (), *, hours: float | None = None
) -> Reputation:
    return reputation("Acme", DAY, tones, clocked, until=UNTIL, negative_spike_hours=hours)


def part(result: Reputation, name: str) -> Part:
    return next(part for part in result.parts if part.name == name)


def number(result: Reputation) -> float:
    assert result.score is not None
    return result.score


def test_the_worked_example_comes_out_as_published() -> None:
    # 100 fresh authors without reach weigh 100, so 53.5 means a sum of stances of 8.4.
    result = score(crowd(100, 0.084), due(27, 9), hours=0)

    assert part(result, "sentiment").value == pytest.approx(53.5, abs=0.001)
    assert part(result, "customer voice").value is None
    assert part(result, "response").value == pytest.approx(73.7, abs=0.05)
    assert part(result, "calm").value == 100
    assert result.score == pytest.approx(65.6, abs=0.05)
    assert [round(one.weight, 4) for one in result.parts] == [0.5625, 0, 0.3125, 0.125]
    assert part(result, "customer voice").note == "0 of 10 linked authors needed"
    assert (result.n_authors, result.status, result.formula) == (100, Status.OK, "ORS-v1")


@pytest.mark.parametrize("posts", [1, 1000])
def test_one_hostile_author_with_a_million_followers_moves_it_less_than_a_point(posts: int) -> None:
    hostile = [
        replace(tone("x:loud", -1.0), reach=1_000_000, fingerprint=f"rant {i}")
        for i in range(posts)
    ]

    quiet, loud = (score(crowd(100, 0.084) + more, due(27, 9), hours=0) for more in ([], hostile))

    fall = (part(loud, "sentiment").value or 0) - (part(quiet, "sentiment").value or 0)
    assert fall == pytest.approx(-1.3, abs=0.05), "the published figure"
    assert number(loud) - number(quiet) == pytest.approx(-0.7, abs=0.05)


@pytest.mark.parametrize(
    ("reach", "weight"),
    [
        pytest.param(0, 1.0, id="unknown reach weighs one"),
        pytest.param(9_000, 2.0, id="nine thousand weigh two"),
        pytest.param(99_000, 3.0, id="ninety-nine thousand weigh three"),
        pytest.param(50_000_000, 3.0, id="nobody weighs more"),
    ],
)
def test_reach_weighs_by_its_logarithm_up_to_three(reach: int, weight: float) -> None:
    result = score([*crowd(29), replace(tone("x:a", 1.0), reach=reach)])

    expected = 50 * (1 + weight / (29 + weight + 20))
    assert part(result, "sentiment").value == pytest.approx(expected)


def test_an_author_last_heard_two_weeks_ago_weighs_half() -> None:
    result = score([*crowd(30), tone("x:a", 1.0, ago=timedelta(days=14))])

    assert part(result, "sentiment").value == pytest.approx(50 * (1 + 0.5 / 50.5))


def test_an_author_who_came_round_counts_more_by_the_newer_words() -> None:
    changed = [
        tone("x:a", -1.0, ago=timedelta(days=14, microseconds=1)),
        tone("x:a", 1.0, ago=timedelta(microseconds=1)),
    ]
    result = score([*crowd(29), *changed])

    stance = (1.0 - 0.5) / 1.5
    assert part(result, "sentiment").value == pytest.approx(50 * (1 + stance / 50))


def test_the_past_pulls_as_much_as_twenty_authors() -> None:
    result = reputation("Acme", DAY, crowd(30), [], until=UNTIL, prior=0.5)

    assert part(result, "sentiment").value == pytest.approx(50 * (1 + 10 / 50))


def test_the_past_is_the_ninety_days_before_the_window() -> None:
    before = [tone(f"x:{i}", 0.4, ago=WINDOW + timedelta(days=1)) for i in range(30)]
    inside = crowd(30, -1.0)
    too_old = [tone(f"y:{i}", -1.0, ago=timedelta(days=119)) for i in range(30)]

    assert prior_mean([*before, *inside, *too_old], until=UNTIL) == pytest.approx(0.4)
    assert prior_mean(before[:29], until=UNTIL) == 0, "too few to say"


def test_the_window_takes_its_first_instant_and_not_its_last() -> None:
    edges = [
        tone("x:first", ago=WINDOW),
        tone("x:before", ago=WINDOW + timedelta(microseconds=1)),
        tone("x:after", ago=timedelta(0)),
    ]

    assert score([*crowd(30), *edges]).n_authors == 31


def test_another_time_zone_is_another_window() -> None:
    late = Tone("x:late", datetime(2026, 11, 20, 23, 30, tzinfo=UTC), 1.0, 0, None, "late")
    ends = [midnight(DAY, ZoneInfo(name)) for name in ("UTC", "Europe/Berlin")]

    heard = [reputation("Acme", DAY, [late], [], until=end).n_authors for end in ends]

    assert heard == [1, 0], "half past midnight in Berlin belongs to the next day"


def test_customers_weigh_by_tier_and_at_most_double() -> None:
    tones = [*crowd(30), *customers(10, 0.0), replace(tone("x:vip", 1.0), tier_weight=7.0)]
    voice = part(score(tones), "customer voice")
    assert voice.n == 11
    assert voice.value == pytest.approx(50 * (1 + 2 / (10 + 2 + 20)))


@pytest.mark.parametrize(
    ("hits", "misses", "value"),
    [
        pytest.param(27, 9, 100 * 28 / 38, id="worked example"),
        pytest.param(0, 1, 100 / 3, id="one missed"),
        pytest.param(1, 0, 200 / 3, id="one in time is no hundred"),
    ],
)
def test_the_response_part_is_cautious_about_few(hits: int, misses: int, value: float) -> None:
    assert part(score([], due(hits, misses)), "response").value == pytest.approx(value)


def test_nothing_due_is_missing_and_not_fifty() -> None:
    later = Clocked(UNTIL - HOUR, UNTIL + HOUR, None)
    earlier = Clocked(UNTIL - 2 * WINDOW, UNTIL - WINDOW - HOUR, None)

    response = part(score(crowd(30), [later, earlier]), "response")

    assert (response.value, response.weight) == (None, 0)
    assert response.note == "no deadline fell in the window"


def test_a_button_does_not_make_a_missed_deadline_a_hit() -> None:
    closed = Clocked(UNTIL - 3 * HOUR, UNTIL - HOUR, None, closed_at=UNTIL - 2 * HOUR)

    assert part(score([], [closed]), "response").value == pytest.approx(100 / 3)


@pytest.mark.parametrize(
    ("hours", "value", "spikes"),
    [
        pytest.param(None, None, 0, id="not watched"),
        pytest.param(0.0, 100.0, 0, id="no spike"),
        pytest.param(12.0, 75.0, 1, id="half a day"),
        pytest.param(90.0, 0.0, 1, id="longer than two days"),
    ],
)
def test_calm_falls_with_the_hours_of_a_spike(
    hours: float | None, value: float | None, spikes: int
) -> None:
    calm = part(score([], hours=hours), "calm")

    assert (calm.value, calm.n) == (value, spikes)


@pytest.mark.parametrize("authors", [0, 1, 29])
def test_too_few_authors_give_no_number_but_say_what_is_there(authors: int) -> None:
    result = score(crowd(authors, 1.0), due(3, 1), hours=6)

    assert (result.score, result.low, result.high) == (None, None, None)
    assert (result.status, result.n_authors) == (Status.INSUFFICIENT, authors)
    assert part(result, "sentiment").note == f"{authors} of 30 authors needed"
    assert part(result, "response").value == pytest.approx(100 * 4 / 6)
    assert part(result, "calm").value == pytest.approx(87.5)


def test_copied_text_counts_once_and_for_its_first_author() -> None:
    copies = [
        replace(tone(f"bot:{i}", -1.0, ago=(60 - i) * HOUR), fingerprint="copied")
        for i in range(50)
    ]

    assert score([*crowd(30), *copies]) == score([*crowd(30), copies[0]])


def test_short_texts_alike_by_chance_are_not_copies() -> None:
    alike = [replace(one, fingerprint="chance:1f") for one in crowd(30, 1.0)]

    assert score([*alike, *alike]).n_authors == 30


def test_the_interval_is_the_same_each_time_and_narrows_with_more_authors() -> None:
    few, many = (
        score([*crowd(n, -0.8, name="sad"), *crowd(n, 0.8, name="glad")]) for n in (30, 300)
    )

    assert few == score([*crowd(30, 0.8, name="glad"), *crowd(30, -0.8, name="sad")])
    widths = [(one.high or 0) - (one.low or 0) for one in (few, many)]
    assert widths[0] > 2 * widths[1] > 0


POLARITY = st.floats(-1, 1)
TONES = st.lists(
    st.builds(
        Tone,
        author=st.sampled_from([f"x:{i}" for i in range(60)]),
        published_at=st.integers(1, 28 * 24).map(lambda hours: UNTIL - hours * HOUR),
        polarity=POLARITY,
        reach=st.integers(0, 10_000_000),
        tier_weight=st.none() | st.floats(1, 2),
        fingerprint=st.text("abcdefgh", min_size=1, max_size=3),
    ),
    max_size=80,
)
CLOCKED = st.lists(
    st.builds(
        lambda hours, answer: Clocked(
            UNTIL - hours * HOUR,
            UNTIL - (hours - 4) * HOUR,
            None if answer is None else UNTIL - (hours - answer) * HOUR,
        ),
        st.integers(1, 24 * 30),
        st.none() | st.integers(0, 9),
    ),
    max_size=12,
)
HOURS = st.none() | st.floats(0, 24 * 7)


@settings(deadline=None, max_examples=60)
@given(tones=TONES, clocked=CLOCKED, hours=HOURS, prior=POLARITY, order=st.randoms())
def test_it_is_bounded_adds_up_and_ignores_order_and_repetition(
    tones: list[Tone], clocked: list[Clocked], hours: float | None, prior: float, order: object
) -> None:
    tones = [*crowd(30), *tones]
    shuffled = sorted([*tones, *tones[:9]], key=lambda _: getattr(order, "random")())  # noqa: B009

    one, other = (
        reputation(
            "Acme",
            DAY,
            heard,
            clocked,
            until=UNTIL,
            prior=prior,
            negative_spike_hours=hours,
            bootstrap=50,
        )
        for heard in (tones, shuffled)
    )

    assert one == other
    assert 0 <= (one.low or 0) <= number(one) <= (one.high or 0) <= 100
    assert sum(each.contribution for each in one.parts) == pytest.approx(number(one), abs=1e-9)
    assert sum(each.weight for each in one.parts) == pytest.approx(1, abs=1e-12)
    assert all(
        each.contribution == pytest.approx(each.weight * (each.value or 0)) for each in one.parts
    )


@settings(deadline=None, max_examples=60)
@given(others=st.lists(POLARITY, min_size=30, max_size=40), pair=st.tuples(POLARITY, POLARITY))
def test_a_friendlier_author_never_lowers_it(
    others: list[float], pair: tuple[float, float]
) -> None:
    around = [tone(f"x:{i}", polarity) for i, polarity in enumerate(others)]

    low, high = (
        number(reputation("Acme", DAY, [*around, tone("y", p)], [], until=UNTIL, bootstrap=2))
        for p in sorted(pair)
    )

    assert low <= high + 1e-9

"""Days compare like for like, and what is not alike is told with what it moves."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.reputation import Opinion
from reputation.compare import compare, likeness
from reputation.explain import NOBODY
from reputation.measured import Measured
from reputation.rounding import adding_up, rounded, signed
from reputation.score import Response
from tests.reputation.days import POSTS, RESPONSES, WEEK_AGO, heard, measured, score
from tests.reputation.opinions import crowd, opinion

FORTNIGHT = timedelta(days=14)
LATELY = timedelta(days=2)
DAYS = timedelta(hours=24)


def said(n: int, polarity: float = 0.0, first: int = 1, **more: str) -> list[Opinion]:
    return [opinion(first + one, polarity, ago=FORTNIGHT, **more) for one in range(n)]


def other(day: Measured, **changed: object) -> Measured:
    return replace(day, reputation=replace(day.reputation, **changed))  # type: ignore[arg-type]


def total(before: Measured, after: Measured, same: Mapping[int, int] = NOBODY) -> float:
    found = likeness(before, after, same, draws=2)
    assert found.like_for_like is not None
    return found.like_for_like + sum(one.points or 0 for one in found.unlike)


def test_a_new_source_is_a_line_of_its_own_and_like_for_like_is_steady() -> None:
    old = said(100, -0.5)
    stars = [opinion(500 + one, 0.9, ago=LATELY, source="trustpilot") for one in range(80)]
    before, after = measured(old, WEEK_AGO), measured([*old, *stars])

    found = compare(before, after)

    assert found.change is not None
    assert found.change > 20
    assert found.like_for_like == pytest.approx(0, abs=1e-9)
    assert found.beyond_chance is False
    shown = rounded(score(after)) - rounded(score(before))
    assert found.lines == (f"trustpilot is new: {signed(shown)}",)
    assert total(before, after) == pytest.approx(score(after) - score(before), abs=1e-9)


def test_a_source_that_is_gone_is_told_too() -> None:
    old, reddit = said(100), said(50, -1.0, first=500, source="reddit")

    found = compare(measured([*old, *reddit], WEEK_AGO), measured(old))

    assert found.lines[0].startswith("reddit is gone: +")
    assert found.like_for_like == pytest.approx(0, abs=1e-9)


def test_sources_are_alike_when_they_were_heard_for_about_as_long() -> None:
    posts = [*said(50), *said(50, -0.9, first=500, source="reddit")]
    before, after = measured(posts, WEEK_AGO), measured(posts)

    assert compare(heard(before, reddit=0.91), heard(after, reddit=1.0)).lines == ()
    (line,) = compare(heard(before, reddit=0.4), heard(after, reddit=1.0)).lines
    assert line.startswith("reddit was heard 40% of the time, then 100%: ")
    assert compare(heard(before, reddit=0.4), after).lines == (), "nobody knows that it was more"


def test_sources_that_are_all_new_compare_among_each_other() -> None:
    posts = [*said(50), *said(40, -0.9, first=500, source="reddit")]
    before, after = measured(posts, WEEK_AGO), measured(posts)

    found = compare(heard(before, x=0.25, reddit=0.3), heard(after, x=0.5, reddit=0.55))
    assert found.like_for_like == pytest.approx(0, abs=1e-9)
    (line,) = found.lines
    assert line == (
        "heard 25% to 30% of the time then, 50% to 55% now, and compared all the same: reddit, x"
    )

    few = [*said(50), *said(9, -0.9, first=500, source="reddit")]
    before, after = measured(few, WEEK_AGO), measured(few)
    found = compare(heard(before, x=0.25, reddit=1.0), heard(after, x=0.5, reddit=1.0))
    assert found.like_for_like == pytest.approx(0, abs=1e-9)
    assert found.lines[0] == (
        "reddit was heard unlike the others, 100% of the time, then 100%: 0.0"
    )


@settings(max_examples=30)
@given(posts=POSTS, response=RESPONSES, later=RESPONSES, gone=st.sampled_from(["x", "reddit", ""]))
def test_like_for_like_and_the_lines_make_the_change(
    posts: list[Opinion], response: Response, later: Response, gone: str
) -> None:
    before = measured([one for one in posts if one.source != gone], WEEK_AGO, response)
    after = measured([one for one in posts if one.source != "forum"], asked=later)
    found = likeness(before, after, draws=2)
    if found.like_for_like is None:
        return

    assert total(before, after) == pytest.approx(score(after) - score(before), abs=1e-9)
    customers = map(int, after.voices.person[after.voices.is_customer])
    same = dict(zip(map(int, before.voices.person), customers, strict=False))
    if likeness(before, after, same, draws=2).like_for_like is not None:
        assert total(before, after, same) == pytest.approx(score(after) - score(before), abs=1e-9)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.like_for_like <= found.high


@settings(max_examples=10)
@given(posts=POSTS, response=RESPONSES)
def test_the_same_day_twice_is_no_change(posts: list[Opinion], response: Response) -> None:
    day = measured(posts, asked=response)
    if day.reputation.score is None:
        return

    found = compare(day, day)

    assert found.change == 0
    assert found.like_for_like == pytest.approx(0, abs=1e-9)
    assert (found.beyond_chance, found.lines) == (False, ())


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        pytest.param({"model": "new"}, "read by another model since 2026-11-13", id="model"),
        pytest.param({"filters": "new"}, "other filters decide since 2026-11-13", id="filters"),
    ],
)
def test_what_moves_everything_leaves_nothing_to_compare(
    changed: dict[str, object], line: str
) -> None:
    before, after = measured(said(40), WEEK_AGO), measured(said(40, -0.9))

    found = compare(before, other(after, **changed))

    assert found.change is not None
    assert (found.like_for_like, found.low, found.high, found.beyond_chance) == (None,) * 4
    (only,) = found.lines
    assert line in only
    assert only.endswith("what that moves cannot be told apart")


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        pytest.param(
            {"answer_yardstick": DAYS},
            "an answer is in time within 24 h, before within 4 h: ",
            id="yardstick",
        ),
        pytest.param(
            {"rules": "b"}, "other rules decide which posts ask for an answer: ", id="rules"
        ),
    ],
)
def test_answers_by_another_measure_are_left_out_of_like_for_like(
    changed: dict[str, object], line: str
) -> None:
    """Relaxing a rule from 4 h to 24 h once added 32 points."""
    before = other(
        measured(said(60), WEEK_AGO, Response(60, 6)), answer_yardstick=DAYS / 6, rules="a"
    )
    after = other(measured(said(60), asked=Response(60, 54)), answer_yardstick=DAYS / 6, rules="a")
    assert compare(before, after).beyond_chance is True

    after = other(after, **changed)
    found = compare(before, after)

    assert found.change is not None
    assert found.change > 10
    assert found.like_for_like == pytest.approx(0, abs=1e-9)
    assert found.beyond_chance is False
    shown = rounded(score(after)) - rounded(score(before))
    assert found.lines == (f"{line}{signed(shown)}",)
    assert total(before, after) == pytest.approx(score(after) - score(before), abs=1e-9)


def test_who_is_linked_between_two_days_is_a_customer_on_both() -> None:
    """The tenth linked customer once moved the score by 3.7 points."""
    posts = [*said(100, 0.4), *said(30, -0.8, first=500)]
    before = measured(posts, WEEK_AGO)
    # The customers write from two accounts each.
    same = {500 + one: 900 + one // 2 for one in range(30)}
    after = measured(
        [
            one._replace(person=same[one.person], is_customer=True) if one.person in same else one
            for one in posts
        ]
    )

    found = compare(before, after, same)

    assert compare(before, after).like_for_like != pytest.approx(0, abs=0.5)
    assert found.like_for_like == pytest.approx(0, abs=1e-9)
    assert found.beyond_chance is False
    shown = rounded(score(after)) - rounded(score(before))
    assert found.lines == (f"15 persons are known as customers since: {signed(shown)}",)


def test_two_formulas_are_not_compared() -> None:
    before, after = other(measured(said(40), WEEK_AGO), formula="ORS-v1"), measured(said(40))

    found = compare(before, after)

    assert (found.against, found.change, found.like_for_like) == (WEEK_AGO, None, None)
    assert found.lines == (
        "the formula is another one, ORS-v1 then and ORS-v2 now: nothing is compared",
    )


def test_too_few_persons_are_said_and_not_compared() -> None:
    few, many = measured(said(12), WEEK_AGO), measured(said(40))
    found = compare(few, many)
    assert (found.change, found.like_for_like, found.beyond_chance) == (None, None, None)
    assert found.lines == ("2026-11-13 has no score: 12 persons wrote, fewer than 30",)

    elsewhere = measured(said(40, source="reddit"))
    found = compare(measured(said(40), WEEK_AGO), elsewhere)
    assert found.change is not None
    assert found.like_for_like is None
    assert "fewer than 30 persons spoke on the sources that both days heard" in found.lines[0]
    assert found.lines[1:] == ("reddit is new", "x is gone")


def test_a_real_fall_is_more_than_chance_and_noise_is_not() -> None:
    random = np.random.default_rng(1)
    old = [opinion(one, random.uniform(-1, 1), ago=FORTNIGHT) for one in range(150)]
    new = [opinion(500 + one, random.uniform(-1, 1), ago=LATELY) for one in range(60)]
    angry = [one._replace(polarity=-0.8) for one in new]
    before = measured(old, WEEK_AGO)

    assert compare(before, measured([*old, *angry])).beyond_chance is True
    assert compare(before, measured([*old, *new])).beyond_chance is False


def test_the_same_days_give_the_same_interval() -> None:
    before, after = measured(said(60), WEEK_AGO, Response(9, 3)), measured(crowd(60, 0.4))
    assert compare(before, after) == compare(before, after)


# --- rounding -----------------------------------------------------------------------------------


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=9))
def test_rounded_numbers_add_up_to_their_rounded_sum(values: list[float]) -> None:
    shown = adding_up(values, sum(values))

    assert sum(shown) == pytest.approx(rounded(sum(values)), abs=1e-9)
    assert all(abs(one - value) < 0.11 for one, value in zip(shown, values, strict=True))


def test_points_are_shown_with_their_sign() -> None:
    assert [signed(one) for one in (20.24, -0.4, 0.04, -0.04)] == ["+20.2", "−0.4", "0.0", "0.0"]

"""Each view of a change leaves nothing over, and lays it to whom it is due."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.reputation import Opinion, Part, Reputation, Status
from reputation.explain import Aged, Explanation, How, by_parts, explanation
from reputation.measured import Measured
from reputation.score import Response
from reputation.voices import voices
from tests.reputation.days import NOBODY, POSTS, RESPONSES, WEEK_AGO, measured, score
from tests.reputation.opinions import UNTIL, crowd, opinion

WEIGHTS = {"sentiment": 0.60, "customers": 0.15, "response": 0.25}
FORTNIGHT, MONTH = timedelta(days=14), timedelta(days=30)
LATELY = timedelta(days=2)


def made_of(*values: float | None) -> Reputation:
    present = sum(
        weight for weight, value in zip(WEIGHTS.values(), values, strict=True) if value is not None
    )
    parts = tuple(
        Part(name, None, 0, 0, 0)
        if value is None
        else Part(name, value, weight / present, weight / present * value, 40)
        for (name, weight), value in zip(WEIGHTS.items(), values, strict=True)
    )
    total = sum(part.contribution for part in parts) if present else None
    status = Status.OK if present else Status.INSUFFICIENT
    return Reputation("Acme", date(2026, 11, 21), total, total, total, 40, status, parts, "ORS-v2")


def views(found: Explanation) -> dict[str, float]:
    """What each view adds up to."""
    others = found.response + found.weights + found.rest
    return {
        "parts": sum(one.delta for one in found.parts),
        "persons": sum(one.points for one in found.persons) + found.time.points + others,
        "sources": sum(one.points for one in found.sources) + others,
        "stories": sum(one.points for one in found.stories) + others,
    }


def adds_up(found: Explanation, before: Measured, after: Measured) -> None:
    change = score(after) - score(before)
    assert found.change == pytest.approx(change, abs=1e-12)
    for name, total in views(found).items():
        assert total == pytest.approx(change, abs=1e-9), name


def test_with_equal_weights_a_part_adds_its_weight_times_its_change() -> None:
    deltas = by_parts(made_of(60, 50, 80), made_of(50, 50, 84))

    assert [(one.name, round(one.delta, 9)) for one in deltas] == [
        ("sentiment", -6.0),
        ("response", 1.0),
        ("customers", 0.0),
    ]
    assert all(one.by_weight == pytest.approx(0) for one in deltas)


def test_a_part_that_comes_in_low_pulls_the_score_down() -> None:
    (first, *_) = by_parts(made_of(60, None, 60), made_of(60, 20, 60))

    assert (first.name, first.before, first.after, first.by_value) == ("customers", None, 20, 0)
    assert first.by_weight < 0


def test_there_is_nothing_to_explain_without_two_scores() -> None:
    few, many = measured(crowd(29), WEEK_AGO), measured(crowd(30))

    assert by_parts(few.reputation, many.reputation) == []
    assert explanation(few, many) == Explanation(None)
    assert explanation(
        replace(many, reputation=replace(many.reputation, formula="ORS-v1")), many
    ) == (Explanation(None))


VALUES = st.tuples(st.floats(0, 100), *[st.none() | st.floats(0, 100)] * 2)


@given(before=VALUES, after=VALUES)
def test_the_parts_add_up_to_the_change_whatever_came_or_went(
    before: tuple[float | None, ...], after: tuple[float | None, ...]
) -> None:
    then, now = made_of(*before), made_of(*after)

    total = sum(one.delta for one in by_parts(then, now))

    assert total == pytest.approx((now.score or 0) - (then.score or 0), abs=1e-9)


@settings(max_examples=40)
@given(st.data())
def test_every_view_adds_up_whoever_comes_goes_and_asks(data: st.DataObject) -> None:
    opinions = data.draw(POSTS)
    before = measured(opinions, WEEK_AGO, data.draw(RESPONSES))
    after = measured(opinions, asked=data.draw(RESPONSES))
    if before.reputation.score is None or after.reputation.score is None:
        assert explanation(before, after).change is None
        return

    found = explanation(before, after)

    adds_up(found, before, after)
    sizes = [abs(one.points) for one in found.persons]
    assert sizes == sorted(sizes, reverse=True)
    # Who is linked to whom is known only later; whatever is told, it adds up.
    same = {one: one % 7 for one in range(60)}
    adds_up(explanation(before, after, same), before, after)


@settings(max_examples=20)
@given(opinions=POSTS, asked=RESPONSES)
def test_the_same_day_twice_moves_nothing(opinions: list[Opinion], asked: Response) -> None:
    day = measured(opinions, asked=asked)
    if day.reputation.score is None:
        return

    found = explanation(day, day)

    assert found.persons == ()
    assert found.time.n == len(day.voices)
    adds_up(found, day, day)
    assert not any(one.points for one in found.sources)
    assert not any(one.points for one in found.stories)


def test_without_customers_and_answers_it_is_all_sentiment() -> None:
    old = [opinion(one, 0.2, ago=FORTNIGHT) for one in range(40)]
    before, after = measured(old, WEEK_AGO), measured([*old, *crowd(20, -1.0, first=100)])

    found = explanation(before, after)

    adds_up(found, before, after)
    assert [one.name for one in found.parts if one.delta] == ["sentiment"]
    assert (found.response, found.weights) == (0, 0)
    assert {one.how for one in found.persons} == {How.CAME}
    assert len(found.persons) == 20
    assert all(one.points < 0 and one.after == -1 for one in found.persons)
    # Who only has less of a share of the voices, as others came, moved nothing.
    assert found.time == Aged(40, pytest.approx(0, abs=1e-9))  # type: ignore[arg-type]
    assert found.rest == pytest.approx(0, abs=1e-9)


def test_who_came_who_left_and_who_changed() -> None:
    still = [opinion(one, 0.0, ago=FORTNIGHT) for one in range(40)]
    gone = opinion(100, -1.0, ago=MONTH)
    changed = [opinion(200, 0.9, ago=FORTNIGHT), opinion(200, -0.9, ago=LATELY)]
    come = opinion(300, 0.8, ago=LATELY)
    everything = [*still, gone, *changed, come]

    found = explanation(measured(everything, WEEK_AGO), measured(everything))

    by_number = {one.person: one for one in found.persons}
    assert {number: one.how for number, one in by_number.items()} == {
        100: How.LEFT,
        200: How.CHANGED,
        300: How.CAME,
    }
    assert by_number[100].before == pytest.approx(-1)
    assert by_number[100].after is None
    assert by_number[100].points > 0
    assert by_number[200].before == pytest.approx(0.9)
    assert by_number[200].points < 0 < by_number[300].points
    assert found.time.n == 40


def test_whose_oldest_post_has_left_the_window_wrote_nothing_new() -> None:
    still = [opinion(one, 0.0, ago=FORTNIGHT) for one in range(40)]
    old = [opinion(100, -1.0, ago=MONTH), opinion(100, 1.0, ago=FORTNIGHT)]

    found = explanation(measured([*still, *old], WEEK_AGO), measured([*still, *old]))

    assert found.persons == ()
    assert found.time.n == 41
    assert found.time.points > 0


def test_clocks_that_change_between_two_midnights_make_nobody_speak() -> None:
    said = [opinion(one, 0.1, ago=FORTNIGHT) for one in range(40)]
    before, after = measured(said, WEEK_AGO), measured(said)
    shifted = UNTIL - timedelta(days=7, hours=1)
    shorter = voices(said, since=shifted - 2 * FORTNIGHT, until=shifted)

    assert explanation(replace(before, voices=shorter), after).persons == ()


def test_an_account_that_was_linked_since_is_one_person_who_is_a_customer_now() -> None:
    still = [opinion(one, 0.0, ago=FORTNIGHT) for one in range(40)]
    account = opinion(100, -1.0, ago=FORTNIGHT, account=100)
    before = measured([*still, account], WEEK_AGO)
    after = measured([*still, account._replace(person=900, is_customer=True)])

    assert {one.how for one in explanation(before, after).persons} == {How.CAME, How.LEFT}
    (one,) = explanation(before, after, {100: 900}).persons
    assert (one.person, one.how, one.was_customer, one.is_customer) == (
        *(900, How.CHANGED),
        *(False, True),
    )


def test_a_story_and_a_source_get_what_was_said_there() -> None:
    still = [opinion(one, 0.0, ago=FORTNIGHT) for one in range(40)]
    told = [opinion(one, -0.8, source="reddit", story=7) for one in range(100, 110)]
    before, after = measured(still, WEEK_AGO), measured([*still, *told])

    found = explanation(before, after)

    assert found.sources[0].source == "reddit"
    assert (found.sources[0].n_before, found.sources[0].n_after) == (0, 10)
    assert (found.stories[0].story, found.stories[0].n_after) == (7, 10)
    assert found.stories[0].points == pytest.approx(found.sources[0].points, abs=1e-9)
    assert found.sources[0].points == pytest.approx(
        sum(one.points for one in found.persons), abs=1e-9
    )


def test_answers_and_their_weight_are_told_apart() -> None:
    said = [opinion(one, 0.0, ago=FORTNIGHT) for one in range(40)]
    before = measured(said, WEEK_AGO, Response(20, 10))
    slower, more = measured(said, asked=Response(20, 4)), measured(said, asked=Response(60, 10))

    assert explanation(before, slower).response < 0
    assert explanation(before, slower).weights == pytest.approx(0, abs=1e-9)
    assert explanation(before, more).weights != 0
    adds_up(explanation(before, more), before, more)


def test_what_labels_by_hand_correct_is_a_line_of_its_own() -> None:
    said = [opinion(one, 0.0, ago=FORTNIGHT) for one in range(40)]
    before, after = measured(said, WEEK_AGO), measured(said)
    part, *others = after.reputation.parts
    corrected = replace(part, value=46.0, contribution=46.0)
    after = replace(
        after,
        reputation=replace(after.reputation, parts=(corrected, *others), score=46.0, labelled=300),
    )

    found = explanation(before, after)

    assert found.rest == pytest.approx(-4, abs=1e-9)
    adds_up(found, before, after)


def test_a_day_whose_persons_are_not_kept_is_told_by_its_parts() -> None:
    after = measured(crowd(40, 0.5))
    lost = replace(after, voices=measured([]).voices)
    before = measured([opinion(one, 0.0, ago=FORTNIGHT) for one in range(40)], WEEK_AGO, NOBODY)

    found = explanation(before, lost)

    assert (found.persons, found.sources, found.time.n) == ((), (), 0)
    assert found.rest == pytest.approx(25)

"""The split of a change over the parts leaves nothing over."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.reputation import Part, Reputation, Status
from reputation.explain import explain

WEIGHTS = {"sentiment": 0.45, "customer voice": 0.20, "response": 0.25, "calm": 0.10}


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
    score = sum(part.contribution for part in parts) if present else None
    status = Status.OK if present else Status.INSUFFICIENT
    return Reputation("Acme", date(2026, 11, 21), score, score, score, 40, status, parts, "ORS-v1")


def test_with_equal_weights_a_part_adds_its_weight_times_its_change() -> None:
    deltas = explain(made_of(60, 50, 80, 100), made_of(50, 50, 84, 100))

    assert [(one.name, round(one.delta, 9)) for one in deltas] == [
        ("sentiment", -4.5),
        ("response", 1.0),
        ("calm", 0.0),
        ("customer voice", 0.0),
    ]
    assert all(one.by_weight == pytest.approx(0) for one in deltas)


def test_a_part_that_comes_in_low_pulls_the_score_down() -> None:
    before, after = made_of(60, None, 60, 60), made_of(60, 20, 60, 60)

    (voice, *_) = explain(before, after)

    assert (voice.name, voice.before, voice.after, voice.by_value) == (
        "customer voice",
        None,
        20,
        0,
    )
    assert voice.by_weight < 0


def test_there_is_nothing_to_explain_without_two_scores() -> None:
    assert explain(made_of(None, None, None, None), made_of(60, 50, 80, 100)) == []


VALUES = st.tuples(*[st.none() | st.floats(0, 100)] * 4)


@given(before=VALUES, after=VALUES)
def test_the_deltas_add_up_to_the_change_whatever_came_or_went(
    before: tuple[float | None, ...], after: tuple[float | None, ...]
) -> None:
    then, now = made_of(*before), made_of(*after)
    assume(then.score is not None and now.score is not None)

    total = sum(one.delta for one in explain(then, now))

    assert total == pytest.approx((now.score or 0) - (then.score or 0), abs=1e-9)

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.reputation import Reputation, SourceScore, Status
from reputation.changes import changes

X, REDDIT = SourceScore("x", 40, 50.0, 1.0), SourceScore("reddit", 12, None, 1.0)
DAY = Reputation(
    brand="Acme",
    date=date(2026, 11, 18),
    score=50.0,
    low=45.0,
    high=55.0,
    n_authors=40,
    status=Status.OK,
    parts=(),
    formula="ORS-v2",
    n_persons=40,
    model="m@1",
    sources=(REDDIT, X),
    answer_yardstick=timedelta(hours=24),
    rules="r1",
    filters="f1",
)
NEXT = replace(DAY, date=date(2026, 11, 19), score=51.0, n_persons=44)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param(DAY, NEXT, (), id="nothing but what is measured"),
        pytest.param(replace(DAY, sources=(X,)), NEXT, ("reddit is new",), id="new source"),
        pytest.param(DAY, replace(NEXT, sources=(X,)), ("reddit is gone",), id="gone source"),
        pytest.param(
            DAY,
            replace(NEXT, sources=(replace(REDDIT, n=0), X)),
            (),
            id="heard though nobody spoke there",
        ),
        pytest.param(
            DAY, replace(NEXT, model="m@2"), ("another model reads the posts",), id="model"
        ),
        pytest.param(
            DAY,
            replace(NEXT, answer_yardstick=timedelta(hours=4)),
            ("answered within 4 h instead of 24 h",),
            id="yardstick",
        ),
        pytest.param(
            DAY, replace(NEXT, filters="f2"), ("other filters of what counts",), id="filters"
        ),
        pytest.param(
            DAY,
            replace(NEXT, rules="r2"),
            ("other rules of what asks for an answer",),
            id="rules",
        ),
        pytest.param(DAY, replace(NEXT, labelled=60), ("corrected by labels",), id="labels"),
        pytest.param(
            replace(DAY, formula="ORS-v1", model="", sources=(), rules=""),
            NEXT,
            ("formula ORS-v2 instead of ORS-v1",),
            id="formula, of which nothing else is known",
        ),
    ],
)
def test_what_changed_is_told_once_each(
    before: Reputation, after: Reputation, said: tuple[str, ...]
) -> None:
    assert changes(before, after) == said


def test_a_source_where_somebody_speaks_now_and_then_neither_comes_nor_goes() -> None:
    silent = replace(NEXT, sources=(X,))
    assert changes(DAY, silent, listened_to={"reddit", "x"}) == ()
    assert changes(silent, NEXT, heard={"reddit", "x"}) == ()

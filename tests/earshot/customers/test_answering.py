"""What became of a mention: by the replies that were seen, and by what people say."""

from datetime import timedelta
from typing import Any

import pytest

from domain.incident import Incident, Resolution, State
from domain.listing import Role
from earshot.customers.answering import How, answering
from storage.tables import MentionBrandRow, MentionRow
from storage.views import MentionView
from tests.storage.made import HOUR, MINUTE, NOW, incident

POSTED = NOW - 5 * HOUR


def view(case: Incident | None = None, **listed: Any) -> MentionView:  # noqa: ANN401 -- any field
    mention = MentionRow(id=7, published_at=POSTED)
    said = {"role": Role.BRAND, "answered_at": None, "answered_by": None, "asks_for_answer": True}
    listing = MentionBrandRow(brand="Acme", **(said | listed))
    return MentionView(mention, listing, None, None, None, None, None, case)


def case(state: State = State.RESOLVED, **changed: Any) -> Incident:  # noqa: ANN401 -- any field
    return incident(state=state, posted_at=POSTED, due_at=POSTED + HOUR, **changed)


def elsewhere(after: timedelta) -> Incident:
    return case(resolution=Resolution.ELSEWHERE, answered_at=POSTED + after, answered_in="by phone")


@pytest.mark.parametrize(
    ("found", "how", "took", "by"),
    [
        pytest.param(
            view(answered_at=POSTED + 2 * HOUR, answered_by=9),
            *(How.ANSWERED, 2 * HOUR, "@acme"),
            id="seen",
        ),
        pytest.param(
            view(case(State.OPEN), answered_at=POSTED - MINUTE, answered_by=8),
            *(How.ANSWERED, timedelta(), ""),
            id="never before it was asked, whatever clocks say",
        ),
        pytest.param(view(elsewhere(HOUR)), How.ELSEWHERE, HOUR, "by phone", id="elsewhere"),
        pytest.param(
            view(elsewhere(-HOUR)), How.CLOSED, None, "", id="an answer to something before it"
        ),
        pytest.param(
            view(case(resolution=Resolution.REPLIED, answered_at=POSTED + HOUR)),
            *(How.ANSWERED, HOUR, ""),
            id="with another post of the case",
        ),
        pytest.param(
            view(case(resolution=Resolution.NO_ANSWER_NEEDED)),
            *(How.NO_ANSWER_NEEDED, None, ""),
            id="none needed",
        ),
        pytest.param(
            view(case(resolution=Resolution.DUPLICATE)), How.DUPLICATE, None, "", id="a duplicate"
        ),
        pytest.param(view(case(State.DISMISSED)), How.DISMISSED, None, "", id="dismissed"),
        pytest.param(
            view(case(resolution=Resolution.MANUAL)), How.CLOSED, None, "", id="closed by hand"
        ),
        pytest.param(view(asks_for_answer=False), How.ASKS_NOTHING, None, "", id="asks nothing"),
        pytest.param(view(asks_for_answer=None), How.UNKNOWN, None, "", id="not read yet"),
        pytest.param(view(role=Role.COMPETITOR), How.NOT_OURS, None, "", id="a competitor's"),
    ],
)
def test_what_became_of_a_mention(
    found: MentionView, how: How, took: timedelta | None, by: str
) -> None:
    told = answering(found, {9: "acme"})
    assert (told.how, told.took, told.by, told.waits_since) == (how, took, by, None)


def test_what_waits_says_since_when_and_until_when_it_was_promised() -> None:
    promised = answering(view(case(State.ACKNOWLEDGED), asks_for_answer=None), {})
    assert (promised.how, promised.waits_since) == (How.WAITING, POSTED)
    assert promised.due_at == POSTED + HOUR
    unpromised = answering(view(), {})
    assert (unpromised.how, unpromised.due_at) == (How.WAITING, None)

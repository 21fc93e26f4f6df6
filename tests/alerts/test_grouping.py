from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.grouping import Placement, flooding, key_of, needs_own_incident, placement
from domain.incident import (
    Candidate,
    Incident,
    Opening,
    Severity,
)
from tests.alerts.samples import (
    ACKED,
    ALL,
    BY_HAND,
    DISMISSED,
    HOUR,
    NOW,
    OPEN,
    OPENING,
    POSTED,
    REPLIED,
    SNOOZED,
    triaged,
)

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(triaged(), triaged(external_id="1850"), True, id="same thread, same author"),
        pytest.param(triaged(), triaged(author_id="100"), False, id="another author"),
        pytest.param(triaged(), triaged(conversation_id="1"), False, id="another thread"),
        pytest.param(triaged(), triaged(brand="Bolt"), False, id="another brand"),
        pytest.param(triaged(), triaged(source="reddit"), False, id="another source"),
        pytest.param(
            triaged(author_id=""), triaged(author_id="", external_id="2"), False, id="two unknown"
        ),
        pytest.param(
            triaged(brand="a:b", source="c"), triaged(brand="a", source="b:c"), False, id="colons"
        ),
        pytest.param(triaged(conversation_id=None), triaged(), True, id="the root itself"),
    ],
)
def test_what_belongs_to_one_incident(one: Candidate, other: Candidate, same: bool) -> None:  # noqa: FBT001
    assert (key_of(one) == key_of(other)) is same


def test_in_a_flood_all_conversations_of_its_author_are_one() -> None:
    one, other = flooding(triaged()), flooding(triaged(conversation_id="1"))
    assert key_of(one) == key_of(other) != key_of(triaged())
    assert key_of(one) != key_of(flooding(triaged(author_id="100")))
    assert key_of(one) != key_of(flooding(triaged(brand="Bolt")))


def test_the_key_reads_as_documented() -> None:
    assert key_of(triaged()) == "complaint:Acme:x:99:1849"


@pytest.mark.parametrize(
    ("newest", "written", "expected"),
    [
        pytest.param(None, NOW, Placement.NEW, id="never had one"),
        pytest.param(OPEN, NOW, Placement.JOIN, id="open"),
        pytest.param(ACKED, NOW, Placement.JOIN, id="acknowledged"),
        pytest.param(SNOOZED, NOW, Placement.JOIN, id="snoozed"),
        pytest.param(DISMISSED, NOW + MINUTE, Placement.NEW, id="dismissed"),
        pytest.param(REPLIED, NOW, Placement.REOPEN, id="after the answer"),
        pytest.param(REPLIED, NOW - MINUTE, Placement.COVERED, id="at the answer"),
        pytest.param(REPLIED, NOW - HOUR, Placement.COVERED, id="before it, seen late"),
        pytest.param(REPLIED, NOW - MINUTE + 72 * HOUR, Placement.REOPEN, id="72 hours after"),
        pytest.param(REPLIED, NOW + 72 * HOUR, Placement.NEW, id="more than 72 hours after"),
        pytest.param(BY_HAND, NOW + 72 * HOUR, Placement.REOPEN, id="72 hours after closing"),
        pytest.param(BY_HAND, NOW + 73 * HOUR, Placement.NEW, id="73 hours after closing"),
        pytest.param(BY_HAND, NOW - HOUR, Placement.REOPEN, id="closed by hand without seeing it"),
    ],
)
def test_where_a_mention_belongs(
    newest: Incident | None, written: object, expected: Placement
) -> None:
    assert placement(newest, triaged(published_at=written)) is expected


COPY = triaged(mention_id=8, external_id="1900", conversation_id="1900", published_at=NOW + HOUR)
BY_BEN = replace(COPY, author_id="77", author_handle="ben")
GRAVER = replace(OPENING, severity=Severity.CRITICAL)


@pytest.mark.parametrize(
    ("told", "copy", "opening", "expected"),
    [
        *(
            pytest.param(told, BY_BEN, OPENING, False, id=f"somebody else, {name}")
            for name, told in ALL.items()
        ),
        pytest.param(OPEN, BY_BEN, GRAVER, True, id="more was promised to somebody else"),
        pytest.param(DISMISSED, BY_BEN, GRAVER, True, id="the same after a dismissal"),
        pytest.param(OPEN, COPY, OPENING, False, id="the author again, before an answer"),
        pytest.param(REPLIED, COPY, OPENING, True, id="the author again, after the answer"),
        pytest.param(BY_HAND, COPY, OPENING, True, id="the author again, after it was closed"),
        pytest.param(DISMISSED, COPY, OPENING, False, id="the author again, after a dismissal"),
        pytest.param(
            REPLIED,
            replace(COPY, published_at=POSTED),
            OPENING,
            False,
            id="written before the answer, seen after",
        ),
    ],
)
def test_a_story_that_was_told_is_told_again_only_with_reason(
    told: Incident,
    copy: Candidate,
    opening: Opening,
    expected: bool,  # noqa: FBT001 -- a parameter of the cases
) -> None:
    assert needs_own_incident(told, copy, opening) is expected

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from domain.incident import WITHDRAWN_POSTS, Clock, Incident, IncidentKind, Resolution, State
from domain.listing import Role
from domain.loyalty import Post, Promise
from storage import clocks, linked_posts, listings
from storage.engine import Database
from storage.tables import MentionBrandRow
from tests.storage.made import (
    ANA,
    BEN,
    DAY,
    HOUR,
    NOW,
    author_of,
    mention,
    open_incident,
    row_of,
    store,
)

BOTH = {"Acme": Role.BRAND, "Globex": Role.BRAND}
PERSON_OF_ANA = 77
KINDS = [IncidentKind.COMPLAINT]


def judged(session: Session, asks: Mapping[tuple[str, str], bool]) -> None:
    listings.decided(session, {(row_of(session, key).id, b): a for (key, b), a in asks.items()})


def of_ana(session: Session) -> dict[int, int]:
    return {author_of(session, ANA.id).id: PERSON_OF_ANA}


def promised(session: Session, *brands: str) -> list[Promise]:
    return linked_posts.promises(session, of_ana(session), brands or ["Acme"], KINDS)


def test_posts_are_of_these_authors_and_brands_with_whether_they_ask(database: Database) -> None:
    at = NOW - HOUR
    with database.begin() as session:
        store(session, mention("1"), roles=BOTH)
        store(session, mention("2", published_at=at - DAY), mention("3", author=BEN))
        store(session, mention("4", is_repost=True))
        store(session, mention("5"), roles={"Acme": Role.COMPETITOR})
        store(session, mention("6"))
        session.execute(
            update(MentionBrandRow)
            .where(MentionBrandRow.mention_id == row_of(session, "6").id)
            .values(hidden="spam")
        )
        judged(session, {("1", "Acme"): True, ("1", "Globex"): False})

        def found(*brands: str) -> set[Post]:
            return set(linked_posts.posts(session, of_ana(session), brands))

        unread = Post(PERSON_OF_ANA, at - DAY, None)
        assert found("Acme") == {Post(PERSON_OF_ANA, at, asks=True), unread}
        assert found("Globex") == {Post(PERSON_OF_ANA, at, asks=False)}
        assert found() == set()
        assert linked_posts.posts(session, {}, ["Acme"]) == []


def test_what_was_dismissed_asks_for_nothing_of_that_brand(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), roles=BOTH)
        judged(session, {("1", "Acme"): True, ("1", "Globex"): True})
        open_incident(session, row_of(session, "1").id, state=State.DISMISSED)

        for brand, asks in (("Acme", False), ("Globex", True)):
            found = linked_posts.posts(session, of_ana(session), [brand])
            assert [one.asks for one in found] == [asks]


def test_a_promise_is_of_the_person_whose_post_its_incident_holds(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2", author=BEN))
        first = open_incident(session, row_of(session, "1").id)
        open_incident(session, row_of(session, "2").id, key="another")
        open_incident(session, row_of(session, "1").id, key="third", kind="source_alarm")
        later = replace(first.present, posted_at=NOW + DAY, due_at=NOW + 2 * DAY)
        clocks.replace(session, first.id, [first.present, later])

        assert promised(session) == [
            Promise(PERSON_OF_ANA, first.present),
            Promise(PERSON_OF_ANA, later),
        ]
        assert promised(session, "Globex") == []


@pytest.mark.parametrize(
    ("asks", "how", "counts"),
    [
        pytest.param(True, "", True, id="it asks"),
        pytest.param(None, "", True, id="nobody knows"),
        pytest.param(False, Resolution.MANUAL, False, id="praise, by a rule of one's own"),
        pytest.param(False, WITHDRAWN_POSTS, True, id="what asked was edited away"),
    ],
)
def test_only_what_asks_or_asked_is_a_promise(
    database: Database, *, asks: bool | None, how: str, counts: bool
) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        opened: Incident = open_incident(session, row_of(session, "1").id)
        clock: Clock = replace(opened.present, how=how)
        clocks.replace(session, opened.id, [clock])
        if asks is not None:
            judged(session, {("1", "Acme"): asks})

        assert promised(session) == ([Promise(PERSON_OF_ANA, clock)] if counts else [])

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from domain.listing import Role
from domain.mention import Author, Mention
from storage import answers, deletions
from storage.engine import Database
from storage.tables import (
    MentionBrandRow,
    MentionRow,
)
from tests.storage.made import DAY, HOUR, MINUTE, NOW, OWN, mention, row_of, store

ACME = Author(id="1000", handle="acme_help")
SINCE = NOW - 30 * DAY


def reply(external_id: str, parent: str | None, root: str | None = "1", **changed: Any) -> Mention:  # noqa: ANN401 -- any field
    """The brand's own post under `parent` in the thread of `root`, now."""
    given: dict[str, Any] = {"published_at": NOW, **changed}
    return mention(
        external_id, "we are sorry", author=ACME, parent_id=parent, conversation_id=root, **given
    )


def said(external_id: str, parent: str | None = None, root: str | None = "1") -> Mention:
    return mention(external_id, parent_id=parent, conversation_id=root)


def answered(session: Session, since: datetime = SINCE) -> dict[str, datetime]:
    """Which mentions the stored replies answer, and when first."""
    names = {row.id: row.external_id for row in session.scalars(select(MentionRow))}
    return {
        names[one.mention_id]: one.at
        for one in answers.changed(session, since=since)
        if one.at is not None
    }


def note_all(session: Session) -> None:
    for one in answers.changed(session, since=SINCE):
        answers.note(session, one)


THREAD = [said("1"), said("2", "1"), said("3", "2"), said("4", "2"), said("5", "1")]


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        pytest.param("1", {"1"}, id="the root"),
        pytest.param("2", {"1", "2"}, id="a reply below it"),
        pytest.param("3", {"1", "2", "3"}, id="deeper, and no sibling"),
        pytest.param("unseen", {"1"}, id="a post nobody collected: the root is above it"),
        pytest.param(None, set(), id="a post of its own"),
    ],
)
def test_a_reply_answers_what_is_above_it(
    database: Database, parent: str | None, expected: set[str]
) -> None:
    with database.begin() as session:
        store(session, *THREAD)
        store(session, reply("r", parent), roles=OWN)
        assert set(answered(session)) == expected


BEN, CLEO = Author(id="2", handle="ben"), Author(id="3", handle="cleo")


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        pytest.param((BEN, CLEO, BEN), {"1", "3"}, id="its author's others, nobody else's"),
        pytest.param((BEN, BEN, CLEO), {"3"}, id="only the one it replies to"),
        pytest.param((BEN, CLEO, CLEO), {"2", "3"}, id="not the root's author"),
        pytest.param((None, None, None), {"3"}, id="authors that nobody tells"),
    ],
)
def test_a_reply_answers_the_one_it_replies_to(
    database: Database, authors: tuple[Author | None, ...], expected: set[str]
) -> None:
    with database.begin() as session:
        for one, author in zip(THREAD, authors, strict=False):
            store(session, replace(one, author=author))
        store(session, reply("r", "3"), roles=OWN)
        assert set(answered(session)) == expected


def test_a_reply_to_an_own_reply_answers_the_same_person(database: Database) -> None:
    with database.begin() as session:
        store(session, replace(said("1"), author=BEN), replace(said("2", "1"), author=CLEO))
        store(session, reply("r", "2"), roles=OWN)
        store(session, reply("more", "r"), roles=OWN)
        assert set(answered(session)) == {"2"}


def test_without_a_known_root_the_stored_parents_are_walked(database: Database) -> None:
    with database.begin() as session:
        store(session, said("1", None, None), said("2", "1", None), said("3", "2", None))
        store(session, reply("r", "3", None), roles=OWN)
        assert set(answered(session)) == {"1", "2", "3"}


@pytest.mark.parametrize("own_first", [True, False], ids=["the reply first", "the mention first"])
def test_it_does_not_matter_which_was_seen_first(database: Database, *, own_first: bool) -> None:
    pages = [(reply("r", "1"), OWN), (said("1"), {"Acme": Role.BRAND})]
    with database.begin() as session:
        for one, roles in pages if own_first else pages[::-1]:
            store(session, one, roles=roles)
        assert answered(session) == {"1": NOW}


def test_an_own_post_above_a_mention_is_no_answer_to_it(database: Database) -> None:
    with database.begin() as session:
        store(session, reply("1", None, published_at=NOW - DAY), roles=OWN)
        store(session, reply("r", "1", published_at=NOW - DAY), roles=OWN)
        store(session, said("2", "1"), said("3", "r"))
        assert answered(session) == {}


@pytest.mark.parametrize(
    "own",
    [
        pytest.param(reply("r", "1", is_repost=True), id="a repost says nothing"),
        pytest.param(reply("r", "1", source="reddit"), id="the same id on another network"),
        pytest.param(reply("r", "r"), id="its own parent"),
    ],
)
def test_what_is_no_reply_answers_nothing(database: Database, own: Mention) -> None:
    with database.begin() as session:
        store(session, said("2", "1"), said("1"))
        store(session, own, roles=OWN)
        assert "2" not in answered(session)
        if own.parent_id == "1":
            assert answered(session) == {}


def test_an_own_quote_answers_what_it_quotes(database: Database) -> None:
    with database.begin() as session:
        store(session, said("1"), said("2", "1"))
        store(session, reply("r", "1", "r"), roles=OWN)
        assert set(answered(session)) == {"1"}


def test_a_reply_to_who_quotes_a_mention_is_no_answer_to_the_mention(database: Database) -> None:
    with database.begin() as session:
        store(session, said("1"), said("quote", "1", "quote"))
        store(session, reply("r", "quote", "quote"), roles=OWN)
        assert set(answered(session)) == {"quote"}


def test_somebody_elses_reply_answers_nothing(database: Database) -> None:
    with database.begin() as session:
        store(session, *THREAD)
        assert answered(session) == {}


def test_each_brand_answers_for_itself(database: Database) -> None:
    with database.begin() as session:
        store(session, said("1"), roles={"Acme": Role.BRAND, "Apex": Role.BRAND})
        store(session, reply("r", "1"), roles={"Apex": Role.OWN})
        found = answers.changed(session, since=SINCE)
        assert [one.brand for one in found] == ["Apex"]


def test_what_is_said_of_a_competitor_needs_no_answer(database: Database) -> None:
    with database.begin() as session:
        store(session, said("1"), roles={"Acme": Role.COMPETITOR})
        store(session, reply("r", "1"), roles=OWN)
        assert answers.changed(session, since=SINCE) == []


@pytest.mark.parametrize(
    ("parents", "expected"),
    [
        pytest.param({"a": "b", "b": "a"}, {"a", "b"}, id="two in a circle"),
        pytest.param({"a": "a"}, {"a"}, id="itself"),
        pytest.param({"a": "b", "b": "r"}, {"a", "b"}, id="back to the reply"),
    ],
)
def test_a_loop_of_parents_ends(
    database: Database, parents: dict[str, str], expected: set[str]
) -> None:
    with database.begin() as session:
        store(session, *[said(name, parent, None) for name, parent in parents.items()])
        store(session, reply("r", "a", None), roles=OWN)
        assert set(answered(session)) == expected


def test_only_the_given_time_is_looked_at(database: Database) -> None:
    with database.begin() as session:
        store(session, said("1"))
        store(session, reply("r", "1"), roles=OWN)
        assert answered(session, since=NOW - 2 * 60 * MINUTE) == {"1": NOW}
        assert answered(session, since=NOW - MINUTE) == {}  # the mention is older


def test_the_oldest_reply_counts_whatever_is_seen_first(database: Database) -> None:
    early = NOW - 30 * MINUTE
    with database.begin() as session:
        store(session, said("1"))
        mention_id = row_of(session, "1").id
        store(session, reply("late", "1"), roles=OWN)
        assert answered(session) == {"1": NOW}
        note_all(session)
        assert answered(session) == {}  # nothing new to say of it
        store(session, reply("early", "1", published_at=early), roles=OWN)
        assert answered(session) == {"1": early}
        note_all(session)
        assert answered(session) == {}
        listing = session.get_one(MentionBrandRow, (mention_id, "Acme"))
        assert (listing.answered_at, listing.answered_by) == (early, row_of(session, "early").id)


@pytest.mark.parametrize(
    ("after", "counts"),
    [
        pytest.param(timedelta(seconds=20), True, id="twenty seconds"),
        pytest.param(timedelta(seconds=19, milliseconds=999), False, id="sooner"),
        pytest.param(-HOUR, False, id="before the post"),
    ],
)
def test_what_comes_too_soon_was_written_by_a_machine(
    database: Database, after: timedelta, *, counts: bool
) -> None:
    with database.begin() as session:
        store(session, mention("1", published_at=NOW - HOUR, conversation_id="1"))
        store(session, reply("r", "1", published_at=NOW - HOUR + after), roles=OWN)
        assert (answered(session) == {"1": NOW - HOUR + after}) is counts


def test_what_comes_too_soon_answers_nothing_further_up_either(database: Database) -> None:
    with database.begin() as session:
        store(session, said("1"), replace(said("2", "1"), published_at=NOW - timedelta(seconds=3)))
        store(session, reply("r", "2"), roles=OWN)
        assert answered(session) == {}


def test_a_colleagues_reply_between_is_not_what_is_replied_to(database: Database) -> None:
    with database.begin() as session:
        store(session, said("1"))
        colleague = Author("1001", "acme_care")
        store(session, replace(reply("r", "1", published_at=NOW), is_repost=True), roles=OWN)
        store(session, replace(reply("more", "r", published_at=NOW), author=colleague), roles=OWN)
        assert answered(session) == {"1": NOW}


def test_a_sibling_seen_late_takes_back_what_was_not_meant_for_the_root(
    database: Database,
) -> None:
    with database.begin() as session:
        store(session, replace(said("1"), author=BEN))
        store(session, reply("r", "2"), roles=OWN)
        assert answered(session) == {"1": NOW}, "nobody knows better yet"
        note_all(session)
        store(session, replace(said("2", "1"), author=CLEO))
        assert {one.at for one in answers.changed(session, since=SINCE)} == {NOW, None}
        note_all(session)
        rows = {
            row.external_id: listing.answered_at
            for row, listing in session.execute(
                select(MentionRow, MentionBrandRow)
                .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
                .where(MentionBrandRow.role == Role.BRAND)
            )
        }
        assert rows == {"1": None, "2": NOW}


def test_what_was_noted_stays_when_the_reply_is_forgotten(database: Database) -> None:
    with database.begin() as session:
        store(session, said("1"))
        store(session, reply("r", "1", source="x"), roles=OWN)
        note_all(session)
        session.delete(row_of(session, "r"))
        session.flush()
        assert answers.changed(session, since=SINCE) == []


def test_what_was_noted_stays_when_the_mention_between_is_deleted(database: Database) -> None:
    with database.begin() as session:
        store(session, replace(said("1"), author=BEN), replace(said("2", "1"), author=BEN))
        store(session, reply("r", "2"), roles=OWN)
        note_all(session)
        deletions.purge(session, [row_of(session, "2").id], now=NOW)
        assert answers.changed(session, since=SINCE) == []


def test_nothing_stored_is_nothing_answered(database: Database) -> None:
    with database.begin() as session:
        assert answers.changed(session, since=SINCE) == []


def test_a_long_thread_with_many_replies_takes_few_queries(database: Database) -> None:
    asked: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def note(*args: Any) -> None:  # noqa: ANN401 -- any field
        asked.append(args[2])

    with database.begin() as session:
        store(session, said("1"), *[said(f"c{n}", "1") for n in range(300)])
        store(session, *[reply(f"r{n}", f"c{n}") for n in range(200)], roles=OWN)
        asked.clear()
        found = answers.changed(session, since=SINCE)
        assert len(found) == 201  # each its parent, all of them the root
        assert len(asked) < 10

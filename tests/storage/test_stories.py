import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.listing import Role
from domain.mention import Mention
from storage import deletions, mentions, noise, stories, views
from storage.engine import Database
from storage.stories import StoredText, Story
from storage.tables import MentionRow, StoryMarkRow
from storage.views import Filter
from tests.storage.made import HOUR, NOW, mention, row_of, store


def first_letter(one: StoredText, other: StoredText) -> bool:
    return one.text[0] == other.text[0]


def tell(session: Session, *keys: str, marks: Sequence[int] = (1, -2)) -> int:
    """Put these mentions to the stories; texts that begin alike tell the same."""
    ids = [row_of(session, key).id for key in keys]
    return stories.assign(session, dict.fromkeys(ids, marks), first_letter, now=NOW)


def grouped(session: Session) -> dict[str, str | None]:
    """The first of the story of each mention."""
    rows = {row.id: row for row in session.scalars(select(MentionRow))}
    return {
        row.external_id: rows[row.story_id].external_id if row.story_id in rows else None
        for row in rows.values()
    }


def test_a_copy_joins_the_first_and_the_rest_stands_alone(database: Database) -> None:
    with database.begin() as session:
        texts = {"a": "pa", "b": "pb", "c": "q", "d": "pc"}
        store(session, *(mention(key, text) for key, text in texts.items()))
        assert tell(session, "a", "b", "c", "d") == 2
        assert grouped(session) == {"a": "a", "b": "a", "c": None, "d": "a"}
        story = (row_of(session, "a").id, "Acme", False)
        assert stories.found(session, [story[0]]) == {story: Story(story[0], 3)}
        assert stories.tellers(session, story[0]) == {
            story: [row_of(session, key).id for key in "abd"]
        }


def test_a_story_goes_on_in_a_later_pass_and_repeating_one_changes_nothing(
    database: Database,
) -> None:
    with database.begin() as session:
        store(session, mention("a", "pa"), mention("b", "pb"))
        tell(session, "a")
    with database.begin() as session:
        tell(session, "b")
        tell(session, "a", "b")
        assert grouped(session) == {"a": "a", "b": "a"}


def test_without_a_mark_in_common_nothing_is_compared(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("a", "pa"), mention("b", "pb"))
        tell(session, "a", marks=[1])
        assert tell(session, "b", marks=[2]) == 0
        assert tell(session, "b", marks=[]) == 0
        assert grouped(session) == {"a": None, "b": None}


def test_a_mark_that_a_crowd_shares_is_written_no_more(database: Database) -> None:
    with database.begin() as session:
        store(session, *(mention(str(n), chr(200 + n)) for n in range(60)))
        for n in range(60):
            tell(session, str(n), marks=[1])
        assert len(session.scalars(select(StoryMarkRow)).all()) == 50


def test_a_story_outlives_its_first_mention(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("a", "pa"), now=NOW - HOUR)
        store(session, mention("b", "pb"), mention("c", "pc"))
        tell(session, "a", "b", "c")
        mentions.forget_stored_before(session, "x", NOW)
        assert heads(session) == ["b"]
        assert named(session) == {"b": "b", "c": "b"}


def test_what_is_forgotten_is_told_anew(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("a", "pa"), mention("b", "pb"))
        tell(session, "a")
        stories.forget_before(session, NOW)
        assert len(session.scalars(select(StoryMarkRow)).all()) == 2
        stories.forget_before(session, NOW + HOUR)
        assert tell(session, "b") == 0


def test_nothing_is_no_story(database: Database) -> None:
    with database.begin() as session:
        assert stories.assign(session, {}, first_letter, now=NOW) == 0
        assert stories.assign(session, {4711: [1]}, first_letter, now=NOW) == 0
        assert stories.found(session, []) == {}


# --- the head -----------------------------------------------------------------------------------

SPREAD = ("a", "b", "c", "d")  # the same text, hours apart, the last two together


def spread() -> list[Mention]:
    ages = (3, 2, 1, 1)
    return [
        mention(key, "p", published_at=NOW - hours * HOUR)
        for key, hours in zip(SPREAD, ages, strict=True)
    ]


def heads(session: Session, **wanted: Any) -> list[str]:  # noqa: ANN401 -- any field
    """What `mentions --stories` lists, newest first."""
    views_ = views.search(session, Filter(stories=True, **wanted))
    return [view.mention.external_id for view in views_]


def named(session: Session, **wanted: Any) -> dict[str, str]:  # noqa: ANN401 -- any field
    """The head that the mark of each mention names."""
    listed = views.search(session, Filter(**wanted))
    keys = {row.id: row.external_id for row in session.scalars(select(MentionRow))}
    found = stories.found(session, [view.story[0] for view in listed if view.story])
    return {view.mention.external_id: keys[found[view.story].head] for view in listed if view.story}


@pytest.mark.parametrize("worked", list(itertools.permutations(SPREAD)), ids="".join)
def test_the_head_is_the_earliest_published_in_whatever_order_they_are_worked(
    database: Database, worked: Sequence[str]
) -> None:
    with database.begin() as session:
        store(session, *spread())
        for key in worked:
            tell(session, key)
        assert heads(session) == ["a"]
        assert named(session) == dict.fromkeys(SPREAD, "a")


@pytest.mark.parametrize("stored", list(itertools.permutations(SPREAD[:3])), ids="".join)
def test_the_head_is_the_earliest_published_in_whatever_order_they_are_stored(
    database: Database, stored: Sequence[str]
) -> None:
    by_key = {one.external_id: one for one in spread()}
    with database.begin() as session:
        for key in stored:
            store(session, by_key[key])
        tell(session, *stored)
        assert heads(session) == ["a"]
        assert named(session) == dict.fromkeys(SPREAD[:3], "a")


def test_of_two_published_together_the_one_stored_first_is_the_head(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("a", "p"), mention("b", "p"))
        tell(session, "b", "a")
        assert heads(session) == ["a"]
        assert named(session) == {"a": "a", "b": "a"}


def test_a_post_that_turns_out_to_be_older_becomes_the_head(database: Database) -> None:
    with database.begin() as session:
        store(session, *spread())
        tell(session, *SPREAD)
        store(session, replace(spread()[1], published_at=NOW - 4 * HOUR))
        assert heads(session) == ["b"]
        assert named(session) == dict.fromkeys(SPREAD, "b")


def test_without_what_is_deleted_the_next_earliest_is_the_head(database: Database) -> None:
    with database.begin() as session:
        store(session, *spread())
        tell(session, *SPREAD)
        first = row_of(session, "a").id
        deletions.purge(session, [first], now=NOW)
        assert heads(session) == ["b"]
        assert named(session) == dict.fromkeys("bcd", "b")
        [view] = views.search(session, Filter(ids=[first], gone=True))
        assert view.story is not None
        assert stories.found(session, [view.story[0]])[view.story].tellers == 3


def test_what_is_shown_and_what_is_hidden_each_have_a_head(database: Database) -> None:
    with database.begin() as session:
        store(session, *spread())
        tell(session, *SPREAD)
        for key in "ac":
            noise.hide(session, row_of(session, key).id, "Acme", by="kim", now=NOW)
        assert heads(session) == ["b"]
        assert named(session) == {"b": "b", "d": "b"}
        assert heads(session, hidden=True) == ["a"]
        assert named(session, hidden=True) == {"a": "a", "c": "a"}
        assert sorted(heads(session, hidden=None)) == ["a", "b"]


def test_each_brand_has_the_earliest_of_its_own_listings(database: Database) -> None:
    first, second, *_ = spread()
    with database.begin() as session:
        store(session, first, roles={"Globex": Role.COMPETITOR})
        store(session, second, roles={"Acme": Role.BRAND, "Globex": Role.COMPETITOR})
        tell(session, "b", "a")
        assert heads(session, brand="Acme") == ["b"]
        assert heads(session, brand="Globex") == ["a"]
        assert named(session, brand="Acme") == {"b": "b"}
        assert named(session, brand="Globex") == {"a": "a", "b": "a"}


def test_what_the_brand_says_itself_is_no_head(database: Database) -> None:
    first, second, *_ = spread()
    with database.begin() as session:
        store(session, first, roles={"Acme": Role.OWN, "Globex": Role.COMPETITOR})
        store(session, second)
        tell(session, "a", "b")
        assert heads(session, brand="Acme") == ["b"]
        assert named(session, brand="Acme") == {"b": "b"}


def test_a_story_goes_on_without_the_one_that_was_edited_into_another(database: Database) -> None:
    first, second, third, other = spread()
    with database.begin() as session:
        store(session, first, second)
        tell(session, "a", "b")
        store(session, replace(first, text="q", edited_at=NOW))
        tell(session, "a", marks=[7])
        store(session, third, replace(other, text="q"))
        tell(session, "c")
        tell(session, "d", marks=[7])
        assert named(session) == {"a": "a", "b": "b", "c": "b", "d": "a"}
        assert sorted(heads(session)) == ["a", "b"]

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import mentions, stories, views
from storage.engine import Database
from storage.stories import Told
from storage.tables import MentionRow, StoryMarkRow
from storage.views import Filter
from tests.storage.made import HOUR, NOW, mention, row_of, store


def first_letter(one: Told, other: Told) -> bool:
    return one.text[0] == other.text[0]


def tell(session: Session, *keys: str, marks: Sequence[int] = (1, -2)) -> int:
    """Put these mentions to the stories; texts that begin alike tell the same."""
    ids = [row_of(session, key).id for key in keys]
    return stories.tell(session, dict.fromkeys(ids, marks), first_letter, now=NOW)


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
        assert stories.sizes(session, [row_of(session, "a").id]) == {row_of(session, "a").id: 3}
        assert stories.mention_ids(session, row_of(session, "a").id) == [
            row_of(session, key).id for key in "abd"
        ]


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
        found = views.search(session, Filter(stories=True))
        assert [view.mention.external_id for view in found] == ["b"]
        [story_id] = {view.mention.story_id for view in views.search(session, Filter())}
        assert story_id is not None
        assert stories.sizes(session, [story_id]) == {story_id: 2}


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
        assert stories.tell(session, {}, first_letter, now=NOW) == 0
        assert stories.tell(session, {4711: [1]}, first_letter, now=NOW) == 0
        assert stories.sizes(session, []) == {}

"""A source that changes the ids it gives: what is stored stays the one it is."""

from typing import Any

import pytest
from sqlalchemy import select

from domain.mention import Mention
from storage.engine import Database
from storage.tables import MentionRow
from tests.storage.made import HOUR, NOW, mention, row_of, store

ARTICLE = "Acme recalls its kettle\n\nThe lid comes off."


def article(external_id: str, **changed: Any) -> Mention:  # noqa: ANN401 -- any field
    """An entry of a feed, which may be stored as the id without its host."""
    told: dict[str, Any] = {
        "source": "rss",
        "text": ARTICLE,
        "url": "https://n.example/1",
        "author": None,
        "conversation_id": external_id,
        "former_ids": (external_id.partition("/")[2],),
    }
    return mention(external_id, **(told | changed))


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({}, id="all alike"),
        pytest.param({"text": "Acme recalls its kettle"}, id="cut short"),
        pytest.param({"text": "other words"}, id="reworded at the same address"),
        pytest.param({"url": "https://n.example/moved"}, id="moved under the same headline"),
        pytest.param({"published_at": NOW - 2 * HOUR}, id="dated anew"),
    ],
)
def test_what_an_earlier_release_stored_is_no_new_one(
    database: Database, changed: dict[str, Any]
) -> None:
    with database.begin() as session:
        store(session, article("7", former_ids=()))
        assert store(session, article("n.example/7", **changed)) == 0
        assert store(session, article("n.example/7", **changed)) == 0
        row = row_of(session, "7")
        assert row.conversation_id == "7"


def test_another_article_of_that_id_is_a_new_one(database: Database) -> None:
    with database.begin() as session:
        store(session, article("7", former_ids=()))
        other = article("o.example/7", text="Acme opens a shop", url="https://o.example/1")
        assert store(session, other) == 1


def test_an_article_whose_id_changes_each_time_is_one(database: Database) -> None:
    with database.begin() as session:
        for number in range(3):
            store(session, article(f"n.example/{number}"))
        assert session.scalars(select(MentionRow.external_id)).all() == ["n.example/0"]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"text": "Acme opens a shop"}, id="headline"),
        pytest.param({"url": "https://n.example/2"}, id="address"),
        pytest.param({"published_at": NOW - 2 * HOUR}, id="date"),
        pytest.param({"url": ""}, id="no address"),
        pytest.param({"source": "mine"}, id="source"),
        pytest.param({"former_ids": ()}, id="a source that keeps to its ids"),
    ],
)
def test_what_differs_is_another_one(database: Database, changed: dict[str, Any]) -> None:
    with database.begin() as session:
        store(session, article("n.example/1"))
        assert store(session, article("n.example/2", **changed)) == 1


def test_what_is_stored_under_its_own_id_is_itself(database: Database) -> None:
    with database.begin() as session:
        store(session, article("n.example/1"))
        store(session, article("n.example/2", url="https://n.example/2"))
        assert store(session, article("n.example/2"), article("n.example/1")) == 0
        assert row_of(session, "n.example/2").url == "https://n.example/2"

"""Mutes, and what they kept quiet."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from domain.errors import EarshotError
from domain.mute import Mute, Muted
from storage import deletions, mutes, stories
from storage.engine import Database
from storage.tables import MentionRow
from tests.storage.made import NOW, author_of, mention, open_incident, row_of, store

HOUR = timedelta(hours=1)


def made(session: Session, hours: int, brand: str = "") -> Mute:
    until = NOW + hours * HOUR
    return mutes.add(session, Mute(0, Muted.SOURCE, "x", brand, "a joke", "ana", NOW, until))


def test_it_holds_until_its_end_or_its_removal(database: Database) -> None:
    with database.begin() as session:
        short, long, removed = (made(session, hours) for hours in (1, 48, 24))
        mutes.remove(session, removed.id, now=NOW + HOUR)
        assert [one.id for one in mutes.holding(session, now=NOW)] == [long.id, short.id]
        assert [one.id for one in mutes.holding(session, now=NOW + HOUR)] == [long.id]
        assert [one.id for one in mutes.listing(session)] == [removed.id, long.id, short.id]
        assert mutes.get(session, removed.id).ends_at == NOW + HOUR


def test_what_has_ended_cannot_be_removed(database: Database) -> None:
    with database.begin() as session:
        one = made(session, 1)
        with pytest.raises(EarshotError, match="mute 1 has ended already"):
            mutes.remove(session, one.id, now=NOW + HOUR)
        with pytest.raises(EarshotError, match="there is no mute 9"):
            mutes.remove(session, 9, now=NOW)


def test_an_incident_is_counted_once_for_each_mute_and_for_its_brand(database: Database) -> None:
    with database.begin() as session:
        one, of_bolt = made(session, 24), made(session, 24, "Bolt")
        acme, bolt = open_incident(session, key="a"), open_incident(session, key="b", brand="Bolt")
        for incident in (acme, acme, bolt):
            mutes.keep_quiet(session, one.id, incident.id)
        mutes.keep_quiet(session, of_bolt.id, bolt.id)
        assert mutes.get(session, one.id).kept_quiet == 2
        assert mutes.incidents_of(session, one.id) == [acme.id, bolt.id]
        found = mutes.held_since(session, "Acme", since=NOW)
        assert [(each.id, each.kept_quiet) for each in found] == [(one.id, 1)]
        found = mutes.held_since(session, "Bolt", since=NOW)
        assert [(each.id, each.kept_quiet) for each in found] == [(one.id, 1), (of_bolt.id, 1)]
        assert mutes.held_since(session, "Bolt", since=NOW + 24 * HOUR) == []


def test_an_author_is_named_as_long_as_they_are_known(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        author = author_of(session, "501")
        asked = Mute(0, Muted.AUTHOR, "x:sealed-1", "", "a joke", "ana", NOW, NOW + HOUR)
        one = mutes.add(session, asked, author_id=author.id)
        assert one.name == f"author x:{author.handle}"
        deletions.purge(session, [row_of(session, "1").id], now=NOW)
        assert mutes.get(session, one.id).name == "an author on x"


def test_a_mention_is_of_its_own_story_and_of_that_of_its_copies(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2"), mention("3"))
        first, copy, other = (row_of(session, name).id for name in "123")
        for row in (session.get_one(MentionRow, first), session.get_one(MentionRow, copy)):
            row.story_id = first
        session.flush()
        pairs = ((first, first), (first, copy), (copy, first), (first, other), (other, other))
        assert [stories.same(session, *pair) for pair in pairs] == [True, True, True, False, True]

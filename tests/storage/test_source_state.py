from dataclasses import replace

from storage import source_state
from storage.engine import Database
from tests.storage.made import DAY, HOUR, NOW


def test_a_cursor_is_kept_for_each_source_and_brand(database: Database) -> None:
    state = {"newest": "18", "at": "2026-11-20T09:00:00Z", "resume": None, "ids": ["1", "2"]}
    with database.begin() as session:
        assert source_state.cursor(session, "x", "Acme", "acme") is None
        source_state.save_cursor(session, "x", "Acme", "acme", state=state, now=NOW)
        source_state.save_cursor(session, "reddit", "Acme", "acme", state={}, now=NOW)
    with database.begin() as session:
        assert source_state.cursor(session, "x", "Acme", "acme") == state
        assert source_state.cursor(session, "reddit", "Acme", "acme") == {}
        assert source_state.cursor(session, "x", "Globex", "acme") is None
        source_state.save_cursor(session, "x", "Acme", "acme", state={"newest": "19"}, now=NOW)
        session.expire_all()
        assert source_state.cursor(session, "x", "Acme", "acme") == {"newest": "19"}


def test_the_cursor_of_another_query_is_worth_nothing(database: Database) -> None:
    with database.begin() as session:
        source_state.save_cursor(session, "x", "Acme", "acme", state={"newest": "1"}, now=NOW)
        assert source_state.cursor(session, "x", "Acme", "acme OR acmee") is None


def test_gaps_are_told_by_when_they_were_noted(database: Database) -> None:
    with database.begin() as session:
        for reason, noted in (("old", NOW - DAY), ("new", NOW), ("newer", NOW + HOUR)):
            source_state.add_gap(
                session, "x", "Acme", since=None, until=NOW - 3 * DAY, reason=reason, now=noted
            )
        assert [gap.reason for gap in source_state.gaps(session, since=NOW)] == ["new", "newer"]


def test_a_source_never_tried_is_well(database: Database) -> None:
    with database.begin() as session:
        assert source_state.states(session) == {}
        row = source_state.state(session, "x")
        assert (row.failures, row.trouble, row.off, row.next_at) == (0, "", False, None)
        source_state.save_state(session, replace(row, failures=2, trouble="x: rate limited"))
    with database.begin() as session:
        assert source_state.state(session, "x").failures == 2
        assert list(source_state.states(session)) == ["x"]


def test_looking_at_a_source_stores_nothing(database: Database) -> None:
    with database.read() as session:
        source_state.state(session, "x")
    with database.read() as session:
        assert source_state.states(session) == {}

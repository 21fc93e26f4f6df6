from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from storage import presses
from storage.engine import Database
from storage.tables import SlackPressRow

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ONCE = ("U0ANA", "1763600000.000100", "acknowledge", "1763600100.123456")


def claim(database: Database, once: tuple[str, str, str, str], now: datetime = NOW) -> bool:
    with database.begin() as session:
        return presses.claim(session, once, now=now)


def test_a_press_is_taken_once(database: Database) -> None:
    assert claim(database, ONCE)
    assert not claim(database, ONCE)
    assert not claim(database, ONCE, NOW + timedelta(hours=23))


def test_another_person_message_verb_or_moment_is_another_press(database: Database) -> None:
    assert claim(database, ONCE)
    for place in range(4):
        other = [*ONCE]
        other[place] += "x"
        assert claim(database, (other[0], other[1], other[2], other[3]))


def test_what_is_older_is_forgotten(database: Database) -> None:
    assert claim(database, ONCE)
    later = ("U0BEN", *ONCE[1:])
    assert claim(database, later, NOW + timedelta(seconds=1))
    with database.begin() as session:
        presses.forget_before(session, NOW + timedelta(seconds=1))
        assert session.scalars(select(SlackPressRow.user_id)).all() == ["U0BEN"]

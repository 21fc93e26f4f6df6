"""Who is behind an opaque number, as far as that is still known."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from domain.customer import Basis, Judgement, LinkState
from domain.mention import Author, Standing
from storage import customers, deletions, known_voices, link_rules, persons, sealing
from storage.engine import Database
from storage.known_voices import Head, Known
from storage.voices import account_key, customer_key
from tests.storage.made import (
    ANA,
    BEN,
    DAY,
    HOUR,
    NOW,
    author_of,
    customer,
    mention,
    row_of,
    store,
)


def account(session: Session, external_id: str, source: str = "x") -> int:
    return sealing.marker(session)(account_key(source, external_id))


def person(session: Session, customer_id: int) -> int:
    return sealing.marker(session)(customer_key(customer_id))


def named(session: Session, *numbers: int) -> Known:
    return known_voices.named(session, "Acme", numbers, since=NOW - 28 * DAY, until=NOW)


def link(session: Session, external_id: str, record: int) -> None:
    verdict = Judgement(record, LinkState.CONFIRMED, 0.9, Basis.HANDLE_ON_FILE, ())
    link_rules.judge(session, {author_of(session, external_id).id: [verdict]}, now=NOW)


def test_an_account_is_named_by_its_handle_while_it_has_a_post(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2", author=BEN))
        ana, ben = account(session, "501"), account(session, "502")

        assert named(session, ana, 17).names == {ana: "x:@Ana_Writes"}
        assert named(session, ana, ben).names[ben] == "x:@ben_brews"
        assert named(session) == Known()

        deletions.purge(session, [row_of(session, "1").id], now=NOW)
        assert named(session, ana, ben).names == {ben: "x:@ben_brews"}


@pytest.mark.parametrize(
    ("author", "name"),
    [
        pytest.param(Author(id="7", handle="", name="Ana R."), "x: Ana R.", id="a name"),
        pytest.param(Author(id="7", handle=""), "x: somebody unnamed", id="nothing"),
    ],
)
def test_who_has_no_handle_is_named_by_what_there_is(
    database: Database, author: Author, name: str
) -> None:
    with database.begin() as session:
        store(session, mention("1", author=author))
        number = account(session, "7")
        assert named(session, number).names == {number: name}


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(NOW - 40 * DAY, id="before the window"),
        pytest.param(NOW + HOUR, id="after it"),
    ],
)
def test_who_wrote_at_another_time_is_not_looked_for(database: Database, at: datetime) -> None:
    with database.begin() as session:
        store(session, mention("1", published_at=at))
        assert named(session, account(session, "501")) == Known()


def test_an_account_that_was_linked_since_is_the_customer(database: Database) -> None:
    with database.begin() as session:
        customers.save(session, [customer("C1", name="Ana Ruiz")], now=NOW)
        store(session, mention("1"))
        link(session, "501", 1)
        ana, customer_1 = account(session, "501"), person(session, 1)

        found = named(session, ana)

        assert found.same == {ana: customer_1}
        assert found.names[customer_1] == "Ana Ruiz"
        assert known_voices.linked_since(session, [ana, 17]) == {ana: customer_1}
        assert known_voices.linked_since(session, [17]) == {}


def test_a_record_that_became_part_of_a_person_is_that_person(database: Database) -> None:
    with database.begin() as session:
        records = [customer("C1", name="Ana Ruiz"), customer("C2", name="A. Ruiz")]
        customers.save(session, records, now=NOW)
        persons.join_by_hand(session, 1, 2, by="mia", now=NOW)
        first, second = person(session, 1), person(session, 2)

        found = named(session, first, second)

        assert (found.names[first], found.names[second]) == ("Ana Ruiz", "A. Ruiz")
        assert found.same == {second: first}


def test_a_story_begins_with_its_first_post_that_is_still_shown(database: Database) -> None:
    with database.begin() as session:
        store(
            session,
            mention("1", "acme: first", published_at=NOW - 3 * HOUR),
            mention("2", "acme: second", published_at=NOW - 2 * HOUR, author=BEN),
            mention("3", "acme: alone", published_at=NOW - HOUR, author=ANA),
        )
        rows = [row_of(session, one) for one in ("1", "2")]
        story = rows[0].id
        for row in rows:
            row.story_id = story
        session.flush()

        first = Head("x", rows[0].url, "acme: first")
        assert known_voices.heads(session, "Acme", [story, 99]) == {story: first}
        assert known_voices.heads(session, "Globex", [story]) == {}
        rows[0].standing = Standing.HIDDEN
        session.flush()
        assert known_voices.heads(session, "Acme", [story])[story].text == "acme: second"

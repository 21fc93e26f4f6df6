from dataclasses import replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import customer_keys, customers, link_work, sealing
from storage.engine import Database
from storage.tables import AuthorRow, CustomerKeyRow
from tests.storage.made import ANA, BEN, NOW, author_of, customer, mention, store, unchecked


def keyed(session: Session, **names: set[int]) -> None:
    """Give the records these keys, as the step that links does; others get none."""
    found = customer_keys.unkeyed(session)
    customer_keys.replace(session, {one.row.id: names[one.row.external_id] for one in found})


def held(session: Session) -> list[tuple[int, int]]:
    rows = session.execute(select(CustomerKeyRow.key, CustomerKeyRow.customer_id))
    return sorted((key, record_id) for key, record_id in rows)


def test_a_record_that_was_saved_gets_its_keys_anew(database: Database) -> None:
    with database.begin() as session:
        customers.save(session, [customer("C1"), customer("C2")], now=NOW)
        keyed(session, C1={1, -5}, C2={1})
        assert held(session) == [(-5, 1), (1, 1), (1, 2)]
        assert customer_keys.unkeyed(session) == []

        customers.save(
            session, [replace(customer("C1"), name="Ana Silveira"), customer("C2")], now=NOW
        )
        keyed(session, C1={1, 9})
        assert held(session) == [(1, 1), (1, 2), (9, 1)]
        assert customer_keys.holders(session, [1, 9, 77]) == {1: [1, 2], 9: [1]}


def test_a_record_holds_all_that_tells_who_it_is(database: Database) -> None:
    made = replace(
        customer("C1"),
        email="a@x.example",
        other_emails=("b@x.example",),
        phones=("+4915112345678",),
    )
    with database.begin() as session:
        customers.save(session, [made, customer("C2")], now=NOW)
        [one] = customer_keys.held(session, [1])
        assert (one.emails, one.phones) == (("a@x.example", "b@x.example"), ("+4915112345678",))
        assert [(entry.network, entry.handle) for entry in one.handles] == [("x", "ana_writes")]


def test_authors_with_a_key_that_comes_or_goes_are_looked_at_again(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2", author=BEN))
        customers.save(session, [customer("C1")], now=NOW)
        keyed(session, C1={1})
        ana, ben = (author_of(session, one.id).id for one in (ANA, BEN))
        link_work.ask(session, {ana: {1, 2}, ben: {3}}, [])
        for keys, again in (
            ({1, 2}, ["501"]),
            ({3}, ["501", "502"]),
            ({3}, ["502"]),
            ({7}, ["502"]),
        ):
            session.execute(update(AuthorRow).values(link_checked_at=NOW))
            customer_keys.forget(session, [1])
            keyed(session, C1=keys)
            assert unchecked(session) == again, keys


def test_what_an_author_is_asked_by_is_replaced(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        ana = author_of(session, ANA.id).id
        link_work.ask(session, {ana: {1, 2}}, [])
        assert link_work.heard(session, [ana])[ana].keyed
        link_work.ask(session, {ana: {4}}, [ana])
        customers.save(session, [customer("C1")], now=NOW)
        session.execute(update(AuthorRow).values(link_checked_at=NOW))
        keyed(session, C1={1})
        assert unchecked(session) == []


def test_an_author_is_taken_once_with_their_newest_posts(database: Database) -> None:
    posts = [mention(f"{n}", f"post {n}", published_at=NOW) for n in range(30)]
    with database.begin() as session:
        store(session, *posts, mention("r", "theirs", is_repost=True))
        [row] = link_work.take(session, limit=9, now=NOW)
        heard = link_work.heard(session, [row.id])[row.id]
        assert (row.external_id, row.link_checked_at) == ("501", NOW)
        assert len(heard.posts) == link_work.POSTS
        assert "theirs" not in heard.posts.values()
        assert (heard.linked, heard.keyed, heard.orders) == (False, False, set())
        assert link_work.take(session, limit=9, now=NOW) == []


def test_a_key_is_a_hash_under_the_databases_own_key(database: Database) -> None:
    with database.begin() as session:
        mark = sealing.marker(session)
        assert mark("e:ana@x.example") == sealing.marker(session)("e:ana@x.example")
        assert -(2**63) <= mark("e:ana@x.example") < 2**63
        assert mark("e:ana@x.example") != mark("e:ben@x.example")

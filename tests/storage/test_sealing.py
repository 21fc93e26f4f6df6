"""Seals: the same name gives the same, and what an older release kept in words is sealed, too."""

import pytest
from sqlalchemy import select, text

from alerts.grouping import key_of
from storage import deletions, schema, sealing
from storage.engine import Database
from storage.tables import IncidentRow, MentionRow, SettingRow
from tests.alerts.samples import triaged
from tests.storage.made import NOW, mention, row_of, store, upgrade_to

FORMER = (
    """INSERT INTO mention (id, source, external_id, text, url, published_at, collected_at,
        parent_id, conversation_id, is_repost, standing) VALUES
        (1, 'mastodon', 'https://tea.example/users/ana/statuses/1', '', '', '2026-11-20',
        '2026-11-20', NULL, 'https://tea.example/users/ana/statuses/1', false, 'gone'),
        (2, 'mastodon', 'https://tea.example/users/bo/statuses/2', 'acme, too', '', '2026-11-20',
        '2026-11-20', 'https://tea.example/users/ana/statuses/1',
        'https://tea.example/users/ana/statuses/1', false, 'there'),
        (3, 'x', 'https://tea.example/users/ana/statuses/1', 'acme', '', '2026-11-20',
        '2026-11-20', NULL, NULL, false, 'there')""",
)


INCIDENT = """INSERT INTO incident (id, kind, key, brand, rule, severity, state, reasons, posted_at,
    opened_at, due_at, resolution, assignee, version) VALUES (:id, 'complaint', :key, 'Acme',
    'negative', 'high', 'open', '[]', '2026-11-20', '2026-11-20', '2026-11-20', '', '', 1)"""
KEYS = (
    "complaint:Ac%3Ame:mastodon:https%3A//tea.example/@ana:https%3A//tea.example/1%25",
    "complaint:Acme:x:?1849:1849",
    "deaf:mastodon",
)

OF_A_CUSTOMER = (
    """INSERT INTO mention_brand (mention_id, brand, role, stage, published_at, quiet)
        VALUES (1, 'Acme', 'brand', 'scored', '2026-11-20', false)""",
    "INSERT INTO incident_mention (incident_id, mention_id) VALUES (1, 1), (2, 1), (2, 2)",
    """INSERT INTO customer (id, system, external_id, name, email, tier, imported_at)
        VALUES (1, 'shop', 'C1', '', '', '', '2026-11-20')""",
    "UPDATE incident SET customer_id = 1 WHERE id < 3",
)


@pytest.fixture
def upgraded(empty: Database) -> Database:
    with empty.begin() as session:
        upgrade_to(session, "0012")
        for statement in FORMER:
            session.execute(text(statement))
        for number, key in enumerate(KEYS):
            session.execute(text(INCIDENT), {"id": number + 1, "key": key})
        for statement in OF_A_CUSTOMER:
            session.execute(text(statement))
    schema.upgrade(empty)
    assert schema.differences(empty) == []
    return empty


def test_an_upgrade_seals_what_is_gone_and_where_it_is_named(upgraded: Database) -> None:
    with upgraded.begin() as session:
        ana = "https://tea.example/users/ana/statuses/1"
        sealed = sealing.seal(session, ana)
        rows = session.scalars(select(MentionRow).order_by(MentionRow.id)).all()
        assert [(row.external_id, row.parent_id, row.conversation_id) for row in rows] == [
            (sealed, None, sealed),
            ("https://tea.example/users/bo/statuses/2", sealed, sealed),
            (ana, None, None),
        ]
        left = text("SELECT id, customer_id FROM incident ORDER BY id")
        assert session.execute(left).all() == [(1, None), (2, 1), (3, None)]
        assert session.scalars(text("SELECT stage FROM mention_brand")).all() == ["done"]
        again = mention(ana, source="mastodon")
        assert store(session, again) == 0, "what is gone is not collected again"
        assert session.scalars(select(MentionRow.text).where(MentionRow.id == 1)).one() == ""


def test_an_upgrade_seals_who_complained_so_that_the_same_complaint_is_known(
    upgraded: Database,
) -> None:
    with upgraded.read() as session:

        def seal(name: str) -> str:
            return sealing.seal(session, name)

        known = triaged(
            brand="Ac:me",
            source="mastodon",
            author_id=seal("https://tea.example/@ana"),
            conversation_id=seal("https://tea.example/1%"),
        )
        unknown = triaged(author_id="", external_id=seal("1849"), conversation_id=seal("1849"))
        rows = session.scalars(select(IncidentRow.key).order_by(IncidentRow.id)).all()
        assert rows == [key_of(known), key_of(unknown), "deaf:mastodon"]


def test_the_key_is_drawn_once(database: Database) -> None:
    with database.begin() as session:
        one = sealing.seal(session, "501")
    with database.begin() as session:
        assert sealing.seal(session, "501") == one
        assert sealing.seal(session, "502") != one
        assert one.startswith("sealed-")
        key = session.get_one(SettingRow, sealing.SETTING).value
    assert len(bytes.fromhex(key)) == 32


def test_what_is_purged_twice_keeps_its_seal(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"), mention("2", parent_id="1"))
        first = row_of(session, "1").id
        for _ in range(2):
            deletions.purge(session, [first], now=NOW)
        session.expire_all()
        sealed = sealing.seal(session, "1")
        assert row_of(session, sealed).id == first
        assert row_of(session, "2").parent_id == sealed
        assert sealing.gone(session, [("x", "1"), ("x", "2"), ("y", "1")]) == {("x", "1"): sealed}

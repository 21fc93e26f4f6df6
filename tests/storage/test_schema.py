import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, make_url, select, text

from domain.clock import iso
from domain.errors import EarshotError
from domain.listing import Naming
from domain.sentiment import Label, Sentiment
from storage import clocks, customers, incidents, link_ledger, orders, schema, views
from storage.engine import Database
from storage.tables import (
    Base,
    MentionRow,
    OutboxRow,
)
from storage.views import Filter
from tests.conftest import POSTGRES
from tests.storage.made import NOW, mention, store, upgrade_to

BROKEN = '''
"""A step that fails half-way."""

from alembic import op

revision = "0999"
down_revision = "HEAD"


def upgrade() -> None:
    op.execute("CREATE TABLE half (id INTEGER)")
    op.execute("UPDATE mention SET text = 'overwritten'")
    op.execute("INSERT INTO nowhere VALUES (1)")
'''


@pytest.fixture
def broken_step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A further revision that fails after it has begun to change things."""
    folder = tmp_path / "versions"
    folder.mkdir()
    (folder / "broken.py").write_text(BROKEN.replace("HEAD", schema.HEAD))
    ours = schema._config()  # noqa: SLF001 -- the only door to where the revisions lie
    root = ours.get_main_option("script_location") or ""

    def config() -> Config:
        made = Config()
        made.set_main_option("script_location", root)
        made.set_main_option("path_separator", "newline")
        made.set_main_option("version_locations", f"{root}/versions\n{folder}")
        return made

    monkeypatch.setattr(schema, "_config", config)


def test_head_is_the_newest_revision() -> None:
    folder = Path(schema.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == schema.HEAD


def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    assert schema.differences(database) == []
    assert set(Base.metadata.tables) <= set(inspect(database.engine).get_table_names())


def test_a_difference_is_told(database: Database) -> None:
    with database.begin() as session:
        session.execute(text("ALTER TABLE setting ADD COLUMN surprise INTEGER"))
    try:
        assert [line for line in schema.differences(database) if "surprise" in line]
    finally:
        with database.begin() as session:
            session.execute(text("ALTER TABLE setting DROP COLUMN surprise"))


def test_upgrading_may_be_repeated(empty: Database) -> None:
    assert schema.revision(empty) is None
    assert schema.upgrade(empty) == (None, schema.HEAD)
    assert schema.upgrade(empty) == (schema.HEAD, schema.HEAD)
    assert schema.revision(empty) == schema.HEAD
    assert schema.differences(empty) == []


FIRST_ROWS = (
    """INSERT INTO mention (id, source, external_id, text, url, published_at, collected_at,
        is_repost) VALUES (7, 'x', '1', 'acme is awful', '', '2026-11-20', '2026-11-20', false)""",
    """INSERT INTO mention_brand (mention_id, brand, role, stage, published_at, quiet)
        VALUES (7, 'Acme', 'brand', 'done', '2026-11-20', false)""",
    """INSERT INTO mention_score (mention_id, brand, model, label, negative, neutral, positive,
        truncated, lang, reason, scored_at)
        VALUES (7, 'Acme', 'tiny@1', 'negative', 0.9, 0.06, 0.04, false, 'en', '', '2026-11-20')""",
    "INSERT INTO setting (key, value) VALUES ('model', 'tiny@1')",
    """INSERT INTO outbox (id, key, kind, channel, notifier, payload, state, attempts, created_at,
        next_at, reason)
        VALUES ('a', 'digest:Acme:2026-11-20', 'post', 'C1', 'slack', '{}', 'sent', 0,
        '2026-11-20', '2026-11-20', '')""",
)


def test_a_database_of_the_first_schema_keeps_every_row(empty: Database) -> None:
    with empty.begin() as session:
        upgrade_to(session, "0001")
        for statement in FIRST_ROWS:
            session.execute(text(statement))

    assert schema.upgrade(empty) == ("0001", schema.HEAD)

    assert schema.differences(empty) == []
    with empty.read() as session:
        [view] = views.search(session, Filter(label=Label.NEGATIVE))
        assert view.mention.id == 7
        assert view.listing.naming == Naming.OTHERWISE, "nobody knows"
        assert [row.quotes for row in session.scalars(select(OutboxRow))] == [None]
        assert view.sentiment == Sentiment(
            Label.NEGATIVE, 0.9, 0.06, 0.04, model="tiny@1", lang="en", toward=False
        )


INCIDENT = """INSERT INTO incident (id, key, brand, rule, severity, state, reasons, posted_at,
    opened_at, due_at, resolution, assignee, version)
    VALUES (:id, :key, :brand, :rule, 'high', 'open', '[]', '2026-11-20', '2026-11-20',
    '2026-11-20', '', '', 1)"""


def test_a_silent_source_is_told_from_a_complaint_whatever_its_rule_is_called(
    empty: Database,
) -> None:
    with empty.begin() as session:
        upgrade_to(session, "0010")
        for number, (key, brand, rule) in enumerate(
            [
                ("deaf:x", "", "deaf"),
                ("complaint:Acme:x:501:1", "Acme", "deaf"),
                ("complaint:deaf:x:501:1", "deaf", "vip"),
            ]
        ):
            row = {"id": number + 1, "key": key, "brand": brand, "rule": rule}
            session.execute(text(INCIDENT), row)

    schema.upgrade(empty)

    with empty.read() as session:
        kinds = {one.id: one.kind for one in incidents.listing(session, live_only=True)}
    assert kinds == {1: "source_alarm", 2: "complaint", 3: "complaint"}


def test_who_acknowledged_an_incident_is_taken_from_its_history(empty: Database) -> None:
    with empty.begin() as session:
        upgrade_to(session, "0018")
        for number in (1, 2):
            row = {"id": number, "key": f"complaint:{number}", "brand": "Acme", "rule": "vip"}
            session.execute(text(INCIDENT), row)
        session.execute(text("UPDATE incident SET acknowledged_at = '2026-11-20' WHERE id = 1"))
        for actor, action in (("kim", "acknowledged"), ("ana", "acknowledged"), ("ben", "woken")):
            session.execute(
                text(
                    "INSERT INTO incident_event (incident_id, at, actor, action, before, after,"
                    " note) VALUES (1, '2026-11-20', :actor, :action, 'open', 'open', '')"
                ),
                {"actor": actor, "action": action},
            )

    schema.upgrade(empty)

    with empty.read() as session:
        known = {one.id: one.acknowledged_by for one in incidents.listing(session, live_only=True)}
    assert known == {1: "ana", 2: ""}


def test_a_release_that_does_not_know_the_newer_columns_can_still_write(
    database: Database,
) -> None:
    with database.begin() as session:
        for statement in FIRST_ROWS:
            session.execute(text(statement))
        [view] = views.search(session, Filter())
        assert view.sentiment is not None
        assert view.sentiment.toward is False


def test_two_that_upgrade_at_once_do_not_collide(empty: Database) -> None:
    url = empty.engine.url.render_as_string(hide_password=False)
    others = [Database(url) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(schema.upgrade, others))
    assert {after for _, after in done} == {schema.HEAD}
    assert schema.differences(empty) == []
    for other in others:
        other.close()


def test_two_processes_that_upgrade_at_once_do_not_collide(empty: Database) -> None:
    url = empty.engine.url.render_as_string(hide_password=False)
    code = (
        "import sys; from storage import schema; from storage.engine import Database; "
        "schema.upgrade(Database(sys.argv[1]))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(2)]
    assert [one.wait(60) for one in running] == [0, 0]
    assert schema.differences(empty) == []


def test_sqlite_is_upgraded_on_first_use_and_a_server_says_what_to_run(empty: Database) -> None:
    if empty.is_sqlite:
        schema.ready(empty, now=NOW)
        assert schema.revision(empty) == schema.HEAD
    else:
        with pytest.raises(EarshotError, match=r"is empty, .* run earshot db upgrade"):
            schema.ready(empty, now=NOW)
        assert schema.revision(empty) is None


def test_a_ready_database_is_left_alone(database: Database) -> None:
    schema.ready(database, now=NOW)
    assert schema.revision(database) == schema.HEAD


def test_a_database_of_a_newer_release_is_refused(empty: Database) -> None:
    schema.upgrade(empty)
    with empty.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for step in (partial(schema.ready, now=NOW), schema.upgrade):
        with pytest.raises(EarshotError, match=r"at schema 9999, .* install the newer Earshot"):
            step(empty)


def test_a_server_that_knows_only_ascii_is_refused(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("only a server has a locale of its own")
    url = make_url(POSTGRES).set(database=f"{database.engine.url.database}_ascii")
    server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {url.database} WITH (FORCE)"))
        connection.execute(
            text(f"CREATE DATABASE {url.database} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
        )
    made = Database(url.render_as_string(hide_password=False))
    with pytest.raises(EarshotError, match="knows no letters beyond ASCII"):
        schema.upgrade(made)
    made.close()
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {url.database} WITH (FORCE)"))
    server.dispose()


@pytest.mark.usefixtures("broken_step")
def test_an_upgrade_that_fails_leaves_everything_as_it_was(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1", "kept as it is"))
    with pytest.raises(Exception, match="nowhere"):
        schema.upgrade(database)
    assert schema.revision(database) == schema.HEAD
    assert "half" not in inspect(database.engine).get_table_names()
    with database.read() as session:
        assert session.scalars(select(MentionRow.text)).all() == ["kept as it is"]
    with database.begin() as session:  # and goes on working
        assert store(session, mention("2")) == 1


def _long(short: str) -> str:
    """A Salesforce id with its checksum."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    groups = (short[at : at + 5] for at in (0, 5, 10))
    return short + "".join(
        letters[sum(one.isupper() << place for place, one in enumerate(group))] for group in groups
    )


CUSTOMER = """INSERT INTO customer (id, system, external_id, name, email, tier, imported_at)
    VALUES (:id, :system, :external_id, 'Mira', 'm@x.example', '', '2026-11-20')"""
HANDLE = """INSERT INTO customer_handle (customer_id, network, handle, on_file_at)
    VALUES (:id, 'x', 'mira', '2026-11-20')"""
ORDER = """INSERT INTO customer_order (id, customer_id, system, key, ordered_on, amount, currency)
    VALUES (:id, :customer_id, 'orders', :key, '2026-11-20', 1000, 'EUR')"""
AUTHOR = """INSERT INTO author (id, source, external_id, handle, handle_key, name, bio, location,
    url, told_at) VALUES (5, 'x', '9', 'mira', 'mira', '', '', '', '', '2026-11-20')"""
LINK = """INSERT INTO link (id, author_id, customer_id, state, probability, basis, evidence,
    decided_by, at) VALUES (:id, 5, :customer_id, 'confirmed', 1, '', '[]', 'eva', '2026-11-20')"""


def test_customers_orders_links_and_values_of_a_former_release_are_kept(empty: Database) -> None:
    short = "003BB00000xyzAB"
    rows = [(1, "salesforce", short), (2, "salesforce", _long(short)), (3, "hubspot", _long(short))]
    rows.append((4, "salesforce", _long("003BB00000aloNE")))
    sold = [(1, 1, "801BB00000ordER"), (2, 2, _long("801BB00000ordER")), (3, 2, "row:abc")]
    sold += [(4, 3, "123456789012345678"), (5, 4, _long("801BB00000soLON"))]
    with empty.begin() as session:
        upgrade_to(session, "0012")
        session.execute(text(AUTHOR))
        for row_id, system, external_id in rows:
            session.execute(
                text(CUSTOMER), {"id": row_id, "system": system, "external_id": external_id}
            )
            session.execute(text(HANDLE), {"id": row_id})
        for row_id, customer_id, key in sold:
            session.execute(text(ORDER), {"id": row_id, "customer_id": customer_id, "key": key})
        for row_id, customer_id in ((1, 1), (2, 2), (3, 3)):
            session.execute(text(LINK), {"id": row_id, "customer_id": customer_id})
        session.execute(text(INCIDENT), {"id": 8, "key": "k", "brand": "Acme", "rule": "negative"})
        session.execute(text("UPDATE incident SET customer_id = 2"))

    schema.upgrade(empty)

    assert schema.differences(empty) == []
    with empty.begin() as session:
        people = customers.every(session)
        assert [(row.id, row.external_id) for row in people] == [
            *((1, short), (3, _long(short)), (4, "003BB00000aloNE")),
        ]
        assert all((row.joined_to, row.split) == (None, False) for row in people)
        found = orders.of(session, [1, 3, 4])
        assert [sorted(one.external_id for one in found[row.id]) for row in people] == [
            ["orders:801BB00000ordER", "orders:row:abc"],
            ["orders:123456789012345678"],
            ["orders:801BB00000soLON"],
        ]
        assert all(one.amount == 10 for bought in found.values() for one in bought)
        assert [customers.handles(session, row.id) for row in people] == [[("x", "mira")]] * 3
        assert sorted(view.link.customer_id for view in link_ledger.listing(session)) == [1, 3]
        assert incidents.get(session, 8).customer_id == 1
        assert session.scalar(text("SELECT count(*) FROM customer_email")) == 0


FORMER_LINK = """INSERT INTO link (id, author_id, customer_id, state, probability, basis, evidence,
    decided_by, at) VALUES (:id, 5, :id, :state, 0.5, :basis, '["CRM holds it"]', :by,
    '2026-11-20')"""


def test_a_former_link_is_the_first_judgement_of_its_ledger(empty: Database) -> None:
    former = (
        ("confirmed", "handle on file", "rule:handle on file"),
        ("rejected", "handle on file", "eva"),
        ("confirmed", "ticket 881", "ben"),
    )
    with empty.begin() as session:
        upgrade_to(session, "0023")
        session.execute(text(AUTHOR))
        for row_id, (state, basis, by) in enumerate(former, 1):
            record = {"id": row_id, "system": "hubspot", "external_id": str(row_id)}
            session.execute(text(CUSTOMER), record)
            values = {"id": row_id, "state": state, "basis": basis, "by": by}
            session.execute(text(FORMER_LINK), values)

    schema.upgrade(empty)

    assert schema.differences(empty) == []
    with empty.read() as session:
        found = {view.link.id: view.judgement for view in link_ledger.listing(session)}
    assert {
        row_id: (row.state, row.basis, row.evidence, row.decided_by)
        for row_id, row in found.items()
    } == {
        1: ("confirmed", "handle_on_file", ["CRM holds it"], "rule:handle_on_file"),
        2: ("rejected", "person", ["CRM holds it"], "eva"),
        3: ("confirmed", "given", ["ticket 881"], "ben"),
    }
    assert {(iso(row.at), row.probability) for row in found.values()} == {
        ("2026-11-20T00:00:00Z", 0.5)
    }


REOPENABLE = """INSERT INTO incident (id, kind, key, brand, rule, severity, state, reasons,
    posted_at, opened_at, due_at, answered_at, resolved_at, resolution, assignee, version)
    VALUES (:id, 'complaint', :key, 'Acme', 'negative', 'high', :state, '[]',
    '2026-11-20 09:00:00', '2026-11-20 09:01:00', '2026-11-20 13:00:00', :answered, :resolved,
    :resolution, 'kim', 3)"""
REOPENED = """INSERT INTO incident_event (incident_id, at, actor, action, before, after, note)
    VALUES (:id, '2026-11-20', 'earshot', :action, 'resolved', 'open', :note)"""
TEN, ELEVEN = "2026-11-20 10:00:00", "2026-11-20 11:00:00"
FORMER_INCIDENTS = {  # id: state, answered, resolved, resolution
    1: ("open", None, None, ""),
    2: ("resolved", TEN, ELEVEN, "replied"),
    3: ("resolved", TEN, ELEVEN, "manual"),
    4: ("dismissed", None, ELEVEN, ""),
    5: ("resolved", None, ELEVEN, "deleted"),
    6: ("snoozed", None, None, ""),
    7: ("open", None, None, ""),
}
FIRST_CLOCK = "posted 2026-11-18T08:00:00Z, due 2026-11-18T12:00:00Z"
SECOND_CLOCK = "posted 2026-11-19T08:00:00Z, due 2026-11-19T12:00:00Z"
NOTES = (
    (6, f"{FIRST_CLOCK}, replied 2026-11-18T09:30:00Z after 1 h 30 m"),
    (6, f"{SECOND_CLOCK}, manual 2026-11-19T09:00:00Z after 1 h"),
    (7, "words that no release has written"),
)


def test_every_incident_gets_its_clocks(empty: Database) -> None:
    """Those before a reopening are read from its note; one that cannot be read stays lost."""
    with empty.begin() as session:
        upgrade_to(session, "0017")
        for row_id, (state, answered, resolved, resolution) in FORMER_INCIDENTS.items():
            values: dict[str, object] = {
                "state": state,
                "answered": answered,
                "resolved": resolved,
                "id": row_id,
            }
            values |= {"key": f"k{row_id}", "resolution": resolution}
            session.execute(text(REOPENABLE), values)
        for row_id, note in NOTES:
            session.execute(text(REOPENED), {"id": row_id, "action": "reopened", "note": note})

    schema.upgrade(empty)

    assert schema.differences(empty) == []
    with empty.read() as session:
        found = clocks.of(session, list(FORMER_INCIDENTS))
        for row_id in FORMER_INCIDENTS:
            incident = incidents.get(session, row_id)
            assert incident.clock == len(found[row_id])
            assert incident.present == found[row_id][-1]
    how = {row_id: [one.how for one in ran] for row_id, ran in found.items()}
    assert how == {
        1: [""],
        2: ["replied"],
        3: ["manual"],
        4: ["dismissed"],
        5: ["withdrawn"],
        6: ["replied", "manual", ""],
        7: [""],
    }
    first, second, _ = found[6]
    assert iso(first.posted_at) == "2026-11-18T08:00:00Z"
    assert iso(first.due_at) == "2026-11-18T12:00:00Z"
    assert iso(first.answered_at) == iso(first.ended_at) == "2026-11-18T09:30:00Z"
    assert (second.answered_at, iso(second.ended_at)) == (None, "2026-11-19T09:00:00Z")
    assert (first.severity, first.assignee) == ("high", "kim")

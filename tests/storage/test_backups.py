import ast
import logging
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.customer import CustomerRecord
from domain.errors import EarshotError
from storage import backups, crm_removal, customers, deletions, mentions, schema
from storage.backups import KEPT, Backup
from storage.engine import Database
from storage.tables import MentionRow
from tests.storage.made import DAY, HOUR, NOW, mention, row_of, store, upgrade_to

ROOT = Path(__file__).parents[2]
OLD = "0009"
SECOND = timedelta(seconds=1)


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Database]:
    """A database of a former release, with a mention in it."""
    made = Database(f"sqlite:///{tmp_path}/earshot.db")
    with made.begin() as session:
        upgrade_to(session, OLD)
        session.execute(text(ROW.format(1, "acme is awful")))
    yield made
    made.close()


ROW = """INSERT INTO mention (id, source, external_id, text, url, published_at, collected_at,
    is_repost) VALUES ({0}, 'x', '{0}', '{1}', '', '2026-11-20', '2026-11-20', false)"""


@pytest.fixture
def kept(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    """An up-to-date database with a mention in it, and a copy of an hour ago beside it."""
    (tmp_path / "earshot.db").write_bytes(sqlite_template.read_bytes())
    made = Database(f"sqlite:///{tmp_path}/earshot.db")
    with made.begin() as session:
        store(session, mention("1"))
    put(copy_of(made), at=NOW - HOUR)
    yield made
    made.close()


def copy_of(database: Database) -> Path:
    return Path(f"{database.file}.before-{schema.HEAD}")


def put(path: Path, *, at: datetime) -> None:
    path.write_text("a copy")
    os.utime(path, (at.timestamp(), at.timestamp()))


def rows(file: Path) -> list[tuple[str, ...]]:
    """The revision, the texts, and what SQLite finds wrong."""
    with closing(sqlite3.connect(file)) as connection:
        return [
            *connection.execute("SELECT version_num FROM alembic_version"),
            *connection.execute("SELECT text FROM mention ORDER BY id"),
            *connection.execute("PRAGMA integrity_check"),
        ]


def names(database: Database) -> list[str]:
    """The files beside the database, without those of its log."""
    assert database.file is not None
    beside = database.file.parent.glob("earshot.db?*")
    return sorted(one.name for one in beside if not one.name.endswith(("-wal", "-shm")))


# --- made ----------------------------------------------------------------------------------------


def test_sqlite_is_copied_before_it_is_upgraded_and_for_nobody_else(old: Database) -> None:
    before = os.umask(0)
    try:
        assert schema.upgrade(old) == (OLD, schema.HEAD)
    finally:
        os.umask(before)

    assert names(old) == [copy_of(old).name]
    assert rows(copy_of(old)) == [(OLD,), ("acme is awful",), ("ok",)]
    assert copy_of(old).stat().st_mode & 0o777 == 0o600
    assert schema.revision(old) == schema.HEAD


def test_it_is_copied_also_when_it_is_upgraded_by_itself(old: Database) -> None:
    told: list[tuple[str | None, list[str]]] = []

    schema.ready(old, now=NOW, tell=lambda _: told.append((schema.revision(old), names(old))))

    assert told == [(OLD, [])], "it is told before anything is done"
    assert rows(copy_of(old))[0] == (OLD,)


def test_what_is_new_or_up_to_date_is_not_copied(tmp_path: Path) -> None:
    made = Database(f"sqlite:///{tmp_path}/earshot.db")
    for _ in range(2):
        schema.upgrade(made)
        schema.ready(made, now=NOW)
    assert names(made) == []
    made.close()


def test_what_stands_in_the_log_only_is_copied_while_others_read(old: Database) -> None:
    with closing(sqlite3.connect(str(old.file))) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM mention").fetchall()  # so nothing moves out of the log
        with old.begin() as session:
            session.execute(text(ROW.format(2, "a late one")))
        schema.upgrade(old)
    assert rows(copy_of(old)) == [(OLD,), ("acme is awful",), ("a late one",), ("ok",)]


def test_no_word_that_was_deleted_is_copied(old: Database) -> None:
    assert old.file is not None
    with closing(sqlite3.connect(old.file)) as careless:
        careless.execute("PRAGMA secure_delete = OFF")
        careless.execute(ROW.format(2, "canary7f3a " * 2000))
        careless.execute("DELETE FROM mention WHERE id = 2")
        careless.execute("INSERT INTO mention_text(mention_text) VALUES ('optimize')")
        careless.commit()
        careless.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"canary7f3a" in old.file.read_bytes()

    schema.upgrade(old)

    assert b"canary7f3a" not in copy_of(old).read_bytes()


def test_one_goes_back_by_putting_the_copy_in_its_place(old: Database) -> None:
    assert old.file is not None
    schema.upgrade(old)
    with old.begin() as session:
        store(session, mention("9", "after the upgrade"))
    old.close()

    copy_of(old).replace(old.file)

    assert schema.revision(old) == OLD
    assert rows(old.file) == [(OLD,), ("acme is awful",), ("ok",)]
    assert schema.upgrade(old) == (OLD, schema.HEAD)
    assert schema.differences(old) == []


def test_what_will_be_done_is_known_before(old: Database) -> None:
    plan = schema.plan(old)

    assert (plan.before, plan.after, plan.copy) == (OLD, schema.HEAD, copy_of(old))
    counted = "Counted: what a network said there was to read, and what came of it."
    assert plan.steps[0] == ("0010", counted)
    assert names(old) == []
    schema.upgrade(old)
    assert abs(plan.size - copy_of(old).stat().st_size) <= plan.size / 10
    assert schema.plan(old) == schema.Plan(schema.HEAD, (), None, schema.plan(old).size)


def test_to_look_makes_no_database(tmp_path: Path) -> None:
    made = Database(f"sqlite:///{tmp_path}/earshot.db")
    plan = schema.plan(made)
    assert (plan.before, plan.after, plan.copy) == (None, schema.HEAD, None)
    assert plan.steps[0][0] == "0001"
    assert list(tmp_path.iterdir()) == []


UPGRADE = """
import sys
from storage import schema
from storage.engine import Database
schema.upgrade(Database(sys.argv[1]), tell=lambda plan: print(plan.before, plan.copy))
"""


def test_of_two_processes_that_upgrade_at_once_one_copies(old: Database) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE, old.url],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        for _ in range(2)
    ]
    said = [one.communicate(timeout=60)[0] for one in running]

    assert [one.returncode for one in running] == [0, 0]
    assert sorted(said) == ["", f"{OLD} {copy_of(old)}\n"]
    assert rows(copy_of(old))[0] == (OLD,)
    assert names(old) == [copy_of(old).name]


# --- a try that fails ----------------------------------------------------------------------------


class StoppedError(Exception):
    """What a test stops an upgrade with."""


def stop(_plan: object) -> None:
    raise StoppedError


def fail_after_the_copy(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("alembic.command.upgrade", lambda *_: stop(None))
        with pytest.raises(StoppedError):
            schema.upgrade(database)


def test_of_an_upgrade_that_fails_the_copy_stays_and_the_next_try_replaces_it(
    old: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_after_the_copy(old, monkeypatch)
    assert schema.revision(old) == OLD
    assert rows(copy_of(old)) == [(OLD,), ("acme is awful",), ("ok",)]
    with old.begin() as session:
        session.execute(text(ROW.format(2, "said in between")))

    schema.upgrade(old)

    assert rows(copy_of(old)) == [(OLD,), ("acme is awful",), ("said in between",), ("ok",)]


@pytest.mark.parametrize("what", ["another schema", "no database", "nothing in it"])
def test_what_is_no_copy_of_this_state_is_not_replaced_and_nothing_upgraded(
    old: Database, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if what == "another schema":
        fail_after_the_copy(old, monkeypatch)
        with closing(sqlite3.connect(copy_of(old))) as copy:
            copy.execute("UPDATE alembic_version SET version_num = '0008'")
            copy.commit()
    else:
        copy_of(old).write_text("Dear diary. " * 999 if what == "no database" else "")
    before = copy_of(old).read_bytes()

    with pytest.raises(EarshotError, match=rf"at schema {OLD}, so nothing .* move it away"):
        schema.upgrade(old)

    assert copy_of(old).read_bytes() == before
    assert names(old) == [copy_of(old).name]
    assert schema.revision(old) == OLD


def test_without_room_for_the_copy_nothing_is_upgraded_and_nothing_left(old: Database) -> None:
    assert old.file is not None
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(EarshotError, match=r"cannot be copied .* make room") as caught:
            schema.upgrade(old)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert "\n" not in str(caught.value)
    assert names(old) == []
    assert schema.revision(old) == OLD
    assert schema.upgrade(old) == (OLD, schema.HEAD)


def test_where_no_copy_can_be_written_nothing_is_upgraded(old: Database) -> None:
    Path(f"{copy_of(old)}.part").mkdir()  # modes mean nothing to root

    with pytest.raises(EarshotError, match=r"nothing was upgraded \(Is a directory\)"):
        schema.upgrade(old)

    assert schema.revision(old) == OLD


def test_half_a_copy_of_a_killed_process_is_made_anew(old: Database) -> None:
    Path(f"{copy_of(old)}.part").write_text("half")
    schema.upgrade(old)
    assert names(old) == [copy_of(old).name]
    assert rows(copy_of(old))[0] == (OLD,)


def test_what_is_told_may_stop_it(old: Database) -> None:
    with pytest.raises(StoppedError):
        schema.upgrade(old, tell=stop)
    assert names(old) == []
    assert schema.revision(old) == OLD


# --- removed in time -----------------------------------------------------------------------------


def test_a_copy_is_removed_at_the_first_start_after_seven_days(kept: Database) -> None:
    put(copy_of(kept), at=NOW)
    schema.ready(kept, now=NOW + KEPT - SECOND)
    assert names(kept) == [copy_of(kept).name]
    schema.ready(kept, now=NOW + KEPT)
    assert names(kept) == []
    assert timedelta(days=7) == KEPT


def test_a_copy_that_cannot_be_removed_stops_no_start(kept: Database) -> None:
    put_something_unremovable(kept, at=NOW - KEPT)

    schema.ready(kept, now=NOW)

    [copy] = backups.beside(kept)
    assert copy.overdue(NOW)
    assert not copy.stuck


def put_something_unremovable(database: Database, *, at: datetime) -> None:
    """A folder is not removed as a file is, whoever runs the tests."""
    copy_of(database).unlink()
    copy_of(database).mkdir()
    os.utime(copy_of(database), (at.timestamp(), at.timestamp()))


def test_every_copy_is_known_with_its_size_and_time(kept: Database) -> None:
    put(Path(f"{kept.file}.before-0009"), at=NOW)
    assert backups.beside(kept) == [
        Backup(Path(f"{kept.file}.before-0009"), 6, NOW, stuck=False),
        Backup(copy_of(kept), 6, NOW - HOUR, stuck=False),
    ]


@pytest.mark.parametrize("name", ["before-christmas", "before-00100", "before-0010.old", "bak"])
def test_files_of_other_names_are_not_ours(kept: Database, name: str) -> None:
    theirs = [Path(f"{kept.file}.{name}"), Path(f"{kept.file}2.before-0010")]
    for one in theirs:
        put(one, at=NOW - 2 * KEPT)
    with kept.begin() as session:
        backups.remove_after(session)
    schema.ready(kept, now=NOW)
    assert names(kept) == sorted(one.name for one in theirs)


def test_a_name_that_reads_as_a_pattern_is_taken_as_it_is(
    tmp_path: Path, sqlite_template: Path
) -> None:
    (tmp_path / "a[b].db").write_bytes(sqlite_template.read_bytes())
    put(tmp_path / "ab.db.before-0010", at=NOW - KEPT)
    put(tmp_path / "a[b].db.before-0010", at=NOW - KEPT)
    made = Database(f"sqlite:///{tmp_path}/a[b].db")
    schema.ready(made, now=NOW)
    made.close()
    assert [one.name for one in tmp_path.glob("*before*")] == ["ab.db.before-0010"]


def test_where_there_are_no_copies_none_are_found(database: Database) -> None:
    with database.begin() as session:
        backups.remove_after(session)
    backups.remove_due(database, now=NOW)
    assert backups.beside(database) == []


# --- gone with what was deleted ------------------------------------------------------------------


def remove_a_customer(session: Session) -> None:
    customers.save(session, [CustomerRecord("shop", "C1", "Mira", "m@x.example")], now=NOW)
    assert crm_removal.remove_customers(session, "shop", ["C1"], now=NOW) == 1


REMOVES: dict[str, Callable[[Session], object]] = {
    "storage.crm_removal.remove_customers": remove_a_customer,
    "storage.deletions.purge": lambda session: deletions.purge(
        session, [row_of(session, "1").id], now=NOW
    ),
    "storage.mentions.forget_stored_before": lambda session: mentions.forget_stored_before(
        session, "x", NOW + DAY
    ),
}
# What else deletes rows, and why a copy may still hold them.
STAYS = {
    "earshot.alerting.refused_edits.follow_up": "a message in the channel",
    "storage.clocks.replace": "written again in the same breath",
    "storage.companies.changed": "a mark",
    "storage.companies.refresh": "written again in the same breath",
    "storage.coverage.forget_before": "hours that were listened to",
    "storage.corrections.undo": "a label",
    "storage.crm_removal._move_links": "a second link of the same two",
    "storage.crm_removal.remove_orders": "days and amounts of somebody who is still a customer",
    "storage.crm_sync.forget": "ids, without a name",
    "storage.customer_keys.replace": "hashes",
    "storage.customers._replace": "written again in the same breath",
    "storage.customers._save_handles": "written again in the same breath",
    "storage.link_work.ask": "hashes",
    "storage.merges._add": "which id became which",
    "storage.mention_orders.forget": "numbers of orders, to be read again",
    "storage.edits._start_again": "scores, to be made again",
    "storage.failed_scores.send_back": "scores, to be made again",
    "storage.costs.add_reads": "what was paid for on a day before",
    "storage.presses.forget_before": "who pressed what in Slack, without words",
    "storage.snapshots.forget_voices": "opaque numbers of persons, with what they felt",
    "storage.stories.forget_before": "marks of stories",
    "storage.unlisted_edits.forget_before": "seals of edited posts that were not stored",
    "storage.surveys.remove": "scores, without a name",
    "storage.source_state.forget_states": "the state of a stream",
    "storage.valuations._finish": "figures, without a name",
    "storage.valuations._write": "written again in the same breath",
    "storage.valuation_runs.changed": "a mark",
}


def deleting_functions() -> set[str]:
    """Every function of the store and the app that deletes rows."""
    found = set()
    for path in [*ROOT.glob("storage/*.py"), *ROOT.glob("earshot/**/*.py")]:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for one in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(one, ast.FunctionDef) and any(map(deletes, ast.walk(one))):
                found.add(f"{module}.{one.name}")
    return found


def deletes(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name == "delete"


def test_whatever_deletes_is_known_to_remove_the_copies_or_not_to_need_it() -> None:
    assert deleting_functions() == REMOVES.keys() | STAYS.keys()


@pytest.mark.parametrize("name", REMOVES)
def test_with_peoples_words_every_copy_goes(kept: Database, name: str) -> None:
    for further in (".before-0009", f".before-{schema.HEAD}.part", ".before-0009-journal"):
        put(Path(f"{kept.file}{further}"), at=NOW)
    with kept.begin() as session:
        REMOVES[name](session)
        assert len(names(kept)) == 4, "not before it is certain"
    assert names(kept) == []


@pytest.mark.parametrize("name", REMOVES)
def test_what_is_rolled_back_removes_no_copy(kept: Database, name: str) -> None:
    with pytest.raises(StoppedError), kept.begin() as session:  # noqa: PT012 -- all of one transaction
        REMOVES[name](session)
        raise StoppedError
    assert names(kept) == [copy_of(kept).name]


def test_where_nothing_was_old_enough_the_copy_stays(kept: Database) -> None:
    with kept.begin() as session:
        assert mentions.forget_stored_before(session, "x", NOW - DAY) == 0
    assert names(kept) == [copy_of(kept).name]


def test_a_copy_that_outlives_a_deletion_is_told_until_it_is_gone(
    kept: Database, caplog: pytest.LogCaptureFixture
) -> None:
    put_something_unremovable(kept, at=NOW)

    with kept.begin() as session:
        row = row_of(session, "1")
        deletions.purge(session, [row.id], now=NOW)

    told = [(one.levelno, one.getMessage()) for one in caplog.records]
    reason = f"copy not removed path={copy_of(kept)} reason=Is a directory"
    assert told == [(logging.ERROR, reason)]
    with kept.read() as session:
        assert session.get_one(MentionRow, row.id).text == "", "what was asked for is done"
    schema.ready(kept, now=NOW)
    assert [(one.stuck, one.overdue(NOW)) for one in backups.beside(kept)] == [(True, True)]
    copy_of(kept).rmdir()
    assert backups.beside(kept) == []
    put(copy_of(kept), at=NOW + HOUR)
    assert [one.stuck for one in backups.beside(kept)] == [False], "that is another one"


def test_a_copy_that_outlived_a_deletion_goes_at_the_next_start(kept: Database) -> None:
    put_something_unremovable(kept, at=NOW)
    with kept.begin() as session:
        deletions.purge(session, [row_of(session, "1").id], now=NOW)
    copy_of(kept).rmdir()
    put(copy_of(kept), at=NOW)  # the same one, where it can be removed

    schema.ready(kept, now=NOW)

    assert names(kept) == []

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from domain.errors import ConfigError, EarshotError
from storage import schema, source_state
from storage.engine import Database, check_url, dump_command, shown
from storage.tables import MentionBrandRow, SettingRow
from tests.storage.made import NOW, mention, store


def in_threads(count: int, work: Callable[[int], None]) -> None:
    """Run it in that many threads at once; the first error is raised here."""
    with ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(work, number) for number in range(count)]:
            done.result()


def test_no_update_of_four_writers_is_lost(database: Database) -> None:
    with database.begin() as session:
        session.add(SettingRow(key="n", value="0"))

    def fifty_times(_: int) -> None:
        for _ in range(50):
            with database.begin() as session:
                row = session.get_one(SettingRow, "n")
                row.value = str(int(row.value) + 1)

    in_threads(4, fifty_times)
    with database.read() as session:
        assert session.get_one(SettingRow, "n").value == "200"


def test_two_writers_of_the_same_new_row_do_not_collide(database: Database) -> None:
    def fail_once(_: int) -> None:
        with database.begin() as session:
            state = source_state.state(session, "x")
            source_state.save_state(session, replace(state, failures=state.failures + 1))

    in_threads(4, fail_once)
    with database.read() as session:
        assert source_state.states(session)["x"].failures == 4


def test_a_reader_does_not_wait_for_a_writer_and_sees_nothing_half_done(
    database: Database,
) -> None:
    seen: list[SettingRow | None] = []

    def look(_: int) -> None:
        with database.read() as session:
            seen.append(session.get(SettingRow, "half"))

    with database.begin() as session:
        session.add(SettingRow(key="half", value="done"))
        session.flush()
        in_threads(1, look)
    assert seen == [None]


def test_a_read_sees_one_moment(database: Database) -> None:
    with database.read() as reading:
        before = len(reading.scalars(select(SettingRow)).all())
        with database.begin() as session:
            session.add(SettingRow(key="later", value=""))
        assert len(reading.scalars(select(SettingRow)).all()) == before


def test_a_writer_waits_for_another_one(database: Database) -> None:
    order: list[str] = []
    entered = threading.Event()

    def second() -> None:
        entered.wait(10)
        with database.begin() as session:
            session.scalars(select(SettingRow)).all()
            order.append("second")

    other = threading.Thread(target=second)
    other.start()
    with database.begin() as session:
        session.add(SettingRow(key="first", value=""))
        session.flush()
        entered.set()
        store(session, *[mention(str(number)) for number in range(500)])
        order.append("first")
    other.join(10)
    assert order == ["first", "second"]


def test_what_fails_is_rolled_back_whole(database: Database) -> None:
    with pytest.raises(KeyError), database.begin() as session:  # noqa: PT012 -- all of one transaction
        store(session, mention("1"))
        raise KeyError
    with database.read() as session:
        assert session.scalars(select(MentionBrandRow)).all() == []


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(IntegrityError), database.begin() as session:
        session.execute(text("INSERT INTO link (author_id, customer_id) VALUES (77, 77)"))


def test_a_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive datetime"), database.begin() as session:  # noqa: PT012 -- all of one transaction
        naive = datetime(2026, 11, 20)  # noqa: DTZ001
        source_state.save_cursor(session, "x", "Acme", "acme", state={}, now=naive)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        pytest.param("sqlite:////", "directory", id="a directory"),
        pytest.param("sqlite://", "names no file", id="no file"),
        pytest.param("sqlite:///:memory:", "names no file", id="memory"),
        pytest.param("mysql://root@host/x", "not supported", id="another database"),
        pytest.param("postgresql+asyncpg://host/x", "not supported", id="another driver"),
        pytest.param("sqlite+aiosqlite:///x.db", "not supported", id="another SQLite driver"),
        pytest.param("earshot.db", "no|not a database URL", id="a path"),
        pytest.param("postgresql://me:secret@host:abc/x", "not a database URL", id="a bad port"),
        pytest.param("", "not a database URL", id="nothing"),
    ],
)
def test_a_wrong_url_is_said_in_a_sentence_without_its_password(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        Database(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_good_url_has_nothing_wrong(tmp_path: Path) -> None:
    assert check_url(f"sqlite:///{tmp_path}/earshot.db") == ""
    assert check_url("postgresql+psycopg://me@127.0.0.1/earshot") == ""


def test_a_database_in_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot make the folder"):
        Database(f"sqlite:///{tmp_path}/file/earshot.db")


def test_a_folder_is_made(tmp_path: Path) -> None:
    made = Database(f"sqlite:///{tmp_path}/a/b/earshot.db")
    schema.ready(made, now=NOW)
    made.close()
    assert (tmp_path / "a/b/earshot.db").exists()


def test_a_file_that_is_no_database_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "earshot.db").write_text("Dear diary, today I am no database.\n" * 50)
    broken = Database(f"sqlite:///{tmp_path}/earshot.db")
    with pytest.raises(EarshotError, match=r"earshot\.db: file is not a database"):
        schema.ready(broken, now=NOW)
    broken.close()


def test_a_file_cut_in_half_is_said_in_a_sentence(tmp_path: Path, sqlite_template: Path) -> None:
    whole = sqlite_template.read_bytes()
    (tmp_path / "earshot.db").write_bytes(whole[: len(whole) // 2])
    broken = Database(f"sqlite:///{tmp_path}/earshot.db")
    with pytest.raises(EarshotError, match="malformed"), broken.begin() as session:  # noqa: PT012 -- all of one transaction
        store(session, mention("1"))
        session.execute(text("PRAGMA integrity_check")).all()
        session.execute(text("SELECT count(*) FROM outbox")).all()
    broken.close()


def test_a_full_disk_is_said_in_a_sentence_and_keeps_nothing_half(
    tmp_path: Path, sqlite_template: Path
) -> None:
    (tmp_path / "earshot.db").write_bytes(sqlite_template.read_bytes())
    full = Database(f"sqlite:///{tmp_path}/earshot.db")
    with pytest.raises(EarshotError, match="database or disk is full"), full.begin() as session:  # noqa: PT012 -- all of one transaction
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        session.execute(text(f"PRAGMA max_page_count = {pages}"))
        store(session, *[mention(str(number), "long " * 2000) for number in range(50)])
    with full.read() as session:
        assert session.scalars(select(MentionBrandRow)).all() == []
    full.close()


def test_a_file_that_may_not_be_written_is_said_in_a_sentence(
    tmp_path: Path, sqlite_template: Path
) -> None:
    (tmp_path / "earshot.db").write_bytes(sqlite_template.read_bytes())
    fixed = Database(f"sqlite:///{tmp_path}/earshot.db")
    with pytest.raises(EarshotError, match="readonly"), fixed.begin() as session:  # noqa: PT012 -- all of one transaction
        session.execute(text("PRAGMA query_only = ON"))  # file modes mean nothing to root
        store(session, mention("1"))
    fixed.close()


def test_a_server_that_is_not_there_is_said_in_a_sentence_without_the_password() -> None:
    gone = Database("postgresql+psycopg://me:hunter2@127.0.0.1:1/earshot?sslpassword=hunter3")
    with pytest.raises(EarshotError) as caught:
        schema.ready(gone, now=NOW)
    gone.close()
    said = str(caught.value)
    assert said.startswith("database postgresql+psycopg://me:***@127.0.0.1:1/earshot: ")
    assert "hunter" not in said
    assert "\n" not in said


def test_no_password_is_shown() -> None:
    assert "hunter" not in shown("postgresql+psycopg://me:hunter2@host/x?password=hunter3")


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        pytest.param(
            "postgresql+psycopg://me:hunter2@db.example.org:5433/ear?sslpassword=hunter3",
            "postgresql://me@db.example.org:5433/ear",
            id="a host",
        ),
        pytest.param(
            "postgresql+psycopg:///ear?host=/var/run/pg",
            "'postgresql:///ear?host=%2Fvar%2Frun%2Fpg'",
            id="a socket",
        ),
    ],
)
def test_the_command_that_copies_a_server_holds_no_password(url: str, wanted: str) -> None:
    assert dump_command(url, "a b") == f"pg_dump --format=custom '--file=a b' {wanted}"


def test_a_lock_that_is_never_released_ends_in_a_sentence(
    tmp_path: Path, sqlite_template: Path
) -> None:
    path = tmp_path / "earshot.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    with database.engine.connect() as connection:  # the pool keeps it: its patience is short now
        connection.exec_driver_sql("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(EarshotError, match="database is locked"), database.begin() as session:
        store(session, mention("1"))
    other.close()
    database.close()


def test_errors_never_show_what_a_mention_says(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught, database.begin() as session:  # noqa: PT012 -- all of one transaction
        session.add(SettingRow(key="k", value="a secret text"))
        session.flush()
        session.expunge_all()
        session.add(SettingRow(key="k", value="a secret text"))
        session.flush()
    assert "a secret text" not in str(caught.value)


WRITE_AND_HANG = """
import sys
from storage.engine import dump_command, Database
from tests.storage.made import mention, store
with Database(sys.argv[1]).begin() as session:
    store(session, *[mention(str(number)) for number in range(300)])
    print("written", flush=True)
    sys.stdin.read()
"""


def test_of_a_killed_process_nothing_half_is_left_and_nobody_waits(database: Database) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_AND_HANG, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        writer.kill()
        writer.wait(10)
    with database.begin() as session:
        assert session.scalars(select(MentionBrandRow)).all() == []
        assert store(session, mention("1")) == 1


def test_half_a_character_is_refused_in_a_sentence(database: Database) -> None:
    with pytest.raises(EarshotError, match="half a character"), database.begin() as session:
        session.scalars(select(SettingRow).where(SettingRow.key == "\udcff")).all()


def test_two_engines_of_one_database_compile_alike(database: Database) -> None:
    """So a run of tests may compile each statement once (tests/conftest.py)."""
    other = Database(database.engine.url.render_as_string(hide_password=False))
    with database.read() as session, other.read() as another:
        session.execute(select(SettingRow))
        another.execute(select(SettingRow))
    settings = [
        {
            key: value
            for key, value in vars(one.engine.dialect).items()
            if isinstance(value, bool | int | str | tuple | None)
        }
        for one in (database, other)
    ]
    other.close()
    ours, theirs = settings
    shared = ours.keys() & theirs.keys()  # some are only there once they were asked for
    assert {"paramstyle", "server_version_info"} <= shared or database.is_sqlite
    assert {key: ours[key] for key in shared} == {key: theirs[key] for key in shared}

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import schema
from storage.engine import Database
from tests.earshot.cli.conftest import Cli, on_its_own
from tests.storage.made import upgrade_to

OLD = "0009"


def former(database: Database, lone: Cli, tmp_path: Path) -> Cli:
    """The command line on a database of a former release."""
    with database.begin() as session:
        upgrade_to(session, OLD)
    database.close()
    url = database.engine.url.render_as_string(hide_password=False)
    return on_its_own(lone, tmp_path, url)


@pytest.fixture
def old(lone: Cli, tmp_path: Path) -> Cli:
    """The command line on an SQLite of a former release."""
    return former(Database(f"sqlite:///{tmp_path}/own.db"), lone, tmp_path)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Where its copy will lie."""
    return tmp_path / f"own.db.before-{schema.HEAD}"


def test_the_schema_is_what_this_release_expects(lone: Cli) -> None:
    assert lone("db", "check").out.endswith(f" is at {schema.HEAD}, as it should be\n")
    assert lone("db", "upgrade").out == f"already at {schema.HEAD}\n"


def test_an_empty_database_is_brought_up(lone: Cli, tmp_path: Path) -> None:
    other = on_its_own(lone, tmp_path, f"sqlite:///{tmp_path}/deep/er/own.db")

    assert "the schema is at nothing" in other("db", "check", code=1).err
    assert other("db", "upgrade").out.endswith(f"own.db: empty → {schema.HEAD}\n")
    assert "as it should be" in other("db", "check").out


def test_a_database_of_a_newer_release_is_left_alone(lone: Cli, tmp_path: Path) -> None:
    file = tmp_path / "own.db"
    other = on_its_own(lone, tmp_path, f"sqlite:///{file}")
    other("db", "upgrade")
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    for command in (["db", "upgrade"], ["mentions"]):
        ran = other(*command, code=1)
        assert "is at schema 9999, which this release does not know" in ran.err


def test_a_schema_that_somebody_changed_is_told(lone: Cli, tmp_path: Path) -> None:
    file = tmp_path / "own.db"
    other = on_its_own(lone, tmp_path, f"sqlite:///{file}")
    other("db", "upgrade")
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE snapshot")
    connection.close()

    assert other("db", "check", code=1).err.startswith("earshot: the schema differs: ")
    assert other("doctor", code=1).lines[0].startswith("FAIL  database: ")


# --- what an upgrade does ------------------------------------------------------------------------


def test_an_upgrade_says_what_it_does_before(old: Cli, copy: Path, tmp_path: Path) -> None:
    ran = old("db", "upgrade")

    assert ran.out == f"sqlite:///{tmp_path}/own.db: {OLD} → {schema.HEAD}\n"
    first, *steps, copied, back = ran.err.splitlines()
    assert first == f"sqlite:///{tmp_path}/own.db goes from {OLD} to {schema.HEAD}:"
    told = "  0010  Counted: what a network said there was to read, and what came of it."
    assert steps[0] == told
    assert copied.startswith(f"It is copied first, to {copy} (0.3 MB), which is removed after 7 ")
    assert "stop Earshot" in back
    assert "install the former release" in back
    assert copy.exists()


def test_to_check_says_the_same_and_changes_nothing(old: Cli, copy: Path, tmp_path: Path) -> None:
    before = (tmp_path / "own.db").read_bytes()

    ran = old("db", "upgrade", "--check", code=1)

    assert (tmp_path / "own.db").read_bytes() == before
    assert not copy.exists()
    assert ran.err == ""
    assert ran.out == old("db", "upgrade").err
    assert old("db", "upgrade", "--check").out == f"already at {schema.HEAD}\n"


def test_to_check_makes_no_database(lone: Cli, tmp_path: Path) -> None:
    other = on_its_own(lone, tmp_path, f"sqlite:///{tmp_path}/own.db")

    ran = other("db", "upgrade", "--check", code=1)

    assert f"own.db goes from empty to {schema.HEAD}:" in ran.lines[0]
    assert ran.lines[-1].startswith(f"  {schema.HEAD}  "), "nothing is copied"
    assert not (tmp_path / "own.db").exists()


def test_a_database_that_upgrades_itself_says_so_in_a_line(
    old: Cli, copy: Path, tmp_path: Path
) -> None:
    said = (
        f"upgrading the database from schema {OLD} to {schema.HEAD}; as it was it is kept in "
        f"{copy} (see docs/upgrading.md)"
    )
    assert old("mentions").err.splitlines() == [said, "0 mentions"]
    assert copy.exists()
    assert old("mentions").err == "0 mentions\n"
    fresh = on_its_own(old, tmp_path, f"sqlite:///{tmp_path}/fresh.db")
    assert fresh("mentions").err == "0 mentions\n", "what is new was not upgraded"


def test_on_a_server_the_copy_is_the_operators(empty: Database, lone: Cli, tmp_path: Path) -> None:
    if empty.is_sqlite:
        pytest.skip("that one is copied")
    other = former(empty, lone, tmp_path)

    ran = other("db", "upgrade", "--check", code=1)

    copied, back = ran.lines[-2:]
    dump = f"pg_dump --format=custom --file=earshot.before-{schema.HEAD}.dump postgresql://"
    assert copied.startswith(f"A copy is yours to make, before: {dump}")
    assert copied.endswith(f"/{empty.engine.url.database}")
    assert back == "To go back: stop Earshot, restore the copy, install the former release."
    done = other("db", "upgrade")
    assert done.err == ran.out
    assert done.out.endswith(f": {OLD} → {schema.HEAD}\n")


# --- what doctor says of the copies ---------------------------------------------------------------


def test_doctor_names_each_copy_and_when_it_goes(old: Cli, copy: Path) -> None:
    old("db", "upgrade")
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2, hours=4, minutes=1)
    os.utime(copy, (at.timestamp(), at.timestamp()))

    line = old("doctor").lines[-1]

    gone_at = f"{at + timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}"
    assert line == f"ok    copies: {copy}, 0.3 MB, 2 d 4 h old, is removed after {gone_at}"


def test_doctor_says_nothing_of_copies_where_there_are_none(lone: Cli) -> None:
    assert "copies" not in lone("doctor").out


def test_a_copy_that_should_be_gone_fails(old: Cli, copy: Path) -> None:
    left = copy.with_name("own.db.before-0001")
    left.mkdir()  # a folder is not removed as a file is, whoever runs the tests
    os.utime(left, (0, 0))

    line = old("doctor", code=1).lines[-1]

    assert line.startswith(f"FAIL  copies: {left} could not be removed in time: remove it by hand")

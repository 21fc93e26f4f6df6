import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from domain.errors import EarshotError
from storage.engine import Database
from storage.worker_lock import KEY, LostLockError, only_worker
from tests.storage.made import cut_lock, mention, store

HOLD = """
import sys
from storage.engine import Database
from storage.worker_lock import only_worker
with only_worker(Database(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_worker_is_refused_with_the_way_out(database: Database) -> None:
    told = r"another earshot is at work on .*: stop it first"
    with only_worker(database), pytest.raises(EarshotError, match=told), only_worker(database):
        pass
    with only_worker(database):  # freed at the end
        pass


def test_it_is_freed_by_an_error(database: Database) -> None:
    with pytest.raises(KeyError), only_worker(database):
        raise KeyError
    with only_worker(database):
        pass


def test_everybody_else_may_write_meanwhile(database: Database) -> None:
    with only_worker(database), database.begin() as session:
        assert store(session, mention("1")) == 1


def test_the_lock_of_a_killed_process_is_free_at_once(database: Database) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(EarshotError, match="another earshot"), only_worker(database):
            pass
        holder.kill()
        holder.wait(10)
    if not database.is_sqlite:  # the server notices the closed connection by itself, soon
        with database.begin() as session:
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": KEY})
    with only_worker(database):
        pass


def test_a_lock_that_cannot_be_made_is_said_in_a_sentence(
    tmp_path: Path, sqlite_template: Path
) -> None:
    (tmp_path / "earshot.db").write_bytes(sqlite_template.read_bytes())
    (tmp_path / "earshot.db.lock").mkdir()
    database = Database(f"sqlite:///{tmp_path}/earshot.db")
    told = "unable to open database file"
    with pytest.raises(EarshotError, match=told), only_worker(database):
        pass
    database.close()


def test_a_server_out_of_reach_is_said_in_a_sentence() -> None:
    database = Database("postgresql+psycopg://me:hunter2@127.0.0.1:1/earshot")
    with pytest.raises(EarshotError, match=r"127.0.0.1:1") as caught, only_worker(database):
        pass
    assert "hunter2" not in str(caught.value)
    database.close()


# --- a lock that is lost --------------------------------------------------------------------------


def test_each_worker_has_a_greater_number_than_the_one_before(database: Database) -> None:
    numbers = []
    for _ in range(3):
        with only_worker(database) as tenure:
            numbers.append(tenure.number)
            tenure.check()
            with database.begin() as session:
                tenure.fence(session)
    assert numbers == [1, 2, 3]


def test_what_a_former_worker_writes_is_refused_with_all_of_its_transaction(
    database: Database,
) -> None:
    with only_worker(database) as former:
        pass
    with only_worker(database) as tenure:
        with database.begin() as session:
            store(session, mention("1"))
            with pytest.raises(LostLockError, match="another worker has taken over"):
                former.fence(session)
            session.rollback()
        with database.begin() as session:
            tenure.fence(session)
            assert store(session, mention("1")) == 1, "nothing was kept"


def test_a_worker_whose_connection_is_cut_learns_it_and_is_not_in_the_way(
    database: Database,
) -> None:
    if database.is_sqlite:
        pytest.skip("a file's lock is lost with the process only")
    with only_worker(database) as tenure:
        tenure.check()
        cut_lock(database)
        for _ in range(2):
            with pytest.raises(LostLockError, match="was cut"):
                tenure.check()
        with only_worker(database) as later, database.begin() as session:
            assert later.number == tenure.number + 1
            later.fence(session)

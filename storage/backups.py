"""Copies of a SQLite database as it was before an upgrade: made, found, and removed in time."""

import glob
import logging
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from domain.errors import EarshotError
from storage.engine import BUSY_S, Database, file_of, shown
from storage.tables import SettingRow

KEPT = timedelta(days=7)
# What a killed process left half-way, and what SQLite puts beside a copy that somebody opened, too.
_OURS = re.compile(r"\.before-\d{4}(\.part)?(-journal|-wal|-shm)?")
_STUCK = "copy to remove: "  # begins the setting of a copy that could not be removed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backup:
    """One copy that is there."""

    path: Path
    size: int  # bytes
    made_at: datetime
    stuck: bool  # something was deleted since, and the copy could not be removed

    @property
    def kept_until(self) -> datetime:
        return self.made_at + KEPT

    def overdue(self, now: datetime) -> bool:
        return self.stuck or self.kept_until <= now


def path_of(file: Path, revision: str) -> Path:
    """Where the database's copy from before this revision lies."""
    return file.with_name(f"{file.name}.before-{revision}")


def size_of(session: Session) -> int:
    """How large a copy would be, in bytes: unused pages are not copied."""
    size: int = session.execute(
        text(
            "SELECT (page_count - freelist_count) * page_size"
            " FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()"
        )
    ).scalar_one()
    return size


def make(database: Database, path: Path, revision: str) -> None:
    """Copy the database, which is at this revision, to `path`, readable for nobody else.

    The caller holds the write lock. A copy that is there from a try that failed is replaced.
    Raises EarshotError when it cannot be made, or when something else is in its place.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        if path.exists() and _revision_of(path) != revision:
            raise EarshotError(
                f"{path} is no copy of this database at schema {revision}, so nothing was "
                "upgraded: move it away, then try again"
            )
        part.unlink(missing_ok=True)  # of a process that was killed
        _copy(Path(database.file or ""), part)
        made_at = time.time()  # by this machine's clock, which judges its age: a file server may
        os.utime(part, (made_at, made_at))  # have another
        part.replace(path)
        with _opened(path.parent, os.O_RDONLY) as folder:
            os.fsync(folder)
    except (OSError, sqlite3.Error) as error:
        raise EarshotError(
            f"database {shown(database.url)} cannot be copied to {path}, so nothing was upgraded "
            f"({_reason(error)}): make room or give the right to write there, then try again"
        ) from error
    finally:
        with suppress(OSError):
            part.unlink()


def _copy(file: Path, part: Path) -> None:
    """VACUUM copies one consistent state, without the deleted data in free pages."""
    with (
        _opened(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY) as made,
        closing(sqlite3.connect(file, timeout=BUSY_S)) as connection,
    ):
        connection.execute("VACUUM INTO ?", (str(part),))
        os.fsync(made)


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _revision_of(copy: Path) -> str | None:
    with (
        suppress(sqlite3.Error, TypeError),  # it is no database, or one without a revision
        closing(sqlite3.connect(f"{copy.resolve().as_uri()}?mode=ro", uri=True)) as connection,
    ):
        revision: str = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        return revision
    return None


def beside(database: Database) -> list[Backup]:
    """Every copy beside the database, by name; none for a server. Needs a schema to be there."""
    files = _files(database.file)
    if not files:
        return []
    with database.read() as session:
        stuck = _stuck(session)
    backups = []
    for path in files:
        with suppress(FileNotFoundError):  # another process has just removed it
            state = path.lstat()
            made_at = datetime.fromtimestamp(state.st_mtime, UTC)
            backups.append(
                Backup(path, state.st_size, made_at, (path.name, state.st_mtime_ns) in stuck)
            )
    return backups


def remove_due(database: Database, *, now: datetime) -> None:
    """Remove the copies whose time is over; one that cannot be removed stops nothing."""
    for backup in beside(database):
        if backup.overdue(now):
            _remove(backup.path)


def remove_after(session: Session) -> None:
    """Let every copy go with this transaction, which deletes what they still hold.

    Just before the commit: until then nobody else can make another one, and a process that is
    killed in between has lost a copy rather than left one.
    """
    if not event.contains(session, "before_commit", _remove_all):
        event.listen(session, "before_commit", _remove_all)


def _remove_all(session: Session) -> None:
    for path in _files(file_of(session.get_bind().engine)):
        reason = _remove(path)
        if reason:
            log.error("copy not removed path=%s reason=%s", path, reason)
            with suppress(FileNotFoundError):
                # By its time, too: another copy of the same name is not meant.
                at = str(path.lstat().st_mtime_ns)
                session.merge(SettingRow(key=f"{_STUCK}{path.name}", value=at))


def _stuck(session: Session) -> set[tuple[str, int]]:
    """Name and time of the copies that should be gone."""
    rows = session.scalars(select(SettingRow).where(SettingRow.key.startswith(_STUCK)))
    return {(row.key.removeprefix(_STUCK), int(row.value)) for row in rows}


def _files(file: Path | None) -> list[Path]:
    if file is None:
        return []
    named = file.parent.glob(f"{glob.escape(file.name)}.before-*")
    return sorted(path for path in named if _OURS.fullmatch(path.name.removeprefix(file.name)))


def _remove(path: Path) -> str:
    """Why it could not be removed, "" when it is gone."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        return _reason(error)
    return ""


def _reason(error: OSError | sqlite3.Error) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)

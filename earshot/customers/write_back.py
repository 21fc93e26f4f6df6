"""Writes confirmed handles into the CRM, once each, and clears what we wrote when a link ends.

What stands there is read before: what somebody else wrote is neither overwritten nor cleared. The
entry is stored before anything is sent, so that after a crash it is looked up and not forgotten.
"""

from dataclasses import dataclass
from datetime import datetime

from crm.api.source import TakesHandles
from domain.network import name_of
from earshot.core.app import App
from storage import write_back
from storage.write_back import Wanted, WriteState

AT_ONCE = 200  # links of one pass: two requests each


@dataclass(slots=True)
class WrittenBack:
    """What came of one pass."""

    written: int = 0
    cleared: int = 0
    kept: int = 0  # something else stands there


def bring_up_to_date(app: App, system: str, source: TakesHandles, *, now: datetime) -> WrittenBack:
    """Write what is missing, clear what is over. Raises RemoteError; what was done stays noted."""
    done = WrittenBack()
    with app.database.read() as session:
        over = [
            (row.id, row.external_id) for row in write_back.unwanted(session, system, limit=AT_ONCE)
        ]
        wanted = write_back.wanted(session, system, limit=AT_ONCE)
    for entry_id, external_id in over:
        _clear(app, source, entry_id, external_id, done, now=now)
    for one in wanted:
        _write(app, system, source, one, done, now=now)
    return done


def _write(
    app: App, system: str, source: TakesHandles, one: Wanted, done: WrittenBack, *, now: datetime
) -> None:
    text = f"{name_of(one.source)}:{one.handle}"
    with app.database.begin() as session:
        entry_id, in_doubt = write_back.begin(
            session, system, source.handle_field, one, text, now=now
        )
    there = source.handle_in(one.external_id, now=now)
    if there is None:
        state = WriteState.GONE
    elif not there:
        source.write_handle(one.external_id, text, now=now)
        state = WriteState.WRITTEN
    else:  # what stands there is ours only if it may have been written before
        state = WriteState.WRITTEN if in_doubt and there == text else WriteState.THEIRS
    done.written += state is WriteState.WRITTEN
    done.kept += state is WriteState.THEIRS
    with app.database.begin() as session:
        write_back.end(session, entry_id, state, now=now)


def _clear(
    app: App,
    source: TakesHandles,
    entry_id: int,
    external_id: str,
    done: WrittenBack,
    *,
    now: datetime,
) -> None:
    there = source.handle_in(external_id, now=now)
    with app.database.read() as session:
        ours = bool(there) and write_back.is_ours(session, entry_id, there or "")
    if ours:
        source.write_handle(external_id, "", now=now)
        done.cleared += 1
    with app.database.begin() as session:
        write_back.end(session, entry_id, WriteState.CLEARED, now=now)

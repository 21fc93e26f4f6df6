"""Reads customers and orders from CRMs and shops over their APIs, page by page.

A page is stored with its cursor in one transaction: what breaks off goes on there, and a page that
comes twice changes nothing. A system that fails stops no other one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.api import SYSTEMS
from crm.api.source import CrmObject, CrmSource, TakesHandles
from domain.clock import iso
from domain.errors import ConfigError, EarshotError, RemoteError
from earshot.core import circuit_breaker
from earshot.core.app import App
from earshot.customers import write_back
from earshot.customers.sync_pages import Synced, remove_missed, store
from storage import crm_sync, mention_orders, source_state

WRITTEN_BACK = "handles written back"


@dataclass(frozen=True, slots=True)
class Pass:
    """How one pass is to be made."""

    now: datetime
    full: bool = False  # everything anew, to find what is gone
    goes_on: bool = False  # what was read before a pass broke off waits until the rest is, too
    progress: Callable[[Synced], object] = lambda _: None  # is told after every page
    stop: Callable[[], object] = lambda: False  # whether to end before the next page


def sync_due(
    app: App, *, now: datetime, stop: Callable[[], object] = lambda: False
) -> list[Synced]:
    """Read the enabled systems whose time has come, and that may be asked.

    Raises EarshotError when one failed, after all were read.
    """
    due = [name for name in app.config.top.crm.enabled if _is_due(app, name, now)]
    if not due:
        return []
    done = sync(app, due, Pass(now, goes_on=True, stop=stop))
    troubles = [one.trouble for one in done if one.trouble]
    if troubles:
        raise EarshotError("; ".join(troubles))
    return done


def sync(app: App, names: Sequence[str], how: Pass) -> list[Synced]:
    """Read these systems one after the other. What broke off goes on where it was."""
    results: list[Synced] = []
    for name in names:
        results += _read(app, name, how)
    with app.database.begin() as session:
        changes = crm_sync.unsettled(session)
        if changes:
            mention_orders.look_again(session)
            crm_sync.settled(session)
    if changes or any(one.new or one.changed or one.deleted for one in results):
        app.prompt("work")
    return results


def left_alone(app: App, name: str, *, now: datetime) -> str:
    """Why the system is not asked now, "" when it is."""
    settings = app.config.top.crm.systems[name]
    if circuit_breaker.allows(app.database, name, now=now, settings=settings):
        return ""
    return f"{name}: left alone after its last trouble; see earshot doctor"


def _is_due(app: App, name: str, now: datetime) -> bool:
    if left_alone(app, name, now=now):
        return False
    with app.database.read() as session:
        last = source_state.state(session, name).last_ok_at
    return last is None or now - last >= app.config.top.crm.systems[name].every


def _ended_of_late(app: App, name: str, *, now: datetime) -> frozenset[str]:
    """Objects that were read to their end since the whole system was, and not long ago.

    Where a limit ends each pass, the first object would be read again, and the next one never.
    """
    since = now - app.config.top.crm.systems[name].every
    with app.database.read() as session:
        last = source_state.state(session, name).last_ok_at or since
        return crm_sync.ended(session, name, after=max(last, since))


def source_of(app: App, name: str) -> CrmSource:
    """The system's client, made anew: a pass is rare, and a token may have been changed."""
    top = app.config.top.crm
    return SYSTEMS[name].make(top.systems[name], top.phone_region)


def check(app: App, name: str) -> str:
    """A sentence for doctor: what works, and where the reading stands. Raises RemoteError."""
    source = source_of(app, name)
    works = source.check().removeprefix(f"{name}: ")
    with app.database.read() as session:
        places = [crm_sync.place(session, name, one.name) for one in source.objects]
    ends = [one.finished_at for one in places if one.finished_at is not None]
    if len(ends) < len(places):
        return f"{works}; not read to its end yet"
    return f"{works}; read to its end at {iso(min(ends))}"


def _read(app: App, name: str, how: Pass) -> Iterator[Synced]:
    """An error ends this system's pass and is in the result; what came before it is kept."""
    result = Synced(name, "")
    skipped = _ended_of_late(app, name, now=how.now) if how.goes_on else frozenset()
    try:
        source = source_of(app, name)
        for one in source.objects:
            if one.name in skipped:
                continue
            result = Synced(name, one.name)
            whole = _read_object(app, source, one, result, how)
            yield result
            if not whole:
                return
    except (RemoteError, ConfigError) as error:
        result.trouble = str(error)
        circuit_breaker.failed(
            app.database,
            name,
            error,
            now=how.now,
            settings=app.config.top.crm.systems[name],
            jitter=app.jitter(name, how.now),
        )
        yield result
        return
    circuit_breaker.succeeded(app.database, name, now=how.now)
    if isinstance(source, TakesHandles) and source.handle_field:
        yield _written_back(app, name, source, now=how.now)


def _written_back(app: App, name: str, source: TakesHandles, *, now: datetime) -> Synced:
    """Its failing does not stop the reading."""
    result = Synced(name, WRITTEN_BACK)
    key = circuit_breaker.beside(name, "write_back")
    settings = app.config.top.crm.systems[name]
    if not circuit_breaker.allows(app.database, key, now=now, settings=settings):
        return result
    try:
        done = write_back.bring_up_to_date(app, name, source, now=now)
    except RemoteError as error:
        result.trouble = str(error)
        jitter = app.jitter(key, now)
        circuit_breaker.failed(app.database, key, error, now=now, settings=settings, jitter=jitter)
    else:
        circuit_breaker.succeeded(app.database, key, now=now)
        result.new, result.deleted, result.refused = done.written, done.cleared, done.kept
        result.stands_at = now
    return result


def _read_object(app: App, source: CrmSource, what: CrmObject, result: Synced, how: Pass) -> bool:
    """Whether it was read to its end."""
    system, now = source.name, how.now
    with app.database.begin() as session:
        place = crm_sync.place(session, system, what.name)
        if how.full and not place.walk:
            place = crm_sync.begin_walk(session, system, what.name, now=now)
    for page in source.pull(what.name, place.cursor, now=now):
        with app.database.begin() as session:
            changes = store(session, source, what, page, result, walk=place.walk, now=now)
            crm_sync.save_cursor(session, system, what.name, page.cursor, changes=changes, now=now)
        how.progress(result)
        if how.stop():
            return False
    with app.database.begin() as session:
        gone = remove_missed(session, source, what, result, walk=place.walk, now=now)
        crm_sync.finish(session, system, what.name, changes=gone, now=now)
    result.stands_at = now
    return True

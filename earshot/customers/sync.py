"""Reads customers and orders from CRMs and shops over their APIs, page by page.

A page is stored with its cursor in one transaction: what breaks off goes on there, and a page that
comes twice changes nothing. A system that fails stops no other one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from crm.api import SYSTEMS
from crm.api.source import CrmObject, CrmSource, Holds, Page, TakesHandles
from domain.clock import iso
from domain.errors import ConfigError, EarshotError, RemoteError
from earshot.core import circuit_breaker
from earshot.core.app import App
from earshot.customers import write_back
from earshot.customers.intake import settle
from storage import crm_removal, crm_sync, customers, orders, persons, source_state

WRITTEN_BACK = "handles written back"
TOLD = 20  # refused records of one pass that get a sentence


@dataclass(slots=True)
class Synced:
    """What came of one object of a system in one pass."""

    system: str
    what: str  # "contacts", "deals"; "" where the system was not asked at all
    read: int = 0  # records the system sent; some of them again, see crm.api.source.OVERLAP
    new: int = 0
    changed: int = 0
    deleted: int = 0
    refused: int = 0
    told: list[str] = field(default_factory=list)  # a sentence for the first refused ones
    stands_at: datetime | None = None  # what changed there until then is here; None: not yet all
    trouble: str = ""  # why the pass ended early


Progress = Callable[[Synced], None]


def sync_due(app: App, *, now: datetime) -> list[Synced]:
    """Read the enabled systems whose time has come, and that may be asked.

    Raises EarshotError when one failed, after all were read.
    """
    due = [name for name in app.config.top.crm.enabled if _is_due(app, name, now)]
    done = sync(app, due, now=now)
    troubles = [one.trouble for one in done if one.trouble]
    if troubles:
        raise EarshotError("; ".join(troubles))
    return done


def sync(
    app: App,
    names: Sequence[str],
    *,
    now: datetime,
    full: bool = False,
    progress: Progress = lambda _: None,
) -> list[Synced]:
    """Read these systems one after the other.

    full: everything anew, to find what is gone; one that broke off goes on where it was.
    """
    results: list[Synced] = []
    for name in names:
        results += _read(app, name, now, full, progress)
    with app.database.begin() as session:
        changes = crm_sync.unsettled(session)
        if changes:
            settle(session)
            crm_sync.settled(session)
    if changes:
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


def source_of(app: App, name: str) -> CrmSource:
    """The system's client, made anew: a pass is rare, and a token may have been changed."""
    top = app.config.top.crm
    return SYSTEMS[name].make(top.systems[name], top.phone_region)


def check(app: App, name: str) -> str:
    """A sentence for doctor: what works, and where the reading stands. Raises RemoteError."""
    source = source_of(app, name)
    works = source.check()
    with app.database.read() as session:
        places = [crm_sync.place(session, name, one.name) for one in source.objects]
    ends = [one.finished_at for one in places if one.finished_at is not None]
    if len(ends) < len(places):
        return f"{works}; not read to its end yet"
    return f"{works}; read to its end at {iso(min(ends))}"


def _read(
    app: App,
    name: str,
    now: datetime,
    full: bool,  # noqa: FBT001  the flag itself
    progress: Progress,
) -> Iterator[Synced]:
    """An error ends this system's pass and is in the result; what came before it is kept."""
    result = Synced(name, "")
    try:
        source = source_of(app, name)
        for one in source.objects:
            result = Synced(name, one.name)
            _read_object(app, source, one, result, now=now, full=full, progress=progress)
            yield result
    except (RemoteError, ConfigError) as error:
        result.trouble = str(error)
        circuit_breaker.failed(
            app.database,
            name,
            error,
            now=now,
            settings=app.config.top.crm.systems[name],
            jitter=app.jitter(name, now),
        )
        yield result
        return
    circuit_breaker.succeeded(app.database, name, now=now)
    if isinstance(source, TakesHandles) and source.handle_field:
        yield _written_back(app, name, source, now=now)


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


def _read_object(
    app: App,
    source: CrmSource,
    what: CrmObject,
    result: Synced,
    *,
    now: datetime,
    full: bool,
    progress: Progress,
) -> None:
    with app.database.begin() as session:
        place = crm_sync.place(session, source.name, what.name)
        if full and not place.walk:
            place = crm_sync.begin_walk(session, source.name, what.name, now=now)
    for page in source.pull(what.name, place.cursor, now=now):
        with app.database.begin() as session:
            changes = _store(session, source, what, page, result, walk=place.walk, now=now)
            crm_sync.save_cursor(
                session, source.name, what.name, page.cursor, changes=changes, now=now
            )
        progress(result)
    with app.database.begin() as session:
        gone = _remove_missed(session, source, what, result, walk=place.walk, now=now)
        crm_sync.finish(session, source.name, what.name, changes=gone, now=now)
    result.stands_at = now


def _store(
    session: Session,
    source: CrmSource,
    what: CrmObject,
    page: Page,
    result: Synced,
    *,
    walk: int,
    now: datetime,
) -> bool:
    """Store a page; whether anything is different now."""
    refused = {one.external_id: one.reason for one in page.refused}
    before = result.new + result.changed + result.deleted
    held = {one.external_id: repr(replace(one, updated_at=None)) for one in page.customers}
    new = 0
    if page.customers:
        saved = customers.save(session, page.customers, now=now)
        persons.join(session, saved.written)
        new += saved.new
    if page.orders:
        listed = [replace(one, line=at) for at, one in enumerate(page.orders)]
        done = orders.save(session, source.name, listed)
        refused |= {page.orders[one.line].external_id: one.reason for one in done.refused}
        held |= {one.external_id: repr(one) for one in page.orders}
        new += done.new
    ids = {one for one in (*held, *refused) if one}
    noted = crm_sync.note(
        *(session, source.name, what.name),
        {one: "" if one in refused else held[one] for one in ids},
        walk=walk,
    )
    result.read += page.read
    result.new += new
    # What a file has brought before is known, though this system had not sent it yet.
    result.changed += max(len(noted.new | noted.changed) - new, 0)
    result.deleted += _remove(session, source, page.deleted, page.deleted_orders, now=now)
    result.refused += len(page.refused) + len(
        refused.keys() - {one.external_id for one in page.refused}
    )
    room = TOLD - len(result.told)
    result.told += [f"{one or 'one without an id'}: {why}" for one, why in refused.items()][:room]
    return result.new + result.changed + result.deleted > before


def _remove(
    session: Session,
    source: CrmSource,
    customer_ids: Sequence[str],
    order_ids: Sequence[str],
    *,
    now: datetime,
) -> int:
    for one in source.objects:
        gone = customer_ids if one.holds is Holds.CUSTOMERS else order_ids
        if one.holds is not Holds.DELETIONS:
            crm_sync.forget(session, source.name, one.name, gone)
    removed = crm_removal.remove_customers(session, source.name, customer_ids, now=now)
    return removed + crm_removal.remove_orders(session, source.name, order_ids)


def _remove_missed(
    session: Session,
    source: CrmSource,
    what: CrmObject,
    result: Synced,
    *,
    walk: int,
    now: datetime,
) -> bool:
    """After a walk over everything: what it has not met is gone. Whether anything was."""
    place = crm_sync.place(session, source.name, what.name)
    # Another process may have ended this walk: what is new since would look missed.
    whole = what.holds in (Holds.CUSTOMERS, Holds.ORDERS)
    if not walk or place.walk != walk or not whole:
        return False
    ids = crm_sync.missed(session, source.name, what.name, walk)
    if ids and not crm_sync.met(session, source.name, what.name, walk):
        result.trouble = (
            f"{source.name}: it has no {what.name} at all, where it had {len(ids)}: nothing was "
            "removed; see whether its token may still read them"
        )
        return False
    are_customers = what.holds is Holds.CUSTOMERS
    mine = (ids, ()) if are_customers else ((), ids)
    gone = _remove(session, source, *mine, now=now)
    result.deleted += gone
    return gone > 0

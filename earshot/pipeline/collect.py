"""Collects: reads sources side by side, and takes in what files and other tools bring."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from domain.errors import ConfigError, RemoteError
from domain.listing import HISTORY
from domain.mention import Mention
from earshot.brands import matching
from earshot.core import circuit_breaker
from earshot.core.app import App
from earshot.pipeline import pages
from earshot.pipeline.pages import Collected, Progress
from storage import (
    coverage,
    hearing,
    mentions,
)
from storage.mentions import Listed


def collect_all(
    app: App,
    names: Iterable[str],
    *,
    now: datetime,
    since: datetime | None = None,
    progress: Progress | None = None,
) -> list[Collected]:
    """Read these sources side by side, so that a slow one delays no other; in the order given.

    progress: gets a sentence after every page, for a backfill that takes its time.
    """
    names = list(names)
    app.sources  # noqa: B018  made once, before the threads want them
    app.database  # noqa: B018
    with ThreadPoolExecutor(max(len(names), 1), thread_name_prefix="collect") as pool:
        read = partial(collect, app, now=now, since=since, progress=progress)
        return list(pool.map(read, names))


def collect(
    app: App,
    name: str,
    *,
    now: datetime,
    since: datetime | None = None,
    progress: Progress | None = None,
) -> Collected:
    """Read one source for every brand and competitor, page by page.

    An error ends this source's pass and is in the result; what came before it is kept.
    """
    result, started = Collected(name), monotonic()
    try:
        pages.read(app, name, result, now=now, since=since, progress=progress)
    except (RemoteError, ConfigError) as error:
        result.trouble = str(error)
        failed_at = now + timedelta(seconds=int(monotonic() - started))  # a pass may take minutes
        circuit_breaker.failed(
            app.database,
            name,
            error,
            now=failed_at,
            settings=app.config.sources[name],
            jitter=app.jitter(name, failed_at),
        )
        limited = isinstance(error, RemoteError) and error.retry_after is not None
        passed = {"failed": 1, "limited": int(limited)}
    else:
        circuit_breaker.succeeded(app.database, name, now=now)
        passed = {"passes": 1}
    heard = [one.name for one in app.config.tracked if not result.trouble]
    with app.database.begin() as session:
        coverage.add(session, name, passed, now=now)
        hearing.note(session, name, heard, now=now)
    return result


def store_imported(
    app: App, found: Sequence[tuple[Mention, str | None]], *, now: datetime
) -> tuple[int, list[int]]:
    """Store mentions from a file, each with the brand it is said to be about (None: find out).

    Authors are kept: whoever exported the file answers for that.

    Returns how many were new, and the positions of those that name no brand; these are not stored.
    """
    listed, unmatched = [], []
    for position, (mention, brand) in enumerate(found):
        roles = matching.roles(mention, app.config.tracked, found_for=brand)
        quiet = now - mention.published_at > HISTORY
        by_itself = matching.automatic(mention, app.config.tracked)
        listed.append(Listed(mention, roles, quiet, named=roles.keys(), automatic=by_itself))
        if not roles:
            unmatched.append(position)
    with app.database.begin() as session:
        new = mentions.add_new(session, listed, now=now)
    if new:
        app.prompt("work")
    return new, unmatched


def collect_allowed(app: App, *, now: datetime) -> list[Collected]:
    """Read the sources that may be called now; the others are reported with the reason."""
    rest = {name: left_alone(app, name, now=now) for name in app.config.enabled}
    read = collect_all(app, [name for name, why in rest.items() if not why], now=now)
    return [*read, *(Collected(name, trouble=why) for name, why in rest.items() if why)]


def left_alone(app: App, name: str, *, now: datetime) -> str:
    """Why the source is not called now, "" when it is."""
    if circuit_breaker.allows(app.database, name, now=now, settings=app.config.sources[name]):
        return ""
    return f"{name}: left alone after its last trouble; see earshot doctor"

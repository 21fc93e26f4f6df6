"""One source's stream: what its network pushes, stored page by page as a pass stores it."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from threading import Event

from domain.errors import ConfigError, RemoteError
from earshot.core import circuit_breaker
from earshot.core.app import App
from earshot.pipeline import pages
from earshot.pipeline.pages import Collected, Place
from listener.source import Page, Streams
from storage import source_state

log = logging.getLogger(__name__)


def name_of(source: str) -> str:
    """The key of its stream's cursor and state, apart from those of its passes."""
    return circuit_breaker.beside(source, "stream")


def names(app: App) -> Iterator[str]:
    """The enabled sources whose settings ask for their stream."""
    for name, source in app.sources.items():
        if isinstance(source, Streams) and source.streaming:
            yield name


def forget_unasked(app: App) -> None:
    """Forget the state of streams that are not configured any more: nothing else would."""
    unasked = set(map(name_of, app.config.sources)) - set(map(name_of, names(app)))
    with app.database.begin() as session:
        source_state.forget_states(session, unasked)


def listen(app: App, name: str, *, stop: Event, clock: Callable[[], datetime]) -> None:
    """Store what the source's stream brings, for as long as it lasts or until `stop` is set.

    Its failures are kept apart from those of the passes; while they pause the stream, nothing is
    done.
    """
    source, settings, trouble = app.sources[name], app.config.sources[name], name_of(name)
    if not isinstance(source, Streams):
        return
    if not circuit_breaker.allows(app.database, trouble, now=clock(), settings=settings):
        return
    watches = [one.watch for one in app.config.tracked]
    place = Place(trouble, "", "\n".join(map(pages.asked, watches)))
    heard = False

    def take(page: Page) -> None:
        nonlocal heard
        brought = Collected(name)
        pages.store(app, source, page, place, brought, found_for=None, now=clock())
        for what in (*brought.gaps, *brought.broken):
            log.warning("stream told source=%s what=%s", name, what)
        if not heard:
            circuit_breaker.succeeded(app.database, trouble, now=clock())
            heard = True

    try:
        cursor = pages.cursor(app, place)
        source.stream(watches, cursor, take=take, stop=stop, clock=clock)
    except (RemoteError, ConfigError) as error:
        log.warning("stream failed source=%s reason=%s", name, error)
        now = clock()
        jitter = app.jitter(trouble, now)
        circuit_breaker.failed(
            app.database, trouble, error, now=now, settings=settings, jitter=jitter
        )

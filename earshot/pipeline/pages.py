"""One pass over a source, and how a page from any origin is stored."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from domain.clock import iso
from domain.contract import Contract
from domain.listing import HISTORY, Role
from domain.mention import Mention
from earshot.brands import matching
from earshot.core import budget
from earshot.core.app import App
from earshot.pipeline.conversations import in_conversations
from listener.bounds import fitting
from listener.query import UnsayableError
from listener.settings import OneBrandSettings
from listener.source import EVERYTHING, Page, Source, Watch
from listener.sources import SOURCES
from storage import coverage, mentions, source_state
from storage.mentions import Listed

TOLD = 20  # unreadable things of one pass that get a sentence; a million must not fill memory


@dataclass(slots=True)
class Collected:
    """What one source brought, in one pass or in one page of its stream."""

    source: str
    fetched: int = 0  # things the service sent
    matched: int = 0  # of those, about a brand or a competitor
    new: int = 0  # of those, not stored before
    gaps: list[str] = field(default_factory=list)
    unreadable: int = 0  # things that could not be read
    broken: list[str] = field(default_factory=list)  # a sentence for each of the first of them
    trouble: str = ""  # why the pass ended early


@dataclass(frozen=True, slots=True)
class Place:
    """The key of a cursor."""

    source: str  # a source, or its stream
    brand: str  # or the competitor, "" for all of them
    asked: str  # what was searched for: the cursor of another search is ignored


Progress = Callable[[str], None]


def read(
    app: App,
    name: str,
    result: Collected,
    *,
    now: datetime,
    since: datetime | None,
    progress: Progress | None,
) -> None:
    """Read the source for every brand and competitor, page by page, and add up what it brought.

    Raises RemoteError or ConfigError when it fails; what came before is stored.
    """
    source = app.sources[name]
    for walk in _walks(app, name, result):
        _take_in(app, source, walk, result, now=now, since=since, progress=progress)


@dataclass(frozen=True, slots=True)
class _Walk:
    """The part of a pass that has one cursor."""

    name: str  # the brand or competitor, "" when it is read for all of them
    watch: Watch
    answered: bool  # whatever comes answers the query: the source itself has matched it


def _walks(app: App, name: str, result: Collected) -> Iterator[_Walk]:
    kind, settings = SOURCES[name], app.config.sources[name]
    brand = settings.brand.casefold() if isinstance(settings, OneBrandSettings) else ""
    if kind.shared and not brand:
        own = {account for one in app.config.tracked for account in one.own_accounts}
        yield _Walk("", Watch("", EVERYTHING, tuple(sorted(own, key=str))), answered=False)
        return
    for one in app.config.tracked:
        if brand in ("", one.name.casefold()):
            try:
                asks = kind.asks(one.watch)
            except UnsayableError as error:  # no reason not to read it for the others
                result.broken.append(f"{one.name} is left out: {error}")
                continue
            answered = bool(brand) or not asks.left_here
            yield _Walk(one.name, one.watch, answered=answered)


def _take_in(
    app: App,
    source: Source,
    walk: _Walk,
    result: Collected,
    *,
    now: datetime,
    since: datetime | None,
    progress: Progress | None,
) -> None:
    place = Place(source.name, walk.name, asked(walk.watch))
    found_for = walk.name if walk.answered else None
    for page in source.collect(walk.watch, cursor(app, place), since=since, now=now):
        store(app, source, page, place, result, found_for=found_for, now=now)
        if progress is not None:
            progress(_progress(walk.name, page, result))


def cursor(app: App, place: Place) -> Mapping[str, Any] | None:
    """Of the last page stored there; None when there was none, or something else was asked."""
    with app.database.read() as session:
        return source_state.cursor(session, place.source, place.brand, place.asked)


def store(
    app: App,
    source: Source,
    page: Page,
    place: Place,
    result: Collected,
    *,
    found_for: str | None,
    now: datetime,
) -> None:
    """Store a page and the cursor behind it in one transaction, and add up what it brought.

    found_for: the one whose query the source itself has answered with this page; None: find out.
    """
    page = fitting(page)
    listed = _listed(app, page, source, found_for=found_for, now=now)
    matched = sum(any(role is not Role.OWN for role in each.roles.values()) for each in listed)
    with app.database.begin() as session:
        new = mentions.add_new(session, listed, now=now)
        source_state.save_cursor(
            session, place.source, place.brand, place.asked, state=page.cursor, now=now
        )
        budget.book(session, source.name, app.config.sources[source.name], page.reads, now=now)
        _note_gap(session, source.name, place.brand, page, now)
        fresh = 0 if page.backlog else new
        brought = {"fetched": page.fetched, "matched": matched, "new": fresh}
        if page.counted is not None:
            brought |= {"counted": page.counted.there, "came": page.counted.came}
        coverage.add(session, source.name, brought, now=now)
    if new:
        app.prompt("work")
    result.fetched += page.fetched
    result.matched += matched
    result.new += new
    result.unreadable += len(page.broken)
    result.broken += page.broken[: TOLD - len(result.broken)]
    if page.gap is not None:
        result.gaps.append(page.gap.reason)


def _progress(brand: str, page: Page, result: Collected) -> str:
    oldest = min((mention.published_at for mention in page.mentions), default=None)
    back_to = f", back to {iso(oldest)}" if oldest else ""
    of = f" for {brand}" if brand else ""
    return f"{result.source}: fetched {result.fetched}, new {result.new}{of}{back_to}"


def asked(watch: Watch) -> str:
    """What a cursor belongs to: another query, account or language starts from the beginning."""
    accounts = (*watch.own_accounts, *watch.only_addressed)
    own = sorted(f"{account.source}:{account.account}" for account in accounts)
    return " ".join((watch.query.text, *own, *sorted(watch.languages)))


def _listed(
    app: App, page: Page, source: Source, *, found_for: str | None, now: datetime
) -> list[Listed]:
    """The mentions with their brands; one of no brand may still update an older version.

    Old posts of a first pass or a backfill open no incident.
    """
    found, nameless = [], []
    for mention in page.mentions:
        roles = matching.roles(mention, app.config.tracked, found_for=found_for)
        if roles:
            by_itself = matching.automatic(mention, app.config.tracked)
            found.append(Listed(mention, roles, named=roles.keys(), automatic=by_itself))
        else:
            nameless.append(mention)
    if nameless:
        with app.database.read() as session:
            found += in_conversations(session, nameless, app.config.tracked, beside=found)
    about = [
        replace(
            one,
            mention=_allowed(one.mention, source.contract),
            quiet=one.quiet or _is_history(one.mention, page, now),
        )
        for one in found
    ]
    nobody = (Listed(_allowed(mention, source.contract), {}, quiet=True) for mention in nameless)
    return [*about, *nobody]


def _is_history(mention: Mention, page: Page, now: datetime) -> bool:
    old = page.backlog and now - mention.published_at > HISTORY
    return old or mention.external_id in page.ageless


def _allowed(mention: Mention, contract: Contract) -> Mention:
    """The mention without what its source's contract does not let us keep."""
    return mention if contract.keep_authors else replace(mention, author=None)


def _note_gap(session: Session, source: str, brand: str, page: Page, now: datetime) -> None:
    if page.gap is not None:
        gap = page.gap
        source_state.add_gap(
            session, source, brand, since=gap.since, until=gap.until, reason=gap.reason, now=now
        )

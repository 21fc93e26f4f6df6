"""One pass over a source: what is asked for whom, each page stored with the cursor behind it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from domain.clock import iso
from domain.contract import Contract
from domain.mention import Mention
from earshot import matching, spending
from earshot.listening import Listening
from earshot.wiring import App
from listener.bounds import fitting
from listener.settings import OneBrandSettings
from listener.source import EVERYTHING, Page, Source, Watch
from listener.sources import SOURCES
from storage import coverage, mentions, sources
from storage.mentions import Listed
from storage.tables import Role

TOLD = 20  # unreadable things of one pass that get a sentence; a million must not fill memory
HISTORY = timedelta(days=7)  # imported or back-filled, a mention older than this wakes nobody


@dataclass(slots=True)
class Collected:
    """What one source brought in one pass."""

    source: str
    fetched: int = 0  # things the service sent
    matched: int = 0  # of those, about a brand or a competitor
    new: int = 0  # of those, not stored before
    gaps: list[str] = field(default_factory=list)
    unreadable: int = 0  # things that could not be read
    broken: list[str] = field(default_factory=list)  # a sentence for each of the first of them
    trouble: str = ""  # why the pass ended early


Told = Callable[[str], None]


def read(
    app: App,
    name: str,
    result: Collected,
    *,
    now: datetime,
    since: datetime | None,
    told: Told | None,
) -> None:
    """Read the source for every brand and competitor, page by page, and add up what it brought.

    Raises RemoteError or ConfigError when it fails; what came before is stored.
    """
    source = app.sources[name]
    for stream in _streams(app, name):
        _take_in(app, source, stream, result, now=now, since=since, told=told)


@dataclass(frozen=True, slots=True)
class _Stream:
    """What is read from a source with one cursor."""

    name: str  # the brand or competitor, "" when it is read for all of them
    watch: Watch
    answered: bool  # whatever comes answers the query: the source itself has matched it


def _streams(app: App, name: str) -> Iterator[_Stream]:
    kind, settings = SOURCES[name], app.config.sources[name]
    brand = settings.brand.casefold() if isinstance(settings, OneBrandSettings) else ""
    if kind.shared and not brand:
        own = {account for one in app.config.listening for account in one.own_accounts}
        yield _Stream("", Watch("", EVERYTHING, tuple(sorted(own, key=str))), answered=False)
        return
    for one in app.config.listening:
        if brand in ("", one.name.casefold()):
            answered = bool(brand) or not kind.asks(one.watch).left_here
            yield _Stream(one.name, one.watch, answered=answered)


def _take_in(
    app: App,
    source: Source,
    stream: _Stream,
    result: Collected,
    *,
    now: datetime,
    since: datetime | None,
    told: Told | None,
) -> None:
    asked = _asked(stream.watch)
    found_for = stream.name if stream.answered else None
    with app.database.read() as session:
        cursor = sources.cursor(session, source.name, stream.name, asked)
    for page in map(fitting, source.collect(stream.watch, cursor, since=since, now=now)):
        listed = _listed(page, source, app.config.listening, found_for=found_for, now=now)
        with app.database.begin() as session:
            new = mentions.add_new(session, listed, now=now)
            sources.save_cursor(
                session, source.name, stream.name, asked, state=page.cursor, now=now
            )
            spending.book(
                session, source.name, app.config.sources[source.name], page.reads, now=now
            )
            _note_gap(session, source.name, stream.name, page, now)
            matched = sum(Role.OWN not in each.roles.values() for each in listed)
            fresh = 0 if page.backlog else new
            brought = {"fetched": page.fetched, "matched": matched, "new": fresh}
            coverage.add(session, source.name, brought, now=now)
        result.fetched += page.fetched
        result.matched += matched
        result.new += new
        result.unreadable += len(page.broken)
        result.broken += page.broken[: TOLD - len(result.broken)]
        if page.gap is not None:
            result.gaps.append(page.gap.reason)
        if told is not None:
            told(_progress(stream.name, page, result))


def _progress(brand: str, page: Page, result: Collected) -> str:
    oldest = min((mention.published_at for mention in page.mentions), default=None)
    back_to = f", back to {iso(oldest)}" if oldest else ""
    of = f" for {brand}" if brand else ""
    return f"{result.source}: fetched {result.fetched}, new {result.new}{of}{back_to}"


def _asked(watch: Watch) -> str:
    """What a cursor is good for: another query, account or language starts from the beginning."""
    own = sorted(f"{account.source}:{account.account}" for account in watch.own_accounts)
    return " ".join((watch.query.text, *own, *sorted(watch.languages)))


def _listed(
    page: Page,
    source: Source,
    listening: Sequence[Listening],
    *,
    found_for: str | None,
    now: datetime,
) -> list[Listed]:
    """What the page says of whom; what names nobody is left out.

    Old posts of a first pass or a backfill wake nobody.
    """
    found = []
    for mention in page.mentions:
        roles = matching.roles(mention, listening, found_for=found_for)
        if roles:
            quiet = page.backlog and now - mention.published_at > HISTORY
            found.append(Listed(_allowed(mention, source.contract), roles, quiet=quiet))
    return found


def _allowed(mention: Mention, contract: Contract) -> Mention:
    """The mention without what its source's contract does not let us keep."""
    return mention if contract.keep_authors else replace(mention, author=None)


def _note_gap(session: Session, source: str, brand: str, page: Page, now: datetime) -> None:
    if page.gap is not None:
        gap = page.gap
        sources.add_gap(
            session, source, brand, since=gap.since, until=gap.until, reason=gap.reason, now=now
        )

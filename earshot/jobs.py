"""One mention's way, step by step. A step may be repeated at any time and doubles nothing.

collect → score → link → triage → answer → notify → snapshot → digest → comply. The database holds
how far each mention has come; `full_pass` runs the steps in this order, `earshot run` keeps on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts import incident as incidents
from alerts.incident import Change, Placement
from alerts.rules import evaluate
from crm.handles import network
from crm.match import Candidate, match
from domain.errors import ConfigError, RemoteError
from domain.incident import Incident, Opening, Triaged
from domain.mention import Mention
from domain.sentiment import Sentiment
from earshot import announce, matching, phrases, troubles
from earshot.known import known_customers, triaged_of
from earshot.listening import Listening
from earshot.wiring import App
from listener.contracts import contract_of
from listener.source import Page, Source, Watch
from storage import answers, customers, links, mentions, outbox, sources, views
from storage import incidents as stored
from storage.mentions import Listed, Work
from storage.tables import Role, Stage

SCORE_BATCH = 256
LINK_BATCH = 500
TRIAGE_BATCH = 100
ANSWERABLE = timedelta(days=30)  # a reply to something older is not looked for
HISTORY = timedelta(days=7)  # imported or back-filled, a mention older than this wakes nobody


# --- 1. collect -------------------------------------------------------------------------------


@dataclass(slots=True)
class Collected:
    """What one source brought in one pass."""

    source: str
    fetched: int = 0  # things the service sent
    matched: int = 0  # of those, about a brand or a competitor
    new: int = 0  # of those, not stored before
    gaps: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # things that could not be read
    trouble: str = ""  # why the pass ended early


def collect(app: App, name: str, *, now: datetime, since: datetime | None = None) -> Collected:
    """Read one source for every brand and competitor, page by page.

    Trouble ends this source's pass and is told in the result; what came before it is kept.
    """
    result = Collected(name)
    try:
        source = app.sources[name]
        for one in app.config.listening:
            _collect_for(app, source, one, result, now=now, since=since)
    except (RemoteError, ConfigError) as error:
        result.trouble = str(error)
        troubles.note(app.database, name, error, now=now, settings=app.config.sources[name])
    else:
        troubles.clear(app.database, name, now=now)
    return result


def _collect_for(
    app: App,
    source: Source,
    one: Listening,
    result: Collected,
    *,
    now: datetime,
    since: datetime | None,
) -> None:
    asked = _asked(one.watch)
    with app.database.read() as session:
        cursor = sources.cursor(session, source.name, one.name, asked)
    for page in source.collect(one.watch, cursor, since=since, now=now):
        listed = _listed(page, app.config.listening, found_for=one.name, now=now)
        with app.database.begin() as session:
            new = mentions.add_new(session, listed, now=now)
            sources.save_cursor(session, source.name, one.name, asked, state=page.cursor, now=now)
            _note_gap(session, source.name, one.name, page, now)
        result.fetched += page.fetched
        result.matched += sum(Role.OWN not in each.roles.values() for each in listed)
        result.new += new
        result.broken += page.broken
        if page.gap is not None:
            result.gaps.append(page.gap.reason)


def _asked(watch: Watch) -> str:
    """What a cursor is good for: another query, account or language starts from the beginning."""
    own = sorted(f"{account.source}:{account.account}" for account in watch.own_accounts)
    return " ".join((watch.query.text, *own, *sorted(watch.languages)))


def _listed(
    page: Page, listening: Sequence[Listening], *, found_for: str, now: datetime
) -> list[Listed]:
    """What the page says of whom. Old posts of a first pass or a backfill wake nobody."""
    return [
        Listed(
            mention,
            matching.roles(mention, listening, found_for=found_for),
            quiet=page.backlog and now - mention.published_at > HISTORY,
        )
        for mention in page.mentions
    ]


def _note_gap(session: Session, source: str, brand: str, page: Page, now: datetime) -> None:
    if page.gap is not None:
        gap = page.gap
        sources.add_gap(
            session, source, brand, since=gap.since, until=gap.until, reason=gap.reason, now=now
        )


def store_imported(
    app: App, found: Sequence[tuple[Mention, str | None]], *, now: datetime
) -> tuple[int, list[int]]:
    """Store mentions from a file, each with the brand it is said to be about (None: find out).

    Returns how many were new, and the positions of those that name no brand; these are not stored.
    """
    listed, unmatched = [], []
    for position, (mention, brand) in enumerate(found):
        roles = matching.roles(mention, app.config.listening, found_for=brand)
        if roles:
            listed.append(Listed(mention, roles, quiet=now - mention.published_at > HISTORY))
        else:
            unmatched.append(position)
    with app.database.begin() as session:
        return mentions.add_new(session, listed, now=now), unmatched


# --- 2. score ---------------------------------------------------------------------------------


def score(app: App, *, now: datetime) -> int:
    """Give every waiting listing its tone toward its brand; return how many were scored."""
    done = 0
    model = phrases.model(app.classifier.name, app.config.top.sentiment.phrases)
    with app.database.begin() as session:
        mentions.use_model(session, model)
    while True:
        with app.database.read() as session:
            works = mentions.waiting(session, Stage.COLLECTED, limit=SCORE_BATCH)
        if not works:
            return done
        tones = [replace(tone, model=model) for tone in _tones(app, works)]
        scored = list(zip(works, tones, strict=True))
        with app.database.begin() as session:
            mentions.add_scores(session, scored, now=now)
        done += len(scored)


def _tones(app: App, works: Sequence[Work]) -> list[Sentiment]:
    texts = [as_read(app, work.text, work.brand) for work in works]
    langs = [work.lang for work in works]
    targets = [
        matching.places(text, work.brand, app.config.listening)
        for text, work in zip(texts, works, strict=True)
    ]
    return app.classifier.classify(texts, langs, targets)


def as_read(app: App, text: str, brand: str) -> str:
    """What the model reads: the part that is about the brand, with phrases as they are meant."""
    passage = matching.passage(text, brand, app.config.listening)
    return phrases.read(passage, brand, app.config.top.sentiment.phrases)


# --- 3. link ----------------------------------------------------------------------------------


def link(app: App, *, now: datetime) -> int:
    """Look for the customer behind every author not checked yet; return how many were linked."""
    linked = 0
    while True:
        with app.database.begin() as session:
            authors = links.to_check(session, limit=LINK_BATCH)
            for row in authors:
                held = customers.holders(session, network(row.source), row.handle)
                found = [
                    Candidate(one.id, one.system, entry.network, entry.handle, entry.on_file_at)
                    for one, entry in held
                ]
                verdicts = match(links.author_of(row), row.source, found, contract_of(row.source))
                links.judge(session, row, verdicts, now=now)
                linked += bool(verdicts)
        if len(authors) < LINK_BATCH:
            return linked


# --- 4. triage --------------------------------------------------------------------------------


def triage(app: App, *, now: datetime) -> int:
    """Let the rules look at every scored listing once; return how many incidents they opened."""
    opened = 0
    while True:
        with app.database.begin() as session:
            works = mentions.waiting(session, Stage.SCORED, limit=TRIAGE_BATCH)
            for one in _to_judge(session, works, app, now=now):
                opened += _judge(session, one, app, now=now)
            mentions.move(session, works, Stage.DONE)
        if len(works) < TRIAGE_BATCH:
            return opened


def identify(app: App, *, now: datetime) -> int:
    """Tell live incidents whose author has turned out to be a customer; return how many.

    The CRM is imported, or a link confirmed, after the complaint came: the promise becomes the
    customer's.
    """
    told = 0
    with app.database.begin() as session:
        for row in stored.unidentified(session):
            mentions_of = announce.mentions_of(session, app, row.id, now=now)
            triaged = next((one for one in mentions_of if one.customer is not None), None)
            if triaged is None:
                continue  # two people are confirmed: nobody is shown
            opening = evaluate(app.config.top.alerts.rules, triaged)
            change = incidents.identify(stored.incident_of(row), triaged, opening, now=now)
            _save(session, change, opening if change.incident.rule != row.rule else None)
            announce.changed(session, app, change.incident, now=now)
            told += 1
    return told


def _to_judge(session: Session, works: Sequence[Work], app: App, *, now: datetime) -> list[Triaged]:
    """The listings the rules may judge, in the order they were published."""
    keys = {(work.mention_id, work.brand) for work in works}
    wanted = views.Filter(ids=[work.mention_id for work in works], roles=(Role.BRAND,))
    found = [
        view
        for view in views.search(session, wanted)
        if (view.mention.id, view.listing.brand) in keys
        and not view.listing.quiet
        and not view.mention.is_repost
    ]
    known = known_customers(session, found, app.config, now=now)
    return sorted(
        (triaged_of(view, known) for view in found),
        key=lambda one: (one.published_at, one.mention_id),
    )


def _judge(session: Session, triaged: Triaged, app: App, *, now: datetime) -> bool:
    """Open, join or reopen an incident for this mention, or leave it; True when one was opened."""
    row = stored.newest_with_key(session, incidents.key_of(triaged))
    opening = evaluate(app.config.top.alerts.rules, triaged)
    newest = stored.incident_of(row, triaged.customer) if row is not None else None
    where = incidents.placement(newest, triaged)
    if opening is None or newest is None or where is Placement.NEW:
        return opening is not None and _open(session, triaged, opening, app, now=now)
    if not stored.join(session, newest.id, triaged.mention_id) or where is Placement.COVERED:
        return False
    if where is Placement.REOPEN:
        change = incidents.reopen(newest, triaged, opening, now=now)
    else:
        change = incidents.join(newest, triaged, opening, now=now)
    _save(session, change, opening if change.incident.rule != newest.rule else None)
    announce.joined(session, app, change.incident, triaged, opening, now=now)
    return where is Placement.REOPEN


def _open(session: Session, triaged: Triaged, opening: Opening, app: App, *, now: datetime) -> bool:
    change = incidents.open_incident(triaged, opening, now=now)
    row = stored.add(session, change.incident, opening.reasons, _event(change))
    stored.join(session, row.id, triaged.mention_id)
    opened = stored.incident_of(row, triaged.customer)
    announce.opened(session, app, opened, triaged, opening, now=now)
    return True


def _save(session: Session, change: Change, opening: Opening | None = None) -> None:
    """opening: whose rule holds the incident from now on; None: the one before."""
    reasons = opening.reasons if opening is not None else None
    stored.save(session, change.incident, _event(change), reasons)


def _event(change: Change) -> stored.Event:
    audit = change.audit
    return stored.Event(
        audit.at, audit.by, audit.action, audit.before or "", audit.after, audit.note
    )


# --- 5. answer --------------------------------------------------------------------------------


def answer(app: App, *, now: datetime) -> int:
    """Stop the clock of every mention its brand has answered; wake what was snoozed until now.

    Returns how many mentions got their answer. Order does not matter: a reply seen before the
    mention it answers is found again.
    """
    answered = 0
    with app.database.begin() as session:
        for one in answers.candidates(session, since=now - ANSWERABLE):
            if not answers.mark(session, one.mention_id, one.brand, at=one.reply_published_at):
                continue  # an earlier reply has answered it
            answered += 1
            _close(session, app, one, now=now)
        for row in stored.snoozed_out(session, now=now):
            change = incidents.wake(stored.incident_of(row), now=now)
            _save(session, change)
            announce.changed(session, app, change.incident, now=now)
    return answered


def _close(session: Session, app: App, one: answers.Candidate, *, now: datetime) -> None:
    for row in stored.with_mention(session, one.mention_id, one.brand):
        before = stored.incident_of(row)
        if not incidents.is_news(before, one.reply_published_at):
            continue
        change = incidents.answer(before, answered_at=one.reply_published_at, now=now)
        _save(session, change)
        again = _asked_again(session, app, change.incident, now=now)
        announce.changed(session, app, again or change.incident, now=now)


def _asked_again(
    session: Session, app: App, answered: Incident, *, now: datetime
) -> Incident | None:
    """Reopen an incident whose answer was seen late, after its author had complained once more."""
    for triaged in announce.mentions_of(session, app, answered.id, now=now):
        opening = evaluate(app.config.top.alerts.rules, triaged)
        if opening is not None and incidents.placement(answered, triaged) is Placement.REOPEN:
            change = incidents.reopen(answered, triaged, opening, now=now)
            _save(session, change)
            return change.incident
    return None


def change_incident(
    app: App, incident_id: int, act: Callable[[Incident], Change], *, now: datetime
) -> Incident:
    """Apply a person's decision to an incident and tell the channel.

    Raises EarshotError when there is no such incident or it is past that.
    """
    with app.database.begin() as session:
        row = stored.get(session, incident_id)
        change = act(stored.incident_of(row))
        _save(session, change)
        announce.changed(session, app, change.incident, now=now)
    return change.incident


# --- 8. comply --------------------------------------------------------------------------------


def comply(app: App, *, now: datetime) -> int:
    """Delete what is kept longer than its source or [privacy] allows; return how many mentions.

    Time counts from when a mention was stored: that is what the platforms limit.
    """
    gone = 0
    own = timedelta(days=app.config.top.privacy.retention_days)
    with app.database.begin() as session:
        for source in mentions.source_names(session):
            keep = min(own, contract_of(source).retention)
            gone += mentions.forget_stored_before(session, source, now - keep)
        outbox.forget_before(session, now - own)
    return gone

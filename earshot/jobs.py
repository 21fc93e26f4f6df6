"""One mention's way, step by step. A step may be repeated at any time and doubles nothing.

collect → sift → score → link → triage → answer → notify → snapshot → digest → comply. The database
holds how far each mention has come; `full_pass` runs the steps in this order, `earshot run` keeps
on.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from time import monotonic

from sqlalchemy.orm import Session

from alerts import lifecycle as incidents
from alerts.kinds import named
from alerts.lifecycle import Placement
from alerts.rules import evaluate
from crm.handles import network
from crm.match import Candidate, match
from domain.errors import ConfigError, RemoteError
from domain.incident import Change, Incident, Opening, Resolution, Triaged
from domain.listing import Role, Stage
from domain.mention import Mention
from earshot.alerting import messages, notifications
from earshot.brands import matching
from earshot.compliance import redaction
from earshot.core import circuit_breaker
from earshot.core.app import App
from earshot.customers.profile import known_customers, triaged_of
from earshot.pipeline import collecting
from earshot.pipeline.collecting import HISTORY, Collected, Told
from listener.contracts import contract_of
from listener.stories import WITHIN
from storage import (
    answers,
    coverage,
    customers,
    links,
    mentions,
    outbox,
    stories,
    views,
)
from storage import incidents as stored
from storage.mentions import Listed, Work

LINK_BATCH = 500
TRIAGE_BATCH = 100
ANSWERABLE = timedelta(days=30)  # a reply to something older is not looked for
STORIES = WITHIN + timedelta(days=1)  # a copy that is stored later still is not recognised


# --- 1. collect -------------------------------------------------------------------------------


def collect_all(
    app: App,
    names: Iterable[str],
    *,
    now: datetime,
    since: datetime | None = None,
    told: Told | None = None,
) -> list[Collected]:
    """Read these sources side by side, so that a slow one delays no other; in the order given.

    told: gets a sentence after every page, for a backfill that takes its time.
    """
    names = list(names)
    app.sources  # noqa: B018  made once, before the threads want them
    app.database  # noqa: B018
    with ThreadPoolExecutor(max(len(names), 1), thread_name_prefix="collect") as pool:
        read = partial(collect, app, now=now, since=since, told=told)
        return list(pool.map(read, names))


def collect(
    app: App,
    name: str,
    *,
    now: datetime,
    since: datetime | None = None,
    told: Told | None = None,
) -> Collected:
    """Read one source for every brand and competitor, page by page.

    Trouble ends this source's pass and is told in the result; what came before it is kept.
    """
    result, started = Collected(name), monotonic()
    try:
        collecting.read(app, name, result, now=now, since=since, told=told)
    except (RemoteError, ConfigError) as error:
        result.trouble = str(error)
        failed_at = now + timedelta(seconds=int(monotonic() - started))  # a pass may take minutes
        circuit_breaker.note(
            app.database, name, error, now=failed_at, settings=app.config.sources[name]
        )
        limited = isinstance(error, RemoteError) and error.retry_after is not None
        passed = {"failed": 1, "limited": int(limited)}
    else:
        circuit_breaker.clear(app.database, name, now=now)
        passed = {"passes": 1}
    with app.database.begin() as session:
        coverage.add(session, name, passed, now=now)
    return result


def store_imported(
    app: App, found: Sequence[tuple[Mention, str | None]], *, now: datetime
) -> tuple[int, list[int]]:
    """Store mentions from a file, each with the brand it is said to be about (None: find out).

    Who got them from the network had its leave to keep the authors, and answers for that.

    Returns how many were new, and the positions of those that name no brand; these are not stored.
    """
    listed, unmatched = [], []
    for position, (mention, brand) in enumerate(found):
        roles = matching.roles(mention, app.config.listening, found_for=brand)
        quiet = now - mention.published_at > HISTORY
        listed.append(Listed(mention, roles, quiet, named=roles.keys()))
        if not roles:
            unmatched.append(position)
    with app.database.begin() as session:
        return mentions.add_new(session, listed, now=now), unmatched


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
            redaction.edited_out(session, app, works, now=now)
            # One that is judged again was edited: what shows it shows its newest words and tone.
            outbox.withdrawn(session, [work.mention_id for work in works], now=now)
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
        for incident in stored.unidentified(session, named(attrgetter("identifies"))):
            mentions_of = messages.mentions_of(session, app, incident, now=now)
            triaged = next((one for one in mentions_of if one.customer is not None), None)
            if triaged is None:
                continue  # two people are confirmed: nobody is shown
            opening = evaluate(app.config.top.alerts.rules, triaged)
            change = incidents.identify(incident, triaged, opening, now=now)
            stored.save(session, *change)
            notifications.changed(session, change.incident, now=now)
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
    newest = stored.newest_with_key(session, incidents.key_of(triaged))
    opening = evaluate(app.config.top.alerts.rules, triaged)
    where = incidents.placement(newest, triaged)
    if opening is None or newest is None or where is Placement.NEW:
        if opening is None or _is_told(session, triaged, opening):
            return False
        return _open(session, triaged, opening, app, now=now)
    # Of one that was closed because its words were edited away, they are back.
    joined = stored.join(session, newest.id, triaged.mention_id)
    told = not joined and newest.resolution != Resolution.EDITED
    if told or where is Placement.COVERED:
        return False
    if where is Placement.REOPEN:
        change = incidents.reopen(newest, triaged, opening, now=now)
    else:
        change = incidents.join(newest, triaged, opening, now=now)
    stored.save(session, *change)
    notifications.joined(session, app, change.incident, triaged.mention_id, now=now)
    return where is Placement.REOPEN


def _is_told(session: Session, triaged: Triaged, opening: Opening) -> bool:
    """Whether an incident has told this story already: one story alerts once."""
    if triaged.story_id is None:
        return False
    kinds = named(attrgetter("tells_story"))
    told = stored.of_story(session, triaged.story_id, triaged.brand, kinds)
    return told is not None and not incidents.tells_anew(told, triaged, opening)


def _open(session: Session, triaged: Triaged, opening: Opening, app: App, *, now: datetime) -> bool:
    change = incidents.open_incident(triaged, opening, now=now)
    opened = stored.add(session, *change)
    stored.join(session, opened.id, triaged.mention_id)
    notifications.opened(session, app, opened, now=now)
    return True


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
        for incident in stored.snoozed_out(session, now=now):
            change = incidents.wake(incident, now=now)
            stored.save(session, *change)
            notifications.changed(session, change.incident, now=now)
    return answered


def _close(session: Session, app: App, one: answers.Candidate, *, now: datetime) -> None:
    asking = named(attrgetter("asks"))
    for incident in stored.with_mention(session, one.mention_id, one.brand, asking):
        if not incidents.is_news(incident, one.reply_published_at):
            continue
        change = incidents.answer(incident, answered_at=one.reply_published_at, now=now)
        stored.save(session, *change)
        again = _asked_again(session, app, change.incident, now=now)
        notifications.changed(session, again or change.incident, now=now)


def _asked_again(
    session: Session, app: App, answered: Incident, *, now: datetime
) -> Incident | None:
    """Reopen an incident whose answer was seen late, after its author had complained once more."""
    for triaged in messages.mentions_of(session, app, answered, now=now):
        opening = evaluate(app.config.top.alerts.rules, triaged)
        if opening is not None and incidents.placement(answered, triaged) is Placement.REOPEN:
            change = incidents.reopen(answered, triaged, opening, now=now)
            stored.save(session, *change)
            return change.incident
    return None


def change_incident(
    app: App, incident_id: int, act: Callable[[Incident], Change], *, now: datetime
) -> Incident:
    """Apply a person's decision to an incident and tell the channel.

    Raises EarshotError when there is no such incident or it is past that.
    """
    with app.database.begin() as session:
        change = act(stored.get(session, incident_id))
        stored.save(session, *change)
        notifications.changed(session, change.incident, now=now)
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
            keep = min(own, contract_of(source).retention or own)
            gone += mentions.forget_stored_before(session, source, now - keep)
        stories.forget_before(session, now - STORIES)
    return gone

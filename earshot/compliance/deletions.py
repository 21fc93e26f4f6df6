"""Looks stored posts up on their platforms, and redacts what was deleted there.

A post counts as deleted when its platform calls it gone twice, some minutes apart: an error is no
deletion, and neither is one odd answer. A network that looks posts up in batches itself calls a
post deleted, and when: that counts at once.

What is only not shown to us may come back: it is hidden and looked up for as long as it is. It
counts as deleted when it has not come back for a long time.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import RemoteError
from domain.mention import Standing
from earshot.compliance import deletion_batches, redaction
from earshot.core import circuit_breaker
from earshot.core.app import App
from listener.contracts import contract_of
from listener.source import BatchLookup, Rechecks
from storage import deletions
from storage.answers import DELETED_WITHIN
from storage.deletions import Due, FreshAnswers
from storage.sql import batches
from storage.tables import SHOWN

log = logging.getLogger(__name__)

LIVE_FOR = timedelta(days=30)  # older posts that stand are no longer asked after
HIDDEN_FOR = timedelta(days=60)  # what is not shown to us for longer counts as deleted
CONFIRM_AFTER = timedelta(minutes=10)
# An own answer that is deleted within half an hour was none: so long it is looked up so often.
ANSWERS_EVERY = timedelta(minutes=1)
SPARE = timedelta(hours=1)
CALLS = 20  # of one pass and source: most of the service's allowance is for collecting
STORED_AT_ONCE = 500  # results of a batch in one transaction: others wait to write


@dataclass(slots=True)
class RecheckCounts:
    """What one pass found."""

    checked: int = 0
    purged: int = 0
    hidden: int = 0


def recheck(app: App, *, now: datetime) -> RecheckCounts:
    """Recheck what is due, source by source; one that fails stops no other."""
    done = RecheckCounts()
    for name, source in app.sources.items():
        state, settings = deletion_batches.name_of(name), app.config.sources[name]
        if not isinstance(source, (Rechecks, BatchLookup)):
            continue
        if not circuit_breaker.allows(app.database, state, now=now, settings=settings):
            continue
        try:
            _recheck(app, name, source, done, now=now)
        except RemoteError as error:
            log.warning("recheck failed source=%s reason=%s", name, error)
            jitter = app.jitter(state, now)
            circuit_breaker.failed(
                app.database, state, error, now=now, settings=settings, jitter=jitter
            )
        else:
            circuit_breaker.succeeded(app.database, state, now=now)
    _give_up(app, done, now=now)
    return done


def _give_up(app: App, done: RecheckCounts, *, now: datetime) -> None:
    """Redact what has been hidden for too long.

    A source that fails says nothing: there the last answers before it count. A source that is not
    asked any more will show nothing again.
    """
    with app.database.begin() as session:
        for name in deletions.hiding(session):
            asked = isinstance(app.sources.get(name), (Rechecks, BatchLookup))
            found = deletions.hidden_for(session, name, HIDDEN_FOR, until=None if asked else now)
            redaction.take_back(session, app, found, now=now)
            done.purged += len(found)


def _recheck(
    app: App, name: str, source: Rechecks | BatchLookup, done: RecheckCounts, *, now: datetime
) -> None:
    """Look each post up twice within the time in which its source wants deletions followed."""
    every = contract_of(name).delete_within / 2 - SPARE
    if isinstance(source, BatchLookup):
        _recheck_batch(app, name, source, done, every=every, now=now)
        return
    found = _due(app, name, source.recheck_at_once, every, now)
    for dues in batches(found, source.recheck_at_once):
        standings = source.recheck([one.external_id for one in dues], now=now)
        _store(app, dues, standings, done, now=now)


def _recheck_batch(
    app: App,
    name: str,
    source: BatchLookup,
    done: RecheckCounts,
    *,
    every: timedelta,
    now: datetime,
) -> None:
    result = deletion_batches.result(app, name, source, since=now - LIVE_FOR, every=every, now=now)
    if result is None:
        return
    found, standings = result
    for dues in batches(found, STORED_AT_ONCE):
        _store(app, dues, standings, done, now=now, certain=True)
    deletion_batches.close(app, name, now=now)


def _due(app: App, name: str, at_once: int, every: timedelta, now: datetime) -> list[Due]:
    with app.database.read() as session:
        return deletions.due(
            session,
            name,
            since=now - LIVE_FOR,
            checked_before=now - every,
            absent_before=now - CONFIRM_AFTER,
            answers=FreshAnswers(now - DELETED_WITHIN, now - ANSWERS_EVERY),
            limit=at_once * CALLS,
        )


def _store(
    app: App,
    dues: Sequence[Due],
    standings: Mapping[str, Standing],
    done: RecheckCounts,
    *,
    now: datetime,
    certain: bool = False,
) -> None:
    """Store what has become of the posts; those without an answer are asked after again, last.

    certain: a post counts as gone at once, without a second check.
    """
    by_standing: dict[Standing, list[int]] = {standing: [] for standing in Standing}
    for one in dues:
        standing = standings.get(one.external_id)
        if standing is Standing.GONE and not (one.called_gone or certain):
            standing = Standing.ABSENT if one.standing in SHOWN else Standing.HIDDEN_ABSENT
        if standing is not None:
            by_standing[standing].append(one.mention_id)
            done.checked += 1
    unanswered = [one.mention_id for one in dues if one.external_id not in standings]
    with app.database.begin() as session:
        deletions.asked(session, unanswered, now=now)
        for standing, mention_ids in by_standing.items():
            if standing is not Standing.GONE:
                deletions.note(session, mention_ids, standing, now=now)
        redaction.take_back(session, app, by_standing[Standing.GONE], now=now)
    done.purged += len(by_standing[Standing.GONE])
    done.hidden += len(by_standing[Standing.HIDDEN])

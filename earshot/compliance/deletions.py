"""Asks the platforms what has become of what is stored, and takes back what was deleted there.

A post counts as deleted when its platform calls it gone twice, some minutes apart: an error is no
deletion, and neither is one odd answer. Where posts are asked after by order, the network itself
calls a post deleted, and when: that is no odd answer, and counts at once.

What is only not shown to us may come back, so it is hidden and asked after for as long as it is; as
deleted it counts when it has not come back for a long time.
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
from listener.source import Orders, Rechecks
from storage import deletions
from storage.deletions import Due
from storage.sql import batches
from storage.tables import SHOWN

log = logging.getLogger(__name__)

LIVE_FOR = timedelta(days=30)  # older posts that stand are no longer asked after
HIDDEN_FOR = timedelta(days=60)  # what is not shown to us for longer counts as deleted
CONFIRM_AFTER = timedelta(minutes=10)
SPARE = timedelta(hours=1)
CALLS = 20  # of one sweep and source: most of the service's allowance is for collecting
TAKEN_IN_AT_ONCE = 500  # of an order that is answered: others wait to write


@dataclass(slots=True)
class Swept:
    """What one sweep found."""

    checked: int = 0
    purged: int = 0
    hidden: int = 0


def sweep(app: App, *, now: datetime) -> Swept:
    """Ask every source that can tell after what is due; a failing one stops no other."""
    done = Swept()
    for name, source in app.sources.items():
        asks, settings = deletion_batches.name_of(name), app.config.sources[name]
        if not isinstance(source, (Rechecks, Orders)):
            continue  # it has never said of anything that it is not shown
        if not circuit_breaker.may_call(app.database, asks, now=now, settings=settings):
            continue
        try:
            _ask(app, name, source, done, now=now)
        except RemoteError as error:
            log.warning("recheck failed source=%s reason=%s", name, error)
            circuit_breaker.note(app.database, asks, error, now=now, settings=settings)
        else:
            circuit_breaker.clear(app.database, asks, now=now)
    _give_up(app, done, now=now)
    return done


def _give_up(app: App, done: Swept, *, now: datetime) -> None:
    """Take back what has been hidden for too long.

    Of a source that fails it counts how long it had said so before, as an error says nothing. Of
    one that is not asked any more nothing will come back.
    """
    with app.database.begin() as session:
        for name in deletions.hiding(session):
            asked = isinstance(app.sources.get(name), (Rechecks, Orders))
            found = deletions.hidden_for(session, name, HIDDEN_FOR, until=None if asked else now)
            redaction.take_back(session, app, found, now=now)
            done.purged += len(found)


def _ask(app: App, name: str, source: Rechecks | Orders, done: Swept, *, now: datetime) -> None:
    """Each post is asked after twice within the time in which its source wants deletions done."""
    every = contract_of(name).delete_within / 2 - SPARE
    if isinstance(source, Orders):
        _ask_by_order(app, name, source, done, every=every, now=now)
        return
    found = _due(app, name, source.recheck_at_once, every, now)
    for dues in batches(found, source.recheck_at_once):
        said = source.recheck([one.external_id for one in dues], now=now)
        _take_in(app, dues, said, done, now=now)


def _ask_by_order(
    app: App, name: str, source: Orders, done: Swept, *, every: timedelta, now: datetime
) -> None:
    answer = deletion_batches.answer(app, name, source, since=now - LIVE_FOR, every=every, now=now)
    if answer is None:
        return
    found, said = answer
    for dues in batches(found, TAKEN_IN_AT_ONCE):
        _take_in(app, dues, said, done, now=now, certain=True)
    deletion_batches.close(app, name, now=now)


def _due(app: App, name: str, at_once: int, every: timedelta, now: datetime) -> list[Due]:
    with app.database.read() as session:
        return deletions.due(
            session,
            name,
            since=now - LIVE_FOR,
            checked_before=now - every,
            absent_before=now - CONFIRM_AFTER,
            limit=at_once * CALLS,
        )


def _take_in(
    app: App,
    dues: Sequence[Due],
    said: Mapping[str, Standing],
    done: Swept,
    *,
    now: datetime,
    certain: bool = False,
) -> None:
    """Store what the platform said; what it said nothing of has its turn again after the others.

    certain: what is gone is so at the first word.
    """
    told: dict[Standing, list[int]] = {standing: [] for standing in Standing}
    for one in dues:
        standing = said.get(one.external_id)
        if standing is Standing.GONE and not (one.called_gone or certain):
            standing = Standing.ABSENT if one.standing in SHOWN else Standing.HIDDEN_ABSENT
        if standing is not None:
            told[standing].append(one.mention_id)
            done.checked += 1
    unsaid = [one.mention_id for one in dues if one.external_id not in said]
    with app.database.begin() as session:
        deletions.asked(session, unsaid, now=now)
        back = deletions.note(session, told[Standing.THERE], Standing.THERE, now=now)
        redaction.show_again(session, back, now=now)
        for standing in (Standing.ABSENT, Standing.HIDDEN, Standing.HIDDEN_ABSENT):
            deletions.note(session, told[standing], standing, now=now)
        redaction.take_back(session, app, told[Standing.GONE], now=now)
    done.purged += len(told[Standing.GONE])
    done.hidden += len(told[Standing.HIDDEN])

"""Looks stored posts up in batches, on networks that take many at once and have the result later.

A batch is stored before it is submitted, and its receipt afterwards: after a crash in between it is
submitted again under the same name, and after a later crash only its result is fetched again.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.clock import iso, parse_instant
from domain.mention import Standing
from earshot.core import circuit_breaker
from earshot.core.app import App
from listener.source import BatchLookup, BatchLostError
from storage import deletions, source_state
from storage.deletions import Due

log = logging.getLogger(__name__)

GIVEN_UP_AFTER = timedelta(days=1)


def name_of(source: str) -> str:
    """The name under which the state of a source's batches is stored, apart from its passes."""
    return circuit_breaker.beside(source, "deletions")


@dataclass(frozen=True, slots=True)
class _Batch:
    """The last batch of a source."""

    made_at: datetime
    mention_ids: tuple[int, ...]  # empty once its result is stored
    round_at: datetime  # when the first batch of this round was made
    receipt: Mapping[str, Any] | None = None
    full: bool = False  # it could not hold all there were: the round goes on with another

    @property
    def name(self) -> str:
        """The name of the batch, also for the network."""
        return f"earshot {iso(self.made_at)}"

    def is_finished(self, every: timedelta, now: datetime) -> bool:
        """Whether it is time for another batch."""
        if self.mention_ids:
            return now - self.made_at >= GIVEN_UP_AFTER
        return self.full or now - self.round_at >= every


def result(
    app: App, name: str, source: BatchLookup, *, since: datetime, every: timedelta, now: datetime
) -> tuple[Sequence[Due], Mapping[str, Standing]] | None:
    """The posts of the current batch and what has become of them; None: there is no result yet.

    every: how often all mentions published since then are looked up.
    Raises RemoteError when the service refuses or fails; the batch is kept.
    """
    batch = _kept(app, name)
    if batch is None or batch.is_finished(every, now):
        goes_on = batch is not None and batch.full and not batch.mention_ids
        round_at = batch.round_at if batch is not None and goes_on else now
        batch = _begun(app, name, source.batch_limit, since, round_at=round_at, now=now)
    if not batch.mention_ids:
        return None
    with app.database.read() as session:
        dues = deletions.of(session, name, batch.mention_ids)
    external_ids = [one.external_id for one in dues]
    if batch.receipt is None:
        receipt = source.submit(external_ids, name=batch.name, now=now)
        _keep(app, name, replace(batch, receipt=receipt), now=now)
        log.info("deletion batch submitted source=%s mentions=%d", name, len(dues))
        return None
    try:
        standings = source.poll(batch.receipt, external_ids, now=now)
    except BatchLostError:
        _keep(app, name, None, now=now)
        raise
    return (dues, standings) if standings is not None else None


def close(app: App, name: str, *, now: datetime) -> None:
    """Finish the batch: its result is stored."""
    batch = _kept(app, name)
    if batch is not None:
        _keep(app, name, replace(batch, mention_ids=(), receipt=None), now=now)


def _begun(
    app: App, name: str, most: int, since: datetime, *, round_at: datetime, now: datetime
) -> _Batch:
    """A new batch of what this round has not looked up; stored, not submitted yet."""
    with app.database.read() as session:
        dues = deletions.due(
            session, name, since=since, checked_before=round_at, absent_before=round_at, limit=most
        )
    ids = tuple(one.mention_id for one in dues)
    batch = _Batch(now, ids, round_at, full=len(ids) >= most)
    _keep(app, name, batch, now=now)
    return batch


def _kept(app: App, name: str) -> _Batch | None:
    with app.database.read() as session:
        state = source_state.cursor(session, name_of(name), "", "")
    if not state:
        return None
    return _Batch(
        parse_instant(state["made_at"]),
        tuple(state["mention_ids"]),
        parse_instant(state["round_at"]),
        state["receipt"],
        full=state["full"],
    )


def _keep(app: App, name: str, batch: _Batch | None, *, now: datetime) -> None:
    state: dict[str, Any] = {}
    if batch is not None:
        state = {
            "made_at": iso(batch.made_at),
            "mention_ids": list(batch.mention_ids),
            "round_at": iso(batch.round_at),
            "receipt": batch.receipt,
            "full": batch.full,
        }
    with app.database.begin() as session:
        source_state.save_cursor(session, name_of(name), "", "", state=state, now=now)

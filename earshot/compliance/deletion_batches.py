"""Asks the networks that are told of many posts at once and say later what has become of them.

An order is written down before it is made and its receipt after that: a crash in between makes it
again under its name, and one later only fetches the answer again.
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
from listener.source import OrderLostError, Orders
from storage import deletions, source_state
from storage.deletions import Due

log = logging.getLogger(__name__)

GIVEN_UP_AFTER = timedelta(days=1)


def name_of(source: str) -> str:
    """What its orders and the troubles of asking stand under, apart from those of its passes."""
    return circuit_breaker.beside(source, "deletions")


@dataclass(frozen=True, slots=True)
class _Order:
    """The last one of a source."""

    made_at: datetime
    mention_ids: tuple[int, ...]  # empty once it is answered
    round_at: datetime  # when the first order of this round was made
    receipt: Mapping[str, Any] | None = None
    full: bool = False  # it could not hold all there are: the round goes on

    @property
    def name(self) -> str:
        """By which the network knows it, too."""
        return f"earshot {iso(self.made_at)}"

    def is_over(self, every: timedelta, now: datetime) -> bool:
        """Whether it is time for another one."""
        if self.mention_ids:
            return now - self.made_at >= GIVEN_UP_AFTER
        return self.full or now - self.round_at >= every


def answer(
    app: App, name: str, source: Orders, *, since: datetime, every: timedelta, now: datetime
) -> tuple[Sequence[Due], Mapping[str, Standing]] | None:
    """What was asked after and what has become of it; None: nothing is known yet.

    Every so often all mentions published since then are asked after.
    Raises RemoteError when the service refuses or fails; the order is kept.
    """
    order = _kept(app, name)
    if order is None or order.is_over(every, now):
        goes_on = order is not None and order.full and not order.mention_ids
        round_at = order.round_at if order is not None and goes_on else now
        order = _begun(app, name, source.most_ordered, since, round_at=round_at, now=now)
    if not order.mention_ids:
        return None
    with app.database.read() as session:
        dues = deletions.of(session, name, order.mention_ids)
    external_ids = [one.external_id for one in dues]
    if order.receipt is None:
        receipt = source.order(external_ids, name=order.name, now=now)
        _keep(app, name, replace(order, receipt=receipt), now=now)
        log.info("deletions ordered source=%s mentions=%d", name, len(dues))
        return None
    try:
        said = source.ordered(order.receipt, external_ids, now=now)
    except OrderLostError:
        _keep(app, name, None, now=now)
        raise
    return (dues, said) if said is not None else None


def close(app: App, name: str, *, now: datetime) -> None:
    """The answer is stored: the order has done its work."""
    order = _kept(app, name)
    if order is not None:
        _keep(app, name, replace(order, mention_ids=(), receipt=None), now=now)


def _begun(
    app: App, name: str, most: int, since: datetime, *, round_at: datetime, now: datetime
) -> _Order:
    """A new order of what this round has not asked after; written down, not made yet."""
    with app.database.read() as session:
        dues = deletions.due(
            session, name, since=since, checked_before=round_at, absent_before=round_at, limit=most
        )
    ids = tuple(one.mention_id for one in dues)
    order = _Order(now, ids, round_at, full=len(ids) >= most)
    _keep(app, name, order, now=now)
    return order


def _kept(app: App, name: str) -> _Order | None:
    with app.database.read() as session:
        state = source_state.cursor(session, name_of(name), "", "")
    if not state:
        return None
    return _Order(
        parse_instant(state["made_at"]),
        tuple(state["mention_ids"]),
        parse_instant(state["round_at"]),
        state["receipt"],
        full=state["full"],
    )


def _keep(app: App, name: str, order: _Order | None, *, now: datetime) -> None:
    state: dict[str, Any] = {}
    if order is not None:
        state = {
            "made_at": iso(order.made_at),
            "mention_ids": list(order.mention_ids),
            "round_at": iso(order.round_at),
            "receipt": order.receipt,
            "full": order.full,
        }
    with app.database.begin() as session:
        source_state.save_cursor(session, name_of(name), "", "", state=state, now=now)

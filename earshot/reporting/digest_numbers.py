"""Stores a digest's numbers with its queued message, as JSON and without texts of mentions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter

from domain.digest import Digest
from domain.incident import Severity


@dataclass(frozen=True, slots=True)
class KeptIncident:
    """An incident that waited when the digest was owed."""

    incident_id: int
    mentions: int
    mention_id: int  # its first one, which is quoted
    posted_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class KeptUntold:
    """A mention that asked and of which no alert had told when the digest was owed."""

    mention_id: int
    due_at: datetime
    severity: Severity
    why: str
    no_alert: str


@dataclass(frozen=True, slots=True)
class KeptCustomer:
    """A customer who waited when the digest was owed: whoever wrote it when the digest is sent."""

    mention_id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A digest without texts: what it quotes is kept as our ids."""

    numbers: Digest  # its quotes and incidents are left out
    worst: tuple[int, ...]
    best: tuple[int, ...]
    waiting: tuple[KeptIncident, ...]
    untold: tuple[KeptUntold, ...] = ()  # none: of a release before schema 0018
    customers: tuple[KeptCustomer, ...] = ()


_KEPT = TypeAdapter(Kept)


def key_of(brand: str, day: date) -> str:
    """The key of a brand's digest of that day in the outbox."""
    return f"digest:{brand}:{day}"


def keep(made: Digest) -> dict[str, Any]:
    """The digest as JSON, for the outbox."""
    kept = Kept(
        numbers=replace(
            made, worst=(), best=(), open_incidents=(), untold=(), waiting_customers=()
        ),
        worst=tuple(quote.mention_id for quote in made.worst),
        best=tuple(quote.mention_id for quote in made.best),
        waiting=tuple(
            KeptIncident(
                incident_id=one.incident.id,
                mentions=one.mentions,
                mention_id=one.quote.mention_id,
                posted_at=one.incident.posted_at,
                due_at=one.incident.due_at,
            )
            for one in made.open_incidents
        ),
        untold=tuple(
            KeptUntold(one.quote.mention_id, one.due_at, one.severity, one.why, one.no_alert)
            for one in made.untold
        ),
        customers=tuple(KeptCustomer(one.mention_id, one.since) for one in made.waiting_customers),
    )
    json: dict[str, Any] = _KEPT.dump_python(kept, mode="json")
    return json


def read(json: Mapping[str, Any]) -> Kept:
    """What keep() wrote."""
    return _KEPT.validate_python(json)

"""The published numbers as people read them: the newest revision of a day, else as it is now."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from domain.clock import iso
from domain.reputation import NpsProxy, Reputation
from earshot.config.model import Config
from earshot.reporting import measure
from reputation.measured import Measured
from reputation.packing import unpack
from reputation.voices import Voices
from storage import snapshots
from storage.snapshots import Published

NOT_FINAL = "not final"  # begins the mark of a number that is not published

KIND = "reputation"

_REPUTATION = TypeAdapter(Reputation)
_NPS = TypeAdapter(NpsProxy)
_NOBODY = Voices(
    sources=(),
    person=np.array([], dtype=np.int64),
    is_customer=np.array([], dtype=bool),
    is_young=np.array([], dtype=bool),
    reach=np.array([], dtype=np.int64),
    accounts=0,
    of=np.array([], dtype=np.int64),
    source=np.array([], dtype=np.int64),
    story=np.array([], dtype=np.int64),
    weight=np.array([], dtype=np.float64),
    polarity=np.array([], dtype=np.float64),
    newest=np.array([], dtype=np.float64),
)


def reputation_on(
    session: Session, brand: str, day: date, config: Config, *, now: datetime
) -> Reputation:
    """The score of a day."""
    return measured_on(session, brand, day, config, now=now).reputation


def measured_on(
    session: Session, brand: str, day: date, config: Config, *, now: datetime
) -> Measured:
    """The score of a day with its persons; of an ORS-v1 nobody is known.

    A day that is not published is computed as it is now, and marked.
    """
    stored = snapshots.latest(session, brand, day, KIND)
    if stored is None:
        found = measure.measure(session, brand, day, config)
        why = f"{NOT_FINAL}: {_why_not(found.reputation, config, now=now)}"
        marks = (why, *found.reputation.marks)
        return replace(found, reputation=replace(found.reputation, marks=marks))
    packed = snapshots.voices(session, stored.id)
    people = unpack(packed) if packed is not None else _NOBODY
    return Measured(reputation_of(stored), people)


def _why_not(found: Reputation, config: Config, *, now: datetime) -> str:
    """Why a day is not published."""
    if now < measure.end_of(found.date, config):
        return "the day is not over"
    if found.waiting:
        many = f"{found.waiting} posts wait"
        return f"{'1 post waits' if found.waiting == 1 else many} to be scored"
    return "the day is not published, this is computed now"


def reputation_of(stored: Published) -> Reputation:
    """A score as it was published."""
    score = _REPUTATION.validate_python(stored.payload)
    return replace(score, revision=stored.revision)


def nps_on(session: Session, brand: str, day: date, config: Config, *, now: datetime) -> NpsProxy:
    """The NPS proxy of a day."""
    del now
    stored = snapshots.latest(session, brand, day, "nps")
    if stored is None:
        return measure.nps_of(session, brand, day, config)
    return _NPS.validate_python(stored.payload)


@dataclass(frozen=True, slots=True)
class Revision:
    """A score as it was published at one time."""

    score: Reputation
    computed_at: datetime
    reason: str  # why it is another one than before; "" the first one


def history(
    session: Session, brand: str, *, since: date | None = None, until: date | None = None
) -> list[tuple[Revision, ...]]:
    """The published days in [since, until), earlier ones first, each with all its revisions."""
    stored = snapshots.history(session, brand, KIND, since=since, until=until)
    return [
        tuple(Revision(reputation_of(one), one.computed_at, one.reason) for one in of_it)
        for _, of_it in groupby(stored, lambda one: one.day)
    ]


def revised(revisions: Sequence[Revision]) -> str:
    """How a published day has changed: "published 35.5, now 50.5: 10 incidents dismissed".

    "" where it has not.
    """
    if len(revisions) < 2:  # noqa: PLR2004 -- the first one and another
        return ""
    first, last = (_shown(one.score.score) for one in (revisions[0], revisions[-1]))
    reasons = dict.fromkeys(one.reason for one in revisions if one.reason)
    return f"published {first}, now {last}: {'; '.join(reasons)}"


def _shown(score: float | None) -> str:
    return "without a number" if score is None else f"{score:.1f}"


def revised_on(session: Session, brand: str, day: date) -> str:
    """How that day has changed since it was published, as revised() says it."""
    found = history(session, brand, since=day, until=day + timedelta(days=1))
    return revised(found[0]) if found else ""


def history_json(revisions: Sequence[Revision]) -> dict[str, Any]:
    """A published day with all its revisions."""
    newest = revisions[-1].score
    return {
        "brand": newest.brand,
        "date": newest.date.isoformat(),
        "score": newest.score,
        "low": newest.low,
        "high": newest.high,
        "revision": newest.revision,
        "revisions": [
            {
                "revision": one.score.revision,
                "score": one.score.score,
                "low": one.score.low,
                "high": one.score.high,
                "n_authors": one.score.n_authors,
                "n_persons": one.score.n_persons,
                "status": one.score.status,
                "formula": one.score.formula,
                "model": one.score.model,
                "reason": one.reason,
                "marks": list(one.score.marks),
                "computed_at": iso(one.computed_at),
            }
            for one in revisions
        ],
    }


def kept(number: Reputation | NpsProxy) -> dict[str, Any]:
    """The number as JSON, for the store."""
    if isinstance(number, Reputation):
        json: dict[str, Any] = _REPUTATION.dump_python(number, mode="json")
    else:
        json = _NPS.dump_python(number, mode="json")
    return json


def reputation_json(score: Reputation) -> dict[str, Any]:
    """The contract's JSON of a reputation."""
    return {
        **asdict(score),
        "date": score.date.isoformat(),
        "parts": [asdict(part) for part in score.parts],
        "sources": [asdict(source) for source in score.sources],
        "stars": [asdict(stars) for stars in score.stars],
        "marks": list(score.marks),
        "before_errors": score.before_errors,
        "answer_yardstick": score.answer_yardstick and duration(score.answer_yardstick),
    }


def nps_json(proxy: NpsProxy) -> dict[str, Any]:
    return {**asdict(proxy), "date": proxy.date.isoformat()}


def duration(length: timedelta) -> str:
    """As the configuration writes it: 24h, 90m."""
    minutes = int(length.total_seconds() // 60)
    return f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"

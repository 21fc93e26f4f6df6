"""The published numbers as people read them: the newest revision of a day, else as it is now."""

from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from domain.reputation import NpsProxy, Reputation
from earshot.config.model import Config
from earshot.reporting import measure
from reputation.measured import Measured
from reputation.packing import unpack
from reputation.voices import Voices
from storage import snapshots
from storage.snapshots import Published

NOT_FINAL = "not final: the day is not published yet"

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
    """The score of a day with its persons; of an ORS-v1 nobody is known."""
    del now
    stored = snapshots.latest(session, brand, day, "reputation")
    if stored is None:
        found = measure.measure(session, brand, day, config)
        marks = (NOT_FINAL, *found.reputation.marks)
        return replace(found, reputation=replace(found.reputation, marks=marks))
    packed = snapshots.voices(session, stored.id)
    people = unpack(packed) if packed is not None else _NOBODY
    return Measured(reputation_of(stored), people)


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
        "answer_yardstick": score.answer_yardstick and _duration(score.answer_yardstick),
    }


def _duration(length: timedelta) -> str:
    """As the configuration writes it: 24h, 90m."""
    minutes = int(length.total_seconds() // 60)
    return f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"


def nps_json(proxy: NpsProxy) -> dict[str, Any]:
    return {**asdict(proxy), "date": proxy.date.isoformat()}

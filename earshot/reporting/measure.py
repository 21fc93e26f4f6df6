"""The numbers of a brand's day, computed from what is stored now. Nothing is kept here."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from domain.clock import local_day, midnight
from domain.reputation import NpsProxy
from earshot.config.model import Config
from earshot.reporting import labelling
from earshot.reporting.beside import with_beside
from earshot.reporting.nps_calibration import calibrated
from earshot.reporting.readings import Readings
from earshot.reporting.rivals import left_out
from reputation import nps_proxy as proxy
from reputation.measured import Measured
from reputation.score import WINDOW, reputation, response
from reputation.voices import voices, without_author
from storage import effective_sentiment


def end_of(day: date, config: Config) -> datetime:
    """The midnight that ends a local day: every number of that day looks back from there."""
    return midnight(day + timedelta(days=1), config.tz)


def last_whole_day(now: datetime, config: Config) -> date:
    """Yesterday in the configured zone."""
    day = local_day(now, config.tz) - timedelta(days=1)
    return day if is_day(day, config) else day - timedelta(days=1)


def is_day(day: date, config: Config) -> bool:
    """Whether there was such a day: who changes their side of the date line leaves one out."""
    return end_of(day, config) > end_of(day - timedelta(days=1), config)


def window_of(day: date, length: timedelta, config: Config) -> tuple[datetime, datetime]:
    """The local days that end with this one: those that change the clock have 23 or 25 hours."""
    return end_of(day - length, config), end_of(day, config)


@dataclass(frozen=True, slots=True)
class Basis:
    """By what a day is measured."""

    model: str
    yardstick: timedelta


def present(session: Session, config: Config) -> Basis:
    """By what a day is measured that is not published yet."""
    return Basis(effective_sentiment.current_model(session), config.top.reputation.answer_yardstick)


def measure(
    session: Session,
    brand: str,
    day: date,
    config: Config,
    *,
    basis: Basis | None = None,
    readings: Readings | None = None,
) -> Measured:
    """The online reputation score of a brand on a local day, with the persons it rests on.

    basis: None: the present one. readings: what was read by the model of the basis for this day and
    others; None: it is read now.
    """
    basis = basis or present(session, config)
    since, until = window_of(day, WINDOW, config)
    asked_since = since - basis.yardstick
    readings = readings or _read(session, brand, config, (asked_since, until), basis.model)
    heard = readings.opinions(since=since, until=until)
    people = voices(heard, since=since, until=until)
    asked = response(
        readings.asked(since=asked_since, until=until),
        since=since,
        until=until,
        yardstick=basis.yardstick,
    )
    labelled = labelling.labelled(session, brand, config, until=until, model=basis.model)
    score = replace(
        reputation(brand, day, people, asked, labelled),
        model=basis.model,
        without_author=without_author(heard, since=since, until=until),
        answer_yardstick=basis.yardstick,
    )
    return Measured(with_beside(session, score, heard, (since, until), config), people)


def _read(
    session: Session, brand: str, config: Config, window: tuple[datetime, datetime], model: str
) -> Readings:
    silent = left_out(session, config, config.brand(brand))
    since, until = window
    return Readings(session, brand, since=since, until=until, model=model, left_out=silent)


def nps_of(
    session: Session,
    brand: str,
    day: date,
    config: Config,
    *,
    basis: Basis | None = None,
    readings: Readings | None = None,
) -> NpsProxy:
    """The NPS proxy of a brand on a local day. basis, readings: as measure() takes them."""
    basis = basis or present(session, config)
    since, until = window_of(day, proxy.WINDOW, config)
    readings = readings or _read(session, brand, config, (since, until), basis.model)
    heard = readings.opinions(since=since, until=until)
    people = voices(heard, since=since, until=until)
    found = proxy.nps_proxy(
        brand,
        day,
        people,
        proxy.label_mix(heard, since=since, until=until),
        labelling.labelled(session, brand, config, until=until, model=basis.model),
        model=basis.model,
    )
    return calibrated(session, found, people, config, until=until)

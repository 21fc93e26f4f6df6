"""The numbers of a brand's day, computed from what is stored now. Nothing is kept here."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from domain.clock import local_day, midnight
from domain.reputation import NpsProxy
from earshot.config.model import Config
from earshot.reporting import labelling
from earshot.reporting.beside import with_beside
from earshot.reporting.nps_calibration import calibrated
from reputation import nps_proxy as proxy
from reputation.measured import Measured
from reputation.score import WINDOW, reputation, response
from reputation.voices import voices, without_author
from storage import effective_sentiment, opinions


def end_of(day: date, config: Config) -> datetime:
    """The midnight that ends a local day: every number of that day looks back from there."""
    return midnight(day + timedelta(days=1), config.tz)


def last_whole_day(now: datetime, config: Config) -> date:
    """Yesterday in the configured zone."""
    return local_day(now, config.tz) - timedelta(days=1)


def window_of(day: date, length: timedelta, config: Config) -> tuple[datetime, datetime]:
    """The local days that end with this one: those that change the clock have 23 or 25 hours."""
    return end_of(day - length, config), end_of(day, config)


def measure(session: Session, brand: str, day: date, config: Config) -> Measured:
    """The online reputation score of a brand on a local day, with the persons it rests on."""
    since, until = window_of(day, WINDOW, config)
    yardstick = config.top.reputation.answer_yardstick
    heard = opinions.opinions(session, brand, since=since, until=until)
    people = voices(heard, since=since, until=until)
    asked = response(
        opinions.asked(session, brand, since=since - yardstick, until=until),
        since=since,
        until=until,
        yardstick=yardstick,
    )
    labelled = labelling.labelled(session, brand, config, until=until)
    score = replace(
        reputation(brand, day, people, asked, labelled),
        model=effective_sentiment.current_model(session),
        without_author=without_author(heard, since=since, until=until),
        answer_yardstick=yardstick,
    )
    return Measured(with_beside(session, score, heard, (since, until), config), people)


def nps_of(session: Session, brand: str, day: date, config: Config) -> NpsProxy:
    """The NPS proxy of a brand on a local day."""
    since, until = window_of(day, proxy.WINDOW, config)
    heard = opinions.opinions(session, brand, since=since, until=until)
    people = voices(heard, since=since, until=until)
    found = proxy.nps_proxy(
        brand,
        day,
        people,
        proxy.label_mix(heard, since=since, until=until),
        labelling.labelled(session, brand, config, until=until),
        model=effective_sentiment.current_model(session),
    )
    return calibrated(session, found, people, config, until=until)

"""What the numbers of a day cost where much is stored, and whether others can write meanwhile."""

import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from benchmarks import numbers_world
from benchmarks.databases import databases
from benchmarks.numbers_people import YARDSTICK
from domain.reputation import Asked, Opinion
from earshot.config.load import load
from earshot.core.app import App
from earshot.reporting.measure import end_of, last_whole_day
from earshot.reporting.publishing import publish_due
from reputation.nps_proxy import WINDOW as NPS_WINDOW
from reputation.nps_proxy import nps_proxy
from reputation.score import WINDOW, reputation, response
from reputation.voices import voices
from storage import opinions, schema
from storage.engine import Database
from storage.tables import MentionRow, SettingRow

BAR_S = 10.0  # of a new day of ten brands
NPS_DAYS = 90
NEXT_DAY = timedelta(days=1)
MEANWHILE_S = 0.02  # how often somebody else writes

Read = tuple[list[Opinion], list[Opinion], list[Asked]]  # of 28 days, of 90, who asked


@dataclass(frozen=True, slots=True)
class Cost:
    """In seconds by the clock, of all brands."""

    mentions: int  # stored
    days: int  # in which they were written
    reading: float
    computing: float
    publishing: float  # reading, computing and storing, as the service does it
    processor: float  # of publishing
    longest_wait: float  # of somebody else who wanted to write while it was published


def costs(
    folder: Path, mentions: int, days: int, postgres: str | None
) -> Iterator[tuple[str, Cost]]:
    """Of the last 90 days alone, and of all: by name of the database."""
    short = numbers_world.Size(mentions * NPS_DAYS // days, days=NPS_DAYS)
    long = numbers_world.Size(mentions, days=days)
    for size in (short, long) if days > NPS_DAYS else (long,):
        for name, url in databases(folder / f"numbers-{size.mentions}.db", postgres):
            yield name, _cost(folder, url, size)


def _cost(folder: Path, url: str, size: numbers_world.Size) -> Cost:
    _fill(url, size)
    app = _app(folder, url, size)
    with contextlib.closing(app):
        begun = time.perf_counter()
        read = _read(app, size)
        reading = time.perf_counter() - begun
        begun = time.perf_counter()
        _compute(app, size, read)
        computing = time.perf_counter() - begun
        del read
        publish_due(app, at=size.now)  # the days of the week before, of which none is stored yet
        begun, used = time.perf_counter(), time.process_time()
        with _writer(app.database) as waits:
            publish_due(app, at=size.now + NEXT_DAY)
        return Cost(
            mentions=size.mentions,
            days=size.days,
            reading=reading,
            computing=computing,
            publishing=time.perf_counter() - begun,
            processor=time.process_time() - used,
            longest_wait=max(waits, default=0.0),
        )


def _fill(url: str, size: numbers_world.Size) -> None:
    database = Database(url)
    with contextlib.closing(database):
        schema.upgrade(database)
        with database.read() as session:
            is_filled = session.scalar(select(MentionRow.id).limit(1)) is not None
        if not is_filled:
            numbers_world.fill(database, size)


def _app(folder: Path, url: str, size: numbers_world.Size) -> App:
    brands = "".join(f'[[brands]]\nname = "{name}"\nquery = "{name}"\n' for name in size.names)
    file = folder / "config.toml"
    file.write_text(f'database = "{url}"\n{brands}', encoding="utf-8")
    return App(load(file))


def _read(app: App, size: numbers_world.Size) -> dict[str, Read]:
    until = end_of(last_whole_day(size.now, app.config), app.config)
    with app.database.read() as session:
        return {
            name: (
                opinions.opinions(session, name, since=until - WINDOW, until=until),
                opinions.opinions(session, name, since=until - NPS_WINDOW, until=until),
                opinions.asked(session, name, since=until - WINDOW - YARDSTICK, until=until),
            )
            for name in size.names
        }


def _compute(app: App, size: numbers_world.Size, read: dict[str, Read]) -> None:
    day = last_whole_day(size.now, app.config)
    until = end_of(day, app.config)
    for name, (month, quarter, asked) in read.items():
        people = voices(month, since=until - WINDOW, until=until)
        reputation(
            name,
            day,
            people,
            response(asked, since=until - WINDOW, until=until, yardstick=YARDSTICK),
        )
        nps_proxy(name, day, voices(quarter, since=until - NPS_WINDOW, until=until))


@contextlib.contextmanager
def _writer(database: Database) -> Iterator[list[float]]:
    """Somebody else who writes something short all the time; how long each had to wait."""
    waits: list[float] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(MEANWHILE_S):
            begun = time.perf_counter()
            with database.begin() as session:
                session.merge(SettingRow(key="benchmark.beside", value=str(begun)))
            waits.append(time.perf_counter() - begun)

    beside = threading.Thread(target=write)
    beside.start()
    try:
        yield waits
    finally:
        stop.set()
        beside.join()


@contextlib.contextmanager
def folder_of(given: Path | None) -> Iterator[Path]:
    """The folder that was given, which keeps what is filled; else one for now."""
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)

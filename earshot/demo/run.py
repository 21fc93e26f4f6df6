"""The whole way on the bundled sample: no network, no keys, a throwaway database.

The sample's four weeks are lived through, the last two days hour by hour, with the steps that real
mentions take, so incidents open, are answered and run late when they would have. They end today:
all that the sample dates is moved by one span.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path

from alerts.digest import digest_html
from alerts.notifier import ConsoleNotifier
from crm.imports import BadRow, read_customers, read_orders
from domain.clock import local_day
from domain.customer import OrderRecord
from domain.elements import Message
from domain.mention import Mention
from domain.notification import Mark
from earshot.alerting import delivery
from earshot.config.load import load
from earshot.core.app import App
from earshot.customers import valuation
from earshot.pipeline import collect as collecting
from earshot.reporting import publishing
from earshot.reporting.digest_facts import digest_of
from earshot.service import steps
from listener.imports import Imported, read_mentions
from storage import customers, orders

RECORDED_UNTIL = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)  # when the sample's files end
# Clocks count from when things were posted, so coarse steps are quicker and change no answer time.
TICK, LATELY, LONG_AGO = timedelta(hours=1), timedelta(hours=48), timedelta(hours=6)
SHOWN = timedelta(hours=24)  # alerts of the last day are printed, the earlier ones counted


class DemoNotifier(ConsoleNotifier):
    """A console that stays quiet until it is told to speak, and counts what it did not show."""

    quiet = True
    unseen = 0

    def post(self, channel: str, message: Message, mark: Mark, thread: str | None = None) -> str:
        if self.quiet:
            self.unseen += 1
            return mark.outbox_id
        return super().post(channel, message, mark, thread)

    def update(self, channel: str, ref: str, message: Message) -> None:
        if not self.quiet:
            super().update(channel, ref, message)


@dataclass(frozen=True, slots=True)
class Results:
    """What the demo leaves behind."""

    stands_at: datetime  # where the sample's clock has come to
    mentions: int
    customers: int
    unseen: int  # messages before the last day, not printed
    digest: Path  # one HTML file
    config: Path  # for further commands on the demo's database
    day: date  # the last whole one


def run(out: Path | None, notifier: DemoNotifier, *, now: datetime) -> Results:
    """Live through the sample, print the last day's alerts, write the digest.

    out: the folder for the results, made when missing; None: a new temporary one.
    """
    stands_at = ends_at(now)
    folder = out or Path(tempfile.mkdtemp(prefix="earshot-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    with as_file(files("earshot.demo") / "sample") as sample:
        path = _write_config(sample, folder)
        app = App(load(path), notifier=notifier)
        known = _import_crm(app, sample, stands_at)
        valuation.up_to_date(app, now=stands_at)
        mentions = _mentions(sample, stands_at)
    try:
        _live(app, mentions, notifier, stands_at)
        today = local_day(stands_at, app.config.tz)
        digest = _write_digest(app, folder, today, now=stands_at)
    finally:
        app.close()
    yesterday = today - timedelta(days=1)
    return Results(stands_at, len(mentions), known, notifier.unseen, digest, path, yesterday)


def ends_at(now: datetime) -> datetime:
    """Where the sample's clock stands today: at 08:00 UTC, or earlier at the full hour."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return min(hour, hour.replace(hour=RECORDED_UNTIL.hour))


def _write_config(sample: Path, folder: Path) -> Path:
    """The sample's settings with a fresh database beside them."""
    database = folder / "demo.db"
    for old in folder.glob("demo.db*"):
        old.unlink()
    path = folder / "config.toml"
    # A literal string, so that no character of the path means anything to TOML.
    url = f"database = 'sqlite:///{database.resolve().as_posix()}'\n"
    path.write_text(url + (sample / "config.toml").read_text("utf-8"), "utf-8")
    return path


def _mentions(sample: Path, stands_at: datetime) -> list[Mention]:
    """Those of the sample as if it had ended at that instant, oldest first."""
    later = stands_at - RECORDED_UNTIL
    return [
        _moved(row.mention, later)
        for row in read_mentions(sample / "mentions.jsonl", now=RECORDED_UNTIL)
        if isinstance(row, Imported)
    ]


def _moved(mention: Mention, later: timedelta) -> Mention:
    author = mention.author
    if author is not None and author.created_at is not None:
        author = replace(author, created_at=author.created_at + later)
    edited_at = mention.edited_at and mention.edited_at + later
    published_at = mention.published_at + later
    return replace(mention, author=author, edited_at=edited_at, published_at=published_at)


def _import_crm(app: App, sample: Path, stands_at: datetime) -> int:
    people = [
        row for row in read_customers(sample / "customers.csv") if not isinstance(row, BadRow)
    ]
    later = stands_at.date() - RECORDED_UNTIL.date()
    export = read_orders(sample / "orders.csv")
    bought = [
        replace(row, ordered_on=row.ordered_on + later)
        for row in export
        if isinstance(row, OrderRecord)
    ]
    with app.database.begin() as session:
        customers.save(session, people, now=stands_at)
        orders.save(session, export.system, bought, now=stands_at)
    return len(people)


def _live(
    app: App, mentions: Sequence[Mention], notifier: DemoNotifier, stands_at: datetime
) -> None:
    """Every stretch of time in which something happened, and every midnight's numbers."""
    start = mentions[0].published_at.replace(minute=0, second=0, microsecond=0)
    at, position, day = start, 0, local_day(start, app.config.tz)
    while at < stands_at:
        at = min(at + (TICK if at >= stands_at - LATELY else LONG_AGO), stands_at)
        arrived = position
        while arrived < len(mentions) and mentions[arrived].published_at <= at:
            arrived += 1
        notifier.quiet = at <= stands_at - SHOWN
        if arrived > position:
            _stretch(app, mentions[position:arrived], at)
            position = arrived
        if local_day(at, app.config.tz) > day:
            day = local_day(at, app.config.tz)
            publishing.publish_due(app, at=at)


def _stretch(app: App, arrived: Sequence[Mention], at: datetime) -> None:
    collecting.store_imported(app, [(mention, None) for mention in arrived], now=at)
    steps.work(app, clock=lambda: at)
    delivery.notify(app, clock=lambda: at, wait=lambda _: None)


def _write_digest(app: App, folder: Path, today: date, *, now: datetime) -> Path:
    path = folder / "digest.html"
    with app.database.read() as session:
        made = digest_of(session, app.config.brands[0], today, app.config, now=now)
    html = digest_html(made, app.config.networks, app.config.masking)
    path.write_text(html, encoding="utf-8")
    return path

"""Computes and publishes the metrics from stored mentions, links and incidents."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from domain.clock import local_day
from earshot.config.model import Config
from earshot.core.app import App
from earshot.reporting.measure import end_of, last_whole_day, measure, nps_of
from earshot.reporting.published import kept
from reputation.nps_proxy import FORMULA
from reputation.packing import pack
from storage import link_ledger, metrics, snapshots
from storage.link_ledger import Ended
from storage.snapshots import Snapshot

LOOK_BACK = timedelta(days=90)  # of the longer of the two windows
LATE_DAYS = 7  # data later than this change the score of today, not the one published then


def to_publish(session: Session, brand: str, last: date, config: Config) -> list[date]:
    """The last whole day, and those of the week before that are missing or that late data changed.

    A day that ended before anything was stored has no number to publish.
    """
    begun = metrics.first_stored_at(session, brand)
    days = [last]
    for back in range(1, LATE_DAYS):
        day = last - timedelta(days=back)
        until = end_of(day, config)
        if begun is None or until <= begun:
            break
        newest = snapshots.latest(session, brand, day, "reputation")
        if newest is None or newest.watermark != metrics.watermark(session, brand, until=until):
            days.append(day)
    return days


def resting_on(
    session: Session, brand: str, ended: Sequence[Ended], config: Config
) -> dict[date, str]:
    """The published days, however old, that counted links which were taken back since, and why.

    A day that was published before a link was confirmed never rested on it.
    """
    counted = [
        (local_day(wrote[0], config.tz), local_day(wrote[1] + LOOK_BACK, config.tz), one)
        for one in ended
        if (wrote := metrics.span_of(session, brand, one.author_id)) is not None
    ]
    if not counted:
        return {}
    begin, end = min(one[0] for one in counted), max(one[1] for one in counted)
    days = snapshots.trend(session, brand, "reputation", since=begin, until=end + timedelta(days=1))
    return {
        row.day: f"link {one.link_id} was {one.state}"
        for row in days
        for first, last, one in counted
        if first <= row.day <= last and row.computed_at >= one.known_since
    }


def publish(
    session: Session, brand: str, day: date, config: Config, *, now: datetime, reason: str = ""
) -> None:
    """Store the day's score and NPS proxy, each as a new revision when it has changed.

    reason: why it is computed again, where not because of what came late.
    """
    measured = measure(session, brand, day, config)
    score, proxy = measured.reputation, nps_of(session, brand, day, config)
    watermark = metrics.watermark(session, brand, until=end_of(day, config))
    for kind, formula, payload in (
        ("reputation", score.formula, kept(score)),
        ("nps", FORMULA, kept(proxy)),
    ):
        packed = pack(measured.voices) if kind == "reputation" else None
        snapshot = Snapshot(
            brand, day, kind, config.top.timezone, formula, payload, watermark, reason, packed
        )
        snapshots.publish(session, snapshot, now=now)


def publish_due(app: App, *, at: datetime) -> None:
    """Store the numbers of every brand's last days, as a new revision where late data came.

    Where a link was taken back, those of every day that had counted it, too.
    """
    last = last_whole_day(at, app.config)
    for brand in app.config.brands:
        with app.database.begin() as session:
            followed = f"published.{brand.name}"
            ended = link_ledger.ended(session, after=link_ledger.followed(session, followed))
            why = dict.fromkeys(to_publish(session, brand.name, last, app.config), "")
            why |= resting_on(session, brand.name, ended, app.config)
            for day, reason in why.items():
                publish(session, brand.name, day, app.config, now=at, reason=reason)
            if ended:
                link_ledger.follow_to(session, followed, ended[-1].judgement_id)

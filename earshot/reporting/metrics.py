"""Computes and publishes the metrics from stored mentions, links and incidents."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from crm.tiers import tier_weight
from domain.clock import local_day, midnight
from domain.reputation import NpsProxy, Reputation, Tone
from earshot.config.model import Config
from earshot.core.app import App
from earshot.customers.profile import values_of
from earshot.reporting.answer_times import clocked_of
from reputation.duplicates import fingerprint
from reputation.influence import influences
from reputation.nps_proxy import nps_proxy
from reputation.score_v1 import prior_mean, reputation
from storage import customers, link_ledger, links, metrics, snapshots
from storage.link_ledger import Ended
from storage.metrics import ScoredPost
from storage.snapshots import Snapshot

LOOK_BACK = timedelta(days=118)  # the score's window of 28 days and the 90 its prior rests on
WINDOW = timedelta(days=28)
LATE_DAYS = 7  # data later than this change the score of today, not the one published then


def end_of(day: date, config: Config) -> datetime:
    """The midnight that ends a local day: every number of that day looks back from there."""
    return midnight(day + timedelta(days=1), config.tz)


def last_whole_day(now: datetime, config: Config) -> date:
    """Yesterday in the configured zone."""
    return local_day(now, config.tz) - timedelta(days=1)


def reputation_of(session: Session, brand: str, day: date, config: Config) -> Reputation:
    """The online reputation score of a brand on a local day."""
    until = end_of(day, config)
    tones = tones_of(session, brand, since=until - LOOK_BACK, until=until, config=config)
    clocked = clocked_of(session, brand, since=until - WINDOW, until=until)
    return reputation(brand, day, tones, clocked, until=until, prior=prior_mean(tones, until=until))


def authors_behind(
    session: Session, score: Reputation, config: Config, *, most: int = 5
) -> list[tuple[str, float]]:
    """Who holds the score up or down most: "x:@ana" and the points it would lose without them."""
    until = end_of(score.date, config)
    tones = tones_of(session, score.brand, since=until - LOOK_BACK, until=until, config=config)
    found = influences(tones, score, until=until, prior=prior_mean(tones, until=until))[:most]
    named = []
    for one in found:
        source, _, key = one.author.partition(":")
        row = links.author(session, int(key)) if key.isdecimal() else None
        named.append((f"{source}:@{row.handle}" if row else f"{source}: unknown", one.points))
    return named


def nps_of(session: Session, brand: str, day: date, config: Config) -> NpsProxy:
    """The NPS proxy of a brand on a local day."""
    until = end_of(day, config)
    tones = tones_of(session, brand, since=until - LOOK_BACK, until=until, config=config)
    return nps_proxy(brand, day, tones, until=until)


def tones_of(
    session: Session, brand: str, *, since: datetime, until: datetime, config: Config
) -> list[Tone]:
    """The scored mentions of a brand as the formulas take them; unscored ones are left out."""
    posts = [post for post in metrics.posts(session, brand, since=since, until=until) if post.label]
    weights = _customer_weights(session, posts, config, now=until - timedelta.resolution)
    return [
        Tone(
            author=author_key(post),
            published_at=post.published_at,
            polarity=post.positive - post.negative,
            reach=post.followers or 0,
            tier_weight=weights.get(post.author_id) if post.author_id else None,
            fingerprint=fingerprint(post.text),
        )
        for post in posts
    ]


def author_key(post: ScoredPost) -> str:
    """One author is one voice; deleted authors cannot be told apart: each post counts alone."""
    return (
        f"{post.source}:{post.author_id}" if post.author_id else f"{post.source}:?{post.mention_id}"
    )


def _customer_weights(
    session: Session, posts: Iterable[ScoredPost], config: Config, *, now: datetime
) -> dict[int | None, float]:
    """What the voice of each linked author weighs, by their customer's tier."""
    authors = {post.author_id for post in posts if post.author_id}
    linked = links.confirmed(session, sorted(authors))
    rows = {
        author_id: row
        for author_id, link in linked.items()
        if (row := customers.get(session, link.customer_id))
    }
    values = values_of(session, list(rows.values()), config, now=now)
    tiers = config.top.crm.tiers
    return {author_id: tier_weight(values[row.id].tier, tiers) for author_id, row in rows.items()}


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
    score = reputation_of(session, brand, day, config)
    proxy = nps_of(session, brand, day, config)
    watermark = metrics.watermark(session, brand, until=end_of(day, config))
    for kind, formula, payload in (
        ("reputation", score.formula, reputation_json(score)),
        ("nps", "NPSp-v1", nps_json(proxy)),
    ):
        snapshot = Snapshot(
            brand, day, kind, config.top.timezone, formula, payload, watermark, reason
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


def reputation_json(score: Reputation) -> dict[str, Any]:
    """The contract's JSON of a reputation."""
    return {
        **asdict(score),
        "date": score.date.isoformat(),
        "parts": [asdict(p) for p in score.parts],
    }


def nps_json(proxy: NpsProxy) -> dict[str, Any]:
    return {**asdict(proxy), "date": proxy.date.isoformat()}

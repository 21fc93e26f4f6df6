"""When a channel has had its fill of new incidents, the further ones are told in one message."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from alerts import delivery_policy as rules
from alerts.delivery_policy import STORM_CAP, STORM_LASTS, STORM_WINDOW
from domain.notification import DeliveryState, Entry, Fresh, Kind, OutgoingMessage, StormOf
from earshot.alerting.notifications import PACE
from earshot.core.app import App
from storage import deliveries, incidents, outbox

TOGETHER = "told together with others: a storm"


def takes_in(session: Session, app: App, entry: Entry, now: datetime) -> bool:
    """Whether a storm keeps this message from going alone: it is told together with the others.

    When more incidents are new than the channel has room for, the gravest go alone.
    """
    one, here = entry.delivery, app.channel.name
    if one.incident_id is None or one.state is not DeliveryState.PENDING or rules.is_redrawn(one):
        return False
    if one.kind is not Kind.POST and not deliveries.is_untold(session, one.incident_id, here):
        return False
    began = _began(session, app, now)
    sent = deliveries.posted_since(session, app.channel.address, (began or now) - STORM_WINDOW)
    room = max(0, STORM_CAP - sent)
    if len(deliveries.fresh(session, here, due=now, limit=room + 1)) <= room:
        return False
    due = deliveries.fresh(session, here, due=now)
    alone = rules.gravest(due, room)
    _gather(session, app, [each for each in due if each.incident_id not in alone], now)
    return one.incident_id not in alone


def _began(session: Session, app: App, now: datetime) -> datetime | None:
    """When the storm that is on began; None when there is none.

    It is on for ten minutes, then for as long as so many incidents open, for an hour at most.
    """
    told_at = deliveries.storms_since(session, app.channel.address, now - STORM_LASTS)
    if not told_at:
        return None
    fresh = told_at[-1] > now - STORM_WINDOW
    on = fresh or incidents.opened_since(session, now - STORM_WINDOW, most=STORM_CAP) >= STORM_CAP
    return told_at[0] if on else None


def _gather(session: Session, app: App, together: Collection[Fresh], now: datetime) -> None:
    """Tell them in one message per brand: the one that tells of this storm already, if any."""
    deliveries.skip_all_of(session, [each.incident_id for each in together], TOGETHER)
    since = now - STORM_LASTS
    for brand in sorted({each.brand for each in together}):
        ids = sorted(each.incident_id for each in together if each.brand == brand)
        if not outbox.join_storm(
            session, app.channel.address, brand, ids, since=since, now=now, pace=PACE
        ):
            _tell(session, app, brand, ids, now)


def _tell(session: Session, app: App, brand: str, ids: Sequence[int], now: datetime) -> None:
    message = OutgoingMessage(
        key=f"storm:{brand}:{ids[0]}:{now:%Y%m%dT%H%M%S}",
        subject=StormOf(brand, tuple(ids)),
        kind=Kind.POST,
        channel=app.channel.address,
        notifier=app.channel.name,
        as_of=now,
    )
    outbox.enqueue(session, message, now=now)

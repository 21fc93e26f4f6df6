"""When a channel has had its fill of new incidents, the further ones are told in one message."""

from datetime import datetime

from sqlalchemy.orm import Session

from alerts import delivery_policy as rules
from domain.incident import Severity
from domain.notification import DeliveryState, Entry, Kind, OutgoingMessage, StormOf
from earshot.core.app import App
from storage import deliveries, incidents, outbox

TOGETHER = "told together with others: a storm"


def takes_in(session: Session, app: App, entry: Entry, now: datetime) -> bool:
    """Whether a storm keeps this message from going alone; critical ones always go alone.

    Then it is told together with the others, or waits until there is room again.
    """
    one = entry.delivery
    fresh = one.state is DeliveryState.PENDING and not rules.is_redrawn(one)
    if one.kind is not Kind.POST or not fresh or one.incident_id is None:
        return False
    if incidents.get(session, one.incident_id).severity is Severity.CRITICAL:
        return False
    since = now - rules.STORM_WINDOW
    sent = deliveries.posted_since(session, app.channel.address, since)
    if not rules.is_storm(sent, now=now):
        return False
    calm = deliveries.calm(session, due=now)
    told_at = deliveries.newest_storm(session, app.channel.address, since=since)
    if told_at is None:
        _gather(session, app, calm, now)
    else:
        room_at = sorted(sent)[-rules.STORM_CAP]
        until = min(told_at, room_at) + rules.STORM_WINDOW
        deliveries.hold(session, [incident_id for incident_id, _ in calm], until=until)
    return True


def _gather(session: Session, app: App, calm: list[tuple[int, str]], now: datetime) -> None:
    """Tell them in one message per brand."""
    deliveries.skip_all_of(session, [incident_id for incident_id, _ in calm], TOGETHER)
    for brand in sorted({brand for _, brand in calm}):
        told = tuple(incident_id for incident_id, of in calm if of == brand)
        message = OutgoingMessage(
            key=f"storm:{brand}:{min(told)}",
            subject=StormOf(brand, told),
            kind=Kind.POST,
            channel=app.channel.address,
            notifier=app.channel.name,
            as_of=now,
        )
        outbox.enqueue(session, message, now=now)

"""Offers the posts of the random sample in the channel with buttons, one at a time for each brand.

Nobody is flooded: the next one is sent when the last is labelled, and a few a day at most.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from alerts.label_messages import label_message, labelled_message, quote_of, unasked_message
from domain.clock import local_day, midnight
from domain.elements import Message
from domain.notification import Kind, LabelOf, OutgoingMessage
from domain.sentiment import Label
from earshot.core.app import App
from earshot.reporting import labelling
from earshot.reporting.labelling import key_of
from storage import labels, outbox

MOST_A_DAY = 10  # messages about a brand

__all__ = ["drawn", "key_of", "offer_due", "take"]


def offer_due(app: App, *, now: datetime) -> int:
    """Owe each brand's next post, where none stands unanswered; return how many were owed."""
    if not app.channel.pressable:
        return 0
    return sum(_offer(app, brand.name, now=now) for brand in app.config.brands)


def take(
    app: App, draw_id: int, mention_id: int, said: Label | None, *, by: str, now: datetime
) -> None:
    """Store what somebody says of a post, None: nothing, and offer the next one.

    Raises EarshotError with the sentence to show when somebody was faster, or it is gone.
    """
    with app.database.begin() as session:
        labelling.give(session, draw_id, mention_id, said, by=by, now=now)
        brand = labels.brand_of(session, draw_id)
    _offer(app, brand, now=now)


def _offer(app: App, brand: str, *, now: datetime) -> bool:
    with app.database.begin() as session:
        waiting = labelling.waiting(session, brand, app.config, now=now)
        if not waiting:
            return False
        since = labelling.first_week(now, app.config)
        asked = {key_of(*one) for one in labels.asked(session, brand, since=since)}
        owed = outbox.owed(session, asked)
        keys = {key_of(one.draw_id, one.mention_id): one for one in waiting}
        if any(stands for key, (_, stands) in owed.items() if key in keys):
            return False
        today = midnight(local_day(now, app.config.tz), app.config.tz)
        fresh = [key for key in keys if key not in owed]
        if not fresh or sum(at >= today for at, _ in owed.values()) >= MOST_A_DAY:
            return False
        one = keys[fresh[0]]
        message = OutgoingMessage(
            key=fresh[0],
            subject=LabelOf(one.draw_id, one.mention_id),
            kind=Kind.POST,
            channel=app.channel.address,
            notifier=app.channel.name,
            as_of=now,
        )
        return outbox.enqueue(session, message, now=now)


def drawn(session: Session, app: App, about: LabelOf, *, as_of: datetime) -> Message:
    """The post, or what was said of it."""
    brand = labels.brand_of(session, about.draw_id)
    left = len(labelling.waiting(session, brand, app.config, now=as_of))
    given = labels.given(session, about.draw_id, about.mention_id)
    if given is not None:
        return labelled_message(brand, given.label or "", given.by, left=left)
    post = labels.post(session, about.draw_id, about.mention_id)
    if post is None:
        return unasked_message()
    source = app.config.networks.title_of(post.source)
    quote = quote_of(post.mention_id, source, post.text, post.published_at, app.config.tz)
    return label_message(
        quote, brand, draw_id=about.draw_id, left=left, pressable=app.channel.pressable
    )

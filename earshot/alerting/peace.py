"""Keeps the channel quiet where people asked for it: mutes, and quiet hours.

Nothing is lost: the incident is open and its clock runs. What has not left waits, and is judged
anew when the time is over. What stands in the channel is brought up to date, and words are
withdrawn, at any time.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from alerts import delivery_policy as rules
from domain.clock import iso
from domain.incident import Severity
from domain.mute import Mute, Muted
from domain.network import name_of, stored_names
from domain.notification import (
    DeliveryState,
    DigestOf,
    Edition,
    Entry,
    EscalationsOf,
    Kind,
    MentionOf,
    RemovalOf,
    StormOf,
)
from earshot.alerting import messages
from earshot.core.app import App
from storage import deliveries, incidents, mutes, noise, sealing, stories
from storage.views import MentionView


def keeps_quiet(session: Session, app: App, entry: Entry, now: datetime) -> bool:
    """Whether the channel shall not hear this message now; then it waits, or is told no more."""
    one = entry.delivery
    if one.state is not DeliveryState.PENDING or rules.is_redrawn(one):
        return False
    return _in_quiet_hours(session, app, entry, now) or _is_muted(session, app, entry, now)


# --- quiet hours --------------------------------------------------------------------------------


def _in_quiet_hours(session: Session, app: App, entry: Entry, now: datetime) -> bool:
    until = app.config.quiet_until(now)
    if until is None or _passes(session, entry):
        return False
    why = f"quiet hours until {iso(until)}"
    deliveries.keep_all_quiet(
        session, entry.delivery.id, until=until, why=why, but=Severity.CRITICAL
    )
    return True


def _passes(session: Session, entry: Entry) -> bool:
    """What is critical, what somebody waits for, and that words have to go by hand."""
    match entry.message.subject:
        case RemovalOf():
            return True
        case DigestOf(_, _, edition):
            return edition is Edition.MANUAL
        case StormOf(incident_ids=incident_ids) | EscalationsOf(incident_ids=incident_ids):
            return Severity.CRITICAL in incidents.storm(session, incident_ids, named=0).severities
        case _:
            one = entry.delivery.incident_id
            return one is not None and incidents.get(session, one).severity is Severity.CRITICAL


# --- mutes --------------------------------------------------------------------------------------


def _is_muted(session: Session, app: App, entry: Entry, now: datetime) -> bool:
    one, here = entry.delivery, app.channel.name
    holding = mutes.holding(session, now=now) if one.incident_id is not None else []
    mute = _covering(session, entry, holding) if holding else None
    if mute is None or one.incident_id is None:
        return False
    mutes.keep_quiet(session, mute.id, one.incident_id)
    if one.kind is Kind.THREAD and not deliveries.is_untold(session, one.incident_id, here):
        # The first message is there and says it: told later it would be news of yesterday.
        deliveries.skip_key(session, entry.message.key, mute.sentence)
    else:
        deliveries.keep_quiet(session, one.incident_id, until=mute.until, why=mute.sentence)
    return True


def _covering(session: Session, entry: Entry, holding: Sequence[Mute]) -> Mute | None:
    """The mute that keeps a message quiet: every mention that it is about is covered by one.

    Of several the one that ends first: then it is judged anew.
    """
    incident = incidents.get(session, entry.delivery.incident_id or 0)
    mine = [one for one in holding if one.brand in ("", incident.brand)]
    by_rule = (one for one in mine if one.what is Muted.RULE and one.value == incident.rule)
    if (mute := next(by_rule, None)) is not None:
        return mute
    subject = entry.message.subject
    if entry.delivery.kind is Kind.THREAD and isinstance(subject, MentionOf):
        ids = [] if subject.mention_id is None else [subject.mention_id]
        found = messages.views_of(session, incident, ids)
    else:
        found = messages.drawn_of(session, incident)
    covered = [_of_mention(session, mine, view) for view in found]
    certain = [one for one in covered if one is not None]
    if not certain or len(certain) < len(found):
        return None
    return min(certain, key=lambda one: (one.until, one.id))


def _of_mention(session: Session, mine: Sequence[Mute], view: MentionView) -> Mute | None:
    """The mute of this mention that ends last."""
    return next((one for one in mine if _covers(session, one, view)), None)


def _covers(session: Session, mute: Mute, view: MentionView) -> bool:
    match mute.what:
        case Muted.SOURCE:
            return view.mention.source in stored_names(mute.value)
        case Muted.AUTHOR:
            return view.author is not None and mute.value == author_value(
                session, view.author.source, view.author.external_id
            )
        case Muted.STORY:
            return stories.same(session, int(mute.value), view.mention.id)
        case Muted.QUERY:
            return _matches(mute.value, view)
        case Muted.RULE:
            return False  # an incident has one, a mention has none


def author_value(session: Session, source: str, external_id: str) -> str:
    """An author as a mute names them: it outlives what is known of them."""
    return f"{name_of(source)}:{sealing.seal(session, external_id)}"


def _matches(query: str, view: MentionView) -> bool:
    from listener.query import facts_of, parse  # noqa: PLC0415  as in earshot.config.load

    mention = noise.mention_of(view.mention, view.author)
    return parse(query).matches(mention.text, facts_of(mention))

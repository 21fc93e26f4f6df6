"""Takes a post back from everywhere: the store, what waits to be sent, and what Slack shows.

Its tone goes on being counted; its words are nowhere any more.
"""

import json
import re
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from alerts import incident as incidents
from alerts.escape import one_line
from alerts.message import deleted_message
from domain.incident import LIVE
from earshot import announce, morning
from earshot.wiring import App
from storage import gone, outbox
from storage import incidents as stored
from storage.outbox import Letter
from storage.tables import OutboxRow

TOLD_BY = 24  # characters of a text by which a digest that quotes it is known
_ESCAPED = re.compile(r"[&<>.\"\\]|://")  # what is written otherwise in a message


def take_back(session: Session, app: App, mention_ids: Sequence[int], *, now: datetime) -> None:
    """Empty these mentions and everything that quotes them."""
    if not mention_ids:
        return
    words = gone.words_of(session, mention_ids)
    gone.purge(session, mention_ids, now=now)
    for incident_id in gone.incidents_of(session, mention_ids):
        _from_incident(session, app, incident_id, now=now)
    for letter in gone.digests_since(session, min(one.published_at for one in words)):
        if any(_quotes(letter, one.text, one.url) for one in words):
            _from_digest(session, app, letter, now=now)


def _from_incident(session: Session, app: App, incident_id: int, *, now: datetime) -> None:
    """Redraw its messages without the post; close it when no post is left."""
    row = stored.get(session, incident_id)
    left = announce.mentions_of(session, app, incident_id, now=now)
    if not left and row.state in LIVE:
        change = incidents.resolve(
            stored.incident_of(row), by="earshot", now=now, resolution="deleted"
        )
        stored.save(session, change.incident, announce.event_of(change))
        outbox.withdraw(session, incident_id)
    incident = stored.incident_of(stored.get(session, incident_id))
    now_said = announce.payload_of(announce.message_about(session, app, incident, now=now))
    in_thread = announce.payload_of(deleted_message(incident_id))
    for letter in gone.letters_about(session, incident_id):
        letter.payload = in_thread if letter.kind == "thread" else now_said
        if letter.state == "sent" and letter.kind in ("post", "thread"):
            _replace(session, letter, now=now)


def _from_digest(session: Session, app: App, letter: OutboxRow, *, now: datetime) -> None:
    """Draw the digest anew from what is left."""
    name, _, day = letter.key.removeprefix("digest:").rpartition(":")
    brand = next((one for one in app.config.brands if one.name == name), None)
    if brand is None:
        letter.payload = announce.payload_of(deleted_message(None))
    else:
        message = morning.message(session, app, brand, date.fromisoformat(day), now)
        letter.payload = announce.payload_of(message)
    if letter.state == "sent":
        _replace(session, letter, now=now)


def _replace(session: Session, letter: OutboxRow, *, now: datetime) -> None:
    """Owe the channel the message as it is now, in the place of the one it shows."""
    if letter.ref is None:
        return
    again = Letter(
        key=f"{letter.key}:without:{now:%Y%m%dT%H%M%S}",
        kind="redact",
        channel=letter.channel,
        notifier=letter.notifier,
        payload=letter.payload,
        ref=letter.ref,
    )
    outbox.enqueue(session, again, now=now)


def _quotes(letter: OutboxRow, text: str, url: str) -> bool:
    """Whether a digest shows this post: its address, or how its text begins.

    A beginning that is too short to tell by, or that is escaped, is taken for quoted: drawing a
    digest once too often does no harm.
    """
    shown = json.dumps(letter.payload, ensure_ascii=False)
    plain = _ESCAPED.split(one_line(text))[0][:TOLD_BY]
    return bool(url and url in shown) or len(plain) < TOLD_BY or plain in shown

"""Takes words back from everywhere: the store, what waits to be sent, and what Slack shows.

Of a deleted post the tone goes on being counted; its words are nowhere any more. One that was
edited and no longer names a brand is kept, and told of no more.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from alerts import incident as incidents
from alerts.kinds import KINDS
from alerts.message import deleted_message, edited_message
from alerts.rules import evaluate
from domain.incident import LIVE, Action, Incident, Resolution
from domain.notification import Message
from earshot import announce
from earshot.wiring import App
from storage import gone, outbox
from storage import incidents as stored
from storage.noise import Key
from storage.outbox import Letter
from storage.tables import OutboxRow


def take_back(session: Session, app: App, mention_ids: Sequence[int], *, now: datetime) -> None:
    """Empty these mentions and everything that quotes them."""
    if not mention_ids:
        return
    gone.purge(session, mention_ids, now=now)
    for incident_id in gone.incidents_of(session, mention_ids):
        row = stored.get(session, incident_id)
        _from_incident(session, app, row, mention_ids, Resolution.DELETED, now=now)
    for letter in gone.digests_with(session, mention_ids):
        _from_digest(session, app, letter, now=now)


def edited_out(session: Session, app: App, listings: Collection[Key], *, now: datetime) -> None:
    """Tell of these listings no more: the mention's newest text does not name the brand."""
    for mention_id, brand in listings:
        for row in stored.with_mention(session, mention_id, brand):
            _from_incident(session, app, row, [mention_id], Resolution.EDITED, now=now)
        for letter in gone.digests_with(session, [mention_id]):
            _from_digest(session, app, letter, only=brand, now=now)


def _from_incident(
    session: Session,
    app: App,
    incident: Incident,
    mention_ids: Collection[int],
    how: Resolution,
    *,
    now: datetime,
) -> None:
    """Redraw its messages without the posts; close it when none is left, else set its clock."""
    held = stored.mention_ids(session, [incident.id])[incident.id]
    lost = set(mention_ids).intersection(held)
    _lose(session, app, incident, lost, how, now=now)
    after = stored.get(session, incident.id)
    message = announce.message_about(session, app, after, now=now)
    deleted = how is Resolution.DELETED
    in_thread = deleted_message(after.id) if deleted else edited_message(after.id)
    for letter in gone.letters_about(session, after.id):
        if letter.kind != "thread" and letter.quotes is None:
            _redraw(session, letter, message, None, now=now)
        elif letter.quotes is None or lost.intersection(letter.quotes):
            _redraw(session, letter, in_thread, [], now=now)


def _lose(
    session: Session,
    app: App,
    incident: Incident,
    lost: Collection[int],
    how: Resolution,
    *,
    now: datetime,
) -> None:
    """Note in its history that these posts of it do not stand any more, and what that changes."""
    note = f"mention {', '.join(map(str, sorted(lost)))}"
    left = announce.mentions_of(session, app, incident, now=now)
    if KINDS[incident.kind].asks and not left and incident.state in LIVE:
        change = incidents.resolve(
            incident, by="earshot", now=now, resolution=how, note=f"{how}: {note}"
        )
        outbox.withdraw(session, incident.id)
    else:
        clocks = [
            (min(one.published_at, now), min(one.published_at, now) + opening.within)
            for one in left
            if (opening := evaluate(app.config.top.alerts.rules, one)) is not None
        ]
        change = incidents.lose(incident, clocks, Action(how), now=now, note=note)
    stored.save(session, *change)


def _from_digest(
    session: Session, app: App, letter: OutboxRow, *, only: str | None = None, now: datetime
) -> None:
    """Draw the digest anew from what is left; only: unless it is another brand's."""
    from earshot import morning  # noqa: PLC0415  it loads numpy and jinja2, for what is rare

    name, day = morning.read_key(letter.key)
    if only not in (None, name):
        return
    brand = next((one for one in app.config.brands if one.name == name), None)
    if brand is None:
        _redraw(session, letter, deleted_message(None), [], now=now)
        return
    made = morning.digest(session, brand, day, app.config, now=now)
    message = morning.message(made, app.config)
    _redraw(session, letter, message, list(message.quotes), now=now)


def _redraw(
    session: Session,
    letter: OutboxRow,
    message: Message,
    quotes: list[int] | None,
    *,
    now: datetime,
) -> None:
    """Let the letter say this from now on, also where it has been sent."""
    letter.payload, letter.quotes = announce.payload_of(message), quotes
    if letter.state == "sent" and letter.kind in ("post", "thread"):
        replace_sent(session, letter, now=now)


def replace_sent(session: Session, letter: OutboxRow, *, now: datetime) -> None:
    """Owe the channel the message as it is now, in the place of the one it shows."""
    if letter.ref is None:
        return
    earlier = gone.replacements_of(session, letter)
    for one in earlier:
        one.payload = letter.payload
    if any(one.state == "pending" for one in earlier):
        return
    again = Letter(
        key=f"{letter.key}:without:{len(earlier) + 1}",
        kind="redact",
        channel=letter.channel,
        notifier=letter.notifier,
        payload=letter.payload,
        ref=letter.ref,
        quotes=(),
    )
    outbox.enqueue(session, again, now=now)

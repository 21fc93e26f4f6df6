"""Which messages an incident's change owes, written into the outbox in the same transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from alerts.kinds import KINDS
from alerts.message import incident_message, joined_message
from domain.incident import LIVE, Incident, Opening, Triaged
from domain.listing import Naming, Role
from domain.notification import Message
from earshot import payload
from earshot.known import known_customers, triaged_of
from earshot.wiring import App
from storage import incidents, outbox, views
from storage.outbox import Letter


def opened(
    session: Session,
    app: App,
    incident: Incident,
    triaged: Triaged,
    opening: Opening,
    *,
    now: datetime,
) -> None:
    """The first message about an incident."""
    message = incident_message(
        incident,
        [triaged],
        opening.reasons,
        now=now,
        tz=app.config.tz,
        networks=app.config.networks,
    )
    _enqueue(session, app, incident, "post", message, now=now)


def raised(session: Session, app: App, incident: Incident, *, now: datetime) -> None:
    """The first message about an incident that no mention has opened."""
    _enqueue(
        session, app, incident, "post", message_about(session, app, incident, now=now), now=now
    )


def joined(
    session: Session,
    app: App,
    incident: Incident,
    triaged: Triaged,
    opening: Opening,
    *,
    now: datetime,
) -> None:
    """A further mention: a line in the thread, and the first message brought up to date.

    Where nothing has been said of the incident yet (it was answered too soon), this is the first.
    """
    if not outbox.has_root(session, incident.id):
        _enqueue(
            session, app, incident, "post", message_about(session, app, incident, now=now), now=now
        )
        return
    message = joined_message(
        incident,
        triaged,
        opening.reasons,
        now=now,
        tz=app.config.tz,
        networks=app.config.networks,
    )
    _enqueue(session, app, incident, "thread", message, quotes=[triaged.mention_id], now=now)
    changed(session, app, incident, now=now)


def changed(session: Session, app: App, incident: Incident, *, now: datetime) -> None:
    """The first message as the incident now stands.

    One that has not left yet says nothing old: it is taken back when nobody needs to act any more.
    """
    if incident.state not in LIVE and outbox.withdraw(session, incident.id):
        return
    if outbox.has_root(session, incident.id):
        _enqueue(
            session,
            app,
            incident,
            "update",
            message_about(session, app, incident, now=now),
            now=now,
        )


def message_about(session: Session, app: App, incident: Incident, *, now: datetime) -> Message:
    """The incident's first message as it now stands."""
    kind = KINDS[incident.kind]
    found = mentions_of(session, app, incident, now=now, former=True)
    if kind.identifies:
        customer = next((one.customer for one in found if one.customer), None)
        incident = replace(incident, customer=customer)
    return kind.message(incident, found, now=now, tz=app.config.tz, networks=app.config.networks)


def mentions_of(
    session: Session, app: App, incident: Incident, *, now: datetime, former: bool = False
) -> Sequence[Triaged]:
    """The mentions of an incident with their customers, oldest first.

    former: with those that are hidden because their newest text does not name the brand.
    """
    ids = incidents.mention_ids(session, [incident.id])[incident.id]
    wanted = views.Filter(ids=ids, brand=incident.brand, roles=(Role.BRAND,), hidden=None)
    found = [
        view
        for view in views.search(session, wanted)
        if former or not (view.listing.naming == Naming.FORMERLY and view.listing.hidden)
    ]
    known = known_customers(session, found, app.config, now=now)
    return [triaged_of(view, known) for view in reversed(found)]


def _enqueue(
    session: Session,
    app: App,
    incident: Incident,
    kind: str,
    message: Message,
    *,
    quotes: Sequence[int] | None = None,
    now: datetime,
) -> None:
    """quotes: the mentions it shows; None: all of the incident, as it now stands."""
    letter = Letter(
        key=f"incident:{incident.id}:{kind}:{incident.version}",
        kind=kind,
        channel=app.channel,
        notifier=app.notifier.name,
        payload=payload_of(message),
        incident_id=incident.id,
        quotes=quotes,
    )
    outbox.enqueue(session, letter, now=now)


def payload_of(message: Message) -> dict[str, object]:
    """A message as JSON."""
    return payload.written(message)


def message_of(kept: dict[str, object]) -> Message:
    """The message that payload_of() wrote."""
    return payload.read(kept)

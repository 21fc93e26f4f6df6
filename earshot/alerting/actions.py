"""What people do with incidents, from wherever they do it."""

from collections.abc import Callable
from datetime import datetime

from alerts import lifecycle as incidents
from domain.incident import Change, Incident
from domain.sentiment import Label
from earshot.alerting import notifications, triage
from earshot.core.app import App
from storage import corrections
from storage import incidents as stored


def change_incident(
    app: App, incident_id: int, act: Callable[[Incident], Change], *, now: datetime
) -> Incident:
    """Apply a person's decision to an incident and tell the channel.

    Raises EarshotError when there is no such incident or it is past that.
    """
    with app.database.begin() as session:
        change = act(stored.get(session, incident_id))
        stored.save(session, *change)
        notifications.changed(session, change.incident, now=now)
    return change.incident


def correct(
    app: App,
    mention_id: int,
    brand: str | None,
    label: Label | None,
    *,
    by: str,
    now: datetime,
) -> tuple[str, list[Incident]]:
    """Note what a person says of a mention's tone, for its incidents, too; None: no more.

    Returns the brand it is noted for and the incidents that hold the mention. Raises EarshotError
    when there is no such listing, or when `brand` must say which.
    """
    with app.database.begin() as session:
        listed = corrections.brand_of(session, mention_id, brand)
        if label is None:
            corrections.undo(session, mention_id, listed)
        else:
            corrections.correct(session, mention_id, listed, label, by=by, now=now)
        triage.note_asking(session, app, [mention_id], now=now)
        note = f"mention {mention_id}" + (f" is {label}" if label else ": the model's word counts")
        held = stored.with_mention(session, mention_id, listed)
        for incident in held:
            change = incidents.correct(incident, note, by=by, now=now)
            stored.save(session, *change)
            notifications.changed(session, change.incident, now=now)
    return listed, held

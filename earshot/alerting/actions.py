"""What people do with incidents, from wherever they do it."""

from collections.abc import Callable
from datetime import datetime

from domain.incident import Change, Incident
from earshot.alerting import notifications
from earshot.core.app import App
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

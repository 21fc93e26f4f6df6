"""Opens an incident when a source falls silent, and closes it when it delivers again."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts import lifecycle as incidents
from alerts import source_alarm
from domain.incident import ITSELF, LIVE, Resolution
from earshot.alerting import notifications
from earshot.core.app import App
from earshot.reporting.coverage import read
from listener.coverage import (
    UNHEALTHY,
    Verdict,
)
from storage import incidents as stored


def watch(app: App, *, now: datetime) -> int:
    """Open an incident for each source that has fallen silent, close it when it delivers again.

    Returns how many were opened.
    """
    opened = 0
    with app.database.begin() as session:
        ledger = read(session, app.config, since=now - timedelta(days=1), now=now)
        for name in app.config.enabled:
            found = ledger.verdict(name)
            last = stored.newest_with_key(session, source_alarm.key_of(name))
            if found.health in UNHEALTHY and source_alarm.opens_again(last, since=found.since):
                _open(session, app, name, found, now=now)
                opened += 1
            elif found.health not in UNHEALTHY and last is not None and last.state in LIVE:
                change = incidents.resolve(
                    last, by=ITSELF, now=now, resolution=Resolution.HEARD_AGAIN
                )
                stored.save(session, *change)
                notifications.changed(session, change.incident, now=now)
    return opened


def _open(session: Session, app: App, name: str, found: Verdict, *, now: datetime) -> None:
    change = source_alarm.open_alarm(name, found.reason, since=found.since, now=now)
    notifications.opened(session, app, stored.add(session, *change), now=now)

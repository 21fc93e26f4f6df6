"""Redacts what was deleted where it was posted: in the store, and in everything that quotes it.

The sentiment of a deleted post is still counted; its text and its author are removed everywhere.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from domain.incident import Resolution
from earshot.alerting import withdrawals
from earshot.core.app import App
from storage import deletions, outbox
from storage import incidents as stored


def take_back(session: Session, app: App, mention_ids: Sequence[int], *, now: datetime) -> None:
    """Empty these mentions, and have messages that quote them drawn anew."""
    if not mention_ids:
        return
    deletions.purge(session, mention_ids, now=now)
    held = deletions.incidents_of(session, mention_ids)
    for incident_id in held:
        incident = stored.get(session, incident_id)
        withdrawals.lose(session, app, incident, mention_ids, Resolution.DELETED, now=now)
    deletions.forget_customers(session, held)
    outbox.withdrawn(session, mention_ids, now=now)

"""Redacts what was deleted where it was posted: in the store, and in everything that quotes it.

The sentiment of a deleted post is still counted; its text and its author are removed everywhere.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from domain.incident import Resolution
from earshot.alerting import withdrawals
from earshot.alerting.answers import look_for_answers
from earshot.core.app import App
from storage import answers, deletions, outbox
from storage import incidents as stored


def take_back(session: Session, app: App, mention_ids: Sequence[int], *, now: datetime) -> None:
    """Empty these mentions, and have messages that quote them drawn anew.

    What an own answer among them has answered may wait for one again.
    """
    if not mention_ids:
        return
    discounted = answers.discount_deleted(session, mention_ids, now=now)
    deletions.purge(session, mention_ids, now=now)
    held = deletions.incidents_of(session, mention_ids)
    for incident_id in held:
        incident = stored.get(session, incident_id)
        withdrawals.lose(session, app, incident, mention_ids, Resolution.DELETED, now=now)
    deletions.forget_customers(session, held)
    outbox.withdrawn(session, mention_ids, now=now)
    if discounted:
        look_for_answers(session, app, now=now)

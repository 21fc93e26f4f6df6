"""Deletes what is kept longer than its source or the configuration allows."""

from datetime import datetime, timedelta

from domain.clock import local_day
from earshot.core.app import App
from listener.contracts import contract_of
from listener.stories import WITHIN
from storage import (
    mentions,
    presses,
    snapshots,
    stories,
    unlisted_edits,
)

STORIES = WITHIN + timedelta(days=1)  # a copy that is stored later still is not recognised


def comply(app: App, *, now: datetime) -> int:
    """Delete what is kept longer than its source or [privacy] allows; return how many mentions.

    Time counts from when a mention was stored: that is what the platforms limit. Of published
    numbers the persons go, by their day; the numbers stay.
    """
    gone = 0
    own = timedelta(days=app.config.top.privacy.retention_days)
    with app.database.begin() as session:
        for source in mentions.source_names(session):
            keep = min(own, contract_of(source).retention or own)
            gone += mentions.forget_stored_before(session, source, now - keep)
        stories.forget_before(session, now - STORIES)
        unlisted_edits.forget_before(session, now - unlisted_edits.KEPT)
        presses.forget_before(session, now - presses.KEPT)
        snapshots.forget_voices(session, until=local_day(now - own, app.config.tz))
    return gone

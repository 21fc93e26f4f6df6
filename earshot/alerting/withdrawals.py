"""What becomes of incidents whose posts were deleted, or do not name the brand any more."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from alerts import lifecycle as incidents
from alerts.kinds import KINDS
from domain.incident import ITSELF, LIVE, Action, Incident, Resolution
from domain.listing import Role
from earshot.alerting import messages
from earshot.core.app import App
from storage import deletions, outbox, views
from storage import incidents as stored
from storage.listings import Work
from storage.views import Filter


def edited_out(session: Session, app: App, works: Sequence[Work], *, now: datetime) -> None:
    """Take mentions whose newest text does not name the brand out of their incidents.

    Triage marks the messages that show them, with everything else that is judged again.
    """
    keys = {(work.mention_id, work.brand) for work in works}
    wanted = Filter(ids=[work.mention_id for work in works], roles=(Role.BRAND,), hidden=True)
    for view in views.search(session, wanted):
        mention_id, brand = view.mention.id, view.listing.brand
        if (mention_id, brand) not in keys or not view.no_longer_named:
            continue
        for incident in stored.with_mention(session, mention_id, brand):
            lose(session, app, incident, [mention_id], Resolution.EDITED, now=now)


def lose(
    session: Session,
    app: App,
    incident: Incident,
    mention_ids: Collection[int],
    how: Resolution,
    *,
    now: datetime,
) -> None:
    """Record that these posts are gone, and what that changes.

    The incident closes when none is left of its present clock, shown to us or not; else the clock
    is that of those that are shown.
    """
    held = stored.mention_ids(session, [incident.id])[incident.id]
    lost = sorted(set(mention_ids).intersection(held))
    note = f"mention {', '.join(map(str, lost))}"
    left = messages.mentions_of(session, app, incident, now=now)
    of_this_clock = [one for one in left if min(one.published_at, now) >= incident.posted_at]
    is_over = not of_this_clock and not deletions.hidden(session, held)
    if KINDS[incident.kind].asks and is_over and incident.state in LIVE:
        change = incidents.resolve(
            incident, by=ITSELF, now=now, resolution=how, note=f"{how}: {note}"
        )
        outbox.withdraw(session, incident.id)
    else:
        clocks = [
            (posted_at, opening.due_at(posted_at))
            for one in left
            if (opening := app.config.opening(one)) is not None
            for posted_at in (min(one.published_at, now),)
        ]
        change = incidents.lose(incident, clocks, Action(how), now=now, note=note)
    stored.save(session, *change)

"""Finds what was sent before this worker began: the database may be an older copy of itself.

A copy says nothing of being one. But it is put in place while no worker is at work, so only what
had happened before this one began can have been told already. The first such message that is due
has the channel's history read once, for all that are due with it.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts import delivery_policy as rules
from alerts.notifier import UnknownAnswerError
from domain.errors import RemoteError
from domain.notification import DeliveryState, Entry, Kind, Mark
from earshot.alerting.marks import mark_of, possible_since
from earshot.core.app import App
from earshot.core.worker import Worker
from storage import deliveries

AT_ONCE = 200  # messages looked for in one reading
LONGEST_BACK = timedelta(days=30)
CLOCKS_APART = timedelta(minutes=10)  # of the network that dates a post, and of the channel


def find(app: App, entry: Entry, mark: Mark, *, now: datetime) -> str | None:
    """The reference of this first message, if a worker before this one has sent it.

    Raises RemoteError when nobody can know at the moment. Where nobody ever can it is None: better
    twice than not at all.
    """
    worker = app.worker
    if worker is None or not mark.key:
        return None
    if mark.outbox_id in worker.looked_up:
        return worker.looked_up[mark.outbox_id]
    with app.database.read() as session:
        if possible_since(session, entry) >= worker.began_at:
            return None
        wanted = _wanted(session, worker, entry, now)
    if mark not in wanted:
        return None
    since = max(min(wanted.values()), now - LONGEST_BACK) - CLOCKS_APART
    try:
        found = app.notifier.find(app.channel.address, list(wanted), since)
    except RemoteError as error:
        hopeless = error.permanent or isinstance(error, UnknownAnswerError)
        if not hopeless and entry.delivery.attempts < rules.BLIND_LOOK_UPS:
            raise
        found = {}
    worker.looked_up.update((one.outbox_id, found.get(one)) for one in wanted)
    return found.get(mark)


def _wanted(session: Session, worker: Worker, entry: Entry, now: datetime) -> dict[Mark, datetime]:
    """What is due and may have been told before the worker began, and since when."""
    due = [entry, *deliveries.waiting(session, due=now, limit=AT_ONCE)]
    fresh = [
        one
        for one in due
        if one.delivery.kind is Kind.POST
        and one.delivery.state is DeliveryState.PENDING
        and not rules.is_redrawn(one.delivery)
        and one.delivery.id not in worker.looked_up
    ]
    since = {mark_of(session, one): possible_since(session, one) for one in fresh}
    return {mark: at for mark, at in since.items() if mark.key and at < worker.began_at}

"""Prints what cannot leave: the console is what is left."""

import logging
import sys
from datetime import datetime, timedelta

from alerts import delivery_policy as rules
from alerts.notifier import ConsoleNotifier
from domain.elements import Message
from domain.errors import RemoteError
from domain.notification import Delivery, Mark
from earshot.alerting import messages
from earshot.core.app import App
from storage import undelivered

log = logging.getLogger(__name__)

REFUSED = "printed: Slack refuses, it is sent when the settings have changed"
AT_ONCE = 100  # the others have their turn in the next round


def print_alert(message: Message, delivery: Delivery) -> None:
    try:
        ConsoleNotifier(sys.stdout).post("console", message, Mark(delivery.id))
    except RemoteError as error:
        log.warning("an alert cannot even be printed reason=%s", error)


def print_waiting(app: App, *, now: datetime, refused: bool) -> None:
    """Print once each first message that cannot leave. It is sent all the same when it can.

    refused: the channel refuses us, so all of them; else those that nobody has seen for too long.
    """
    patience = timedelta() if refused else rules.UNSEEN_FOR
    with app.writing() as session:
        for entry, due_at in undelivered.unprinted(
            session,
            before=now - patience,
            tries=rules.UNKNOWN_TRIES,
            due_before=now + 2 * patience,
            limit=AT_ONCE,
            now=now,
        ):
            one, owed_at = entry.delivery, entry.owed_at
            if not refused and rules.seen_by(one, owed_at=owed_at, due_at=due_at) > now:
                continue
            print_alert(messages.draw(session, app, entry), one)
            reason = REFUSED if refused else one.reason
            undelivered.printed(session, one.id, reason, now=now)

"""`unanswered`: who still waits for an answer."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import click

from domain.clock import iso
from earshot import serializers
from earshot.cli import lines
from earshot.cli.base import WHEN, Session, as_json, brand_option, print_json, say, show
from earshot.customers.profile import values_of
from earshot.reporting.unanswered import Unanswered, unanswered

MONTH = timedelta(days=30)


@click.command("unanswered")
@brand_option
@click.option("--since", type=WHEN, help="Written at or after.  [default: 30d]")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True)
@as_json
@click.pass_obj
def list_unanswered(
    session: Session, *, brand: str | None, since: datetime | None, limit: int, as_json: bool
) -> None:
    """List what asks for an answer and has none, by due time.

    Of the same due time the most valuable customer first. Whether or not an alert told of it; where
    none did, it says why. What was dismissed or resolved, noise, reposts and copies are left out.

    Example: earshot unanswered --since 7d
    """
    name = None if brand is None else session.config.brand(brand).name
    since = since or session.now - MONTH
    with session.app.database.read() as db:
        found = unanswered(db, session.config, since=since, now=session.now, brand=name)
        shown = found[:limit]
        rows = [one.view.customer for one in shown if one.view.customer is not None]
        values = values_of(db, rows, session.config, now=session.now)
    for one in shown:
        if as_json:
            print_json(serializers.mention_json(one.view, values) | _also_json(one))
        else:
            for line in _lines(one, now=session.now):
                show(line)
    if not as_json:
        untold = sum(bool(one.no_alert) for one in found)
        more = f", the first {limit} are shown (--limit)" if len(found) > limit else ""
        waits = "mention waits" if len(found) == 1 else "mentions wait"
        say(f"{len(found)} {waits} for an answer{more}; no alert told of {untold}")


def _also_json(one: Unanswered) -> dict[str, object]:
    return {
        "asks_because": one.why,
        "severity": one.severity,
        "due_at": iso(one.due_at),
        "no_alert_because": one.no_alert or None,
    }


def _lines(one: Unanswered, *, now: datetime) -> Iterator[str]:
    """Who waits how long for what, and below it why it asks and where it is."""
    candidate = one.candidate
    who = f"@{candidate.author_handle}" if candidate.author_handle else candidate.author_name
    customer = candidate.customer
    known = f" ({' '.join(filter(None, (customer.tier, 'customer')))})" if customer else ""
    text = " ".join(candidate.text.split())[:90]
    due = lines.due(one.due_at, now=now)
    yield (
        f"{candidate.mention_id:>6}  {one.severity:8}  {due:20}  {candidate.source[:11]:11}  "
        f"{who[:30] or '(unknown)'}{known}: {text}"
    )
    where = f"incident {one.incident.id}" if one.incident else "no incident"
    untold = f"; no alert: {one.no_alert}" if one.no_alert else ""
    yield f"{'':6}  {candidate.brand}: {one.why}; {where}{untold}"


COMMANDS = (list_unanswered,)

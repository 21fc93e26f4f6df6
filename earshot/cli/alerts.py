"""`alerts` and `rules`: incidents and their clocks, and what rules would have done."""

from datetime import datetime

import click

from alerts.escape import terminal
from domain.clock import iso
from domain.errors import EarshotError
from domain.notification import DeliveryState
from earshot import serializers
from earshot.alerting import escalation, rule_replay
from earshot.alerting.messages import draft_of, mentions_of
from earshot.cli import lines
from earshot.cli.alert_verbs import VERBS
from earshot.cli.answer_times import times
from earshot.cli.base import (
    ID,
    WHEN,
    Session,
    as_json,
    print_json,
    say,
    show,
)
from storage import clocks, escalation_steps, escalations, incident_events, incidents


@click.group("alerts")
def alerts_group() -> None:
    """Incidents: what needs an answer, by when, and what became of it.

    Example: earshot alerts list --open
    """


@alerts_group.command("list")
@click.option("--open", "live_only", is_flag=True, help="Only those that still need somebody.")
@as_json
@click.pass_obj
def list_alerts(session: Session, *, live_only: bool, as_json: bool) -> None:
    """List incidents, the live ones first.

    Example: earshot alerts list --open --json
    """
    with session.app.database.read() as db:
        rows = incidents.listing(db, live_only=live_only)
        ids = incidents.mention_ids(db, [row.id for row in rows])
        sent = incidents.deliveries(db, [row.id for row in rows])
        ran = clocks.of(db, [row.id for row in rows])
    for row in rows:
        if as_json:
            print_json(serializers.incident_json(row, ids[row.id], ran[row.id], sent[row.id]))
        else:
            show(lines.incident_line(row, len(ids[row.id]), now=session.now))


@alerts_group.command("show")
@click.argument("incident_id", type=ID, metavar="ID")
@as_json
@click.pass_obj
def show_alert(session: Session, incident_id: int, *, as_json: bool) -> None:
    """Show an incident: why it is there, its mentions, its messages, its history.

    Example: earshot alerts show 3
    """
    with session.app.database.read() as db:
        row = incidents.get(db, incident_id)
        ids = incidents.mention_ids(db, [incident_id])[incident_id]
        sent = incidents.deliveries(db, [incident_id])[incident_id]
        ran = clocks.of(db, [incident_id])[incident_id]
        history = incident_events.of(db, incident_id)
        steps = escalation_steps.of(db, incident_id)
        acknowledged_at = escalations.acknowledged_at(db, incident_id)
        mentions = mentions_of(db, session.app, row, now=session.now)
    if as_json:
        print_json(serializers.incident_json(row, ids, ran, sent))
        return
    show(lines.incident_line(row, len(ids), now=session.now))
    show(f"  opened {iso(row.opened_at)}")
    for number, clock in enumerate(ran, start=1):
        show(f"  {lines.clock_line(number, clock)}")
    for reason in row.reasons:
        show(f"  because {reason}")
    for mention in mentions:
        customer = (
            f", customer {mention.customer.id} {mention.customer.name}" if mention.customer else ""
        )
        show(
            f"  mention {mention.mention_id} @{mention.author_handle}{customer}: "
            f"{' '.join(mention.text.split())[:160]}"
        )
    for one in sent:
        if one.state == DeliveryState.PENDING and (one.quiet_until or session.now) > session.now:
            show(f"  not told in the channel: {one.reason}")
            continue
        why = "" if one.state == DeliveryState.SENT or not one.reason else f" ({one.reason})"
        at = f" {iso(one.sent_at)}" if one.sent_at else ""
        show(f"  message to {one.channel}: {one.state}{at}{why}")
    quiet_until = escalation.quiet_until(session.app, row, acknowledged_at)
    for step in steps:
        show(f"  {lines.step_line(step, quiet_until)}")
    for event in history:
        show(f"  {iso(event.at)}  {event.action} by {event.actor}  {event.note}")


@alerts_group.command()
@click.argument("incident_id", type=ID, metavar="ID")
@click.pass_obj
def draft(session: Session, incident_id: int) -> None:
    """Print a draft of an answer to the newest post, from the templates in [[alerts.templates]].

    Nothing is sent: copy it and post it where the post is.

    Example: earshot alerts draft 3
    """
    with session.app.database.read() as db:
        incident = incidents.get(db, incident_id)
        found = draft_of(db, session.app, incident, now=session.now)
    if found is None:
        raise EarshotError(
            f"no template fits incident {incident_id}: see [[alerts.templates]] in "
            f"{session.config.path}"
        )
    _, made = found
    click.echo(terminal(made.text))
    say(made.note(session.config.networks))


for verb in VERBS:
    alerts_group.add_command(verb)


alerts_group.add_command(times)


@click.group("rules")
def rules_group() -> None:
    """The alert rules of the configuration.

    Example: earshot rules test --since 30d
    """


@rules_group.command("test")
@click.option("--since", type=WHEN, default="30d", show_default=True, help="From when on.")
@as_json
@click.pass_obj
def test_rules(session: Session, since: datetime, *, as_json: bool) -> None:
    """Replay the rules over stored history: what would have fired, when. Nothing is sent or stored.

    Example: earshot rules test --since 30d
    """
    fired = rule_replay.replay(session.app, since=since, now=session.now)
    for one in fired:
        if as_json:
            print_json(
                {
                    "at": iso(one.at),
                    "brand": one.candidate.brand,
                    "rule": one.opening.rule,
                    "severity": one.opening.severity,
                    "mention_id": one.candidate.mention_id,
                    "due_at": iso(one.opening.due_at(one.at)),
                    "reasons": list(one.opening.reasons),
                }
            )
        else:
            show(
                f"{one.at:%Y-%m-%d %H:%M}  {one.opening.severity:8}  {one.opening.rule[:20]:20}  "
                f"mention {one.candidate.mention_id}: {' '.join(one.candidate.text.split())[:70]}"
            )
    say(f"{len(fired)} incident{'' if len(fired) == 1 else 's'} since {iso(since)}")


COMMANDS = (alerts_group, rules_group)

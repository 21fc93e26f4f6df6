"""Gives an incident the steps of its escalation, and lets them follow its clock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from alerts import escalation as rules
from alerts.kinds import KINDS
from domain.escalation import Step, StepState
from domain.incident import LIVE, Incident, State
from earshot.core.app import App
from storage import escalation_steps, escalations

BATCH = 500
FIRST_SAYS_IT = "its time was over when the first message was written"


def follow_all(session: Session, app: App, *, now: datetime) -> bool:
    """Follow some of the incidents that have changed; whether there may be more."""
    changed = escalations.moved(session, limit=BATCH)
    for incident in changed:
        follow(session, app, incident, now=now)
    return len(changed) == BATCH


def follow(session: Session, app: App, incident: Incident, *, now: datetime) -> None:
    """Hold the steps against the incident: the one place where they begin and move.

    A clock that has just started gets a copy of the policy; the promise of one that runs may have
    become another. What is closed has had its steps cancelled as it was stored.
    """
    if incident.state not in LIVE or not KINDS[incident.kind].escalates:
        escalations.settle(session, incident.id)
        return
    clock = escalations.clock_of(session, incident.id)
    if escalations.begin(session, incident.id, clock):
        _copy(session, app, incident, clock, now=now)
        return
    escalations.settle(session, incident.id)
    steps = escalation_steps.of(session, incident.id, clock)
    _move(session, app, incident, steps)
    if incident.state is State.ACKNOWLEDGED:
        _speak_again(session, app, incident, steps)


def _copy(session: Session, app: App, incident: Incident, clock: int, *, now: datetime) -> None:
    policy, hours = app.config.escalation(incident), app.config.hours_of(incident)
    steps = rules.plan(policy, incident, clock, hours)
    escalation_steps.add(
        session,
        [
            replace(step, state=StepState.SKIPPED_LATE, reason=FIRST_SAYS_IT)
            if rules.said_by_the_first(step, now)
            else step
            for step in steps
        ],
    )


def _move(session: Session, app: App, incident: Incident, steps: Sequence[Step]) -> None:
    """Let what is pending follow the promise, where that is another than it was counted from."""
    hours = app.config.hours_of(incident)
    for step in steps:
        after = step.telling.after
        if step.promised_at == incident.due_at or after == rules.ACKNOWLEDGED:
            continue
        at = rules.due_at(after, incident.posted_at, incident.due_at, hours)
        escalation_steps.move(session, replace(step, due_at=at, promised_at=incident.due_at))


def _speak_again(session: Session, app: App, incident: Incident, steps: Sequence[Step]) -> None:
    at = escalations.acknowledged_at(session, incident.id)
    peace, hours = app.config.top.alerts.acknowledged_for, app.config.hours_of(incident)
    more = at and rules.after_acknowledgement(steps, at, peace, hours)
    if more:
        escalation_steps.add(session, [more])

"""When somebody is reminded of an incident that nobody answers. Pure: history and clock come in.

A policy is a list of steps. It is copied into an incident when its clock starts, so that a policy
that is edited later changes nothing there. Only an answer ends it; who acknowledges has peace for
a while.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from domain.business_hours import BusinessHours, deadline, open_between
from domain.escalation import THREAD, WHOLE, Step, StepState, Telling, share_and_length
from domain.incident import Incident, State

ACKNOWLEDGED = "acknowledged"  # `after` of the step that ends an acknowledgement's peace


def plan(
    tellings: Sequence[Telling], incident: Incident, clock: int, hours: BusinessHours | None
) -> list[Step]:
    """The policy as the steps of one of the incident's clocks."""
    return [
        Step(
            incident.id,
            clock,
            number,
            telling,
            due_at(telling.after, incident.posted_at, incident.due_at, hours),
            incident.due_at,
        )
        for number, telling in enumerate(tellings, start=1)
    ]


# --- when -----------------------------------------------------------------------------------------


def due_at(
    after: str, posted_at: datetime, promised_at: datetime, hours: BusinessHours | None
) -> datetime:
    """The instant `after` means between the post and its promised answer, in UTC.

    Both a share and a length count the time in which the office is open. 100% is exactly the
    promised instant, and no smaller share comes after it.
    """
    share, more = share_and_length(after)
    posted_at, promised_at = posted_at.astimezone(UTC), promised_at.astimezone(UTC)
    at = posted_at if share == 0 else _at_share(share, posted_at, promised_at, hours)
    return deadline(at, more, hours) if more else at


def _at_share(
    share: int, posted_at: datetime, promised_at: datetime, hours: BusinessHours | None
) -> datetime:
    if share == WHOLE:
        return promised_at
    whole = open_between(posted_at, promised_at, hours)
    if not whole:  # the promise was not counted in office hours
        hours, whole = None, max(promised_at - posted_at, timedelta())
    at = deadline(posted_at, whole * share / WHOLE, hours)
    return min(at, promised_at) if share < WHOLE else max(at, promised_at)


# --- what happens now -----------------------------------------------------------------------------


class Turn(NamedTuple):
    """What becomes of the steps of one incident that are due."""

    fire: Sequence[Step] = ()
    late: Sequence[Step] = ()


def quiet_until(
    incident: Incident,
    acknowledged_at: datetime | None,
    peace: timedelta,
    hours: BusinessHours | None,
) -> datetime | None:
    """Until when nobody is reminded of a live incident; None: it is open, and that may be now.

    acknowledged_at: when it was acknowledged last. peace: how long that keeps it quiet, in the
    hours in which the office is open.
    """
    if incident.state is State.SNOOZED:
        return incident.snoozed_until
    if incident.state is State.ACKNOWLEDGED and acknowledged_at is not None:
        return deadline(acknowledged_at, peace, hours)
    return None


def turn(due: Sequence[Step]) -> Turn:
    """Of all steps of an incident that are due only the newest fires: the others are old news.

    Steps of the same instant belong together: one tells the thread, the other somebody else.
    """
    newest = max(step.due_at for step in due)
    return Turn(
        [step for step in due if step.due_at == newest],
        [step for step in due if step.due_at != newest],
    )


def said_by_the_first(step: Step, now: datetime) -> bool:
    """Whether the message that is written now, as the clock starts, says all that this step would.

    It names nobody, so a step that does is needed all the same.
    """
    return step.telling.tell == THREAD and step.due_at <= now


def after_acknowledgement(
    steps: Sequence[Step], acknowledged_at: datetime, peace: timedelta, hours: BusinessHours | None
) -> Step | None:
    """One more step for when the peace is over, if otherwise nothing would be said then.

    steps: of the running clock, in their order; without any nobody is ever reminded.
    """
    said = [step.fired_at for step in steps if step.fired_at is not None]
    waits = any(step.state is StepState.PENDING for step in steps)
    if not steps or waits or any(at > acknowledged_at for at in said):
        return None
    last = steps[-1]
    telling = Telling(ACKNOWLEDGED, last.telling.tell, last.telling.channel)
    at = deadline(acknowledged_at, peace, hours)
    return Step(last.incident_id, last.clock, last.number + 1, telling, at, last.promised_at)

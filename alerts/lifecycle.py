"""An incident's life: what opens, moves and closes it. Pure: history and clock come in.

Every change returns the new incident, its version one higher, and the audit entry to store with it.
Acknowledging does not stop the clock: only an answer by the brand, or a person's decision, ends it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.clock import iso, span
from domain.errors import EarshotError
from domain.incident import (
    LIVE,
    Action,
    Audit,
    Change,
    Incident,
    IncidentKind,
    Opening,
    Resolution,
    Severity,
    State,
    Triaged,
)

REOPEN_WITHIN = timedelta(hours=72)
GRAVITY = {Severity.NORMAL: 0, Severity.HIGH: 1, Severity.CRITICAL: 2}


class Placement(StrEnum):
    """Where a mention that needs an answer belongs, given the newest incident of its key."""

    NEW = "new"  # none that could take it: open_incident()
    JOIN = "join"  # a live one: join()
    REOPEN = "reopen"  # closed at most 72 hours ago: reopen()
    COVERED = "covered"  # written before the answer that closed it, seen after: attach, say nothing


def key_of(triaged: Triaged) -> str:
    """Name what belongs together: one author's complaint about one brand in one conversation.

    An unknown author is nobody's twin: their mention stands alone.
    """
    author = triaged.author_id or f"?{triaged.external_id}"
    root = triaged.conversation_id or triaged.external_id
    parts = (triaged.brand, triaged.source, author, root)
    return ":".join(("complaint", *(_without_colon(part) for part in parts)))


def _without_colon(part: str) -> str:
    return part.replace("%", "%25").replace(":", "%3A")


def placement(newest: Incident | None, triaged: Triaged) -> Placement:
    """Decide by the newest incident of the mention's key; None when there never was one.

    The same mentions and answers lead to the same state in whatever order they are seen.
    """
    if newest is None or newest.state is State.DISMISSED:
        return Placement.NEW
    if newest.state in LIVE:
        return Placement.JOIN
    if newest.answered_at is not None and triaged.published_at <= newest.answered_at:
        return Placement.COVERED
    ended_at = newest.answered_at or newest.resolved_at or newest.opened_at
    in_time = triaged.published_at - ended_at <= REOPEN_WITHIN
    return Placement.REOPEN if in_time else Placement.NEW


def tells_anew(told: Incident, triaged: Triaged, opening: Opening) -> bool:
    """Whether a copy of a story needs an incident of its own, although `told` has told the story.

    Only when its author was promised more, or when the author of `told` says the same again after
    that was closed.
    """
    if GRAVITY[opening.severity] > GRAVITY[told.severity]:
        return True
    same_author = told.key.rpartition(":")[0] == key_of(triaged).rpartition(":")[0]
    ended_at = (told.answered_at or told.resolved_at) if told.state is State.RESOLVED else None
    return same_author and ended_at is not None and triaged.published_at > ended_at


def open_incident(
    triaged: Triaged, opening: Opening, *, now: datetime, incident_id: int = 0
) -> Change:
    """Start the clock at the post's own time. incident_id 0: the store has yet to give one."""
    posted_at = min(triaged.published_at, now)  # a clock of theirs that runs ahead gives no respite
    incident = Incident(
        id=incident_id,
        kind=IncidentKind.COMPLAINT,
        key=key_of(triaged),
        brand=triaged.brand,
        rule=opening.rule,
        severity=opening.severity,
        state=State.OPEN,
        posted_at=posted_at,
        opened_at=now,
        due_at=posted_at + opening.within,
        customer=triaged.customer,
        reasons=opening.reasons,
    )
    note = f"rule {opening.rule}: {'; '.join(opening.reasons)}"
    audit = Audit(incident_id, 1, Action.OPENED, "earshot", now, None, State.OPEN, note)
    return Change(incident, audit)


def join(incident: Incident, triaged: Triaged, opening: Opening | None, *, now: datetime) -> Change:
    """Add a further mention of the same key: it may make things graver and sooner, never milder.

    opening: what the rules say of the new mention alone; None when none fires. A snooze ends.
    Raises EarshotError when the incident is closed.
    """
    _must_be_live(incident)
    posted_at = min(triaged.published_at, now)
    after = replace(
        _tightened(incident, triaged, opening, now=now),
        posted_at=min(incident.posted_at, posted_at),
    )
    if incident.state is State.SNOOZED:
        after = replace(after, state=State.OPEN, snoozed_until=None)
    return _change(incident, after, Action.JOINED, at=now, note=f"mention {triaged.mention_id}")


def identify(
    incident: Incident, triaged: Triaged | None, opening: Opening | None, *, now: datetime
) -> Change:
    """Learn which customer wrote it: the promise may become tighter for them, never looser.

    triaged: the customer's mention; None when no link says any more that a customer wrote it.
    opening: what the rules say of the mention now. Raises EarshotError when the incident is closed.
    """
    _must_be_live(incident)
    if triaged is None or triaged.customer is None:
        after = replace(incident, customer=None, customer_id=None)
        return _change(incident, after, Action.IDENTIFIED, at=now, note="nobody we know")
    after = _tightened(incident, triaged, opening, now=now)
    who = f"customer {triaged.customer.id}"
    return _change(incident, after, Action.IDENTIFIED, at=now, note=who)


def _tightened(
    incident: Incident, triaged: Triaged, opening: Opening | None, *, now: datetime
) -> Incident:
    after = replace(incident, customer=triaged.customer or incident.customer)
    if opening is None:
        return after
    due_at = min(triaged.published_at, now) + opening.within
    after = replace(after, due_at=min(incident.due_at, due_at))
    if GRAVITY[opening.severity] > GRAVITY[incident.severity]:
        after = replace(
            after, severity=opening.severity, rule=opening.rule, reasons=opening.reasons
        )
    return after


def reopen(incident: Incident, triaged: Triaged, opening: Opening, *, now: datetime) -> Change:
    """Start a second clock in the same thread for a new complaint soon after the first was closed.

    Raises EarshotError unless placement() says so. The audit note keeps the first clock.
    """
    if placement(incident, triaged) is not Placement.REOPEN:
        raise EarshotError(
            f"incident {incident.id} is {incident.state} and cannot be reopened by this mention: "
            "open a new incident"
        )
    posted_at = min(triaged.published_at, now)
    after = replace(
        incident,
        rule=opening.rule,
        severity=opening.severity,
        state=State.OPEN,
        posted_at=posted_at,
        due_at=posted_at + opening.within,
        acknowledged_at=None,
        answered_at=None,
        resolved_at=None,
        resolution="",
        customer=triaged.customer or incident.customer,
        reasons=opening.reasons,
    )
    return _change(incident, after, Action.REOPENED, at=now, note=_first_clock(incident))


def _first_clock(incident: Incident) -> str:
    ended_at = incident.answered_at or incident.resolved_at
    took = f" after {span(ended_at - incident.posted_at)}" if ended_at else ""
    return (
        f"posted {iso(incident.posted_at)}, due {iso(incident.due_at)}, "
        f"{incident.resolution or 'closed'} {iso(ended_at) or ''}{took}"
    )


def acknowledge(incident: Incident, *, by: str, now: datetime) -> Change:
    """Somebody has seen it. The clock runs on.

    Raises EarshotError when it is acknowledged already or closed.
    """
    _must_be_live(incident)
    if incident.state is State.ACKNOWLEDGED:
        raise EarshotError(f"incident {incident.id} is already acknowledged")
    after = replace(
        incident,
        state=State.ACKNOWLEDGED,
        acknowledged_at=incident.acknowledged_at or now,
        snoozed_until=None,
    )
    return _change(incident, after, Action.ACKNOWLEDGED, by=by, at=now)


def assign(incident: Incident, assignee: str, *, by: str, now: datetime) -> Change:
    """Give it to somebody; the state stays. Raises EarshotError when closed or theirs already."""
    _must_be_live(incident)
    assignee = assignee.strip()
    if not assignee:
        raise EarshotError(f"incident {incident.id}: say to whom it is assigned")
    if assignee == incident.assignee:
        raise EarshotError(f"incident {incident.id} is already assigned to {assignee}")
    after = replace(incident, assignee=assignee)
    return _change(incident, after, Action.ASSIGNED, by=by, at=now, note=f"to {assignee}")


def snooze(incident: Incident, until: datetime, *, by: str, now: datetime) -> Change:
    """Keep quiet until then; the clock runs on. Raises EarshotError when closed or in the past."""
    _must_be_live(incident)
    if until <= now:
        raise EarshotError(
            f"incident {incident.id} cannot be snoozed until {iso(until)}: that is in the past"
        )
    after = replace(incident, state=State.SNOOZED, snoozed_until=until)
    return _change(incident, after, Action.SNOOZED, by=by, at=now, note=f"until {iso(until)}")


def wake(incident: Incident, *, now: datetime, by: str = "earshot", note: str = "") -> Change:
    """End a snooze, elapsed or cut short. Raises EarshotError when it does not sleep."""
    if incident.state is not State.SNOOZED:
        raise EarshotError(f"incident {incident.id} is {incident.state}, not snoozed")
    after = replace(incident, state=State.OPEN, snoozed_until=None)
    return _change(incident, after, Action.WOKEN, by=by, at=now, note=note)


def resolve(
    incident: Incident,
    *,
    by: str,
    now: datetime,
    resolution: Resolution = Resolution.MANUAL,
    note: str = "",
) -> Change:
    """Close it by decision ("manual") or because no post of it stands ("deleted", "edited").

    Raises EarshotError when it is closed already.
    """
    _must_be_live(incident)
    after = replace(
        incident,
        state=State.RESOLVED,
        resolved_at=now,
        resolution=resolution,
        snoozed_until=None,
    )
    return _change(incident, after, Action.RESOLVED, by=by, at=now, note=note or resolution)


def lose(
    incident: Incident,
    left: Sequence[tuple[datetime, datetime]],
    how: Action,
    *,
    now: datetime,
    note: str,
) -> Change:
    """Go on without a post that was deleted or edited: the clock is that of those that are left.

    left: when each of them was posted and is due; those of an earlier clock change nothing.
    """
    clock = [one for one in left if one[0] >= incident.posted_at]
    after = incident
    if clock and incident.state in LIVE:
        posted, due = zip(*clock, strict=True)
        after = replace(incident, posted_at=min(posted), due_at=min(due))
    return _change(incident, after, how, at=now, note=note)


def dismiss(incident: Incident, *, by: str, now: datetime, note: str = "") -> Change:
    """Say that it never needed an answer; a resolved one may still be. Counted, never hidden.

    Raises EarshotError when it is dismissed already.
    """
    if incident.state is State.DISMISSED:
        raise EarshotError(f"incident {incident.id} is already dismissed")
    after = replace(
        incident,
        state=State.DISMISSED,
        resolved_at=incident.resolved_at or now,
        snoozed_until=None,
    )
    return _change(incident, after, Action.DISMISSED, by=by, at=now, note=note)


def is_news(incident: Incident, answered_at: datetime) -> bool:
    """Whether answer() would change anything: the first answer, or an earlier one seen late.

    A reply older than the running clock is none: it closed an earlier one before the reopening.
    """
    if answered_at < incident.posted_at:
        return False
    return incident.answered_at is None or answered_at < incident.answered_at


def answer(incident: Incident, *, answered_at: datetime, now: datetime) -> Change:
    """Stop the clock at the brand's own reply; a live incident is resolved by it.

    One closed by hand keeps its resolution and still learns when it was answered. Mentions of it
    that are newer than the reply are not answered by it: take placement() and reopen() for them.
    Raises EarshotError unless is_news().
    """
    if answered_at < incident.posted_at:
        raise EarshotError(
            f"incident {incident.id} was posted {iso(incident.posted_at)}, "
            f"after this reply of {iso(answered_at)}"
        )
    if not is_news(incident, answered_at):
        raise EarshotError(
            f"incident {incident.id} is already answered at {iso(incident.answered_at)}"
        )
    after = replace(incident, answered_at=answered_at)
    if incident.state in LIVE:
        after = replace(
            after,
            state=State.RESOLVED,
            resolved_at=now,
            resolution=Resolution.REPLIED,
            snoozed_until=None,
        )
    note = f"after {span(answered_at - incident.posted_at)}"
    return _change(incident, after, Action.ANSWERED, at=now, note=note)


def correct(incident: Incident, said: str, *, by: str, now: datetime) -> Change:
    """Note what a person says of the tone of one of its mentions. Nothing moves, open or closed."""
    return _change(incident, incident, Action.CORRECTED, by=by, at=now, note=said)


def _must_be_live(incident: Incident) -> None:
    if incident.state not in LIVE:
        raise EarshotError(f"incident {incident.id} is already {incident.state}")


def _change(
    before: Incident,
    after: Incident,
    action: Action,
    *,
    at: datetime,
    by: str = "earshot",
    note: str = "",
) -> Change:
    after = replace(after, version=before.version + 1)
    audit = Audit(before.id, after.version, action, by, at, before.state, after.state, note)
    return Change(after, audit)

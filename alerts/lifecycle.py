"""An incident's life: what opens, moves and closes it. Pure: history and clock come in.

Every change returns the new incident, its version one higher, and the audit entry to store with it.
Acknowledging does not stop the clock: only an answer by the brand, or a person's decision, ends it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from alerts.grouping import Placement, key_of, placement
from domain.clock import iso, span
from domain.errors import EarshotError
from domain.incident import (
    GRAVITY,
    ITSELF,
    LIVE,
    Action,
    Audit,
    Candidate,
    Change,
    Clock,
    Incident,
    IncidentKind,
    Opening,
    Resolution,
    Severity,
    State,
)
from domain.press import DuplicateOf, Elsewhere, NoAnswerNeeded, Settled

LONGEST_NOTE = 2_000
LONGEST_CHANNEL = 80


def open_incident(
    candidate: Candidate, opening: Opening, *, now: datetime, incident_id: int = 0
) -> Change:
    """Start the clock at the post's own time. incident_id 0: the store has yet to give one."""
    posted_at = min(
        candidate.published_at, now
    )  # a clock of theirs that runs ahead does not move the deadline
    incident = Incident(
        id=incident_id,
        kind=IncidentKind.COMPLAINT,
        key=key_of(candidate),
        brand=candidate.brand,
        rule=opening.rule,
        severity=opening.severity,
        state=State.OPEN,
        posted_at=posted_at,
        opened_at=now,
        due_at=opening.due_at(posted_at),
        customer=candidate.customer,
        reasons=opening.reasons,
    )
    note = f"rule {opening.rule}: {'; '.join(opening.reasons)}"
    audit = Audit(incident_id, 1, Action.OPENED, ITSELF, now, None, State.OPEN, note)
    return Change(incident, audit)


def join(
    incident: Incident, candidate: Candidate, opening: Opening | None, *, now: datetime
) -> Change:
    """Add a further mention of the same key: it may raise the severity and shorten the deadline.

    opening: the rule that the new mention alone fires; None when none does. A snooze ends.
    Raises EarshotError when the incident is closed.
    """
    _must_be_live(incident)
    posted_at = min(candidate.published_at, now)
    after = replace(
        _tightened(incident, candidate, opening, now=now),
        posted_at=min(incident.posted_at, posted_at),
    )
    if incident.state is State.SNOOZED:
        after = replace(after, state=State.OPEN, snoozed_until=None)
    return _change(incident, after, Action.JOINED, at=now, note=f"mention {candidate.mention_id}")


def identify(
    incident: Incident, candidate: Candidate | None, opening: Opening | None, *, now: datetime
) -> Change:
    """Learn which customer wrote it: the deadline may become shorter for them, never longer.

    candidate: the customer's mention; None when no link says any more that a customer wrote it.
    opening: the rule that it fires now. Raises EarshotError when the incident is closed.
    """
    _must_be_live(incident)
    if candidate is None or candidate.customer is None:
        after = replace(incident, customer=None, customer_id=None)
        return _change(incident, after, Action.IDENTIFIED, at=now, note="nobody we know")
    after = _tightened(incident, candidate, opening, now=now)
    who = f"customer {candidate.customer.id}"
    return _change(incident, after, Action.IDENTIFIED, at=now, note=who)


def _tightened(
    incident: Incident, candidate: Candidate, opening: Opening | None, *, now: datetime
) -> Incident:
    after = replace(incident, customer=candidate.customer or incident.customer)
    if opening is None:
        return after
    due_at = opening.due_at(min(candidate.published_at, now))
    after = replace(after, due_at=min(incident.due_at, due_at))
    if GRAVITY[opening.severity] > GRAVITY[incident.severity]:
        after = replace(
            after, severity=opening.severity, rule=opening.rule, reasons=opening.reasons
        )
    return after


def reopen(incident: Incident, candidate: Candidate, opening: Opening, *, now: datetime) -> Change:
    """Start a second clock in the same thread for a new complaint soon after the first was closed.

    The first one stays a row of its own. Raises EarshotError unless placement() says so.
    """
    if placement(incident, candidate) is not Placement.REOPEN:
        raise EarshotError(
            f"incident {incident.id} is {incident.state} and cannot be reopened by this mention: "
            "open a new incident"
        )
    posted_at = min(candidate.published_at, now)
    after = replace(
        incident,
        rule=opening.rule,
        severity=opening.severity,
        state=State.OPEN,
        posted_at=posted_at,
        due_at=opening.due_at(posted_at),
        acknowledged_at=None,
        acknowledged_by="",
        answered_at=None,
        resolved_at=None,
        resolution="",
        answered_in="",
        duplicate_of=None,
        severity_by="",
        clock=incident.clock + 1,
        customer=candidate.customer or incident.customer,
        reasons=opening.reasons,
    )
    note = f"clock {after.clock}, by mention {candidate.mention_id}"
    return _change(incident, after, Action.REOPENED, at=now, note=note)


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
        acknowledged_by=by,
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


def wake(incident: Incident, *, now: datetime, by: str = ITSELF, note: str = "") -> Change:
    """End a snooze, elapsed or cut short. Raises EarshotError when it is not snoozed."""
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
    """Close it by decision ("manual") or because none of its posts is left ("deleted", "edited").

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


def settle(incident: Incident, how: Settled, *, by: str, now: datetime, note: str = "") -> Change:
    """Close it by a person who says how. An answer elsewhere counts as one, told apart by how.

    Raises EarshotError when it is closed already, or when nothing can have been so.
    """
    _must_be_live(incident)
    match how:
        case Elsewhere():
            told, resolution = _told_elsewhere(incident, how, now), Resolution.ELSEWHERE
            said = f"answered elsewhere: {told.answered_in}, {iso(how.answered_at)}"
        case NoAnswerNeeded():
            told, resolution = incident, Resolution.NO_ANSWER_NEEDED
            said = "no answer needed"
        case DuplicateOf(incident_id):
            if incident_id == incident.id:
                raise EarshotError(f"incident {incident.id} cannot be a duplicate of itself")
            told, resolution = replace(incident, duplicate_of=incident_id), Resolution.DUPLICATE
            said = f"duplicate of incident {incident_id}"
    said = "; ".join(filter(None, (said, note.strip())))
    return resolve(told, by=by, now=now, resolution=resolution, note=said)


def _told_elsewhere(incident: Incident, how: Elsewhere, now: datetime) -> Incident:
    where, at = how.channel.strip(), how.answered_at
    if not 0 < len(where) <= LONGEST_CHANNEL:
        raise EarshotError(
            f"incident {incident.id}: say where it was answered in at most {LONGEST_CHANNEL} "
            "characters, e.g. phone"
        )
    if not incident.posted_at <= at <= now:
        when = "in the future" if at > now else f"before the post of {iso(incident.posted_at)}"
        raise EarshotError(
            f"incident {incident.id} cannot have been answered {iso(at)}: that is {when}"
        )
    return replace(incident, answered_in=where, answered_at=at)


def rate(
    incident: Incident, severity: Severity, *, due_at: datetime, by: str, now: datetime
) -> Change:
    """Take a person's word for how grave it is: no later judging lowers it.

    due_at: what the level promises. The due time becomes the earlier one, never later: nobody
    loosens a promise by hand. Raises EarshotError when it is closed or of this severity already.
    """
    _must_be_live(incident)
    if incident.severity is severity:
        raise EarshotError(f"incident {incident.id} is already {severity}")
    after = replace(
        incident, severity=severity, severity_by=by, due_at=min(incident.due_at, due_at)
    )
    note = f"{severity}, was {incident.severity}"
    return _change(incident, after, Action.RATED, by=by, at=now, note=note)


def judge_anew(
    incident: Incident,
    judged: Sequence[tuple[Candidate, Opening]],
    action: Action,
    *,
    by: str,
    now: datetime,
    note: str,
) -> Change:
    """Judge it from scratch after a person's lesson: it may become less grave, and due later.

    judged: its mentions that ask for an answer, each with what it opens now. A severity that is a
    person's word stays, with its due time; so does all of a closed incident, or without mentions.
    """
    after = _promising(incident, judged, now) if incident.state in LIVE else incident
    return _change(incident, after, action, by=by, at=now, note=note)


def promised_anew(
    incident: Incident,
    judged: Sequence[tuple[Candidate, Opening]],
    *,
    now: datetime,
    note: str,
) -> Change:
    """Promise what the rules say now, closed or not: it was promised for somebody else's sake."""
    after = _promising(incident, judged, now)
    return _change(incident, after, Action.IDENTIFIED, at=now, note=note)


def _promising(
    incident: Incident, judged: Sequence[tuple[Candidate, Opening]], now: datetime
) -> Incident:
    """With the gravest severity and the earliest due time of the mentions of its present clock."""
    clock = [one for one in judged if _posted_at(one[0], now) >= incident.posted_at] or judged
    if not clock or incident.severity_by:
        return incident
    gravest = max((opening for _, opening in clock), key=lambda one: GRAVITY[one.severity])
    return replace(
        incident,
        severity=gravest.severity,
        rule=gravest.rule,
        reasons=gravest.reasons,
        due_at=min(opening.due_at(_posted_at(one, now)) for one, opening in clock),
    )


def _posted_at(candidate: Candidate, now: datetime) -> datetime:
    return min(candidate.published_at, now)


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


def follow(
    incident: Incident,
    before: Sequence[Clock],
    after: Sequence[Clock],
    opening: Opening | None = None,
    *,
    now: datetime,
) -> list[Change]:
    """Follow the incident's clocks, which answers that came, or were taken back, have moved.

    One whose last clock has its answer is resolved, one whose last clock runs is open again; the
    closed by hand and the dismissed stay what they are. before, after: all its clocks, as
    alerts.clocks has settled them. opening: of the post that begins the last clock, if it is new.

    Returns the changes in order: of the clock there was, then of each that began since.
    """
    changes: list[Change] = []
    for count in range(min(len(before), len(after)), len(after) + 1):
        opened = opening if count > len(before) else None
        was = before if not changes else after[: count - 1]
        if tuple(was) != tuple(after[:count]):
            changes.append(_settled(incident, was, after[:count], opened, now=now))
            incident = changes[-1].incident
    return changes


def _settled(
    incident: Incident,
    before: Sequence[Clock],
    after: Sequence[Clock],
    opening: Opening | None,
    *,
    now: datetime,
) -> Change:
    last = after[-1]
    moved = replace(
        incident,
        posted_at=last.posted_at,
        due_at=last.due_at,
        severity=last.severity,
        answered_at=last.answered_at,
        answered_in=last.channel,
        clock=len(after),
    )
    if len(after) > len(before):
        moved = replace(
            moved, acknowledged_at=None, acknowledged_by="", duplicate_of=None, severity_by=""
        )
        if opening is not None:
            moved = replace(moved, rule=opening.rule, reasons=opening.reasons)
    if not last.how and (incident.state not in LIVE or len(after) > len(before)):
        moved = replace(
            moved, state=State.OPEN, resolved_at=None, resolution="", snoozed_until=None
        )
        action = Action.REOPENED if len(after) > len(before) else Action.UNANSWERED
        return _change(incident, moved, action, at=now, note=_ran_before(incident, action))
    if last.how == Resolution.REPLIED and incident.state is not State.DISMISSED:
        moved = replace(
            moved,
            state=State.RESOLVED,
            resolved_at=incident.resolved_at or now,
            resolution=Resolution.REPLIED,
            snoozed_until=None,
        )
    if last.answered_at is None:
        note = "an answer to an earlier clock does not count, or came sooner"
        return _change(incident, moved, Action.UNANSWERED, at=now, note=note)
    note = f"after {span(last.answered_at - last.posted_at)}"
    return _change(incident, moved, Action.ANSWERED, at=now, note=note)


def _ran_before(incident: Incident, action: Action) -> str:
    if action is Action.REOPENED:
        return f"clock {incident.clock + 1}"
    return f"the answer of {iso(incident.answered_at)} does not count"


def correct(incident: Incident, note: str, *, by: str, now: datetime) -> Change:
    """Note what a person says of the tone of one of its mentions. Nothing moves, open or closed."""
    return _change(incident, incident, Action.CORRECTED, by=by, at=now, note=note)


def note(incident: Incident, text: str, *, by: str, now: datetime) -> Change:
    """Keep a person's words in its history. Nothing moves, open or closed."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST_NOTE:
        raise EarshotError(
            f"incident {incident.id}: a note has at least one and at most {LONGEST_NOTE:,} "
            f"characters, this one {len(text):,}"
        )
    return _change(incident, incident, Action.NOTED, by=by, at=now, note=text)


def _must_be_live(incident: Incident) -> None:
    if incident.state not in LIVE:
        raise EarshotError(f"incident {incident.id} is already {incident.state}")


def _change(
    before: Incident,
    after: Incident,
    action: Action,
    *,
    at: datetime,
    by: str = ITSELF,
    note: str = "",
) -> Change:
    after = replace(after, version=before.version + 1)
    audit = Audit(before.id, after.version, action, by, at, before.state, after.state, note)
    return Change(after, audit)

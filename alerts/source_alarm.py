"""The incident of a source that delivers nothing any more. It belongs to no brand."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from alerts.escape import cut, one_line
from alerts.presses import presses
from domain.clock import span
from domain.elements import Element, Facts, Heading, Message, Notes, Text
from domain.incident import (
    LIVE,
    Action,
    Audit,
    Change,
    Incident,
    IncidentKind,
    Resolution,
    Severity,
    State,
)

RULE = "deaf"  # the name in its `rule` field, kept for scripts; its kind is what counts
MEND_WITHIN = timedelta(hours=4)


def key_of(source: str) -> str:
    return f"{RULE}:{source}"


def open_alarm(source: str, reason: str, *, since: datetime | None, now: datetime) -> Change:
    """Open an alarm for the source. since: when it fell silent, None when unknown."""
    began = min(since or now, now)
    incident = Incident(
        id=0,
        kind=IncidentKind.SOURCE_ALARM,
        key=key_of(source),
        brand="",
        rule=RULE,
        severity=Severity.HIGH,
        state=State.OPEN,
        posted_at=began,
        opened_at=now,
        due_at=now + MEND_WITHIN,
        reasons=(reason,),
    )
    return Change(incident, Audit(0, 1, Action.OPENED, "earshot", now, None, State.OPEN, reason))


def opens_again(last: Incident | None, *, since: datetime | None) -> bool:
    """Whether a silence since then needs a new alarm; last: the source's newest incident.

    An alarm that a person has closed stays closed until the source has delivered in between.
    """
    if last is None:
        return True
    if last.state in LIVE:
        return False
    ended_at = last.resolved_at or last.opened_at
    return last.resolution == Resolution.HEARD_AGAIN or (since is not None and since > ended_at)


def alarm_message(
    incident: Incident,
    reasons: Sequence[str],
    *,
    now: datetime,
    tz: tzinfo,
    pressable: bool = False,
) -> Message:
    """The alarm as it stands: which source is silent, since when, and what to do."""
    source = cut(one_line(incident.key.removeprefix(f"{RULE}:")), 40)
    if incident.state in LIVE:
        title = f"🔇 Quiet because deaf? {source}"
        sentence = "What is said there is not heard; the digest and charts count it as missing."
    elif incident.resolution == Resolution.HEARD_AGAIN:
        ended_at = incident.resolved_at or now
        title = f"✅ {source} is heard again"
        sentence = f"It was not for {span(ended_at - incident.posted_at)}."
    else:
        title, sentence = f"⚪ {source}: closed by a person", ""
    rows = (
        ("Since", f"{incident.posted_at.astimezone(tz):%a %d %b %H:%M %Z}"),
        ("Why", "; ".join(reasons)),
        ("What to do", "earshot doctor, then earshot coverage" if incident.state in LIVE else ""),
        ("Assigned to", incident.assignee),
    )
    elements: tuple[Element, ...] = (
        Heading(title),
        *([Text(sentence)] if sentence else []),
        Facts(rows),
        *([presses(incident, about_posts=False)] if pressable else []),
        Notes((f"Incident {incident.id} · version {incident.version} · all brands",)),
    )
    return Message(f"{title} · {'; '.join(reasons)}", elements)

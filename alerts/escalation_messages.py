"""How somebody is reminded: in the incident's thread, in another channel, or of many at once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from alerts.escape import cut, one_line
from alerts.incident_words import SEVERITY_SIGN
from alerts.letters import up_first
from domain.clock import span
from domain.elements import Element, Facts, Heading, Message, Notes, Quote, Quotes, Summons, Text
from domain.escalation import THREAD
from domain.incident import LIVE, Candidate, Incident, Severity, State
from domain.network import PUBLIC, Networks

QUOTED = 300
ASK = "please see to it that it is answered."


def reminder(incident: Incident, tell: str, *, now: datetime, tz: tzinfo = UTC) -> Message:
    """For the thread below the incident, where its posts stand already."""
    title = f"⏰ {up_first(_how_late(incident, now))}"
    elements = (*_said(title, tell), Facts(_clock(incident, now, tz)))
    return Message(title, elements)


def reminder_elsewhere(
    incident: Incident,
    mentions: Sequence[Candidate],
    tell: str,
    *,
    now: datetime,
    tz: tzinfo = UTC,
    networks: Networks = PUBLIC,
) -> Message:
    """For a channel that has not seen the incident. mentions: oldest first, if any may be shown."""
    sign, level = SEVERITY_SIGN[incident.severity], str(incident.severity).capitalize()
    title = f"{sign} {level}, {one_line(incident.brand)}: {_how_late(incident, now)}"
    first = mentions[0] if mentions else None
    where = one_line(networks.title_of(first.source)) if first else ""
    rows = (("Where", where), *_clock(incident, now, tz), ("Rule", incident.rule))
    elements = (
        Heading(title),
        *_called(tell),
        *([Quotes((_quote(first),))] if first else []),
        Facts(rows),
        Notes((f"earshot alerts show {incident.id}",)),
    )
    return Message(title, elements)


def reminder_of_many(
    brand: str, incidents: Sequence[Incident], tell: str, *, now: datetime
) -> Message:
    """One message for the many incidents that one by one would flood the channel."""
    waiting = [one for one in incidents if one.state in LIVE]
    late = sum(one.due_at <= now for one in waiting)
    title = f"⏰ {len(waiting)} incidents about {one_line(brand)} wait for an answer"
    counts = [(level, sum(one.severity is level for one in waiting)) for level in Severity]
    rows = (
        ("Overdue", f"{late:,}" if late else ""),
        ("How grave", ", ".join(f"{count:,} {level}" for level, count in counts if count)),
        ("Incidents", cut(", ".join(str(one.id) for one in waiting), 400)),
        ("All of them", "earshot alerts list --open"),
    )
    return Message(title, (Heading(title), *_called(tell), Facts(rows)))


def called(tell: str, message: Message) -> Message:
    """The same message, with somebody called by name before it."""
    return Message(message.summary, (*_called(tell), *message.elements))


def _said(title: str, tell: str) -> list[Element]:
    return [Text(title)] if tell == THREAD else [Summons(tell, title)]


def _called(tell: str) -> list[Element]:
    return [] if tell == THREAD else [Summons(tell, ASK)]


def _how_late(incident: Incident, now: datetime) -> str:
    if incident.state not in LIVE:
        return f"incident {incident.id} is {incident.state}"
    left = incident.due_at - now
    if left > timedelta():
        return f"incident {incident.id} has {span(left)} left and no answer yet"
    return f"incident {incident.id} is overdue by {span(-left)} and has no answer"


def _clock(incident: Incident, now: datetime, tz: tzinfo) -> tuple[tuple[str, str], ...]:
    acknowledged = incident.acknowledged_at if incident.state is State.ACKNOWLEDGED else None
    return (
        ("Answer due", _instant(incident.due_at, now, tz)),
        ("Acknowledged", _instant(acknowledged, now, tz) if acknowledged else ""),
        ("Assigned to", incident.assignee),
    )


def _instant(at: datetime, now: datetime, tz: tzinfo) -> str:
    local = at.astimezone(tz)
    today = local.date() == now.astimezone(tz).date()
    return f"{local:%H:%M %Z}" if today else f"{local:%a %d %b %H:%M %Z}"


def _quote(candidate: Candidate) -> Quote:
    handle = f"@{cut(one_line(candidate.author_handle), 60)}" if candidate.author_handle else ""
    name = cut(one_line(candidate.author_name), 80) or handle or "Unknown author"
    about = handle if handle != name else ""
    return Quote(candidate.mention_id, name, about, candidate.text, QUOTED)

"""One line of a list for people: a mention, an incident."""

from collections.abc import Mapping
from datetime import datetime

from domain.clock import iso, span
from domain.escalation import Step, StepState
from domain.incident import LIVE, Clock, Incident, State
from earshot.serializers import others, story_of, tone
from storage.mention_orders import NamedOrder
from storage.stories import Key, Story
from storage.tables import CustomerRow
from storage.views import MentionView


def copies_mark(view: MentionView, found: Mapping[Key, Story]) -> str:
    """The end of a mention's line: why it is hidden, how many copies it has."""
    hidden = f"  [{view.listing.hidden}]" if view.listing.hidden else ""
    story = story_of(view, found)
    copies = others(view, story)
    if story is None or not copies:
        return hidden
    if story.head != view.mention.id:
        return f"{hidden}  (as {story.head})"
    return f"{hidden}  +{copies} cop{'y' if copies == 1 else 'ies'}"


def order_line(order: NamedOrder, author: CustomerRow | None) -> str:
    """An order that a mention names. author: the customer who is linked with who wrote it."""
    others = author is not None and author.id != order.person_id
    whose = ", of another customer" if others else ""
    return f"order {order.in_words} ({order.system}){whose}"


def mention_line(view: MentionView) -> str:
    """One mention on one line for people."""
    felt = tone(view.sentiment)
    handle = f"@{view.author.handle}" if view.author and view.author.handle else "(unknown)"
    text = " ".join(view.mention.text.split())
    marks = "".join(
        (
            "$" if view.customer else "",
            "!" if view.incident is not None and view.incident.state in LIVE else "",
        )
    )
    return (
        f"{view.mention.id:>6} {marks:2} {view.mention.published_at:%Y-%m-%d %H:%M}  {felt:9} "
        f"{view.listing.brand[:12]:12}  {view.mention.source[:11]:11} {handle[:18]:18} {text[:90]}"
    )


def incident_line(row: Incident, mentions: int, *, now: datetime) -> str:
    """One incident on one line for people, its clock first."""
    return (
        f"{row.id:>5}  {row.severity:8}  {row.state:12}  {clock(row, now=now):24}  "
        f"{row.brand[:14]:14}  {row.rule[:20]:20}  {mentions} mention{'' if mentions == 1 else 's'}"
        f"{f'  → {row.assignee}' if row.assignee else ''}"
    )


def clock_line(number: int, one: Clock) -> str:
    """One promise of an incident, and how it ended."""
    how = one.how.replace("_", " ") or "runs"
    answered = f", answered {iso(one.answered_at)}" if one.answered_at else ""
    channel = f" ({one.channel})" if one.channel else ""
    promise = f"posted {iso(one.posted_at)}, due {iso(one.due_at)}"
    return f"clock {number}  {promise}{answered}  {how}{channel}"


def clock(row: Incident, *, now: datetime) -> str:
    """How the deadline stands, in words."""
    if row.answered_at is not None:
        late = row.answered_at - row.due_at
        return f"answered {span(late)} late" if late.total_seconds() > 0 else "answered in time"
    if row.state == State.DISMISSED:
        return "dismissed"
    if row.state == State.RESOLVED:
        return "closed without a reply"
    return due(row.due_at, now=now)


def due(at: datetime, *, now: datetime) -> str:
    """How far a due time is away, or past."""
    left = at - now
    return f"due in {span(left)}" if left.total_seconds() >= 0 else f"overdue by {span(-left)}"


def step_line(step: Step, quiet_until: datetime | None) -> str:
    """One step of an escalation on one line. quiet_until: when its incident may be spoken of."""
    whom = step.telling.tell + (f" in {step.telling.channel}" if step.telling.channel else "")
    why = step.reason
    if step.state is StepState.PENDING and quiet_until is not None:
        why = f"not before {iso(quiet_until)}"
    fired = f" {iso(step.fired_at)}" if step.fired_at else ""
    return (
        f"reminder {step.clock}.{step.number} after {step.telling.after} to {whom}, "
        f"due {iso(step.due_at)}: {step.state}{fired}{f' ({why})' if why else ''}"
    )

"""Every mention that asks for an answer and has none, whether or not an alert told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from domain.incident import LIVE, Candidate, Incident, Severity
from domain.listing import Role, Stage
from earshot.config.model import Config
from earshot.customers.profile import candidate_of, customer_profiles
from storage import incidents, views
from storage.incidents import DeliveryStatus
from storage.views import Filter, MentionView

Told = Mapping[int, Sequence[DeliveryStatus]]  # by incident: the messages about it


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One mention that waits."""

    view: MentionView
    candidate: Candidate
    why: str  # it asks, in words
    severity: Severity
    due_at: datetime
    incident: Incident | None  # a live one that holds it
    no_alert: str  # why no alert told of it; "" when one did

    @property
    def value(self) -> float:
        """What its author paid in the past 12 months, as far as one is known."""
        return self.candidate.customer.revenue_12m if self.candidate.customer else 0.0


def unanswered(
    session: Session, config: Config, *, since: datetime, now: datetime, brand: str | None = None
) -> list[Unanswered]:
    """What waits, by due time, of the same the most valuable first.

    Without what was dismissed or resolved, own posts, noise, reposts and copies.
    """
    wanted = Filter(brand=brand, since=since, roles=(Role.BRAND,), waits=True, stories=True)
    found = [view for view in views.search(session, wanted) if _waits(view)]
    known = customer_profiles(session, found, config, now=now)
    told = incidents.deliveries(session, [one.incident.id for one in found if one.incident])
    waiting = [_judged(config, view, candidate_of(view, known), told) for view in found]
    return sorted(waiting, key=lambda one: (one.due_at, -one.value, one.candidate.mention_id))


def _waits(view: MentionView) -> bool:
    return view.incident is None or view.incident.state in LIVE


def _judged(config: Config, view: MentionView, candidate: Candidate, told: Told) -> Unanswered:
    opening, incident = config.opening(candidate), view.incident
    due_at = opening.due_at(candidate.published_at) if opening else candidate.published_at
    return Unanswered(
        view=view,
        candidate=candidate,
        why=config.why_asks(candidate) or "it asked when it was judged",
        severity=incident.severity if incident else opening.severity if opening else Severity.LOW,
        due_at=incident.due_at if incident else due_at,
        incident=incident,
        no_alert=_why_no_alert(view, told),
    )


def _why_no_alert(view: MentionView, told: Told) -> str:
    """Why the channel has heard nothing of it; "" when it has."""
    if view.incident is not None:
        messages = told[view.incident.id]
        if any(one.sent_at is not None for one in messages):
            return ""
        return next((one.reason for one in messages if one.reason), "it has not been sent yet")
    if view.listing.stage != Stage.DONE:
        return "it has not been judged yet"
    if view.listing.quiet:
        return "it is history: it came long after it was written, or was judged again"
    return "no rule held when it was judged"

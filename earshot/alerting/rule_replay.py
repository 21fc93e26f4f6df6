"""Replays the alert rules over stored mentions and changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from alerts.grouping import REOPEN_WITHIN, key_of
from domain.incident import GRAVITY, Candidate, Opening
from domain.listing import Role
from earshot.core.app import App
from earshot.customers.profile import candidate_of, customer_profiles
from storage import views
from storage.views import Filter


@dataclass(frozen=True, slots=True)
class Fired:
    """One incident the rules would have opened."""

    at: datetime  # when its first mention was published
    candidate: Candidate
    opening: Opening


def replay(app: App, *, since: datetime, now: datetime) -> list[Fired]:
    """The incidents the configured rules would have opened, oldest first.

    As in triage a further mention of the same key joins the incident until 72 hours have passed
    without one, and copies of a story that fired open none. Customers, links and corrections are
    those of today.
    """
    with app.database.read() as session:
        wanted = Filter(since=since, until=now, roles=(Role.BRAND,))
        found = [view for view in views.search(session, wanted) if not view.mention.is_repost]
        known = customer_profiles(session, found, app.config, now=now)
    last: dict[str, datetime] = {}
    gravest: dict[tuple[str, int], int] = {}  # by story: the gravest severity that fired
    fired = []
    for view in reversed(found):
        candidate = candidate_of(view, known)
        opening = app.config.opening(candidate)
        key = key_of(candidate)
        if opening is not None:
            before = last.get(key)
            story = (candidate.brand, candidate.story_id or -candidate.mention_id)
            graver = GRAVITY[opening.severity] > gravest.get(story, -1)
            if graver and (before is None or candidate.published_at - before > REOPEN_WITHIN):
                fired.append(Fired(candidate.published_at, candidate, opening))
                gravest[story] = GRAVITY[opening.severity]
            last[key] = candidate.published_at
    return fired

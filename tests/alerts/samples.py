"""Invented mentions and incidents for the tests of alerts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.clocks import settled
from alerts.lifecycle import follow, open_incident
from domain.incident import (
    Candidate,
    CustomerProfile,
    Incident,
    Opening,
    Resolution,
    Severity,
    State,
)
from domain.sentiment import Label, Sentiment

NOW = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)

NEGATIVE = Sentiment(Label.NEGATIVE, 0.91, 0.07, 0.02, "tiny@0")
GOLD = CustomerProfile(12, "Ana Ruiz", "gold", 1830.5, 7, "EUR", "handle on file")
OPENING = Opening("vip", Severity.HIGH, HOUR, ("negative with p 0.91 >= 0.50",))

HOSTILE = (
    "<!channel> <!here> <!everyone> wake up",
    "ask <@U123ABC> or <#C123|general> or <!subteam^S1>",
    "<https://evil.example/login|paypal.com>",
    "&lt;!channel&gt; and &amp;lt;",
    "```code``` *bold* _it_ ~no~ `x`",
    "https://evil.example/a?b=c http://10.0.0.1/ www.evil.example mail me@evil.example",
    "slack://channel?id=C1 javascript:alert(1) data:text/html,x file:///etc/passwd",
    "\u202egnp.exe \u2066hidden\u2069 \u200bzero\u200dwidth\ufeff",
    "nul\x00 bell\x07 esc\x1b[2J \x1b]52;c;aGk=\x07 \x9b31m \x7f cr\rover",
    "lone \ud800 and \udfff surrogates",
    "&" * 5_000,
    "<" * 3_000 + ">" * 3_000,
    "a" * 50_000,
    "👨‍👩‍👧" * 2_000,
    "@channel @here @everyone #general :rocket:",
    "<!date^0^{date}|now> <mailto:a@evil.example|x>",
    "",
    " \n\t ",
    "=cmd|' /C calc'!A0",
    "line one\nline two\r\nline three\u2028line four",
)


def triaged(**changes: Any) -> Candidate:  # noqa: ANN401 - of any field
    plain = Candidate(
        mention_id=7,
        brand="Acme",
        source="x",
        external_id="1849",
        text="My parcel never came, third time this week.",
        url="https://x.com/ana/status/1849",
        published_at=NOW - timedelta(minutes=5),
        parent_id=None,
        conversation_id="1849",
        author_id="99",
        author_handle="ana",
        author_name="Ana Ruiz",
        followers=12_000,
        lang="en",
        rating=None,
        sentiment=NEGATIVE,
        customer=None,
    )
    return replace(plain, **changes)


def answered(one: Incident, at: datetime, *, now: datetime) -> Incident:
    """The incident as it is once an answer of that time is known."""
    before = [one.present]
    known = {clock.answered_at for clock in before if clock.answered_at is not None}
    changes = follow(one, before, settled(before, [], {*known, at}), now=now)
    return changes[-1].incident if changes else one


def incident(**changes: Any) -> Incident:  # noqa: ANN401 - of any field
    opened, _ = open_incident(triaged(), OPENING, now=NOW, incident_id=3)
    return replace(opened, **changes)


# --- one incident in each state ---

POSTED = triaged().published_at
OPEN = incident()
ACKED = incident(state=State.ACKNOWLEDGED, acknowledged_at=NOW)
SNOOZED = incident(state=State.SNOOZED, snoozed_until=NOW + HOUR)
BY_HAND = incident(state=State.RESOLVED, resolved_at=NOW, resolution=Resolution.MANUAL)
REPLIED = incident(
    state=State.RESOLVED,
    resolved_at=NOW,
    answered_at=NOW - timedelta(minutes=1),
    resolution=Resolution.REPLIED,
)
DISMISSED = incident(state=State.DISMISSED, resolved_at=NOW)
ALL = {
    "open": OPEN,
    "acknowledged": ACKED,
    "snoozed": SNOOZED,
    "by hand": BY_HAND,
    "replied": REPLIED,
    "dismissed": DISMISSED,
}

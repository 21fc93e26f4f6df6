"""What an incident looks like in a channel, in each of its states."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from alerts.escape import cut, defang, one_line
from domain.clock import span
from domain.elements import (
    Button,
    Buttons,
    Element,
    Facts,
    Heading,
    Link,
    Message,
    Notes,
    Quote,
    Quotes,
    Text,
)
from domain.incident import (
    LIVE,
    WITHDRAWN,
    Candidate,
    CustomerProfile,
    Incident,
    Resolution,
    Severity,
    State,
    Storm,
)
from domain.network import PUBLIC, Networks
from domain.sentiment import Asks

GONE = "The post is gone from the platform, so its text is gone here."
NOT_SHOWN = "The post is not shown to us at present. Its text stands here again when it is."
FIRST_QUOTE, FURTHER_QUOTE, FURTHER_SHOWN = 2_400, 600, 3
SEVERITY_SIGN = {
    Severity.CRITICAL: "🔴",
    Severity.HIGH: "🟠",
    Severity.NORMAL: "🟡",
    Severity.LOW: "🔵",
}
STATE_SIGN = {
    State.ACKNOWLEDGED: "👀",
    State.SNOOZED: "💤",
    State.RESOLVED: "✅",
    State.DISMISSED: "⚪",
}


def incident_message(
    incident: Incident,
    mentions: Sequence[Candidate],
    reasons: Sequence[str] = (),
    *,
    now: datetime,
    tz: tzinfo = UTC,
    networks: Networks = PUBLIC,
) -> Message:
    """The incident as it stands: post it when it opens, put it in the place of the old one later.

    mentions: oldest first; none when their texts were deleted, or are not shown to us at present.
    reasons: why the rule fired. networks: what they are called and where the button may lead.
    """
    if incident.resolution == Resolution.DELETED:
        mentions = ()  # what its author took back is not shown any longer
    title = _title(incident, mentions, networks)
    rows = (
        *_clock(incident, now=now, tz=tz),
        ("Customer", _customer(incident.customer)),
        ("Tone", _tone(mentions[0]) if mentions else ""),
        ("Why", f"{incident.rule} ({'; '.join(reasons)})" if reasons else incident.rule),
        ("Assigned to", incident.assignee),
        ("Address", _dead_address(mentions, networks)),
    )
    elements = (
        Heading(title),
        _posts(mentions, incident.uncounted, tz=tz)
        if mentions
        else Text(NOT_SHOWN if _is_hidden(incident) else GONE),
        Facts(rows),
        *post_button(mentions, networks),
        Notes((f"Incident {incident.id} · version {incident.version} · {incident.brand}",)),
    )
    return Message(_summary(title, incident, mentions, now=now, tz=tz), elements)


def joined_message(
    incident: Incident,
    candidate: Candidate,
    reasons: Sequence[str] = (),
    *,
    before: int = 0,
    now: datetime,
    tz: tzinfo = UTC,
    networks: Networks = PUBLIC,
) -> Message:
    """A further mention of the same incident, for its thread.

    before: how many others came since the thread was last told; they are counted.
    """
    title = f"Another post in incident {incident.id}"
    if before:
        title = f"{before + 1:,} more posts in incident {incident.id}, the newest"
    rows = (
        *_clock(incident, now=now, tz=tz),
        ("Tone", _tone(candidate)),
        ("Why", "; ".join(reasons)),
        ("Address", _dead_address([candidate], networks)),
    )
    elements = (_posts([candidate], 0, tz=tz), Facts(rows), *post_button([candidate], networks))
    return Message(_summary(title, incident, [candidate], now=now, tz=tz), elements)


def deleted_message(incident_id: int | None) -> Message:
    """What stands in the place of a post that was deleted; None: of one that is in no incident."""
    of = f" in incident {incident_id}" if incident_id is not None else ""
    return _instead(f"A deleted post{of}", GONE)


def hidden_message(incident_id: int) -> Message:
    """What stands in the place of a post while it is not shown to us."""
    return _instead(f"A post in incident {incident_id}", NOT_SHOWN)


def edited_message(incident_id: int) -> Message:
    """What stands in the place of a post whose newest text does not name the brand."""
    return _instead(
        f"An edited post in incident {incident_id}",
        "The post was edited and no longer names the brand, so its old text is gone here.",
    )


def removal_message() -> Message:
    """Asks the channel to delete a message that the app may neither change nor delete."""
    return _instead(
        "Please delete a message of Earshot in this thread",
        "It shows words that were taken back where they were written. Slack lets the app neither "
        "change nor delete it, so a person has to: the message above, or its reply that quotes a "
        "post that is gone.",
    )


def _instead(title: str, sentence: str) -> Message:
    return Message(title, (Heading(title), Text(sentence)))


def storm_message(brand: str, storm: Storm, *, now: datetime, tz: tzinfo = UTC) -> Message:
    """One message for the many incidents that would have flooded the channel; each stays open."""
    title = f"🌊 {storm.incidents:,} more incidents about {one_line(brand)}"
    counts = [(level, storm.severities.get(level, 0)) for level in Severity]
    others = storm.incidents - len(storm.named)
    names = ", ".join(map(str, storm.named)) + (f" and {others:,} more" if others else "")
    rows = (
        ("How grave", ", ".join(f"{count:,} {level}" for level, count in counts if count)),
        ("First answer due", _due(storm.due_at, now=now, tz=tz) if storm.due_at else ""),
        ("Incidents", names),
        ("All of them", "earshot alerts list --open"),
    )
    sentence = "Too many at once to post one by one; none is lost and every clock runs."
    return Message(title, (Heading(title), Text(sentence), Facts(rows)))


def _is_hidden(incident: Incident) -> bool:
    """Whether posts of it may be shown again."""
    return incident.hidden and incident.resolution != Resolution.DELETED


def _title(incident: Incident, mentions: Sequence[Candidate], networks: Networks) -> str:
    sign = STATE_SIGN.get(incident.state, SEVERITY_SIGN[incident.severity])
    what = {
        State.OPEN: str(incident.severity).capitalize(),
        State.RESOLVED: _how_resolved(incident),
    }.get(incident.state, str(incident.state).capitalize())
    count = len(mentions) + incident.uncounted
    posts = f"{count:,} posts" if count > 1 else "a post"
    if not mentions:
        posts = "a post that is not shown" if _is_hidden(incident) else "a deleted post"
    where = f" on {one_line(networks.title_of(mentions[0].source))}" if mentions else ""
    return f"{sign} {what}: {posts} about {one_line(incident.brand)}{where}"


def _how_resolved(incident: Incident) -> str:
    if incident.answered_at is not None:
        return f"Answered in {span(max(incident.answered_at - incident.posted_at, timedelta()))}"
    return incident.resolution.capitalize() if incident.resolution in WITHDRAWN else "Resolved"


def _posts(mentions: Sequence[Candidate], uncounted: int, *, tz: tzinfo) -> Element:
    """The first post nearly whole, then the newest of the others."""
    further = [_quote(one, FURTHER_QUOTE, tz) for one in mentions[1:][-FURTHER_SHOWN:]]
    return Quotes(
        (_quote(mentions[0], FIRST_QUOTE, tz), *further),
        between=len(mentions) + uncounted - 1 - len(further),
    )


def _quote(candidate: Candidate, limit: int, tz: tzinfo) -> Quote:
    handle = f"@{cut(one_line(candidate.author_handle), 60)}" if candidate.author_handle else ""
    name = cut(one_line(candidate.author_name), 80) or handle or "Unknown author"
    reach = f"{candidate.followers:,} followers" if candidate.followers is not None else ""
    stars = f"rating {candidate.rating:g}" if candidate.rating is not None else ""
    written = f"{candidate.published_at.astimezone(tz):%d %b %H:%M %Z}"
    about = " · ".join(filter(None, (handle if name != handle else "", reach, stars, written)))
    return Quote(candidate.mention_id, name, about, candidate.text, limit)


def _clock(incident: Incident, *, now: datetime, tz: tzinfo) -> list[tuple[str, str]]:
    if incident.answered_at is not None:
        late = incident.answered_at - incident.due_at
        kept = f"{span(late)} late" if late > timedelta() else "in time"
        rows = [("Answered", f"{_instant(incident.answered_at, now, tz)}, {kept}")]
    elif incident.state in LIVE:
        rows = [("Answer due", _due(incident.due_at, now=now, tz=tz))]
    else:
        rows = [("Closed", _instant(incident.resolved_at, now, tz) + " without an answer seen")]
    if incident.state is State.ACKNOWLEDGED:
        rows.append(("Acknowledged", _instant(incident.acknowledged_at, now, tz)))
    if incident.state is State.SNOOZED:
        rows.append(("Snoozed until", _instant(incident.snoozed_until, now, tz)))
    return rows


def _due(due_at: datetime, *, now: datetime, tz: tzinfo) -> str:
    left = due_at - now
    far = f"in {span(left)}" if left >= timedelta() else f"overdue by {span(-left)}"
    return f"{_instant(due_at, now, tz)}, {far}"


def _instant(at: datetime | None, now: datetime, tz: tzinfo) -> str:
    """14:05 UTC today, else with its date."""
    if at is None:
        return "unknown"
    local = at.astimezone(tz)
    today = local.date() == now.astimezone(tz).date()
    return f"{local:%H:%M %Z}" if today else f"{local:%a %d %b %H:%M %Z}"


def _customer(customer: CustomerProfile | None) -> str:
    if customer is None:
        return ""
    orders = f"{customer.orders:,} order{'' if customer.orders == 1 else 's'}"
    paid = [f"{one.amount:,.2f} {one.currency}".strip() for one in customer.spent]
    spent = f"{' and '.join(paid)} in the past 12 months"
    parts = (cut(one_line(customer.name), 80), customer.tier, orders, spent, customer.basis)
    return " · ".join(part for part in parts if part)


def _tone(candidate: Candidate) -> str:
    sentiment = candidate.sentiment
    if sentiment is None or sentiment.label is None:
        return "not scored" + (f" ({sentiment.reason})" if sentiment and sentiment.reason else "")
    by = cut(one_line(sentiment.corrected_by), 60)
    sure = f"corrected by {by}" if by else f"{sentiment.confidence:.0%} sure"
    asks = "" if sentiment.asks in (None, Asks.NOTHING) else f" · {sentiment.asks}"
    return f"{sentiment.label}, {sure}{asks}"


def post_button(mentions: Sequence[Candidate], networks: Networks) -> list[Element]:
    """Opens the newest of these posts, where its address may be opened."""
    safe = networks.opens(mentions[-1].source, mentions[-1].url) if mentions else None
    if safe is None:
        return []
    link = Link(safe)
    return [Buttons((Button(f"Open post on {link.host}", link),))]


def _dead_address(mentions: Sequence[Candidate], networks: Networks) -> str:
    """The newest post's address for a person to copy, where no button may lead to it."""
    if not mentions or networks.opens(mentions[-1].source, mentions[-1].url):
        return ""
    return defang(mentions[-1].url)


def _summary(
    title: str, incident: Incident, mentions: Sequence[Candidate], *, now: datetime, tz: tzinfo
) -> str:
    """Title, clock and the newest words in one line."""
    label, value = _clock(incident, now=now, tz=tz)[0]
    parts = [title, f"{label.lower()} {value}"]
    if mentions:
        handle = one_line(mentions[-1].author_handle)
        who = f"@{handle}" if handle else one_line(mentions[-1].author_name)
        parts.append(f"{cut(who, 60) or 'unknown'}: {cut(one_line(mentions[-1].text), 280)}")
    return " · ".join(parts)

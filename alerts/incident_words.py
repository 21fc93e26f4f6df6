"""What an incident's message says of it: title, notification, clock, customer, tone."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from alerts.escape import cut, defang, measure, one_line
from domain.clock import span, wall
from domain.elements import Told, When, in_words
from domain.incident import (
    LIVE,
    WITHDRAWN,
    Candidate,
    CustomerProfile,
    Earlier,
    EarlierMentions,
    Incident,
    Resolution,
    Severity,
    State,
)
from domain.network import Networks
from domain.sentiment import WANT_AN_ANSWER, Asks

FIRST_SEEN = 80  # characters of a notification that a phone shows
TITLE = 60  # of them in two rows of a title there
SHORTEST, HOLDER, WHO = 8, 18, 60  # what is left of a name where room is short, some, ample
LEAST_WHY = 14
MOST_ORDERS, MOST_NETWORKS = 3, 3
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


def title(
    incident: Incident, mentions: Sequence[Candidate], networks: Networks, now: datetime
) -> str:
    """At most two rows on a phone: the network goes first, then letters of the brand's name."""
    count = len(mentions) + incident.uncounted
    what = f"{count:,} posts" if count > 1 else f"a {_what(mentions)}"
    if not mentions:
        what = "a post that is not shown" if is_hidden(incident) else "a deleted post"
    begun, brand = f"{_head(incident, now, HOLDER)}: {what}", one_line(incident.brand)
    where = f" on {one_line(networks.title_of(mentions[0].source))}" if mentions else ""
    if measure(whole := f"{begun} about {brand}{where}") <= TITLE:
        return whole
    room = TITLE - measure(f"{begun} about ")
    return f"{begun} about {cut(brand, room)}" if room >= SHORTEST else begun


def _head(incident: Incident, now: datetime, most: int) -> str:
    """most: characters of a name."""
    return f"{_sign(incident)} {_grave(incident, now)}{_held(incident, most)}"


def _sign(incident: Incident) -> str:
    grave = SEVERITY_SIGN[incident.severity] if incident.state in LIVE else ""
    return grave + STATE_SIGN.get(incident.state, "")


def _grave(incident: Incident, now: datetime) -> str:
    late = incident.state in LIVE and incident.answered_at is None and now > incident.due_at
    return f"{str(incident.severity).capitalize()}{', overdue' if late else ''}"


def _held(incident: Incident, most: int) -> str:
    """What became of it, behind the severity; "" when nobody has touched it."""
    holder = cut(one_line(incident.assignee or incident.acknowledged_by), most)
    match incident.state:
        case State.OPEN:
            return f", for {holder}" if incident.assignee else ""
        case State.ACKNOWLEDGED:
            return f", {holder} has it" if holder else ", acknowledged"
        case State.RESOLVED:
            return f", {_how_resolved(incident)}"
        case _:
            return f", {incident.state}"


def _how_resolved(incident: Incident) -> str:
    if incident.answered_at is not None:
        took = span(max(incident.answered_at - incident.posted_at, timedelta()))
        where = " elsewhere" if incident.resolution == Resolution.ELSEWHERE else ""
        return f"answered{where} in {took}"
    if incident.resolution == Resolution.DUPLICATE:
        return f"duplicate of {incident.duplicate_of}"
    if incident.resolution in WITHDRAWN:
        return "closed"
    is_fine = incident.resolution == Resolution.NO_ANSWER_NEEDED
    return "no answer needed" if is_fine else "resolved"


def _what(mentions: Sequence[Candidate]) -> str:
    """One word for it: complaint, question, request, review or post."""
    if not mentions:
        return "post"
    asks = mentions[-1].sentiment.asks if mentions[-1].sentiment else None
    if asks in WANT_AN_ANSWER:
        return str(asks)
    return "review" if mentions[-1].rating is not None else "post"


def clock(incident: Incident, *, now: datetime, tz: tzinfo) -> list[tuple[str, Told]]:
    """The answer, or until when it is due, and who has touched it."""

    def when(at: datetime | None) -> tuple[When | str, ...]:
        return () if at is None else (When(at, wall(at, now, tz)),)

    rows: list[tuple[str, Told]] = []
    if incident.answered_at is not None:
        how = kept(incident.answered_at, incident.due_at)
        where = cut(one_line(incident.answered_in), WHO)
        rows.append(("Answered", (*when(incident.answered_at), how, where)))
    elif incident.state in LIVE:
        label = "Answer was due" if now > incident.due_at else "Answer due"
        rows.append((label, (When(incident.due_at, due(incident.due_at, now=now, tz=tz)),)))
    else:
        rows.append(("Closed", (*when(incident.resolved_at), _why_closed(incident))))
    if incident.state is State.ACKNOWLEDGED:
        by = f"by {cut(one_line(incident.acknowledged_by), WHO)}"
        told = (*when(incident.acknowledged_at), by if incident.acknowledged_by else "")
        rows.append(("Acknowledged", told))
    if incident.state is State.SNOOZED:
        rows.append(("Snoozed until", when(incident.snoozed_until)))
    return rows


def kept(answered_at: datetime, due_at: datetime) -> str:
    late = answered_at - due_at
    return f"{span(late)} late" if late > timedelta() else "in time"


def _why_closed(incident: Incident) -> str:
    if incident.resolution == Resolution.DUPLICATE:
        return f"a duplicate of incident {incident.duplicate_of}"
    if incident.resolution == Resolution.NO_ANSWER_NEEDED:
        return "no answer needed"
    return "without an answer seen"


def due(due_at: datetime, *, now: datetime, tz: tzinfo) -> str:
    """10:10 UTC, in 55 m: where no clock of the reader's own can be shown."""
    left = due_at - now
    late = f"overdue by {span(-left)}" if left <= -timedelta(minutes=1) else "overdue"
    far = f"in {span(left)}" if left >= timedelta() else late
    return f"{wall(due_at, now, tz)}, {far}"


def is_hidden(incident: Incident) -> bool:
    """Whether posts of it may be shown again."""
    return incident.hidden and incident.resolution != Resolution.DELETED


def customer(customer: CustomerProfile | None) -> str:
    if customer is None:
        return ""
    orders = f"{customer.orders:,} order{'' if customer.orders == 1 else 's'}"
    last = f", the last on {customer.last_order_on:%d %b %Y}" if customer.last_order_on else ""
    paid = [f"{one.amount:,.2f} {one.currency}".strip() for one in customer.spent]
    spent = f"{' and '.join(paid)} in the past 12 months"
    clv = "" if customer.clv is None else f"CLV {customer.clv:,.2f} {customer.currency} (BG/NBD)"
    name = cut(one_line(customer.name), 80)
    parts = (name, customer.tier, customer.segment, orders + last, spent, clv, customer.basis)
    return " · ".join(part for part in parts if part)


def earlier(cases: Earlier | None, wrote: EarlierMentions | None) -> str:
    """How the customer's earlier cases ended, and what else they had written.

    3: 2 answered, 1 open · 4 mentions (x 3, trustpilot 1), last answered after 2 h
    """
    return " · ".join(filter(None, (_cases(cases), _wrote(wrote))))


def _cases(cases: Earlier | None) -> str:
    if cases is None or not cases.total:
        return ""
    counts = ((cases.answered, "answered"), (cases.open, "open"), (cases.closed, "closed"))
    return f"{cases.total}: {', '.join(f'{count} {how}' for count, how in counts if count)}"


def _wrote(wrote: EarlierMentions | None) -> str:
    if wrote is None or not wrote.total:
        return ""
    named = [f"{cut(one_line(source), HOLDER)} {count}" for source, count in wrote.by_source]
    more = len(named) - MOST_NETWORKS
    networks = ", ".join(named[:MOST_NETWORKS]) + (f" and {more} more" if more > 0 else "")
    count = f"{wrote.total:,} mention{'' if wrote.total == 1 else 's'} ({networks})"
    last = "" if wrote.last_took is None else f", last answered after {span(wrote.last_took)}"
    return count + (last or ", no answer seen")


def orders(mentions: Sequence[Candidate]) -> str:
    """The orders that these posts name: what it is about, and nothing of who wrote it."""
    named = list(dict.fromkeys(one for mention in mentions for one in mention.orders))
    more = len(named) - MOST_ORDERS
    return "; ".join(named[:MOST_ORDERS]) + (f" and {more} more" if more > 0 else "")


def tone(candidate: Candidate) -> str:
    sentiment = candidate.sentiment
    if sentiment is None or sentiment.label is None:
        return "not scored" + (f" ({sentiment.reason})" if sentiment and sentiment.reason else "")
    by = cut(one_line(sentiment.corrected_by), 60)
    sure = f"corrected by {by}" if by else f"{sentiment.confidence:.0%} sure"
    asks = "" if sentiment.asks in (None, Asks.NOTHING) else f" · {sentiment.asks}"
    return f"{sentiment.label}, {sure}{asks}"


def summary(
    incident: Incident,
    mentions: Sequence[Candidate],
    reasons: Sequence[str],
    networks: Networks,
    *,
    now: datetime,
    tz: tzinfo,
    another: bool = False,
    others: int = 0,
) -> str:
    """One line; its first 80 characters, which a phone shows, say how urgent, what, who and why.

    another: it is about a further post. others: how many more came with it.
    """
    count = len(mentions) + (0 if another else incident.uncounted)
    what = f"{count:,} posts" if count > 1 else _what(mentions)
    if another:
        what = f"{others + 1:,} more, {what}" if others else f"another {what}"
    begun = f"{_head(incident, now, SHORTEST)}: {what}"
    begun += f"{_by(mentions, FIRST_SEEN - measure(defang(begun)) - LEAST_WHY)} · "
    why = one_line("; ".join(reasons)) or one_line(incident.rule)
    room = max(FIRST_SEEN - measure(defang(begun)), LEAST_WHY)
    told = clock(incident, now=now, tz=tz)[0]
    about = f"about {one_line(incident.brand)}"
    words = ""
    if mentions:
        about += f" on {one_line(networks.title_of(mentions[-1].source))}"
        words = cut(one_line(mentions[-1].text), 280)
    until = f"{told[0].lower()} {in_words(told[1])}"
    return " · ".join(filter(None, (begun + cut(defang(why), room), until, about, words)))


def _by(mentions: Sequence[Candidate], room: int) -> str:
    if not mentions:
        return ""
    handle, name = one_line(mentions[-1].author_handle), one_line(mentions[-1].author_name)
    who = f"@{handle}" if handle else name
    most = min(max(room - len(" by  · "), SHORTEST), HOLDER)
    return f" by {cut(defang(who), most) or 'unknown'}"

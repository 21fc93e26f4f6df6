"""What an incident looks like in a channel, in each of its states."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from alerts import incident_words as words
from alerts.escape import cut, defang, one_line
from alerts.presses import presses
from domain.clock import span, wall
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
    When,
)
from domain.incident import (
    Candidate,
    Incident,
    Resolution,
    Severity,
    Storm,
)
from domain.network import PUBLIC, Networks

GONE = "The post is gone from the platform, so its text is gone here."
NOT_SHOWN = "The post is not shown to us at present. Its text stands here again when it is."
SAID = 400
FIRST_QUOTE, FURTHER_QUOTE, FURTHER_SHOWN = 2_400, 600, 3


def incident_message(
    incident: Incident,
    mentions: Sequence[Candidate],
    reasons: Sequence[str] = (),
    *,
    now: datetime,
    tz: tzinfo = UTC,
    networks: Networks = PUBLIC,
    pressable: bool = False,
) -> Message:
    """The incident as it stands: post it when it opens, put it in the place of the old one later.

    mentions: oldest first; none when their texts were deleted, or are not shown to us at present.
    reasons: why the rule fired. networks: what they are called and where the button may lead.
    pressable: whether there are hands behind its buttons.
    """
    if incident.resolution == Resolution.DELETED:
        mentions = ()  # what its author took back is not shown any longer
    rows = (
        *words.clock(incident, now=now, tz=tz),
        ("Customer", words.customer(incident.customer)),
        ("Earlier", words.earlier(incident.earlier, incident.wrote)),
        ("About order", words.orders(mentions)),
        ("Tone", words.tone(mentions[0]) if mentions else ""),
        ("Why", f"{incident.rule} ({'; '.join(reasons)})" if reasons else incident.rule),
        ("Assigned to", incident.assignee),
        ("Address", _dead_address(mentions, networks)),
    )
    elements = (
        Heading(words.title(incident, mentions, networks, now)),
        _posts(mentions, incident.uncounted, tz=tz)
        if mentions
        else Text(NOT_SHOWN if words.is_hidden(incident) else GONE),
        Facts(rows),
        *post_button(mentions, networks),
        *([presses(incident)] if pressable else []),
        Notes((f"Incident {incident.id} · version {incident.version} · {incident.brand}",)),
    )
    return Message(words.summary(incident, mentions, reasons, networks, now=now, tz=tz), elements)


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
    rows = (
        *words.clock(incident, now=now, tz=tz),
        ("About order", words.orders([candidate])),
        ("Tone", words.tone(candidate)),
        ("Why", "; ".join(reasons)),
        ("Address", _dead_address([candidate], networks)),
    )
    elements = (_posts([candidate], 0, tz=tz), Facts(rows), *post_button([candidate], networks))
    told = words.summary(
        incident, [candidate], reasons, networks, now=now, tz=tz, others=before, another=True
    )
    return Message(told, elements)


def answer_message(
    incident: Incident,
    by: str,
    where: tuple[str, str],
    *,
    now: datetime,
    tz: tzinfo = UTC,
    networks: Networks = PUBLIC,
) -> Message:
    """The brand's answer has been seen: by which account, after how long. For the thread.

    where: the network of the answer and its address there; two "" when it is gone.
    """
    at = incident.answered_at or now
    took = span(max(at - incident.posted_at, timedelta()))
    who = cut(one_line(by), words.WHO) or "the brand"
    sentence = f"✅ Answered by {who} after {took}, {words.kept(at, incident.due_at)}"
    source, url = where
    rows = (
        ("Answered", (When(at, wall(at, now, tz)),)),
        ("Address", "" if networks.opens(source, url) else defang(url)),
    )
    elements = (Text(sentence), Facts(rows), *_opens(networks, source, url, "Open answer"))
    return Message(f"{sentence} · incident {incident.id}", elements)


def decision_message(by: str, action: str, said: str) -> Message:
    """What a person has decided or corrected, for the thread."""
    sentence = f"✏️ {action.capitalize()} by {cut(one_line(by), words.WHO)}"
    sentence += f": {cut(one_line(said), SAID)}" if said else ""
    return Message(sentence, (Text(sentence),))


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
        ("First answer due", words.due(storm.due_at, now=now, tz=tz) if storm.due_at else ""),
        ("Incidents", names),
        ("All of them", "earshot alerts list --open"),
    )
    sentence = "Too many at once to post one by one; none is lost and every clock runs."
    return Message(title, (Heading(title), Text(sentence), Facts(rows)))


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


def post_button(mentions: Sequence[Candidate], networks: Networks) -> list[Element]:
    """Opens the newest of these posts, where its address may be opened."""
    if not mentions:
        return []
    return _opens(networks, mentions[-1].source, mentions[-1].url, "Open post")


def _opens(networks: Networks, source: str, url: str, label: str) -> list[Element]:
    safe = networks.opens(source, url)
    if safe is None:
        return []
    link = Link(safe)
    return [Buttons((Button(f"{label} on {link.host}", link),))]


def _dead_address(mentions: Sequence[Candidate], networks: Networks) -> str:
    """The newest post's address for a person to copy, where no button may lead to it."""
    if not mentions or networks.opens(mentions[-1].source, mentions[-1].url):
        return ""
    return defang(mentions[-1].url)

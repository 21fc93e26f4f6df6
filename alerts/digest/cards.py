"""A mention as the digest shows it."""

from zoneinfo import ZoneInfo

from alerts.digest import words
from alerts.escape import cut, defang, one_line
from domain.digest import Quote
from domain.elements import Card, Link
from domain.incident import CustomerProfile
from domain.network import Networks

NAME = 40  # characters of a name in a sentence


def card(
    quote: Quote, tz: ZoneInfo, networks: Networks, customer: CustomerProfile | None = None
) -> Card:
    url = networks.opens(quote.source, quote.url)
    handle, name = one_line(quote.author_handle), one_line(quote.author_name)
    named = customer.name if customer else quote.customer_name
    tier = customer.tier if customer else quote.customer_tier
    return Card(
        mention_id=quote.mention_id,
        name=name if name.lower() != handle.lower() else "",
        handle=f"@{handle}" if handle else "" if name else "author unknown",
        customer=" · ".join(filter(None, (one_line(named), one_line(tier)))),
        text=one_line(quote.text) or "no text",
        source=one_line(networks.title_of(quote.source)),
        published=words.instant(quote.published_at, tz),
        reach="" if quote.followers is None else words.many(quote.followers, "follower"),
        tone=_tone(quote),
        label=quote.label.value if quote.label else "",
        link=Link(url) if url else None,
        address="" if url else defang(one_line(quote.url)),
    )


def _tone(quote: Quote) -> str:
    if not quote.label:
        return "not scored"
    by = cut(one_line(quote.corrected_by), NAME)
    return f"{quote.label.value} {f'(corrected by {by})' if by else f'{quote.confidence:.0%}'}"

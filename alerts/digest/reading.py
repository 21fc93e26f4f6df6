"""Worth reading: the worst and the best mentions of the day, widest reach first."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from alerts.digest import cards, words
from domain.digest import Digest
from domain.elements import Cards, Element, Section
from domain.network import Networks


def reading(digest: Digest, networks: Networks) -> tuple[Element, ...]:
    """Leaves out what is listed under Waiting now."""
    tz, reported = ZoneInfo(digest.timezone), words.day(digest.date - timedelta(days=1))
    above = {one.quote for one in digest.open_incidents}
    worst = Cards(
        tuple(cards.card(quote, tz, networks) for quote in digest.worst if quote not in above),
        nothing="They stand under Waiting now." if digest.worst else "No negative mention.",
        title=f"Worst of {reported}",
    )
    best = Cards(
        tuple(cards.card(quote, tz, networks) for quote in digest.best),
        nothing="No positive mention.",
        title=f"Best of {reported}",
    )
    lead = "Widest reach first." if worst.cards or best.cards else ""
    return (Section("Worth reading", (worst, best), lead),)

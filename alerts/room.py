"""How much of each kind of element a way out shows."""

from dataclasses import dataclass

from domain.elements import Cards


@dataclass(frozen=True, slots=True)
class Room:
    urgent: int  # cards of what waits
    cards: int  # cards of any other kind
    text: int  # characters of a card's text
    bars: int
    sources: int
    gaps: int  # of a source
    quote: int = 2_400  # characters of a quote, at most
    marks: int = 8  # of a chart, the newest
    note: int = 600  # characters of the note below a gauge
    shades: int = 12  # rows of Shades, the last; 0: its sentence alone
    small: int = 600  # characters of a line of small print
    bands: bool = True  # intervals in a chart of days

    def cards_of(self, cards: Cards) -> int:
        return self.urgent if cards.urgent else self.cards

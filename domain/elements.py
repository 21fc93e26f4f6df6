"""What a message says, in neutral elements: each way out (Slack, console, HTML, text) draws them.

Every text is whole and hostile: whoever draws it cuts, cleans and escapes it. `detail` marks what
only a page has room for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.volume import DayVolume


@dataclass(frozen=True, slots=True)
class Heading:
    """What the message is about, and what to know first in one sentence."""

    text: str
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph of our own."""

    text: str


@dataclass(frozen=True, slots=True)
class Summons:
    """Somebody who is called by name, and to what."""

    id: str  # of a person or a user group in Slack: from config.toml, never from data
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """An address that may be opened, from Networks.opens()."""

    href: str

    @property
    def host(self) -> str:
        """What is shown: the host that will really be asked."""
        return self.href.split("/", 3)[2]


@dataclass(frozen=True, slots=True)
class Quote:
    """A mention in its author's words."""

    mention_id: int  # ours
    name: str  # of the author
    about: str  # follows the name: handle, reach, when
    text: str
    limit: int  # characters of the text that are worth showing where there is room


@dataclass(frozen=True, slots=True)
class Quotes:
    quotes: tuple[Quote, ...]  # oldest first
    between: int = 0  # mentions left out after the first


@dataclass(frozen=True, slots=True)
class When:
    """An instant: shown in each reader's own zone where that can be, else in these words."""

    at: datetime
    words: str


Told = str | tuple[str | When, ...]  # several sayings stand in one line


def in_words(told: Told) -> str:
    """The same for who can show only text."""
    parts = (told,) if isinstance(told, str) else told
    words = (part.words if isinstance(part, When) else part for part in parts)
    return " · ".join(one for one in words if one)


@dataclass(frozen=True, slots=True)
class Facts:
    """One line each; a row without a value is left out."""

    rows: tuple[tuple[str, Told], ...]  # (label, value)

    @property
    def in_words(self) -> tuple[tuple[str, str], ...]:
        return tuple((label, in_words(told)) for label, told in self.rows)


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    link: Link


@dataclass(frozen=True, slots=True)
class Buttons:
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Press:
    """A button that does something. value: an incident and its version, never words of anybody."""

    label: str
    action: str
    value: str


@dataclass(frozen=True, slots=True)
class PeoplePicker:
    """Chooses a person of the channel."""

    label: str
    action: str


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Menu:
    label: str
    action: str
    choices: tuple[Choice, ...]
    folded: bool = False  # behind dots, for what is needed rarely


@dataclass(frozen=True, slots=True)
class Presses:
    """What a person can do with it where it stands, in one row."""

    name: str  # of the row; holds the incident and its version, for what has no value of its own
    parts: tuple[Press | PeoplePicker | Menu, ...]
    command: str  # does the like where nothing can be pressed


@dataclass(frozen=True, slots=True)
class Notes:
    """Small print, a paragraph each."""

    lines: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Tiles:
    """A few figures side by side."""

    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Gauge:
    """One number on a scale, with its 95% interval."""

    name: str
    value: str  # "" when there is none, on purpose
    unit: str  # what the value is of, where no name stands before it: "of 100", "in time"
    interval: str
    basis: str
    change: str
    missing: str  # why there is no value
    note: str
    scale: tuple[int, int]  # its two ends
    low: float | None
    at: float | None
    high: float | None
    spoken: str = ""  # what the picture shows, for who cannot see it
    sign: str = ""  # after the numbers of the scale: "%"


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    short: str = ""  # the title where letters are counted
    width: int = 0  # letters it takes at least
    strong: bool = False  # what to look at first
    detail: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    percent: float | None  # 0..100; None: no bar
    cells: tuple[str, ...]  # one a column
    note: str = ""
    first: bool = False  # the one that the others are compared with


@dataclass(frozen=True, slots=True)
class Bars:
    """Rows that begin with a bar, longest possible first."""

    title: str  # of the names
    columns: tuple[Column, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Table:
    title: str  # of the names
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]  # (name, one cell a column; "" says nothing)
    detail: bool = False


@dataclass(frozen=True, slots=True)
class Shade:
    """A cell of Shades."""

    text: str  # the number: the colour alone tells nothing
    share: float | None = None  # 0..1 of the darkest; None: not coloured


@dataclass(frozen=True, slots=True)
class Shades:
    """A table with coloured cells: a chart of what grows with two things."""

    title: str  # of the names
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Shade, ...]], ...]  # (name, its cells: the last may miss)
    summary: str  # the chart in a sentence


@dataclass(frozen=True, slots=True)
class Mark:
    """Something else than what the chart shows that changed with a day."""

    day: date
    text: str  # whole, with its day
    breaks: bool = False  # the days before it are not to be compared with it: the line ends there


@dataclass(frozen=True, slots=True)
class Trend:
    """A chart of one number a day."""

    title: str
    points: tuple[tuple[date, float | None], ...]  # without holes; () when there is nothing to draw
    summary: str  # the chart in a sentence
    marks: tuple[Mark, ...] = ()  # at most one a day, oldest first
    band: tuple[tuple[float, float] | None, ...] = ()  # each point's interval; (): none is known
    caption: str = ""  # what holds for every point


@dataclass(frozen=True, slots=True)
class Volume:
    """A chart of the mentions a day by tone."""

    title: str
    days: tuple[DayVolume, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class Card:
    """A mention and what is known of it, with the clock of its incident where it has one."""

    mention_id: int  # ours
    name: str  # "" where the source gives none or repeats the handle
    handle: str  # "@ana", "author unknown"
    source: str
    published: str
    reach: str
    tone: str  # "negative 94%", "negative (corrected by mia)", "not scored"
    label: str  # "negative", "neutral", "positive", "" when not scored
    text: str
    link: Link | None  # where it may be opened
    address: str  # where there is no link: the address as text that no client makes one
    customer: str = ""  # "Ana Ruiz · gold", "" when not linked
    value: str = ""  # "EUR 1,830 in 12 months, 9 orders"
    clock: str = ""  # "due in 2 h"
    late: bool = False
    held: str = ""  # severity, state, who has it


@dataclass(frozen=True, slots=True)
class Cards:
    cards: tuple[Card, ...]  # what matters most first: the others may be left out
    nothing: str  # what to say when there is none
    title: str = ""
    urgent: bool = False  # more of these are shown than of others
    left: str = ""  # what those are that are left out
    command: str = ""  # lists them all


@dataclass(frozen=True, slots=True)
class HealthRow:
    name: str
    mentions: str
    last_ok: str
    trouble: str  # "" when all is well
    gaps: tuple[str, ...]  # what was certainly missed


@dataclass(frozen=True, slots=True)
class Health:
    """How well each source is heard."""

    rows: tuple[HealthRow, ...]
    nothing: str


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    elements: "tuple[Element, ...]"
    lead: str = ""  # what it says, in a sentence
    detail: bool = False


Element = (
    Heading | Text | Summons | Quotes | Facts | Buttons | Presses | Notes | Tiles | Gauge | Bars
    | Table | Shades | Trend | Volume | Cards | Health | Section
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    summary: str  # one line of plain text, for notifications and screen readers
    elements: tuple[Element, ...] = ()

    @property
    def quotes(self) -> tuple[int, ...]:
        """Our ids of the mentions whose words it may show, in order."""
        return tuple(sorted(set(_quoted(self.elements))))


def _quoted(elements: Iterable[Element]) -> Iterator[int]:
    for element in elements:
        match element:
            case Quotes(quotes=quotes):
                yield from (quote.mention_id for quote in quotes)
            case Cards(cards=cards):
                yield from (card.mention_id for card in cards)
            case Section(elements=inner):
                yield from _quoted(inner)

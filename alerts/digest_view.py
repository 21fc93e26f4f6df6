"""What the digest says, in words and before any layout: the mail, Slack and console draw this.

Every text that came from outside is clean here and whole: whoever draws it cuts and escapes.
"""

from dataclasses import dataclass
from datetime import date

from domain.digest import DayVolume


@dataclass(frozen=True, slots=True)
class Gauge:
    """One number with its interval; value is "" when there is none, on purpose."""

    value: str
    interval: str
    missing: str  # "insufficient (12 of 30 authors)", "" when there is a number
    basis: str
    change: str
    low: float | None
    at: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class PartRow:
    name: str
    value: str  # "missing" when it is
    percent: float | None  # 0..100
    weight: str
    contribution: str
    n: str
    note: str


@dataclass(frozen=True, slots=True)
class Card:
    """A mention as the digest shows it."""

    name: str  # "" where the source gives none or repeats the handle
    handle: str  # "@ana", "author unknown"
    customer: str  # "Ana Ruiz · gold", "" when not linked
    text: str
    source: str
    published: str
    reach: str
    tone: str  # "negative 94%", "negative (corrected by mia)", "not scored"
    label: str  # "negative", "neutral", "positive", "" when not scored
    url: str  # where a link may lead, "" when nowhere
    address: str  # the address as text that no client makes a link, where url is ""

    @property
    def host(self) -> str:
        """What a link shows: the host that the browser will really ask."""
        return self.url.split("/", 3)[2] if self.url else ""

    @property
    def who(self) -> str:
        """Name and handle in one line."""
        return f"{self.name} {self.handle}".strip()


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open incident and its clock."""

    clock: str
    late: bool
    severity: str
    state: str
    mentions: str
    value: str  # "EUR 1,830 in 12 months, 9 orders", "" when not linked
    card: Card


@dataclass(frozen=True, slots=True)
class Answers:
    attainment: Gauge
    open: tuple[tuple[str, str, str], ...]  # (label, value, note) of what has no answer yet
    needed: str
    times: tuple[tuple[str, str, str], ...]  # (which, answered only, unanswered included)
    answered_n: str
    all_n: str


@dataclass(frozen=True, slots=True)
class VoiceRow:
    name: str
    mentions: str
    share: str
    percent: float  # of the mentions of all
    negative: str
    positive: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    name: str
    mentions: str
    last_ok: str
    trouble: str
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    brand: str
    sent: str
    reported: str
    headline: str
    glance: tuple[tuple[str, str, str], ...]  # (label, value, note)
    score: Gauge
    parts_shown: str  # "3 of 4 parts"
    parts: tuple[PartRow, ...]
    trend: tuple[tuple[date, float | None], ...]  # one a day, without holes
    trend_said: str
    nps: Gauge
    nps_split: str
    waiting: tuple[Waiting, ...]
    value_at_risk: str
    days: tuple[DayVolume, ...]
    volume: str
    answers: Answers
    worst: tuple[Card, ...]  # without those that stand among the waiting
    no_worst: str  # what to say when there are none
    best: tuple[Card, ...]
    voices: tuple[VoiceRow, ...]
    window: str
    sources: tuple[SourceRow, ...]
    notes: tuple[str, ...]
    footer: tuple[str, ...]

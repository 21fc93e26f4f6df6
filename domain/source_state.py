"""How a source, or whatever else we call outside, is doing."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SourceState:
    source: str  # or "slack", or what is done beside a source's passes
    last_ok_at: datetime | None = None
    trouble: str = ""  # one sentence, "" when the last pass went well
    trouble_at: datetime | None = None
    failures: int = 0  # in a row
    next_at: datetime | None = None  # do not call it before this
    off: bool = False  # refused for good: asked once a day until that or the configuration changes
    fingerprint: str = ""  # of the configuration that was refused, "" after other trouble

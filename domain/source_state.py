"""The state of a source, or of another outside service: failures, pauses, whether it is off."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SourceState:
    source: str  # or "slack", or "NAME (stream)", "NAME (deletions)"
    first_at: datetime | None = None  # when it was tried first
    last_ok_at: datetime | None = None
    trouble: str = ""  # one sentence, "" when the last pass went well
    trouble_at: datetime | None = None
    failures: int = 0  # in a row
    next_at: datetime | None = None  # do not call it before this
    off: bool = False  # refused for good: asked once a day until that or the configuration changes
    fingerprint: str = ""  # of the configuration that was refused, "" after other trouble

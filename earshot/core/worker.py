"""The process that holds the worker's lock, and what it may still write."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.worker_lock import Tenure


@dataclass(frozen=True, slots=True)
class Worker:
    tenure: "Tenure"
    began_at: datetime  # the database may be an older copy of what there was before
    # Messages that were looked for because they may have been sent before then: where they stand.
    looked_up: dict[str, str | None] = field(default_factory=dict)

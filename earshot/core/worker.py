"""The process that holds the worker's lock, and what it may still write."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from earshot.core.app import App

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from storage.worker_lock import Tenure


@dataclass(frozen=True, slots=True)
class Worker:
    tenure: "Tenure"
    began_at: datetime  # the database may be an older copy of what there was before
    # Messages that were looked for because they may have been sent before then: where they stand.
    looked_up: dict[str, str | None] = field(default_factory=dict)


@contextmanager
def writing(app: App) -> "Iterator[Session]":
    """A transaction about messages. Raises LostLockError when another worker has taken over."""
    with app.database.begin() as session:
        if app.worker is not None:
            app.worker.tenure.fence(session)
        yield session

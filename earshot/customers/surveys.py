"""Answers of surveys into the database, a batch at a time."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm.surveys import BadRow, LeftOut, Survey
from domain.survey import SurveyAnswer
from storage import surveys
from storage.engine import Database
from storage.sql import expect_many

BATCH = 2_000  # rows that are written while everybody else waits
AHEAD = timedelta(days=1)  # clocks of other zones may be that far ahead
_AHEAD = "its time is still to come: are the zone and the order of day and month right?"

Refuse = Callable[[Iterable[tuple[int, str]]], None]  # takes lines and reasons


@dataclass(slots=True)
class TakenAnswers:
    """What was taken in so far."""

    new: int = 0
    changed: int = 0
    known: int = 0
    linked: int = 0  # of these, whose customer is known
    refused: int = 0
    left_out: Counter[str] = field(default_factory=Counter)  # rows that are no answers, by why

    @property
    def good(self) -> int:
        return self.new + self.changed + self.known


def take_answers(
    database: Database,
    survey: Survey,
    *,
    brand: str,
    name: str,
    system: str,
    now: datetime,
    refuse: Refuse,
    writes: bool = True,
) -> TakenAnswers:
    """Store the answers of a file under the survey's name.

    system: whose ids its customers have; "" of the only one there is. writes: False only says what
    would be done.
    """
    taken = TakenAnswers()
    for batch in _batches(survey):
        bad: list[tuple[int, str]] = []
        good = list(_good(batch, taken, bad, now=now))
        with database.begin() if writes else database.read() as session:
            if writes:
                expect_many(session)
            done = surveys.save(session, brand, name, good, system=system, now=now, writes=writes)
        taken.new += done.new
        taken.changed += done.changed
        taken.known += done.known
        taken.linked += done.linked
        bad.extend(done.refused)
        taken.refused += len(bad)
        refuse(bad)
    return taken


def _good(
    batch: Iterable[SurveyAnswer | BadRow | LeftOut],
    taken: TakenAnswers,
    bad: list[tuple[int, str]],
    *,
    now: datetime,
) -> Iterator[SurveyAnswer]:
    for row in batch:
        if isinstance(row, BadRow):
            bad.append((row.line, row.reason))
        elif isinstance(row, LeftOut):
            taken.left_out[row.reason] += 1
        elif row.answered_at > now + AHEAD:
            bad.append((row.line, _AHEAD))
        else:
            yield row


def _batches(
    rows: Iterable[SurveyAnswer | BadRow | LeftOut],
) -> Iterator[list[SurveyAnswer | BadRow | LeftOut]]:
    batch: list[SurveyAnswer | BadRow | LeftOut] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch

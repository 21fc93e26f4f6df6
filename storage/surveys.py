"""What customers answered when they were asked: ids, times, scores, and whose they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, case, delete, func, select, update
from sqlalchemy.orm import Session

from domain.survey import PASSIVE, PROMOTER, SurveyAnswer, Tally
from storage import persons
from storage.persons import Holder
from storage.sql import among, batches, insert
from storage.tables import CustomerRow, SurveyAnswerRow

ZONES = timedelta(hours=36)  # two exports of one answer may write it on clocks of two zones
ANOTHER = (
    "its response id is stored with another time: if this is another survey, import its file with "
    "--survey NAME"
)
TWICE = "its response id stands in the file twice, with another score or time"


class Refused(NamedTuple):
    """An answer that was not stored."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What an import did."""

    new: int
    changed: int  # known, and now of another score or time, or of a customer who was not known
    known: int  # and not changed
    linked: int  # of all of these: the customer is known
    refused: tuple[Refused, ...] = ()


class Stored(NamedTuple):
    """A survey there is."""

    brand: str
    survey: str
    answers: int
    linked: int  # the customer is known
    first_at: datetime
    last_at: datetime


class Answer(NamedTuple):
    """A stored answer of a customer."""

    person_id: int
    answered_at: datetime
    score: int


# --- to write -------------------------------------------------------------------------------------


def save(
    session: Session,
    brand: str,
    survey: str,
    answers: Sequence[SurveyAnswer],
    *,
    system: str = "",
    now: datetime,
    writes: bool = True,
) -> Saved:
    """Store answers; one that is known is brought up to date, not doubled.

    system: whose ids their customers have, "" of the only one there is. What is known of whose an
    answer is stays where it is not known any more. writes: False only says what would be done.
    """
    refused: list[Refused] = []
    wanted = _once(answers, refused)
    stored = _stored(session, brand, survey, list(wanted))
    whose = _whose(session, list(wanted.values()), system)
    rows: dict[str, dict[str, Any]] = {}
    new = linked = known = 0
    for (key, answer), customer_id in zip(wanted.items(), whose, strict=True):
        before = stored.get(key)
        if before is not None and abs(before.answered_at - answer.answered_at) > ZONES:
            refused.append(Refused(answer.line, ANOTHER))
            continue
        kept = customer_id if customer_id is not None or before is None else before.customer_id
        linked += kept is not None
        after = (answer.answered_at, answer.score, kept)
        new += before is None
        if before is not None and after == tuple(before[1:]):
            known += 1
            continue
        names = ("answered_at", "score", "customer_id")
        rows[key] = {
            "brand": brand,
            "survey": survey,
            "response_id": key,
            **dict(zip(names, after, strict=True)),
            "imported_at": now,
        }
    if writes and rows:
        _write(session, list(rows.values()))
    return Saved(new, len(rows) - new, known, linked, tuple(refused))


def _once(answers: Sequence[SurveyAnswer], refused: list[Refused]) -> dict[str, SurveyAnswer]:
    """Each response by its id. Two rows of one id that say the same are one."""
    found: dict[str, SurveyAnswer] = {}
    for one in answers:
        first = found.setdefault(one.response_id, one)
        if (first.answered_at, first.score) != (one.answered_at, one.score):
            refused.append(Refused(one.line, TWICE))
    return found


def _stored(
    session: Session, brand: str, survey: str, keys: Sequence[str]
) -> dict[str, Row[str, datetime, int, int | None]]:
    row = SurveyAnswerRow
    found: dict[str, Row[str, datetime, int, int | None]] = {}
    for batch in batches(sorted(keys)):
        rows = session.execute(
            select(row.response_id, row.answered_at, row.score, row.customer_id).where(
                row.brand == brand, row.survey == survey, row.response_id.in_(batch)
            )
        )
        found.update((one[0], one) for one in rows)
    return found


def _write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    key = ["brand", "survey", "response_id"]
    for batch in batches(rows):
        statement = insert(session, SurveyAnswerRow)
        others = {name: statement.excluded[name] for name in batch[0] if name not in key}
        statement = statement.on_conflict_do_update(index_elements=key, set_=others)
        session.connection().execute(statement, list(batch))


def _whose(session: Session, answers: Sequence[SurveyAnswer], system: str) -> list[int | None]:
    """The record of each answer's customer; None: nobody's, or it could be of several people.

    An id counts within its own system. The e-mail must not name somebody else than the id does.
    """
    held = persons.holders(session, {one.email for one in answers})
    known = _records(session, system, {one.customer for one in answers} - {""})
    found: list[int | None] = []
    for one in answers:
        named = [held.get(one.email, []), known.get(one.customer, [])]
        told = [{holder.person_id for holder in holders} for holders in named if holders]
        people = set.intersection(*told) if told else set()
        if len(people) != 1:
            found.append(None)
            continue
        records = [holder for holders in named for holder in holders if holder.person_id in people]
        found.append(min(records, key=lambda it: (it.system != system, it.record_id)).record_id)
    return found


def _records(
    session: Session, system: str, external_ids: Collection[str]
) -> dict[str, list[Holder]]:
    """The record of each id."""
    if not external_ids:
        return {}
    system = system or only_system(session)
    found: dict[str, list[Holder]] = {}
    columns = (CustomerRow.external_id, CustomerRow.id, CustomerRow.system, persons.PERSON)
    for batch in batches(sorted(external_ids)):
        rows = session.execute(
            select(*columns).where(CustomerRow.system == system, CustomerRow.external_id.in_(batch))
        )
        for external_id, record_id, of_system, person_id in rows:
            holder = Holder(record_id, of_system, person_id)
            found.setdefault(external_id, []).append(holder)
    return found


def only_system(session: Session) -> str:
    """The CRM or shop of all customers; "" when there is none, or more than one."""
    systems = session.scalars(select(CustomerRow.system).distinct().limit(2)).all()
    return systems[0] if len(systems) == 1 else ""


def remove(session: Session, brand: str, survey: str) -> int:
    """Remove the answers of a survey; return how many there were."""
    row = SurveyAnswerRow
    gone = session.execute(
        delete(row)
        .where(row.brand == brand, row.survey == survey)
        .returning(row.response_id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


# --- to read --------------------------------------------------------------------------------------


def stored(session: Session, brand: str | None = None) -> list[Stored]:
    """Every survey there is, by brand and name."""
    row = SurveyAnswerRow
    statement = (
        select(
            *(row.brand, row.survey, func.count(), func.count(row.customer_id)),
            *(func.min(row.answered_at), func.max(row.answered_at)),
        )
        .group_by(row.brand, row.survey)
        .order_by(row.brand, row.survey)
    )
    if brand is not None:
        statement = statement.where(row.brand == brand)
    return [Stored(*one) for one in session.execute(statement)]


def span(session: Session, brand: str) -> tuple[datetime, datetime] | None:
    """When the first and the last answer were given; None: there is none."""
    row = SurveyAnswerRow
    found = session.execute(
        select(func.min(row.answered_at), func.max(row.answered_at))
        .where(row.brand == brand)
        .having(func.count() > 0)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def tally(session: Session, brand: str, *, since: datetime, until: datetime) -> Tally:
    """What was answered in [since, until), over all surveys of the brand."""
    row = SurveyAnswerRow
    counts = (
        case((row.score >= PROMOTER, 1), else_=0),
        case((row.score < PROMOTER, case((row.score >= PASSIVE, 1), else_=0)), else_=0),
        case((row.score < PASSIVE, 1), else_=0),
    )
    found = session.execute(
        select(*(func.coalesce(func.sum(one), 0) for one in counts)).where(
            row.brand == brand, row.answered_at >= since, row.answered_at < until
        )
    ).one()
    return Tally(*map(int, found))


def of_customers(session: Session, brand: str, *, since: datetime, until: datetime) -> list[Answer]:
    """The newest answer of each person in [since, until), by person."""
    row = SurveyAnswerRow
    rows = session.execute(
        select(persons.PERSON, row.answered_at, row.score)
        .join(CustomerRow, CustomerRow.id == row.customer_id)
        .where(row.brand == brand, row.answered_at >= since, row.answered_at < until)
        .order_by(persons.PERSON, row.answered_at, row.survey, row.response_id)
    )
    newest = {person_id: Answer(person_id, at, score) for person_id, at, score in rows}
    return list(newest.values())


# --- whose it is ----------------------------------------------------------------------------------


def move(session: Session, going: Collection[int], heir: int) -> None:
    """Give the answers of these records to another record of the same person."""
    moved = update(SurveyAnswerRow).where(among(SurveyAnswerRow.customer_id, going))
    session.execute(moved.values(customer_id=heir))

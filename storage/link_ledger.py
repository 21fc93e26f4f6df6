"""The ledger of links: each judgement on an author and a customer is a row, and none is changed.

A pair has one link, whose id people type; the newest judgement is the present one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from domain.customer import Basis, Judgement, LinkState
from domain.network import stored_names
from storage import persons
from storage.sql import among, insert
from storage.tables import AuthorRow, CustomerRow, LinkJudgementRow, LinkRow

RULE = "rule:"  # decided_by of everything no person decided
# Of a link's judgements the one that counts, and that it holds.
PRESENT = LinkJudgementRow.id == LinkRow.present_id
CONFIRMED = and_(PRESENT, LinkJudgementRow.state == LinkState.CONFIRMED)
_RECORD = aliased(CustomerRow)


@dataclass(frozen=True, slots=True)
class Entry:
    """A judgement to write down."""

    author_id: int
    judgement: Judgement  # of which customer's record
    decided_by: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link as people read it."""

    link: LinkRow
    judgement: LinkJudgementRow  # the present one, or that of the day that was asked for
    author: AuthorRow
    customer: CustomerRow  # the person, of whom the link names one record


def write(session: Session, entries: Sequence[Entry], *, now: datetime) -> list[LinkJudgementRow]:
    """Add these judgements, each of another pair, and make them the present ones."""
    if not entries:
        return []
    pairs = [(one.author_id, one.judgement.customer_id) for one in entries]
    session.execute(
        insert(session, LinkRow).on_conflict_do_nothing(),
        [{"author_id": author_id, "customer_id": record_id} for author_id, record_id in pairs],
    )
    found = session.scalars(
        select(LinkRow).where(among(LinkRow.author_id, [author_id for author_id, _ in pairs]))
    )
    links = {(row.author_id, row.customer_id): row for row in found}
    rows = [
        LinkJudgementRow(
            link_id=links[pair].id,
            state=one.judgement.state,
            basis=one.judgement.basis,
            evidence=list(one.judgement.evidence),
            probability=one.judgement.probability,
            decided_by=one.decided_by,
            at=now,
            expires_at=one.expires_at,
        )
        for pair, one in zip(pairs, entries, strict=True)
    ]
    session.add_all(rows)
    session.flush()
    for pair, row in zip(pairs, rows, strict=True):
        links[pair].present_id = row.id
    session.flush()
    return rows


def again(
    record_id: int,
    row: LinkJudgementRow,
    state: LinkState | None = None,
    evidence: Sequence[str] | None = None,
) -> Judgement:
    """The judgement of a row, with another state or other evidence."""
    return Judgement(
        customer_id=record_id,
        state=state or LinkState(row.state),
        probability=row.probability,
        basis=Basis(row.basis),
        evidence=tuple(row.evidence if evidence is None else evidence),
    )


def listing(
    session: Session,
    *,
    state: LinkState | None = None,
    source: str | None = None,
    at: datetime | None = None,
) -> list[LinkView]:
    """Links, newest decision first; as they stood at a moment, else the present ones.

    source: by any spelling.
    """
    statement = (
        select(LinkRow, LinkJudgementRow, AuthorRow, CustomerRow)
        .join(LinkJudgementRow, LinkJudgementRow.link_id == LinkRow.id)
        .join(AuthorRow, AuthorRow.id == LinkRow.author_id)
        .join(_RECORD, _RECORD.id == LinkRow.customer_id)
        .join(CustomerRow, CustomerRow.id == persons.person(_RECORD.joined_to, _RECORD.id))
        .order_by(LinkJudgementRow.at.desc(), LinkJudgementRow.id.desc())
    )
    if at is None:
        statement = statement.where(LinkJudgementRow.id == LinkRow.present_id)
    else:
        then = (
            select(func.max(LinkJudgementRow.id))
            .where(LinkJudgementRow.at <= at)
            .group_by(LinkJudgementRow.link_id)
        )
        statement = statement.where(LinkJudgementRow.id.in_(then))
    if state is not None:
        statement = statement.where(LinkJudgementRow.state == state)
    if source is not None:
        statement = statement.where(AuthorRow.source.in_(stored_names(source)))
    return [LinkView(*row) for row in session.execute(statement)]


def history(session: Session, link_id: int) -> list[LinkView]:
    """Everything that was decided of a link, oldest first; empty when there is no such link."""
    rows = session.execute(
        select(LinkRow, LinkJudgementRow, AuthorRow, CustomerRow)
        .join(LinkJudgementRow, LinkJudgementRow.link_id == LinkRow.id)
        .join(AuthorRow, AuthorRow.id == LinkRow.author_id)
        .join(_RECORD, _RECORD.id == LinkRow.customer_id)
        .join(CustomerRow, CustomerRow.id == persons.person(_RECORD.joined_to, _RECORD.id))
        .where(LinkRow.id == link_id)
        .order_by(LinkJudgementRow.id)
    )
    return [LinkView(*row) for row in rows]

"""Incidents whose customer is not, or no longer, whom the links of their authors name."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, ScalarSelect, func, select, update
from sqlalchemy.orm import Session

from domain.incident import LIVE, Incident
from storage import persons
from storage.incidents import record
from storage.link_ledger import CONFIRMED
from storage.sql import among
from storage.tables import LIVE as LIVE_ROWS
from storage.tables import (
    SHOWN,
    CustomerRow,
    IncidentMentionRow,
    IncidentRow,
    LinkJudgementRow,
    LinkRow,
    MentionRow,
)


def misidentified(session: Session, kinds: Sequence[str]) -> list[Incident]:
    """Live incidents of these kinds whose customer is not whom the links of their authors name."""
    # LIVE_ROWS, word for word, lets SQLite begin at the index of the live ones.
    live = select(IncidentRow.id).where(LIVE_ROWS, IncidentRow.kind.in_(kinds))
    rows = session.scalars(
        select(IncidentRow)
        .where(IncidentRow.id.in_(live), _linked_otherwise())
        .order_by(IncidentRow.id)
    )
    return [record(row) for row in rows]


def closed_follow_links(session: Session, author_ids: Sequence[int]) -> None:
    """Give closed incidents of these authors the customer their links name now, or none."""
    of_authors = (
        select(IncidentMentionRow.incident_id)
        .join(MentionRow, MentionRow.id == IncidentMentionRow.mention_id)
        .where(among(MentionRow.author_id, author_ids))
    )
    session.execute(
        update(IncidentRow)
        .where(IncidentRow.id.in_(of_authors), ~IncidentRow.state.in_(LIVE), _linked_otherwise())
        .values(customer_id=_linked_to())
        .execution_options(synchronize_session="fetch")
    )


def closed_of(session: Session, author_ids: Sequence[int], kinds: Sequence[str]) -> list[Incident]:
    """Closed incidents of these kinds with mentions of these authors."""
    of_authors = (
        select(IncidentMentionRow.incident_id)
        .join(MentionRow, MentionRow.id == IncidentMentionRow.mention_id)
        .where(among(MentionRow.author_id, author_ids))
    )
    rows = session.scalars(
        select(IncidentRow)
        .where(
            IncidentRow.id.in_(of_authors),
            ~IncidentRow.state.in_(LIVE),
            IncidentRow.kind.in_(kinds),
        )
        .order_by(IncidentRow.id)
    )
    return [record(row) for row in rows]


def _linked_otherwise() -> ColumnElement[bool]:
    return IncidentRow.customer_id.is_distinct_from(_linked_to())


def _linked_to() -> ScalarSelect[int]:
    """The person of the first mention whose author has confirmed links to one person."""
    person_id = persons.PERSON
    only = (
        select(func.min(person_id))
        .select_from(LinkRow)
        .join(LinkJudgementRow, CONFIRMED)
        .join(CustomerRow, CustomerRow.id == LinkRow.customer_id)
        .where(LinkRow.author_id == MentionRow.author_id)
        .having(func.count(person_id.distinct()) == 1)
        .correlate(MentionRow)
        .scalar_subquery()
    )
    return (
        select(only)
        .select_from(IncidentMentionRow)
        .join(MentionRow, MentionRow.id == IncidentMentionRow.mention_id)
        .where(
            IncidentMentionRow.incident_id == IncidentRow.id,
            MentionRow.standing.in_(SHOWN),  # of what is gone nothing is told any more
            only.is_not(None),
        )
        .order_by(MentionRow.published_at, MentionRow.id)
        .limit(1)
        .correlate(IncidentRow)
        .scalar_subquery()
    )

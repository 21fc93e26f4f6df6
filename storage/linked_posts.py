"""What linked customers wrote about the brands, and what was promised for it.

An author whose confirmed links lead to two people is nobody's, as everywhere.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Subquery, case, exists, false, func, select
from sqlalchemy.orm import Session

from domain.incident import WITHDRAWN_POSTS, State
from domain.listing import Role
from domain.loyalty import Post, Promise
from storage import clocks, persons
from storage.link_ledger import CONFIRMED
from storage.tables import (
    SHOWN,
    AuthorRow,
    CustomerRow,
    IncidentMentionRow,
    IncidentRow,
    LinkJudgementRow,
    LinkRow,
    MentionBrandRow,
    MentionRow,
)


def people(session: Session, *, may_not: Sequence[str]) -> tuple[set[int], int]:
    """The linked customers, and how many customers are linked with nobody.

    may_not: here and below, sources whose authors may not be linked.
    """
    linked = set(session.scalars(select(_authors(may_not).c.person_id)))
    everybody = select(func.count()).where(CustomerRow.joined_to.is_(None))
    return linked, session.scalars(everybody).one() - len(linked)


def posts(session: Session, brands: Sequence[str], *, may_not: Sequence[str]) -> list[Post]:
    """Their posts about these brands, noise and plain reposts left out.

    One of which a person said that no alert should have told of it asks for nothing.
    """
    author = _authors(may_not)
    asks = case((_dismissed(), false()), else_=MentionBrandRow.asks_for_answer)
    rows = session.execute(
        select(author.c.person_id, MentionRow.published_at, asks)
        .join(MentionRow, MentionRow.author_id == author.c.author_id)
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(
            MentionBrandRow.brand.in_(brands),
            MentionBrandRow.role == Role.BRAND,
            MentionBrandRow.hidden == "",
            MentionRow.standing.in_(SHOWN),
            MentionRow.is_repost.is_(False),
        )
    )
    return [Post(*row) for row in rows]


def _dismissed() -> ColumnElement[bool]:
    return exists().where(
        IncidentMentionRow.mention_id == MentionBrandRow.mention_id,
        IncidentRow.id == IncidentMentionRow.incident_id,
        IncidentRow.brand == MentionBrandRow.brand,
        IncidentRow.state == State.DISMISSED,
    )


def promises(
    session: Session, brands: Sequence[str], kinds: Sequence[str], *, may_not: Sequence[str]
) -> list[Promise]:
    """The clocks of these brands' incidents of these kinds that hold a post of theirs.

    Without those of which no post asks for an answer, a rule of one's own may be about praise,
    unless what asked was taken back.
    """
    author = _authors(may_not)
    listing = (MentionBrandRow.mention_id == MentionRow.id) & (
        MentionBrandRow.brand == IncidentRow.brand
    )
    rows = session.execute(
        select(IncidentRow.id, author.c.person_id, MentionBrandRow.asks_for_answer)
        .join(IncidentMentionRow, IncidentMentionRow.incident_id == IncidentRow.id)
        .join(MentionRow, MentionRow.id == IncidentMentionRow.mention_id)
        .join(author, author.c.author_id == MentionRow.author_id)
        .join(MentionBrandRow, listing)
        .where(
            IncidentRow.brand.in_(brands),
            IncidentRow.kind.in_(kinds),
            MentionRow.standing.in_(SHOWN),
        )
        .order_by(MentionRow.published_at, MentionRow.id)
    ).all()
    person = {incident_id: person_id for incident_id, person_id, _ in reversed(rows)}
    asking = {incident_id for incident_id, _, asks in rows if asks is not False}
    return [
        Promise(person[incident_id], clock)
        for incident_id, every in clocks.of(session, sorted(person)).items()
        for clock in every
        if incident_id in asking or clock.how == WITHDRAWN_POSTS
    ]


def _authors(may_not: Sequence[str]) -> Subquery:
    """The authors linked with one person, and with whom."""
    return (
        select(LinkRow.author_id, func.min(persons.PERSON).label("person_id"))
        .join(LinkJudgementRow, CONFIRMED)
        .join(CustomerRow, CustomerRow.id == LinkRow.customer_id)
        .join(AuthorRow, AuthorRow.id == LinkRow.author_id)
        .where(AuthorRow.source.not_in(may_not))
        .group_by(LinkRow.author_id)
        .having(func.count(persons.PERSON.distinct()) == 1)
        .subquery()
    )

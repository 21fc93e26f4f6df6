"""Links between authors and customers, and who decided them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from domain.customer import Judgement, LinkState
from domain.errors import EarshotError
from domain.listing import Role
from domain.mention import Author
from domain.network import stored_names
from storage import persons
from storage.authors import handle_key
from storage.sql import among, insert
from storage.tables import (
    AuthorRow,
    CustomerRow,
    HandleRow,
    LinkRow,
    MentionBrandRow,
    MentionRow,
)

_RECORD = aliased(CustomerRow)
RULE = "rule:"  # decided_by of everything no person decided


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link as people read it."""

    link: LinkRow
    author: AuthorRow
    customer: CustomerRow  # the person, of whom the link names one record


def to_check(session: Session, *, limit: int) -> list[AuthorRow]:
    """Authors whose customer has not been looked for since they or the CRM changed."""
    return list(
        session.scalars(
            select(AuthorRow)
            .where(AuthorRow.link_checked_at.is_(None))
            .order_by(AuthorRow.id)
            .limit(limit)
        )
    )


def author(session: Session, author_id: int) -> AuthorRow | None:
    return session.get(AuthorRow, author_id)


def author_of(row: AuthorRow) -> Author:
    """The author as the domain knows it."""
    return Author(
        id=row.external_id,
        handle=row.handle,
        name=row.name,
        bio=row.bio,
        location=row.location,
        url=row.url,
        followers=row.followers,
        created_at=row.created_at,
    )


def recheck_handles(session: Session) -> None:
    """After a CRM import: look again at authors whose handle is on file, or who are linked."""
    held = AuthorRow.handle_key.in_(select(HandleRow.handle))
    linked = AuthorRow.id.in_(select(LinkRow.author_id))
    session.execute(
        update(AuthorRow)
        .where(or_(held, linked))
        .values(link_checked_at=None)
        .execution_options(synchronize_session=False)
    )


def judge(
    session: Session, author: AuthorRow, judgements: Sequence[Judgement], *, now: datetime
) -> None:
    """Bring the rules' judgements of this author up to date; what a person decided stays and wins.

    A judgement that has not changed keeps its row, so that an id read in a list stays true. Once a
    person has confirmed somebody, a rule only proposes others.
    """
    rows = session.scalars(select(LinkRow).where(LinkRow.author_id == author.id)).all()
    human = [row for row in rows if not row.decided_by.startswith(RULE)]
    before = {row.customer_id: row for row in rows if row.decided_by.startswith(RULE)}
    settled = any(row.state == LinkState.CONFIRMED for row in human)
    person = persons.of(
        session, [*(row.customer_id for row in human), *(one.customer_id for one in judgements)]
    )
    decided = {person[row.customer_id] for row in human}
    for judgement in judgements:
        if person[judgement.customer_id] in decided:
            continue
        values = {
            "state": LinkState.PROPOSED if settled else judgement.state,
            "probability": judgement.probability,
            "basis": judgement.basis,
            "evidence": list(judgement.evidence),
            "decided_by": f"{RULE}{judgement.basis}",
        }
        row = before.pop(judgement.customer_id, None)
        if row is None:
            session.add(
                LinkRow(author_id=author.id, customer_id=judgement.customer_id, at=now, **values)
            )
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in {**values, "at": now}.items():
                setattr(row, name, value)
    for gone in before.values():
        session.delete(gone)
    author.link_checked_at = now
    session.flush()


def listing(session: Session, *, state: LinkState | None = None) -> list[LinkView]:
    """Links, newest decision first."""
    statement = (
        select(LinkRow, AuthorRow, CustomerRow)
        .join(AuthorRow, AuthorRow.id == LinkRow.author_id)
        .join(_RECORD, _RECORD.id == LinkRow.customer_id)
        .join(CustomerRow, CustomerRow.id == persons.person(_RECORD.joined_to, _RECORD.id))
        .order_by(LinkRow.at.desc(), LinkRow.id.desc())
    )
    if state is not None:
        statement = statement.where(LinkRow.state == state)
    return [LinkView(*row) for row in session.execute(statement)]


def decide(session: Session, link_id: int, state: LinkState, *, by: str, now: datetime) -> LinkRow:
    """A person's verdict on a link. Raises EarshotError when there is no such link."""
    link = session.get(LinkRow, link_id)
    if link is None:
        raise EarshotError(f"there is no link {link_id}: see earshot links list")
    link.state, link.decided_by, link.at = state, by, now
    session.flush()
    _settle(session, link)
    return link


def reject_customer(
    session: Session, mention_ids: Sequence[int], customer_id: int, *, by: str, now: datetime
) -> int:
    """A person's verdict that the authors of these mentions are not this person; links rejected."""
    person_id = persons.PERSON
    authors = select(MentionRow.author_id).where(among(MentionRow.id, mention_ids))
    found = session.scalars(
        select(LinkRow.id)
        .join(CustomerRow, CustomerRow.id == LinkRow.customer_id)
        .where(
            LinkRow.author_id.in_(authors),
            LinkRow.state == LinkState.CONFIRMED,
            person_id == customer_id,
        )
        .order_by(LinkRow.id)
    ).all()
    for link_id in found:
        decide(session, link_id, LinkState.REJECTED, by=by, now=now)
    return len(found)


def _settle(session: Session, link: LinkRow) -> None:
    """A confirmed link rules out the others; after a rejection the rules look again."""
    if link.state == LinkState.CONFIRMED:
        session.execute(
            update(LinkRow)
            .where(LinkRow.author_id == link.author_id, LinkRow.decided_by.startswith(RULE))
            .where(LinkRow.state == LinkState.CONFIRMED)
            .values(state=LinkState.PROPOSED)
        )
    session.execute(
        update(AuthorRow).where(AuthorRow.id == link.author_id).values(link_checked_at=None)
    )


def add(
    session: Session, author: AuthorRow, customer_id: int, *, basis: str, by: str, now: datetime
) -> LinkRow:
    """A link that a person makes, on the basis they state; an older one of the pair is replaced."""
    values = {
        "state": LinkState.CONFIRMED,
        "probability": 1.0,
        "basis": basis,
        "evidence": [f"stated by {by}"],
        "decided_by": by,
        "at": now,
    }
    session.execute(
        insert(session, LinkRow)
        .values(author_id=author.id, customer_id=customer_id, **values)
        .on_conflict_do_update(index_elements=["author_id", "customer_id"], set_=values)
    )
    link = session.scalars(
        select(LinkRow)
        .where(LinkRow.author_id == author.id, LinkRow.customer_id == customer_id)
        .execution_options(populate_existing=True)
    ).one()
    _settle(session, link)
    return link


def find_author(session: Session, source: str, name: str) -> AuthorRow | None:
    """An author by the platform's id, else who was last seen with that handle.

    source: by any spelling.
    """
    key = name.strip().removeprefix("@")
    return session.scalars(
        select(AuthorRow)
        .where(
            AuthorRow.source.in_(stored_names(source)),
            or_(AuthorRow.external_id == key, AuthorRow.handle_key == handle_key(key)),
        )
        .order_by(AuthorRow.external_id != key, AuthorRow.told_at.desc(), AuthorRow.id)
        .limit(1)
    ).first()


def confirmed(session: Session, author_ids: Sequence[int]) -> dict[int, LinkRow]:
    """A confirmed link of each author who has them to one person; with two nobody is shown."""
    rows = session.execute(
        select(LinkRow, persons.PERSON)
        .join(CustomerRow, CustomerRow.id == LinkRow.customer_id)
        .where(among(LinkRow.author_id, author_ids), LinkRow.state == LinkState.CONFIRMED)
        .order_by(LinkRow.id)
    ).all()
    found: dict[int, LinkRow] = {}
    people: dict[int, set[int]] = {}
    for link, person_id in rows:
        found.setdefault(link.author_id, link)
        people.setdefault(link.author_id, set()).add(person_id)
    return {author_id: link for author_id, link in found.items() if len(people[author_id]) == 1}


def linkable_share(
    session: Session, brand: str, *, since: datetime, may_not: Sequence[str]
) -> tuple[int, int, int]:
    """(linked authors, those of sources that allow linking, all authors) of a brand since then."""
    authors = (
        select(MentionRow.author_id)
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(
            MentionBrandRow.brand == brand,
            MentionBrandRow.role == Role.BRAND,
            MentionBrandRow.published_at >= since,
            MentionBrandRow.hidden == "",
            MentionRow.author_id.is_not(None),
        )
        .distinct()
    )
    rows = session.execute(
        select(
            AuthorRow.source,
            exists().where(LinkRow.author_id == AuthorRow.id, LinkRow.state == LinkState.CONFIRMED),
        ).where(AuthorRow.id.in_(authors))
    ).all()
    allowed = [linked for source, linked in rows if source not in may_not]
    return sum(allowed), len(allowed), len(rows)

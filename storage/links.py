"""Links between authors and customers: what people decide, and whom they name now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from domain.customer import Basis, Judgement, LinkState
from domain.deciding import RULE
from domain.errors import EarshotError
from domain.listing import Role
from domain.mention import Author
from domain.network import stored_names
from storage import link_ledger, persons
from storage.authors import handle_key
from storage.link_ledger import CONFIRMED, PRESENT, Entry
from storage.sql import among
from storage.tables import (
    AuthorRow,
    CustomerRow,
    LinkJudgementRow,
    LinkRow,
    MentionBrandRow,
    MentionRow,
)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person's verdict changed."""

    link: LinkRow
    before: LinkJudgementRow | None  # None: nothing was decided of this pair
    now: LinkJudgementRow


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


def decide(
    session: Session,
    link_id: int,
    state: LinkState,
    *,
    by: str,
    now: datetime,
    basis: Basis | None = None,
    note: str = "",
) -> Decided:
    """A person's verdict on a link. Raises EarshotError when there is no such link.

    basis: what they rest it on; None: on what was found, else on their own word.
    """
    link = session.get(LinkRow, link_id)
    before = session.get(LinkJudgementRow, link.present_id) if link is not None else None
    if link is None or before is None:
        raise EarshotError(f"there is no link {link_id}: see earshot links list")
    found = () if state == LinkState.WITHDRAWN else before.evidence
    judgement = Judgement(
        customer_id=link.customer_id,
        state=state,
        probability=_SURE.get(state, before.probability),
        basis=basis or _kept(before, state),
        evidence=tuple(dict.fromkeys([*found, *([note] if note else [])])),
    )
    return _write(session, Entry(link.author_id, judgement, by), before, now=now)


_SURE = {LinkState.CONFIRMED: 1.0, LinkState.REJECTED: 0.0}


def _kept(before: LinkJudgementRow, state: LinkState) -> Basis:
    """What a confirmation rests on where nobody says: weighed evidence is a person's decision."""
    found_no_more = before.state == LinkState.WITHDRAWN and before.decided_by.startswith(RULE)
    if state == LinkState.CONFIRMED and (found_no_more or before.basis == Basis.SCORED):
        return Basis.PERSON
    return Basis(before.basis)


def add(
    session: Session,
    author: AuthorRow,
    customer_id: int,
    *,
    by: str,
    now: datetime,
    basis: Basis = Basis.GIVEN,
    evidence: Sequence[str] = (),
    until: datetime | None = None,
) -> Decided:
    """A link that a person makes, on the basis they state; it is the newest word on its pair."""
    before = session.scalars(
        select(LinkJudgementRow)
        .join(LinkRow, PRESENT)
        .where(LinkRow.author_id == author.id, LinkRow.customer_id == customer_id)
    ).first()
    judgement = Judgement(customer_id, LinkState.CONFIRMED, 1.0, basis, tuple(evidence))
    return _write(session, Entry(author.id, judgement, by, until), before, now=now)


def _write(
    session: Session, entry: Entry, before: LinkJudgementRow | None, *, now: datetime
) -> Decided:
    if entry.judgement.state == LinkState.CONFIRMED:
        _only_propose_others(session, entry, now=now)
    [row] = link_ledger.write(session, [entry], now=now)
    look_again(session, [entry.author_id])
    return Decided(session.get_one(LinkRow, row.link_id), before, row)


def _only_propose_others(session: Session, confirmed: Entry, *, now: datetime) -> None:
    """A person confirms somebody: whom else rules confirmed is only proposed."""
    rows = session.execute(
        select(LinkRow.customer_id, LinkJudgementRow)
        .join(LinkJudgementRow, CONFIRMED)
        .where(
            LinkRow.author_id == confirmed.author_id,
            LinkRow.customer_id != confirmed.judgement.customer_id,
            LinkJudgementRow.decided_by.startswith(RULE),
        )
    ).all()
    entries = [
        Entry(
            confirmed.author_id,
            link_ledger.again(record_id, row, LinkState.PROPOSED),
            row.decided_by,
        )
        for record_id, row in rows
    ]
    link_ledger.write(session, entries, now=now)


def look_again(session: Session, author_ids: Sequence[int]) -> None:
    """Let the next link step look at these authors, and at all that rests on their links."""
    if not author_ids:
        return
    session.execute(
        update(AuthorRow)
        .where(among(AuthorRow.id, author_ids))
        .values(link_checked_at=None)
        .execution_options(synchronize_session=False)
    )


def reject_customer(
    session: Session, mention_ids: Sequence[int], customer_id: int, *, by: str, now: datetime
) -> int:
    """A person's verdict that the authors of these mentions are not this person; links rejected."""
    person_id = persons.PERSON
    authors = select(MentionRow.author_id).where(among(MentionRow.id, mention_ids))
    found = session.scalars(
        select(LinkRow.id)
        .join(LinkJudgementRow, CONFIRMED)
        .join(CustomerRow, CustomerRow.id == LinkRow.customer_id)
        .where(
            LinkRow.author_id.in_(authors),
            person_id == customer_id,
        )
        .order_by(LinkRow.id)
    ).all()
    for link_id in found:
        decide(session, link_id, LinkState.REJECTED, by=by, now=now)
    return len(found)


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
        .join(LinkJudgementRow, CONFIRMED)
        .join(CustomerRow, CustomerRow.id == LinkRow.customer_id)
        .where(among(LinkRow.author_id, author_ids))
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
            exists().where(LinkRow.author_id == AuthorRow.id, CONFIRMED),
        ).where(AuthorRow.id.in_(authors))
    ).all()
    allowed = [linked for source, linked in rows if source not in may_not]
    return sum(allowed), len(allowed), len(rows)

"""What a person wrote on all networks, by the accounts that are confirmed as theirs alone."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from domain.incident import EarlierMentions
from domain.listing import Role
from domain.network import name_of
from storage import persons
from storage.link_ledger import CONFIRMED
from storage.sql import among
from storage.tables import (
    SHOWN,
    AuthorRow,
    CustomerRow,
    IncidentMentionRow,
    LinkJudgementRow,
    LinkRow,
    MentionBrandRow,
    MentionRow,
)


def accounts(session: Session, person_id: int) -> list[int]:
    """The authors, by our id, who are confirmed as this person and as nobody else."""
    theirs = (
        select(LinkRow.author_id)
        .join(LinkJudgementRow, CONFIRMED)
        .join(CustomerRow, CustomerRow.id == LinkRow.customer_id)
        .where(or_(CustomerRow.id == person_id, CustomerRow.joined_to == person_id))
    )
    alone = (
        select(LinkRow.author_id)
        .join(LinkJudgementRow, CONFIRMED)
        .join(CustomerRow, CustomerRow.id == LinkRow.customer_id)
        .where(LinkRow.author_id.in_(theirs))
        .group_by(LinkRow.author_id)
        .having(func.count(persons.PERSON.distinct()) == 1)
    )
    return sorted(session.scalars(alone))


def newest(
    session: Session,
    accounts: Collection[int],
    *,
    limit: int | None,
    brand: str | None = None,
    before: datetime | None = None,
) -> list[int]:
    """The newest of their mentions, by our id; what is noise left out.

    brand: only of this one; None: of all, and of competitors.
    """
    about = true() if brand is None else MentionBrandRow.brand == brand
    earlier = true() if before is None else MentionRow.published_at < before
    wrote = (
        select(MentionRow.id)
        .where(among(MentionRow.author_id, accounts), earlier, _counts(about))
        .order_by(MentionRow.published_at.desc(), MentionRow.id.desc())
        .limit(limit)
    )
    return list(session.scalars(wrote)) if accounts else []


def by_source(session: Session, accounts: Collection[int]) -> dict[str, int]:
    """How many of these mentions there are on each network, most first."""
    if not accounts:
        return {}
    rows = session.execute(
        select(MentionRow.source, func.count())
        .where(among(MentionRow.author_id, accounts), _counts(true()))
        .group_by(MentionRow.source)
    )
    return _per_network(rows.all())


def _per_network(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """By the name of each, most first; imported mentions may spell it otherwise."""
    found: Counter[str] = Counter()
    for source, count in counts:
        found[name_of(source)] += count
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def earlier(
    session: Session,
    accounts: Collection[int],
    brand: str,
    *,
    before: datetime,
    incident_id: int = 0,
) -> EarlierMentions:
    """What they had written of a brand before an instant, outside of this incident."""
    if not accounts:
        return EarlierMentions()
    in_it = select(IncidentMentionRow.mention_id).where(
        IncidentMentionRow.incident_id == incident_id
    )
    wrote = (
        among(MentionRow.author_id, accounts),
        MentionRow.standing.in_(SHOWN),
        MentionRow.published_at < before,
        MentionRow.id.not_in(in_it),
        *_of(brand),
    )
    counts = session.execute(
        select(MentionRow.source, func.count(), func.count(MentionBrandRow.answered_at))
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(*wrote)
        .group_by(MentionRow.source)
    ).all()
    networks = _per_network((source, number) for source, number, _ in counts)
    answer = session.execute(
        select(MentionRow.published_at, MentionBrandRow.answered_at)
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(*wrote, MentionBrandRow.answered_at.is_not(None))
        .order_by(MentionBrandRow.answered_at.desc(), MentionRow.id.desc())
        .limit(1)
    ).first()
    return EarlierMentions(
        by_source=tuple(networks.items()),
        answered=sum(answered for _, _, answered in counts),
        last_took=_length(*answer) if answer is not None else None,
    )


def _length(posted_at: datetime, answered_at: datetime | None) -> timedelta | None:
    return None if answered_at is None else max(answered_at - posted_at, timedelta())


def answered_by(session: Session, reply_ids: Collection[int]) -> dict[int, str]:
    """The handle of the account that wrote each of these replies, by our id; "": nobody knows."""
    rows = session.execute(
        select(MentionRow.id, func.coalesce(AuthorRow.handle, ""))
        .outerjoin(AuthorRow, AuthorRow.id == MentionRow.author_id)
        .where(among(MentionRow.id, reply_ids))
    )
    return dict(rows.all())


def _counts(about: ColumnElement[bool]) -> ColumnElement[bool]:
    """That a mention is shown, and listed and not hidden. about: which listing."""
    listed = (
        select(MentionBrandRow.mention_id)
        .where(
            MentionBrandRow.mention_id == MentionRow.id,
            MentionBrandRow.role != Role.OWN,
            MentionBrandRow.hidden == "",
            about,
        )
        .correlate(MentionRow)
        .exists()
    )
    return MentionRow.standing.in_(SHOWN) & listed


def _of(brand: str) -> tuple[ColumnElement[bool], ...]:
    return (
        MentionBrandRow.brand == brand,
        MentionBrandRow.role == Role.BRAND,
        MentionBrandRow.hidden == "",
    )

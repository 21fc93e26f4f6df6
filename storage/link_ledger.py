"""The ledger of links: each judgement on an author and a customer is a row, and none is changed.

A pair has one link, whose id people type; the newest judgement is the present one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from domain.customer import Basis, Judgement, LinkState
from domain.listing import HISTORY
from domain.network import stored_names
from storage import listings, outbox, persons
from storage.sql import among, insert
from storage.tables import (
    AuthorRow,
    CustomerRow,
    LinkJudgementRow,
    LinkRow,
    MentionRow,
    SettingRow,
)

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
    found = session.execute(
        select(LinkRow, LinkJudgementRow.state)
        .outerjoin(LinkJudgementRow, PRESENT)
        .where(among(LinkRow.author_id, [author_id for author_id, _ in pairs]))
    ).all()
    links = {(row.author_id, row.customer_id): row for row, _ in found}
    before = {(row.author_id, row.customer_id): state for row, state in found}
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
    changed = {pair: (before[pair], row.state) for pair, row in zip(pairs, rows, strict=True)}
    _follow(session, changed, now=now)
    return rows


def _follow(
    session: Session, changed: Mapping[tuple[int, int], tuple[str | None, str]], *, now: datetime
) -> None:
    """Mark what rests on who an author is, where that has changed.

    What nobody could read asks for an answer when a known customer wrote it, and messages show
    whom we know. Incidents and published numbers follow in steps of their own.
    """
    confirmed = LinkState.CONFIRMED
    lost = [pair[0] for pair, (state, after) in changed.items() if state == confirmed != after]
    known = [pair[0] for pair, (state, after) in changed.items() if state != confirmed == after]
    if not known and not lost:
        return
    listings.judge_unread_again(session, known, loud_since=now - HISTORY)
    listings.judge_unread_again(session, lost, loud_since=None)
    theirs = select(MentionRow.id).where(among(MentionRow.author_id, lost))
    outbox.withdrawn(session, session.scalars(theirs).all(), now=now)


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
    person_id: int | None = None,
    before: datetime | None = None,
) -> list[LinkView]:
    """Links, newest decision first; as they stood just before a moment, else the present ones.

    source: by any spelling.
    """
    statement = _views().order_by(LinkJudgementRow.at.desc(), LinkJudgementRow.id.desc())
    if before is None:
        statement = statement.where(PRESENT)
    else:
        then = (
            select(func.max(LinkJudgementRow.id))
            .where(LinkJudgementRow.at < before)
            .group_by(LinkJudgementRow.link_id)
        )
        statement = statement.where(LinkJudgementRow.id.in_(then))
    if state is not None:
        statement = statement.where(LinkJudgementRow.state == state)
    if source is not None:
        statement = statement.where(AuthorRow.source.in_(stored_names(source)))
    if person_id is not None:
        theirs = or_(_RECORD.id == person_id, _RECORD.joined_to == person_id)
        statement = statement.where(theirs)
    return [LinkView(*row) for row in session.execute(statement)]


def history(session: Session, link_id: int) -> list[LinkView]:
    """Everything that was decided of a link, oldest first; empty when there is no such link."""
    found = _views().where(LinkRow.id == link_id).order_by(LinkJudgementRow.id)
    return [LinkView(*row) for row in session.execute(found)]


def _views() -> Select[LinkRow, LinkJudgementRow, AuthorRow, CustomerRow]:
    return (
        select(LinkRow, LinkJudgementRow, AuthorRow, CustomerRow)
        .join(LinkJudgementRow, LinkJudgementRow.link_id == LinkRow.id)
        .join(AuthorRow, AuthorRow.id == LinkRow.author_id)
        .join(_RECORD, _RECORD.id == LinkRow.customer_id)
        .join(CustomerRow, CustomerRow.id == persons.person(_RECORD.joined_to, _RECORD.id))
    )


@dataclass(frozen=True, slots=True)
class Ended:
    """A link that had been confirmed, and was taken back."""

    judgement_id: int  # of what took it back
    link_id: int
    author_id: int
    state: str  # since then
    known_since: datetime  # when it was confirmed first


def ended(session: Session, *, after: int) -> list[Ended]:
    """What took a confirmed link back, of the judgements whose id is greater, oldest first."""
    earlier = aliased(LinkJudgementRow)
    rows = session.execute(
        select(
            LinkJudgementRow.id,
            LinkRow.id,
            LinkRow.author_id,
            LinkJudgementRow.state,
            func.min(earlier.at),
        )
        .join(LinkRow, LinkRow.id == LinkJudgementRow.link_id)
        .join(
            earlier,
            and_(
                earlier.link_id == LinkJudgementRow.link_id,
                earlier.id < LinkJudgementRow.id,
                earlier.state == LinkState.CONFIRMED,
            ),
        )
        .where(LinkJudgementRow.id > after, LinkJudgementRow.state != LinkState.CONFIRMED)
        .group_by(LinkJudgementRow.id, LinkRow.id, LinkRow.author_id, LinkJudgementRow.state)
        .order_by(LinkJudgementRow.id)
    )
    return [Ended(*row) for row in rows]


def followed(session: Session, what: str) -> int:
    """The newest judgement that this has followed already; 0: none."""
    row = session.get(SettingRow, f"links.{what}")
    return int(row.value) if row is not None else 0


def follow_to(session: Session, what: str, judgement_id: int) -> None:
    """Remember how far the ledger was followed."""
    session.merge(SettingRow(key=f"links.{what}", value=str(judgement_id)))


@dataclass(frozen=True, slots=True)
class Turn:
    """A judgement on a link, and what held before it."""

    judgement_id: int
    link_id: int
    author_id: int
    before: str | None  # None: it is the first one
    state: str


def turns(session: Session, *, after: int) -> list[Turn]:
    """The judgements whose id is greater, oldest first."""
    newer = select(LinkJudgementRow.link_id).where(LinkJudgementRow.id > after)
    told = (
        select(
            LinkJudgementRow.id,
            LinkJudgementRow.link_id,
            LinkJudgementRow.state,
            func.lag(LinkJudgementRow.state)
            .over(partition_by=LinkJudgementRow.link_id, order_by=LinkJudgementRow.id)
            .label("before"),
        )
        .where(LinkJudgementRow.link_id.in_(newer))
        .subquery()
    )
    rows = session.execute(
        select(told.c.id, told.c.link_id, LinkRow.author_id, told.c.before, told.c.state)
        .join(LinkRow, LinkRow.id == told.c.link_id)
        .where(told.c.id > after)
        .order_by(told.c.id)
    )
    return [Turn(*row) for row in rows]


def newest(session: Session) -> int:
    """The id of the newest judgement; 0: there is none."""
    return session.scalar(select(func.max(LinkJudgementRow.id))) or 0

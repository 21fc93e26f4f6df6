"""What is said of a brand, as its numbers see it: posts with who wrote them, as opaque numbers.

The number of an account or a customer is a hash under the database's own key. A deleted post keeps
the number of who wrote it, and nothing else of them: so who deletes their posts, and writes again,
is still one person.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from domain.incident import NO_PROMISE, Resolution, State
from domain.listing import Role
from domain.mention import Standing
from domain.reputation import Asked, Opinion
from storage import effective_sentiment, persons, sealing
from storage.link_ledger import CONFIRMED
from storage.sql import among
from storage.tables import (
    AuthorRow,
    ClockRow,
    CustomerRow,
    IncidentMentionRow,
    IncidentRow,
    LinkJudgementRow,
    LinkRow,
    MentionBrandRow,
    MentionRow,
)


@dataclass(frozen=True, slots=True)
class Who:
    """The opaque numbers of who wrote something."""

    person: int
    account: int
    is_customer: bool


def account_key(source: str, external_id: str) -> str:
    """What an account's number is the hash of."""
    return f"account:{source}:{external_id}"


def customer_key(person_id: int) -> str:
    """What a customer's number is the hash of."""
    return f"customer:{person_id}"


def opinions(
    session: Session,
    brand: str,
    *,
    since: datetime,
    until: datetime,
    left_out: Collection[int] = (),
) -> list[Opinion]:
    """The opinions on a brand or competitor published in [since, until), oldest first.

    left_out: our ids of authors who are not counted, as the own accounts of a competitor.
    """
    statement: Select[*tuple[Any, ...]] = (
        select(
            MentionRow.source,
            MentionRow.external_id,
            MentionBrandRow.published_at,
            MentionRow.author_id,
            MentionRow.voice,
            MentionRow.story_id,
            AuthorRow.external_id,
            AuthorRow.followers,
            AuthorRow.created_at,
            effective_sentiment.LABEL,
            effective_sentiment.NEGATIVE,
            effective_sentiment.POSITIVE,
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .outerjoin(AuthorRow, AuthorRow.id == MentionRow.author_id)
        .where(*_counted(brand), MentionBrandRow.published_at >= since)
        .where(MentionBrandRow.published_at < until)
        .order_by(MentionBrandRow.published_at, MentionRow.source, MentionRow.external_id)
    )
    rows = session.execute(effective_sentiment.with_tone(session, statement)).all()
    told = {row.story_id for row in rows if row.story_id is not None}
    told_before = _told_before(session, brand, told, since)
    known = _customers(session, {row.author_id for row in rows if row.author_id is not None})
    numbers = Numbers(session, known)
    found: list[Opinion] = []
    for source, post, at, author, voice, story, account, followers, born, label, bad, good in rows:
        if story is not None:
            if story in told_before:
                continue
            told_before.add(story)
        if author in left_out:
            continue
        who = numbers.of(author, source, account, voice)
        found.append(
            Opinion(
                source=source,
                external_id=post,
                published_at=at,
                person=who.person if who else None,
                account=who.account if who else None,
                is_customer=who is not None and who.is_customer,
                polarity=good - bad if label is not None else None,
                label=label,
                story=story,
                followers=followers,
                account_created_at=born,
            )
        )
    return found


class Numbers:
    """The opaque numbers of accounts and customers. customers: the person of each linked author."""

    def __init__(self, session: Session, customers: Mapping[int, int]) -> None:
        self._mark = sealing.marker(session)
        self._known = {author: self._mark(customer_key(one)) for author, one in customers.items()}
        self._customers = frozenset(self._known.values())
        self._found: dict[int, Who] = {}

    def of(
        self, author_id: int | None, source: str, account: str | None, voice: int | None
    ) -> Who | None:
        """Who wrote a post; None: nobody knows. voice: what was kept of a deleted one's author."""
        if author_id is None or account is None:
            return None if voice is None else self._of_deleted(voice)
        if author_id not in self._found:
            number = self._mark(account_key(source, account))
            person = self._known.get(author_id)
            self._found[author_id] = Who(
                number if person is None else person, number, person is not None
            )
        return self._found[author_id]

    def _of_deleted(self, voice: int) -> Who:
        """Theirs who deleted it: a customer, an account that still writes, or nobody known now."""
        return Who(voice, voice, voice in self._customers)


def _counted(brand: str) -> tuple[Any, ...]:
    return (
        MentionBrandRow.brand == brand,
        MentionBrandRow.role != Role.OWN,
        MentionBrandRow.hidden == "",
        MentionRow.is_repost.is_(False),
    )


def _told_before(session: Session, brand: str, stories: Iterable[int], since: datetime) -> set[int]:
    """Those of these stories that were told before `since`: who tells them later only copies."""
    return set(
        session.scalars(
            select(MentionRow.story_id)
            .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
            .where(among(MentionRow.story_id, stories), *_counted(brand))
            .where(MentionBrandRow.published_at < since)
            .distinct()
        )
    )


def _customers(session: Session, author_ids: Collection[int]) -> dict[int, int]:
    """The person of each of these authors who is linked to one, and to one only."""
    rows = session.execute(
        select(LinkRow.author_id, func.min(persons.PERSON))
        .join(LinkJudgementRow, CONFIRMED)
        .join(CustomerRow, CustomerRow.id == LinkRow.customer_id)
        .where(among(LinkRow.author_id, author_ids))
        .group_by(LinkRow.author_id)
        .having(func.min(persons.PERSON) == func.max(persons.PERSON))
    )
    return {author_id: person_id for author_id, person_id in rows}  # noqa: C416  typed as Rows


def asked(session: Session, brand: str, *, since: datetime, until: datetime) -> list[Asked]:
    """The posts of [since, until) that ask the brand for an answer and are still there.

    Each of a person who is known by a number; of a story only the first one. What a person says
    needs no answer asks for none.
    """
    rows = session.execute(
        select(
            MentionRow.id,
            MentionRow.source,
            MentionBrandRow.published_at,
            MentionBrandRow.answered_at,
            MentionRow.author_id,
            MentionRow.story_id,
            AuthorRow.external_id,
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .join(AuthorRow, AuthorRow.id == MentionRow.author_id)
        .where(
            *_counted(brand),
            MentionBrandRow.asks_for_answer.is_(True),
            MentionBrandRow.role == Role.BRAND,
        )
        .where(MentionBrandRow.published_at >= since, MentionBrandRow.published_at < until)
        .where(MentionRow.standing != Standing.GONE, ~_is_excused())
        .order_by(MentionBrandRow.published_at, MentionRow.source, MentionRow.external_id)
    ).all()
    copied = _told_before(session, brand, {row.story_id for row in rows if row.story_id}, since)
    numbers = Numbers(session, _customers(session, {row.author_id for row in rows}))
    elsewhere = _elsewhere(session, [row.id for row in rows])
    found: list[Asked] = []
    for mention_id, source, at, answered_at, author_id, story, account in rows:
        who = numbers.of(author_id, source, account, None)
        if who is None or (story is not None and story in copied):
            continue
        if story is not None:
            copied.add(story)
        answers = [one for one in (answered_at, elsewhere.get(mention_id)) if one is not None]
        found.append(Asked(who.person, at, min(answers, default=None)))
    return found


def _is_excused() -> Any:  # noqa: ANN401 - a condition
    """That an incident of the post was dismissed, or a person says that it needs no answer."""
    return (
        exists()
        .where(
            IncidentMentionRow.mention_id == MentionRow.id,
            IncidentRow.id == IncidentMentionRow.incident_id,
            IncidentRow.brand == MentionBrandRow.brand,
            (IncidentRow.state == State.DISMISSED)
            | IncidentRow.resolution.in_([one for one in NO_PROMISE if one in set(Resolution)]),
        )
        .correlate(MentionRow, MentionBrandRow)
    )


def _elsewhere(session: Session, mention_ids: Collection[int]) -> dict[int, datetime]:
    """When a person says that these posts were answered where it cannot be seen."""
    rows = session.execute(
        select(IncidentMentionRow.mention_id, func.min(ClockRow.answered_at))
        .join(ClockRow, ClockRow.incident_id == IncidentMentionRow.incident_id)
        .join(MentionRow, MentionRow.id == IncidentMentionRow.mention_id)
        .where(
            among(IncidentMentionRow.mention_id, mention_ids),
            ClockRow.how == Resolution.ELSEWHERE,
            ClockRow.answered_at >= MentionRow.published_at,
        )
        .group_by(IncidentMentionRow.mention_id)
    )
    return {mention_id: at for mention_id, at in rows if at is not None}

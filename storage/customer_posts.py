"""What linked customers wrote of a brand, with the tone that counts.

It begins at the links, which are few: no post of anybody else is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, case, false, select
from sqlalchemy.orm import Session

from domain.customer import Basis
from domain.listing import Role
from domain.sentiment import Label
from storage import effective_sentiment, persons, stories
from storage.link_ledger import CONFIRMED
from storage.sql import among, batches
from storage.tables import (
    SHOWN,
    AuthorRow,
    CustomerRow,
    LinkJudgementRow,
    LinkRow,
    MentionBrandRow,
    MentionRow,
)


class Account(NamedTuple):
    """An author who is a customer, by a confirmed link."""

    person_id: int
    source: str
    basis: Basis  # what the link rests on
    handle: str
    followers: int | None


@dataclass(frozen=True, slots=True)
class CustomerPost:
    """One listing of a post by a linked customer."""

    account: Account
    mention_id: int
    brand: str
    source: str
    published_at: datetime
    url: str
    text: str
    negative: float
    positive: float
    label: str | None  # a sentiment.Label; None: it has no tone yet
    unsure: bool
    is_copy: bool  # of a post that was there before

    @property
    def person_id(self) -> int:
        return self.account.person_id

    @property
    def is_negative(self) -> bool:
        """Whether it surely is."""
        return self.label == Label.NEGATIVE and not self.unsure


def accounts(session: Session) -> dict[int, Account]:
    """Every author who is confirmed as one person, by our id; who is confirmed as two is left out.

    Whether their network lets a link rest on its basis is not asked here.
    """
    rows = session.execute(
        select(
            LinkRow.author_id,
            persons.PERSON,
            AuthorRow.source,
            LinkJudgementRow.basis,
            AuthorRow.handle,
            AuthorRow.followers,
        )
        .join(LinkJudgementRow, CONFIRMED)
        .join(CustomerRow, CustomerRow.id == LinkRow.customer_id)
        .join(AuthorRow, AuthorRow.id == LinkRow.author_id)
        .order_by(LinkRow.id)
    )
    found: dict[int, Account] = {}
    people: dict[int, set[int]] = {}
    for author_id, person_id, source, basis, handle, followers in rows:
        found.setdefault(author_id, Account(person_id, source, Basis(basis), handle, followers))
        people.setdefault(author_id, set()).add(person_id)
    return {author_id: one for author_id, one in found.items() if len(people[author_id]) == 1}


def by_accounts(
    session: Session,
    accounts: Mapping[int, Account],
    *,
    brand: str | None,
    since: datetime,
    until: datetime,
) -> list[CustomerPost]:
    """What these wrote in [since, until) of a brand, None: of each; oldest first.

    A post that names two brands is there for each. Left out is what is noise, a repost, not shown
    or deleted, the brand's own, and what is said of a competitor.
    """
    found: list[CustomerPost] = []
    for batch in batches(sorted(accounts)):
        statement = _posts().where(
            among(MentionRow.author_id, batch),
            MentionRow.published_at >= since,
            MentionRow.published_at < until,
        )
        if brand is not None:
            statement = statement.where(MentionBrandRow.brand == brand)
        rows = session.execute(effective_sentiment.with_tone(session, statement))
        found.extend(CustomerPost(accounts[author_id], *told) for author_id, *told in rows)
    return sorted(found, key=lambda one: (one.published_at, one.mention_id, one.brand))


# Most posts have no copy. To ask for a head there, too, would cost a walk through all posts where
# SQLite has counted that (nearly) none has a story.
_IS_COPY = case((MentionRow.story_id.is_(None), false()), else_=~stories.is_head())


def _posts() -> Select[*tuple[Any, ...]]:
    return (
        select(
            MentionRow.author_id,
            MentionRow.id,
            MentionBrandRow.brand,
            MentionRow.source,
            MentionRow.published_at,
            MentionRow.url,
            MentionRow.text,
            effective_sentiment.NEGATIVE,
            effective_sentiment.POSITIVE,
            effective_sentiment.LABEL,
            effective_sentiment.UNSURE,
            _IS_COPY,
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(
            MentionRow.is_repost.is_(False),
            MentionRow.standing.in_(SHOWN),
            MentionBrandRow.role == Role.BRAND,
            MentionBrandRow.hidden == "",
        )
    )

"""Reading mentions as people and scripts see them: with author, tone, customer and incident."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import cast

from sqlalchemy import ColumnElement, Select, false, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from domain.customer import LinkState
from domain.incident import Incident
from domain.listing import Naming, Role
from domain.network import stored_names
from domain.sentiment import Asks, Label, Sentiment
from storage import effective_sentiment, incidents, persons, stories
from storage.link_ledger import CONFIRMED
from storage.sql import among
from storage.tables import (
    HIDDEN,
    SHOWN,
    WAITS,
    AuthorRow,
    CorrectionRow,
    CustomerRow,
    IncidentMentionRow,
    IncidentRow,
    LinkJudgementRow,
    LinkRow,
    MentionBrandRow,
    MentionRow,
    ScoreRow,
)


@dataclass(frozen=True, slots=True)
class MentionView:
    """One listing of a mention with all that is known of it."""

    mention: MentionRow
    listing: MentionBrandRow
    author: AuthorRow | None
    score: ScoreRow | None  # of the model that counts
    correction: CorrectionRow | None
    customer: CustomerRow | None  # confirmed links only
    link: LinkJudgementRow | None  # the judgement that confirmed it
    incident: Incident | None  # the newest one it is part of

    @property
    def sentiment(self) -> Sentiment | None:
        """The tone that counts; None when there is none yet."""
        return effective_sentiment.sentiment_of(self.score, self.correction)

    @property
    def no_longer_named(self) -> bool:
        """Whether it is hidden because its newest text does not name the brand."""
        return self.listing.naming == Naming.FORMERLY and self.listing.hidden != ""

    @property
    def model_sentiment(self) -> Sentiment | None:
        """The model's own score, also where a person has corrected it; None when not scored yet."""
        return effective_sentiment.model_sentiment(self.score)

    @property
    def story(self) -> stories.Key | None:
        """Its story, apart for listings that are hidden and not; None: it has no copy."""
        if self.mention.story_id is None:
            return None
        return self.mention.story_id, self.listing.brand, bool(self.listing.hidden)


@dataclass(frozen=True, slots=True)
class Filter:
    """What to list; a None or empty field does not filter."""

    brand: str | None = None
    source: str | None = None  # by any spelling
    since: datetime | None = None
    until: datetime | None = None
    label: Label | None = None
    asks: Asks | None = None
    customer_id: int | None = None
    search: str = ""
    unanswered: bool = False
    waits: bool = False  # asks for an answer and has none
    ids: Sequence[int] | None = None
    roles: Sequence[Role] = (Role.BRAND, Role.COMPETITOR)
    gone: bool = False  # with those that their platform does not show any more
    hidden: bool | None = False  # as noise; None: hidden or not
    stories: bool = False  # of each story only the first mention


def search(session: Session, wanted: Filter, *, limit: int | None = None) -> list[MentionView]:
    """Mentions newest first, each once per brand it is listed under."""
    statement = (
        effective_sentiment.with_tone(session, _joined())
        .where(*_conditions(session, wanted))
        .order_by(
            MentionBrandRow.published_at.desc(),
            MentionBrandRow.mention_id.desc(),
            MentionBrandRow.brand,
        )
        .limit(limit)
    )
    return [
        MentionView(
            mention=mention,
            listing=listing,
            author=author,
            score=score,
            correction=correction,
            customer=customer,
            link=link,
            incident=_incident(incident),
        )
        for (
            mention,
            listing,
            author,
            score,
            correction,
            link,
            customer,
            incident,
        ) in session.execute(statement)
    ]


def _incident(row: IncidentRow | None) -> Incident | None:
    return None if row is None else incidents.record(row)


@cache
def _joined() -> Select[
    MentionRow,
    MentionBrandRow,
    AuthorRow,
    ScoreRow,
    CorrectionRow,
    LinkJudgementRow,
    CustomerRow,
    IncidentRow,
]:
    """All but the tone, which effective_sentiment.with_tone() joins; made once, for all lists."""
    incident = aliased(IncidentRow)
    # The brand is asked for last: a join would let SQLite walk all the brand's incidents.
    its_brand = (
        select(incident.brand)
        .where(incident.id == IncidentMentionRow.incident_id)
        .correlate(IncidentMentionRow)
        .scalar_subquery()
    )
    newest_incident = (
        select(func.max(IncidentMentionRow.incident_id))
        .where(
            IncidentMentionRow.mention_id == MentionRow.id,
            its_brand == MentionBrandRow.brand,
        )
        .correlate(MentionRow, MentionBrandRow)
        .scalar_subquery()
    )
    # An author confirmed as two customers is shown as neither.
    link, present, record = aliased(LinkRow), aliased(LinkJudgementRow), aliased(CustomerRow)
    only_link = (
        select(func.min(link.id))
        .join(present, present.id == link.present_id)
        .join(record, record.id == link.customer_id)
        .where(link.author_id == MentionRow.author_id, present.state == LinkState.CONFIRMED)
        .having(func.count(persons.person(record.joined_to, record.id).distinct()) == 1)
        .correlate(MentionRow)
        .scalar_subquery()
    )
    linked = aliased(CustomerRow)
    return (
        select(
            MentionRow,
            MentionBrandRow,
            AuthorRow,
            ScoreRow,
            CorrectionRow,
            LinkJudgementRow,
            CustomerRow,
            IncidentRow,
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .outerjoin(AuthorRow, AuthorRow.id == MentionRow.author_id)
        .outerjoin(LinkRow, LinkRow.id == only_link)
        .outerjoin(LinkJudgementRow, LinkJudgementRow.id == LinkRow.present_id)
        .outerjoin(linked, linked.id == LinkRow.customer_id)
        .outerjoin(CustomerRow, CustomerRow.id == persons.person(linked.joined_to, linked.id))
        .outerjoin(IncidentRow, IncidentRow.id == newest_incident)
    )


def _conditions(session: Session, wanted: Filter) -> list[ColumnElement[bool]]:
    conditions = [
        MentionBrandRow.role.in_(wanted.roles),
        *_without_noise(wanted),
        *_without_answer(wanted),
    ]
    if not wanted.gone:
        conditions.append(MentionRow.standing.in_(SHOWN))
    if wanted.brand is not None:
        conditions.append(MentionBrandRow.brand == wanted.brand)
    if wanted.source is not None:
        conditions.append(MentionRow.source.in_(stored_names(wanted.source)))
    if wanted.since is not None:
        conditions.append(MentionBrandRow.published_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(MentionBrandRow.published_at < wanted.until)
    felt = ((effective_sentiment.LABEL, wanted.label), (effective_sentiment.ASKS, wanted.asks))
    conditions += [column == value for column, value in felt if value is not None]
    if wanted.customer_id is not None:
        of = persons.of(session, [wanted.customer_id])
        person_id = of.get(wanted.customer_id, wanted.customer_id)
        conditions += [CustomerRow.id == person_id, _by(person_id)]
    if wanted.ids is not None:
        conditions.append(among(MentionRow.id, wanted.ids))
    if wanted.search:
        conditions.append(_has_words(session, wanted.search))
    return conditions


def _by(person_id: int) -> ColumnElement[bool]:
    """Written by one of the person's authors: lets the database begin there."""
    records = select(CustomerRow.id).where(
        or_(CustomerRow.id == person_id, CustomerRow.joined_to == person_id)
    )
    authors = (
        select(LinkRow.author_id)
        .join(LinkJudgementRow, CONFIRMED)
        .where(LinkRow.customer_id.in_(records))
    )
    return MentionRow.author_id.in_(authors)


def _without_noise(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.hidden is not None:
        yield cast("ColumnElement[bool]", HIDDEN) if wanted.hidden else MentionBrandRow.hidden == ""
    if wanted.stories:
        yield stories.is_head()


def _without_answer(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.unanswered:
        yield MentionBrandRow.answered_at.is_(None)
        yield MentionBrandRow.role == Role.BRAND
    if wanted.waits:
        yield cast("ColumnElement[bool]", WAITS)


def _has_words(session: Session, words: str) -> ColumnElement[bool]:
    """All the words, in any order, upper and lower case alike; operators are not interpreted."""
    # NFC, as networks send it: an accent written apart would end the word.
    found = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", words))
    if not found:
        return false()
    if session.get_bind().dialect.name == "sqlite":
        match = " ".join(f'"{word}"' for word in found)
        clause = "mention.id IN (SELECT rowid FROM mention_text WHERE mention_text MATCH :words)"
    else:
        match = " ".join(found)
        clause = "mention.text_vector @@ plainto_tsquery('simple', :words)"
    return cast("ColumnElement[bool]", text(clause).bindparams(words=match))

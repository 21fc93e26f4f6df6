"""What is said of a brand, as its numbers see it: posts with who wrote them, as opaque numbers."""

from collections.abc import Collection, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from domain.incident import NO_PROMISE, WITHDRAWN_POSTS, Resolution
from domain.listing import Role
from domain.mention import Standing
from domain.reputation import Asked, Opinion
from storage import effective_sentiment, voices
from storage.sql import among
from storage.tables import (
    AuthorRow,
    ClockRow,
    IncidentMentionRow,
    IncidentRow,
    LinkRow,
    MentionBrandRow,
    MentionRow,
)
from storage.voices import Numbers

# Of rows that begin with a source, an id and an instant. Not in SQL: databases order texts each in
# their own way, and which post of a story is the first must not depend on that.
_IN_ORDER = itemgetter(2, 0, 1)

# A post that was withdrawn says so itself, for itself alone.
_NOT_OWED = frozenset(NO_PROMISE) - {WITHDRAWN_POSTS}


class _Writer(NamedTuple):
    """Who wrote a post, as Opinion has it."""

    person: int | None
    account: int | None
    is_customer: bool
    followers: int | None = None
    account_created_at: datetime | None = None


_NOBODY = _Writer(None, None, is_customer=False)


def opinions(
    session: Session,
    brand: str,
    *,
    since: datetime,
    until: datetime,
    left_out: Collection[int] = (),
    model: str | None = None,
    sources: Collection[str] | None = None,
) -> list[Opinion]:
    """The opinions on a brand or competitor published in [since, until), oldest first.

    left_out: our ids of authors who are not counted, as the own accounts of a competitor; nor is
    what they deleted. model: whose scores count where no person corrected them; None: those of the
    model in use. sources: as if there were no others; None: all.
    """
    statement: Select[*tuple[Any, ...]] = (
        select(
            MentionRow.source,
            MentionRow.external_id,
            MentionBrandRow.published_at,
            MentionRow.author_id,
            MentionRow.voice,
            MentionRow.story_id,
            effective_sentiment.LABEL,
            effective_sentiment.NEGATIVE,
            effective_sentiment.POSITIVE,
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(*_counted(brand, sources), MentionBrandRow.published_at >= since)
        .where(MentionBrandRow.published_at < until)
    )
    read = session.execute(effective_sentiment.with_tone(session, statement, model))
    rows = sorted(read.all(), key=_IN_ORDER)
    told = _told_before(session, brand, {row[5] for row in rows}, since, left_out, sources=sources)
    writers = _Writers(session, {row[3] for row in rows}, {row[4] for row in rows}, left_out)
    found: list[Opinion] = []
    for source, post, at, author_id, voice, story, label, negative, positive in rows:
        writer = writers.of(author_id, voice)
        if writer is None or story in told:
            continue
        if story is not None:
            told.add(story)
        person, account, is_customer, followers, born = writer
        polarity = None if label is None else positive - negative
        found.append(
            Opinion(
                *(source, post, at, person, account, is_customer),
                *(polarity, label, story, followers, born),
            )
        )
    return found


class _Writers:
    """Who wrote the posts of a window."""

    def __init__(
        self,
        session: Session,
        author_ids: Collection[int | None],
        kept: Collection[int | None] = (),
        left_out: Collection[int] = (),
    ) -> None:
        """kept: the numbers that deleted posts keep."""
        ids = {one for one in author_ids if one is not None}.union(left_out)
        deleted = {one for one in kept if one is not None}
        linked = voices.linked(session, among(LinkRow.author_id, ids))
        numbers = Numbers(session, linked, deleted)
        self._by_id: dict[int, _Writer] = {}
        for author_id, source, account, followers, born in session.execute(
            select(
                AuthorRow.id,
                AuthorRow.source,
                AuthorRow.external_id,
                AuthorRow.followers,
                AuthorRow.created_at,
            ).where(among(AuthorRow.id, ids))
        ):
            who = numbers.of_author(author_id, source, account)
            self._by_id[author_id] = _Writer(*who, followers, born)
        silent = [self._by_id.pop(one) for one in left_out if one in self._by_id]
        deleted -= {number for one in silent for number in (one.account, one.person)}
        self._deleted = {one: _Writer(*numbers.of_deleted(one)) for one in deleted}

    def of(self, author_id: int | None, voice: int | None) -> _Writer | None:
        """_NOBODY: of nobody who is known; None: it does not count. voice: of a deleted one."""
        if author_id is not None:
            return self._by_id.get(author_id)
        return _NOBODY if voice is None else self._deleted.get(voice)


def _counted(brand: str, sources: Collection[str] | None = None) -> tuple[ColumnElement[bool], ...]:
    return (
        MentionBrandRow.brand == brand,
        MentionBrandRow.role != Role.OWN,
        MentionBrandRow.hidden == "",
        MentionRow.is_repost.is_(False),
        *([] if sources is None else [MentionRow.source.in_(sorted(sources))]),
    )


def _told_before(
    session: Session,
    brand: str,
    stories: Collection[int | None],
    since: datetime,
    left_out: Collection[int] = (),
    *,
    sources: Collection[str] | None = None,
) -> set[int | None]:
    """Those of these stories that were told before `since`: who tells them later only copies."""
    author = MentionRow.author_id
    return set(
        session.scalars(
            select(MentionRow.story_id)
            .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
            .where(among(MentionRow.story_id, [one for one in stories if one is not None]))
            .where(*_counted(brand, sources), MentionBrandRow.published_at < since)
            .where(*([or_(author.is_(None), ~among(author, left_out))] if left_out else []))
            .distinct()
        )
    )


def asked(session: Session, brand: str, *, since: datetime, until: datetime) -> list[Asked]:
    """The posts of [since, until) that ask the brand for an answer and are still there.

    Each of a person who is known by a number; of a story only the first one. What a person says
    needs no answer asks for none.
    """
    asking = (
        *_counted(brand),
        MentionBrandRow.asks_for_answer.is_(True),
        MentionBrandRow.role == Role.BRAND,
        MentionBrandRow.published_at >= since,
        MentionBrandRow.published_at < until,
        MentionRow.standing != Standing.GONE,
    )
    rows = session.execute(
        select(
            MentionRow.id,
            MentionBrandRow.published_at,
            MentionBrandRow.answered_at,
            MentionRow.author_id,
            MentionRow.story_id,
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(*asking, MentionRow.author_id.is_not(None))
        .order_by(MentionBrandRow.published_at, MentionRow.id)
    ).all()
    first = _first_tellers(session, brand, {row[4] for row in rows}, until)
    clocks = _clocks(session, brand, asking)
    writers = _Writers(session, {row[3] for row in rows})
    found: list[Asked] = []
    for mention_id, at, answered_at, author_id, story in rows:
        writer, told = writers.of(author_id, None), clocks.get(mention_id, {}).values()
        if writer is None or writer.person is None or any(_excuses(one, at) for one in told):
            continue
        if story is not None and first[story] != mention_id:
            continue
        elsewhere = (clock.answered_at for one in told for clock in one if clock.is_elsewhere)
        answers = [one for one in (answered_at, *elsewhere) if one is not None and one >= at]
        found.append(Asked(writer.person, at, min(answers, default=None)))
    return found


def _first_tellers(
    session: Session, brand: str, stories: Collection[int | None], until: datetime
) -> dict[int, int]:
    """Which mention told each of these stories first, of what counts and is older than `until`."""
    rows = session.execute(
        select(
            MentionRow.source,
            MentionRow.external_id,
            MentionBrandRow.published_at,
            MentionRow.story_id,
            MentionRow.id,
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(among(MentionRow.story_id, [one for one in stories if one is not None]))
        .where(*_counted(brand), MentionBrandRow.published_at < until)
    )
    newest_first = sorted(rows.all(), key=_IN_ORDER, reverse=True)
    return {row[3]: row[4] for row in newest_first if row[3] is not None}


class _Clock(NamedTuple):
    """A promise of an incident, as far as it says whether a post was owed an answer and had it."""

    posted_at: datetime
    answered_at: datetime | None
    how: str

    @property
    def is_elsewhere(self) -> bool:
        """Whether a person says that it was answered where it cannot be seen."""
        return self.how == Resolution.ELSEWHERE


def _clocks(
    session: Session, brand: str, asking: Sequence[ColumnElement[bool]]
) -> dict[int, dict[int, list[_Clock]]]:
    """The clocks of each incident of these posts, the first one first: by mention and incident."""
    rows = session.execute(
        select(
            MentionRow.id,
            IncidentRow.id,
            ClockRow.posted_at,
            ClockRow.answered_at,
            ClockRow.how,
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .join(IncidentMentionRow, IncidentMentionRow.mention_id == MentionRow.id)
        .join(IncidentRow, IncidentRow.id == IncidentMentionRow.incident_id)
        .join(ClockRow, ClockRow.incident_id == IncidentRow.id)
        .where(*asking, IncidentRow.brand == brand)
        .order_by(ClockRow.incident_id, ClockRow.number)
    )
    found: dict[int, dict[int, list[_Clock]]] = {}
    for mention_id, incident_id, posted_at, answered_at, how in rows:
        clock = _Clock(posted_at, answered_at, how)
        found.setdefault(mention_id, {}).setdefault(incident_id, []).append(clock)
    return found


def _excuses(clocks: Sequence[_Clock], at: datetime) -> bool:
    """Whether nobody was owed an answer in the clock that ran for a post of this instant.

    What was decided of one clock says nothing of the posts that another one is for.
    """
    begun = [one for one in clocks if one.posted_at <= at]
    clock = max(begun, key=lambda one: one.posted_at) if begun else clocks[0]
    return clock.how in _NOT_OWED

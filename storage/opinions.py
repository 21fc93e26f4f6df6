"""What is said of a brand, as its numbers see it: posts with who wrote them, as opaque numbers."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session

from domain.incident import NO_PROMISE, WITHDRAWN_POSTS, Resolution
from domain.listing import Role, Stage
from domain.mention import Standing
from domain.reputation import Asked, Opinion
from storage import effective_sentiment, voices
from storage.sql import among
from storage.tables import (
    SHOWN,
    UNFINISHED,
    AuthorRow,
    ClockRow,
    IncidentMentionRow,
    IncidentRow,
    LinkRow,
    MentionBrandRow,
    MentionRow,
)
from storage.voices import Numbers, Who

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
            MentionRow.rating,
            effective_sentiment.LABEL,
            effective_sentiment.NEGATIVE,
            effective_sentiment.POSITIVE,
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(*_counted(brand, sources), MentionBrandRow.published_at >= since)
        .where(MentionBrandRow.published_at < until)
        .order_by(MentionBrandRow.published_at)  # nearly as it is to be: the rest costs little
    )
    rows = _rows(session, effective_sentiment.with_tone(session, statement, model))
    rows.sort(key=_IN_ORDER)
    stories = _tellings(brand, {row[5] for row in rows}, since, sources)
    told = _told(session, stories, left_out)
    writers = _Writers(session, {row[3] for row in rows}, {row[4] for row in rows}, left_out)
    by_id = writers.by_id
    found: list[Opinion] = []
    for source, post, at, author_id, voice, story, rating, label, negative, positive in rows:
        writer = by_id.get(author_id) if author_id is not None else writers.of_deleted(voice)
        if writer is None or story in told:
            continue
        if story is not None:
            told.add(story)
        person, account, is_customer, followers, born = writer
        polarity = None if label is None else positive - negative
        tone = (polarity, label, story, followers, born, rating)
        found.append(Opinion(source, post, at, person, account, is_customer, *tone))
    return found


def _rows(session: Session, statement: Select[*tuple[Any, ...]]) -> list[Any]:
    """As the driver gives them, without what a session would make of them: half the time."""
    return list(session.connection().execute(statement).all())


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
        self.by_id: dict[int, _Writer] = {}  # without those who are left out
        authors = select(
            AuthorRow.id,
            AuthorRow.source,
            AuthorRow.external_id,
            AuthorRow.followers,
            AuthorRow.created_at,
        ).where(among(AuthorRow.id, ids))
        for author_id, source, account, followers, born in _rows(session, authors):
            who = numbers.of_author(author_id, source, account)
            self.by_id[author_id] = _Writer(*who, followers, born)
        silent = [self.by_id.pop(one) for one in left_out if one in self.by_id]
        deleted -= {number for one in silent for number in (one.account, one.person)}
        self._deleted = {one: self._as_it_is_now(numbers.of_deleted(one)) for one in deleted}

    @cached_property
    def _still_here(self) -> dict[int | None, _Writer]:
        """By the number of the account, and of the person: of several accounts always the same."""
        found: dict[int | None, _Writer] = {}
        for one in sorted(self.by_id.values(), key=lambda one: one.account or 0):
            found.setdefault(one.person, one)
            found[one.account] = one
        return found

    def _as_it_is_now(self, who: Who) -> _Writer:
        """Of a deleted post, with what is known of its account where that writes still.

        Else whoever deletes a post would have an account of unknown age, or one account more.
        """
        now = self._still_here.get(who.account) or self._still_here.get(who.person)
        if now is None:
            return _Writer(*who)
        return now._replace(person=who.person, is_customer=who.is_customer)

    def of_deleted(self, voice: int | None) -> _Writer | None:
        """Whose number a deleted post keeps; None: it does not count. Without one: nobody's."""
        return _NOBODY if voice is None else self._deleted.get(voice)


def _counted(brand: str, sources: Collection[str] | None = None) -> tuple[ColumnElement[bool], ...]:
    return (*_listed(brand), *_told_on(sources))


def _told_on(sources: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    """Of mentions: no plain reposts, and of these sources; None: of all."""
    some = () if sources is None else (MentionRow.source.in_(sorted(sources)),)
    return (MentionRow.is_repost.is_(False), *some)


def _listed(brand: str) -> tuple[ColumnElement[bool], ...]:
    return (
        MentionBrandRow.brand == brand,
        MentionBrandRow.role != Role.OWN,
        MentionBrandRow.hidden == "",
    )


def _tellings(
    brand: str,
    stories: Collection[int | None],
    before: datetime,
    sources: Collection[str] | None = None,
) -> Select[str, str, datetime, int | None, int]:
    """What told any of these stories before that instant, and counts.

    From the stories to their listings: as a join SQLite would read all that a brand ever had.
    """
    listed = exists().where(MentionBrandRow.mention_id == MentionRow.id, *_listed(brand))
    return select(
        MentionRow.source,
        MentionRow.external_id,
        MentionRow.published_at,
        MentionRow.story_id,
        MentionRow.id,
    ).where(
        among(MentionRow.story_id, [one for one in stories if one is not None]),
        MentionRow.published_at < before,
        *_told_on(sources),
        listed.correlate(MentionRow),
    )


def _told(
    session: Session,
    tellings: Select[str, str, datetime, int | None, int],
    left_out: Collection[int],
) -> set[int | None]:
    """The stories that were told so by others than these authors: who tells them later copies."""
    told = tellings.with_only_columns(MentionRow.story_id).distinct()
    if left_out:
        author = MentionRow.author_id
        told = told.where(or_(author.is_(None), ~among(author, left_out)))
    return set(session.scalars(told))


def waiting(
    session: Session, brand: str, *, since: datetime, until: datetime
) -> set[tuple[str, str]]:
    """The posts of [since, until) that are still to be scored, by source and id; copies too.

    What no try is due for does not wait: in a language that is not read, not shown to us, parked.
    """
    statement = (
        select(MentionRow.source, MentionRow.external_id)
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(
            *_counted(brand),
            UNFINISHED,
            MentionBrandRow.stage == Stage.COLLECTED,
            MentionBrandRow.published_at >= since,
            MentionBrandRow.published_at < until,
            MentionRow.standing.in_(SHOWN),
        )
    )
    return {(source, external_id) for source, external_id in session.execute(statement)}


def asked(
    session: Session,
    brand: str,
    *,
    since: datetime,
    until: datetime,
    left_out: Collection[int] = (),
) -> list[Asked]:
    """The posts of [since, until) that ask the brand for an answer and are still there.

    Each of a person who is known by a number; of a story only the first one. What a person says
    needs no answer asks for none. left_out: our ids of authors who are not counted.
    """
    asking = (
        *_counted(brand),
        MentionBrandRow.asks_for_answer.is_(True),
        MentionBrandRow.role == Role.BRAND,
        MentionBrandRow.published_at >= since,
        MentionBrandRow.published_at < until,
        MentionRow.standing != Standing.GONE,
        *([~among(MentionRow.author_id, left_out)] if left_out else []),
    )
    posts = (
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
    )
    rows = _rows(session, posts)
    first = _first_tellers(session, brand, {row[4] for row in rows}, until)
    clocks = _clocks(session, brand, asking)
    writers = _Writers(session, {row[3] for row in rows}).by_id
    found: list[Asked] = []
    for mention_id, at, answered_at, author_id, story in rows:
        writer, told = writers[author_id], clocks.get(mention_id, {}).values()
        if writer.person is None or any(_excuses(one, at) for one in told):
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
    newest_first = sorted(_rows(session, _tellings(brand, stories, until)), key=_IN_ORDER)[::-1]
    return {story: mention_id for _, _, _, story, mention_id in newest_first}


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
    clocks = (
        select(
            MentionRow.id,
            IncidentRow.brand,
            IncidentRow.id,
            ClockRow.posted_at,
            ClockRow.answered_at,
            ClockRow.how,
        )
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .join(IncidentMentionRow, IncidentMentionRow.mention_id == MentionRow.id)
        .join(IncidentRow, IncidentRow.id == IncidentMentionRow.incident_id)
        .join(ClockRow, ClockRow.incident_id == IncidentRow.id)
        .where(*asking)
        .order_by(ClockRow.incident_id, ClockRow.number)
    )
    found: dict[int, dict[int, list[_Clock]]] = {}
    for mention_id, of_brand, incident_id, posted_at, answered_at, how in _rows(session, clocks):
        # Not in SQL: SQLite would hold each post against all incidents of the brand.
        if of_brand == brand:
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

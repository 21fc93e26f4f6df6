"""Posts taken back on their platform: looked up, hidden, emptied here, and still counted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, case, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from domain.listing import NoAnswer, Role, Stage
from domain.mention import Standing
from storage import mention_orders, outbox, sealing, voices
from storage.sql import among, batches, forget_words
from storage.tables import (
    DOUBTED,
    NOT_SHOWN,
    SHOWN,
    AuthorRow,
    IncidentMentionRow,
    IncidentRow,
    MentionBrandRow,
    MentionRow,
    StoryMarkRow,
)

_CALLED_GONE = (Standing.ABSENT, Standing.HIDDEN_ABSENT)
_NOT_GONE = MentionRow.standing != Standing.GONE
_last_at = func.coalesce(MentionRow.checked_at, MentionRow.collected_at)
_doubted = cast("ColumnElement[bool]", DOUBTED)
_IS_ANSWER = MentionRow.parent_id.is_not(None) & exists().where(
    MentionBrandRow.mention_id == MentionRow.id,
    MentionBrandRow.role == Role.OWN,
    MentionBrandRow.no_answer == NoAnswer.MAY,
)
_is_hidden = (_doubted, MentionRow.standing.in_(NOT_SHOWN))


@dataclass(frozen=True, slots=True)
class Due:
    """One mention to look up on its platform."""

    mention_id: int
    external_id: str
    standing: Standing  # as its platform said the last time
    last_at: datetime  # when it was last asked after, or else stored

    @property
    def called_gone(self) -> bool:
        """Whether its platform called it gone the last time."""
        return self.standing in _CALLED_GONE


@dataclass(frozen=True, slots=True)
class FreshAnswers:
    """Own replies so young that a deletion would undo them: they are asked after more often."""

    since: datetime  # published
    checked_before: datetime


def due(
    session: Session,
    source: str,
    *,
    since: datetime,
    checked_before: datetime,
    absent_before: datetime,
    limit: int,
    answers: FreshAnswers | None = None,
) -> list[Due]:
    """Mentions that were last asked after before the given instants.

    Of those that stand only what was published since then; of the others every one. Those that were
    called gone come first, then the ones that waited longest.
    """
    called_gone = MentionRow.standing.in_(_CALLED_GONE)
    waited = or_(_last_at < checked_before, called_gone & (_last_at < absent_before))
    stands = MentionRow.standing == Standing.THERE
    of_it = MentionRow.source == source
    found = [
        *_dues(session, of_it, _doubted, waited, limit=limit),
        *_dues(session, of_it, stands, MentionRow.published_at >= since, waited, limit=limit),
    ]
    if answers is not None:
        known = {one.mention_id for one in found}
        fresh = (MentionRow.published_at >= answers.since, _last_at < answers.checked_before)
        asked = _dues(session, of_it, stands, _IS_ANSWER, *fresh, limit=limit)
        found += [one for one in asked if one.mention_id not in known]
    return sorted(found, key=lambda one: (not one.called_gone, one.last_at, one.mention_id))[:limit]


def of(session: Session, source: str, mention_ids: Sequence[int]) -> list[Due]:
    """Those of these mentions that are still kept and not gone, in order of their ids."""
    found: list[Due] = []
    for some in batches(sorted(mention_ids)):
        these = (among(MentionRow.id, some), MentionRow.source == source, _NOT_GONE)
        found += sorted(_dues(session, *these), key=lambda one: one.mention_id)
    return found


def _dues(
    session: Session, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[Due]:
    called_gone = MentionRow.standing.in_(_CALLED_GONE)
    rows = session.execute(
        select(MentionRow.id, MentionRow.external_id, MentionRow.standing, _last_at)
        .where(*conditions)
        .order_by(case((called_gone, 0), else_=1), _last_at, MentionRow.id)
        .limit(limit)
    )
    return [Due(row_id, name, Standing(said), at) for row_id, name, said, at in rows]


def asked(session: Session, mention_ids: Sequence[int], *, now: datetime) -> None:
    """Store that these mentions were looked up and the platform gave no answer for them."""
    session.execute(
        update(MentionRow)
        .where(among(MentionRow.id, mention_ids), _NOT_GONE)
        .values(checked_at=now)
        .execution_options(synchronize_session=False)
    )


def note(
    session: Session, mention_ids: Sequence[int], standing: Standing, *, now: datetime
) -> None:
    """Store the standing of these mentions; messages that show them are drawn anew."""
    shown, is_shown = MentionRow.standing.in_(SHOWN), standing in SHOWN
    moved = session.scalars(
        select(MentionRow.id)
        .where(among(MentionRow.id, mention_ids), _NOT_GONE, ~shown if is_shown else shown)
        .order_by(MentionRow.id)
    ).all()
    mark = outbox.restored if is_shown else outbox.withdrawn
    mark(session, moved, now=now)
    same = MentionRow.standing == standing
    if not is_shown:  # since when it is hidden: whether it is called gone meanwhile or not
        same = MentionRow.standing.in_(NOT_SHOWN)
    session.execute(
        update(MentionRow)
        .where(among(MentionRow.id, mention_ids), _NOT_GONE)
        .values(
            checked_at=now,
            standing_at=case((same, MentionRow.standing_at), else_=now),
            standing=standing,
        )
        .execution_options(synchronize_session=False)
    )


def hidden(session: Session, mention_ids: Collection[int]) -> set[int]:
    """Those of these mentions that are not shown to us at present."""
    these = among(MentionRow.id, mention_ids)
    return set(
        session.scalars(select(MentionRow.id).where(these, MentionRow.standing.in_(NOT_SHOWN)))
    )


def hiding(session: Session) -> list[str]:
    """The sources that have mentions which are not shown to us at present."""
    return sorted(session.scalars(select(MentionRow.source).where(*_is_hidden).distinct()))


def hidden_for(
    session: Session, source: str, span: timedelta, *, until: datetime | None
) -> list[int]:
    """The source's mentions that were not shown to us for so long.

    until: what counts as the end; None: when the platform was last asked after each.
    """
    rows = session.execute(
        select(MentionRow.id, MentionRow.standing_at, _last_at)
        .where(MentionRow.source == source, *_is_hidden)
        .order_by(MentionRow.id)
    )
    return [row_id for row_id, since, at in rows if since and (until or at) - since >= span]


def purge(session: Session, mention_ids: Sequence[int], *, now: datetime) -> None:
    """Empty these mentions: text, address, names and author go, tone and counts stay.

    The row stays too, under the seal of its id, so that the post is not collected again; and of its
    author an opaque number, so that deleting posts makes nobody several persons.
    """
    these = session.execute(
        select(MentionRow.id, MentionRow.author_id).where(
            among(MentionRow.id, mention_ids), _NOT_GONE
        )
    ).all()
    mention_ids, authors = [row.id for row in these], {row.author_id for row in these}
    _seal(session, mention_ids)
    voices.keep(session, mention_ids)
    session.execute(
        update(MentionRow)
        .where(among(MentionRow.id, mention_ids))
        .values(
            text="",
            url="",
            author_id=None,
            standing=Standing.GONE,
            standing_at=now,
            checked_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    forget_words(session)
    mention_orders.forget(session, mention_ids)
    session.execute(
        update(MentionBrandRow)
        .where(among(MentionBrandRow.mention_id, mention_ids))
        .values(stage=Stage.DONE)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(StoryMarkRow)
        .where(among(StoryMarkRow.mention_id, mention_ids))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(AuthorRow)
        .where(
            among(AuthorRow.id, [one for one in authors if one is not None]),
            ~exists().where(MentionRow.author_id == AuthorRow.id),
        )
        .execution_options(synchronize_session=False)
    )


def _seal(session: Session, mention_ids: Sequence[int]) -> None:
    """Put seals in the place of the ids of these posts, also where others name them above them."""
    named = (MentionRow.external_id, MentionRow.parent_id, MentionRow.conversation_id)
    for batch in batches(sorted(mention_ids)):
        names: dict[str, dict[str, str]] = {}  # seal by name, by source
        for source, name in session.execute(
            select(MentionRow.source, MentionRow.external_id).where(among(MentionRow.id, batch))
        ):
            names.setdefault(source, {})[name] = sealing.seal(session, name)
        for source, seals in names.items():
            values = {column.key: case(seals, value=column, else_=column) for column in named}
            session.execute(
                update(MentionRow)
                .where(MentionRow.source == source, or_(*(column.in_(seals) for column in named)))
                .values(values)
                .execution_options(synchronize_session=False)
            )


def forget_customers(session: Session, incident_ids: Sequence[int]) -> None:
    """Forget whose these incidents are, where every post that told it is gone."""
    left = (
        exists()
        .where(
            IncidentMentionRow.incident_id == IncidentRow.id,
            IncidentMentionRow.mention_id == MentionRow.id,
            _NOT_GONE,
        )
        .correlate(IncidentRow)
    )
    session.execute(
        update(IncidentRow)
        .where(among(IncidentRow.id, incident_ids), ~left)
        .values(customer_id=None)
        .execution_options(synchronize_session=False)
    )


def incidents_of(session: Session, mention_ids: Sequence[int]) -> list[int]:
    """Our ids of the incidents that hold any of these mentions."""
    return list(
        session.scalars(
            select(IncidentMentionRow.incident_id)
            .where(among(IncidentMentionRow.mention_id, mention_ids))
            .distinct()
            .order_by(IncidentMentionRow.incident_id)
        )
    )

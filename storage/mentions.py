"""Writing mentions and their listings. The caller owns the transaction: nothing commits."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, delete, exists, select
from sqlalchemy.orm import Session

from domain.listing import Naming, NoAnswer, Role, Stage
from domain.mention import Mention
from storage import authors, edits, known_as, mention_orders, sealing, unlisted_edits
from storage.sql import batches, countable, forget_words, insert, pairs
from storage.tables import (
    AuthorRow,
    MentionBrandRow,
    MentionRow,
)

LONGEST_PASS = timedelta(hours=1)
_NAMES = (MentionRow.source, MentionRow.external_id, MentionRow.id, MentionRow.published_at)
_Ids = Mapping[tuple[str, str], tuple[int, datetime]]  # ours, and when it was published, by theirs


@dataclass(frozen=True, slots=True)
class Listed:
    """A mention and what it is to each brand it is listed under."""

    mention: Mention
    roles: Mapping[str, Role]  # by brand or competitor
    quiet: bool = False  # history: counted, but it opens no incident
    named: AbstractSet[str] = frozenset()  # of those: whose name or query its text matches
    former: AbstractSet[str] = frozenset()  # of those: matched by older versions only
    automatic: AbstractSet[str] = frozenset()  # of those: whose own account wrote it by itself


def add_new(session: Session, listed: Sequence[Listed], *, now: datetime) -> int:
    """Store the mentions not seen before, and what is new of the others; return how many were new.

    Safe to repeat and safe against a second collector: the unique keys decide, not a read
    beforehand. A post already stored for another brand gets a further listing, an edited one its
    newer text (storage.edits). A mention of no brand is not stored, but it still updates a stored
    older version, and keeps one that comes later from being stored. A post that was deleted on its
    platform is not stored again, though a search index may list it for a while longer.
    """
    new = 0
    renamed = known_as.stored(session, [one.mention for one in listed])
    if renamed:
        listed = [replace(one, mention=renamed.get(_key(one), one.mention)) for one in listed]
    for batch in batches(_merged(listed)):
        known = _stored(session, batch)
        unknown = [one for one in batch if _key(one) not in known]
        outrun = _outrun(session, unknown, now=now)
        batch = _without_gone(session, [one for one in batch if _key(one) not in outrun])  # noqa: PLW2901
        by_key = authors.save(session, [one.mention for one in batch], now)
        rows = [_mention_values(one.mention, by_key, now) for one in batch]
        named = [row for one, row in zip(batch, rows, strict=True) if one.roles]
        ids, outdated = _insert(session, named) if named else {}, set[int]()
        new += len(ids)
        mention_orders.to_read(session, (row_id for row_id, _ in ids.values()))
        if len(ids) < len(batch):
            outdated = _take_in(session, rows, {row_id for row_id, _ in ids.values()}, now=now)
            ids = _ids(session, batch)
        _save_listings(session, batch, ids, outdated)
    return new


def _merged(listed: Iterable[Listed]) -> list[Listed]:
    """Each mention once, in its newest version, for all the brands it came for."""
    unique: dict[tuple[str, str], Listed] = {}
    for one in listed:
        first = unique.setdefault(_key(one), one)
        if first is not one:
            unique[_key(one)] = _merge(first, one)
    return list(unique.values())


def _merge(first: Listed, other: Listed) -> Listed:
    newest = edits.newer(first.mention, other.mention)
    roles = {**other.roles, **first.roles}
    named, now_listed = set[str](), set[str]()
    for one in (first, other):
        if edits.version(one.mention) == edits.version(newest):
            named |= one.named
            now_listed |= one.roles.keys() - one.former
    former = (first.named | first.former | other.named | other.former) - now_listed
    automatic = first.automatic | other.automatic
    return Listed(newest, roles, first.quiet and other.quiet, named, former, automatic)


def _key(one: Listed) -> tuple[str, str]:
    return one.mention.source, one.mention.external_id


def _stored(session: Session, batch: Sequence[Listed]) -> set[tuple[str, str]]:
    """Which of these mentions are stored and not gone; nobody else empties them meanwhile."""
    these = pairs(MentionRow.source, MentionRow.external_id, [_key(one) for one in batch])
    rows = session.execute(
        select(MentionRow.source, MentionRow.external_id)
        .where(these)
        .order_by(MentionRow.id)  # two collectors lock in one order
        .with_for_update()
    )
    return {(source, external_id) for source, external_id in rows}


def _outrun(session: Session, unknown: Sequence[Listed], *, now: datetime) -> set[tuple[str, str]]:
    """Those not to store of the mentions that are not stored: no brand's, or so since an edit."""
    nobody = [one for one in unknown if not one.roles]
    unlisted_edits.note(session, [one.mention for one in nobody], now=now)
    listed = {_key(one): one.mention.edited_at for one in unknown if one.roles}
    edited = unlisted_edits.last_edits(session, listed)
    older = {key for key, at in edited.items() if (listed[key] or edits.NEVER) < at}
    return older | {_key(one) for one in nobody}


def _without_gone(session: Session, batch: Sequence[Listed]) -> list[Listed]:
    """Leave out what was deleted on its platform; the others name it by its seal."""
    named = {(one.mention.source, name) for one in batch for name in _names(one.mention)}
    gone = sealing.gone(session, named)
    if not gone:
        return list(batch)
    return [_sealed(one, gone) for one in batch if _key(one) not in gone]


def _names(mention: Mention) -> Iterable[str]:
    return filter(None, (mention.external_id, mention.parent_id, mention.conversation_id))


def _sealed(one: Listed, gone: Mapping[tuple[str, str], str]) -> Listed:
    mention = one.mention
    above = {
        name: gone.get((mention.source, said), said)
        for name in ("parent_id", "conversation_id")
        if (said := getattr(mention, name)) is not None
    }
    return replace(one, mention=replace(mention, **above))


def _insert(session: Session, rows: Sequence[Mapping[str, Any]]) -> _Ids:
    """Our ids of those of these mentions that were not stored before."""
    statement = insert(session, MentionRow).on_conflict_do_nothing().returning(*_NAMES)
    return _read_ids(session.execute(statement, rows))


def _take_in(
    session: Session, rows: Sequence[Mapping[str, Any]], added: set[int], *, now: datetime
) -> set[int]:
    """Update mentions that were stored before; returns those of which these rows are outdated."""
    values_of = {(values["source"], values["external_id"]): values for values in rows}
    known = session.scalars(
        select(MentionRow)
        .where(pairs(MentionRow.source, MentionRow.external_id, values_of))
        .order_by(MentionRow.id)  # two collectors lock in one order
        .with_for_update()
    ).all()
    known = [row for row in known if row.id not in added]
    mine = {row.id: values_of[row.source, row.external_id] for row in known}
    return edits.take_in(session, known, mine, now=now)


def _mention_values(
    mention: Mention, author_ids: Mapping[tuple[str, str], int], now: datetime
) -> dict[str, Any]:
    author_key = authors.key_of(mention)
    return {
        "source": mention.source,
        "external_id": mention.external_id,
        "text": mention.text,
        "url": mention.url,
        "lang": mention.lang,
        "published_at": min(mention.published_at, now),  # a clock that runs ahead is not the future
        "dated_ahead": _ahead(mention.published_at, now),
        "edited_at": mention.edited_at and min(mention.edited_at, now),
        "collected_at": now,
        "parent_id": mention.parent_id,
        "conversation_id": mention.conversation_id,
        "author_id": author_ids[author_key] if author_key else None,
        "likes": countable(mention.engagement.likes),
        "reposts": countable(mention.engagement.reposts),
        "replies": countable(mention.engagement.replies),
        "views": countable(mention.engagement.views),
        "rating": mention.rating,
        "is_repost": mention.is_repost,
    }


def _ahead(published_at: datetime, now: datetime) -> bool:
    """Whether the date was not believed: a source puts `now` itself for one that cannot be.

    A post written while the pass was under way is minutes ahead of its beginning, and is right.
    """
    return published_at == now or published_at > now + LONGEST_PASS


def _ids(session: Session, batch: Sequence[Listed]) -> _Ids:
    these = pairs(MentionRow.source, MentionRow.external_id, [_key(one) for one in batch])
    return _read_ids(session.execute(select(*_NAMES).where(these)))


def _read_ids(rows: Iterable[Any]) -> _Ids:
    return {(source, external_id): (row_id, at) for source, external_id, row_id, at in rows}


def _save_listings(
    session: Session,
    batch: Sequence[Listed],
    ids: _Ids,
    outdated: set[int],
) -> None:
    """outdated: our ids of the mentions whose newest version these are not."""
    rows = []
    for one in batch:
        mention_id, published_at = ids[_key(one)]
        old = mention_id in outdated
        for brand, role in one.roles.items():
            own = role is Role.OWN
            rows.append(
                {
                    "mention_id": mention_id,
                    "brand": brand,
                    "role": role,
                    "stage": Stage.DONE if own else Stage.COLLECTED,
                    "published_at": published_at,
                    "quiet": one.quiet,
                    "naming": Naming.OTHERWISE if own else _naming(one, brand, old),
                    "no_answer": NoAnswer.AUTOMATIC if brand in one.automatic else NoAnswer.MAY,
                }
            )
    if rows:
        statement = insert(session, MentionBrandRow)
        new, stored = statement.excluded.naming, MentionBrandRow.naming
        again = {
            name: case((stored == Naming.FORMERLY, value), else_=getattr(MentionBrandRow, name))
            for name, value in edits.AGAIN.items()
        }
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["mention_id", "brand"],
                set_={"naming": new, **again},
                # edits.take_in marks the listings that are named no more.
                where=and_(stored != Naming.NAMED, new != Naming.FORMERLY, new != stored),
            ),
            rows,
        )


def _naming(one: Listed, brand: str, old: bool) -> Naming:  # noqa: FBT001
    if brand in one.named and not old:
        return Naming.NAMED
    return Naming.FORMERLY if brand in one.named | one.former else Naming.OTHERWISE


def forget_stored_before(session: Session, source: str, cutoff: datetime) -> int:
    """Delete what was stored from a source before `cutoff`; return how many mentions.

    Their scores, listings and places in incidents go with them, then the authors nobody needs.
    """
    gone = session.scalars(
        delete(MentionRow)
        .where(MentionRow.source == source, MentionRow.collected_at < cutoff)
        .returning(MentionRow.id)
        .execution_options(synchronize_session=False)
    ).all()
    if gone:
        forget_words(session)
        unused = ~exists().where(MentionRow.author_id == AuthorRow.id)
        session.execute(
            delete(AuthorRow)
            .where(AuthorRow.source == source, unused)
            .execution_options(synchronize_session=False)
        )
    return len(gone)


def source_names(session: Session) -> list[str]:
    """Every source that mentions are stored from."""
    return list(session.scalars(select(MentionRow.source).distinct().order_by(MentionRow.source)))

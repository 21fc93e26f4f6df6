"""Writing mentions, and how far each has come. The caller owns the transaction: nothing commits."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, delete, exists, select, true, update
from sqlalchemy.orm import Session

from domain.listing import Naming, Role, Stage
from domain.mention import Mention, Standing
from domain.sentiment import Sentiment
from storage import authors, edits, known_as
from storage.sql import among, batches, countable, forget_words, insert, pairs
from storage.tables import (
    UNFINISHED,
    AuthorRow,
    MentionBrandRow,
    MentionRow,
    ScoreRow,
    SettingRow,
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
    named: AbstractSet[str] = frozenset()  # of those: who is named by it, not only spoken of
    former: AbstractSet[str] = frozenset()  # of those: who is named by older versions only


@dataclass(frozen=True, slots=True)
class Work:
    """One listing that waits for a step."""

    mention_id: int
    brand: str
    role: Role
    source: str
    text: str
    lang: str | None
    author_id: int | None
    quiet: bool  # history


def add_new(session: Session, listed: Sequence[Listed], *, now: datetime) -> int:
    """Store the mentions not seen before, and what is new of the others; return how many were new.

    Safe to repeat and safe against a second collector: the unique keys decide, not a read
    beforehand. A post already stored for another brand gets a further listing, an edited one its
    newer text (storage.edits). What is listed under nobody is stored nowhere, and still edits what
    is: it may have been about somebody. Of what was deleted on its platform nothing is stored
    again, though an index may list it for a while longer.
    """
    new = 0
    for batch in batches(_merged(known_as.stored(session, listed))):
        known = _standings(session, batch)
        batch = [one for one in batch if _is_kept(one, known.get(_key(one)))]  # noqa: PLW2901
        by_key = authors.save(session, [one.mention for one in batch], now)
        rows = [_mention_values(one.mention, by_key, now) for one in batch]
        named = [row for one, row in zip(batch, rows, strict=True) if one.roles]
        ids, outdated = _insert(session, named) if named else {}, set[int]()
        new += len(ids)
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
    return Listed(newest, roles, first.quiet and other.quiet, named, former)


def _key(one: Listed) -> tuple[str, str]:
    return one.mention.source, one.mention.external_id


def _standings(session: Session, batch: Sequence[Listed]) -> dict[tuple[str, str], str]:
    """How those of these mentions stand that are stored."""
    these = pairs(MentionRow.source, MentionRow.external_id, [_key(one) for one in batch])
    asked = select(MentionRow.source, MentionRow.external_id, MentionRow.standing).where(these)
    return {(source, external_id): said for source, external_id, said in session.execute(asked)}


def _is_kept(one: Listed, standing: str | None) -> bool:
    """standing: of what is stored of it; None: nothing is."""
    return standing != Standing.GONE and (standing is not None or bool(one.roles))


def _insert(session: Session, rows: Sequence[Mapping[str, Any]]) -> _Ids:
    """Our ids of those of these mentions that were not stored before."""
    statement = insert(session, MentionRow).on_conflict_do_nothing().returning(*_NAMES)
    return _read_ids(session.execute(statement, rows))


def _take_in(
    session: Session, rows: Sequence[Mapping[str, Any]], added: set[int], *, now: datetime
) -> set[int]:
    """What these rows say of mentions that were stored before; returns of which it is outdated."""
    said = {(values["source"], values["external_id"]): values for values in rows}
    known = session.scalars(
        select(MentionRow)
        .where(pairs(MentionRow.source, MentionRow.external_id, said))
        .order_by(MentionRow.id)  # two collectors lock in one order
        .with_for_update()
    ).all()
    known = [row for row in known if row.id not in added]
    mine = {row.id: said[row.source, row.external_id] for row in known}
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
                }
            )
    if rows:
        statement = insert(session, MentionBrandRow)
        said, stands = statement.excluded.naming, MentionBrandRow.naming
        again = {
            name: case((stands == Naming.FORMERLY, value), else_=getattr(MentionBrandRow, name))
            for name, value in edits.AGAIN.items()
        }
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["mention_id", "brand"],
                set_={"naming": said, **again},
                # That it is named no more is for edits.take_in to say.
                where=and_(stands != Naming.NAMED, said != Naming.FORMERLY, said != stands),
            ),
            rows,
        )


def _naming(one: Listed, brand: str, old: bool) -> Naming:  # noqa: FBT001
    if brand in one.named and not old:
        return Naming.NAMED
    return Naming.FORMERLY if brand in one.named | one.former else Naming.OTHERWISE


def use_model(session: Session, model: str) -> None:
    """Make this model's scores the ones that count.

    Listings it has not scored yet go back to be scored, quietly: another opinion on last month's
    posts is no reason to wake anybody. Those that were not judged yet still are.
    """
    setting = session.get(SettingRow, "model")
    if setting is not None and setting.value == model:
        return
    session.execute(
        insert(session, SettingRow)
        .values(key="model", value=model)
        .on_conflict_do_update(index_elements=["key"], set_={"value": model})
    )
    scored = exists().where(
        ScoreRow.mention_id == MentionBrandRow.mention_id,
        ScoreRow.brand == MentionBrandRow.brand,
        ScoreRow.model == model,
    )
    session.execute(
        update(MentionBrandRow)
        .where(
            MentionBrandRow.role != Role.OWN,
            MentionBrandRow.stage != Stage.COLLECTED,
            MentionBrandRow.hidden == "",
            ~scored,
        )
        .values(
            stage=Stage.COLLECTED,
            quiet=case((MentionBrandRow.stage == Stage.DONE, true()), else_=MentionBrandRow.quiet),
        )
    )


def waiting(session: Session, stage: Stage, *, limit: int, quiet: bool | None = None) -> list[Work]:
    """Listings at this stage, oldest stored first.

    quiet: history alone, newest stored first, or all but history; None: both.
    """
    statement = (
        select(MentionBrandRow, MentionRow)
        .join(MentionRow, MentionRow.id == MentionBrandRow.mention_id)
        .where(UNFINISHED, MentionBrandRow.stage == stage)
    )
    if quiet is not None:
        statement = statement.where(MentionBrandRow.quiet.is_(quiet))
    at = MentionBrandRow.mention_id.desc() if quiet else MentionBrandRow.mention_id
    rows = session.execute(statement.order_by(at, MentionBrandRow.brand).limit(limit))
    return [
        Work(
            mention_id=mention.id,
            brand=listing.brand,
            role=Role(listing.role),
            source=mention.source,
            text=mention.text,
            lang=mention.lang,
            author_id=mention.author_id,
            quiet=listing.quiet,
        )
        for listing, mention in rows
    ]


def unchanged(session: Session, works: Sequence[Work]) -> list[Work]:
    """Those of these whose mention still has the text that they were read with."""
    stored = session.execute(
        select(MentionRow.id, MentionRow.text).where(
            among(MentionRow.id, {work.mention_id for work in works})
        )
    )
    texts = {row_id: text for row_id, text in stored.all()}  # noqa: C416  typed as Rows
    return [work for work in works if texts.get(work.mention_id) == work.text]


def add_scores(
    session: Session, scored: Sequence[tuple[Work, Sentiment]], *, now: datetime
) -> None:
    """Store scores and move their listings on: a brand's goes to triage, unless it is history.

    What was edited or deleted while it was being scored is left as it is.
    """
    same = {work.mention_id for work in unchanged(session, [work for work, _ in scored])}
    scored = [one for one in scored if one[0].mention_id in same]
    rows = [
        {
            "mention_id": work.mention_id,
            "brand": work.brand,
            "model": sentiment.model,
            "label": sentiment.label,
            "negative": sentiment.negative,
            "neutral": sentiment.neutral,
            "positive": sentiment.positive,
            "truncated": sentiment.truncated,
            "lang": sentiment.lang,
            "reason": sentiment.reason,
            "toward": sentiment.toward,
            "asks": sentiment.asks,
            "emotion": sentiment.emotion,
            "sarcastic": sentiment.sarcastic,
            "scored_at": now,
        }
        for work, sentiment in scored
    ]
    if rows:
        session.execute(insert(session, ScoreRow).on_conflict_do_nothing(), rows)
    for stage in (Stage.SCORED, Stage.DONE):
        move(session, [work for work, _ in scored if _once_scored(work) is stage], stage)


def _once_scored(work: Work) -> Stage:
    return Stage.SCORED if work.role is Role.BRAND and not work.quiet else Stage.DONE


def move(session: Session, works: Sequence[Work], stage: Stage) -> None:
    """Set how far these listings have come."""
    for batch in batches(works):
        keys = [(work.brand, work.mention_id) for work in batch]
        session.execute(
            update(MentionBrandRow)
            .where(pairs(MentionBrandRow.brand, MentionBrandRow.mention_id, keys))
            .values(stage=stage)
            .execution_options(synchronize_session=False)
        )


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

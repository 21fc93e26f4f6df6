"""Which listings are hidden as noise, why, by whom, and the lessons that people gave."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Update, case, func, or_, select, true, update
from sqlalchemy.orm import Session

from domain.deciding import RULE
from domain.errors import EarshotError
from domain.listing import Naming, Role, Stage
from domain.mention import Author, Mention
from domain.noise import Noise, Why
from storage.listings import Work, unchanged
from storage.sql import among, batches, insert, pairs
from storage.tables import (
    HIDDEN,
    SHOWN,
    AuthorRow,
    LessonRow,
    MentionBrandRow,
    MentionRow,
)

BY_HAND = "by hand"
_MOST_LESSONS = 100  # of each kind; the newest count
_MOST_EARLIER = 400  # posts of one author that are looked at: a batch, and what came before it
Key = tuple[int, str]  # mention, brand


@dataclass(frozen=True, slots=True)
class Screened:
    """One listing before it is scored."""

    work: Work
    mention: Mention
    fresh: bool  # nobody has decided on it yet
    hidden: bool  # a person hid it before its text changed
    formerly: bool  # only an older version of it names the brand


@dataclass(frozen=True, slots=True)
class Post:
    """One post of an author, as the signs of spam see it."""

    mention_id: int
    at: datetime
    text: str


def screened(session: Session, works: Sequence[Work]) -> list[Screened]:
    """The listings with all that is known of their mentions, in the same order."""
    by_key = {(work.mention_id, work.brand): work for work in works}
    rows = session.execute(
        select(MentionBrandRow, MentionRow, AuthorRow)
        .join(MentionRow, MentionRow.id == MentionBrandRow.mention_id)
        .outerjoin(AuthorRow, AuthorRow.id == MentionRow.author_id)
        .where(
            pairs(
                MentionBrandRow.brand,
                MentionBrandRow.mention_id,
                [(brand, mention_id) for mention_id, brand in by_key],
            )
        )
    )
    found = {
        (listing.mention_id, listing.brand): Screened(
            work=by_key[listing.mention_id, listing.brand],
            mention=mention_of(mention, author),
            fresh=listing.sifted_by is None,
            hidden=bool(listing.hidden) and listing.sifted_by is not None,
            formerly=listing.naming == Naming.FORMERLY,
        )
        for listing, mention, author in rows
    }
    return [found[key] for key in by_key if key in found]


def mention_of(row: MentionRow, author: AuthorRow | None) -> Mention:
    """As much of the stored mention as lists and signs look at."""
    return Mention(
        source=row.source,
        external_id=row.external_id,
        text=row.text,
        published_at=row.published_at,
        url=row.url,
        lang=row.lang,
        parent_id=row.parent_id,
        author=_author_of(author) if author else None,
        rating=row.rating,
        is_repost=row.is_repost,
    )


def _author_of(row: AuthorRow) -> Author:
    return Author(
        id=row.external_id,
        handle=row.handle,
        bio=row.bio,
        followers=row.followers,
        created_at=row.created_at,
    )


def earlier(
    session: Session, author_ids: Collection[int], *, since: datetime, until: datetime
) -> dict[int, list[Post]]:
    """What these authors published in [since, until], the newest of each; by author."""
    then = (MentionRow.published_at >= since, MentionRow.published_at <= until)
    counts = session.execute(
        select(MentionRow.author_id, func.count())
        .where(among(MentionRow.author_id, author_ids), *then)
        .group_by(MentionRow.author_id)
    ).all()
    wrote_much = {author_id for author_id, count in counts if count > _MOST_EARLIER}
    posts = select(MentionRow.author_id, MentionRow.id, MentionRow.published_at, MentionRow.text)
    rows = list(
        session.execute(
            posts.where(among(MentionRow.author_id, set(author_ids) - wrote_much), *then)
        )
    )
    for author_id in wrote_much:  # a flood must not be read whole for every batch of it
        newest = posts.where(MentionRow.author_id == author_id, *then)
        rows += session.execute(
            newest.order_by(MentionRow.published_at.desc()).limit(_MOST_EARLIER)
        )
    found: dict[int, list[Post]] = {author_id: [] for author_id in author_ids}
    for author, mention_id, at, text in rows:
        if author is not None:
            found[author].append(Post(mention_id, at, text))
    return found


def settle(session: Session, works: Sequence[Work], noise: Mapping[Key, Noise]) -> None:
    """Store what the rules decided on these listings: `noise` is hidden, the rest is not.

    What a person has decided in the meantime stays, and what was edited in it is left to be
    decided on again. A listing that does not name its brand any more goes on to triage.
    """
    same = {work.mention_id for work in unchanged(session, works)}
    fresh = MentionBrandRow.sifted_by.is_(None)
    shown = [
        work
        for work in works
        if work.mention_id in same and (work.mention_id, work.brand) not in noise
    ]
    for batch in batches(shown):
        keys = [(work.brand, work.mention_id) for work in batch]
        session.execute(_write(keys, hidden="", sifted_by="").where(fresh))
    alike: dict[Noise, list[tuple[str, int]]] = {}
    for (mention_id, brand), why in noise.items():
        if mention_id in same:
            alike.setdefault(why, []).append((brand, mention_id))
    for why, keys in alike.items():
        stage = Stage.SCORED if why.why is Why.EDITED else Stage.DONE
        hide_them = _write(keys, hidden=why.reason, sifted_by=why.decided_by, stage=stage)
        session.execute(hide_them.where(fresh))


def sift_again(session: Session, *, since: datetime) -> int:
    """Let the rules decide anew on what was published since then; return how many listings.

    No alert comes of it. Decisions of people stay, and so does what no longer names its brand.
    """
    rows = session.execute(
        update(MentionBrandRow)
        .where(
            MentionBrandRow.published_at >= since,
            MentionBrandRow.role != Role.OWN,
            or_(MentionBrandRow.sifted_by == "", MentionBrandRow.sifted_by.startswith(RULE)),
            MentionBrandRow.naming != Naming.FORMERLY,
        )
        .values(
            sifted_by=None,
            quiet=case((MentionBrandRow.stage == Stage.DONE, true()), else_=MentionBrandRow.quiet),
            stage=Stage.COLLECTED,
        )
        .returning(MentionBrandRow.mention_id)
        .execution_options(synchronize_session=False)
    )
    return len(rows.all())


def finish(session: Session, works: Sequence[Work]) -> None:
    """Mark these as done: they stay hidden, and no further step handles them."""
    for batch in batches(works):
        keys = [(work.brand, work.mention_id) for work in batch]
        session.execute(_write(keys, stage=Stage.DONE))


def _write(keys: Sequence[tuple[str, int]], **values: str) -> Update:
    return (
        update(MentionBrandRow)
        .where(pairs(MentionBrandRow.brand, MentionBrandRow.mention_id, keys))
        .values(**values)
        .execution_options(synchronize_session=False)
    )


# --- what people decide -------------------------------------------------------------------------


def hide(session: Session, mention_id: int, brand: str, *, by: str, now: datetime) -> None:
    """Hide a listing by a person's decision, and learn from it."""
    row = _listing(session, mention_id, brand)
    row.quiet = row.quiet or (row.stage == Stage.DONE and not row.hidden)  # it was judged already
    row.hidden, row.sifted_by, row.stage = f"hidden by {by}", by, Stage.DONE
    _teach(session, mention_id, brand, relevant=False, by=by, now=now)


def restore(
    session: Session, mention_id: int, brand: str, *, by: str, now: datetime, loud_since: datetime
) -> None:
    """Put a listing back, to be scored and triaged, and learn from it.

    It opens no incident when it was published before `loud_since`, or when the rules had looked at
    it before a person hid it. Raises EarshotError when it is not hidden.
    """
    row = _listing(session, mention_id, brand)
    if not row.hidden:
        raise EarshotError(f"mention {mention_id} is not hidden for {brand}")
    row.hidden, row.sifted_by, row.stage = "", by, Stage.COLLECTED
    row.quiet = row.quiet or row.published_at < loud_since
    _teach(session, mention_id, brand, relevant=True, by=by, now=now)


def _listing(session: Session, mention_id: int, brand: str) -> MentionBrandRow:
    row = session.get(MentionBrandRow, (mention_id, brand))
    if row is None:
        raise EarshotError(f"mention {mention_id} is not about {brand}")
    return row


def _teach(
    session: Session, mention_id: int, brand: str, *, relevant: bool, by: str, now: datetime
) -> None:
    values = {"relevant": relevant, "by": by, "at": now}
    session.execute(
        insert(session, LessonRow)
        .values(mention_id=mention_id, brand=brand, **values)
        .on_conflict_do_update(index_elements=["mention_id", "brand"], set_=values)
    )


def lessons(session: Session, brand: str, *, relevant: bool) -> list[str]:
    """The texts, still shown, that people said are about the brand, or are not.

    The newest, oldest first.
    """
    rows = session.scalars(
        select(MentionRow.text)
        .join(LessonRow, LessonRow.mention_id == MentionRow.id)
        .where(
            LessonRow.brand == brand,
            LessonRow.relevant.is_(relevant),
            MentionRow.standing.in_(SHOWN),
        )
        .order_by(LessonRow.at.desc(), LessonRow.mention_id.desc())
        .limit(_MOST_LESSONS)
    )
    return list(rows)[::-1]


def hidden_between(
    session: Session, brand: str, *, since: datetime, until: datetime
) -> list[tuple[str, int]]:
    """By which rules how many of the brand's listings of [since, until) are hidden, most first."""
    by_rule = MentionBrandRow.sifted_by.startswith(RULE)
    why = case((by_rule, func.substr(MentionBrandRow.sifted_by, len(RULE) + 1)), else_=BY_HAND)
    rows = session.execute(
        select(why, func.count())
        .where(
            HIDDEN,
            MentionBrandRow.brand == brand,
            MentionBrandRow.published_at >= since,
            MentionBrandRow.published_at < until,
        )
        .group_by(why)
        .order_by(func.count().desc(), why)
    )
    return [(reason, count) for reason, count in rows]

"""Own replies and the mentions they answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import literal_column, select, update
from sqlalchemy.orm import Session, aliased

from domain.listing import NoAnswer, Role
from domain.mention import Standing
from storage import threads
from storage.sql import among, batches
from storage.tables import (
    OWN,
    MentionBrandRow,
    MentionRow,
)

# An own reply that comes sooner was written by a machine.
SOONEST = timedelta(seconds=20)
# One that is deleted within this time of being written was no answer; later it stays one.
DELETED_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Answer:
    """The first own reply to a mention, where another is noted or none."""

    mention_id: int
    brand: str
    at: datetime | None  # None: the one that is noted does not count, and there is no other
    by: int | None  # our id of the reply; None, too, where nobody noted it
    noted_at: datetime | None  # what is noted so far


@dataclass(frozen=True, slots=True)
class _Reply:
    brand: str
    at: datetime
    post: threads.Post


def changed(session: Session, *, since: datetime) -> list[Answer]:
    """Where the stored replies say another answer than is noted, of what was published since then.

    A reply answers the nearest post of somebody else above it that is stored, if need be the root
    of its thread, and what its author wrote further up; it answers nobody else there and no
    sibling. An own quote answers what it quotes. One that comes too soon answers nobody.
    What is noted stays unless the reply it rests on is known not to be an answer to it: a reply may
    be forgotten before the mention it answered.
    """
    replies = _own_replies(session, since)
    posts = threads.above(session, [reply.post for reply in replies])
    chains = [threads.chain_of(reply.post, posts) for reply in replies]
    noted, own = _listings(session, {post.id for chain in chains for post in chain}, since)
    read = {
        (reply.post.id, reply.brand): _read(reply, chain, own)
        for reply, chain in zip(replies, chains, strict=True)
    }
    noted |= _noted(session, since)
    best = _best(replies, read, noted)
    found = []
    for key, listing in sorted(noted.items()):
        stands = listing.answered_at is not None and _stands(listing, read)
        known = [(listing.answered_at, listing.answered_by)] if stands else []
        known += [best[key]] if key in best else []
        at, by = min(known, key=lambda one: (one[0], one[1] is None), default=(None, None))
        if (at, by) != (listing.answered_at, listing.answered_by):
            found.append(Answer(*key, at, by, listing.answered_at))
    return found


@dataclass(frozen=True, slots=True)
class _Reading:
    """Whom an own reply answers."""

    answered: Sequence[threads.Post] = ()
    nearest: threads.Post | None = None  # the post it replies to, as far as it is stored
    is_too_soon: bool = False


@dataclass(frozen=True, slots=True)
class _Listing:
    """A mention of a brand, and the answer that is noted of it."""

    mention_id: int
    brand: str
    author_id: int | None
    published_at: datetime
    answered_at: datetime | None
    answered_by: int | None
    is_void: bool = False  # the reply that is noted answers nobody


_Place = tuple[int, str]  # our id of a mention, and a brand


def _read(reply: _Reply, chain: Sequence[threads.Post], own: set[_Place]) -> _Reading:
    """The nearest post of somebody else and what else they wrote; alone where nobody knows who."""
    others = [
        post
        for post in chain
        if (post.id, reply.brand) not in own
        and (not reply.post.author_id or post.author_id != reply.post.author_id)
    ]
    if not others:
        return _Reading()
    nearest, *further = others
    if reply.at - nearest.published_at < SOONEST:
        return _Reading((), nearest, is_too_soon=True)
    writer = nearest.author_id
    return _Reading(
        [nearest, *(post for post in further if writer and post.author_id == writer)], nearest
    )


def _best(
    replies: Sequence[_Reply], read: Mapping[_Place, _Reading], listed: Mapping[_Place, _Listing]
) -> dict[_Place, tuple[datetime, int]]:
    """The first answer to each mention: when it was written, and its id.

    It is never earlier than the mention, whatever the clocks said.
    """
    found: dict[_Place, tuple[datetime, int]] = {}
    for reply in replies:
        for post in read[reply.post.id, reply.brand].answered:
            listing = listed.get((post.id, reply.brand))
            if listing is not None:
                at = max(reply.at, listing.published_at)
                key = (post.id, reply.brand)
                found[key] = min(found.get(key, (at, reply.post.id)), (at, reply.post.id))
    return found


def _stands(listing: _Listing, read: Mapping[_Place, _Reading]) -> bool:
    """Whether nothing is known against the answer that is noted of a mention."""
    if listing.is_void:
        return False
    by = listing.answered_by
    reading = None if by is None else read.get((by, listing.brand))
    if reading is None or reading.nearest is None:
        return True
    if any(post.id == listing.mention_id for post in reading.answered):
        return True
    # A deleted post tells no author any more; what was noted before is kept.
    writers = (reading.nearest.author_id, listing.author_id)
    return not reading.is_too_soon and (None in writers or writers[0] == writers[1])


def _own_replies(session: Session, since: datetime) -> list[_Reply]:
    rows = session.execute(
        select(*threads.COLUMNS, MentionBrandRow.brand, MentionBrandRow.published_at)
        .join(MentionRow, MentionRow.id == MentionBrandRow.mention_id)
        .where(
            OWN,
            MentionBrandRow.published_at >= since,
            MentionRow.parent_id.is_not(None),
            MentionRow.is_repost.is_(False),
            MentionBrandRow.no_answer == NoAnswer.MAY,
        )
        .order_by(MentionBrandRow.published_at, MentionBrandRow.mention_id)
    )
    return [_Reply(row.brand, row.published_at, threads.Post(*row[:7])) for row in rows]


_NOTED = (
    MentionBrandRow.mention_id,
    MentionBrandRow.brand,
    MentionRow.author_id,
    MentionBrandRow.published_at,
    MentionBrandRow.answered_at,
    MentionBrandRow.answered_by,
)


def _listings(
    session: Session, mention_ids: Iterable[int], since: datetime
) -> tuple[dict[_Place, _Listing], set[_Place]]:
    """The brands' mentions among these with the answers noted of them, and which are own posts."""
    found: dict[_Place, _Listing] = {}
    own: set[_Place] = set()
    for batch in batches(sorted(mention_ids)):
        rows = session.execute(
            select(*_NOTED, MentionBrandRow.role)
            .join(MentionRow, MentionRow.id == MentionBrandRow.mention_id)
            .where(
                MentionBrandRow.mention_id.in_(batch),
                MentionBrandRow.role.in_((Role.BRAND, Role.OWN)),
            )
        )
        for row in rows:
            listing = _Listing(*row[:6])
            if row.role == Role.OWN:
                own.add((listing.mention_id, listing.brand))
            elif listing.published_at >= since:
                found[listing.mention_id, listing.brand] = listing
    return found, own


def _noted(session: Session, since: datetime) -> dict[_Place, _Listing]:
    """The mentions of which an own reply is noted as the answer that was written since then."""
    reply = aliased(MentionBrandRow)
    rows = session.execute(
        select(*_NOTED, reply.no_answer != NoAnswer.MAY)
        .join(MentionRow, MentionRow.id == MentionBrandRow.mention_id)
        .join(
            reply,
            (reply.mention_id == MentionBrandRow.answered_by)
            & (reply.brand == MentionBrandRow.brand),
        )
        .where(
            # as OWN, which the index of own replies asks for
            reply.role == literal_column(f"'{Role.OWN}'"),
            reply.published_at >= since,
            MentionBrandRow.role == Role.BRAND,
        )
    )
    return {(row.mention_id, row.brand): _Listing(*row) for row in rows}


def note(session: Session, answer: Answer) -> None:
    """Store the first answer a mention has, or that it has none."""
    session.execute(
        update(MentionBrandRow)
        .where(
            MentionBrandRow.mention_id == answer.mention_id, MentionBrandRow.brand == answer.brand
        )
        .values(answered_at=answer.at, answered_by=answer.by)
        .execution_options(synchronize_session=False)
    )


def is_noted(session: Session, mention_id: int, brand: str) -> bool:
    """Whether an answer to this mention is known."""
    listing = session.get(MentionBrandRow, (mention_id, brand))
    return listing is not None and listing.answered_at is not None


def discount_deleted(session: Session, mention_ids: Sequence[int], *, now: datetime) -> bool:
    """Note which of these posts, now found deleted, were own ones taken back too soon to count.

    They were deleted when they were first found missing: networks do not tell more. Returns whether
    there was any.
    """
    rows = session.execute(
        select(MentionRow.id, MentionRow.published_at, MentionRow.standing, MentionRow.standing_at)
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(among(MentionRow.id, mention_ids), OWN)
    )
    void = {
        row.id
        for row in rows
        if _missing_at(row.standing, row.standing_at, now) - row.published_at <= DELETED_WITHIN
    }
    session.execute(
        update(MentionBrandRow)
        .where(
            among(MentionBrandRow.mention_id, void),
            OWN,
            MentionBrandRow.no_answer == NoAnswer.MAY,
        )
        .values(no_answer=NoAnswer.DELETED)
        .execution_options(synchronize_session=False)
    )
    return bool(void)


def _missing_at(standing: str, since: datetime | None, now: datetime) -> datetime:
    was_called_gone = standing in (Standing.ABSENT, Standing.HIDDEN_ABSENT)
    return since if was_called_gone and since is not None else now

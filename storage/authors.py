"""Writing authors: one row for each account, as its newest mention describes it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, case, func, null, or_, select
from sqlalchemy.orm import Session

from domain.brand import OwnAccount
from domain.listing import Role
from domain.mention import Author, Mention
from domain.network import folded, name_of, stored_names
from storage.sql import countable, insert, pairs
from storage.tables import AuthorRow, MentionBrandRow, MentionRow

NEVER = datetime(1900, 1, 1, tzinfo=UTC)  # the told_at of an author without details
_TELLING = ("handle_key", "name", "bio", "location", "url")  # linking compares them
_TOLD = ("handle", "handle_key", "name", "bio", "location", "url", "followers", "told_at")


def save(
    session: Session, mentions: Iterable[Mention], now: datetime
) -> dict[tuple[str, str], int]:
    """Insert or refresh the authors; return our id by (source, external_id).

    The details in an author's newest mention are kept, in whatever order mentions come.
    """
    found = [
        _author_values(known, mention.author, min(mention.published_at, now))
        for mention in mentions
        if mention.author is not None and (known := key_of(mention)) is not None
    ]
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for values in found:
        before = newest.setdefault((values["source"], values["external_id"]), values)
        if _newness(values) >= _newness(before):
            newest[values["source"], values["external_id"]] = values
    if not newest:
        return {}
    statement = insert(session, AuthorRow)
    new = statement.excluded
    fresh = {name: new[name] for name in _TOLD}
    fresh["created_at"] = func.coalesce(new.created_at, AuthorRow.created_at)
    # Who is called or lives otherwise may be another customer, and an account's age speaks
    # against a link.
    other = or_(
        *(new[name] != getattr(AuthorRow, name) for name in _TELLING),
        and_(AuthorRow.created_at.is_(None), new.created_at.is_not(None)),
    )
    fresh["link_checked_at"] = case((other, null()), else_=AuthorRow.link_checked_at)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "external_id"],
            set_=fresh,
            where=or_(
                new.told_at > AuthorRow.told_at,
                and_(
                    new.told_at == AuthorRow.told_at,
                    func.coalesce(new.followers, 0) >= func.coalesce(AuthorRow.followers, 0),
                ),
            ),
        ),
        list(newest.values()),
    )
    rows = session.execute(
        select(AuthorRow.source, AuthorRow.external_id, AuthorRow.id).where(
            pairs(AuthorRow.source, AuthorRow.external_id, newest)
        )
    )
    return {(source, external_id): author_id for source, external_id, author_id in rows}


def _newness(values: Mapping[str, Any]) -> tuple[datetime, int]:
    """What makes one account of an author newer than another; counts mostly grow."""
    return (values["told_at"], values["followers"] or 0)


def handle_key(handle: str) -> str:
    """A handle as it is compared: without @, and folded; see there."""
    return folded(handle.strip().removeprefix("@"))


def key_of(mention: Mention) -> tuple[str, str] | None:
    """(source, external_id) of who wrote it; None when nothing identifies them."""
    author = mention.author
    name = (author.id or handle_key(author.handle)) if author is not None else ""
    return (mention.source, name) if name else None


def of_accounts(
    session: Session, accounts: Collection[OwnAccount]
) -> list[tuple[int, str, Author]]:
    """Our id, network and names of every author who may be one of these accounts.

    Whether one is, OwnAccount.is_author says.
    """
    if not accounts:
        return []
    rows = session.execute(
        select(AuthorRow.id, AuthorRow.source, AuthorRow.external_id, AuthorRow.handle).where(
            or_(
                AuthorRow.handle_key.in_({handle_key(own.account) for own in accounts}),
                *(
                    and_(
                        AuthorRow.source.in_(stored_names(own.source)),
                        AuthorRow.external_id.in_(own.ids),
                    )
                    for own in accounts
                ),
            )
        )
    )
    return [(number, name_of(source), Author(key, handle)) for number, source, key, handle in rows]


def _author_values(key: tuple[str, str], author: Author, at: datetime) -> dict[str, Any]:
    return {
        "source": key[0],
        "external_id": key[1],
        "handle": author.handle,
        "handle_key": handle_key(author.handle),
        "name": author.name,
        "bio": author.bio,
        "location": author.location,
        "url": author.url,
        "followers": countable(author.followers),
        "created_at": author.created_at,
        # A page without the users' details must not wipe those of an earlier one.
        "told_at": at if author.handle else NEVER,
    }


def conversations(
    session: Session,
    source: str,
    external_id: str,
    brand: str,
    *,
    since: datetime,
    until: datetime,
    most: int,
) -> int:
    """In how many conversations an author wrote about a brand in [since, until]; noise apart.

    Counted no further than `most`, however many there are.
    """
    author = select(AuthorRow.id).where(
        AuthorRow.source == source, AuthorRow.external_id == external_id
    )
    talks = (
        select(func.coalesce(MentionRow.conversation_id, MentionRow.external_id))
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(
            MentionRow.author_id == author.scalar_subquery(),
            MentionRow.published_at.between(since, until),
            MentionBrandRow.brand == brand,
            MentionBrandRow.role == Role.BRAND,
            MentionBrandRow.hidden == "",
        )
        .distinct()
        .limit(most)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(talks)) or 0

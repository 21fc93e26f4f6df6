"""What is stored under another id than it has now: some sources change the ids they give."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.mention import Mention
from storage.sql import batches, pairs
from storage.tables import MentionRow

_Key = tuple[str, str]  # source and their id
_Fact = tuple[object, ...]


def stored(session: Session, mentions: Sequence[Mention]) -> dict[_Key, Mention]:
    """Those of these that are stored under another id, each under that, by the id it has now.

    Only of those with former ids: one of these with the same address or headline, or address, date
    and headline. An id alone may be another site's, an address may stand under a dozen entries.
    """
    ids: dict[_Key, str] = {}
    unsteady = [one for one in mentions if one.former_ids]
    for batch in batches(unsteady, 200):
        ids |= _stored_as(session, batch)
    return {_key(one): _renamed(one, ids[_key(one)]) for one in unsteady if _key(one) in ids}


def _stored_as(session: Session, mentions: Sequence[Mention]) -> dict[_Key, str]:
    """Their stored id by the one they have now; none for those that are stored under it."""
    names = {pair for one in mentions for pair in _names(one)}
    dated = {(one.source, one.published_at) for one in mentions}
    asked = select(
        MentionRow.source,
        MentionRow.external_id,
        MentionRow.url,
        MentionRow.published_at,
        MentionRow.text,
    ).where(
        or_(
            pairs(MentionRow.source, MentionRow.external_id, names),
            pairs(MentionRow.source, MentionRow.published_at, dated),
        )
    )
    rows = session.execute(asked.order_by(MentionRow.id)).all()
    there = {(row.source, row.external_id) for row in rows}
    known: dict[_Fact, str] = {}
    for row in rows:
        for fact in _facts(row, row.external_id):
            known.setdefault((row.source, *fact), row.external_id)
    return dict(_found(mentions, there, known))


def _found(
    mentions: Sequence[Mention], there: set[_Key], known: Mapping[_Fact, str]
) -> Iterator[tuple[_Key, str]]:
    for one in mentions:
        if _key(one) in there:
            continue
        facts = [(one.source, *fact) for name in one.former_ids for fact in _facts(one, name)]
        external_id = next((known[fact] for fact in facts if fact in known), None)
        if external_id is not None:
            yield _key(one), external_id


def _facts(said: Any, name: str) -> Iterator[_Fact]:  # noqa: ANN401  a mention or a row of one
    """What makes it this very one, under this id."""
    headline = said.text.partition("\n")[0].strip().casefold()
    yield name, headline
    if said.url:
        yield name, said.url
        yield said.url, said.published_at, headline


def _renamed(mention: Mention, external_id: str) -> Mention:
    own_thread = mention.conversation_id == mention.external_id
    thread = external_id if own_thread else mention.conversation_id
    return replace(mention, external_id=external_id, conversation_id=thread)


def _names(mention: Mention) -> Iterator[_Key]:
    for name in (mention.external_id, *mention.former_ids):
        yield mention.source, name


def _key(mention: Mention) -> _Key:
    return mention.source, mention.external_id

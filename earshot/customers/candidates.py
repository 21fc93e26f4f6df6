"""Who each author may be among the customers: found by keys, with all that is known of both."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from crm.linking import keys, own_words
from crm.linking.own_words import Said
from crm.linking.people import Candidate, Entry, Order, Writer
from storage import customer_keys, link_work, links, mention_orders, sealing
from storage.customer_keys import Held
from storage.link_work import Heard
from storage.mention_orders import NamedOrder
from storage.tables import AuthorRow

# Records that a key may lead to: a name that more have tells too little to look at each of them.
MOST_HOLDERS = 60


@dataclass(frozen=True, slots=True)
class Asker:
    """An author, and the records that may be theirs."""

    writer: Writer
    said: Said
    candidates: Sequence[Candidate]


def of(
    session: Session, authors: Sequence[AuthorRow], heard: Mapping[int, Heard]
) -> dict[int, Asker]:
    """These authors with their candidates, by id; who has none is not there."""
    said = {row.id: _said(row, heard[row.id]) for row in authors}
    asked = _asked(session, authors, said)
    known = [row.id for row in authors if heard[row.id].keyed]
    link_work.ask(session, asked, known)
    ordered = _orders(session, [heard[row.id] for row in authors])
    found = _records(session, asked)
    for row in authors:
        buyers = {one.person_id for post in heard[row.id].posts for one in ordered.get(post, ())}
        if buyers:
            found.setdefault(row.id, set()).update(buyers)
    wanted = {record_id for ids in found.values() for record_id in ids}
    records = {one.row.id: candidate(one) for one in customer_keys.held(session, wanted)}
    return {
        row.id: Asker(
            Writer(
                links.author_of(row),
                row.source,
                tuple(heard[row.id].posts.values()),
                tuple(_named(heard[row.id], ordered)),
            ),
            said[row.id],
            [records[one] for one in sorted(found[row.id]) if one in records],
        )
        for row in authors
        if found.get(row.id)
    }


def candidate(record: Held) -> Candidate:
    """A stored record as the linker compares it."""
    row = record.row
    return Candidate(
        customer_id=row.id,
        system=row.system,
        name=row.name,
        emails=record.emails,
        phones=record.phones,
        company=row.company,
        city=row.city,
        country=row.country,
        website=row.website,
        created_at=row.created_at,
        handles=tuple(Entry(one.network, one.handle, one.on_file_at) for one in record.handles),
        joined_to=row.joined_to,
    )


def _said(row: AuthorRow, heard: Heard) -> Said:
    return own_words.said_by(links.author_of(row), row.source, tuple(heard.posts.values()))


def _asked(
    session: Session, authors: Sequence[AuthorRow], said: Mapping[int, Said]
) -> dict[int, set[int]]:
    """The keys that each author asks for."""
    mark = sealing.marker(session)
    return {
        row.id: {
            mark(key) for key in keys.of_author(row.handle, row.source, row.name, said[row.id])
        }
        for row in authors
    }


def _records(session: Session, asked: Mapping[int, Collection[int]]) -> dict[int, set[int]]:
    """The records that an author's keys lead to."""
    holders = customer_keys.holders(session, {key for found in asked.values() for key in found})
    found = {
        author_id: {
            one
            for key in wanted
            if len(held := holders.get(key, ())) <= MOST_HOLDERS
            for one in held
        }
        for author_id, wanted in asked.items()
    }
    return {author_id: ids for author_id, ids in found.items() if ids}


def _orders(session: Session, heard: Iterable[Heard]) -> Mapping[int, Sequence[NamedOrder]]:
    """The orders that posts name, by mention."""
    posts = [post for one in heard for post in sorted(one.orders)]
    return mention_orders.about(session, posts) if posts else {}


def _named(heard: Heard, ordered: Mapping[int, Sequence[NamedOrder]]) -> Iterator[Order]:
    for post, text in heard.posts.items():
        for one in ordered.get(post, ()):
            others = one.quoted or own_words.number_of_others(text, one.number)
            yield Order(one.number, one.person_id, others)

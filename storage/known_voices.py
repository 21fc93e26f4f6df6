"""Who the opaque numbers behind published numbers are, as far as they are still known here."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.listing import Role
from storage import persons, sealing, voices
from storage.sql import among
from storage.tables import (
    SHOWN,
    AuthorRow,
    CustomerRow,
    MentionBrandRow,
    MentionRow,
)
from storage.voices import account_key, customer_key


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the numbers of persons."""

    names: dict[int, str] = field(default_factory=dict)  # "x:@ana", or a customer's name
    same: dict[int, int] = field(default_factory=dict)  # of an account: the customer it is now


def linked_since(session: Session, numbers: Collection[int]) -> dict[int, int]:
    """Of those of these numbers that are an account's: the number of the customer it is now."""
    wanted, mark = set(numbers), sealing.marker(session)
    customers = voices.linked(session)
    rows = session.execute(
        select(AuthorRow.id, AuthorRow.source, AuthorRow.external_id).where(
            among(AuthorRow.id, customers)
        )
    )
    found = ((mark(account_key(source, account)), author) for author, source, account in rows)
    return {
        number: mark(customer_key(customers[author]))
        for number, author in found
        if number in wanted
    }


def named(
    session: Session, brand: str, numbers: Collection[int], *, since: datetime, until: datetime
) -> Known:
    """Who these are of those who wrote of the brand in [since, until), and of the customers.

    Who is erased, and whose posts of that time are all deleted, is not in it.
    """
    wanted, found = set(numbers), Known()
    mark = sealing.marker(session)
    authors = session.execute(
        select(AuthorRow.source, AuthorRow.external_id, AuthorRow.handle, AuthorRow.name)
        .join(MentionRow, MentionRow.author_id == AuthorRow.id)
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(MentionBrandRow.brand == brand, MentionBrandRow.role != Role.OWN)
        .where(MentionBrandRow.published_at >= since, MentionBrandRow.published_at < until)
        .distinct()
    ).all()
    for source, external_id, handle, name in authors:
        number = mark(account_key(source, external_id))
        if number in wanted:
            found.names[number] = (
                f"{source}:@{handle}" if handle else f"{source}: {name or 'somebody unnamed'}"
            )
    found.same.update(linked_since(session, wanted))
    wanted |= set(found.same.values())
    if wanted - found.names.keys():
        for record_id, person_id, name in _records(session):
            number = mark(customer_key(record_id))
            if number not in wanted:
                continue
            found.names[number] = name
            if record_id != person_id:  # they were one record then, and are part of a person now
                found.same[number] = mark(customer_key(person_id))
    return found


def _records(session: Session) -> Iterator[tuple[int, int, str]]:
    rows = session.execute(select(CustomerRow.id, persons.PERSON, CustomerRow.name))
    yield from rows.yield_per(1000)


@dataclass(frozen=True, slots=True)
class Head:
    """The first post of a story that is still shown."""

    source: str
    url: str
    text: str


def heads(session: Session, brand: str, stories: Collection[int]) -> dict[int, Head]:
    """How each of these stories begins; those are missing of which nothing is shown any more."""
    rows = session.execute(
        select(MentionRow.story_id, MentionRow.source, MentionRow.url, MentionRow.text)
        .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
        .where(among(MentionRow.story_id, stories), MentionRow.standing.in_(SHOWN))
        .where(
            MentionBrandRow.brand == brand,
            MentionBrandRow.role != Role.OWN,
            MentionBrandRow.hidden == "",
        )
        .order_by(MentionBrandRow.published_at, MentionRow.id)
    )
    found: dict[int, Head] = {}
    for story, source, url, text in rows:
        if story is not None:
            found.setdefault(story, Head(source, url, text))
    return found

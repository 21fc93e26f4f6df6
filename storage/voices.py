"""Opaque numbers of who wrote something: an account, or the customer it is linked with.

A number is a hash under the database's own key: without that key nothing can be read from it. A
deleted post keeps the number of who wrote it, and nothing else of them: so who deletes their posts,
and writes again, is still one person.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import ColumnElement, Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from storage import persons, sealing
from storage.link_ledger import CONFIRMED
from storage.sql import among
from storage.tables import AuthorRow, CustomerRow, LinkJudgementRow, LinkRow, MentionRow

_CUSTOMERS = "customers by number"  # in the info of a session


class Who(NamedTuple):
    """The opaque numbers of who wrote something."""

    person: int
    account: int
    is_customer: bool


def account_key(source: str, external_id: str) -> str:
    """What an account's number is the hash of."""
    return f"account:{source}:{external_id}"


def customer_key(person_id: int) -> str:
    """What a customer's number is the hash of."""
    return f"customer:{person_id}"


def linked(session: Session, *conditions: ColumnElement[bool]) -> dict[int, int]:
    """The person of each author who is linked to one, and to one only.

    conditions: on LinkRow; without them every author.
    """
    rows = session.execute(
        select(LinkRow.author_id, func.min(persons.PERSON))
        .join(LinkJudgementRow, CONFIRMED)
        .join(CustomerRow, CustomerRow.id == LinkRow.customer_id)
        .where(*conditions)
        .group_by(LinkRow.author_id)
        .having(func.min(persons.PERSON) == func.max(persons.PERSON))
    )
    return dict(rows.all())


def keep(session: Session, mention_ids: Collection[int]) -> None:
    """Write the number of its author beside each of these mentions that has one."""
    rows = session.execute(
        select(MentionRow.id, AuthorRow.id, AuthorRow.source, AuthorRow.external_id)
        .join(AuthorRow, AuthorRow.id == MentionRow.author_id)
        .where(among(MentionRow.id, mention_ids))
    ).all()
    if not rows:
        return
    mark = sealing.marker(session)
    known = linked(session, among(LinkRow.author_id, {row[1] for row in rows}))
    numbers = [
        {
            "row_id": mention_id,
            "number": mark(
                customer_key(known[author_id])
                if author_id in known
                else account_key(source, external_id)
            ),
        }
        for mention_id, author_id, source, external_id in rows
    ]
    changed = update(MentionRow).where(MentionRow.id == bindparam("row_id"))
    session.connection().execute(changed.values(voice=bindparam("number")), numbers)


class Numbers:
    """Who wrote what, as numbers.

    customers: the person of each linked author; voices: the numbers that deleted posts keep.
    """

    def __init__(
        self, session: Session, customers: Mapping[int, int], voices: Collection[int] = ()
    ) -> None:
        self._mark = sealing.marker(session)
        self._known = {author: self._mark(customer_key(one)) for author, one in customers.items()}
        self._deleted = _whose(session, self._mark) if voices else {}

    def of_author(self, author_id: int, source: str, external_id: str) -> Who:
        account = self._mark(account_key(source, external_id))
        person = self._known.get(author_id)
        return Who(account if person is None else person, account, person is not None)

    def of_deleted(self, voice: int) -> Who:
        """Of what was kept of a deleted post's author.

        They are the customer they are linked with now, or were when they deleted it; else whoever
        that account belongs to.
        """
        return self._deleted.get(voice) or Who(voice, voice, is_customer=False)


def look_up_once(session: Session) -> None:
    """Let a session that only reads look up but once whose numbers are customers' now."""
    session.info[_CUSTOMERS] = dict(_numbered(session, sealing.marker(session)))


def _whose(session: Session, mark: Callable[[str], int]) -> Mapping[int, Who]:
    """Every number that is a customer's now."""
    found: dict[int, Who] | None = session.info.get(_CUSTOMERS)
    return dict(_numbered(session, mark)) if found is None else found


def _numbered(session: Session, mark: Callable[[str], int]) -> Iterator[tuple[int, Who]]:
    # Records may have become one person since, or the customer be erased.
    records = session.connection().execute(select(CustomerRow.id, persons.PERSON)).all()
    for record_id, person_id in records:
        number = mark(customer_key(record_id))
        person = number if record_id == person_id else mark(customer_key(person_id))
        yield number, Who(person, number, is_customer=True)
    customers = linked(session)
    for author_id, source, external_id in _accounts(session, customers):
        number = mark(account_key(source, external_id))
        yield number, Who(mark(customer_key(customers[author_id])), number, is_customer=True)


def _accounts(session: Session, author_ids: Iterable[int]) -> Iterable[Row[int, str, str]]:
    return session.execute(
        select(AuthorRow.id, AuthorRow.source, AuthorRow.external_id).where(
            among(AuthorRow.id, author_ids)
        )
    )

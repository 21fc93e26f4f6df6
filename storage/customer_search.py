"""Who a customer is by what people type: an id of their systems, an address, a number, a name."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from domain.network import stored_names
from storage import links, merges, persons
from storage.authors import handle_key
from storage.tables import CustomerRow, HandleRow, PhoneRow

Named = tuple[int, str]  # a person's id, and the name on one of their records
_AT_ONCE = 10_000


def by_external_id(session: Session, said: str) -> set[int]:
    """Persons with this id in a system: "hubspot:123", or "123" of any; merged ones, too."""
    named = [(said[:at].lower(), said[at + 1 :]) for at, letter in enumerate(said) if letter == ":"]
    where = or_(
        CustomerRow.external_id == said,
        *(
            and_(CustomerRow.system == system, CustomerRow.external_id == one)
            for system, one in named
        ),
    )
    found = set(session.scalars(select(persons.PERSON).where(where)))
    became = {
        record_id
        for system, one in named
        for record_id in merges.records(session, system, [one]).values()
    }
    return found | set(persons.of(session, became).values())


def by_email(session: Session, email: str) -> set[int]:
    """Persons who hold this address or, where nobody does, held it once; in any letters."""
    holders = persons.holders(session, [email.lower()])
    return {one.person_id for every in holders.values() for one in every}


def by_phone(session: Session, numbers: Collection[str]) -> set[int]:
    """Persons with one of these numbers, as E.164."""
    rows = select(PhoneRow.customer_id).where(PhoneRow.phone.in_(numbers))
    return set(persons.of(session, session.scalars(rows)).values())


def by_handle(session: Session, source: str, handle: str) -> set[int]:
    """Persons with this handle on file, or who are linked with who has it."""
    on_file = select(HandleRow.customer_id).where(
        HandleRow.network.in_(stored_names(source)), HandleRow.handle == handle_key(handle)
    )
    records = set(session.scalars(on_file))
    author = links.find_author(session, source, handle)
    if author is not None:
        records |= {one.customer_id for one in links.confirmed(session, [author.id]).values()}
    return set(persons.of(session, records).values())


def spelled_like(session: Session, words: Sequence[str]) -> Iterator[Named]:
    """Everybody whose name may hold these words: of plain Latin letters only those that have them.

    It reads all names, in the database: a fraction of a second for 200,000. An index of parts of
    names would serve nobody else. words: letters only, in small ones.
    """
    patterns = [f"%{'%'.join(word)}%" for word in words]
    if (
        session.get_bind().dialect.name == "sqlite"
    ):  # whose LIKE knows no capitals, at half the cost
        has = and_(*map(CustomerRow.name.like, patterns))
    else:
        has = and_(*map(CustomerRow.name.ilike, patterns))
    return _names(session, or_(has, _accented(session)))


def names(session: Session) -> Iterator[Named]:
    """Everybody by name."""
    return _names(session, CustomerRow.name != "")


def _names(session: Session, where: ColumnElement[bool]) -> Iterator[Named]:
    rows = session.execute(
        select(persons.PERSON, CustomerRow.name).where(where).execution_options(yield_per=_AT_ONCE)
    )
    yield from ((person_id, name) for person_id, name in rows)


def _accented(session: Session) -> ColumnElement[bool]:
    """Whether a name has other letters than plain Latin ones."""
    if session.get_bind().dialect.name == "sqlite":
        return CustomerRow.name.op("GLOB")("*[^ -~]*")
    return func.octet_length(CustomerRow.name) != func.char_length(CustomerRow.name)

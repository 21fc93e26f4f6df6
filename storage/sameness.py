"""Which customers' records are one person, worked out from all that is known of them.

What a CRM merged is one. Then what people joined and split by hand holds. Then one e-mail address,
held now or formerly, and one telephone number tell. So the order of imports does not matter.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, groupby
from operator import attrgetter, itemgetter

from sqlalchemy import ColumnElement, CompoundSelect, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage import merges, person_decisions, sealed_emails
from storage.groups import Groups
from storage.near import Near
from storage.sealed_emails import Sealed
from storage.sql import among, batches
from storage.tables import CustomerRow, EmailRow, PhoneRow

_MOST = 10  # records of one number: a switchboard's, or what somebody types to fill a field
_AT_ONCE = 10_000  # rows that are read, and ids that are asked for
IS_GUEST = CustomerRow.external_id == CustomerRow.email  # who has no id is named by the address
Only = Collection[int] | None  # records; None: all


@dataclass(frozen=True, slots=True)
class Held:
    """A record that holds an address or a number."""

    record_id: int
    system: str
    name: str
    former: bool = False  # it held the address once
    is_guest: bool = False  # its system knows it by nothing but this address


def one_person(session: Session, around: Near | None = None) -> dict[int, int]:
    """The record that stands for the person, of every record that does not stand for itself.

    around: records, with all that may be one with any of them; None: every record.
    """
    only = around.records if around else None
    crowded = around.crowded if around else ()
    groups, units = Groups(), Groups()  # persons; and what is one record for its own system
    merged = merges.merged(session, only)
    for one in merged:
        groups.join(one.records)
        units.join(one.records)
    decided = person_decisions.standing(session, units.of)
    for pair in decided.apart:
        groups.keep_apart(*pair)
    for together in decided.together:
        if only is None or not together.isdisjoint(only):
            groups.join(together)
    by_hand = select(CustomerRow.id).where(CustomerRow.split, _only(CustomerRow.id, only))
    split = set(map(units.of, session.scalars(by_hand)))
    for held in chain(
        _addresses(session, only, crowded),
        _former_addresses(session, only),
        _telephones(session, only, crowded),
    ):
        groups.join(alike(held, units, split))
    gone = {record_id for one in merged if one.kept is not None for record_id in one.gone}
    return _standing(session, groups.all(), gone)


def alike(held: Sequence[Held], units: Groups, split: Collection[int]) -> set[int]:
    """Those holders of one address or number who are one person by it.

    Nobody is where one system has it for several, but who has it now comes before who had it once
    in the same system: it was passed on. Who was split off by hand is joined by hand. A guest is
    the one who has an account with the same address.
    """
    of_system: dict[str, dict[bool, set[int]]] = defaultdict(dict)
    guests = {units.of(one.record_id) for one in held if one.is_guest}
    for one in held:
        if not one.is_guest:
            of_system[one.system].setdefault(one.former, set()).add(units.of(one.record_id))
    holders = [found.get(False) or found[True] for found in of_system.values()]
    if any(len(several) > 1 for several in holders):
        return set()
    return guests.union(*holders).difference(split)


# --- what records hold --------------------------------------------------------------------------


def _only(column: InstrumentedAttribute[int], only: Only) -> ColumnElement[bool]:
    return true() if only is None else among(column, only)


def _addresses(session: Session, only: Only, crowded: Collection[str]) -> Iterator[list[Held]]:
    """The holders of each address that several records hold."""
    both = _every_address(only).subquery()
    shared = select(both.c.email).group_by(both.c.email).having(func.count() > 1)
    is_guest = CustomerRow.external_id == both.c.email
    rows = session.execute(
        select(both.c.email, CustomerRow.id, CustomerRow.system, CustomerRow.name, is_guest)
        .join(CustomerRow, CustomerRow.id == both.c.id)
        .where(both.c.email.in_(shared), both.c.email.not_in(crowded))
        .order_by(both.c.email)
        .execution_options(yield_per=_AT_ONCE)
    )
    for _, found in groupby(rows, key=itemgetter(0)):
        yield [
            Held(record_id, system, name, is_guest=guest)
            for _, record_id, system, name, guest in found
        ]


def _every_address(only: Only) -> CompoundSelect[str, int]:
    own = select(CustomerRow.email.label("email"), CustomerRow.id.label("id"))
    further = select(EmailRow.email, EmailRow.customer_id)
    return own.where(CustomerRow.email != "", _only(CustomerRow.id, only)).union(
        further.where(_only(EmailRow.customer_id, only))
    )


def _former_addresses(session: Session, only: Only) -> Iterator[list[Held]]:
    """The holders, now and formerly, of each address that some record held once."""
    found = sorted(sealed_emails.held(session, only), key=attrgetter("sealed"))
    of: dict[int, tuple[str, str, bool]] = {}
    for batch in batches(sorted({one.record_id for one in found})):
        rows = session.execute(
            select(CustomerRow.id, CustomerRow.system, CustomerRow.name, IS_GUEST).where(
                among(CustomerRow.id, batch)
            )
        )
        of.update({record_id: (system, name, guest) for record_id, system, name, guest in rows})
    for _, same in groupby(found, key=attrgetter("sealed")):
        yield [_held(one, *of[one.record_id]) for one in same]


def _held(one: Sealed, system: str, name: str, guest: bool) -> Held:  # noqa: FBT001
    return Held(one.record_id, system, name, one.former, is_guest=guest and not one.former)


def _telephones(session: Session, only: Only, crowded: Collection[str]) -> Iterator[list[Held]]:
    """The holders of each number that a few records of one name hold.

    A family has one number and several names: then it tells nothing.
    """
    ours = _only(PhoneRow.customer_id, only)
    few = func.count().between(2, _MOST)
    shared = select(PhoneRow.phone).where(ours).group_by(PhoneRow.phone).having(few)
    rows = session.execute(
        select(PhoneRow.phone, CustomerRow.id, CustomerRow.system, CustomerRow.name)
        .join(CustomerRow, CustomerRow.id == PhoneRow.customer_id)
        .where(PhoneRow.phone.in_(shared), PhoneRow.phone.not_in(crowded), ours)
        .order_by(PhoneRow.phone)
        .execution_options(yield_per=_AT_ONCE)
    )
    for _, found in groupby(rows, key=itemgetter(0)):
        held = [Held(*row[1:]) for row in found]
        if _of_one_name([one.name for one in held]):
            yield held


def _of_one_name(names: Iterable[str]) -> bool:
    """Whether of any two names one has all words of the other: "Mira Sol" and "Sol, Mira A."."""
    known = [set(re.findall(r"\w+", name.casefold())) for name in names]
    return all(one <= other or other <= one for one, other in combinations(known, 2))


# --- who stands for the others ------------------------------------------------------------------


def _standing(
    session: Session, groups: Sequence[Sequence[int]], gone: Collection[int]
) -> dict[int, int]:
    """Who has a name stands for the others, as alerts show it; who became another does not."""
    nameless: set[int] = set()
    for batch in batches([one for group in groups for one in group], _AT_ONCE):
        without = CustomerRow.name == ""
        nameless.update(
            session.scalars(select(CustomerRow.id).where(among(CustomerRow.id, batch), without))
        )
    found: dict[int, int] = {}
    for group in groups:
        stands = min(group, key=lambda one: (one in gone, one in nameless, one))
        found.update((one, stands) for one in group if one != stands)
    return found

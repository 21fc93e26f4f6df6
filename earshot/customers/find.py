"""Finds a customer by what people type: our id, an id of their systems, an address, a name."""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from crm import finding
from crm.finding import Fit
from crm.phones import numbers
from domain.errors import EarshotError
from storage import customer_search, customers

_OUR_ID = re.compile(r"\d{1,9}", re.ASCII)  # as many fit every column
_DIALLED = re.compile(r"[+\d][\d\s()./-]{6,}", re.ASCII)
_WORDS = 8  # of a name; nobody has more
_GUESSES = 5


@dataclass(frozen=True, slots=True)
class Found:
    """Who may be meant."""

    person_ids: frozenset[int]  # several: nobody can tell which
    also: int = 0  # how many more there are whose names only hold these words among others


def find(session: Session, said: str, *, phone_region: str = "") -> Found:
    """Who is meant. Raises EarshotError where nobody is, with who probably was.

    phone_region: the country of numbers without its code; "" needs the code.
    """
    said = said.strip()
    if not said:
        raise EarshotError("say which customer: by an id, a name or an e-mail")
    if _OUR_ID.fullmatch(said):
        row = customers.get(session, int(said))
        if row is not None:
            return Found(frozenset([row.id]))
    for way in (_address, _telephone, _id_elsewhere):
        people = way(session, said, phone_region)
        if people:
            return Found(frozenset(people))
    return _called(session, said)


def _address(session: Session, said: str, _region: str) -> set[int]:
    return customer_search.by_email(session, said) if "@" in said[1:] else set()


def _telephone(session: Session, said: str, region: str) -> set[int]:
    if not _DIALLED.fullmatch(said):
        return set()
    return customer_search.by_phone(session, list(numbers(said, region)))


def _id_elsewhere(session: Session, said: str, _region: str) -> set[int]:
    """By the id of a system, or by a handle: hubspot:123, 123, x:ana."""
    people = customer_search.by_external_id(session, said)
    source, _, handle = said.partition(":")
    if people or not (source and handle):
        return people
    return customer_search.by_handle(session, source, handle)


def _called(session: Session, said: str) -> Found:
    words = finding.words_of(said)[:_WORDS]
    if words:
        patterns = finding.letters_of(words)
        fits = finding.best(words, customer_search.spelled_like(session, patterns))
        for how in Fit:
            if people := fits.get(how):
                alone = how is Fit.WHOLE and len(people) == 1
                others = set().union(*fits.values()) - people if alone else ()
                return Found(frozenset(people), len(others))
    raise EarshotError(_nobody(session, said))


def _nobody(session: Session, said: str) -> str:
    """That nobody is meant, and who may have been."""
    what = f"there is no customer {said[:80]}"
    if _OUR_ID.fullmatch(said) or "@" in said[1:]:
        return f"{what}: see earshot customers list"
    near = finding.alike(said, customer_search.names(session), most=_GUESSES)
    if not near:
        return f"{what}: see earshot customers list"
    names = ", ".join(f"{name} ({person_id})" for person_id, name in near)
    return f"{what}; did you mean {names}?"

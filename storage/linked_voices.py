"""Which customer an opaque number is."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from storage import sealing, voices


def customers(session: Session, numbers: Collection[int]) -> dict[int, int]:
    """The person behind each of these numbers who is a linked customer now, by number."""
    mark = sealing.marker(session)
    people = set(voices.linked(session).values())
    known = {mark(voices.customer_key(person_id)): person_id for person_id in people}
    return {one: known[one] for one in numbers if one in known}

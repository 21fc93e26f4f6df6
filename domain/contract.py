"""What a platform's rules allow us to do with what it gives us."""

from dataclasses import dataclass
from datetime import date, timedelta

from domain.customer import Basis


@dataclass(frozen=True, slots=True)
class Contract:
    """The rules of one source, obeyed by the store, the linker and the exporter."""

    source: str
    may_link: bool  # may an author be matched with a customer
    bases: tuple[Basis, ...]  # what a confirmed link may rest on; () where none may be
    may_score: bool  # may weighed evidence confirm a link; else it only proposes one to a person
    may_reply: str  # "no", "when mentioned", "yes": answering through the API
    may_derive: bool  # may we work out and keep a tone of our own
    keep_authors: bool  # may we keep who wrote it
    may_export: bool  # may texts leave in a file
    retention: timedelta | None  # nothing older is kept, whatever [privacy] says; None: no period
    delete_within: timedelta  # from learning of a deletion on the platform to ours
    sunset: date | None  # the day the source is known to close
    reason: str  # one sentence: why linking is (not) allowed, and on what basis
    reference: str  # where that is written
    read_on: date  # when we read it

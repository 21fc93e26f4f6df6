"""Who is this author? Each feature is one small function; the verdict keeps its evidence.

Only a handle that the CRM holds for the author's own network links. A display name never does:
anybody may call themselves anything, and 607 of 690 links by name were measured to be wrong.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.handles import network
from domain.contract import Contract
from domain.customer import Basis, Judgement, LinkState
from domain.mention import Author
from domain.network import folded

# Not 1: handles are given up and taken by others, and few CRMs say when one was written down.
CONFIRMED_AT = 0.99
# Of 306 handles on file in the invented benchmark 117 had changed hands; the age of the account
# told every one of them from the 189 that had not.
RECYCLED_AT = 0.05


@dataclass(frozen=True, slots=True)
class Candidate:
    """A handle on a customer's record. The application finds them by (network, handle)."""

    customer_id: int
    system: str  # the CRM that holds it
    network: str
    handle: str
    on_file_at: datetime | None = None  # the handle stood there by then; None: nobody knows
    joined_to: int | None = None  # the record that stands for the person; None: this one does

    @property
    def person_id(self) -> int:
        return self.customer_id if self.joined_to is None else self.joined_to


# What it says of this candidate, in a sentence a person can check; "" when nothing.
Feature = Callable[[Author, str, Candidate], str]


def handle_on_file(author: Author, source: str, candidate: Candidate) -> str:
    """The CRM holds exactly this handle for this network."""
    ours, theirs = _bare(author.handle), _bare(candidate.handle)
    same = folded(ours) == folded(theirs)
    if not ours or not same or network(source) != network(candidate.network):
        return ""
    return f"CRM {candidate.system} holds @{theirs} for {network(source)}"


def account_is_younger(author: Author, source: str, candidate: Candidate) -> str:
    """The account was made after the CRM wrote the handle down: somebody else has taken it."""
    made_at, on_file_at = author.created_at, candidate.on_file_at
    if made_at is None or on_file_at is None or made_at <= on_file_at:
        return ""
    return (
        f"the {network(source)} account was made on {made_at:%Y-%m-%d}, "
        f"after the CRM had the handle ({on_file_at:%Y-%m-%d})"
    )


FOR: Sequence[Feature] = (handle_on_file,)
AGAINST: Sequence[Feature] = (account_is_younger,)  # one of them is enough to ask a person


def match(
    author: Author, source: str, candidates: Sequence[Candidate], contract: Contract
) -> tuple[Judgement, ...]:
    """Judge an author: one confirmed customer, or proposed ones for a person, or () for nobody.

    Nothing is ever judged where the source's contract forbids linking. With several customers on
    the same handle, or with something against the only one, none is confirmed.
    """
    if not contract.may_link:
        return ()
    held: dict[int, tuple[int, list[str], list[str]]] = {}
    for candidate in sorted(candidates, key=lambda one: (one.customer_id, one.system, one.handle)):
        reasons = _said(FOR, author, source, candidate)
        if reasons:
            person = held.setdefault(candidate.person_id, (candidate.customer_id, [], []))
            _, pro, con = person
            pro.extend(one for one in reasons if one not in pro)
            con.extend(one for one in _said(AGAINST, author, source, candidate) if one not in con)
    return tuple(_judge(*said, len(held)) for said in held.values())


def _said(
    features: Sequence[Feature], author: Author, source: str, candidate: Candidate
) -> list[str]:
    return [said for feature in features if (said := feature(author, source, candidate))]


def _judge(customer_id: int, pro: Sequence[str], con: Sequence[str], customers: int) -> Judgement:
    shared = [f"{customers} customers hold this handle"] if customers > 1 else []
    return Judgement(
        customer_id=customer_id,
        state=LinkState.PROPOSED if con or shared else LinkState.CONFIRMED,
        probability=(RECYCLED_AT if con else CONFIRMED_AT) / customers,
        basis=Basis.HANDLE_ON_FILE,
        evidence=(*pro, *con, *shared),
    )


def _bare(handle: str) -> str:
    return handle.strip().removeprefix("@")

"""The verdict on an author: one confirmed customer, proposed ones for a person, or nobody."""

from collections.abc import Sequence

from crm.linking import who
from crm.linking.own_words import Said
from crm.linking.people import Candidate, Writer
from crm.linking.weighing import Weighed, kinds, weigh
from crm.linking.weights import Weights
from domain.contract import Contract
from domain.customer import Basis, Judgement, LinkState

# Not 1: handles are given up and taken by others, and few CRMs say when one was written down.
CERTAIN = 0.99
# Of 306 handles on file in the invented benchmark 117 had changed hands; the age of the account
# told every one of them from the 189 that had not.
RECYCLED_AT = 0.05
MOST_PROPOSALS = 3  # of one author; more would be a list of namesakes
KINDS = 2  # of evidence that must speak for a score that confirms itself
_COMMON = frozenset(["name", "place"])  # what many people have alike


def judge(
    writer: Writer,
    said: Said,
    candidates: Sequence[Candidate],
    contract: Contract,
    weights: Weights,
) -> tuple[Judgement, ...]:
    """Judge an author: one confirmed customer, or proposed ones for a person, or () for nobody.

    Nothing is ever judged where the source's contract forbids linking. Exact evidence comes before
    weighed; where two customers have it, or something speaks against the only one, a person is
    asked.
    """
    if not contract.may_link or not candidates:
        return ()
    found = weigh(writer, said, candidates, weights)
    exact = _exact(found, contract)
    if exact:
        return exact
    if contract.may_score and confirms_itself(found[0], weights):
        return (_scored(found[0], LinkState.CONFIRMED),)
    likely = [
        one
        for one in found
        if one.probability >= weights.propose_at and not (one.against or one.too_young)
    ]
    return tuple(_scored(one, LinkState.PROPOSED) for one in likely[:MOST_PROPOSALS])


def confirms_itself(best: Weighed, weights: Weights) -> bool:
    """Whether the score is high enough, on two kinds of evidence, with nothing against it."""
    return (
        best.probability >= weights.confirm_at
        and not best.against
        and best.is_called
        and not best.contradicted
        and _carries(best, set(kinds(best, weights)))
    )


def _carries(best: Weighed, speaking: set[str]) -> bool:
    """Whether the kinds that speak for it are enough: a name, with something beside it.

    Beside a place alone it must be the whole name, by the profile or the handle, and no other
    customer's: in a big city there is a second one soon. A first name beside an order alone is not
    enough, either: another shop's order may have the same number.
    """
    if len(speaking) < KINDS:
        return False
    name, _, handle = best.level("name").partition("/")
    whole = name == who.FULL or (name == who.FIRST and handle in {who.LOCAL, who.SPELLED})
    beside = speaking - _COMMON
    if name == who.FIRST and beside == {"order"} and "place" not in speaking:
        return whole
    return whole or bool(beside)


def _exact(found: Sequence[Weighed], contract: Contract) -> tuple[Judgement, ...]:
    """By the handle on file or by what the author states; all only proposed where they disagree."""
    held = [one for one in found if one.on_file]
    named = {one.person_id: (one, Basis.SELF_STATED) for one in found if _states(one)}
    named |= {one.person_id: (one, Basis.HANDLE_ON_FILE) for one in held if not one.too_young}
    sure = [_named(one, basis, len(named), contract) for one, basis in named.values()]
    doubted = [
        _judgement(one, Basis.HANDLE_ON_FILE, LinkState.PROPOSED, RECYCLED_AT)
        for one in held
        if one.person_id not in named and not one.renamed
    ]
    return (*sure, *doubted)


def _named(one: Weighed, basis: Basis, count: int, contract: Contract) -> Judgement:
    """By exact evidence that so many customers have."""
    clear = count == 1 and not one.against and basis in contract.bases
    state = LinkState.CONFIRMED if clear else LinkState.PROPOSED
    several = [f"{count} customers are named so"] if count > 1 else []
    return _judgement(one, basis, state, CERTAIN / count, several)


def _states(one: Weighed) -> bool:
    """Whether the author states this customer's mail, number or site as their own.

    A name that agrees makes an address one's own in any language; without, the words must.
    """
    if one.stated and (one.names or (one.stated == "own" and not one.contradicted)):
        return True
    return one.level("site") != "none" and one.names


def _scored(one: Weighed, state: LinkState) -> Judgement:
    return _judgement(one, Basis.SCORED, state, one.probability)


def _judgement(
    one: Weighed, basis: Basis, state: LinkState, probability: float, more: Sequence[str] = ()
) -> Judgement:
    """With the evidence that it rests on: what else changes must not make it another one."""
    kinds_told = _TOLD.get(basis, tuple(one.findings))
    said = [one.findings[kind].said for kind in kinds_told]
    on_file = one.on_file if basis != Basis.SELF_STATED else ()
    evidence = dict.fromkeys(filter(None, [*on_file, one.too_young, *said, *one.against, *more]))
    return Judgement(one.customer_id, state, round(probability, 2), basis, tuple(evidence))


_TOLD = {Basis.HANDLE_ON_FILE: (), Basis.SELF_STATED: ("contact", "site")}

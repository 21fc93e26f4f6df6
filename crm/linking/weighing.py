"""All that speaks for and against each person among an author's candidates, and how much."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm.linking import who
from crm.linking.evidence import COMPARISONS, Finding, Seen, sites_of, stated
from crm.linking.guards import (
    handle_on_file,
    is_company,
    mask,
    order_of_others,
    other_handle,
)
from crm.linking.names import tokens
from crm.linking.own_words import Said
from crm.linking.people import Candidate, Writer
from crm.linking.weights import Weights

_SPEAKS = 1.0  # bits from which a kind counts as speaking for it
_STATED = ["", "of others", "in passing", "own"]
_NO_KIND = frozenset(["age"])  # a young account speaks against; an old one is everybody's


@dataclass(slots=True)
class Weighed:
    """A person among the candidates."""

    person_id: int
    customer_id: int  # the record that a judgement names
    findings: dict[str, Finding]  # by kind
    odds: float  # of this person against nobody
    shown_name: str  # the profile's
    stated: str  # the author names its mail or number: "own", "in passing", "of others", or not
    on_file: tuple[str, ...]  # the handle stands in these records; in sentences
    too_young: str  # but the account is younger than that
    against: tuple[str, ...]  # one is enough to ask a person
    probability: float = 0.0

    def level(self, kind: str) -> str:
        return self.findings[kind].level

    @property
    def names(self) -> bool:
        """Whether name or handle name this very person."""
        name, _, handle = self.level("name").partition("/")
        return name in who.AGREEING or (
            handle in {who.LOCAL, who.SPELLED} and not self.contradicted
        )

    @property
    def is_called(self) -> bool:
        """The same, or by the first name alone: enough beside other kinds of evidence."""
        return self.names or self.level("name").partition("/")[0] == who.FIRST

    @property
    def renamed(self) -> bool:
        return _is_renamed(self.shown_name, self.findings["name"])

    @property
    def contradicted(self) -> bool:
        return _is_another(self.shown_name, self.findings["name"])


def weigh(
    writer: Writer, said: Said, candidates: Sequence[Candidate], weights: Weights
) -> list[Weighed]:
    """Each person among the candidates, the likeliest first."""
    people: dict[int, list[Candidate]] = defaultdict(list)
    for record in sorted(candidates, key=lambda one: (one.customer_id, one.system)):
        people[record.person_id].append(record)
    names, sharing = _namesakes(people), _sharing(people, said)
    found = [
        _weighed(
            [Seen(writer, said, one, names[_name_key(one)], sharing) for one in records], weights
        )
        for records in people.values()
    ]
    total = 1 + sum(one.odds for one in found)
    for one in found:
        one.probability = one.odds / total
    return sorted(found, key=lambda one: (-one.probability, one.customer_id))


def kinds(one: Weighed, weights: Weights) -> list[str]:
    """The independent kinds of evidence that speak for it."""
    return [
        kind
        for kind, finding in one.findings.items()
        if kind not in _NO_KIND and weights.of(finding) >= _SPEAKS
    ]


def _weighed(records: Sequence[Seen], weights: Weights) -> Weighed:
    """Of each kind the best that one of the person's records has."""
    best: dict[str, Finding] = {}
    for seen in records:
        for compare in COMPARISONS:
            finding = compare(seen)
            known = best.get(finding.kind)
            if known is None or weights.of(finding) > weights.of(known):
                best[finding.kind] = finding
    writer, first = records[0].writer, records[0].candidate
    held = sorted(filter(None, (handle_on_file(writer, one.candidate) for one in records)), key=str)
    sound = [one for one in held if not one.too_young]
    return Weighed(
        first.person_id,
        first.customer_id,
        best,
        2.0 ** weights.total(best.values()),
        writer.author.name,
        max((stated(seen) for seen in records), key=_STATED.index),
        tuple(dict.fromkeys(one.said for one in held)),
        "" if sound or not held else held[0].too_young,
        tuple(dict.fromkeys(_against(records, best["name"], on_file=bool(held)))),
    )


def _against(records: Sequence[Seen], name: Finding, *, on_file: bool) -> Iterator[str]:
    writer = records[0].writer
    author = writer.author
    if masked := mask(author.name, author.bio, author.handle):
        yield masked
    for seen in records:
        if is_company(writer, seen.candidate):
            yield f"the profile is called as the company is: {seen.candidate.company}"
        if not on_file and (other := other_handle(writer, seen.candidate)):
            yield other
        if order := order_of_others(writer, seen.candidate):
            yield order
    if on_file and author.created_at is None and _is_called_otherwise(name):
        yield f"the profile is called {author.name!r}, and nobody knows its age"


def _is_another(shown: str, name: Finding) -> bool:
    """Whether the profile is called as somebody else is, and its handle says nothing else."""
    handle = name.level.partition("/")[2]
    spelled = name.level.startswith(who.OTHER) and handle in {who.LOCAL, who.SPELLED}
    return _is_renamed(shown, name) and not spelled


def _is_called_otherwise(name: Finding) -> bool:
    """Whether the profile has a name, if only a nick, that is not this person's."""
    return name.level.partition("/")[0] in {who.FAMILY, who.OTHER}


def _is_renamed(shown: str, name: Finding) -> bool:
    """Whether the profile has another person's name; one word, "skater", is nobody's."""
    level = name.level.partition("/")[0]
    return level == who.FAMILY or (level == who.OTHER and len(tokens(shown)) > 1)


def _name_key(record: Candidate) -> str:
    return "".join(sorted(record.words))


def _namesakes(people: dict[int, list[Candidate]]) -> dict[str, int]:
    found: dict[str, set[int]] = defaultdict(set)
    for person_id, records in people.items():
        for record in records:
            found[_name_key(record)].add(person_id)
    return {name: len(ids) for name, ids in found.items()}


def _sharing(people: dict[int, list[Candidate]], said: Said) -> int:
    """How many persons hold a site of the author's."""
    hosts = set(said.sites)
    return sum(any(hosts & sites_of(one) for one in records) for records in people.values())

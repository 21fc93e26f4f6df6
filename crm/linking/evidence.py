"""What speaks for and against an author being a customer: small comparisons, each with a sentence.

A comparison gives a level of its kind; how much a level weighs stands in weights.toml. Kinds are
independent of each other: what is made of one another is compared within one kind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from crm.linking import who
from crm.linking.names import bare, plain
from crm.linking.own_words import Said, Statement
from crm.linking.people import Candidate, Writer
from crm.linking.places import Place, compared
from crm.linking.sites import own_host


@dataclass(frozen=True, slots=True)
class Finding:
    """What one comparison found."""

    kind: str
    level: str
    said: str = ""  # a sentence a person can check; "" where there is nothing to tell


@dataclass(frozen=True, slots=True)
class Seen:
    """An author beside one candidate, with what the comparisons need of all of them."""

    writer: Writer
    said: Said
    candidate: Candidate
    namesakes: int = 1  # persons among the candidates with this candidate's name, this one included
    site_shared_by: int = 1  # persons whose records hold the site that both have


Comparison = Callable[[Seen], Finding]


def by_name(seen: Seen) -> Finding:
    """Name, handle and address in one."""
    author, candidate = seen.writer.author, seen.candidate
    level = who.level(seen.writer, candidate)
    name, _, handle = level.partition("/")
    if name == who.FULL and seen.namesakes > 1:
        level = f"{who.SHARED}/{handle}"
    if name in who.AGREEING or name == who.FIRST:
        said = f"the profile is called {author.name!r}, the record {candidate.name!r}"
        if seen.namesakes > 1:
            said += f", as {seen.namesakes} customers are"
    elif handle == who.LOCAL:
        said = f"@{bare(author.handle)} is how the record's e-mail address begins"
    elif handle in {who.SPELLED, who.PART}:
        said = f"@{bare(author.handle)} is made of the name {candidate.name!r}"
    else:
        said = ""
    return Finding("name", level, said)


def by_place(seen: Seen) -> Finding:
    author, candidate = seen.writer.author, seen.candidate
    level = compared(author.location, author.bio, candidate.city, candidate.country)
    where = candidate.city or candidate.country
    said = {
        Place.CITY: f"the profile says {author.location or author.bio!r}, the record {where}",
        Place.COUNTRY: f"the profile says {author.location!r}, the record {candidate.country}",
        Place.OTHER_CITY: f"the profile says {author.location!r}, but the record {where}",
        Place.OTHER_COUNTRY: f"the profile says {author.location!r}, but the record {where}",
    }.get(level, "")
    return Finding("place", level, said)


def by_contact(seen: Seen) -> Finding:
    """An address or number of the record in the author's own public words."""
    found = _contact(seen)
    if found is None:
        return Finding("contact", "none")
    what, one = found
    if one.others or not one.mine:
        return Finding("contact", "none", f"a post names {what} of the record, not as the author's")
    return Finding("contact", "own", f"the author names {what} of the record as their own")


def stated(seen: Seen) -> str:
    """How the author names the record's mail or number: "own", "in passing", "of others", or ""."""
    found = _contact(seen)
    if found is None:
        return ""
    return "of others" if found[1].others else "own" if found[1].mine else "in passing"


def _contact(seen: Seen) -> tuple[str, Statement] | None:
    for one in seen.said.emails:
        if one.value in seen.candidate.emails:
            return "the e-mail address", one
    for one in seen.said.phones:
        if any(same_number(one.value, phone) for phone in seen.candidate.phones):
            return "the telephone number", one
    return None


def by_site(seen: Seen) -> Finding:
    shared = set(seen.said.sites) & sites_of(seen.candidate)
    if not shared:
        return Finding("site", "none")
    host = min(shared)
    if seen.site_shared_by > 1:
        name = who.level(seen.writer, seen.candidate)
        level = "shared, by name" if who.names_somebody(name) else "shared"
        return Finding("site", level, f"{seen.site_shared_by} customers hold the site {host}")
    return Finding("site", "own", f"the profile's site {host} is the record's")


def by_order(seen: Seen) -> Finding:
    """An order of this customer in a post: what it is about, and a little of who wrote."""
    person = seen.candidate.person_id
    for one in seen.writer.orders:
        if one.person_id == person and not one.others:
            return Finding("order", "theirs", f"a post names this customer's order {one.number}")
    return Finding("order", "none")


def by_work(seen: Seen) -> Finding:
    company = " ".join(plain(seen.candidate.company).split())
    bio = " ".join(plain(seen.writer.author.bio).split())
    if len(company) < 4 or company not in bio:  # noqa: PLR2004  "IT" is in every other bio
        return Finding("work", "none")
    return Finding("work", "company", f"the bio names {seen.candidate.company}, as the record does")


def by_age(seen: Seen) -> Finding:
    """An account made after the record is a squatter's more often than an old one."""
    made, known = seen.writer.author.created_at, seen.candidate.created_at
    if made is None or known is None:
        return Finding("age", "unknown")
    if made <= known:
        return Finding("age", "older")
    return Finding("age", "younger", f"the account was made on {made:%Y-%m-%d}, after the record")


COMPARISONS: Sequence[Comparison] = (
    *(by_name, by_place, by_contact, by_site, by_order, by_work, by_age),
)


def same_number(written: str, on_file: str) -> bool:
    """Whether digits in a post are this number, written with or without its country."""
    ours = "".join(one for one in on_file if one.isdigit()).lstrip("0")
    theirs = written.lstrip("0")
    return bool(ours) and ours.endswith(theirs) and len(theirs) >= min(len(ours), 8)


@lru_cache(maxsize=10_000)
def _hosts(website: str, emails: tuple[str, ...]) -> frozenset[str]:
    found = {own_host(website), *(own_host(one.rpartition("@")[2]) for one in emails)}
    return frozenset(found - {""})


def sites_of(candidate: Candidate) -> frozenset[str]:
    return _hosts(candidate.website, candidate.emails)

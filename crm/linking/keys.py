"""What finds a customer: keys of a record, and keys that an author asks for.

A key is a letter for its kind, and a text that both sides make alike. The store keeps keyed hashes
of them only.
"""

from collections.abc import Iterable, Iterator

from crm.handles import network
from crm.linking.names import bare, compact, cores, own_part, tokens
from crm.linking.own_words import Said
from crm.linking.people import local_part, name_words
from crm.linking.sites import own_host
from domain.network import folded

EMAIL, PHONE, SITE, HANDLE, FORM = "e:", "p:", "s:", "h:", "f:"
TAIL = 8  # digits of a telephone number that every way to write it ends with
_SHORTEST = 5  # letters of a form; "lee" is everybody's


def of_record(
    name: str,
    emails: tuple[str, ...],
    phones: Iterable[str],
    website: str,
    handles: Iterable[tuple[str, str]],
) -> set[str]:
    """The keys that lead to a record."""
    words = name_words(name, emails)
    forms = {*spelled(words), *map(local_part, emails)}
    hosts = {own_host(website), *(own_host(email.rpartition("@")[2]) for email in emails)}
    return {
        *(EMAIL + email for email in emails if "@" in email),
        *(PHONE + phone[-TAIL:] for phone in phones if len(phone) > TAIL),
        *(SITE + host for host in hosts if host),
        *(HANDLE + f"{network(on)}:{handle}" for on, handle in handles),
        *(FORM + form for form in forms if len(form) >= _SHORTEST),
    }


def spelled(words: tuple[str, ...]) -> Iterator[str]:
    """How handles and profiles spell a name: anasmith, asmith, smitha, anas."""
    if len(words) < 2:  # noqa: PLR2004  one word is no name to find somebody by
        return
    first = words[0]
    yield "".join(words)
    for last in dict.fromkeys((words[-1], words[1])):  # of two family names people use the first
        yield from (first + last, first[0] + last, last + first[0], first + last[0])


def of_author(handle: str, source: str, name: str, said: Said) -> set[str]:
    """The keys that an author asks for."""
    words = tokens(name)
    forms = {*cores(handle), compact(own_part(handle))}
    if len(words) > 1:
        last_first = (words[-1], *words[:-1])
        forms |= {"".join(words), "".join(last_first), words[0] + words[-1]}
        forms |= {words[0][0] + words[-1], words[-1][0] + words[0]}
    keys = {FORM + form for form in forms if len(form) >= _SHORTEST}
    keys |= {EMAIL + one.value for one in said.emails}
    keys |= {PHONE + one.value[-TAIL:] for one in said.phones}
    keys |= {SITE + host for host in said.sites}
    if handle:
        keys.add(HANDLE + f"{network(source)}:{folded(bare(handle))}")
    return keys

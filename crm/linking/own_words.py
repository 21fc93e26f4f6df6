"""What authors say of themselves in public: an address, a telephone number, a site of their own.

An address in a post may be anybody's. So each is kept with how it is said: in the first person
("mail me at …", or the bare address), or with words that make it somebody else's. Languages beyond
those of the word lists are not guessed: there, only an agreeing name makes it the author's own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crm.linking.names import lines, plain
from crm.linking.people import OFFICES
from crm.linking.sites import own_host
from domain.mention import Author


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that identifies a person, and how it was said."""

    value: str
    mine: bool  # said in the first person, or bare
    others: bool  # with words that make it somebody else's


@dataclass(frozen=True, slots=True)
class Said:
    """All that an author says of themselves; the same value once, in its worst light."""

    emails: tuple[Statement, ...] = ()
    phones: tuple[Statement, ...] = ()
    sites: tuple[str, ...] = ()  # hosts of their profile's address, bio and handle


# Also as people write it who fear robots: "ana (at) mail.com", "ana at mail dot com".
_AT = r"(?:\s?@\s?|\s?[(\[{]\s?(?:at|@)\s?[)\]}]\s?)"
_DOT = r"(?:\.|\s?[(\[{]\s?(?:dot|punkt|punto|point)\s?[)\]}]\s?|\sdot\s)"
_MAIL = re.compile(
    rf"[\w.+%-]+{_AT}(?:[\w-]+{_DOT})+[a-z][\w-]+|[\w.+%-]+\sat\s(?:[\w-]+\sdot\s)+[a-z][\w-]+",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w#@/.,-])\+?\(?\d[\d\s()./-]{6,20}\d(?![\w@])")
_WORD_AT = re.compile(rf"{_AT}|\sat\s", re.IGNORECASE)
_WORD_DOT = re.compile(rf"{_DOT}", re.IGNORECASE)
_OF_NUMBERS = set("+0123456789 ()./-\t")
_ANY_AT = re.compile(r"[(\[{ ]\s?at\s?[)\]} ]", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
# Other people's words: quotations, cited lines, forwarded posts.
_QUOTED = re.compile(r"[“„«\"][^“”„«»\"\n]{0,400}[”“»\"]|^\s*(?:>|&gt;).*$|\bRT @.*$", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?;…])\s+|\n+")
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LABEL = re.compile(
    r"(?:e-?mail|mail|correo|courriel|tel|tél|phone|telefon\w*|tlf|mobile?|cell|"
    r"handy|whatsapp|tfno|fono|adres\w*|address|contact|kontakt|contacto|contatto|contato)\s*[.:=]\s*$"
)
_BEFORE = 7  # words before an address that may say whose it is
_NOUN = (
    r"(?:e ?mail|mail|address|adresse|adres|correo|direccion|courriel|indirizzo|endereco|number|"
    r"numero|nummer|nr|no|phone|tel\w*|handy|cell\w*|mobil\w*|movil|portable|whatsapp|line|account)"
)
# "my mail", but not "my landlord's mail".
_OWNED = re.compile(
    rf"(?<!\w)(?:my|mein\w*|mi|mon|mia|mio|il mio|la mia|meu|minha|o meu|mijn|moj|moja|min|mit)"
    rf"(?:\s+\w+)?\s+{_NOUN}(?:'s)?(?:\s+(?:is|ist|es|est|e|is:))?\s+_"
)
_IS_MINE = re.compile(
    r"\s*[,)]?\s*(?:that's|is|ist|es|est|e|sono|c'est)\s+"
    r"(?:my|mine|me|mein\w*|mi|mon|il mio|la mia|meu)(?!\w)(?!\s+\w+'s)"
)
_GENITIVE = re.compile(
    r"(?:'s|\b(?:of|von|vom|de|del|du|des|der|di|do|da|van|the|their|your|his|her))\s*$"
)
_MIN_DIGITS, _MAX_DIGITS = 9, 15


def _listed() -> dict[str, list[str]]:
    """The lists of words.txt by name, each word as an expression."""
    found: dict[str, list[str]] = {}
    for line in lines("words.txt"):
        if line.startswith("= "):
            words = found[line.removeprefix("= ")] = []
        else:
            words += [
                re.escape(w).replace(r"\*", r"\w*").replace("_", r"\s+") for w in line.split()
            ]
    return found


_LISTED = {name: "|".join(sorted(set(words))) for name, words in _listed().items()}
_MINE, _OTHERS = (
    re.compile(rf"(?<![\w'’])(?:{_LISTED[name]})(?![\w'’])") for name in ("mine", "others")
)
_FROM = re.compile(rf"(?<![\w'’])(?:{_LISTED['from']})\s*[:<(]?\s*$")


def said_by(author: Author, source: str, posts: tuple[str, ...]) -> Said:
    """What the author says of themselves in their profile and their newest posts."""
    emails: dict[str, Statement] = {}
    phones: dict[str, Statement] = {}
    for text, own in ((author.bio, True), *((post, False) for post in posts)):
        if "@" in text or _ANY_AT.search(text):
            _collect(emails, _statements(_MAIL, text, own=own))
        if _has_digits(text):
            _collect(phones, _statements(_PHONE, text, own=own))
    return Said(
        emails=tuple(one for one in emails.values() if _is_personal(one.value)),
        phones=tuple(phones.values()),
        sites=tuple(dict.fromkeys(_sites(author, source))),
    )


def may_tell(text: str) -> bool:
    """Whether a post may hold an address or a number."""
    return _has_digits(text) or _MAIL.search(text) is not None


def number_of_others(text: str, number: str) -> bool:
    """Whether a sentence makes the order of this number somebody else's."""
    digits = max(re.findall(r"\d+", number), key=len, default=number)
    at = text.find(digits)
    return at >= 0 and about_others(text, at, at + len(digits))


def about_others(text: str, start: int, end: int) -> bool:
    """Whether the sentence around this part of a text makes it somebody else's."""
    before, after = _around(text, start, end)
    return bool(_OTHERS.search(plain(f"{before} _ {after}")))


def _statements(pattern: re.Pattern[str], text: str, *, own: bool) -> Iterator[Statement]:
    quoted = [(one.start(), one.end()) for one in _QUOTED.finditer(text)]
    for found in pattern.finditer(text):
        value = _value(found[0])
        if not value or any(start < found.end() and found.start() < end for start, end in quoted):
            continue
        before, after = map(plain, _around(text, found.start(), found.end()))
        others = bool(_OTHERS.search(f"{before} _ {after}") or _FROM.search(before))
        yield Statement(value, own or _is_mine(before, after), others)


def _has_digits(text: str) -> bool:
    return sum(map(str.isdigit, text)) >= _MIN_DIGITS


def _value(written: str) -> str:
    if not set(written) <= _OF_NUMBERS:
        return re.sub(r"[\s()\[\]{}]", "", _WORD_DOT.sub(".", _WORD_AT.sub("@", written))).lower()
    digits = "".join(one for one in written if one.isdigit())
    return digits if _MIN_DIGITS <= len(digits) <= _MAX_DIGITS else ""


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands in the same sentence before and behind."""
    before = _SENTENCE.split(text[:start])[-1]
    after = _SENTENCE.split(text[end:], maxsplit=1)[0]
    return before, after


def _is_mine(before: str, after: str) -> bool:
    """Said in the first person, under a label ("Mail: …"), or with nothing else in its sentence."""
    first, last = _WORDS.findall(before), _WORDS.findall(after)
    near = " ".join([*first[-_BEFORE:], "_"])
    if _MINE.search(near) or _OWNED.search(near) or _IS_MINE.match(after):
        return True
    if "(" in before[-2:]:
        return False  # in brackets behind somebody: "the dealer (…)"
    label = _LABEL.search(before)
    if label:
        return not _GENITIVE.search(before[: label.start()])
    return not first and not last


def _collect(found: dict[str, Statement], more: Iterator[Statement]) -> None:
    for one in more:
        known = found.get(one.value, one)
        found[one.value] = Statement(one.value, known.mine or one.mine, known.others or one.others)


def _is_personal(email: str) -> bool:
    """service@ and service.madrid@ are an office's."""
    return re.split(r"[._+-]", email.partition("@")[0])[0] not in OFFICES


def _sites(author: Author, source: str) -> Iterator[str]:
    written = [author.url, *_LINK.findall(author.bio)]
    if source == "bluesky" and not author.handle.endswith(".bsky.social"):
        written.append(author.handle)
    yield from filter(None, map(own_host, written))

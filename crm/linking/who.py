"""How an author's name and handle stand to a customer's name and addresses: one comparison.

Name, handle and the first part of an e-mail address are made of each other, so what they say is
weighed once. A level is "name/handle".
"""

from functools import lru_cache

from crm.linking.names import are_nicknames, compact, cores, own_part, skeleton, tokens
from crm.linking.people import Candidate, Writer

FULL, SHARED, CLOSE, INITIAL, FIRST, FAMILY, OTHER, NOTHING = (
    *("full", "shared", "close", "initial", "first", "family", "other", "nothing"),
)
LOCAL, SPELLED, PART, ELSE = "local", "spelled", "part", "else"
AGREEING = frozenset(
    [FULL, SHARED, CLOSE, INITIAL]
)  # of the name: it names this person, not a namesake only
_ALIKE = 0.92  # Jaro-Winkler of two words: joanne and joane, not anna and hanna
_NICK = 3  # letters by which a short form begins the long one: jess, jessica


def name_level(name: str, words: tuple[str, ...]) -> str:
    """What a profile's name is beside the words of a customer's name."""
    shown = tokens(name)
    if not shown or not words:
        return NOTHING
    return _name_level(shown, words)


@lru_cache(maxsize=100_000)
def _name_level(shown: tuple[str, ...], words: tuple[str, ...]) -> str:
    if len(words) > 1 and len(shown) > 1:
        return _two_names(shown, words)
    if len(shown) > 1:
        return FIRST if words[0] in shown else OTHER
    return FIRST if any(_alike(shown[0], word) for word in words) else OTHER


def _two_names(shown: tuple[str, ...], words: tuple[str, ...]) -> str:
    if sorted(shown) == sorted(words) or "".join(shown) == "".join(words):
        return FULL
    best = OTHER
    # Of two family names, as in Spain, people use the first, or both.
    families = dict.fromkeys((words[-1], *words[1:]))
    for first, last in (*((words[0], one) for one in families), (words[-1], words[0])):
        for given, family in ((shown[0], shown[-1]), (shown[-1], shown[0])):
            level = _pair(given, family, first, last)
            best = min(best, level, key=_ORDER.index)
    return best


_ORDER = [FULL, CLOSE, INITIAL, FAMILY, OTHER]


def _pair(given: str, family: str, first: str, last: str) -> str:
    """One of the ways to read both names; given and first are compared, family and last."""
    if given == first and family == last:
        return CLOSE  # with or without a middle name
    if len(family) == 1:
        return INITIAL if _alike(given, first) and last.startswith(family) else OTHER
    if len(given) == 1:
        return INITIAL if _alike(family, last) and first.startswith(given) else OTHER
    if _same_word(family, last):
        return CLOSE if _alike(given, first) else FAMILY
    return OTHER


def _same_word(one: str, other: str) -> bool:
    """The same but for a letter or two."""
    if one == other or min(len(one), len(other)) <= _NICK:
        return one == other
    from rapidfuzz.distance import JaroWinkler  # noqa: PLC0415  costs 50 ms, and lists need none

    return JaroWinkler.similarity(one, other) >= _ALIKE


def _alike(one: str, other: str) -> bool:
    """The same given name, perhaps a short form or misspelt."""
    short, long = sorted((one, other), key=len)
    if len(short) >= _NICK and long.startswith(short):
        return True
    return are_nicknames(one, other) or _same_word(one, other)


@lru_cache(maxsize=100_000)
def handle_level(handle: str, words: tuple[str, ...], locals_: frozenset[str]) -> str:
    """What a handle is made of: the address, the whole name, a part of the name, something else."""
    written = compact(own_part(handle))
    if not written:
        return NOTHING
    if written in locals_:
        return LOCAL
    if not words:
        return ELSE
    found = cores(handle)
    if len(words) > 1 and _spells(found, words):
        return SPELLED
    return PART if _has_part(found, words) else ELSE


def _spells(found: tuple[str, ...], words: tuple[str, ...]) -> bool:
    first, last = words[0], words[-1]
    whole = {"".join(words), first + last, last + first}
    bare = {one for one in map(skeleton, whole) if len(one) > 5}  # noqa: PLR2004  "jffryzhng"
    return any(one in whole or one in bare for one in found)


def _has_part(found: tuple[str, ...], words: tuple[str, ...]) -> bool:
    first, last = words[0], words[-1]
    forms = {first[0] + last, last + first[0], first + last[0], last[0] + first}
    parts = [one for one in words if len(one) > _NICK]
    return any(one in forms or any(part in one for part in parts) for one in found)


def level(writer: Writer, candidate: Candidate) -> str:
    author = writer.author
    name = name_level(author.name, candidate.words)
    handle = handle_level(author.handle, candidate.words, candidate.locals)
    return f"{name}/{handle}"


def names_somebody(level: str) -> bool:
    """Whether name or handle has anything of the customer's name."""
    name, _, handle = level.partition("/")
    return name in AGREEING or name == FIRST or handle in {LOCAL, SPELLED, PART}

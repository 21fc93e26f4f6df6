"""Which order numbers a text names. Nothing here knows which orders there are.

A number is taken where the text says that it is one: by a word such as "order" or "pedido" near it,
by a # or by a shop's letters. Telephone numbers, dates, prices and parcels have numbers, too.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from crm.order_words import LETTER, MARK, NUMBERED, ORDER, OTHER
from domain.order_number import FEWEST, MOST

_WORDS = re.compile(
    rf"(?<![{LETTER}])(?:(?P<order>{ORDER})|(?P<other>{OTHER}))(?![{LETTER}])", re.IGNORECASE
)
_BETWEEN = re.compile(
    rf"[\s.:#№,(\"'“„«-]*(?:(?:{MARK}|is|ist|es|est|è|é|the|my)[\s.:#№-]*)*", re.IGNORECASE
)
_AFTER = re.compile(rf"\s?{NUMBERED}?\s?(?:{ORDER})(?![{LETTER}])", re.IGNORECASE)
_AMOUNT = re.compile(
    r"\b(?:of|over|than|about|around|nearly|almost|cost|paid|me|for|von|über|circa|ca\.?|plus)\s$",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"(?<![0-9{LETTER}+@$£€¥_])(?<!\d[.,:/-])"
    r"(?:(?P<letters>[A-Za-z]{1,5})(?P<sep>[-_/.#\s]{0,2}))?\#?\s?"
    r"(?P<digits>\d{1,3}(?: \d{3}){1,4}|\d{1,24}(?:[-_/]\d{1,12}){0,4})"
    rf"(?![0-9{LETTER}%_]|[.,:]\d|[-/]\d|\s?(?:[€$£¥₺₽]|(?:EUR|USD|GBP|PLN|TRY|zł|euros?|km)\b))"
)
_DATE = re.compile(r"\d{4}[-/_]\d{1,2}[-/_]\d{1,2}|\d{1,2}[-/_]\d{1,2}[-/_](?:\d{4}|\d\d)")
_YEAR = re.compile(r"(?:19|20)\d\d")
# None of these digits is an order: addresses, accounts, telephones.
_NOTHING = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w-]+\.[\w.-]+|@[\w.@-]+|\+\d[\d ()./-]{6,}\d"
)
# Where what is said of a number ends; not behind "no." and the like.
_END = re.compile(
    r"[!?;\n…]|(?<!\bno)(?<!\bnr)(?<!\bnum)(?<!\bnúm)(?<!\bn)(?<!\btel)(?<!\btél)\.(?=\s|$)",
    re.IGNORECASE,
)
_NEAR, _NEAR_OTHER, _FAR = 30, 20, 80  # characters between a word and its number
_LONG = 5  # digits from which a # or a word some way off is enough
_QUOTES = re.compile(r"^[ \t]*>.*$|\bRT @\w+:.*|[“„«\"][^“”„«»\"]*[”“»\"]", re.MULTILINE)
_PRONOUNS = ("dir", "euch", "ihnen", "mir", "uns", "vous", "toi", "nous")
_MOST_NUMBERS = 100  # of a text that are looked at: who lists more tells no order
_FEW_WORDS = 4  # what stands in quotation marks and is shorter is no quotation
# Somebody else's shop: "I mean Nordlys Living, order 12345".
_ELSEWHERE = re.compile(
    r"(?i:\b(?:i mean|meant for|bei|chez|hablo de|falo d[eao]|parlo di|"
    r"(?:bought|ordered|purchased)\s(?:\w+\s){0,3}(?:at|from)))\s"
    r"(?P<name>[A-ZÀ-Þ][\w&'’-]*(?:\s[A-ZÀ-Þ&][\w&'’-]*)*),?\s"
    rf"(?i:(?:the |my |meine |mon |ma |mi )?(?:{ORDER}))[^,]*$"
)
_TO_ACCOUNT = re.compile(
    r"\s*(?:from|at|with|bei|chez|von|de|di|da|van)\s@(?P<name>[\w.-]+)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """An order number in a text."""

    number: str  # its letters, if any, lower-cased, then its digits
    quoted: bool = False  # in somebody else's words


def named(
    text: str, *, ours: Collection[str] = (), rivals: Collection[str] = ()
) -> tuple[Named, ...]:
    """The numbers a text names as those of orders, each once, said before quoted ones.

    ours: names and accounts of the brands that are listened for. rivals: of those that sell alike;
    what is said of their orders, or of another shop's that is named beside, is left out.
    """
    if not any(map(str.isdigit, text)):
        return ()
    whole = _plain(text)
    bare = _NOTHING.sub(lambda found: " " * len(found[0]), whole)
    quotes = [one.span() for one in _QUOTES.finditer(whole) if _is_quote(one[0])]
    found: dict[str, bool] = {}
    for match in islice(_NUMBER.finditer(bare), _MOST_NUMBERS):
        number = _number(match, bare)
        if number and not _is_elsewhere(match, whole, ours, rivals):
            quoted = any(start <= match.start() < end for start, end in quotes)
            found[number] = found.get(number, True) and quoted
    return tuple(sorted(Named(number, quoted) for number, quoted in found.items()))


def _plain(text: str) -> str:
    """In one width, and with the digits of all scripts as ours."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(
        str(unicodedata.digit(one)) if one.isdigit() and not one.isascii() else one for one in text
    )


def _is_quote(text: str) -> bool:
    return text.lstrip().startswith((">", "RT")) or len(text.split()) >= _FEW_WORDS


def _number(match: re.Match[str], text: str) -> str:
    """The number as it is compared; "" where it is that of something else, or none."""
    written = match["digits"]
    digits = re.sub(r"\D", "", written)
    if not FEWEST <= len(digits) <= MOST or _DATE.fullmatch(written):
        return ""
    letters, sep = match["letters"] or "", match["sep"] or ""
    is_word = bool(_WORDS.fullmatch(letters) or re.fullmatch(MARK, letters, re.IGNORECASE))
    if letters and not is_word and (not sep.isspace() or letters.isupper()):
        is_year = sep.isspace() and _YEAR.fullmatch(written)
        return "" if is_year or _is_others(text, match.start()) else f"{letters.lower()}{digits}"
    hashed = "#" in match[0]
    start, end = match.start("digits"), match.end()
    return digits if _is_order(text, start, end, digits, hashed=hashed) else ""


def _is_others(text: str, at: int) -> bool:
    """Whether the word next before it says that it is the number of a parcel or the like."""
    before = _said_before(text, at)
    word = _last_word(before)
    return bool(word and word["other"] and _BETWEEN.fullmatch(before[word.end() :]))


def _is_order(text: str, start: int, end: int, digits: str, *, hashed: bool) -> bool:
    """Whether digits without letters are said to be an order's."""
    before = _said_before(text, start)
    word = _last_word(before)
    gap = before[word.end() :] if word else ""
    if word and word["other"] and len(gap) <= _NEAR_OTHER:
        return False
    if word and word["order"]:
        if _BETWEEN.fullmatch(gap):
            return True
        if len(gap) <= _NEAR and len(digits) >= _LONG and not _AMOUNT.search(gap):
            return True
    return (hashed and len(digits) >= _LONG) or _AFTER.match(text, end) is not None


def _said_before(text: str, at: int) -> str:
    """The words before a place, as far as they belong to it."""
    before = text[max(0, at - _FAR) : at]
    ends = [one.end() for one in _END.finditer(before)]
    return before[ends[-1] :] if ends else before


def _last_word(before: str) -> re.Match[str] | None:
    return max(_WORDS.finditer(before), key=lambda one: one.end(), default=None)


# --- whose shop ---------------------------------------------------------------------------------


def _is_elsewhere(
    match: re.Match[str], text: str, ours: Collection[str], rivals: Collection[str]
) -> bool:
    """Whether it is said to be the order of another shop than ours."""
    before = _said_before(text, match.start("digits"))
    after = re.split(_END, text[match.end() : match.end() + _FAR], maxsplit=1)[0]
    called = _ELSEWHERE.search(before), _TO_ACCOUNT.match(after)
    if any(one and not _is_name(one["name"], ours) for one in called):
        return True
    nearest = min(
        [
            *_distances(before, after, ours, rival=False),
            *_distances(before, after, rivals, rival=True),
        ],
        default=(0, False),
    )
    return nearest[1]


def _distances(
    before: str, after: str, names: Collection[str], *, rival: bool
) -> Iterator[tuple[int, bool]]:
    """How far each of these names is from the number between the two texts."""
    for name in names:
        known = _pattern(name)
        yield from ((len(before) - one.end(), rival) for one in known.finditer(before))
        yield from ((one.start(), rival) for one in known.finditer(after))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """A name as a word of its own, written in one or several."""
    words = r"[^\w]{0,2}".join(map(re.escape, re.findall(r"\w+", name) or [name]))
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)


def _is_name(name: str, ours: Collection[str]) -> bool:
    squeezed = _squeezed(name)
    return squeezed in _PRONOUNS or any(_squeezed(one) in squeezed for one in ours)


def _squeezed(name: str) -> str:
    return re.sub(r"\W", "", name).casefold()

"""Telephone numbers of persons in a row of digits and what stands between them."""

import re
from collections.abc import Sequence

from alerts.masking.words import is_about_a_phone, is_reference

FEWEST = 7  # digits of a number that somebody outside can dial
_TRIES = 50  # at the rows of digits within one
Spans = list[tuple[int, int]]  # from, to
_MONEY = re.compile(r"[\$€£¥%]|(?:EUR|USD|GBP|CHF)\b", re.IGNORECASE)
_WITH_CODE = re.compile(r"\(?\+[ (]*[1-9]")
_ENDS_AS_DATE = re.compile(r"(?<!\d)\d{1,2}[./-] ?(?:19|20)\d\d$")
_TIME = re.compile(r":\d\d")
_FRACTION = re.compile(r"\d{1,2}\.\d{4,}")
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+")


def phones_in(run: str, before: str, after: str, regions: Sequence[str]) -> Spans:
    """Where in the run phone numbers of persons stand."""
    has_plus = bool(_WITH_CODE.match(run))
    if not has_plus and (_is_other(run, before, after) or is_reference(before)):
        return []
    sure = has_plus or run.startswith("00")
    sure = sure or (is_about_a_phone(before, after) and not _THOUSANDS.fullmatch(run))
    # A bare row of digits is more often an order than a phone.
    if not sure and run.isdecimal() and not run.startswith("0"):
        return []
    private, public = _known(run, regions or ("ZZ",))
    if not sure:
        return private
    spans = sorted((*private, *public))
    known = [0, *(place for span in spans for place in span), len(run)]
    gaps = zip(known[::2], known[1::2], strict=True)
    unknown = [(first, last) for first, last in gaps if _count(run[first:last]) >= FEWEST]
    return sorted((*private, *unknown))


def _count(run: str) -> int:
    return sum(map(str.isdecimal, run))


def _is_other(run: str, before: str, after: str) -> bool:
    """Money, a share, a fraction, a date, or the beginning of a name such as 1234567a."""
    if _FRACTION.fullmatch(run) or _MONEY.search(before.rstrip()[-3:]):
        return True
    if _TIME.match(after) or _ENDS_AS_DATE.search(run) or _MONEY.match(after.lstrip()):
        return True
    return after[:1].isalpha() or bool(re.match(r",\d", after) and _THOUSANDS.fullmatch(run))


def _known(run: str, regions: Sequence[str]) -> tuple[Spans, Spans]:
    """The numbers that one of these countries knows as a person's, and those of firms.

    Which country is meant is not known: what is free of charge in one of them is a hotline, what
    costs more in one and is a person's in another may be the person's.
    """
    import phonenumbers as phones  # noqa: PLC0415  only where a number asks for it

    kinds = phones.PhoneNumberType
    dear = (kinds.PREMIUM_RATE, kinds.SHARED_COST, kinds.UAN)
    free: Spans = []
    private: Spans = []
    public: Spans = []
    for region in regions:
        for one in phones.PhoneNumberMatcher(run, region, phones.Leniency.VALID, _TRIES):
            kind = phones.number_type(one.number)
            found = free if kind == kinds.TOLL_FREE else public if kind in dear else private
            found.append((one.start, one.end))
    free = _apart(free, [])
    private = _apart(private, free)
    return private, [*free, *_apart(public, [*free, *private])]


def _apart(spans: Spans, others: Spans) -> Spans:
    """The longest of these spans that share no place with each other, nor with the others."""
    kept: Spans = []
    for first, last in sorted(spans, key=lambda span: span[0] - span[1]):
        if all(last <= begin or end <= first for begin, end in (*others, *kept)):
            kept.append((first, last))
    return sorted(kept)

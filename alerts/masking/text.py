"""Finds in a text what is to be hidden, from left to right, in one go."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from alerts.escape import ELLIPSIS, clean
from alerts.masking.accounts import CARD, SPACE, iban_length, is_card
from alerts.masking.phones import FEWEST, phones_in

MaskKind = Literal["phone", "email", "iban", "card"]
ALL: tuple[MaskKind, ...] = get_args(MaskKind)

_BETWEEN = rf"(?:{SPACE}|[-().\u2010-\u2013/])"  # what stands between the groups of a number
# Repetitions are bounded: hostile text must not cost more than it is long.
_LOCAL = r"(?<![\w.+%@])(?<!//)[\w+%][\w.+%\-']{0,63}"
_AT = rf"(?:@|{SPACE}?[(\[]{SPACE}?at{SPACE}?[)\]]{SPACE}?)"
_DOMAIN = r"[^\W_][\w\-]{0,62}(?:\.[\w\-]{1,63}){0,6}\.[^\W\d_][\w\-]{0,22}[^\W\d_]"
_MAIL = re.compile(f"{_LOCAL}{_AT}{_DOMAIN}", re.IGNORECASE)
# What is looked for at each place, in this order. An address, a handle and a date are one thing
# as a whole: a number in them is no phone.
_THINGS = re.compile(
    rf"""
      (?P<whatsapp> (?:https?://)? (?:wa\.me/|api\.whatsapp\.com/send/?\?phone=) \+?\d{{7,15}} )
    | (?P<address> (?:https?(?::|\[:\])//|www\.) \S+
                 | \b[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,6}}/\S+ )
    | (?P<email> {_MAIL.pattern} | {_LOCAL}@[\w.\-]{{0,80}}(?={ELLIPSIS}) )
    | (?P<handle> [@#][\w.\-]+ (?:@[\w.\-]+)? )
    | (?P<date> (?<![\d./-]) (?: \d{{1,2}}(?P<dot>[./-])\d{{1,2}}(?P=dot)(?:19|20)?\d\d
                | (?:19|20)\d\d(?P<dash>[./-])\d{{1,2}}(?P=dash)\d{{1,2}} ) (?![./-]?\d) )
    | (?P<iban> (?<!\w) [A-Z]{{2}}{SPACE}?\d\d (?:{_BETWEEN}?[A-Z0-9]){{11,30}} )
    | (?P<number> (?<!\w) (?<!\d[.,:]) \+?\(?\+?\d (?:{_BETWEEN}{{0,3}}\d){{4,}} )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CROWDED = 500  # digits in a text that is no prose any more: its long numbers are hidden unasked
_NEAR = 40  # characters in which a word may say what a number is


def mask(text: str, kinds: Collection[MaskKind], regions: Sequence[str] = ()) -> str:
    """The text, cleaned, with a mask in the place of whatever is of one of the kinds.

    regions: countries (ISO 3166) whose numbers are known when they are written as at home. One with
    its country's code, or after a word for telephone, needs none.
    """
    shown = clean(text)
    is_crowded = len(_digits(shown)) > _CROWDED
    return "".join(_Masker(shown, kinds, regions, is_crowded).parts())


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))


def _masked(kind: MaskKind, number: str) -> str:
    last = "".join(filter(str.isalnum, number))[-2:]
    return f"[{kind} {ELLIPSIS}{last}]"


@dataclass(frozen=True, slots=True)
class _Masker:
    """One text on its way through."""

    text: str
    kinds: Collection[MaskKind]
    regions: Sequence[str]
    is_crowded: bool

    def parts(self) -> Iterator[str]:
        at = 0
        while found := _THINGS.search(self.text, at):
            yield self.text[at : found.start()]
            at, part = self._thing(found)
            yield part
        yield self.text[at:]

    def _thing(self, found: re.Match[str]) -> tuple[int, str]:
        """Where to go on, and what stands in the place of what was found."""
        whole, end = found[0], found.end()
        if found["email"] and "email" in self.kinds:
            return end, "[email]"
        if found["address"] and "email" in self.kinds:
            return end, _MAIL.sub("[email]", whole)
        if found["whatsapp"] and "phone" in self.kinds:
            return end, _masked("phone", whole)
        if found["iban"]:
            return self._iban(found)
        return end, self._number(found.start(), end) if found["number"] else whole

    def _iban(self, found: re.Match[str]) -> tuple[int, str]:
        if self.is_crowded:
            length = len(found[0]) if len(_digits(found[0])) >= FEWEST else 0
        else:
            length = iban_length(found[0])
        if length and "iban" in self.kinds:
            return found.start() + length, _masked("iban", found[0][:length])
        end = found.start() + (length or 2)  # behind two letters something else may begin
        return end, self.text[found.start() : end]

    def _number(self, begin: int, end: int) -> str:
        """A row of digits, groups and all: there may be a card in it, and several phones."""
        if self.text.startswith(ELLIPSIS, end):
            return ""  # the beginning of something that was cut: nobody can know of what
        parts, at = [], begin
        if "card" in self.kinds:
            for card in CARD.finditer(self.text, begin, end):
                if is_card(_digits(card[0])):
                    parts += [self._phones(at, card.start()), _masked("card", card[0])]
                    at = card.end()
        return "".join((*parts, self._phones(at, end)))

    def _phones(self, begin: int, end: int) -> str:
        run = self.text[begin:end]
        if "phone" not in self.kinds or len(_digits(run)) < FEWEST:
            return run
        if self.is_crowded:
            return _masked("phone", run)
        before = self.text[max(0, begin - _NEAR) : begin].rpartition("\n")[2]
        after = self.text[end : end + _NEAR]
        parts, at = [], 0
        for first, last in phones_in(run, before, after, self.regions):
            parts += [run[at:first], _masked("phone", run[first:last])]
            at = last
        return "".join((*parts, run[at:]))

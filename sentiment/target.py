"""Where a name stands in a text, however people write it."""

import re
import unicodedata

from sentiment.text import HANDLE, Span

_PARTS = re.compile(r"[()/]")
# Arabic writes "and", "so", "with", "to" and "like" without a space before the word.
_ATTACHED = re.compile(r"(?:[وف]?[بلك]|[وف])\Z")


def places(text: str, *names: str) -> list[Span]:
    """Each place where one of `names` stands as a word of its own, in order; none may be there.

    Case, accents, spaces and signs do not count: "Red Dead" is found in "#RedDead2" and the other
    way round. A handle that holds the name is meant as a whole. Where a name has parts, "Johnson
    (J&J)", each of them will do if the whole is absent.
    """
    letters, at = _letters(text)
    found: list[Span] = []
    for name in names:
        whole = _found(text, letters, at, name)
        parts = [part for part in _PARTS.split(name) if part != name]
        found += whole or [span for part in parts for span in _found(text, letters, at, part)]
    return _apart(found)


def _letters(text: str) -> tuple[str, list[int]]:
    """The letters and digits of a text, folded, and where each stands in it."""
    folded: list[str] = []
    at: list[int] = []
    for i, character in enumerate(text):
        for one in unicodedata.normalize("NFKD", character).casefold():
            if one.isalnum():
                folded.append(one)
                at.append(i)
    return "".join(folded), at


def _found(text: str, letters: str, at: list[int], name: str) -> list[Span]:
    wanted, _ = _letters(name)
    spans: list[Span] = []
    start = letters.find(wanted) if wanted else -1
    while start >= 0:
        span = at[start], at[start + len(wanted) - 1] + 1
        if _begins(text, span[0]) and _ends(text, span[1]):
            spans.append(_whole_handle(text, span))
        start = letters.find(wanted, start + 1)
    return spans


def _whole_handle(text: str, span: Span) -> Span:
    """The handle that the name is part of, as in "@acme_help": the model reads handles whole."""
    handle = next((one for one in HANDLE.finditer(text) if one.start() < span[0] < one.end()), None)
    return handle.span() if handle else span


def _begins(text: str, at: int) -> bool:
    before = _ATTACHED.search(text, 0, at)
    return _breaks(text, at) or (before is not None and _breaks(text, before.start()))


def _breaks(text: str, at: int) -> bool:
    """Whether a word may begin or end before the character at `at`."""
    if at in (0, len(text)):
        return True
    before, after = text[at - 1], text[at]
    if not (before.isalnum() and after.isalnum()):
        return True
    return (before.islower() and not after.islower()) or before.isdigit() != after.isdigit()


def _ends(text: str, at: int) -> bool:
    return _breaks(text, at) or (text[at] in "sS" and _breaks(text, at + 1))  # more than one


def _apart(spans: list[Span]) -> list[Span]:
    """In order, without those that overlap an earlier one; of two that begin alike the longer."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept

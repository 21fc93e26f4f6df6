"""Order numbers as people write them, and as the shops that gave them out do.

What counts are the digits: people leave a shop's letters away, or put them before every number.
A shop's numbers are known by their shapes, such as AH-999999: a few of them stand for millions.
"""

import re
from collections.abc import Iterable

FEWEST, MOST = 4, 24  # digits: fewer are in every text, more are nobody's order
_SHAPED = re.compile(r"#?\s?[A-Za-z]{0,5}[-_/.# ]{0,2}\d[\d\-_/. ]*", re.ASCII)
_DIGIT = re.compile(r"[0-9]")


def shape_of(key: str) -> str:
    """The shape of a shop's order number: each digit a 9; "" where people would not write it."""
    if not _SHAPED.fullmatch(key) or not FEWEST <= len(_DIGIT.findall(key)) <= MOST:
        return ""
    return _DIGIT.sub("9", key)


def letters_of(shape_or_number: str) -> str:
    """The letters before its digits, lower-cased."""
    return "".join(re.findall(r"[a-z]", shape_or_number.lower()))


def keys_of(number: str, shapes: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The (system, key) that a number may stand for, of the (system, shape) that there are.

    number: letters and digits alone, as `crm.order_numbers` has them. Its letters must be some
    shop's, before these digits or others.
    """
    letters, digits = letters_of(number), _DIGIT.findall(number)
    known = list(shapes)
    if letters and letters not in {letters_of(shape) for _, shape in known}:
        return []
    return [
        (system, _filled(shape, digits))
        for system, shape in known
        if shape.count("9") == len(digits)
    ]


def _filled(shape: str, digits: list[str]) -> str:
    left = iter(digits)
    return re.sub("9", lambda _: next(left), shape)


def meant(number: str, keys: Iterable[str]) -> list[str]:
    """Those of the existing orders' numbers that one means: as written, else all of its digits."""
    found = list(keys)
    return [key for key in found if _plain(key) == number] or found


def _plain(key: str) -> str:
    return "".join(re.findall(r"[a-z0-9]", key.lower()))

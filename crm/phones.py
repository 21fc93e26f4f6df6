"""Telephone numbers in one spelling, E.164, so that two systems' are the same when they are one."""

import re
from collections.abc import Iterator

_BETWEEN = re.compile(r"[;,|\n]|\bor\b")
_INTERNATIONAL = re.compile(r"[^\d+]*(?:\+|00)", re.ASCII)
_FEWEST, _MOST = 8, 15  # digits with the country's code: what E.164 allows, and what can be dialled
_LAST, _ALIKE = 7, 2  # of its last digits more are different: 0000000 and 1212121 are nobody's


def numbers(cell: str, region: str = "") -> Iterator[str]:
    """The numbers in a cell, several by ; , or |, as E.164: "+493012345678".

    region: the country of numbers without its code, ISO 3166; "" leaves these out. What cannot be
    read gives nothing. With its code a number is taken at its word, as plans change; without, it
    must be one of the country's plan.
    """
    if not any(map(str.isdecimal, cell)):
        return
    for piece in _BETWEEN.split(cell):
        text = piece.strip().lstrip("'")
        found = _read(text, region)
        if found and len(set(found[-_LAST:])) > _ALIKE:
            yield found


def is_region(region: str) -> bool:
    """Whether this is a country, in two capitals, that has a plan of numbers."""
    import phonenumbers  # noqa: PLC0415  only where a number asks for it

    return region in phonenumbers.SUPPORTED_REGIONS


def _read(text: str, region: str) -> str:
    import phonenumbers  # noqa: PLC0415  only where a number asks for it

    international = _INTERNATIONAL.match(text)
    if not (international or region):
        return ""
    if international:
        text = f"+{text[international.end() :]}"
    try:
        number = phonenumbers.parse(text, None if international else region)
    except phonenumbers.NumberParseException:
        return ""
    if not international and not phonenumbers.is_valid_number(number):
        return ""
    found = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return found if _FEWEST < len(found) <= _MOST + 1 else ""

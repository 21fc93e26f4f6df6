"""What else a row says of a customer: telephone, site, language, tags, permission, merges.

None of it costs the row: what cannot be read is as if it did not stand there.
"""

import re
from collections.abc import Callable, Iterator

from crm import phones
from crm.imports.cells import yes
from crm.imports.reader import Row, squeeze

_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE | re.ASCII)
_NO = frozenset(
    [
        *("no", "n", "false", "f", "0", "unsubscribed", "notsubscribed", "optedout", "optout"),
        *("noconsent", "declined", "withdrawn", "denied", "never", "unchecked"),
    ]
)
_GIVEN = frozenset(
    [
        *("subscribed", "optedin", "optin", "confirmed", "granted", "given", "active", "checked"),
        *("freelygivenconsentfromcontact", "consent", "doubleoptin", "singleoptin"),
    ]
)
_SEVERAL = re.compile(r"[;,|\n]")


def numbers(row: Row, region: str) -> tuple[str, ...]:
    """The telephone numbers of a row, each once."""
    found = (one for cell in row.every("phone") for one in phones.numbers(cell, region))
    return tuple(dict.fromkeys(found))


def language(cell: str) -> str:
    """The ISO 639 code in "de", "de-AT" and "de_AT"; "" for a language's name."""
    found = _LANGUAGE.fullmatch(cell)
    return found[1].lower() if found else ""


def tags(row: Row) -> tuple[str, ...]:
    """Several in a cell by ; , or |."""
    found = (" ".join(one.split()) for cell in row.every("tags") for one in _SEVERAL.split(cell))
    return tuple(dict.fromkeys(filter(None, found)))


def permission(row: Row) -> str:
    """Whether the customer may be written to: one column that says no is enough for "no"."""
    said = [squeeze(cell) for cell in row.every("consent")]
    if any(map(_opted_out, row.every("opted_out"))) or any(one in _NO for one in said):
        return "no"
    return "yes" if any(yes(one) or one in _GIVEN for one in said) else ""


def _opted_out(cell: str) -> bool:
    return yes(cell) or squeeze(cell) in {"optedout", "unsubscribed", "optout"}


def merged(row: Row, external_id: str, one_id: Callable[[str], str]) -> tuple[str, ...]:
    """The ids that became this row's, with HubSpot's times behind them ("7:1596041453135")."""
    return tuple(one for one in dict.fromkeys(_ids(row, "merged", one_id)) if one != external_id)


def merged_into(row: Row, external_id: str, one_id: Callable[[str], str]) -> str:
    """The id that this row became; "" where it is still itself."""
    found = next(_ids(row, "merged_into", one_id), "")
    return "" if found == external_id else found


def _ids(row: Row, field: str, one_id: Callable[[str], str]) -> Iterator[str]:
    for cell in row.every(field):
        for one in _SEVERAL.split(cell):
            found = one.strip().strip("'[]\" ").split(":")[0]
            if found:
                yield one_id(found)

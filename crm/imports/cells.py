"""One cell of a CSV file as the value it means; whatever could mean two things is refused."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_EMPTY = frozenset(["", "-", "n/a", "na", "nan", "nil", "none", "null", "undefined"])
_LONGEST_EMPTY = max(map(len, _EMPTY))
_YES = frozenset(["1", "true", "yes", "y", "t"])

_SYMBOLS = {
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₺": "TRY",
    "₪": "ILS",
    "₩": "KRW",
    "R$": "BRL",
    "US$": "USD",
    "CA$": "CAD",
    "C$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "zł": "PLN",
    "Kč": "CZK",
    "Ft": "HUF",
    "lei": "RON",
}
_VAGUE = ("$", "¥", "kr", "kr.")  # of several currencies
_MONEY = re.compile(
    r"(?P<minus>[-(]?)(?P<before>[^\d\s.,()'-]*)(?P<inner>-?)(?P<number>\d[\d.,']*)"
    r"(?P<after>[^\d\s.,()'-]*)\)?",
    re.ASCII,
)
_PLAIN = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_USUAL = re.compile(r"\d{1,9}(?:\.\d{1,2})?", re.ASCII)  # what needs no closer look
_GROUPED = re.compile(r"\d{1,3}(?:[,.']\d{3})+", re.ASCII)
_ONE_GROUP = re.compile(r"[1-9]\d{0,2}[,.]\d{3}", re.ASCII)  # 1,234 or 1.234: thousands or not?
_TOO_MUCH = Decimal(10) ** 12
_ADDRESS = re.compile(r"[^\s<>;,\"'()]+@[^\s<>;,\"'()]+")
_SHOWN = 30  # characters of a cell that a message may repeat
_DAMAGED = re.compile(r"\d(?:\.\d+)?e\+\d+", re.ASCII | re.IGNORECASE)


def cleaned(cells: Sequence[str]) -> list[str]:
    """The cells of a row, each as clean() has it."""
    if "".join(cells).isprintable():
        return [cell.strip() for cell in cells]
    return [clean(cell) for cell in cells]


def clean(cell: str) -> str:
    """Without control characters, halves of characters and spaces at the ends."""
    if _SURROGATE.search(cell):
        # Two halves side by side are a whole character that was encoded the old way.
        cell = cell.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    return _CONTROL.sub("", cell).strip()


def filled(cell: str) -> str:
    """The cell, or "" for what export tools write where there is nothing."""
    return "" if len(cell) <= _LONGEST_EMPTY and cell.casefold() in _EMPTY else cell


def yes(cell: str) -> bool:
    return cell.casefold() in _YES


def addresses(cell: str) -> list[str]:
    """The e-mail addresses in a cell, lower-cased: several by ; , or space, also in <>."""
    return [one.lower() for one in _ADDRESS.findall(cell)] if "@" in cell else []


def quoted(cell: str) -> str:
    """A cell that is wrong, for the message that says so; nobody's address and no long text."""
    return "what stands there" if "@" in cell or len(cell) > _SHOWN else repr(cell)


def identifier(cell: str) -> str:
    """An id as the CRM knows it. Raises ValueError for one that a spreadsheet has rounded."""
    if "+" in cell and _DAMAGED.fullmatch(cell):
        raise ValueError(f"id {quoted(cell)} was rounded by a spreadsheet: export the file again")
    # Shopify writes '123 so that spreadsheets keep the digits; others read ids as numbers: 123.0.
    text = cell.removeprefix("'")
    number = text.removesuffix(".0")
    return number if number.isdecimal() else text


def amount(cell: str) -> tuple[Decimal, str]:
    """An amount and the currency written beside it ("" when none): "1.234,50 €", "(12.00)".

    Raises ValueError, with the reason, for what is no amount or could be two.
    """
    if _USUAL.fullmatch(cell):
        return Decimal(cell), ""
    squeezed = re.sub(r"\s", "", cell).replace("−", "-").replace("’", "'").replace("--", "")
    found = _MONEY.fullmatch(squeezed)
    if not found or (found["minus"] == "(") != squeezed.endswith(")"):
        raise ValueError(f"{quoted(cell)} is not an amount")
    number = _number(found["number"], cell)
    if number >= _TOO_MUCH:
        raise ValueError(f"{quoted(cell)} is more than an order can be")
    negative = bool(found["minus"]) or bool(found["inner"])
    return -number if negative else number, _beside(found["before"] + found["after"], cell)


@lru_cache(maxsize=256)
def currency(cell: str) -> str:
    """The ISO 4217 code; "" for "$" and "¥", which are several. Raises ValueError otherwise."""
    return _beside(cell, cell)


def _number(digits: str, cell: str) -> Decimal:
    if _ONE_GROUP.fullmatch(digits):
        raise ValueError(f"{quoted(cell)} could be thousands or decimals: write it as 1234.00")
    if _PLAIN.fullmatch(digits):
        return Decimal(digits)
    separator = max(digits.rfind(","), digits.rfind("."))
    whole, decimals = digits[:separator], digits[separator + 1 :]
    separators = set(re.findall(r"[,.']", digits))
    if len(separators) == 1 and _GROUPED.fullmatch(digits):
        return Decimal(re.sub(r"[,.']", "", digits))
    plain = re.sub(r"[,.']", "", whole)
    grouped = _GROUPED.fullmatch(whole) and len(set(re.findall(r"[,.']", whole))) == 1
    clear = digits[separator] not in whole and (whole.isdigit() or grouped)
    if separator < 0 or not clear or not decimals.isdigit():
        raise ValueError(f"{quoted(cell)} is not an amount")
    return Decimal(f"{plain}.{decimals}")


def _beside(sign: str, cell: str) -> str:
    sign = sign.strip()
    if not sign or sign in _VAGUE:
        return ""
    if sign in _SYMBOLS:
        return _SYMBOLS[sign]
    if re.fullmatch(r"[A-Za-z]{3}", sign):
        return sign.upper()
    raise ValueError(f"{quoted(cell)} names no currency: write an ISO code such as EUR")

"""Numbers of bank accounts and payment cards: told from other numbers by their check digits."""

import re

SPACE = r"[ \u00a0\u2009\u202f]"
# The groups in which cards are printed, or none.
CARD = re.compile(
    rf"(?<!\d)(?:\d{{13,19}}|\d{{4}}(?P<gap>{SPACE}|-)\d{{4}}(?P=gap)\d{{4}}(?P=gap)\d{{1,4}}"
    rf"(?:(?P=gap)\d{{3}})?|\d{{4}}(?P<wide>{SPACE}|-)\d{{6}}(?P=wide)\d{{4,5}})(?!\d)"
)
# First digits and lengths of the schemes that people pay with (ISO/IEC 7812). Without them every
# tenth number of an order or a device would pass for a card.
_SCHEMES = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11,16}|35(?:2[89]|[3-8]\d)\d{12,15}"
    r"|6(?:011|4[4-9]\d|5\d\d|2\d\d)\d{12,15}|(?:50|5[6-8]|6[0139])\d{11,17}"
)


_FEWEST_DIGITS = 8


def iban_length(text: str) -> int:
    """How many characters of the text an IBAN with a right checksum takes; 0: it begins none."""
    from stdnum import iban, numdb  # noqa: PLC0415  only where a number asks for it

    places = [place for place, char in enumerate(text) if char.isalnum()]
    number = "".join(text[place] for place in places).upper()
    known = numdb.get("iban").info(number)[0][1].get("bban", "")
    length = 4 + sum(int(size) for size in re.findall(r"(\d+)!", known))
    # Of short words in a row every hundredth would do, too.
    known = known if sum(map(str.isdecimal, number[:length])) >= _FEWEST_DIGITS else ""
    right = known and length <= len(number) and iban.is_valid(number[:length], check_country=False)
    follows = text[places[length - 1] + 1 :][:1] if right else "x"
    return 0 if follows.isalnum() or not right else places[length - 1] + 1


def is_card(number: str) -> bool:
    """Whether the digits are the number of a payment card, by scheme, length and check digit."""
    from stdnum import luhn  # noqa: PLC0415  as above

    return bool(_SCHEMES.fullmatch(number)) and luhn.is_valid(number)

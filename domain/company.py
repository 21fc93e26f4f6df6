"""Companies as customers' records name them, and what an author says of one in public."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

# What stands behind a company's name and is left out by most people.
_FORM = re.compile(
    r"(?<![\s,])[\s,]+(?:inc|llc|llp|ltd|limited|plc|corp|corporation|co|gmbh|ag|kg|ug|se|e\.?\s?k|ohg|gbr|"
    r"s\.?a|s\.?a\.?s|s\.?a\.?r\.?l|s\.?l|s\.?r\.?l|s\.?p\.?a|lda|ltda|b\.?v|n\.?v|ab|as|a/s|aps|oy|"
    r"sp\.?\s?z\s?o\.?\s?o|a\.?ş|pty|pte)\.?$",
    re.IGNORECASE,
)


class CompanyBasis(StrEnum):
    """What tells an author's company, the surest first."""

    ACCOUNT = "account"  # it is the company's own: its name, and its site or the word "official"
    BIO = "bio"  # the author says what they do there
    EMAIL = "e-mail"  # an address of the company's in the bio
    SITE = "site"  # the company's site in the profile

    @property
    def words(self) -> str:
        """What such an author does, before the company's name."""
        return "speaks for" if self is CompanyBasis.ACCOUNT else "works at"


@dataclass(frozen=True, slots=True)
class Claim:
    """An author's own public words that name a company, which nobody may know."""

    basis: CompanyBasis
    keys: tuple[str, ...]  # by which it may be known, the most telling first
    evidence: str


def squeezed(name: str) -> str:
    """Letters and digits alone, lower-cased and without accents."""
    name = unicodedata.normalize("NFKD", name.replace("&", " and ")).casefold()
    return re.sub(r"[\W_]", "", "".join(one for one in name if not unicodedata.combining(one)))


def has_form(name: str) -> bool:
    """Whether it ends in the form of a company, such as GmbH."""
    return _FORM.search(name) is not None


def keys_of(name: str) -> list[str]:
    """What a company is known by: its name, and what is left without its form."""
    keys = [name_key(name), name_key(_FORM.sub("", name.strip()))]
    return [one for one in dict.fromkeys(keys) if one != name_key("")]


def name_key(name: str) -> str:
    return f"name:{squeezed(name)}"


def site_key(host: str) -> str:
    return f"site:{host.lower().strip('.').removeprefix('www.')}"

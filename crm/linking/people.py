"""What the linker knows of an author and of a customer's record."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from crm.linking.names import compact, squeezed, tokens
from domain.mention import Author


@dataclass(frozen=True, slots=True)
class Entry:
    """A handle on a customer's record."""

    network: str
    handle: str
    on_file_at: datetime | None = None  # the handle stood there by then; None: nobody knows


@dataclass(frozen=True)
class Candidate:
    """A customer's record that some key of the author leads to."""

    customer_id: int
    system: str  # the CRM that holds it
    name: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    company: str = ""
    city: str = ""
    country: str = ""  # ISO 3166-1, two letters; "" unknown
    website: str = ""  # host
    created_at: datetime | None = None
    handles: tuple[Entry, ...] = ()
    joined_to: int | None = None  # the record that stands for the person; None: this one does

    @property
    def person_id(self) -> int:
        return self.customer_id if self.joined_to is None else self.joined_to

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the name; where the record has one only, an address may hold the other."""
        return name_words(self.name, self.emails)

    @cached_property
    def locals(self) -> frozenset[str]:
        return frozenset(map(local_part, self.emails))


@dataclass(frozen=True, slots=True)
class Order:
    """An order that a post of the author names."""

    number: str
    person_id: int  # who ordered
    others: bool = False  # said to be somebody else's


@dataclass(frozen=True, slots=True)
class Writer:
    """An author and their own words."""

    author: Author
    source: str
    posts: tuple[str, ...] = ()  # texts of their own newest posts, reposts apart
    orders: tuple[Order, ...] = ()


def name_words(name: str, emails: tuple[str, ...]) -> tuple[str, ...]:
    words = tokens(name)
    if len(words) != 1:
        return words
    for email in emails:
        parts = [one for one in map(squeezed, _parts(email)) if one]
        if len(parts) == 2 and words[0] in parts and len(min(parts, key=len)) > 1:  # noqa: PLR2004
            parts.remove(words[0])
            return (*words, *parts)
    return words


def _parts(email: str) -> Iterator[str]:
    local = email.partition("@")[0]
    yield from local.replace("_", ".").replace("-", ".").split(".")


def local_part(email: str) -> str:
    """What stands before the @, letters and digits only; "" where that is an office's."""
    local = compact(email.partition("@")[0].partition("+")[0])
    return "" if local in OFFICES or len(local) < 4 else local  # noqa: PLR2004  "jo" is anybody


OFFICES = frozenset(
    [
        *("admin", "billing", "contact", "contacto", "customercare", "hello", "help", "hola"),
        *("info", "kontakt", "mail", "marketing", "news", "newsletter", "noreply", "office"),
        *("orders", "press", "presse", "sales", "service", "shop", "support", "team", "webmaster"),
    ]
)

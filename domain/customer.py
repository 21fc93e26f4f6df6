"""Customers, what they bought, and the link from an author to one of them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.valuation import CurrencyValue, Valuation


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """One row of a CRM export."""

    system: str  # "hubspot", "shopify", …: the CRM it came from
    external_id: str  # the CRM's own id; unique within the system
    name: str
    email: str = ""  # lower-cased; finds the customer of an order, never shown in a channel
    handles: tuple[tuple[str, str], ...] = ()  # (network, handle): lower-cased, without @
    tier: str = ""  # as the CRM says; "" lets the value decide
    updated_at: datetime | None = None  # the CRM's last change: the handles are at least that old
    other_emails: tuple[str, ...] = ()  # further addresses of the same record, lower-cased
    phones: tuple[str, ...] = ()  # E.164: "+493012345678"; never shown in a channel
    company: str = ""
    city: str = ""
    country: str = ""  # as the CRM writes it: "DE", "Germany"
    website: str = ""  # the host alone, without www.
    language: str = ""  # ISO 639: "de"
    tags: tuple[str, ...] = ()
    permission: str = ""  # may be written to: "yes", "no"; "" where the CRM does not say
    created_at: datetime | None = None  # when the CRM first knew this customer
    merged_ids: tuple[str, ...] = ()  # ids of the same system that were merged into this record
    merged_into: str = ""  # the id that this record was itself merged into


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One row of an order export."""

    customer: str  # the system's customer id, else an e-mail
    ordered_on: date
    amount: Decimal  # after refunds
    currency: str  # ISO 4217; "" when the file does not say
    external_id: str = ""  # the shop's own order id; "" when the file does not say
    email: str = ""  # the row's e-mail beside the id, lower-cased: it must not name somebody else
    is_deal: bool = False  # of a sales pipeline: its day and amount may both be corrected later
    line: int = field(default=0, compare=False)  # of the file it was read from; 0: of none
    nth: int = 1  # of the rows of its file that nothing tells apart
    number: str = ""  # by which its buyer knows it; "": by its id
    # The row says that nobody with an account bought it. Beside what repr() tells: records of an
    # API that were kept before this was known have not changed.
    is_guest: bool = field(default=False, repr=False)
    name: str = field(default="", repr=False)  # a guest's, as billed

    @property
    def content(self) -> str:
        """What tells apart rows without an id."""
        return f"{self.customer}|{self.ordered_on}|{self.amount}|{self.currency}"

    @property
    def beside(self) -> bool:
        """Whether it is a refund that is a row of its own, beside the order of its id."""
        return bool(self.external_id) and self.amount < 0


MIXED = "mixed"  # the currency of orders in several


@dataclass(frozen=True, slots=True)
class Amount:
    """Money of one currency: amounts of two are never added."""

    currency: str  # ISO 4217; "" when the orders do not say
    amount: float


@dataclass(frozen=True, slots=True)
class Value:
    """What a customer is worth, from orders alone (never from posts)."""

    orders: int  # ever
    revenue: Decimal  # ever
    revenue_12m: Decimal  # ordered in the 12 months before `now`
    tier: str  # the CRM's own, else from revenue_12m by the [crm] thresholds; "" when neither
    currency: str  # "" without orders, "mixed" when the orders are in several
    revenues_12m: tuple[Amount, ...] = ()  # the same 12 months in each currency, most money first
    revenues: tuple[Amount, ...] = ()  # ever, likewise
    last_order_on: date | None = None
    valuation: Valuation | None = None  # as it was worked out last; None: not yet
    valued_on: date | None = None  # as of which day that was

    @property
    def valued(self) -> CurrencyValue | None:
        """What all their orders are worth by rhythm; None: in two currencies, or not worked out."""
        values = self.valuation.values if self.valuation is not None else ()
        return values[0] if [one.currency for one in values] == [self.currency] else None


class LinkState(StrEnum):
    CONFIRMED = "confirmed"
    PROPOSED = "proposed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # it was so, and is not any more


class Basis(StrEnum):
    """What lets us hold an author for a customer; a contract names those of its network."""

    GIVEN = "given"  # the customer told us the handle
    HANDLE_ON_FILE = "handle_on_file"  # it stands in the CRM's record
    SELF_STATED = "self_stated"  # the author's own public words
    PERSON = "person"  # somebody decided
    SCORED = "scored"  # evidence was weighed

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Basis.GIVEN: "told us the handle",
    Basis.HANDLE_ON_FILE: "handle on file",
    Basis.SELF_STATED: "says so in public",
    Basis.PERSON: "a person decided",
    Basis.SCORED: "evidence weighed",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict on one author and one customer, with its evidence."""

    customer_id: int
    state: LinkState
    probability: float
    basis: Basis
    evidence: tuple[str, ...]  # sentences a person can check

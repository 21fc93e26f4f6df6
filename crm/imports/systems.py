"""What a system's export looks like: its columns, and the ones that give it away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Columns = Mapping[str, tuple[str, ...]]  # our field -> their columns, the best first


def as_written(external_id: str) -> str:
    """The id as the file has it."""
    return external_id


@dataclass(frozen=True, slots=True)
class System:
    """One CRM or shop. Columns are compared by their letters and digits, in lower case.

    Of a field that the system names no column for, the generic columns are read; () says that it
    has none and no other may be taken for it.
    """

    name: str
    marks: tuple[tuple[str, ...], ...]  # all columns of any one of these: it is this system's file
    customer: Columns
    order: Columns
    prefix: str = ""  # before every column's name in some of its exports
    ids: str = ""  # what its customers', deals' and orders' own ids look like, as a pattern
    one_id: Callable[[str], str] = as_written  # the one spelling of an id that has several
    adds_lines: bool = False  # an order's amount is the sum of its lines, not repeated on each
    no_money: tuple[str, ...] = ()  # its own statuses of orders that brought none, as squeezed
    # An order of its whose column of customers is empty was placed without an account.
    blank_is_guest: bool = False
    has_footer: bool = False  # its reports end with lines that are no rows
